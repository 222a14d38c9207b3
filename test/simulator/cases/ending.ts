import { encodeAbiParameters, hexToBigInt, keccak256, parseAbiParameters } from 'viem'
import { type Detector, dayOf, inBlock, roundKey, sameRound } from './scene.ts'

/** How rounds are drawn. */
export const draws: Detector = function* (scene) {
  for (const log of inBlock(scene, 'RoundDrawn')) {
    const { poolId, roundId, winningNumber, winningEntryCount, prizePool, carryOut } = log.args
    if (prizePool === 1n) yield 'PRIZE_POOL_OF_ONE_WEI'
    if (winningEntryCount > 0n && carryOut > 0n) yield 'DUST_CARRIED'
    const winners = sameRound(scene, log, 'EntryPlaced')
      .filter(({ args }) => args.number === winningNumber)
      .map(({ args }) => args.player)
    const distinct = new Set(winners).size
    if (distinct > 1) yield 'SEVERAL_WINNERS'
    if (distinct > 1 && distinct < winners.length) yield 'PLAYER_WINS_TWICE'
    const nobody = scene.history
      .logs('RoundDrawn')
      .filter(({ args }) => args.poolId === poolId && args.winningEntryCount === 0n)
      .map(({ args }) => args.roundId)
    if ([0n, 1n, 2n].every((back) => nobody.includes(roundId - back)))
      yield 'THREE_ROLLOVERS_RUNNING'
    if (sameRound(scene, log, 'RoundFinalized').length === 0) yield 'OPENED_BEFORE_FINAL'
  }
}

/** How words come. */
export const words: Detector = function* (scene) {
  const fulfilled = scene.history.logs('RandomnessFulfilled').map(({ args }) => args.requestId)
  for (const { args } of inBlock(scene, 'RandomnessFulfilled')) {
    const own = keccak256(
      encodeAbiParameters(parseAbiParameters('uint256, uint256'), [args.requestId, 0n]),
    )
    yield hexToBigInt(own) === args.randomWord ? 'WORD_OF_COORDINATOR' : 'WORD_CHOSEN'
    const at = fulfilled.indexOf(args.requestId)
    if (fulfilled.slice(0, at).some((requestId) => requestId > args.requestId))
      yield 'FULFILMENTS_OUT_OF_ORDER'
  }
  for (const { args } of inBlock(scene, 'RandomWordsFulfilled'))
    if (!args.success && !fulfilled.includes(args.requestId)) yield 'CALLBACK_FAILED'
}

const REASONS = ['NO_ENTRIES', 'BELOW_MINIMUM', 'DRAW_TIMEOUT'] as const

/** How rounds are cancelled. */
export const cancels: Detector = function* (scene) {
  for (const log of inBlock(scene, 'RoundCancelled')) {
    const reason = REASONS[log.args.reason]
    if (reason !== undefined) yield reason
    const requested = sameRound(scene, log, 'RandomnessRequested')
    if (reason === 'DRAW_TIMEOUT' && requested.length === 0) yield 'COORDINATOR_REFUSED'
  }
  if (inBlock(scene, 'PrizeCarried').some(({ args }) => args.reason === 2))
    yield 'CARRY_OF_CANCELLED'
}

/** Payouts that take more than a block. */
export const payouts: Detector = function* (scene) {
  const { blocks } = scene.history
  const day = new Map(blocks.map(({ number, timestamp }) => [BigInt(number), dayOf(timestamp)]))
  const paid = inBlock(scene, 'PrizePaid')
  for (const [log] of Map.groupBy(paid, roundKey).values()) {
    if (log === undefined) continue
    const all = sameRound(scene, log, 'PrizePaid')
    const days = new Set(all.map(({ blockNumber }) => day.get(blockNumber)))
    if (new Set(all.map(({ blockNumber }) => blockNumber)).size > 1) yield 'PAYOUTS_OVER_BLOCKS'
    if (days.size > 1) yield 'PAYOUTS_OVER_DAYS'
  }
  for (const log of inBlock(scene, 'EntryRefunded')) {
    const all = sameRound(scene, log, 'EntryRefunded')
    if (all.some(({ blockNumber }) => blockNumber < log.blockNumber)) yield 'REFUNDS_OVER_BLOCKS'
  }
}
