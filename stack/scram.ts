import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'

const ITERATIONS = 4096

/**
 * A password as PostgreSQL keeps it (SCRAM-SHA-256), so that no log of statements ever holds the password itself.
 *
 * @param password printable ASCII, which SASLprep leaves as it is.
 */
export const scramVerifier = (password: string, salt: Buffer = randomBytes(16)): string => {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256')
  const keyOf = (name: string) => createHmac('sha256', salted).update(name).digest()
  const stored = createHash('sha256').update(keyOf('Client Key')).digest()
  const parts = [stored, keyOf('Server Key')].map((key) => key.toString('base64')).join(':')
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${parts}`
}
