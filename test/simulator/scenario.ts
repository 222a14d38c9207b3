import type { Hex } from 'viem'
import { createRandom } from '../../stack/players/random.ts'
import type { Chain } from '../support/chain.ts'
import { type Call, queue } from './call.ts'
import { detect } from './cases/detect.ts'
import type { Case } from './cases/names.ts'
import { reorganised } from './cases/reorganised.ts'
import { type Counts, count, zeroCounts } from './counts.ts'
import { createGround, type Ground, poolsOf } from './ground.ts'
import { createHistory, type History, type Seen } from './history.ts'
import { enterSome } from './moves/entering.ts'
import { pace, plan } from './plan.ts'
import { depthOf, REMINING, type Remining, rearrange } from './rearrange.ts'
import { createReader, type State } from './state.ts'
import type { Turn } from './turn.ts'

/** What happened to the chain. */
export interface Step {
  readonly kind: 'BLOCK' | 'REORGANISATION'
  /** How many blocks were forgotten, and which, oldest first. */
  readonly depth: number
  readonly forgotten: readonly Hex[]
  /** Absent for a block. */
  readonly remining?: Remining
  /** The new blocks, oldest first. */
  readonly blocks: readonly Seen[]
  /** Cases that it played. */
  readonly cases: readonly Case[]
}

export interface ScenarioOptions {
  readonly seed: number
  /** Used by nobody else from now on. */
  readonly chain: Chain
  /** How many of the steps are reorganisations, 0 to 1. */
  readonly reorgShare?: number
}

/** Games that a seed decides, on a chain. The same seed on an equal chain gives the same blocks. */
export interface Scenario {
  readonly chain: Chain
  readonly ground: Ground
  /** The chain so far, decoded. */
  readonly history: History
  /** Every token that a pool may use; an indexer's deployment must name them. Lower case. */
  readonly tokens: readonly Hex[]
  /** What was played up to now, also what was reorganised away since. */
  readonly counts: Counts
  /** Mines a block, or forgets some and mines others in their place. */
  step(): Promise<Step>
}

/** Deploys what the games need and creates the first pools. @throws when the chain refuses. */
export const createScenario = async ({
  seed,
  chain,
  reorgShare = 0.12,
}: ScenarioOptions): Promise<Scenario> => {
  const random = createRandom(seed)
  const ground = await createGround(chain, random)
  const history = createHistory(chain)
  const reader = createReader(chain)
  const counts = zeroCounts()
  const pools = poolsOf(ground, random)
  const latePool = pools.at(-1)
  if (latePool === undefined) throw new Error('no pools')
  for (const pool of pools.slice(0, -1)) await chain.createPool(pool)
  await history.sync()
  const floor = history.blocks.at(-1)?.number ?? 0

  const turnOf = (state: State, seconds: number): Turn => ({
    ...{ ground, random, history, latePool, credit: reader.credit },
    ...{ state, time: chain.now() + seconds },
    ...{ planned: new Map<bigint, number>(), ending: new Set<bigint>() },
  })
  const mine = async (calls: readonly Call[], seconds: number, cases: Set<Case>) => {
    for (const call of calls) history.announce(await queue(chain, call), call)
    await chain.mine(seconds)
    const { added } = await history.sync()
    const block = added.at(-1)
    if (block === undefined) throw new Error('no block was mined')
    const previous = history.blocks.at(-2)
    const played = detect({ block, previous, history, ground })
    count(counts, block, played)
    for (const name of played) cases.add(name)
    return block
  }
  const advance = async (cases: Set<Case>) => {
    const state = await reader.read()
    const seconds = pace(random, state)
    return mine(await plan(turnOf(state, seconds)), seconds, cases)
  }

  const reorganise = async (depth: number): Promise<Step> => {
    await chain.rollback(depth)
    const { forgotten } = await history.sync()
    const parent = history.blocks.at(-1)?.timestamp ?? 0
    const remining = random.pick(REMINING)
    const length = depth + (random.chance(0.3) ? 0 : 1 + random.below(2))
    const planned =
      remining === 'OTHER' ? [] : rearrange({ random, ground }, forgotten, remining, length)
    const cases = new Set<Case>()
    const blocks: Seen[] = []
    for (let at = 0; at < length; at++) {
      const calls = planned[at]
      if (calls === undefined) {
        blocks.push(await advance(cases))
        continue
      }
      const before = forgotten[at - 1]?.timestamp ?? parent
      const delta = Math.max(0, (forgotten[at]?.timestamp ?? before + 2) - before)
      // Never the second of the block that was there: it would be the same block again.
      const seconds =
        at === 0 && chain.now() + delta === forgotten[0]?.timestamp ? delta + 1 : delta
      const stranger = at === 0 ? await enterSome(turnOf(await reader.read(), seconds)) : []
      blocks.push(await mine([...stranger, ...calls], seconds, cases))
    }
    for (const name of new Set(reorganised(forgotten, blocks))) {
      counts.cases[name] += 1
      cases.add(name)
    }
    counts.reorganisations.set(depth, (counts.reorganisations.get(depth) ?? 0) + 1)
    const hashes = forgotten.map(({ hash }) => hash)
    return { kind: 'REORGANISATION', depth, forgotten: hashes, remining, blocks, cases: [...cases] }
  }

  return {
    ...{ chain, ground, history, counts },
    tokens: ground.tokens.map((token) => token.toLowerCase() as Hex),
    step: async () => {
      counts.steps += 1
      await history.sync()
      const depth = random.chance(reorgShare) ? depthOf(random) : 0
      if (depth > 0 && (history.blocks.at(-1)?.number ?? 0) - depth >= floor)
        return reorganise(depth)
      const cases = new Set<Case>()
      const block = await advance(cases)
      return { kind: 'BLOCK', depth: 0, forgotten: [], blocks: [block], cases: [...cases] }
    },
  }
}
