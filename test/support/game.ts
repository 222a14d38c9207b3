import type { PgTable } from 'drizzle-orm/pg-core'
import * as schema from '../../ponder.schema.ts'
import * as Credit from '../../src/domain/Credit.ts'
import * as Id from '../../src/domain/Id.ts'
import * as Money from '../../src/domain/Money.ts'
import * as Player from '../../src/domain/Player.ts'
import * as PlayerToken from '../../src/domain/PlayerToken.ts'
import * as PoolPlayer from '../../src/domain/PoolPlayer.ts'
import * as PoolStats from '../../src/domain/PoolStats.ts'
import * as Round from '../../src/domain/Round.ts'
import * as RoundPlayer from '../../src/domain/RoundPlayer.ts'
import type { Tables } from './tables.ts'

/** A game that never was, as rows: facts in the contract's order, and state by the rules of src/domain. */

export type Address = `0x${string}`

const pad = (value: number | bigint, bytes: number): Address =>
  `0x${value.toString(16).padStart(bytes * 2, '0')}`

/** The n-th address, hash. */
export const address = (n: number) => pad(BigInt(n) + 0xa0n * 2n ** 152n, 20)
export const hash = (n: number | bigint) => pad(n, 32)

export const NATIVE = pad(0, 20)
export const CREATOR = address(0xc0)
export const FEE_RECIPIENT = address(0xfe)

type PoolRow = typeof schema.pool.$inferInsert

const state = <Row extends { readonly id: string }>() => {
  const rows = new Map<string, Row>()
  return {
    rows,
    get: (id: string): Row => {
      const row = rows.get(id)
      if (row === undefined) throw new Error(`There is no ${id}`)
      return row
    },
    apply: (zero: Row, change: (row: Row) => Row): Row => {
      const row = change(rows.get(zero.id) ?? zero)
      rows.set(row.id, row)
      return row
    },
  }
}

export const createGame = (chainId = 31337, startTime = 1_700_000_000) => {
  const inserts: ((tables: Tables) => Promise<void>)[] = []
  const rounds = state<Round.Round>()
  const stats = state<PoolStats.PoolStats>()
  const players = state<Player.Player>()
  const flows = state<PlayerToken.PlayerToken>()
  const members = state<RoundPlayer.RoundPlayer>()
  const poolMembers = state<PoolPlayer.PoolPlayer>()
  const credits = state<Credit.Credit>()
  const pools = new Map<bigint, PoolRow>()
  const entries: (typeof schema.entry.$inferInsert)[] = []
  const paid = new Set<bigint>()
  let number = 0
  let timestamp = startTime
  let logIndex = 0
  let transaction = 0

  const insert = <T extends PgTable>(table: T, row: T['$inferInsert']) =>
    inserts.push((tables) => tables.insert(table, row))

  /** A new block, with its row. */
  const block = (seconds = 1) => {
    number += 1
    timestamp += seconds
    logIndex = 0
    transaction += 1
    insert(schema.block, {
      id: Id.block(chainId, number),
      chainId,
      number,
      hash: hash(0xb000 + number),
      parentHash: hash(0xb000 + number - 1),
      timestamp,
    })
    return number
  }

  const place = () => {
    const at = {
      id: Id.fact(chainId, number, logIndex),
      chainId,
      blockNumber: number,
      logIndex,
      blockHash: hash(0xb000 + number),
      transactionHash: hash(0x7000_0000 + transaction),
      timestamp,
    }
    logIndex += 1
    return at
  }

  const update = (poolId: bigint, roundId: bigint, change: (round: Round.Round) => Round.Round) =>
    rounds.apply(rounds.get(Id.round(chainId, poolId, roundId)), change)
  const updateStats = (poolId: bigint, change: (row: PoolStats.PoolStats) => PoolStats.PoolStats) =>
    stats.apply(PoolStats.zero({ id: Id.pool(chainId, poolId), chainId, poolId }), change)
  const poolOf = (poolId: bigint) => {
    const pool = pools.get(poolId)
    if (pool === undefined) throw new Error(`There is no pool ${poolId}`)
    return pool
  }
  const current = (poolId: bigint) => stats.get(Id.pool(chainId, poolId)).currentRoundId
  const entriesOf = (poolId: bigint, roundId: bigint) =>
    entries.filter((entry) => entry.poolId === poolId && entry.roundId === roundId)

  const open = (poolId: bigint, roundId: bigint, carryIn: bigint) => {
    const opensAt = timestamp
    const closesAt = timestamp + poolOf(poolId).roundDuration
    const event = { ...place(), poolId, roundId, opensAt, closesAt, carryIn }
    insert(schema.roundOpened, event)
    const id = Id.round(chainId, poolId, roundId)
    rounds.rows.set(id, Round.opened({ ...event, id }))
    updateStats(poolId, (row) => PoolStats.roundOpened(row, event))
  }

  const finalize = (poolId: bigint, roundId: bigint, outcome: Round.Outcome) => {
    const round = rounds.get(Id.round(chainId, poolId, roundId))
    insert(schema.roundFinalized, {
      ...place(),
      poolId,
      roundId,
      outcome,
      prizesTotal: round.prizesPaid,
      refundsTotal: round.refunded,
      feeTotal: round.feeCollected,
      carryOut: round.carryOut ?? 0n,
    })
    update(poolId, roundId, (row) => Round.finalized(row, { outcome }))
    updateStats(poolId, (row) => PoolStats.roundFinalized(row, { outcome }))
  }

  const pay = (
    kind: 'PRIZE' | 'REFUND' | 'FEE',
    poolId: bigint,
    roundId: bigint,
    to: { recipient: Address; entryId: bigint | null; amount: bigint; delivered: boolean },
  ) => {
    const token = poolOf(poolId).token
    const event = { ...place(), poolId, roundId, kind, token, ...to }
    insert(schema.payout, event)
    if (event.delivered) return event
    const id = Id.accountToken(chainId, to.recipient, token)
    credits.apply(Credit.zero({ id, chainId, account: to.recipient, token }), (row) =>
      Credit.credited(row, event),
    )
    return event
  }

  const member = (poolId: bigint, roundId: bigint, player: Address) =>
    RoundPlayer.zero({
      id: Id.roundPlayer(chainId, poolId, roundId, player),
      chainId,
      poolId,
      roundId,
      address: player,
    })
  const flowsOf = (player: Address, token: Address) =>
    PlayerToken.zero({
      id: Id.accountToken(chainId, player, token),
      chainId,
      address: player,
      token,
    })
  const playerOf = (player: Address) =>
    Player.zero({ id: Id.player(chainId, player), chainId, address: player }, timestamp)

  const carry = (
    poolId: bigint,
    roundId: bigint,
    amount: bigint,
    reason: 'NO_WINNER' | 'DUST' | 'CANCELLED',
  ) => {
    if (amount === 0n) return
    insert(schema.prizeCarried, {
      ...place(),
      poolId,
      roundId,
      toRoundId: roundId + 1n,
      amount,
      reason,
    })
    update(poolId, roundId, (row) => Round.carried(row, { amount }))
  }

  /** Pays up to `max` winners of a drawn round, the failing ones by credit; finalizes it after the last. */
  const settle = (
    poolId: bigint,
    roundId: bigint,
    max = 1000,
    failing: readonly Address[] = [],
  ) => {
    const round = rounds.get(Id.round(chainId, poolId, roundId))
    const token = poolOf(poolId).token
    const winners = entriesOf(poolId, roundId).filter(
      (entry) => entry.number === round.winningNumber && !paid.has(entry.entryId),
    )
    for (const entry of winners.slice(0, max)) {
      paid.add(entry.entryId)
      const prize = pay('PRIZE', poolId, roundId, {
        recipient: entry.player,
        entryId: entry.entryId,
        amount: round.prizePerEntry ?? 0n,
        delivered: !failing.includes(entry.player),
      })
      const row = members.apply(member(poolId, roundId, entry.player), (before) =>
        RoundPlayer.prizePaid(before, prize),
      )
      const isNewWin = row.winningEntries === 1
      update(poolId, roundId, (before) =>
        Round.prizePaid(before, { ...prize, isNewWinner: isNewWin }),
      )
      updateStats(poolId, (before) =>
        PoolStats.prizePaid(before, { ...prize, wonInRound: row.won }),
      )
      players.apply(playerOf(entry.player), (before) =>
        Player.prizePaid(before, { timestamp, isNewWin }),
      )
      flows.apply(flowsOf(entry.player, token), (before) =>
        PlayerToken.prizePaid(before, { ...prize, wonInRound: row.won }),
      )
    }
    if (winners.length > 0 && winners.length <= max) finalize(poolId, roundId, 'SETTLED')
  }

  /** Sends back up to `max` stakes of a cancelled round; finalizes it after the last. */
  const refund = (
    poolId: bigint,
    roundId: bigint,
    max = 1000,
    failing: readonly Address[] = [],
  ) => {
    const { token, feeBps } = poolOf(poolId)
    const left = entriesOf(poolId, roundId).filter((entry) => !paid.has(entry.entryId))
    for (const entry of left.slice(0, max)) {
      paid.add(entry.entryId)
      const event = pay('REFUND', poolId, roundId, {
        recipient: entry.player,
        entryId: entry.entryId,
        amount: entry.amount,
        delivered: !failing.includes(entry.player),
      })
      members.apply(member(poolId, roundId, entry.player), (before) =>
        RoundPlayer.entryRefunded(before, event),
      )
      update(poolId, roundId, (before) => Round.entryRefunded(before, event))
      updateStats(poolId, (before) => PoolStats.entryRefunded(before, event))
      players.apply(playerOf(entry.player), (before) => Player.entryRefunded(before, { timestamp }))
      flows.apply(flowsOf(entry.player, token), (before) =>
        PlayerToken.entryRefunded(before, {
          amount: event.amount,
          feeAmount: Money.fee(event.amount, feeBps),
        }),
      )
    }
    if (left.length <= max) finalize(poolId, roundId, 'CANCELLED')
  }

  return {
    block,
    settle,
    refund,
    entries,
    rounds: rounds.rows,
    /** The newest block. */
    head: () => ({ number, timestamp, hash: hash(0xb000 + number) }),
    token: (at: Address, symbol: string, decimals: number) =>
      insert(schema.token, {
        id: Id.token(chainId, at),
        chainId,
        address: at,
        symbol,
        name: `${symbol} coin`,
        decimals,
        isNative: at === NATIVE,
      }),
    pool: (poolId: bigint, token: Address, options: Partial<PoolRow> = {}) => {
      const pool = {
        ...place(),
        id: Id.pool(chainId, poolId),
        poolId,
        token,
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
      }
      pools.set(poolId, pool)
      insert(schema.pool, pool)
      open(poolId, 1n, 0n)
    },
    /** One entering call: an entry a number, then the contract's word on the pool. */
    enter: (
      poolId: bigint,
      player: Address,
      numbers: readonly number[],
      payer: Address = player,
    ) => {
      const { entryFee: amount, feeBps, token } = poolOf(poolId)
      const roundId = current(poolId)
      const feeAmount = Money.fee(amount, feeBps)
      for (const each of numbers) {
        const entryId = BigInt(entries.length + 1)
        const entry = {
          ...place(),
          id: Id.entry(chainId, entryId),
          poolId,
          roundId,
          entryId,
          player,
          payer,
          number: each,
          amount,
          feeAmount,
          paymentMethod: token === NATIVE ? ('NATIVE' as const) : ('ERC20' as const),
          paymentRef: hash(0),
        }
        entries.push(entry)
        insert(schema.entry, entry)
        const inRound = members.apply(member(poolId, roundId, player), (row) =>
          RoundPlayer.entryPlaced(row, entry),
        )
        const inPool = poolMembers.apply(
          PoolPlayer.zero({
            id: Id.poolPlayer(chainId, poolId, player),
            chainId,
            poolId,
            address: player,
          }),
          PoolPlayer.entryPlaced,
        )
        const isNewRound = inRound.entryCount === 1
        const isNewPool = inPool.entryCount === 1
        players.apply(playerOf(player), (row) =>
          Player.entryPlaced(row, { timestamp, isNewRound, isNewPool }),
        )
        flows.apply(flowsOf(player, token), (row) => PlayerToken.entryPlaced(row, entry))
        update(poolId, roundId, (row) =>
          Round.entryPlaced(row, { ...entry, isNewPlayer: isNewRound }),
        )
        updateStats(poolId, (row) =>
          PoolStats.entryPlaced(row, { ...entry, isNewPlayer: isNewPool }),
        )
      }
      const { prizePool, entryCount } = rounds.get(Id.round(chainId, poolId, roundId))
      insert(schema.prizePoolUpdated, {
        ...place(),
        poolId,
        roundId,
        prizePool,
        entryCount: BigInt(entryCount),
        reason: 0,
      })
    },
    close: (poolId: bigint) => {
      const roundId = current(poolId)
      const { entryCount, prizePool, feeAccrued } = rounds.get(Id.round(chainId, poolId, roundId))
      const of = { poolId, roundId }
      insert(schema.roundClosed, {
        ...place(),
        ...of,
        entryCount: BigInt(entryCount),
        prizePool,
        feeAccrued,
        closedBy: CREATOR,
      })
      insert(schema.randomnessRequested, {
        ...place(),
        ...of,
        requestId: roundId,
        coordinator: CREATOR,
        keyHash: hash(1),
        confirmations: 3,
      })
      update(poolId, roundId, (row) => Round.closed(row, { timestamp }))
    },
    /** Draws the round that is closed, pays up to `max` winners and opens the next round. */
    draw: (poolId: bigint, winningNumber: number, max = 1000, failing: readonly Address[] = []) => {
      const roundId = current(poolId)
      const of = { poolId, roundId }
      const { prizePool, feeAccrued } = rounds.get(Id.round(chainId, poolId, roundId))
      const winners = entriesOf(poolId, roundId).filter((entry) => entry.number === winningNumber)
      const prizePerEntry = winners.length === 0 ? 0n : prizePool / BigInt(winners.length)
      const drawn = {
        ...of,
        winningNumber,
        winningEntryCount: BigInt(winners.length),
        prizePool,
        prizePerEntry,
        carryOut: prizePool - prizePerEntry * BigInt(winners.length),
      }
      const fulfilled = {
        ...of,
        requestId: roundId,
        randomWord: BigInt(winningNumber - 1),
        winningNumber,
      }
      insert(schema.randomnessFulfilled, { ...place(), ...fulfilled })
      insert(schema.roundDrawn, { ...place(), ...drawn })
      update(poolId, roundId, (row) => Round.drawn(row, drawn))
      updateStats(poolId, (row) => PoolStats.roundDrawn(row, { ...drawn, feeAccrued, timestamp }))
      const fee = pay('FEE', poolId, roundId, {
        recipient: FEE_RECIPIENT,
        entryId: null,
        amount: feeAccrued,
        delivered: !failing.includes(FEE_RECIPIENT),
      })
      update(poolId, roundId, (row) => Round.feeCollected(row, fee))
      updateStats(poolId, (row) => PoolStats.feeCollected(row, fee))
      settle(poolId, roundId, max, failing)
      if (winners.length === 0) finalize(poolId, roundId, 'ROLLED_OVER')
      carry(poolId, roundId, drawn.carryOut, winners.length === 0 ? 'NO_WINNER' : 'DUST')
      open(poolId, roundId + 1n, drawn.carryOut)
    },
    cancel: (poolId: bigint, reason: Round.CancelReason) => {
      const roundId = current(poolId)
      const { entryCount, gross, carryIn, feeAccrued } = rounds.get(
        Id.round(chainId, poolId, roundId),
      )
      insert(schema.roundCancelled, {
        ...place(),
        poolId,
        roundId,
        reason,
        entryCount: BigInt(entryCount),
        refundable: gross,
      })
      update(poolId, roundId, (row) => Round.cancelled(row, { reason, timestamp }))
      updateStats(poolId, (row) => PoolStats.roundCancelled(row, { feeAccrued }))
      carry(poolId, roundId, carryIn, 'CANCELLED')
      if (entryCount === 0) finalize(poolId, roundId, 'CANCELLED')
      open(poolId, roundId + 1n, carryIn)
    },
    claim: (account: Address, token: Address) => {
      const id = Id.accountToken(chainId, account, token)
      const { credited, claimed } = credits.get(id)
      const claim = { ...place(), account, token, recipient: account, amount: credited - claimed }
      insert(schema.creditClaimed, claim)
      credits.apply(credits.get(id), (row) => Credit.claimed(row, claim))
    },
    /** Writes the facts since the last time, and the state as it is now. */
    save: async (tables: Tables) => {
      for (const each of inserts.splice(0)) await each(tables)
      await tables.upsert(schema.round, ...rounds.rows.values())
      await tables.upsert(schema.poolStats, ...stats.rows.values())
      await tables.upsert(schema.player, ...players.rows.values())
      await tables.upsert(schema.playerToken, ...flows.rows.values())
      await tables.upsert(schema.roundPlayer, ...members.rows.values())
      await tables.upsert(schema.poolPlayer, ...poolMembers.rows.values())
      await tables.upsert(schema.credit, ...credits.rows.values())
    },
  }
}
