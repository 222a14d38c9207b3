import type { PgTable } from 'drizzle-orm/pg-core'
import { createMemory } from '../../audit/memory.ts'
import * as schema from '../../ponder.schema.ts'
import * as Bucket from '../../src/domain/Bucket.ts'
import { CANCEL_REASONS, CARRY_REASONS, OUTCOMES, PAYMENT_METHODS } from '../../src/domain/enums.ts'
import * as Id from '../../src/domain/Id.ts'
import * as Money from '../../src/domain/Money.ts'
import type * as Round from '../../src/domain/Round.ts'
import { block as insertBlock } from '../../src/indexing/blocks.ts'
import * as entering from '../../src/indexing/pay402win/entries.ts'
import * as paying from '../../src/indexing/pay402win/payouts.ts'
import { poolCreated } from '../../src/indexing/pay402win/pools.ts'
import * as drawing from '../../src/indexing/pay402win/rounds.ts'
import { randomWordsRequested } from '../../src/indexing/vrfCoordinator.ts'
import type { Tables } from './tables.ts'

/** A game that never was: events in the contract's order, through the indexer's own handlers, into tables. */

export type Address = `0x${string}`

const pad = (value: number | bigint, bytes: number): Address =>
  `0x${value.toString(16).padStart(bytes * 2, '0')}`

/** The n-th address, hash. */
export const address = (n: number) => pad(BigInt(n) + 0xa0n * 2n ** 152n, 20)
export const hash = (n: number | bigint) => pad(n, 32)

export const NATIVE = pad(0, 20)
export const CREATOR = address(0xc0)
export const FEE_RECIPIENT = address(0xfe)
const CONTRACT = address(0x402)

type PoolRow = typeof schema.pool.$inferInsert

/** Facts that no later event looks at. */
const FACTS = [
  schema.payout,
  schema.prizeCarried,
  schema.prizePoolUpdated,
  schema.randomWordsRequested,
  schema.randomnessFulfilled,
  schema.randomnessRequested,
  schema.roundCancelled,
  schema.roundClosed,
  schema.roundDrawn,
  schema.roundFinalized,
  schema.roundOpened,
  schema.x402PaymentSettled,
]

/** Who cannot be paid by a push. */
type Failing = readonly Address[]

export const createGame = (chainId = 31337, startTime = 1_700_000_000) => {
  const { store, rows, takeChanges, forget } = createMemory(chainId)
  const rounds = rows(schema.round)
  const pools = rows(schema.pool)
  const entries = rows(schema.entry)
  const credits = rows(schema.credit)
  const paid = new Set<bigint>()
  /** Entries of each round, in order. */
  const entered = new Map<string, string[]>()
  let number = 0
  let timestamp = startTime
  let logIndex = 0
  let transaction = 0
  let entryCount = 0n

  /** The place of the next log, as its handler sees it. */
  const at = <Args>(args: Args) => {
    const event = {
      args,
      block: {
        number: BigInt(number),
        hash: hash(0xb000 + number),
        parentHash: hash(0xb000 + number - 1),
        timestamp: BigInt(timestamp),
      },
      transaction: {
        hash: hash(0x7000_0000 + transaction),
        from: CREATOR,
        input: '0x' as const,
      },
      log: { logIndex, address: CONTRACT },
    }
    logIndex += 1
    return event
  }

  const row = <Row>(found: Row | undefined): Row => {
    if (found === undefined) throw new Error('There is no such row')
    return found
  }
  const poolOf = (poolId: bigint) => row(pools.get(Id.pool(chainId, poolId)))
  const roundOf = (poolId: bigint, roundId: bigint) =>
    row(rounds.get(Id.round(chainId, poolId, roundId)))
  const current = (poolId: bigint) =>
    row(rows(schema.poolStats).get(Id.pool(chainId, poolId))).currentRoundId
  const entriesOf = (poolId: bigint, roundId: bigint) =>
    (entered.get(Id.round(chainId, poolId, roundId)) ?? []).map((id) => row(entries.get(id)))

  const open = (poolId: bigint, roundId: bigint, carryIn: bigint) => {
    const opensAt = BigInt(timestamp)
    const closesAt = opensAt + BigInt(poolOf(poolId).roundDuration)
    return drawing.roundOpened(store, at({ poolId, roundId, opensAt, closesAt, carryIn }))
  }

  const finalize = (poolId: bigint, roundId: bigint, outcome: Round.Outcome) => {
    const round = roundOf(poolId, roundId)
    const carryOut = outcome === 'CANCELLED' ? round.carryIn : (round.carryOut ?? 0n)
    return drawing.roundFinalized(
      store,
      at({
        poolId,
        roundId,
        outcome: OUTCOMES.indexOf(outcome),
        prizesTotal: round.prizesPaid,
        refundsTotal: round.refunded,
        feeTotal: round.feeCollected,
        carryOut,
      }),
    )
  }

  const carry = async (
    poolId: bigint,
    fromRoundId: bigint,
    amount: bigint,
    reason: (typeof CARRY_REASONS)[number],
  ) => {
    if (amount === 0n) return
    const toRoundId = fromRoundId + 1n
    const carried = { poolId, fromRoundId, toRoundId, amount }
    await drawing.prizeCarried(store, at({ ...carried, reason: CARRY_REASONS.indexOf(reason) }))
  }

  /** Pays up to `max` winners of a drawn round, the failing ones by credit; finalizes it after the last. */
  const settle = async (poolId: bigint, roundId: bigint, max = 1000, failing: Failing = []) => {
    const { winningNumber, prizePerEntry } = roundOf(poolId, roundId)
    const winners = entriesOf(poolId, roundId).filter(
      (entry) => entry.number === winningNumber && !paid.has(entry.entryId),
    )
    for (const { entryId, player: winner } of winners.slice(0, max)) {
      paid.add(entryId)
      const delivered = !failing.includes(winner)
      const amount = prizePerEntry ?? 0n
      await paying.prizePaid(store, at({ poolId, roundId, winner, entryId, amount, delivered }))
    }
    if (winners.length > 0 && winners.length <= max) await finalize(poolId, roundId, 'SETTLED')
  }

  /** Sends back up to `max` stakes of a cancelled round; finalizes it after the last. */
  const refund = async (poolId: bigint, roundId: bigint, max = 1000, failing: Failing = []) => {
    const left = entriesOf(poolId, roundId).filter((entry) => !paid.has(entry.entryId))
    for (const { entryId, player: recipient, amount } of left.slice(0, max)) {
      paid.add(entryId)
      const delivered = !failing.includes(recipient)
      const refunded = { poolId, roundId, recipient, entryId, amount, delivered }
      await paying.entryRefunded(store, at(refunded))
    }
    if (left.length <= max) await finalize(poolId, roundId, 'CANCELLED')
  }

  return {
    settle,
    refund,
    /** Writes what changed since the last time. */
    save: async (tables: Tables) => {
      for (const [table, changed] of takeChanges())
        await tables.upsert(table, ...(changed as never[]))
    },
    /** Lets go of rows that no later event looks at, once they are saved: what is left does not grow with the rounds. */
    forget: () => {
      const isOver = ({ poolId, roundId }: { poolId: bigint; roundId: bigint }) => {
        const found = rounds.get(Id.round(chainId, poolId, roundId))
        return found === undefined || (found.isFinalized && roundId < current(poolId))
      }
      for (const table of FACTS) forget(table, ({ blockNumber }) => blockNumber < number)
      forget(schema.block, (block) => block.number < number)
      forget(schema.poolHour, ({ hour }) => hour < Bucket.hourOf(timestamp))
      forget(schema.roundPlayer, isOver)
      forget(schema.entry, (entry) => entry.entryId < entryCount && isOver(entry))
      for (const [id] of entered) if (rounds.get(id)?.isFinalized) entered.delete(id)
      forget(schema.round, isOver)
    },
    rounds,
    /** All rows of a table. */
    rows: <T extends PgTable>(table: T) => [...rows(table).values()],
    /** In the order in which they were placed. */
    entries: () => [...entries.values()],
    issues: () => [...rows(schema.integrityIssue).values()],
    /** The newest block. */
    head: () => ({ number, timestamp, hash: hash(0xb000 + number) }),
    /** A new block, with its row. */
    block: async (seconds = 1) => {
      number += 1
      timestamp += seconds
      logIndex = 0
      transaction += 1
      await insertBlock(store, at({}))
      logIndex = 0
      return number
    },
    token: (token: Address, symbol: string, decimals: number) =>
      store.db.insert(schema.token).values({
        id: Id.token(chainId, token),
        chainId,
        address: token,
        symbol,
        name: `${symbol} coin`,
        textSource: token === NATIVE ? 'CONFIGURATION' : 'BLOCK',
        decimals,
        isNative: token === NATIVE,
      }),
    pool: async (poolId: bigint, token: Address, options: Partial<PoolRow> = {}) => {
      await poolCreated(
        store,
        at({
          poolId,
          token,
          tokenDecimals: 18,
          creator: CREATOR,
          entryFee: 1000n,
          feeBps: 250,
          feeRecipient: FEE_RECIPIENT,
          roundDuration: 60,
          minEntries: 2,
          maxEntries: 1000,
          drawTimeout: 600,
          name: `Pool ${poolId}`,
          ...options,
        }),
      )
      await open(poolId, 1n, 0n)
    },
    /** One entering call: an entry a number, then the contract's word on the pool, and on the payment if it was by x402. */
    enter: async (
      poolId: bigint,
      player: Address,
      numbers: readonly number[],
      payer: Address = player,
      method: (typeof PAYMENT_METHODS)[number] = poolOf(poolId).token === NATIVE
        ? 'NATIVE'
        : 'ERC20',
    ) => {
      const { entryFee: amount, feeBps, token } = poolOf(poolId)
      const firstEntryId = entryCount + 1n
      const paymentRef = hash(method.startsWith('X402') ? firstEntryId : 0)
      const roundId = current(poolId)
      const of = { poolId, roundId, player, payer, amount, feeAmount: Money.fee(amount, feeBps) }
      const ids = entered.get(Id.round(chainId, poolId, roundId)) ?? []
      entered.set(Id.round(chainId, poolId, roundId), ids)
      for (const each of numbers) {
        entryCount += 1n
        const entryId = entryCount
        ids.push(Id.entry(chainId, entryId))
        await entering.entryPlaced(
          store,
          at({
            ...of,
            entryId,
            number: each,
            paymentMethod: PAYMENT_METHODS.indexOf(method),
            paymentRef,
          }),
        )
      }
      const round = roundOf(poolId, roundId)
      const inRound = { prizePool: round.prizePool, entryCount: BigInt(round.entryCount) }
      await entering.prizePoolUpdated(store, at({ poolId, roundId, ...inRound, reason: 0 }))
      if (method !== 'X402_DIRECT') return
      const count = BigInt(numbers.length)
      const paid = { token, facilitator: CREATOR, amount: amount * count, nonce: paymentRef }
      await entering.x402PaymentSettled(
        store,
        at({ poolId, roundId, payer, player, ...paid, firstEntryId, entryCount: count }),
      )
    },
    close: async (poolId: bigint) => {
      const roundId = current(poolId)
      const { entryCount, prizePool, feeAccrued } = roundOf(poolId, roundId)
      const of = { poolId, roundId }
      const closed = { entryCount: BigInt(entryCount), prizePool, feeAccrued, closedBy: CREATOR }
      await drawing.roundClosed(store, at({ ...of, ...closed }))
      const request = { coordinator: CONTRACT, keyHash: hash(1), confirmations: 3 }
      await randomWordsRequested(
        store,
        at({
          ...{ keyHash: hash(1), requestId: roundId, preSeed: 1n, subId: 1n, sender: CONTRACT },
          ...{ minimumRequestConfirmations: 3, callbackGasLimit: 2_500_000, numWords: 1 },
          extraArgs: '0x',
        }),
      )
      await drawing.randomnessRequested(store, at({ ...of, requestId: roundId, ...request }))
    },
    /** Draws the round that is closed, pays up to `max` winners and opens the next round. */
    draw: async (poolId: bigint, winningNumber: number, max = 1000, failing: Failing = []) => {
      const roundId = current(poolId)
      const of = { poolId, roundId }
      const { prizePool, feeAccrued } = roundOf(poolId, roundId)
      const count = BigInt(
        entriesOf(poolId, roundId).filter((entry) => entry.number === winningNumber).length,
      )
      const prizePerEntry = count === 0n ? 0n : prizePool / count
      const carryOut = prizePool - prizePerEntry * count
      const word = { requestId: roundId, randomWord: BigInt(winningNumber - 1), winningNumber }
      await drawing.randomnessFulfilled(store, at({ ...of, ...word }))
      const split = { prizePool, prizePerEntry, carryOut }
      await drawing.roundDrawn(
        store,
        at({ ...of, winningNumber, winningEntryCount: count, ...split }),
      )
      const recipient = poolOf(poolId).feeRecipient
      const delivered = !failing.includes(recipient)
      await paying.protocolFeeCollected(
        store,
        at({ ...of, recipient, amount: feeAccrued, delivered }),
      )
      await settle(poolId, roundId, max, failing)
      if (count === 0n) await finalize(poolId, roundId, 'ROLLED_OVER')
      await carry(poolId, roundId, carryOut, count === 0n ? 'NO_WINNER' : 'DUST')
      await open(poolId, roundId + 1n, carryOut)
    },
    cancel: async (poolId: bigint, reason: Round.CancelReason) => {
      const roundId = current(poolId)
      const { entryCount, gross, carryIn } = roundOf(poolId, roundId)
      const why = CANCEL_REASONS.indexOf(reason)
      const stakes = { entryCount: BigInt(entryCount), refundable: gross }
      await drawing.roundCancelled(store, at({ poolId, roundId, reason: why, ...stakes }))
      await carry(poolId, roundId, carryIn, 'CANCELLED')
      if (entryCount === 0) await finalize(poolId, roundId, 'CANCELLED')
      await open(poolId, roundId + 1n, carryIn)
    },
    claim: (account: Address, token: Address) => {
      const { credited, claimed } = row(credits.get(Id.accountToken(chainId, account, token)))
      const claim = { account, token, to: account, amount: credited - claimed }
      return paying.creditClaimed(store, at(claim))
    },
  }
}
