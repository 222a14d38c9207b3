import { type Detector, dayOf, inBlock, poolOf, roundKey, sameRound, weekOf } from './scene.ts'

const DECIMALS = new Map([
  [0, 'DECIMALS_0'],
  [2, 'DECIMALS_2'],
  [6, 'DECIMALS_6'],
  [18, 'DECIMALS_18'],
] as const)

/** What single entries tell. */
export const entries: Detector = function* (scene) {
  const placed = inBlock(scene, 'EntryPlaced')
  for (const { args } of placed) {
    const { tokenDecimals, token, name, feeBps } = poolOf(scene, args.poolId)
    for (const [decimals, played] of DECIMALS) if (decimals === tokenDecimals) yield played
    if (args.player !== args.payer) yield 'PLAYER_IS_NOT_PAYER'
    if (args.feeAmount === 0n && feeBps > 0) yield 'FEE_FLOORS_TO_ZERO'
    if (args.amount > 2n ** 63n) yield 'AMOUNT_ABOVE_2_63'
    if (args.paymentMethod === 3) yield 'X402_GATEWAY'
    if (token === scene.ground.mute) yield 'SYMBOL_REVERTS'
    if (token === scene.ground.old) yield 'SYMBOL_BYTES32'
    if (!/^[A-Z][a-z]+$/.test(name)) yield 'HOSTILE_NAME'
  }
  for (const { args } of inBlock(scene, 'PrizePoolUpdated'))
    if (args.prizePool > 2n ** 53n && args.prizePool < 2n ** 63n) yield 'AMOUNT_ABOVE_2_53'
}

/** What entries tell together. */
export const crowds: Detector = function* (scene) {
  const placed = inBlock(scene, 'EntryPlaced')
  if (new Set(placed.map(({ args }) => args.poolId)).size > 1) yield 'POOLS_IN_ONE_BLOCK'
  for (const some of Map.groupBy(placed, (log) => log.transactionHash).values()) {
    if (some.length >= 50) yield 'MANY_ENTRIES_IN_ONE_TRANSACTION'
    if (new Set(some.map(({ args }) => args.poolId)).size > 1) yield 'POOLS_IN_ONE_TRANSACTION'
  }
  const payments = inBlock(scene, 'X402PaymentSettled')
  for (const some of Map.groupBy(payments, (log) => log.transactionHash).values())
    if (some.length > 1) yield 'X402_SEVERAL_IN_ONE_TRANSACTION'

  for (const [log] of Map.groupBy(placed, roundKey).values()) {
    if (log === undefined) continue
    const round = sameRound(scene, log, 'EntryPlaced')
    const kinds = new Set(round.map(({ args }) => `${args.player} ${args.number}`))
    if (kinds.size < round.length) yield 'SAME_NUMBER_TWICE'
    const blocks = new Set(round.map(({ blockNumber }) => Number(blockNumber)))
    const times = scene.history.blocks
      .filter(({ number }) => blocks.has(number))
      .map(({ timestamp }) => timestamp)
    const [first = 0, last = 0] = [times[0], times.at(-1)]
    if (dayOf(first) !== dayOf(last)) yield 'ROUND_ACROSS_MIDNIGHT'
    if (weekOf(first) !== weekOf(last)) yield 'ROUND_ACROSS_WEEKS'
  }
}

/** Entries on both sides of their pool's close, in its block. */
export const aroundClose: Detector = function* (scene) {
  const placed = inBlock(scene, 'EntryPlaced')
  const closes = inBlock(scene, 'RoundClosed', 'RoundCancelled')
  for (const { args, logIndex } of closes) {
    const ofPool = placed.filter((log) => log.args.poolId === args.poolId)
    if (ofPool.some((log) => log.logIndex < logIndex && log.args.roundId === args.roundId))
      yield 'ENTRY_BEFORE_CLOSE_IN_ITS_BLOCK'
    if (ofPool.some((log) => log.logIndex > logIndex && log.args.roundId > args.roundId))
      yield 'ENTRY_AFTER_CLOSE_IN_ITS_BLOCK'
  }
}

/** Money that bought nothing, and payments that did not come about. */
export const strayMoney: Detector = function* (scene) {
  const { chain } = scene.ground
  const game = chain.local.contract
  const used = inBlock(scene, 'AuthorizationUsed')
  const settled = new Set(inBlock(scene, 'X402PaymentSettled').map(({ args }) => args.nonce))
  for (const { args } of used) if (!settled.has(args.nonce)) yield 'AUTHORIZATION_FRONT_RUN'
  if (inBlock(scene, 'AuthorizationCanceled').length > 0) yield 'AUTHORIZATION_CANCELLED'
  const placed = inBlock(scene, 'EntryPlaced')
  for (const { args, transactionHash } of inBlock(scene, 'Transfer')) {
    const isAlone = [...placed, ...used].every((log) => log.transactionHash !== transactionHash)
    if (args.to.toLowerCase() === game && isAlone) yield 'DIRECT_TRANSFER'
  }
}
