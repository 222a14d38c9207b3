import {
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  getOperationAST,
  type OperationDefinitionNode,
} from 'graphql'
import type { LiveStream } from '../live/sink.ts'
import { apiError, type Errors } from './errors.ts'
import type { Params } from './params.ts'
import type { InitialContext } from './plugin.ts'

/** The functions that a request passes through, with all plugins around them. */
export interface Enveloped {
  readonly schema: ExecutionArgs['schema']
  readonly parse: (text: string) => ExecutionArgs['document']
  readonly validate: (
    schema: ExecutionArgs['schema'],
    document: ExecutionArgs['document'],
  ) => readonly GraphQLError[]
  readonly contextFactory: () => unknown
  readonly execute: (args: ExecutionArgs) => unknown
  readonly subscribe: (args: ExecutionArgs) => unknown
}

export type GetEnveloped = (context: InitialContext & { readonly params: Params }) => Enveloped

/** Refused before it ran, or ready to. Never throws. */
export type Prepared =
  | { readonly errors: readonly GraphQLError[]; readonly args?: never; readonly run?: never }
  | {
      readonly errors?: never
      readonly args: ExecutionArgs
      readonly run: () => Promise<ExecutionResult | LiveStream>
    }

/** The variables that the operation declares. Nothing else that came with it is kept, or told apart. */
const declared = (
  { variableDefinitions = [] }: OperationDefinitionNode,
  given: Params['variables'],
): Readonly<Record<string, unknown>> => {
  const names = variableDefinitions.map(({ variable }) => variable.name.value)
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(given ?? {}, name)).map((name) => [name, given?.[name]]),
  )
}

/** Parses and validates an operation, whatever way it came. */
export const prepare = async (
  options: { readonly getEnveloped: GetEnveloped; readonly errors: Errors },
  params: Params,
  initial: InitialContext,
): Promise<Prepared> => {
  try {
    const { schema, parse, validate, contextFactory, execute, subscribe } = options.getEnveloped({
      params,
      ...initial,
    })
    const document = parse(params.query)
    const invalid = validate(schema, document)
    if (invalid.length > 0) return { errors: invalid }
    const operation = getOperationAST(document, params.operationName)
    if (!operation) return { errors: [apiError('BAD_USER_INPUT', 'There is no such operation')] }
    const args: ExecutionArgs = {
      schema,
      document,
      operationName: params.operationName,
      variableValues: declared(operation, params.variables),
      contextValue: await contextFactory(),
    }
    const start = operation.operation === 'subscription' ? subscribe : execute
    return {
      args,
      run: async () => (await start(args)) as ExecutionResult | LiveStream,
    }
  } catch (error) {
    return { errors: [options.errors.mask(error)] }
  }
}
