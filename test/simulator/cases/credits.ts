import { type Detector, inBlock, isNative, type Scene } from './scene.ts'

/** Payouts that were refused. */
export const refusals: Detector = function* (scene) {
  for (const { eventName, args } of inBlock(scene, 'PrizePaid', 'EntryRefunded')) {
    if (args.delivered) continue
    if (!isNative(scene, args.poolId)) yield 'TOKEN_PAYOUT_REFUSED'
    yield eventName === 'PrizePaid' ? 'PRIZE_REFUSED' : 'REFUND_REFUSED'
  }
  for (const { args } of inBlock(scene, 'ProtocolFeeCollected'))
    if (!args.delivered) yield 'FEE_REFUSED'
}

/** Claims, by what they close. */
export const claims: Detector = function* (scene) {
  for (const claim of inBlock(scene, 'CreditClaimed')) {
    const owed = owedBefore(scene, claim)
    if (new Set(owed.map(({ poolId }) => poolId)).size > 1) yield 'CREDIT_OF_SEVERAL_POOLS'
    if (owed.some(({ isFee }) => isFee)) yield 'CREDIT_OF_FEES'
  }
}

const owedBefore = (scene: Scene, claim: ReturnType<typeof claimsIn>[number]) => {
  const { account, token } = claim.args
  let owed: { poolId: bigint; isFee: boolean }[] = []
  const logs = scene.history.logs(
    ...(['PrizePaid', 'EntryRefunded', 'ProtocolFeeCollected', 'CreditClaimed'] as const),
  )
  for (const log of logs) {
    if (log.blockNumber === claim.blockNumber && log.logIndex >= claim.logIndex) break
    if (log.eventName === 'CreditClaimed') {
      if (log.args.account === account && log.args.token === token) owed = []
      continue
    }
    const { args } = log
    const to = 'winner' in args ? args.winner : args.recipient
    const pool = scene.history.logs('PoolCreated').find((each) => each.args.poolId === args.poolId)
    if (!args.delivered && to === account && pool?.args.token === token)
      owed.push({ poolId: args.poolId, isFee: log.eventName === 'ProtocolFeeCollected' })
  }
  return owed
}
const claimsIn = (scene: Scene) => inBlock(scene, 'CreditClaimed')

/** The block as a block. */
export const time: Detector = function* ({ block, previous }) {
  yield* block.refusals
  if (block.transactions.length === 0) yield 'EMPTY_BLOCK'
  if (previous === undefined) return
  if (block.timestamp === previous.timestamp) yield 'EQUAL_BLOCK_TIMES'
  if (block.timestamp - previous.timestamp >= 86_400) yield 'TIME_JUMP'
}
