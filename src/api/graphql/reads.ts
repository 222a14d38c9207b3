import type { FieldNode, GraphQLResolveInfo } from 'graphql'
import type { EntryRow } from '../db/entry.ts'
import type { Place } from '../db/place.ts'
import type { RoundRow } from '../db/round.ts'
import { fieldsBelow } from './selection.ts'

/**
 * What the fields of a type read of their row, or the fields below one that passes its row on. A page of rows whose fields are all here is read
 * without the other columns. A field that is not here reads what it likes.
 */
export interface Reads<Row> {
  readonly [field: string]: readonly (keyof Row & string)[] | Reads<Row>
}

const OF_POOL = ['chainId', 'poolId'] as const
const OF_ROUND = ['chainId', 'poolId', 'roundId'] as const

const place = {
  chainId: ['chainId'],
  hash: ['transactionHash'],
  blockNumber: ['blockNumber'],
  blockHash: ['blockHash'],
  logIndex: ['logIndex'],
  timestamp: ['timestamp'],
  explorerUrl: ['chainId', 'transactionHash'],
} satisfies Reads<Place>

export const entryReads: Reads<EntryRow> = {
  id: ['id'],
  entryId: ['entryId'],
  pool: OF_POOL,
  round: OF_ROUND,
  player: ['chainId', 'player'],
  payer: ['payer'],
  number: ['number'],
  amount: [...OF_POOL, 'amount'],
  feeAmount: [...OF_POOL, 'feeAmount'],
  paymentMethod: ['paymentMethod'],
  tx: place,
  finality: ['chainId', 'blockNumber'],
}

export const roundReads: Reads<RoundRow> = {
  id: ['id'],
  pool: OF_POOL,
  roundId: ['roundId'],
  status: ['status'],
  opensAt: ['opensAt'],
  closesAt: ['closesAt'],
  carryIn: [...OF_POOL, 'carryIn'],
  gross: [...OF_POOL, 'gross'],
  feeAccrued: [...OF_POOL, 'feeAccrued'],
  prizePool: [...OF_POOL, 'prizePool'],
  carryOut: [...OF_POOL, 'carryOut'],
  feeCollected: [...OF_POOL, 'feeCollected'],
  prizesPaid: [...OF_POOL, 'prizesPaid'],
  prizesDelivered: [...OF_POOL, 'prizesDelivered'],
  refunded: [...OF_POOL, 'refunded'],
  entryCount: ['entryCount'],
  uniquePlayers: ['uniquePlayers'],
  distinctNumbers: ['distinctNumbers'],
  winningNumber: ['winningNumber'],
  winningEntryCount: ['winningEntryCount'],
  prizePerEntry: [...OF_POOL, 'prizePerEntry'],
  payoutsPending: ['winningEntryCount', 'paidEntries'],
  refundsPending: ['status', 'entryCount', 'refundedEntries'],
  cancelReason: ['cancelReason'],
  coverageBps: ['distinctNumbers'],
  entries: OF_ROUND,
  payouts: OF_ROUND,
}

/** Undefined when a field is not known. */
const columnsOf = <Row>(
  fields: readonly FieldNode[],
  reads: Reads<Row>,
  fragments: GraphQLResolveInfo['fragments'],
): readonly string[] | undefined => {
  const found: string[] = []
  for (const field of fields) {
    if (field.name.value === '__typename') continue
    const read = reads[field.name.value]
    const columns =
      read === undefined || Array.isArray(read)
        ? read
        : columnsOf(fieldsBelow([field], fragments), read as Reads<Row>, fragments)
    if (columns === undefined) return undefined
    found.push(...(columns as readonly string[]))
  }
  return found
}

/** Documents are kept, so the same selection comes again and again. */
const known = new WeakMap<FieldNode, { readonly columns: readonly string[] | undefined }>()

/** The columns that the rows of a list need for what is asked of them, in order; undefined when that is not known. */
export const columnsOfPage = <Row>(
  { fieldNodes, fragments }: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>,
  reads: Reads<Row>,
): readonly string[] | undefined => {
  const [first] = fieldNodes
  const kept = first && fieldNodes.length === 1 ? known.get(first) : undefined
  if (kept !== undefined) return kept.columns
  const named = (name: string) => (field: FieldNode) => field.name.value === name
  const edges = fieldsBelow(fieldNodes, fragments).filter(named('edges'))
  const nodes = fieldsBelow(edges, fragments).filter(named('node'))
  const found = columnsOf(fieldsBelow(nodes, fragments), reads, fragments)
  const columns = found && [...new Set(found)].sort()
  if (first && fieldNodes.length === 1) known.set(first, { columns })
  return columns
}
