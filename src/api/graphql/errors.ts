import { type ASTNode, GraphQLError } from 'graphql'
import { InputError } from '../db/errors.ts'

/** The caller's mistake; the message says what was expected. */
export class UserInputError extends GraphQLError {
  override readonly name = 'UserInputError'

  constructor(message: string, nodes?: ASTNode) {
    super(message, { extensions: { code: 'BAD_USER_INPUT' }, ...(nodes ? { nodes } : {}) })
  }
}

/** It is not there yet: try again later. */
export class NotReadyError extends GraphQLError {
  override readonly name = 'NotReadyError'

  constructor(message = 'No block is indexed yet') {
    super(message, { extensions: { code: 'NOT_READY' } })
  }
}

/** More than one answer may carry; the message says how to ask for less. */
export class LimitError extends GraphQLError {
  override readonly name = 'LimitError'

  constructor(message: string) {
    super(message, { extensions: { code: 'LIMIT_EXCEEDED' } })
  }
}

/** Rethrows what the database layer says about input as the caller's mistake. */
export const asUserError = (error: unknown): never => {
  throw error instanceof InputError ? new UserInputError(error.message) : error
}
