import { exit, stderr, stdout } from 'node:process'
import type postgres from 'postgres'
import { redact } from '../log/log.ts'
import { within } from '../src/api/db/connect.ts'
import { failureOf } from '../src/api/db/failure.ts'
import { ConfigError } from '../src/domain/errors.ts'

/** Tells why a command failed. Its exit code: 2 when something else should be asked for. */
export const tellFailure = (error: unknown, code = 1): number => {
  stderr.write(redact(`${failureOf(error).sentence}\n`))
  return error instanceof ConfigError ? 2 : code
}

/**
 * Prints what a command has to say, or why it failed, and ends the process with its session.
 *
 * @param limitMs what it may take; without, it says itself when it is over.
 */
export const finish = async (
  said: Promise<string>,
  sql: postgres.Sql,
  limitMs?: number,
): Promise<never> => {
  const waited = limitMs === undefined ? said : within(limitMs, said, sql)
  const code = await waited.then((text) => {
    stdout.write(text)
    return 0
  }, tellFailure)
  await sql.end({ timeout: 1 })
  return exit(code)
}
