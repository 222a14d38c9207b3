import { type Hex, toHex, zeroHash } from 'viem'
import { type Facts, factsOf } from './facts.ts'
import type { Event, History, Place } from './history.ts'

type ArgsOf<Name extends Event['name']> = Extract<Event, { name: Name }>['args']

export const GAME: Hex = toHex(0x402, { size: 20 })
export const NATIVE: Hex = toHex(0, { size: 20 })
export const DOLLAR: Hex = toHex(0xd0, { size: 20 })
export const account = (index: number): Hex => toHex(index, { size: 20 })
export const ANN = account(0xa1)
export const BOB = account(0xb0)
export const CAT = account(0xca)
/** A Monday, 00:00 UTC: 2027-01-11. */
export const MONDAY = 1_799_625_600
export const DAY = 86_400
export const HOUR = 3600

/**
 * A history written by hand, log by log. An entry costs 100, of which 10 are the fee; what a log says is given, never worked out.
 */
export const createWritten = () => {
  const events: Event[] = []
  let block = 0
  let timestamp = MONDAY
  let logIndex = 0
  let transaction = 0
  let input: Hex = '0x'
  let entryId = 0n

  const place = (): Place => {
    const hash = toHex(transaction, { size: 32 })
    const blockHash = toHex(0xb10c0000 + block, { size: 32 })
    const call = { transaction: hash, sender: account(0xfac), input }
    return { block, blockHash, timestamp, ...call, logIndex: logIndex++ }
  }
  const log = <Name extends Event['name']>(name: Name, args: ArgsOf<Name>, address = GAME) => {
    events.push({ name, address, args, at: place() } as Event)
  }

  const written = {
    log,
    /** A new block at this time, and a new transaction in it. */
    at: (time: number) => {
      block += 1
      timestamp = time
      logIndex = 0
      written.call()
    },
    /** A new transaction in the same block. */
    call: (data: Hex = '0x') => {
      transaction += 1
      input = data
    },
    pool: (poolId: bigint, token = NATIVE) => {
      log('PoolCreated', {
        ...{ poolId, token, creator: account(1), entryFee: 100n, feeBps: 1000 },
        ...{ feeRecipient: account(0xfee), tokenDecimals: 2, roundDuration: 60, minEntries: 1 },
        ...{ maxEntries: 10, drawTimeout: 600, name: `Pool ${poolId}` },
      })
      written.open(poolId, 1n)
    },
    open: (poolId: bigint, roundId: bigint, carryIn = 0n) => {
      const opensAt = BigInt(timestamp)
      log('RoundOpened', { poolId, roundId, opensAt, closesAt: opensAt + 60n, carryIn })
    },
    /** One entry a number, then the prize pool that they make. */
    enter: (
      round: readonly [bigint, bigint],
      player: Hex,
      numbers: readonly number[],
      prizePool = 0n,
      payment: { payer?: Hex; method?: number; paymentRef?: Hex } = {},
    ) => {
      const [poolId, roundId] = round
      const { payer = player, method = 0, paymentRef = zeroHash } = payment
      for (const number of numbers)
        log('EntryPlaced', {
          ...{ poolId, roundId, player, entryId: ++entryId, number, payer },
          ...{ amount: 100n, feeAmount: 10n, paymentMethod: method, paymentRef },
        })
      log('PrizePoolUpdated', { poolId, roundId, prizePool, entryCount: entryId, reason: 0 })
    },
    close: ([poolId, roundId]: readonly [bigint, bigint]) => {
      const ledger = { entryCount: 0n, prizePool: 0n, feeAccrued: 0n }
      log('RoundClosed', { poolId, roundId, ...ledger, closedBy: account(9) })
    },
    /** `winners` entries are on it; the next round opens with what they leave. */
    draw: (
      round: readonly [bigint, bigint],
      winningNumber: number,
      prizePerEntry: bigint,
      winners: bigint,
      carryOut = 0n,
    ) => {
      const [poolId, roundId] = round
      log('RoundDrawn', {
        ...{ poolId, roundId, winningNumber, winningEntryCount: winners },
        ...{ prizePool: prizePerEntry * winners + carryOut, prizePerEntry, carryOut },
      })
      if (winners === 0n) written.finalize(round, 1)
      written.open(poolId, roundId + 1n, carryOut)
    },
    finalize: ([poolId, roundId]: readonly [bigint, bigint], outcome: number) => {
      const sums = { prizesTotal: 0n, refundsTotal: 0n, feeTotal: 0n, carryOut: 0n }
      log('RoundFinalized', { poolId, roundId, outcome, ...sums })
    },
    cancel: ([poolId, roundId]: readonly [bigint, bigint]) => {
      const left = { reason: 1, entryCount: 0n, refundable: 0n }
      log('RoundCancelled', { poolId, roundId, ...left })
      written.open(poolId, roundId + 1n)
    },
    prize: (
      [poolId, roundId]: readonly [bigint, bigint],
      winner: Hex,
      entry: bigint,
      amount: bigint,
      delivered = true,
    ) => log('PrizePaid', { poolId, roundId, winner, entryId: entry, amount, delivered }),
    refund: (
      [poolId, roundId]: readonly [bigint, bigint],
      recipient: Hex,
      entry: bigint,
      delivered = true,
    ) =>
      log('EntryRefunded', { poolId, roundId, recipient, entryId: entry, amount: 100n, delivered }),
    fee: ([poolId, roundId]: readonly [bigint, bigint], amount: bigint, delivered = true) =>
      log('ProtocolFeeCollected', {
        ...{ poolId, roundId, recipient: account(0xfee), amount, delivered },
      }),
    claim: (by: Hex, amount: bigint, token = NATIVE) =>
      log('CreditClaimed', { account: by, token, to: by, amount }),
    history: (): History => ({
      chainId: 31_337,
      game: GAME,
      head: { number: block, hash: toHex(block, { size: 32 }), timestamp },
      events,
    }),
    facts: (): Facts => factsOf(written.history()),
  }
  return written
}
