import { localDollarAbi } from '../../../abis/LocalDollar.ts'
import { nonceOf } from '../../../src/domain/Payment.ts'
import { accountAt } from '../../../stack/deploy.ts'
import { type Call, encode } from '../call.ts'
import { PAYERS } from '../ground.ts'
import type { Pool } from '../state.ts'
import { gasOf, type Move, numberOf, play, playerOf, roomOf, type Turn, together } from '../turn.ts'

const fields = (types: string) =>
  types.split(', ').map((field) => {
    const [type = '', name = ''] = field.split(' ')
    return { type, name }
  })
const MOVE = fields(
  'address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce',
)
const TYPES = {
  ReceiveWithAuthorization: MOVE,
  TransferWithAuthorization: MOVE,
  CancelAuthorization: fields('address authorizer, bytes32 nonce'),
}

/** An EIP-3009 signature of a local account, for the local dollar. */
const sign = (
  { ground }: Turn,
  signer: number,
  primaryType: keyof typeof TYPES,
  message: Record<string, unknown>,
) =>
  accountAt(signer).signTypedData({
    domain: {
      ...{ name: 'Local Dollar', version: '2' },
      ...{ chainId: ground.chain.local.chainId, verifyingContract: ground.dollar },
    },
    types: TYPES,
    primaryType,
    message,
  })

/** Something a payer signs for: entries of the pool's round. */
const orderOf = async (turn: Turn, pool: Pool, count: number, validFor = 3600) => {
  const { ground, random, time } = turn
  const { chain } = ground
  const signer = random.pick(PAYERS)
  const purpose = {
    ...{ chainId: chain.local.chainId, game: chain.local.contract, poolId: pool.poolId },
    ...{ roundId: pool.current.roundId, player: playerOf(turn), salt: random.bytes32() },
    numbers: Array.from({ length: count }, () => numberOf(random)),
  }
  const nonce = nonceOf(purpose)
  const { numbers, poolId, roundId, player, salt } = purpose
  const from = chain.address(signer)
  const message = {
    ...{ from, to: chain.local.contract, nonce, validAfter: 0n },
    value: pool.config.entryFee * BigInt(count),
    validBefore: BigInt(time + validFor),
  }
  const signature = await sign(turn, signer, 'ReceiveWithAuthorization', message)
  const args = [poolId, roundId, from, player, numbers, 0n, message.validBefore, salt, signature]
  const call = play(ground, 'enterWithAuthorization', args, {
    ...{ from: chain.address(1), gas: gasOf(count) },
  })
  return { signer, message, call }
}

const dollarPool = (turn: Turn, room: number) =>
  turn.state.pools.find(
    (pool) => pool.config.token === turn.ground.dollar && roomOf(turn, pool) >= room,
  )
const plan = ({ planned }: Turn, { poolId }: Pool, count: number) =>
  planned.set(poolId, (planned.get(poolId) ?? 0) + count)

/** A payment by x402. */
export const pay: Move = async (turn) => {
  const pool = dollarPool(turn, 3)
  if (pool === undefined) return []
  const count = 1 + turn.random.below(3)
  plan(turn, pool, count)
  return [(await orderOf(turn, pool, count)).call]
}

/** Several payments that a relayer submits as one transaction. */
export const paySeveral: Move = async (turn) => {
  const pool = dollarPool(turn, 6)
  if (pool === undefined) return []
  const calls: Call[] = []
  for (const count of [1, 2, 1 + turn.random.below(3)].slice(turn.random.below(2))) {
    calls.push((await orderOf(turn, pool, count)).call)
    plan(turn, pool, count)
  }
  return [together(turn.ground, calls)]
}

/** An authorisation of another kind for the same money, submitted by a stranger: it arrives without an entry. */
export const frontRun: Move = async (turn) => {
  const pool = dollarPool(turn, 1)
  if (pool === undefined) return []
  const { signer, message, call } = await orderOf(turn, pool, 1)
  const signature = await sign(turn, signer, 'TransferWithAuthorization', message)
  const { from, to, value, validAfter, validBefore, nonce } = message
  const args = [from, to, value, validAfter, validBefore, nonce, signature]
  return [authorization(turn, 'transferWithAuthorization', args), call]
}

/** The payer takes the authorisation back before it is used. */
export const cancel: Move = async (turn) => {
  const pool = dollarPool(turn, 1)
  if (pool === undefined) return []
  const { signer, message, call } = await orderOf(turn, pool, 1)
  const { from: authorizer, nonce } = message
  const signature = await sign(turn, signer, 'CancelAuthorization', { authorizer, nonce })
  const cancelling = authorization(turn, 'cancelAuthorization', [authorizer, nonce, signature])
  return turn.random.chance(0.5) ? [cancelling, call] : [cancelling]
}

/** An authorisation that is submitted too late. */
export const expire: Move = async (turn) => {
  const pool = dollarPool(turn, 1)
  if (pool === undefined) return []
  const { call } = await orderOf(turn, pool, 1, -turn.random.below(60))
  return [{ ...call, name: 'expired', refusedAs: 'AUTHORIZATION_EXPIRED' }]
}

const authorization = (
  { ground: { chain, dollar } }: Turn,
  functionName: 'transferWithAuthorization' | 'cancelAuthorization',
  args: readonly unknown[],
): Call => ({
  ...{ from: chain.address(9), to: dollar, value: 0n, gas: 300_000n, name: functionName },
  data: encode(localDollarAbi, functionName, args),
})
