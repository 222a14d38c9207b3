import type { ExportName } from '../../src/api/db/exportTables.ts'
import type { Operations } from '../support/operation.ts'

/** What the GraphQL lists say at the newest block, in the columns of the exported tables. */

type Row = Readonly<Record<string, unknown>>
type Lists = Readonly<Record<ExportName, readonly Row[]>>

interface Money {
  readonly raw: string
  readonly decimal: string
}

interface Tx {
  readonly chainId: number
  readonly hash: string
  readonly blockNumber: string
  readonly blockHash: string
  readonly logIndex: number
  readonly timestamp: number
}

interface Token {
  readonly address: string
  readonly symbol: string
  readonly decimals: number
}

interface OfRound {
  readonly roundId: string
  readonly status: string
  readonly winningNumber: number | null
  readonly pool: { readonly poolId: string; readonly token: Token }
}

// biome-ignore lint/suspicious/noExplicitAny: an answer of GraphQL, picked apart field by field
type Node = any

const TX = '{ chainId hash blockNumber blockHash logIndex timestamp }'
const MONEY = '{ raw decimal }'
const TOKEN = '{ address symbol decimals }'
const ROUND = `{ roundId status winningNumber pool { poolId token ${TOKEN} } }`

const QUERY = `{
  entries(first: 1000) { edges { node {
    id entryId player { address } payer number amount ${MONEY} feeAmount ${MONEY} paymentMethod status
    payout { amount ${MONEY} tx ${TX} } round ${ROUND} tx ${TX}
  } } }
  payouts(first: 1000) { edges { node {
    id kind recipient entry { entryId } amount ${MONEY} state round ${ROUND} tx ${TX} claimTx ${TX}
  } } }
  x402Payments(first: 1000) { edges { node {
    id token ${TOKEN} authorizer nonce amount ${MONEY} facilitator linkStatus player { address }
    round ${ROUND} tx ${TX}
  } } }
  rounds(first: 1000) { edges { node {
    id roundId status phase winningNumber winningEntryCount cancelReason opensAt closesAt entryCount uniquePlayers distinctNumbers
    carryIn ${MONEY} gross ${MONEY} feeAccrued ${MONEY} prizePool ${MONEY} carryOut ${MONEY} prizePerEntry ${MONEY}
    prizesPaid ${MONEY} prizesDelivered ${MONEY} refunded ${MONEY} feeCollected ${MONEY}
    pool { poolId token ${TOKEN} } openedTx ${TX} closedTx ${TX} drawnTx ${TX} finalizedTx ${TX}
  } } }
  pools(first: 1000) { edges { node {
    id chainId poolId name creator token ${TOKEN} entryFee ${MONEY} feeBps feeRecipient roundDuration minEntries maxEntries
    drawTimeout createdAt stats { roundCount drawnRounds settledRounds rolledOverRounds cancelledRounds }
  } } }
}`

const iso = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')

const place = (tx: Tx) => ({
  chain_id: tx.chainId,
  block_number: Number(tx.blockNumber),
  block_hash: tx.blockHash,
  log_index: tx.logIndex,
  transaction_hash: tx.hash,
  timestamp: tx.timestamp,
  timestamp_iso: iso(tx.timestamp),
})

const money = (name: string, amount: Money | null) => ({
  [name]: amount?.raw ?? null,
  [`${name}_tokens`]: amount?.decimal ?? null,
})

const token = ({ address, symbol, decimals }: Token) => ({
  token: address,
  token_symbol: symbol,
  token_decimals: decimals,
})

const ofRound = ({ roundId, pool }: OfRound) => ({ pool_id: pool.poolId, round_id: roundId })

const idOf = ({ id }: Node) => String(id).replace(/^\w+:/, '')

const entry = (node: Node): Row => ({
  id: idOf(node),
  ...place(node.tx),
  ...ofRound(node.round),
  entry_id: node.entryId,
  player: node.player.address,
  payer: node.payer,
  number: node.number,
  ...token(node.round.pool.token),
  ...money('amount', node.amount),
  ...money('fee_amount', node.feeAmount),
  payment_method: node.paymentMethod,
  round_status: node.round.status,
  winning_number: node.round.winningNumber,
  status: node.status,
  ...money('payout', node.payout?.amount ?? null),
  payout_block_number: node.payout === null ? null : Number(node.payout.tx.blockNumber),
})

const payout = (node: Node): Row => ({
  id: idOf(node),
  ...place(node.tx),
  ...ofRound(node.round),
  kind: node.kind,
  recipient: node.recipient,
  entry_id: node.entry?.entryId ?? null,
  ...token(node.round.pool.token),
  ...money('amount', node.amount),
  is_delivered: node.state === 'DELIVERED',
  state: node.state,
  claim_block_number: node.claimTx === null ? null : Number(node.claimTx.blockNumber),
  claim_timestamp: node.claimTx?.timestamp ?? null,
  claim_timestamp_iso: node.claimTx === null ? null : iso(node.claimTx.timestamp),
  claim_transaction_hash: node.claimTx?.hash ?? null,
})

const payment = (node: Node): Row => ({
  id: idOf(node),
  ...place(node.tx),
  ...token(node.token),
  authorizer: node.authorizer,
  nonce: node.nonce,
  ...money('amount', node.amount),
  facilitator: node.facilitator,
  link_status: ['PENDING', 'ORPHAN'].includes(node.linkStatus) ? 'UNLINKED' : node.linkStatus,
  ...(node.round === null ? { pool_id: null, round_id: null } : ofRound(node.round)),
  player: node.player?.address ?? null,
})

const round = (node: Node): Row => ({
  id: idOf(node),
  ...place(node.openedTx),
  ...ofRound(node),
  status: node.status,
  is_finalized: node.phase === 'FINAL',
  cancel_reason: node.cancelReason,
  opens_at: node.opensAt,
  opens_at_iso: iso(node.opensAt),
  closes_at: node.closesAt,
  drawn_at: node.drawnTx?.timestamp ?? null,
  finalized_at: node.finalizedTx?.timestamp ?? null,
  entry_count: node.entryCount,
  unique_players: node.uniquePlayers,
  distinct_numbers: node.distinctNumbers,
  winning_number: node.winningNumber,
  winning_entry_count: node.winningEntryCount,
  ...token(node.pool.token),
  ...money('carry_in', node.carryIn),
  ...money('gross', node.gross),
  ...money('fee_accrued', node.feeAccrued),
  ...money('prize_pool', node.prizePool),
  ...money('carry_out', node.carryOut),
  ...money('prize_per_entry', node.prizePerEntry),
  ...money('prizes_paid', node.prizesPaid),
  ...money('prizes_delivered', node.prizesDelivered),
  ...money('refunded', node.refunded),
  ...money('fee_collected', node.feeCollected),
})

const pool = (node: Node): Row => ({
  id: idOf(node),
  chain_id: node.chainId,
  timestamp: node.createdAt,
  pool_id: node.poolId,
  name: node.name,
  creator: node.creator,
  ...token(node.token),
  ...money('entry_fee', node.entryFee),
  fee_bps: node.feeBps,
  fee_recipient: node.feeRecipient,
  round_duration: node.roundDuration,
  min_entries: node.minEntries,
  max_entries: node.maxEntries,
  draw_timeout: node.drawTimeout,
  round_count: node.stats.roundCount,
  drawn_rounds: node.stats.drawnRounds,
  settled_rounds: node.stats.settledRounds,
  rolled_over_rounds: node.stats.rolledOverRounds,
  cancelled_rounds: node.stats.cancelledRounds,
})

export const byId = (rows: readonly Row[]) =>
  [...rows].sort((a, b) => String(a.id).localeCompare(String(b.id)))

export const readLists = async (operations: Operations): Promise<Lists> => {
  const data: Node = await operations.ask(QUERY)
  const rows = (list: string, map: (node: Node) => Row) =>
    data[list].edges.map(({ node }: Node) => map(node))
  return {
    entries: rows('entries', entry),
    payouts: rows('payouts', payout),
    payments: rows('x402Payments', payment),
    rounds: rows('rounds', round),
    pools: rows('pools', pool),
  }
}
