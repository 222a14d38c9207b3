import { kill } from 'node:process'
import type { Random } from '../../stack/players/random.ts'
import { waitFor } from '../../stack/process.ts'
import type { World } from '../support/world.ts'
import type { RpcMode } from './proxy/mode.ts'
import { createRpcProxy, type RpcProxy } from './proxy/rpc.ts'
import { createTcpProxy, type TcpProxy } from './proxy/tcp.ts'

/** How often each fault happened. */
export interface FaultCounts {
  indexerKills: number
  databaseKills: number
  lostCommits: number
  cuts: number
  badRpc: number
}

/** What goes wrong beside the chain, by chance, and what it goes wrong through. */
export interface Faults {
  readonly counts: FaultCounts
  readonly rpcProxy: (url: string) => Promise<string>
  readonly databaseProxy: (url: string) => Promise<string>
  /** After a step: nothing, mostly. */
  perhaps(world: World): Promise<void>
  /** The node behaves from now on. */
  calm(): void
  stop(): Promise<void>
}

const MODES: readonly RpcMode[] = [
  { kind: 'SLOW', milliseconds: 150 },
  { kind: 'FLAKY', share: 0.2 },
  { kind: 'LAGGING', blocks: 2 },
  { kind: 'LYING', blocks: 1, share: 0.5 },
]

export const createFaults = (random: Random, seed: number): Faults => {
  const counts = { indexerKills: 0, databaseKills: 0, lostCommits: 0, cuts: 0, badRpc: 0 }
  let rpc: RpcProxy | undefined
  let database: TcpProxy | undefined

  const killIndexer = async ({ indexer }: World) => {
    const pid = indexer.pid()
    if (pid === undefined) return
    const starts = indexer.starts()
    kill(pid, 'SIGKILL')
    counts.indexerKills += 1
    await waitFor('another indexer', async () => (indexer.starts() > starts ? true : undefined), {
      timeoutMs: 60_000,
    })
  }
  const killDatabase = async ({ postgres }: World) => {
    await postgres.kill()
    counts.databaseKills += 1
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
        counts.lostCommits += 1
        database?.loseNextCommitReply().catch(() => undefined)
      } else if (luck < 6) {
        counts.cuts += 1
        database?.cut()
      } else if (luck < 12) {
        counts.badRpc += 1
        rpc?.set(random.pick(MODES))
      } else if (luck < 30) rpc?.set({ kind: 'NORMAL' })
    },
    calm: () => rpc?.set({ kind: 'NORMAL' }),
    stop: async () => {
      await rpc?.stop()
      await database?.stop()
    },
  }
}
