import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql'
import { makeServer } from 'graphql-ws'
import { isLiveStream } from '../live/sink.ts'
import type { Client } from './access.ts'
import { apiError, type Errors, errorToJson, resultToJson } from './errors.ts'
import { type Line, lifetime } from './line.ts'
import { type GetEnveloped, prepare } from './operation.ts'
import { parseParams } from './params.ts'
import type { PersistedDocuments } from './persisted.ts'
import type { Slots } from './slots.ts'

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
  /** Aborts when the socket is gone. */
  readonly gone: AbortSignal
  readonly line: Line
  /** One for each operation that runs. */
  readonly slots: Slots
}

/** An answer, or the lifetime of a stream. */
type Outcome = ExecutionResult | AsyncGenerator<never, undefined>

/** The only holder of a socket's slots. */
const SOCKET = ''

/** How many operations run on the socket. */
export const runningOn = (slots: Slots): number => slots.count(SOCKET)

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
        await extra.identify(connectionParams)
        return true
      } catch (error) {
        if (error instanceof GraphQLError && error.extensions.code === 'UNAUTHENTICATED')
          return false
        throw error
      }
    },
    onSubscribe: async ({ connectionParams, extra }, id, payload) => {
      const release = extra.slots.take(SOCKET)
      if (release === undefined)
        return [
          apiError(
            'LIMIT_EXCEEDED',
            `At most ${options.operationsPerSocket} operations run on one socket`,
          ),
        ]
      try {
        const client = await extra.identify(connectionParams)
        const {
          errors: refused,
          args,
          run: start,
        } = await prepare(options, parseParams(payload, options.documents), {
          client,
          signal: extra.gone,
        })
        if (refused !== undefined) {
          release()
          return refused
        }
        // The library keeps these, and the message, as long as the operation lasts: nothing of the request is in them.
        Object.assign(payload, { query: '', variables: undefined })
        const { schema, document, operationName } = args
        const kept: ExecutionArgs = { schema, document, operationName: operationName ?? null }
        prepared.set(kept, async () => {
          try {
            const result = await start()
            if (isLiveStream(result)) return lifetime(result, extra.line.sinkOf(id), release)
            release()
            return result
          } catch (error) {
            release()
            return { errors: [errors.mask(error)] }
          }
        })
        return kept
      } catch (error) {
        release()
        return [errors.mask(error)]
      }
    },
    execute: run,
    subscribe: run,
    onNext: (_context, _id, _payload, _args, result) => resultToJson(result),
    onError: (_context, _id, _payload, problems) =>
      problems.map((error) =>
        errorToJson(error instanceof GraphQLError ? error : errors.mask(error)),
      ),
  })
}
