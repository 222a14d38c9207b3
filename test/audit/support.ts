import { execFile } from 'node:child_process'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import type { World } from '../support/world.ts'

/** Runs a program of the project as its users do, until it ends; 90 seconds at most. */
export const run = (
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> =>
  new Promise((resolve) => {
    const program = fileURLToPath(new URL(`../../${file}`, import.meta.url))
    execFile(
      execPath,
      [program, ...args],
      { env: { ...process.env, ...env }, maxBuffer: 2 ** 26, timeout: 90_000 },
      (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err }),
    )
  })

/** What the programs need to find a world. */
export const envOf = (
  { env, database }: Pick<World, 'env' | 'database'>,
  more: Readonly<Record<string, string>> = {},
) => ({ ...env, DATABASE_URL: database, API_DATABASE_URL: database, ...more })

/** Two pools with rounds of every end: won, rolled over, cancelled, open; entries of every kind of payment. */
export const playRounds = async (world: World) => {
  const { chain } = world
  const native = await chain.createPool({ minEntries: 2 })
  const dollar = await chain.createPool({ token: chain.local.tokens.dollar, entryFee: 402_000n })
  const play = async (number: number) => {
    await chain.enter({ poolId: native, player: 2, numbers: [number, 5, 5] })
    await chain.enter({ poolId: native, player: 3, payer: 2, numbers: [number] })
    await chain.enterWithAuthorization({ poolId: dollar, player: 4, payer: 5, numbers: [number] })
    await chain.mine()
    await chain.close(native)
    await chain.close(dollar)
    await chain.mine(61)
    await chain.draw(native, 5)
    await chain.draw(dollar, number)
    return world.mine()
  }
  await play(1)
  await chain.close(native)
  await world.mine(61)
  await play(3)
  await chain.enter({ poolId: native, player: 6, numbers: [402] })
  await world.mine()
  return { native, dollar, play }
}

/** Changes rows behind the indexer's back, as its journal does not see it. `stop` ends the connection. */
export const createVandal = (url: string, schema = 'pay402win') => {
  const sql = postgres(url, {
    max: 1,
    onnotice: () => undefined,
    connection: { search_path: schema, session_replication_role: 'replica' },
  })
  return {
    sql,
    /** Runs the statement, then `during`, then puts the table back. */
    with: async (table: string, statement: string, during: () => Promise<void>) => {
      await sql.unsafe(`create temporary table kept as table ${table}`)
      await sql.unsafe(statement)
      try {
        await during()
      } finally {
        await sql.begin(async (tx) => {
          await tx.unsafe(`delete from ${table}`)
          await tx.unsafe(`insert into ${table} select * from kept`)
        })
        await sql.unsafe('drop table kept')
      }
    },
    stop: () => sql.end({ timeout: 5 }),
  }
}
