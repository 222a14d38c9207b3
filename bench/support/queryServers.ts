import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { freePort, spawnChild, waitFor } from '../../stack/process.ts'
import { homeOf, install, rivalFile } from '../rivals/install.ts'
import type { Ground } from './ground.ts'
import { ponderBinary } from './ponder.ts'

/** A server that answers queries over HTTP, from tables that are there. */
export interface QueryServer {
  readonly url: string
  readonly pid: number
}

/** Where the tables are. */
interface Site {
  readonly url: string
  readonly schema: string
}

const POSTGRAPHILE = [
  'postgraphile@5.1.5',
  '@graphile/pg-aggregates@0.2.0-rc.2',
  'postgraphile-plugin-connection-filter@4.0.1',
]

/** A server of bench/rivals, which says its port once it listens. */
const startProgram = async (
  { later }: Ground,
  program: string,
  { url, schema }: Site,
): Promise<QueryServer> => {
  const child = await spawnChild(execPath, [program], {
    env: { ...process.env, BENCH_DATABASE_URL: url, BENCH_SCHEMA: schema },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  later(() => child.stop())
  const port = await new Promise<number>((resolve, reject) => {
    child.process.once('message', (said) => resolve(Number(said)))
    child.exited.then(() => reject(new Error(`${program} ended`)))
  })
  return { url: `http://127.0.0.1:${port}/graphql`, pid: child.pid }
}

export const startBare = (ground: Ground, site: Site): Promise<QueryServer> =>
  startProgram(ground, rivalFile('bare.ts'), site)

export const startPostGraphile = async (ground: Ground, site: Site): Promise<QueryServer> => {
  const home = homeOf('postgraphile')
  await install(home, POSTGRAPHILE)
  const program = join(home, 'server.cjs')
  await copyFile(rivalFile('postgraphile/server.cjs'), program)
  return startProgram(ground, program, site)
}

/** `ponder serve`, whose API is Ponder's own GraphQL and nothing else. It asks no chain. */
export const startStockPonder = async (
  { later }: Ground,
  { url, schema, env }: Site & { readonly env: Readonly<Record<string, string>> },
): Promise<QueryServer> => {
  const [root, port] = [rivalFile('ponder'), await freePort()]
  const child = await spawnChild(
    execPath,
    [
      ...['--import', join(root, 'graphql.ts'), ponderBinary(), 'serve'],
      ...['--root', root, '--schema', schema, '--log-level', 'error'],
      ...['--hostname', '127.0.0.1', '--port', String(port)],
    ],
    {
      cwd: root,
      env: { ...process.env, ...env, DATABASE_URL: url, RPC_URL: 'http://127.0.0.1:1' },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  )
  later(() => child.stop())
  const origin = `http://127.0.0.1:${port}`
  const ended = child.exited.then(() => Promise.reject(new Error('ponder serve ended')))
  const listens = waitFor(
    'ponder serve',
    async () => (await fetch(`${origin}/health`)).ok || undefined,
  )
  await Promise.race([listens, ended])
  return { url: `${origin}/graphql`, pid: child.pid }
}
