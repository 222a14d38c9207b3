import type { IncomingMessage } from 'node:http'
import { apiError } from './errors.ts'
import type { PersistedDocuments } from './persisted.ts'

/** What a client asks for, whatever way it came. */
export interface Params {
  readonly query: string
  readonly operationName: string | null
  readonly variables: Readonly<Record<string, unknown>> | null
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Lists and objects in one another. What is read of them, in many places, is read by recursion. */
const MOST_LEVELS = 64

const isDeep = (value: unknown): boolean => {
  let level: readonly unknown[] = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MOST_LEVELS) return true
    level = level.flatMap((each) =>
      typeof each === 'object' && each !== null ? Object.values(each) : [],
    )
  }
  return false
}

const refuse = (message: string, status = 400) => apiError('BAD_USER_INPUT', message, status)

/** The id that a request gives its operation: of GraphQL over HTTP, or of Apollo's persisted queries. */
const readDocumentId = (
  documentId: unknown,
  extensions: Readonly<Record<string, unknown>> | null,
): string | undefined => {
  const persisted = extensions?.persistedQuery ?? null
  if (documentId !== null && typeof documentId !== 'string')
    throw refuse('documentId: expected text')
  if (persisted === null) return documentId ?? undefined
  if (!isRecord(persisted) || persisted.version !== 1 || typeof persisted.sha256Hash !== 'string')
    throw refuse('extensions.persistedQuery: expected version 1 and sha256Hash')
  return `sha256:${persisted.sha256Hash.toLowerCase()}`
}

/** @throws GraphQLError BAD_USER_INPUT, and what `documents` throws */
export const parseParams = (input: unknown, documents: PersistedDocuments): Params => {
  if (Array.isArray(input)) throw refuse('Several operations in one request are not answered')
  if (!isRecord(input)) throw refuse('Expected an object with a query')
  const { query, operationName = null, variables = null, extensions = null } = input
  const { documentId = null } = input
  if (query !== undefined && query !== null && typeof query !== 'string')
    throw refuse('query: expected the text of an operation')
  if (operationName !== null && typeof operationName !== 'string')
    throw refuse('operationName: expected text')
  if (variables !== null && !isRecord(variables)) throw refuse('variables: expected an object')
  if (extensions !== null && !isRecord(extensions)) throw refuse('extensions: expected an object')
  for (const [name, value] of Object.entries({ variables, extensions }))
    if (isDeep(value)) throw refuse(`${name}: expected at most ${MOST_LEVELS} levels`)
  const asked = { query: query ?? undefined, documentId: readDocumentId(documentId, extensions) }
  return { query: documents.textOf(asked), operationName, variables }
}

/** Gets the text of a number or another plain value as `source`. */
type Reviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown

const parseJson = (text: string, what: string, reviver?: Reviver): unknown => {
  try {
    return JSON.parse(text, reviver)
  } catch {
    throw refuse(`${what}: expected JSON`)
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

const readBody = async (
  request: IncomingMessage,
  most: number,
  gone: AbortSignal,
): Promise<string> => {
  const tooLarge = () => apiError('LIMIT_EXCEEDED', `The body is larger than ${most} bytes`, 413)
  if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge()
  const chunks = await new Promise<readonly Buffer[]>((resolve, reject) => {
    const read: Buffer[] = []
    let size = 0
    request.on('data', (bytes: Buffer) => {
      size += bytes.length
      if (size <= most) return read.push(bytes)
      request.pause()
      return reject(tooLarge())
    })
    request.on('end', () => resolve(read))
    request.on('error', reject)
    const leave = () => reject(refuse('The request ended early'))
    gone.addEventListener('abort', leave, { once: true })
    if (gone.aborted) leave()
  })
  try {
    return utf8.decode(Buffer.concat(chunks))
  } catch {
    throw refuse('Expected a body in UTF-8')
  }
}

const isJson = (contentType: string | undefined) => {
  const [type, ...parameters] = (contentType ?? '').toLowerCase().split(';')
  const charset = parameters.find((parameter) => parameter.trim().startsWith('charset='))
  return (
    type?.trim() === 'application/json' &&
    (charset === undefined || /^\s*charset="?utf-?8"?\s*$/.test(charset))
  )
}

/**
 * The body of a POST. It must be JSON in UTF-8: nothing that a page of another origin could send without asking first.
 *
 * @throws GraphQLError with the HTTP status to answer: 400, 413, 415.
 */
export const readJson = async (
  request: IncomingMessage,
  mostBytes: number,
  gone: AbortSignal,
  reviver?: Reviver,
): Promise<unknown> => {
  if (!isJson(request.headers['content-type']))
    throw refuse('Expected content-type: application/json', 415)
  return parseJson(await readBody(request, mostBytes, gone), 'body', reviver)
}

/**
 * The parameters of a GET or a POST.
 *
 * @throws GraphQLError with the HTTP status to answer: 400, 413, 415.
 */
export const readParams = async (
  request: IncomingMessage,
  documents: PersistedDocuments,
  given: { readonly mostBytes: number; readonly gone: AbortSignal },
): Promise<Params> => {
  const { mostBytes, gone } = given
  if (request.method === 'POST')
    return parseParams(await readJson(request, mostBytes, gone), documents)
  const search = new URL(request.url ?? '/', 'http://localhost').searchParams
  const json = (name: string) => {
    const text = search.get(name)
    return text === null || text === '' ? null : parseJson(text, name)
  }
  const asked = {
    query: search.get('query') ?? undefined,
    documentId: search.get('documentId'),
    operationName: search.get('operationName') || null,
    variables: json('variables'),
    extensions: json('extensions'),
  }
  return parseParams(asked, documents)
}
