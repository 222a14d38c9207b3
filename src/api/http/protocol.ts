import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql'
import { CloseCode, makeServer } from 'graphql-ws'
import { isLiveStream } from '../live/sink.ts'
import type { Client } from './access.ts'
import { hasStrayCredentials } from './credentials.ts'
import { apiError, type Errors, errorsToJson, resultToJson } from './errors.ts'
import { type Line, lifetime } from './line.ts'
import { type GetEnveloped, prepare } from './operation.ts'
import { type Operations, OVER } from './operations.ts'
import { parseParams } from './params.ts'
import type { PersistedDocuments } from './persisted.ts'

export interface ProtocolOptions {
  readonly getEnveloped: GetEnveloped
  readonly errors: Errors
  readonly documents: PersistedDocuments
  readonly operationsPerSocket: number
  readonly connectionInitTimeoutMs: number
}

/** What an operation needs of the socket that it came by. */
export interface Peer {
  /** By what came with `connection_init`, or else with the upgrade. */
  readonly identify: (init: Readonly<Record<string, unknown>> | undefined) => Promise<Client>
  readonly line: Line
  readonly operations: Operations
  /** Closes the socket. */
  readonly refuse: (code: number, reason: string) => void
}

/** An answer, or the lifetime of a stream. */
type Outcome = ExecutionResult | AsyncGenerator<never, undefined>

/** Of credentials that would not be read. A reason has at most 123 bytes. */
const STRAY = 'authorization: expected once, beside nothing else that holds a key'

/**
 * An operation's last word. None when it was over before: its client has completed it, and its id may be another one's by
 * now, which the library would take this for.
 */
const last = <T>(operation: AbortController, outcome: T): T | Promise<never> => {
  if (operation.signal.aborted) return new Promise<never>(() => undefined)
  operation.abort(OVER)
  return outcome
}

/** The protocol graphql-transport-ws, whatever carries it. */
export const createProtocol = (options: ProtocolOptions) => {
  const { errors } = options
  const prepared = new WeakMap<ExecutionArgs, () => Promise<Outcome>>()

  const run = async (args: ExecutionArgs) => {
    const start = prepared.get(args)
    prepared.delete(args)
    if (start === undefined) throw new Error('The operation was not prepared')
    return start()
  }

  return makeServer<Record<string, unknown>, Peer>({
    connectionInitWaitTimeout: options.connectionInitTimeoutMs,
    onConnect: async ({ connectionParams, extra }) => {
      try {
        if (hasStrayCredentials(connectionParams)) {
          extra.refuse(CloseCode.Forbidden, STRAY)
          return false
        }
        await extra.identify(connectionParams)
        return true
      } catch (error) {
        if (error instanceof GraphQLError && error.extensions.code === 'UNAUTHENTICATED')
          return false
        throw error
      }
    },
    onSubscribe: async (context, id, payload) => {
      const { connectionParams, extra } = context
      const operation = extra.operations.begin(() => id in context.subscriptions)
      if (operation === undefined)
        return [
          apiError(
            'LIMIT_EXCEEDED',
            `At most ${options.operationsPerSocket} operations run on one socket`,
          ),
        ]
      const { signal } = operation
      try {
        const client = await extra.identify(connectionParams)
        const {
          errors: refused,
          args,
          run: start,
        } = await prepare(options, parseParams(payload, options.documents), { client, signal })
        if (refused !== undefined) return await last(operation, refused)
        // The library keeps these, and the message, as long as the operation lasts: nothing of the request is in them.
        Object.assign(payload, { query: '', variables: undefined })
        const { schema, document, operationName } = args
        const kept: ExecutionArgs = { schema, document, operationName: operationName ?? null }
        prepared.set(kept, async () => {
          try {
            const result = await start()
            if (isLiveStream(result) && !signal.aborted)
              return lifetime(result, extra.line.sinkOf(id), operation)
            return last(operation, isLiveStream(result) ? {} : result)
          } catch (error) {
            return last(operation, { errors: [errors.mask(error)] })
          }
        })
        return kept
      } catch (error) {
        return last(operation, [errors.mask(error)])
      }
    },
    execute: run,
    subscribe: run,
    onNext: (_context, _id, _payload, _args, result) => resultToJson(result),
    onError: (_context, _id, _payload, problems) =>
      errorsToJson(
        problems.map((error) => (error instanceof GraphQLError ? error : errors.mask(error))),
      ),
  })
}
