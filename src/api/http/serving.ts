import { type ExecutionResult, Kind, type OperationDefinitionNode } from 'graphql'
import { apiError } from './errors.ts'

/** Root fields that are answered before there are rows to be served: how far the indexer is, and what may be asked. */
const ANYTIME: ReadonlySet<string> = new Set(['status', '__typename', '__schema', '__type'])

/** Refuses what a part of the history cannot answer; undefined for an operation that may go on. */
export const refuseUnserved = ({
  selectionSet,
}: OperationDefinitionNode): ExecutionResult | undefined =>
  selectionSet.selections.every(
    (selection) => selection.kind === Kind.FIELD && ANYTIME.has(selection.name.value),
  )
    ? undefined
    : { errors: [unserved()] }

/** The history is still being read. */
export const unserved = () =>
  apiError(
    'NOT_READY',
    'The indexer is reading the history of the chain; ask again when it has caught up (status says how far it is)',
  )
