import { kill } from 'node:process'
import type { Random } from '../../stack/players/random.ts'
import { waitFor } from '../../stack/process.ts'
import type { World } from '../support/world.ts'
import type { RpcMode } from './proxy/mode.ts'
import { createRpcProxy, type RpcProxy } from './proxy/rpc.ts'
import { createTcpProxy, type TcpProxy } from './proxy/tcp.ts'

/** How often each fault happened, by its name. */
export type FaultCounts = Readonly<Record<string, number>>

/** What goes wrong beside the chain, by chance, and what it goes wrong through. */
export interface Faults {
  readonly counts: FaultCounts
  readonly rpcProxy: (url: string) => Promise<string>
  readonly databaseProxy: (url: string) => Promise<string>
  readonly apiDatabaseProxy?: (url: string) => Promise<string>
  /** After a step: nothing, mostly. */
  perhaps(world: World): Promise<void>
  /** What goes wrong is over. */
  calm(world: World): Promise<void>
  /** How long it took at the most until everything was as it should be. */
  slowestRecoveryMs?(): number
  stop(): Promise<void>
}

const MODES: readonly RpcMode[] = [
  { kind: 'SLOW', milliseconds: 150 },
  { kind: 'FLAKY', share: 0.2 },
  { kind: 'LAGGING', blocks: 2 },
  { kind: 'LYING', blocks: 1, share: 0.5 },
]

export const createFaults = (random: Random, seed: number): Faults => {
  const counts = {
    'kills of the indexer': 0,
    'kills of PostgreSQL': 0,
    'lost commits': 0,
    cuts: 0,
    'spells of bad RPC': 0,
  }
  let rpc: RpcProxy | undefined
  let database: TcpProxy | undefined

  const killIndexer = async ({ indexer }: World) => {
    const pid = indexer.pid()
    if (pid === undefined) return
    const starts = indexer.starts()
    kill(pid, 'SIGKILL')
    counts['kills of the indexer'] += 1
    await waitFor('another indexer', async () => (indexer.starts() > starts ? true : undefined), {
      timeoutMs: 60_000,
    })
  }
  const killDatabase = async ({ postgres }: World) => {
    await postgres.kill()
    counts['kills of PostgreSQL'] += 1
    await postgres.start()
  }

  return {
    counts,
    rpcProxy: async (url) => {
      rpc = await createRpcProxy({ url, seed })
      return rpc.url
    },
    databaseProxy: async (url) => {
      const real = new URL(url)
      database = await createTcpProxy({ port: Number(real.port) })
      real.port = String(database.port)
      return real.href
    },
    perhaps: async (world) => {
      const luck = random.below(100)
      if (luck < 2) await killIndexer(world)
      else if (luck < 3) await killDatabase(world)
      else if (luck < 5) {
        counts['lost commits'] += 1
        database?.loseNextCommitReply().catch(() => undefined)
      } else if (luck < 6) {
        counts.cuts += 1
        database?.cut()
      } else if (luck < 12) {
        counts['spells of bad RPC'] += 1
        rpc?.set(random.pick(MODES))
      } else if (luck < 30) rpc?.set({ kind: 'NORMAL' })
    },
    calm: async () => rpc?.set({ kind: 'NORMAL' }),
    stop: async () => {
      await rpc?.stop()
      await database?.stop()
    },
  }
}
