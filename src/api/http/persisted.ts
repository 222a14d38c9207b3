import { createHash } from 'node:crypto'
import { GraphQLError } from 'graphql'
import { type CacheSize, createCache, textBytes } from '../cache.ts'
import { apiError } from './errors.ts'

/** How a request names its operation: by text, by id, or by both. */
export interface Asked {
  /** Absent or empty: only named. */
  readonly query?: string | undefined
  /** `sha256:` and the hash of the text in hex, or what a trusted list calls it. */
  readonly documentId?: string | undefined
}

/** Texts of operations that are sent by name. */
export interface PersistedDocuments {
  /**
   * The text that a request means. A text that comes with its hash can be asked for by the hash from then on.
   *
   * @throws GraphQLError BAD_USER_INPUT, PERSISTED_QUERY_NOT_FOUND, DOCUMENT_NOT_TRUSTED
   */
  readonly textOf: (asked: Asked) => string
  /** Of the texts that clients named. */
  readonly size: () => CacheSize
}

export interface PersistedOptions {
  /** Texts by id, known from the start. */
  readonly trusted?: ReadonlyMap<string, string>
  /** Answer nothing else. */
  readonly trustedOnly?: boolean
  /** Memory of the texts that clients name. */
  readonly mostBytes: number
}

const HASH = 'sha256:'
/** A longer text is not remembered. */
const MOST_LETTERS = 16_384

/** The id of a text that nobody named. */
export const documentIdOf = (text: string): string =>
  `${HASH}${createHash('sha256').update(text).digest('hex')}`

/** In the words that clients look for, and as a plain answer: they send the text next. */
const notFound = () => {
  const { extensions } = apiError('PERSISTED_QUERY_NOT_FOUND', '', 200)
  return new GraphQLError('PersistedQueryNotFound', { extensions })
}

export const createPersisted = (options: PersistedOptions): PersistedDocuments => {
  const { trusted = new Map(), trustedOnly = false, mostBytes } = options
  const trustedTexts = new Set(trusted.values())
  const kept = createCache<string>({ mostBytes, sizeOf: textBytes })

  return {
    size: kept.size,
    textOf: ({ query = '', documentId }) => {
      if (query === '') {
        if (documentId === undefined)
          throw apiError('BAD_USER_INPUT', 'query: expected the text of an operation')
        const text = trusted.get(documentId) ?? kept.get(documentId)
        if (text === undefined) throw notFound()
        return text
      }
      if (documentId?.startsWith(HASH) === true && documentId !== documentIdOf(query))
        throw apiError('BAD_USER_INPUT', 'documentId: it is not the hash of the query')
      if (trustedOnly && !trustedTexts.has(query))
        throw apiError(
          'DOCUMENT_NOT_TRUSTED',
          'This server answers operations of its list only; send one by its documentId',
        )
      const isNamed = !trustedOnly && documentId?.startsWith(HASH) === true
      if (isNamed && query.length <= MOST_LETTERS) kept.set(documentId, query)
      return query
    },
  }
}
