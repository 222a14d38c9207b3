import type { DocumentNode } from 'graphql'
import { type Cache, type CacheSize, createCache, textBytes, totalSize } from '../cache.ts'

/** What was parsed, by its text: documents with what was found out about them, and mistakes. */
export interface ParsedDocuments {
  readonly documentCache: Cache<DocumentNode>
  readonly errorCache: Cache<Error>
  readonly size: () => CacheSize
}

/** Measured: the nodes of a token, its place in the text, and what is remembered of the fields that are made of it. */
const TOKEN_BYTES = 600

/** The errors of a document that is not valid are kept with it. They are few and short. */
const ERRORS_BYTES = 32_768

const documentBytes = ({ loc }: DocumentNode): number => {
  let tokens = 0
  for (let token = loc?.startToken ?? null; token !== null; token = token.next) tokens += 1
  return tokens * TOKEN_BYTES + ERRORS_BYTES
}

/** Within a number of bytes for both together. */
export const createDocuments = (mostBytes: number): ParsedDocuments => {
  const documentCache = createCache<DocumentNode>({
    mostBytes: mostBytes * 0.9,
    sizeOf: documentBytes,
  })
  const errorCache = createCache<Error>({
    mostBytes: mostBytes * 0.1,
    sizeOf: ({ message, stack = '' }) => 1024 + textBytes(message) + textBytes(stack),
  })
  return {
    documentCache,
    errorCache,
    size: () => totalSize([documentCache.size(), errorCache.size()]),
  }
}
