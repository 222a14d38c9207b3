import * as schema from '../../ponder.schema.ts'
import * as Id from '../../src/domain/Id.ts'
import * as Round from '../../src/domain/Round.ts'
import { type Address, address, createGame, hash, NATIVE } from './game.ts'
import type { Fact } from './groups.ts'
import type { Tables } from './tables.ts'

/** Entries and payouts of two chains with several pools and tokens, many of them equal in one way or another. */

export const DOLLAR = address(0xd0)
export const WHOLE = address(0xd1)
const PLAYERS = [1, 2, 3, 4, 5].map(address)
const STATUSES = ['OPEN', 'DRAWING', 'DRAWN', 'SETTLED', 'ROLLED_OVER', 'CANCELLED'] as const
const METHODS = schema.paymentMethod.enumValues
const KINDS = schema.payoutKind.enumValues
const ROUNDS = [1n, 2n, 3n]

/** A Monday, 00:00 UTC. */
export const MONDAY = 1_699_833_600
const DAY = 86_400
const TIMES = [-1, 0, 1, 3_599, 3_600, DAY - 1, DAY, 6 * DAY, 7 * DAY - 1, 7 * DAY, 8 * DAY + 7_000]

const POOLS: readonly {
  readonly chainId: number
  readonly poolId: bigint
  readonly token: Address
  readonly decimals: number
  readonly amounts: readonly bigint[]
}[] = [
  { chainId: 31337, poolId: 1n, token: NATIVE, decimals: 18, amounts: [3n * 10n ** 15n, 40n] },
  { chainId: 31337, poolId: 2n, token: DOLLAR, decimals: 6, amounts: [402_000n, 1n, 0n] },
  { chainId: 31337, poolId: 3n, token: NATIVE, decimals: 18, amounts: [3n * 10n ** 15n] },
  { chainId: 31337, poolId: 10n, token: WHOLE, decimals: 0, amounts: [2n ** 200n + 1n, 2n ** 64n] },
  { chainId: 8453, poolId: 1n, token: NATIVE, decimals: 18, amounts: [7n, 10n ** 20n] },
  { chainId: 8453, poolId: 2n, token: DOLLAR, decimals: 6, amounts: [402_000n] },
]

export type EntryRow = typeof schema.entry.$inferSelect
export type PayoutRow = typeof schema.payout.$inferSelect
export type PoolOf = (typeof POOLS)[number]

/** A fact with what filters ask about. */
export interface Known<Row> extends Fact {
  readonly row: Row
  readonly pool: PoolOf
  readonly status: (typeof STATUSES)[number]
}

/** One of a list: always the same for the same fact and property, and as if by chance. */
const pick = <T>(list: readonly T[], n: number, property: number): T => {
  const mixed = Math.imul(
    Math.imul(n + 1, 0x9e3779b1) ^ Math.imul(property, 0x85ebca6b),
    0xc2b2ae35,
  )
  const found = list[(mixed >>> 13) % list.length]
  if (found === undefined) throw new Error('An empty list')
  return found
}

const statusOf = (pool: PoolOf, roundId: bigint) =>
  STATUSES[(POOLS.indexOf(pool) * 2 + Number(roundId)) % STATUSES.length] ?? 'OPEN'

/** By the calendar, not by arithmetic on seconds. */
const calendar = (timestamp: number) => {
  const date = new Date(timestamp * 1000)
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
  const sinceMonday = (date.getUTCDay() + 6) % 7
  const start = (seconds: number) => ({ sort: [seconds / 1000], show: seconds / 1000 })
  return {
    HOUR: start(Date.UTC(year, month, day, date.getUTCHours())),
    DAY: start(Date.UTC(year, month, day)),
    WEEK: start(Date.UTC(year, month, day - sinceMonday)),
  }
}

const ofPool = ({ chainId, poolId, token }: PoolOf, roundId: bigint) => ({
  POOL: { sort: [chainId, poolId], show: { id: `Pool:${Id.pool(chainId, poolId)}` } },
  ROUND: {
    sort: [chainId, poolId, roundId],
    show: { id: `Round:${Id.round(chainId, poolId, roundId)}` },
  },
  TOKEN: { sort: [chainId, token], show: { chainId, address: token } },
})

const placeOf = ({ chainId }: PoolOf, n: number) => ({
  chainId,
  blockNumber: 100 + Math.floor(n / 3),
  logIndex: n % 3,
  blockHash: hash(0xb000 + n),
  transactionHash: hash(0x7000 + n),
  timestamp: MONDAY + pick(TIMES, n, 1),
})

const knownOf = (pool: PoolOf, roundId: bigint) => ({
  pool,
  status: statusOf(pool, roundId),
  token: { chainId: pool.chainId, address: pool.token, decimals: pool.decimals },
})

const entryOf = (n: number): Known<EntryRow> => {
  const pool = pick(POOLS, n, 2)
  const roundId = pick(ROUNDS, n, 3)
  const player = pick(PLAYERS, n, 4)
  const amount = pick(pool.amounts, n, 5)
  const row: EntryRow = {
    ...placeOf(pool, n),
    ...{ id: Id.entry(pool.chainId, BigInt(n + 1)), entryId: BigInt(n + 1) },
    ...{ poolId: pool.poolId, roundId, player, payer: player },
    ...{ number: pick([1, 7, 402], n, 6), amount, feeAmount: amount / 40n },
    ...{ paymentMethod: pick(METHODS, n, 7), paymentRef: hash(0) },
  }
  return {
    row,
    ...knownOf(pool, roundId),
    member: `${pool.chainId}-${player}`,
    amounts: { amount: row.amount, feeAmount: row.feeAmount },
    dimensions: {
      ...ofPool(pool, roundId),
      PLAYER: {
        sort: [pool.chainId, player],
        show: { id: `Player:${Id.player(pool.chainId, player)}` },
      },
      NUMBER: { sort: [row.number], show: row.number },
      PAYMENT_METHOD: { sort: [METHODS.indexOf(row.paymentMethod)], show: row.paymentMethod },
      ...calendar(row.timestamp),
    },
  }
}

/** Each player claims each token in this block, behind its payouts. */
const CLAIM_BLOCK = 150
const STATES = ['DELIVERED', 'CREDITED', 'CLAIMED']

const payoutOf = (n: number): Known<PayoutRow> => {
  const pool = pick(POOLS, n, 2)
  const roundId = pick(ROUNDS, n, 3)
  const recipient = pick(PLAYERS, n, 4)
  const place = placeOf(pool, n)
  const row: PayoutRow = {
    ...place,
    ...{ id: `${pool.chainId}-${place.blockNumber}-${place.logIndex}` },
    ...{ poolId: pool.poolId, roundId, kind: pick(KINDS, n, 8), recipient },
    ...{ entryId: null, token: pool.token, amount: pick(pool.amounts, n, 5) },
    delivered: pick([true, true, false], n, 9),
  }
  const state = row.delivered ? 0 : row.blockNumber <= CLAIM_BLOCK ? 2 : 1
  return {
    row,
    ...knownOf(pool, roundId),
    member: recipient,
    amounts: { amount: row.amount },
    dimensions: {
      ...ofPool(pool, roundId),
      KIND: { sort: [KINDS.indexOf(row.kind)], show: row.kind },
      STATE: { sort: [state], show: STATES[state] },
      RECIPIENT: { sort: [recipient], show: recipient },
      ...calendar(row.timestamp),
    },
  }
}

export const writeGrouped = async (tables: Tables) => {
  for (const chainId of new Set(POOLS.map((pool) => pool.chainId))) {
    const game = createGame(chainId)
    const pools = POOLS.filter((pool) => pool.chainId === chainId)
    await game.block()
    for (const { token, decimals } of new Map(pools.map((pool) => [pool.token, pool])).values())
      await game.token(token, `T${decimals}`, decimals)
    for (const { poolId, token } of pools) await game.pool(poolId, token)
    for (const player of PLAYERS) await game.enter(1n, player, [1])
    await game.save(tables)
    await tables.finalize(chainId, 1)
  }
  const rounds = POOLS.flatMap((pool) =>
    ROUNDS.map((roundId) => {
      const { chainId, poolId } = pool
      const id = Id.round(chainId, poolId, roundId)
      return {
        ...Round.opened({ id, chainId, poolId, roundId, opensAt: 1, closesAt: 2, carryIn: 0n }),
        status: statusOf(pool, roundId),
      }
    }),
  )
  const entries = Array.from({ length: 400 }, (_, n) => entryOf(n))
  const payouts = Array.from({ length: 300 }, (_, n) => payoutOf(n))
  const claims = POOLS.flatMap((pool) => PLAYERS.map((account) => ({ pool, account })))
  await tables.sql`truncate entry`
  await tables.upsert(schema.round, ...rounds)
  await tables.insert(schema.entry, ...entries.map(({ row }) => row))
  await tables.insert(schema.payout, ...payouts.map(({ row }) => row))
  await tables.insert(
    schema.creditClaimed,
    ...claims.map(({ pool, account }, n) => ({
      ...placeOf(pool, n),
      ...{ id: `${pool.chainId}-${CLAIM_BLOCK}-${10 + n}`, blockNumber: CLAIM_BLOCK },
      ...{ logIndex: 10 + n, account, token: pool.token, recipient: account, amount: 1n },
    })),
  )
  return { entries, payouts }
}
