import {
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  getVariableValues,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Limits } from '../config.ts'
import { InputError } from '../db/errors.ts'
import { ForeignCursorError, type Hub } from '../live/hub.ts'
import type { Answers } from './answers.ts'
import { operationCost } from './cost.ts'
import { documentErrors } from './document.ts'
import { apiError } from './errors.ts'
import type { Execute } from './execute.ts'

/** Beside the parameters of the request, what each operation's initial context may hold. */
export interface InitialContext {
  /** Aborts when the client has gone. */
  readonly signal?: AbortSignal
  readonly request?: Request
  /** The cursor that the client of an event stream comes back with. */
  readonly lastEventId?: string
}

const isTooManyTokens = (error: unknown) =>
  error instanceof GraphQLError && error.message.includes('Parsing aborted')

/**
 * What is wrong with an operation once its variables are known; undefined when it may run. The variables are coerced
 * first, so that a page size in a variable counts like one in the text.
 */
const refusal = (args: ExecutionArgs, limits: Limits): ExecutionResult | undefined => {
  const { schema, document, operationName, variableValues } = args
  const operation = getOperationAST(document, operationName)
  if (!operation)
    return {
      errors: [
        apiError(
          'BAD_USER_INPUT',
          operationName
            ? `There is no operation ${operationName}`
            : 'operationName: expected one of the operations',
        ),
      ],
    }
  if (!schema.getRootType(operation.operation))
    return {
      errors: [apiError('GRAPHQL_VALIDATION_FAILED', `There is no ${operation.operation} here`)],
    }
  const { errors, coerced } = getVariableValues(
    schema,
    operation.variableDefinitions ?? [],
    variableValues ?? {},
    { maxErrors: 20 },
  )
  if (errors !== undefined)
    return { errors: errors.map(({ message }) => apiError('BAD_USER_INPUT', message)) }
  const cost = Math.ceil(operationCost(schema, document, operation, coerced))
  if (cost > limits.cost)
    return {
      errors: [
        apiError(
          'QUERY_TOO_COMPLEX',
          `The operation costs ${cost}; at most ${limits.cost} is answered. Ask for fewer fields or smaller pages`,
        ),
      ],
    }
  return undefined
}

/** Bounds what is parsed, validated and executed, and connects execution and live queries, on every transport. */
export const createPlugin = (options: {
  readonly limits: Limits
  readonly execute: Execute
  readonly answers: Answers
  readonly hub: Hub
}): Plugin => {
  const { limits, execute, answers, hub } = options
  return {
    onParse: ({ parseFn, setParseFn }) =>
      setParseFn((source: string, parseOptions: object) => {
        try {
          return parseFn(source, { ...parseOptions, maxTokens: limits.tokens })
        } catch (error) {
          if (isTooManyTokens(error))
            throw apiError('QUERY_TOO_COMPLEX', `The query has more than ${limits.tokens} tokens`)
          if (error instanceof GraphQLError)
            Object.assign(error.extensions, apiError('GRAPHQL_PARSE_FAILED', '').extensions)
          throw error
        }
      }),
    onValidate: ({ params, setResult }) => {
      const errors = documentErrors(params.documentAST, limits)
      if (errors.length > 0) setResult([...errors])
    },
    onExecute: ({ setExecuteFn }) =>
      setExecuteFn(async (args: ExecutionArgs & { contextValue?: InitialContext }) => {
        const refused = refusal(args, limits)
        if (refused !== undefined) return refused
        const { signal, request } = args.contextValue ?? {}
        return answers.answer(args, () => execute(args, { signal: signal ?? request?.signal }))
      }),
    onSubscribe: ({ setSubscribeFn }) =>
      setSubscribeFn(async (args: ExecutionArgs & { contextValue?: InitialContext }) => {
        const refused = refusal(args, limits)
        if (refused !== undefined) return refused
        // Plain requests never get here; a stream that Yoga opened would not notice that its client has gone.
        if (args.contextValue?.request !== undefined)
          return { errors: [apiError('BAD_USER_INPUT', 'Subscriptions need a stream', 406)] }
        if (hub.size().clients >= limits.subscriptions)
          return {
            errors: [
              apiError('LIMIT_EXCEEDED', 'Too many subscriptions are open; try again later'),
            ],
          }
        try {
          return hub.subscribe(args, args.contextValue?.lastEventId)
        } catch (error) {
          if (error instanceof ForeignCursorError)
            return { errors: [apiError('CURSOR_FOREIGN', error.message)] }
          if (error instanceof InputError)
            return { errors: [apiError('BAD_USER_INPUT', error.message)] }
          throw error
        }
      }),
  }
}
