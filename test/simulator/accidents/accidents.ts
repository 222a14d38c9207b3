import type { Random } from '../../../stack/players/random.ts'
import type { World } from '../../support/world.ts'
import type { Faults } from '../faults.ts'
import { createRpcProxy, type RpcProxy } from '../proxy/rpc.ts'
import { createTcpProxy, type TcpProxy } from '../proxy/tcp.ts'
import type { Accident } from './accident.ts'
import { OF_NODE } from './node.ts'
import { OF_PROCESSES } from './process.ts'

/** After an accident is over, everything is as it should be within so long. */
const RECOVERY_MS = 60_000
/** An accident lasts so many steps of the game at the most. */
const MOST_STEPS = 3

const ALL: readonly Accident[] = [...OF_NODE, ...OF_PROCESSES]

const shuffled = (random: Random): Accident[] =>
  ALL.map((accident) => ({ accident, at: random.below(2 ** 30) }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ accident }) => accident)

/**
 * One accident after the other, in an order that the seed decides, every kind before any comes again. When one is over the API has
 * to be at the chain's newest block within a minute.
 */
export const createAccidents = (random: Random, seed: number): Faults => {
  const counts: Record<string, number> = {}
  const deck: Accident[] = []
  const databases: TcpProxy[] = []
  let rpc: RpcProxy | undefined
  let active: { readonly name: string; readonly end: () => Promise<void>; left: number } | undefined
  let slowest = 0

  const begin = async (world: World) => {
    if (rpc === undefined) throw new Error('the node is not proxied')
    if (deck.length === 0) deck.push(...shuffled(random))
    const accident = deck.pop()
    if (accident === undefined) return
    const end = await accident.begin({ world, random, rpc, databases })
    counts[accident.name] = (counts[accident.name] ?? 0) + 1
    active = { name: accident.name, end, left: random.below(MOST_STEPS) }
  }
  const finish = async (world: World) => {
    if (active === undefined) return
    const { name, end } = active
    active = undefined
    await end()
    const since = performance.now()
    await world.settled(RECOVERY_MS).catch((cause: unknown) => {
      throw new Error(`seed ${seed}: ${name}: not over a minute later`, { cause })
    })
    slowest = Math.max(slowest, performance.now() - since)
  }
  const proxied = async (url: string) => {
    const real = new URL(url)
    const proxy = await createTcpProxy({ port: Number(real.port) })
    databases.push(proxy)
    real.port = String(proxy.port)
    return real.href
  }

  return {
    counts,
    slowestRecoveryMs: () => slowest,
    rpcProxy: async (url) => {
      rpc = await createRpcProxy({ url, seed })
      return rpc.url
    },
    databaseProxy: proxied,
    apiDatabaseProxy: proxied,
    perhaps: async (world) => {
      if (active === undefined) return begin(world)
      if (active.left > 0) active.left -= 1
      else await finish(world)
    },
    calm: finish,
    stop: async () => {
      await active?.end()
      await rpc?.stop()
      for (const proxy of databases) await proxy.stop()
    },
  }
}
