import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Limits } from '../config.ts'
import { InputError } from '../db/errors.ts'
import type { KnownStatistics, Statistics } from '../db/statistics.ts'
import { ForeignCursorError, type Hub } from '../live/hub.ts'
import { coerceVariables } from '../live/operation.ts'
import type { Client } from './access.ts'
import type { Answers } from './answers.ts'
import { operationCost } from './cost.ts'
import { documentErrors } from './document.ts'
import { apiError } from './errors.ts'
import type { Execute } from './execute.ts'
import type { Meter } from './meter.ts'
import { createSeats } from './seats.ts'
import { refuseUnserved } from './serving.ts'

/** Beside the parameters of the request, what each operation's initial context may hold. */
export interface InitialContext {
  readonly client: Client
  /** Aborts when the operation is over, or its client has gone. */
  readonly signal: AbortSignal
  /** The cursor that the client of an event stream comes back with. */
  readonly lastEventId?: string
}

const isTooManyTokens = (error: unknown) =>
  error instanceof GraphQLError && error.message.includes('Parsing aborted')

type Args = ExecutionArgs & { contextValue?: InitialContext }

const contextOf = ({ contextValue }: Args): InitialContext => {
  if (contextValue === undefined) throw new Error('Nobody asks for this operation')
  return contextValue
}

/** What an operation is judged by, beside itself. */
interface Known {
  readonly statistics: Statistics
  readonly isServed: boolean
}

/**
 * What is wrong with an operation once its variables are known, or what it costs. The variables are coerced first, so that
 * a page size in a variable counts like one in the text.
 */
const assess = (
  args: Args,
  { statistics, isServed }: Known,
):
  | { readonly refused: ExecutionResult; readonly cost?: never }
  | { readonly refused?: never; readonly cost: number } => {
  const { schema, document, operationName } = args
  const operation = getOperationAST(document, operationName)
  const refuse = (...errors: readonly GraphQLError[]) => ({ refused: { errors } })
  if (!operation)
    return refuse(
      apiError(
        'BAD_USER_INPUT',
        operationName
          ? `There is no operation ${operationName}`
          : 'operationName: expected one of the operations',
      ),
    )
  if (!schema.getRootType(operation.operation))
    return refuse(apiError('GRAPHQL_VALIDATION_FAILED', `There is no ${operation.operation} here`))
  const unserved = isServed ? undefined : refuseUnserved(operation)
  if (unserved !== undefined) return { refused: unserved }
  const { errors, coerced } = coerceVariables(args)
  if (errors !== undefined)
    return refuse(...errors.map(({ message }) => apiError('BAD_USER_INPUT', message)))
  const cost = Math.ceil(operationCost(schema, document, operation, coerced, statistics))
  const most = contextOf(args).client.budget.cost
  if (cost > most)
    return refuse(
      apiError(
        'QUERY_TOO_COMPLEX',
        `The operation costs ${cost}; at most ${most} is answered. Ask for fewer fields or smaller pages`,
      ),
    )
  return { cost }
}

/** Bounds what is parsed, validated and executed, and connects execution and live queries, on every transport. */
export const createPlugin = (options: {
  readonly limits: Limits
  readonly execute: Execute
  readonly answers: Answers
  readonly hub: Hub
  readonly meter: Meter
  readonly statistics: KnownStatistics
  /** Whether the rows are whole enough to be shown. */
  readonly isServed: () => boolean
}): Plugin => {
  const { limits, execute, answers, hub, meter, statistics, isServed } = options
  const seats = createSeats(limits)

  /** What an operation costs; one that is refused is charged as a mistake. */
  const judge = async (args: Args): Promise<ReturnType<typeof assess>> => {
    const known = { statistics: await statistics(), isServed: isServed() }
    const judged = assess(args, known)
    if (judged.refused !== undefined && known.isServed) {
      const { source } = args.document.loc ?? {}
      const bytes = (source?.body.length ?? 0) + JSON.stringify(args.variableValues ?? {}).length
      meter.chargeMistake(contextOf(args).client, bytes)
    }
    return judged
  }

  const charge = async (args: Args, cost: number) => {
    const refused = await meter.charge(contextOf(args).client, cost)
    return refused === undefined ? undefined : { errors: [refused] }
  }

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
      setExecuteFn(async (args: Args) => {
        const { refused, cost } = await judge(args)
        if (refused !== undefined) return refused
        const spent = await charge(args, cost)
        if (spent !== undefined) return spent
        const { signal, client } = contextOf(args)
        const { holder, budget } = client
        const share = cost / budget.cost
        return answers.answer(args, () => execute(args, { signal, holder, share }))
      }),
    onSubscribe: ({ setSubscribeFn }) =>
      setSubscribeFn(async (args: Args) => {
        const { refused, cost } = await judge(args)
        if (refused !== undefined) return refused
        const spent = await charge(args, cost)
        if (spent !== undefined) return spent
        const { client, signal, lastEventId } = contextOf(args)
        const full = seats.take(client, signal)
        if (full !== undefined) return { errors: [full] }
        try {
          return hub.subscribe(args, { payer: client, cost, lastEventId })
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
