/**
 * THE schema. What is stored, and why it is stored this way.
 *
 * - Two kinds of tables. *Facts* repeat one event of the chain, append-only, one table per event; *state* tables (round,
 *   poolStats, poolNumber, poolHour, playerToken, poolPlayer, roundPlayer, credit) follow from the facts by the pure rules of
 *   src/domain. Everything else the API shows is derived when it is read.
 * - An entry writes eight rows: entry, roundPlayer, poolPlayer, playerToken, poolNumber, and block, round, poolHour, which it
 *   shares with its neighbours. Hence: poolStats holds only what rounds that are over left behind, and the round that is not
 *   over is added when it is read; a player is the sum of its playerTokens; days and weeks are sums of hours.
 * - Exact uniques without a row per member and day: a member's row knows the time of its last entry, so its next entry tells
 *   whether it is the first of its hour, day or week, and the hour counts it.
 * - Ids are text and begin with the chain: pool `chain-poolId`, round `chain-poolId-roundId`, entry `chain-entryId`, any other
 *   fact `chain-block-logIndex`. Their parts are columns of their own; no id is ever parsed. Joins use the parts.
 * - Money is in base units of its token, never a float: as an event says it in numeric(78,0) (`t.bigint()`), which holds any uint256,
 *   and added up in numeric without a limit (`sum`). Addresses are lower-case.
 * - Each fact carries its place on the chain (`place`): transaction, log index, block number, block hash, block time (seconds).
 * - A primary key never follows from a transaction hash alone: one transaction may hold many entries and payments.
 * - `block` holds each block that has a fact and each live block, and is reverted together with the facts, so the newest
 *   row is the head that the rows of the same snapshot belong to.
 * - Ponder adds a trigger and a journal row per written row: few, narrow rows; two or three indexes on what events touch.
 *
 * Ponder hashes this file alone into its build id, not what it imports: keep the schema in one file.
 */
import { index, onchainEnum, onchainTable, type PgColumnsBuilders } from 'ponder'

/** Fits a `uint32` of the contract, which an integer does not. */
const uint32 = (t: PgColumnsBuilders) => t.int8({ mode: 'number' })

/** What adds up amounts or ids of events. Each of them may be as large as 78 digits, and the sum larger. */
const sum = (t: PgColumnsBuilders) => t.numeric({ mode: 'bigint' })

/** Where a fact stands on the chain. `timestamp` is the block's, in seconds. */
const place = (t: PgColumnsBuilders) => ({
  chainId: t.integer().notNull(),
  blockNumber: t.int8({ mode: 'number' }).notNull(),
  logIndex: t.integer().notNull(),
  blockHash: t.hex().notNull(),
  transactionHash: t.hex().notNull(),
  timestamp: t.int8({ mode: 'number' }).notNull(),
})

/** The round a fact belongs to, by the parts of the round's id. */
const ofRound = (t: PgColumnsBuilders) => ({
  poolId: t.bigint().notNull(),
  roundId: t.bigint().notNull(),
})

// Blocks: the head, and the hash that every fact's block must have.

export const block = onchainTable(
  'block',
  (t) => ({
    id: t.text().primaryKey(),
    chainId: t.integer().notNull(),
    number: t.int8({ mode: 'number' }).notNull(),
    hash: t.hex().notNull(),
    parentHash: t.hex().notNull(),
    timestamp: t.int8({ mode: 'number' }).notNull(),
  }),
  (table) => ({
    byNumber: index('block_by_number').on(table.chainId, table.number),
    byTimestamp: index('block_by_timestamp').on(table.chainId, table.timestamp),
  }),
)

// Tokens: the zero address is the chain's native coin.

/**
 * Where symbol and name come from: the state of the block with the token's first pool, the newest state when the node had that one no
 * longer, the deployment (for the native coin), or nowhere.
 */
export const tokenTextSource = onchainEnum('token_text_source', [
  'BLOCK',
  'LATEST',
  'CONFIGURATION',
  'UNKNOWN',
])

export const token = onchainTable('token', (t) => ({
  id: t.text().primaryKey(),
  chainId: t.integer().notNull(),
  address: t.hex().notNull(),
  symbol: t.text().notNull(),
  name: t.text().notNull(),
  textSource: tokenTextSource().notNull(),
  decimals: t.integer().notNull(),
  isNative: t.boolean().notNull(),
}))

// Pools: the event PoolCreated, whose configuration never changes.

export const pool = onchainTable(
  'pool',
  (t) => ({
    id: t.text().primaryKey(),
    ...place(t),
    poolId: t.bigint().notNull(),
    token: t.hex().notNull(),
    creator: t.hex().notNull(),
    entryFee: t.bigint().notNull(),
    feeBps: t.integer().notNull(),
    feeRecipient: t.hex().notNull(),
    roundDuration: uint32(t).notNull(),
    minEntries: uint32(t).notNull(),
    maxEntries: uint32(t).notNull(),
    drawTimeout: uint32(t).notNull(),
    name: t.text().notNull(),
  }),
  (table) => ({ byPoolId: index('pool_by_pool_id').on(table.chainId, table.poolId) }),
)

/**
 * What the rounds of a pool that are no longer OPEN or DRAWING add up to, and payments of any round. The one round that is
 * OPEN or DRAWING is added when it is read, so an entry does not write here. All money in the pool's token.
 */
export const poolStats = onchainTable('pool_stats', (t) => ({
  id: t.text().primaryKey(),
  chainId: t.integer().notNull(),
  poolId: t.bigint().notNull(),
  /** The newest round's id; rounds of a pool are numbered from 1 without gaps. */
  currentRoundId: t.bigint().notNull(),
  roundCount: t.integer().notNull(),
  entryCount: t.integer().notNull(),
  uniquePlayers: t.integer().notNull(),
  wagered: sum(t).notNull(),
  contributed: sum(t).notNull(),
  drawnRounds: t.integer().notNull(),
  settledRounds: t.integer().notNull(),
  rolledOverRounds: t.integer().notNull(),
  cancelledRounds: t.integer().notNull(),
  rolloverStreak: t.integer().notNull(),
  feesCollected: sum(t).notNull(),
  prizesWon: sum(t).notNull(),
  prizesDelivered: sum(t).notNull(),
  refunded: sum(t).notNull(),
  /** Prizes and refunds of rounds that are over and not sent yet. */
  owed: sum(t).notNull(),
  biggestPrize: sum(t),
  biggestPrizeRoundId: t.bigint(),
  biggestPrizePlayer: t.hex(),
  lastWinningNumber: t.integer(),
  lastDrawAt: t.int8({ mode: 'number' }),
}))

/** One number in one pool, over all rounds. */
export const poolNumber = onchainTable('pool_number', (t) => ({
  id: t.text().primaryKey(),
  chainId: t.integer().notNull(),
  poolId: t.bigint().notNull(),
  number: t.integer().notNull(),
  entryCount: t.integer().notNull(),
  wagered: sum(t).notNull(),
  timesDrawn: t.integer().notNull(),
  timesHit: t.integer().notNull(),
  prizesWon: sum(t).notNull(),
  /** Which of the pool's draws, counted from 1, it came up in last; null if it never did. */
  lastDraw: t.integer(),
  /** The most draws between two times it came up. */
  longestGap: t.integer().notNull(),
  /** The newest round with an entry on it, how many entries, and the sum of their ids: what the draw has to agree with. */
  roundId: t.bigint().notNull(),
  roundEntryCount: t.integer().notNull(),
  roundEntryIdSum: sum(t).notNull(),
}))

/** What one UTC hour brought to a pool, each flow dated by its own log. */
export const poolHour = onchainTable(
  'pool_hour',
  (t) => ({
    id: t.text().primaryKey(),
    chainId: t.integer().notNull(),
    poolId: t.bigint().notNull(),
    /** Hours since the epoch. */
    hour: t.integer().notNull(),
    entryCount: t.integer().notNull(),
    wagered: sum(t).notNull(),
    fees: sum(t).notNull(),
    prizes: sum(t).notNull(),
    refunds: sum(t).notNull(),
    x402Count: t.integer().notNull(),
    x402Amount: sum(t).notNull(),
    roundsDrawn: t.integer().notNull(),
    rollovers: t.integer().notNull(),
    /** Players whose first entry in the pool, and whose first of the hour, the UTC day and the week lies in this hour. */
    newPlayers: t.integer().notNull(),
    hourPlayers: t.integer().notNull(),
    dayPlayers: t.integer().notNull(),
    weekPlayers: t.integer().notNull(),
    /** The same among all pools of the token. The sum over the token's pools is exact. */
    tokenNewPlayers: t.integer().notNull(),
    tokenHourPlayers: t.integer().notNull(),
    tokenDayPlayers: t.integer().notNull(),
    tokenWeekPlayers: t.integer().notNull(),
    /** The greatest and the last prize pool that an event of the hour left; null when none changed it. */
    prizePoolHigh: sum(t),
    prizePoolClose: sum(t),
  }),
  (table) => ({ byHour: index('pool_hour_by_hour').on(table.chainId, table.poolId, table.hour) }),
)

// Rounds.

export const roundStatus = onchainEnum('round_status', [
  'OPEN',
  'DRAWING',
  'DRAWN',
  'SETTLED',
  'ROLLED_OVER',
  'CANCELLED',
])
export const cancelReason = onchainEnum('cancel_reason', [
  'NO_ENTRIES',
  'BELOW_MINIMUM',
  'DRAW_TIMEOUT',
])

export const round = onchainTable(
  'round',
  (t) => ({
    id: t.text().primaryKey(),
    chainId: t.integer().notNull(),
    ...ofRound(t),
    status: roundStatus().notNull(),
    isFinalized: t.boolean().notNull(),
    opensAt: t.int8({ mode: 'number' }).notNull(),
    closesAt: t.int8({ mode: 'number' }).notNull(),
    /** Block time of the event that ended OPEN, and of the randomness request; null before. */
    closedAt: t.int8({ mode: 'number' }),
    carryIn: t.bigint().notNull(),
    gross: sum(t).notNull(),
    feeAccrued: sum(t).notNull(),
    prizePool: sum(t).notNull(),
    carryOut: t.bigint(),
    feeCollected: sum(t).notNull(),
    prizesPaid: sum(t).notNull(),
    prizesDelivered: sum(t).notNull(),
    refunded: sum(t).notNull(),
    entryCount: t.integer().notNull(),
    uniquePlayers: t.integer().notNull(),
    /** Players whose first entry in the pool is one of this round's. */
    newPlayers: t.integer().notNull(),
    distinctNumbers: t.integer().notNull(),
    winningNumber: t.integer(),
    winningEntryCount: t.integer(),
    prizePerEntry: t.bigint(),
    paidEntries: t.integer().notNull(),
    refundedEntries: t.integer().notNull(),
    cancelReason: cancelReason(),
    /** What RandomnessRequested and RandomnessFulfilled said, and PrizeCarried: later events have to agree with it. */
    requestId: t.bigint(),
    fulfilledNumber: t.integer(),
    carried: sum(t).notNull(),
    /** Sums of entry ids: of all entries, of those on the winning number, of those paid or refunded. */
    entryIdSum: sum(t).notNull(),
    winningEntryIdSum: sum(t).notNull(),
    paidEntryIdSum: sum(t).notNull(),
    /** Entries since the last PrizePoolUpdated, and of them those by x402 without their payment yet. */
    callEntries: t.integer().notNull(),
    callX402Entries: t.integer().notNull(),
    /** Of the newest call: the one that entered, closed, drew, cancelled or paid. */
    callTransaction: t.hex(),
  }),
  (table) => ({
    byPool: index('round_by_pool').on(table.chainId, table.poolId, table.roundId),
    /** Few rounds are not final, however many there were. */
    byFinal: index('round_by_final').on(table.isFinalized, table.status),
  }),
)

export const roundOpened = onchainTable(
  'round_opened',
  (t) => ({
    id: t.text().primaryKey(),
    ...place(t),
    ...ofRound(t),
    opensAt: t.int8({ mode: 'number' }).notNull(),
    closesAt: t.int8({ mode: 'number' }).notNull(),
    carryIn: t.bigint().notNull(),
  }),
  (table) => ({
    byRound: index('round_opened_by_round').on(table.chainId, table.poolId, table.roundId),
    byPlace: index('round_opened_by_place').on(table.chainId, table.blockNumber, table.logIndex),
  }),
)

export const roundClosed = onchainTable(
  'round_closed',
  (t) => ({
    id: t.text().primaryKey(),
    ...place(t),
    ...ofRound(t),
    entryCount: t.bigint().notNull(),
    prizePool: t.bigint().notNull(),
    feeAccrued: t.bigint().notNull(),
    closedBy: t.hex().notNull(),
  }),
  (table) => ({
    byRound: index('round_closed_by_round').on(table.chainId, table.poolId, table.roundId),
    byPlace: index('round_closed_by_place').on(table.chainId, table.blockNumber, table.logIndex),
    byTransaction: index('round_closed_by_transaction').on(table.transactionHash),
  }),
)

export const roundDrawn = onchainTable(
  'round_drawn',
  (t) => ({
    id: t.text().primaryKey(),
    ...place(t),
    ...ofRound(t),
    winningNumber: t.integer().notNull(),
    winningEntryCount: t.bigint().notNull(),
    prizePool: t.bigint().notNull(),
    prizePerEntry: t.bigint().notNull(),
    carryOut: t.bigint().notNull(),
  }),
  (table) => ({
    byRound: index('round_drawn_by_round').on(table.chainId, table.poolId, table.roundId),
    byPlace: index('round_drawn_by_place').on(table.chainId, table.blockNumber, table.logIndex),
  }),
)

export const roundCancelled = onchainTable(
  'round_cancelled',
  (t) => ({
    id: t.text().primaryKey(),
    ...place(t),
    ...ofRound(t),
    reason: cancelReason().notNull(),
    entryCount: t.bigint().notNull(),
    refundable: t.bigint().notNull(),
  }),
  (table) => ({
    byRound: index('round_cancelled_by_round').on(table.chainId, table.poolId, table.roundId),
    byPlace: index('round_cancelled_by_place').on(table.chainId, table.blockNumber, table.logIndex),
    byTransaction: index('round_cancelled_by_transaction').on(table.transactionHash),
  }),
)

export const roundOutcome = onchainEnum('round_outcome', ['SETTLED', 'ROLLED_OVER', 'CANCELLED'])

export const roundFinalized = onchainTable(
  'round_finalized',
  (t) => ({
    id: t.text().primaryKey(),
    ...place(t),
    ...ofRound(t),
    outcome: roundOutcome().notNull(),
    prizesTotal: t.bigint().notNull(),
    refundsTotal: t.bigint().notNull(),
    feeTotal: t.bigint().notNull(),
    carryOut: t.bigint().notNull(),
  }),
  (table) => ({
    byRound: index('round_finalized_by_round').on(table.chainId, table.poolId, table.roundId),
    byPlace: index('round_finalized_by_place').on(table.chainId, table.blockNumber, table.logIndex),
  }),
)

export const carryReason = onchainEnum('carry_reason', ['NO_WINNER', 'DUST', 'CANCELLED'])

/** `roundId` is the round the money leaves, `toRoundId` the one it enters. */
export const prizeCarried = onchainTable(
  'prize_carried',
  (t) => ({
    id: t.text().primaryKey(),
    ...place(t),
    ...ofRound(t),
    toRoundId: t.bigint().notNull(),
    amount: t.bigint().notNull(),
    reason: carryReason().notNull(),
  }),
  (table) => ({
    byRound: index('prize_carried_by_round').on(table.chainId, table.poolId, table.roundId),
    byPlace: index('prize_carried_by_place').on(table.chainId, table.blockNumber, table.logIndex),
  }),
)

/** The contract's own word on the pool after each entering call: absolute values, not differences. */
export const prizePoolUpdated = onchainTable(
  'prize_pool_updated',
  (t) => ({
    id: t.text().primaryKey(),
    ...place(t),
    ...ofRound(t),
    prizePool: t.bigint().notNull(),
    entryCount: t.bigint().notNull(),
    reason: t.integer().notNull(),
  }),
  (table) => ({
    byRound: index('prize_pool_updated_by_round').on(
      table.chainId,
      table.poolId,
      table.roundId,
      table.blockNumber,
      table.logIndex,
    ),
  }),
)

// Entries: the event EntryPlaced.

export const paymentMethod = onchainEnum('payment_method', [
  'NATIVE',
  'ERC20',
  'X402_DIRECT',
  'X402_GATEWAY',
])

export const entry = onchainTable(
  'entry',
  (t) => ({
    id: t.text().primaryKey(),
    ...place(t),
    ...ofRound(t),
    entryId: t.bigint().notNull(),
    /** Whose entry it is (the beneficiary), and who paid for it. */
    player: t.hex().notNull(),
    payer: t.hex().notNull(),
    number: t.integer().notNull(),
    amount: t.bigint().notNull(),
    feeAmount: t.bigint().notNull(),
    paymentMethod: paymentMethod().notNull(),
    /** The EIP-3009 nonce or the gateway's reference; zero for plain payments. */
    paymentRef: t.hex().notNull(),
  }),
  (table) => ({
    byRound: index('entry_by_round').on(
      table.chainId,
      table.poolId,
      table.roundId,
      table.blockNumber,
      table.logIndex,
    ),
    byPlayer: index('entry_by_player').on(
      table.player,
      table.chainId,
      table.blockNumber,
      table.logIndex,
    ),
    byPlace: index('entry_by_place').on(table.chainId, table.blockNumber, table.logIndex),
    byTransaction: index('entry_by_transaction').on(table.transactionHash),
  }),
)

// Payouts: PrizePaid, EntryRefunded and ProtocolFeeCollected.

export const payoutKind = onchainEnum('payout_kind', ['PRIZE', 'REFUND', 'FEE'])

export const payout = onchainTable(
  'payout',
  (t) => ({
    id: t.text().primaryKey(),
    ...place(t),
    ...ofRound(t),
    kind: payoutKind().notNull(),
    recipient: t.hex().notNull(),
    /** Null for a FEE, which belongs to no entry. */
    entryId: t.bigint(),
    token: t.hex().notNull(),
    amount: t.bigint().notNull(),
    /** False: the push failed and the amount became a credit of the recipient's. */
    delivered: t.boolean().notNull(),
  }),
  (table) => ({
    byRound: index('payout_by_round').on(
      table.chainId,
      table.poolId,
      table.roundId,
      table.blockNumber,
      table.logIndex,
    ),
    byEntry: index('payout_by_entry').on(table.chainId, table.entryId),
    byRecipient: index('payout_by_recipient').on(
      table.recipient,
      table.chainId,
      table.blockNumber,
      table.logIndex,
    ),
    byPlace: index('payout_by_place').on(table.chainId, table.blockNumber, table.logIndex),
    byTransaction: index('payout_by_transaction').on(table.transactionHash),
  }),
)

/** Takes the account's whole credit in the token: every undelivered payout before it is claimed by it. */
export const creditClaimed = onchainTable(
  'credit_claimed',
  (t) => ({
    id: t.text().primaryKey(),
    ...place(t),
    account: t.hex().notNull(),
    token: t.hex().notNull(),
    recipient: t.hex().notNull(),
    amount: t.bigint().notNull(),
  }),
  (table) => ({
    byAccount: index('credit_claimed_by_account').on(
      table.account,
      table.chainId,
      table.token,
      table.blockNumber,
      table.logIndex,
    ),
    byPlace: index('credit_claimed_by_place').on(table.chainId, table.blockNumber, table.logIndex),
    byTransaction: index('credit_claimed_by_transaction').on(table.transactionHash),
  }),
)

/** What failed pushes left to an account in one token, and what it has claimed of it. */
export const credit = onchainTable('credit', (t) => ({
  id: t.text().primaryKey(),
  chainId: t.integer().notNull(),
  account: t.hex().notNull(),
  token: t.hex().notNull(),
  credited: sum(t).notNull(),
  claimed: sum(t).notNull(),
}))

// Players: one address on one chain, whose row is the sum over its tokens.

/** One player in one token: flows dated by their own log, and counters over the token's pools. */
export const playerToken = onchainTable(
  'player_token',
  (t) => ({
    id: t.text().primaryKey(),
    chainId: t.integer().notNull(),
    address: t.hex().notNull(),
    token: t.hex().notNull(),
    firstSeenAt: t.int8({ mode: 'number' }).notNull(),
    /** The newest entry, prize or refund. */
    lastSeenAt: t.int8({ mode: 'number' }).notNull(),
    /** The newest entry; its next one tells by it whether it is the first of its hour, day, week. */
    lastEntryAt: t.int8({ mode: 'number' }).notNull(),
    entryCount: t.integer().notNull(),
    poolsEntered: t.integer().notNull(),
    roundsEntered: t.integer().notNull(),
    roundsWon: t.integer().notNull(),
    /** Winning entries paid so far. */
    winningEntries: t.integer().notNull(),
    wagered: sum(t).notNull(),
    won: sum(t).notNull(),
    refunded: sum(t).notNull(),
    feesPaid: sum(t).notNull(),
    /** The largest sum taken from one round, which may grow over several payouts. */
    biggestWin: sum(t).notNull(),
    biggestWinPoolId: t.bigint(),
    biggestWinRoundId: t.bigint(),
  }),
  (table) => ({
    byAddress: index('player_token_by_address').on(table.address, table.chainId),
    byToken: index('player_token_by_token').on(table.chainId, table.token, table.address),
  }),
)

/** One player in one pool. */
export const poolPlayer = onchainTable(
  'pool_player',
  (t) => ({
    id: t.text().primaryKey(),
    chainId: t.integer().notNull(),
    poolId: t.bigint().notNull(),
    address: t.hex().notNull(),
    lastEntryAt: t.int8({ mode: 'number' }).notNull(),
    entryCount: t.integer().notNull(),
    roundsWon: t.integer().notNull(),
    wagered: sum(t).notNull(),
    won: sum(t).notNull(),
    refunded: sum(t).notNull(),
    biggestWin: sum(t).notNull(),
  }),
  (table) => ({
    byPool: index('pool_player_by_pool').on(table.chainId, table.poolId, table.address),
  }),
)

/** Membership of a player in a round: exact uniques, stakes and winnings of that round. */
export const roundPlayer = onchainTable(
  'round_player',
  (t) => ({
    id: t.text().primaryKey(),
    chainId: t.integer().notNull(),
    ...ofRound(t),
    address: t.hex().notNull(),
    entryCount: t.integer().notNull(),
    /** Winning entries paid so far; a prize may floor to 0, so `won` cannot tell. */
    winningEntries: t.integer().notNull(),
    wagered: sum(t).notNull(),
    won: sum(t).notNull(),
    refunded: sum(t).notNull(),
  }),
  (table) => ({
    byAddress: index('round_player_by_address').on(table.address, table.chainId),
    byRound: index('round_player_by_round').on(table.chainId, table.poolId, table.roundId),
  }),
)

// x402: the game's word, and the token's own logs beside it.

export const x402PaymentSettled = onchainTable(
  'x402_payment_settled',
  (t) => ({
    id: t.text().primaryKey(),
    ...place(t),
    ...ofRound(t),
    payer: t.hex().notNull(),
    nonce: t.hex().notNull(),
    player: t.hex().notNull(),
    token: t.hex().notNull(),
    facilitator: t.hex().notNull(),
    amount: t.bigint().notNull(),
    firstEntryId: t.bigint().notNull(),
    entryCount: t.bigint().notNull(),
    /** From the transaction's calldata: with it the nonce can be computed again. Null when it is not found there. */
    salt: t.hex(),
  }),
  (table) => ({
    byNonce: index('x402_payment_settled_by_nonce').on(table.nonce),
    byPlace: index('x402_payment_settled_by_place').on(
      table.chainId,
      table.blockNumber,
      table.logIndex,
    ),
  }),
)

export const authorizationKind = onchainEnum('authorization_kind', ['USED', 'CANCELED'])

/** AuthorizationUsed and AuthorizationCanceled: either burns the nonce. */
export const tokenAuthorization = onchainTable(
  'token_authorization',
  (t) => ({
    id: t.text().primaryKey(),
    ...place(t),
    token: t.hex().notNull(),
    kind: authorizationKind().notNull(),
    authorizer: t.hex().notNull(),
    nonce: t.hex().notNull(),
    /** Sender of the transaction: the facilitator of a payment. */
    sender: t.hex().notNull(),
  }),
  (table) => ({
    byNonce: index('token_authorization_by_nonce').on(table.nonce),
    byPlace: index('token_authorization_by_place').on(
      table.chainId,
      table.blockNumber,
      table.logIndex,
    ),
    byTransaction: index('token_authorization_by_transaction').on(table.transactionHash),
  }),
)

/** ERC-20 transfers to or from the game. */
export const tokenTransfer = onchainTable(
  'token_transfer',
  (t) => ({
    id: t.text().primaryKey(),
    ...place(t),
    token: t.hex().notNull(),
    sender: t.hex().notNull(),
    recipient: t.hex().notNull(),
    value: t.bigint().notNull(),
  }),
  (table) => ({ byTransaction: index('token_transfer_by_transaction').on(table.transactionHash) }),
)

// Randomness: the game's logs, and the coordinator's.

export const randomnessRequested = onchainTable(
  'randomness_requested',
  (t) => ({
    id: t.text().primaryKey(),
    ...place(t),
    ...ofRound(t),
    requestId: t.bigint().notNull(),
    coordinator: t.hex().notNull(),
    keyHash: t.hex().notNull(),
    confirmations: t.integer().notNull(),
  }),
  (table) => ({
    byRound: index('randomness_requested_by_round').on(table.chainId, table.poolId, table.roundId),
    byPlace: index('randomness_requested_by_place').on(
      table.chainId,
      table.blockNumber,
      table.logIndex,
    ),
  }),
)

export const randomnessFulfilled = onchainTable(
  'randomness_fulfilled',
  (t) => ({
    id: t.text().primaryKey(),
    ...place(t),
    ...ofRound(t),
    requestId: t.bigint().notNull(),
    randomWord: t.bigint().notNull(),
    winningNumber: t.integer().notNull(),
  }),
  (table) => ({
    byRound: index('randomness_fulfilled_by_round').on(table.chainId, table.poolId, table.roundId),
    byTransaction: index('randomness_fulfilled_by_transaction').on(table.transactionHash),
  }),
)

export const randomWordsRequested = onchainTable(
  'random_words_requested',
  (t) => ({
    id: t.text().primaryKey(),
    ...place(t),
    coordinator: t.hex().notNull(),
    keyHash: t.hex().notNull(),
    requestId: t.bigint().notNull(),
    preSeed: t.bigint().notNull(),
    subId: t.bigint().notNull(),
    minimumRequestConfirmations: t.integer().notNull(),
    callbackGasLimit: t.int8({ mode: 'number' }).notNull(),
    numWords: t.int8({ mode: 'number' }).notNull(),
    sender: t.hex().notNull(),
  }),
  (table) => ({
    byRequest: index('random_words_requested_by_request').on(table.chainId, table.requestId),
  }),
)

export const randomWordsFulfilled = onchainTable(
  'random_words_fulfilled',
  (t) => ({
    id: t.text().primaryKey(),
    ...place(t),
    coordinator: t.hex().notNull(),
    requestId: t.bigint().notNull(),
    outputSeed: t.bigint().notNull(),
    subId: t.bigint().notNull(),
    payment: t.bigint().notNull(),
    /** False: the callback failed, and the round has no word. */
    success: t.boolean().notNull(),
    /** The proof in the transaction's calldata, ABI-encoded; null when there is none, as with a mock. */
    proof: t.hex(),
  }),
  (table) => ({
    byRequest: index('random_words_fulfilled_by_request').on(table.chainId, table.requestId),
  }),
)

// Trust: what did not hold when it passed.

/** An invariant of the game that an event broke, at the event's place. None is the normal state. */
export const integrityIssue = onchainTable('integrity_issue', (t) => ({
  id: t.text().primaryKey(),
  ...place(t),
  invariant: t.text().notNull(),
  /** What it is about: a round, an entry, an account. */
  scope: t.text().notNull(),
  expected: t.text().notNull(),
  actual: t.text().notNull(),
}))
