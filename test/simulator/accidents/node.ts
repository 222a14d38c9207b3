import { setTimeout as wait } from 'node:timers/promises'
import type { Random } from '../../../stack/players/random.ts'
import { OUTAGES, type RpcMode } from '../proxy/mode.ts'
import type { Accident, Scene } from './accident.ts'

/** Accidents of the node: what it answers, and how. */

const RANGES = [
  'query exceeds max block range 2',
  'block range is too wide',
  'exceed maximum block range: 2',
  'eth_getLogs is limited to a 2 block range',
  'Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range',
  'query returned more than 10000 results',
  'limit exceeded',
  'logs are too many, please narrow the query',
] as const
const MISSING = ['header not found', 'block not found', 'Unknown block', null] as const
const PRUNED = [
  'missing trie node 8f1e (path ) state 0x8f1e is not available',
  'required historical state unavailable (reexec=128)',
  'historical state is not available',
  'state already discarded',
] as const

/** The node behaves like this until the accident is over. */
const behaves =
  (mode: (random: Random, scene: Scene) => RpcMode | Promise<RpcMode>): Accident['begin'] =>
  async (scene) => {
    scene.rpc.set(await mode(scene.random, scene))
    return async () => scene.rpc.set({ kind: 'NORMAL' })
  }

/** Like this for some hundred milliseconds, as it is when one of several nodes is behind. */
const flickers =
  (mode: (random: Random) => RpcMode): Accident['begin'] =>
  async (scene) => {
    scene.rpc.set(mode(scene.random))
    const over = wait(300 + scene.random.below(1_500)).then(() => scene.rpc.set({ kind: 'NORMAL' }))
    return () => over
  }

const frozen: Accident['begin'] = behaves(async (_random, { world }) => ({
  kind: 'FROZEN',
  at: Number(await world.chain.client.getBlockNumber({ cacheTime: 0 })),
}))

export const OF_NODE: readonly Accident[] = [
  {
    name: 'the service of the node is out',
    begin: behaves((random) => ({ kind: 'OUT', how: random.pick(OUTAGES) })),
  },
  { name: 'the node stands still', begin: frozen },
  {
    name: 'the newest block is not found',
    begin: flickers((random) => ({ kind: 'HEADLESS', words: random.pick(MISSING) })),
  },
  { name: 'logs are null', begin: flickers(() => ({ kind: 'HOLLOW', what: 'LOGS' })) },
  {
    name: 'blocks without transactions',
    begin: flickers(() => ({ kind: 'HOLLOW', what: 'TRANSACTIONS' })),
  },
  {
    name: 'ranges are refused',
    begin: behaves((random) => ({ kind: 'NARROW', blocks: 2, words: random.pick(RANGES) })),
  },
  {
    name: 'batches are refused',
    begin: behaves((random) => ({ kind: 'SINGLE', most: 1 + random.below(3) })),
  },
  {
    name: 'old state is gone',
    begin: behaves((random) => ({ kind: 'PRUNED', words: random.pick(PRUNED) })),
  },
  {
    name: 'the node is of another chain',
    begin: behaves(() => ({ kind: 'FOREIGN', chainId: 8_453 })),
  },
  { name: 'the node is slow', begin: behaves(() => ({ kind: 'SLOW', milliseconds: 400 })) },
  { name: 'the node fails now and then', begin: behaves(() => ({ kind: 'FLAKY', share: 0.3 })) },
]
