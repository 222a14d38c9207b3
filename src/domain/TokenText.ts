import { decodeAbiParameters, type Hex, hexToString, size, trim } from 'viem'

/** PostgreSQL's text cannot hold NUL, and nobody can read it. */
export const printable = (text: string): string => text.replaceAll('\0', '\uFFFD')

/**
 * What a token answered to `symbol()` or `name()`: a string as the standard says, or bytes32 as some old tokens do.
 * Null when it answered neither, or nothing.
 */
export const decode = (answer: Hex | undefined): string | null => {
  if (answer === undefined || size(answer) === 0) return null
  if (size(answer) === 32) return printable(hexToString(trim(answer, { dir: 'right' })))
  try {
    const [text] = decodeAbiParameters([{ type: 'string' }], answer)
    return printable(text)
  } catch {
    return null
  }
}
