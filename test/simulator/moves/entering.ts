import { zeroAddress } from 'viem'
import {
  enter,
  fulfil,
  type Move,
  numberOf,
  payerOf,
  play,
  playerOf,
  poolWhere,
  roomOf,
  together,
} from '../turn.ts'

/** An entry or a few, sometimes for somebody else, sometimes through a payment gateway. */
export const enterSome: Move = (turn) => {
  const { random } = turn
  const pool = poolWhere(turn, (each) => roomOf(turn, each) >= 1)
  if (pool === undefined) return []
  const length = Math.min(1 + random.below(4), roomOf(turn, pool))
  const numbers = Array.from({ length }, () => numberOf(random))
  const reference = random.chance(0.3) ? random.bytes32() : undefined
  return [enter(turn, pool, numbers, { ...(reference === undefined ? {} : { reference }) })]
}

/** The same player with the same number, in one call and in another. */
export const enterTwice: Move = (turn) => {
  const pool = poolWhere(turn, (each) => roomOf(turn, each) >= 3)
  if (pool === undefined) return []
  const [number, player] = [numberOf(turn.random), playerOf(turn)]
  const from = payerOf(turn)
  return [
    enter(turn, pool, [number, number], { player, from }),
    enter(turn, pool, [number], { player, from }),
  ]
}

/** More entries on one number than the draw itself pays. */
export const flock: Move = (turn) => {
  const { random } = turn
  const pool = poolWhere(turn, (each) => roomOf(turn, each) >= 20)
  if (pool === undefined) return []
  const number = numberOf(random)
  return [9, 8 + random.below(4)].map((length) =>
    enter(
      turn,
      pool,
      Array.from({ length }, () => number),
    ),
  )
}

/** Almost as many entries as a transaction may hold. */
export const crowd: Move = (turn) => {
  const pool = poolWhere(turn, (each) => roomOf(turn, each) >= 100)
  if (pool === undefined) return []
  const numbers = Array.from({ length: 50 + turn.random.below(51) }, () => numberOf(turn.random))
  return [enter(turn, pool, numbers)]
}

/** Several pools, by a contract, in one transaction. */
export const enterTogether: Move = (turn) => {
  const { state, random, ground } = turn
  const pools = state.pools.filter((pool) => roomOf(turn, pool) >= 2 && random.chance(0.8))
  if (pools.length < 2) return []
  const calls = pools.map((pool) =>
    enter(turn, pool, [numberOf(random), numberOf(random)], { from: ground.multicaller }),
  )
  return [together(ground, calls)]
}

/**
 * The last entry a round takes, its close, and an entry of the next round, all in one block: only the order of the logs says
 * what belongs where. The word is answered at once.
 */
export const brim: Move = (turn) => {
  const { random, ground, state, history } = turn
  if (!state.isServed || turn.ending.size > 0) return []
  const pool = poolWhere(turn, (each) => {
    const room = roomOf(turn, each)
    return (
      room > 0 && room <= 60 && Number(each.current.entryCount) + room >= each.config.minEntries
    )
  })
  if (pool === undefined) return []
  const room = roomOf(turn, pool)
  const last = enter(
    turn,
    pool,
    Array.from({ length: room }, () => numberOf(random)),
  )
  turn.ending.add(pool.poolId)
  const requestId = BigInt(1 + history.logs('RandomWordsRequested').length)
  const close = play(ground, 'closeRound', [pool.poolId])
  const draw = fulfil(turn, requestId, random.chance(0.5) ? numberOf(random) : undefined)
  const next = enter(turn, pool, [numberOf(random)])
  if (pool.config.token === zeroAddress || random.chance(0.5)) return [last, close, draw, next]
  return [together(ground, [{ ...last, from: ground.multicaller }, close, draw]), next]
}

/** Too few entries when the time is up: the close opens the next round, which takes an entry in the same block. */
export const closeAndEnter: Move = (turn) => {
  const { time, ground, ending } = turn
  const pool = poolWhere(
    turn,
    ({ poolId, config, current }) =>
      current.status === 1 &&
      time >= current.closesAt &&
      !ending.has(poolId) &&
      current.entryCount < config.minEntries,
  )
  if (pool === undefined) return []
  ending.add(pool.poolId)
  return [play(ground, 'closeRound', [pool.poolId]), enter(turn, pool, [numberOf(turn.random)])]
}
