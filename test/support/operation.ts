import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  getOperationAST,
  parse,
  validate,
} from 'graphql'
import { createDatabase, type Database } from '../../src/api/db/database.ts'
import { openLoose } from '../../src/api/db/loose.ts'
import { openSnapshot } from '../../src/api/db/snapshot.ts'
import { createJudge } from '../../src/api/draws/judge.ts'
import { type ContextOptions, createContext } from '../../src/api/graphql/context.ts'
import { schema } from '../../src/api/graphql/schema.ts'
import { createBoards } from '../../src/api/ranking/boards.ts'
import { type Address, address } from './game.ts'
import type { Tables } from './tables.ts'

/** Runs operations on the schema as the server does, without the server: loosely, and with a snapshot when that is torn. */
export interface Operations {
  readonly database: Database
  /** Texts of the statements since the last call of `clear`, without those that begin and end transactions. */
  readonly statements: { readonly list: () => readonly string[]; readonly clear: () => void }
  readonly run: (
    text: string,
    variables?: Readonly<Record<string, unknown>>,
    options?: Partial<ContextOptions>,
  ) => Promise<ExecutionResult>
  /** The data, which must come without errors. */
  readonly ask: (
    text: string,
    variables?: Readonly<Record<string, unknown>>,
    options?: Partial<ContextOptions>,
  ) => Promise<Record<string, unknown>>
  readonly stop: () => Promise<void>
}

const CONTRACT: Address = address(0x402)

export const DEPLOYMENTS = [31337, 8453].map((chainId) => ({
  chainId,
  name: `chain-${chainId}`,
  address: CONTRACT,
  startBlock: 0,
  coordinator: CONTRACT,
  tokens: [],
  nativeSymbol: 'ETH',
  nativeName: 'Ether',
  explorerUrl: `https://explorer.example/${chainId}`,
}))

const documentOf = (text: string): DocumentNode => parse(text)

export const createOperations = (tables: Tables): Operations => {
  let statements: string[] = []
  const database = createDatabase({
    url: tables.url,
    schema: tables.schema,
    maxConnections: 4,
    lockTimeoutMs: 500,
    statementTimeoutMs: 5000,
    onStatement: (text) => {
      if (!/^(begin|commit|rollback)/.test(text)) statements.push(text)
    },
  })

  const boards = createBoards({ database })
  const judge = createJudge()

  const run: Operations['run'] = async (text, variables = {}, options = {}) => {
    const document = documentOf(text)
    const errors = validate(schema, document)
    if (errors.length > 0) return { errors }
    const operationName = getOperationAST(document)?.name?.value ?? null
    const attempt = async (isPinned: boolean): Promise<ExecutionResult> => {
      const contextValue = createContext({
        database,
        openSnapshot: () => openSnapshot(database),
        deployments: DEPLOYMENTS,
        version: '1.2.3',
        boards,
        judge,
        ...options,
        openLoose: isPinned ? undefined : (options.openLoose ?? (() => openLoose({ database }))),
      })
      try {
        const operation = { schema, document, operationName, variableValues: variables }
        const result = await execute({ ...operation, contextValue })
        if (!contextValue.isTorn()) return result
        await contextValue.close()
        return await attempt(true)
      } finally {
        await contextValue.close()
      }
    }
    return attempt(false)
  }

  return {
    database,
    statements: {
      list: () => statements,
      clear: () => {
        statements = []
      },
    },
    run,
    ask: async (text, variables, options) => {
      const { data, errors } = await run(text, variables, options)
      if (errors !== undefined || data === null || data === undefined)
        throw new Error(
          `${JSON.stringify(errors, null, 2)}\n${errors?.[0]?.originalError?.stack ?? ''}`,
        )
      return JSON.parse(JSON.stringify(data))
    },
    stop: async () => {
      await judge.stop()
      await database.stop()
    },
  }
}
