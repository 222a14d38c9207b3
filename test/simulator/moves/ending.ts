import { pay402WinAbi } from '../../../abis/Pay402Win.ts'
import { vrfCoordinatorMockAbi } from '../../../abis/VrfCoordinatorMock.ts'
import { type Call, encode } from '../call.ts'
import { DRAWING, OPEN, type Pool } from '../state.ts'
import { fulfil, type Move, play, type Turn } from '../turn.ts'

/** Rounds whose time is up, or that are full, mostly. */
export const close: Move = (turn) => {
  const { state, time, random, ending, ground } = turn
  const due = state.pools.filter(
    ({ poolId, config, current }) =>
      current.status === OPEN &&
      (time >= current.closesAt || Number(current.entryCount) >= config.maxEntries) &&
      !ending.has(poolId) &&
      random.chance(0.6),
  )
  return due.map(({ poolId }) => {
    ending.add(poolId)
    return play(ground, 'closeRound', [poolId])
  })
}

/** Rounds that wait for a word, in any order. Requests that were answered in vain can only time out. */
export const draw: Move = (turn) => {
  const { state, random, history, ending } = turn
  const answered = new Set(
    history.logs('RandomWordsFulfilled').map(({ args: { requestId } }) => requestId),
  )
  const waiting = state.pools.filter(
    ({ current, poolId }) =>
      current.status === DRAWING &&
      !answered.has(current.requestId) &&
      !ending.has(poolId) &&
      random.chance(0.4),
  )
  if (random.chance(0.6)) waiting.reverse()
  return waiting.map((pool) => {
    ending.add(pool.poolId)
    const { requestId } = pool.current
    if (random.chance(0.08)) return fulfil(turn, requestId, 1, turn.ground.rejecting[0])
    return fulfil(turn, requestId, winningOf(turn, pool))
  })
}

/** A number that somebody, many or nobody has chosen; none: the coordinator chooses. */
const winningOf = ({ history, random }: Turn, { poolId, current }: Pool) => {
  const entries = history
    .logs('EntryPlaced')
    .filter(({ args }) => args.poolId === poolId && args.roundId === current.roundId)
  const last = history.logs('RoundDrawn').findLast(({ args }) => args.poolId === poolId)
  if (random.chance(last?.args.winningEntryCount === 0n ? 0.55 : 0.3))
    return random.chance(0.5) ? undefined : 400
  const holders = Map.groupBy(entries, ({ args }) => args.number)
  const popular = [...holders].sort(([, some], [, others]) => others.length - some.length)
  return random.chance(0.7) ? popular[0]?.[0] : random.pick(entries).args.number
}

/** Rounds whose word did not come in time, also those that could not even ask for one. */
export const expire: Move = (turn) => {
  const { state, time, random, ending, ground } = turn
  const late = state.pools.filter(({ poolId, config, current }) => {
    const isStuck = current.status === OPEN && !state.isServed && current.entryCount > 0n
    const since = isStuck ? current.closesAt : current.closedAt
    return (
      (isStuck || current.status === DRAWING) &&
      BigInt(time) >= since + BigInt(config.drawTimeout) &&
      !ending.has(poolId) &&
      random.chance(0.7)
    )
  })
  return late.map(({ poolId }) => {
    ending.add(poolId)
    return play(ground, 'cancelExpired', [poolId])
  })
}

/** Prizes that the draw left, a few at a time. */
export const settle: Move = ({ state, random, ground }) =>
  state.pools
    .flatMap(({ unpaid }) => unpaid)
    .filter(() => random.chance(0.25))
    .map(({ poolId, roundId }) =>
      pushes(ground, 'settleRound', poolId, roundId, 1 + random.below(8)),
    )

/** Refunds of cancelled rounds, a few at a time. */
export const refund: Move = ({ state, random, ground }) =>
  state.pools
    .flatMap(({ unrefunded }) => unrefunded)
    .filter(() => random.chance(0.35))
    .map(({ poolId, roundId }) =>
      pushes(ground, 'processRefunds', poolId, roundId, random.pick([1, 2, 5, 40])),
    )

const pushes = (
  ground: Turn['ground'],
  functionName: 'settleRound' | 'processRefunds',
  poolId: bigint,
  roundId: bigint,
  max: number,
): Call =>
  play(ground, functionName, [poolId, roundId, BigInt(max)], {
    gas: 400_000n + 130_000n * BigInt(max),
  })

/** The coordinator stops to take the game's requests, or takes them again. */
export const dismiss: Move = ({ ground: { chain }, state: { isServed } }) => {
  const functionName = isServed ? 'removeConsumer' : 'addConsumer'
  const { coordinator: to, subscriptionId, contract } = chain.local
  const data = encode(vrfCoordinatorMockAbi, functionName, [subscriptionId, contract])
  return [{ from: chain.address(0), to, data, value: 0n, gas: 300_000n, name: functionName }]
}

/** The last pool, which is there only from the middle of the run on. */
export const createLate: Move = ({ ground: { chain }, latePool, state }) => {
  if (state.pools.length >= LATE_POOL) return []
  const data = encode(pay402WinAbi, 'createPool', [latePool])
  const [from, to] = [chain.address(0), chain.local.contract]
  return [{ from, to, data, value: 0n, gas: 6_000_000n, name: 'createPool' }]
}
const LATE_POOL = 6
