import postgres from 'postgres'
import { LostError } from './errors.ts'

/** A failure of the database, in one sentence for whoever runs the program. */
export interface Failure {
  /** Waiting does not help: an address, a role or a privilege has to be changed first. */
  readonly isMistake: boolean
  readonly sentence: string
}

/** What PostgreSQL refuses for as long as nobody changes something. */
const MISTAKES: Readonly<Record<string, string>> = {
  '28P01': 'the password is not accepted',
  '28000': 'the role may not connect',
  '3D000': 'the database does not exist',
  '42501': 'the role lacks a privilege',
  '42704': 'a role or an object is not there',
}

const ACCIDENTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens at its address',
  ECONNRESET: 'it closed the connection',
  ENOTFOUND: 'its host is not known',
  EAI_AGAIN: 'its host cannot be looked up now',
  ETIMEDOUT: 'it does not answer',
  CONNECT_TIMEOUT: 'it does not answer',
  '53100': 'its disk is full',
  '53300': 'it has no connection left',
  '57P03': 'it is starting or stopping',
}

const codeOf = (error: unknown): string => {
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** The message of an error, of its first cause when it has none itself: an `AggregateError` of two addresses. */
export const messageOf = (error: unknown): string => {
  if (error instanceof AggregateError && error.message === '') return messageOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}

/** What a connection that could not be opened was lost by. */
const rootOf = (error: unknown): unknown =>
  error instanceof LostError && error.cause !== undefined ? rootOf(error.cause) : error

/** Says what a failed statement, or a failed attempt to connect, means. */
export const failureOf = (failed: unknown): Failure => {
  const error = rootOf(failed)
  const code = codeOf(error)
  const message = messageOf(error)
  const mistake = error instanceof postgres.PostgresError ? MISTAKES[code] : undefined
  const meaning = mistake ?? ACCIDENTS[code]
  return {
    isMistake: mistake !== undefined,
    sentence: meaning === undefined ? message : `PostgreSQL: ${meaning} (${message})`,
  }
}

const OLDEST = 14

/** Why a server cannot be used, by its `server_version_num`; undefined when it can. */
export const tooOld = (versionNumber: number): string | undefined => {
  const major = Math.floor(versionNumber / 10_000)
  return major < OLDEST
    ? `PostgreSQL ${OLDEST} or newer is expected; this server is version ${major}`
    : undefined
}
