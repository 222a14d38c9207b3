import { LRUCache } from 'lru-cache'

/** What a cache holds and what it may hold, in bytes: keys, values, and what the process needs beside them. */
export interface CacheSize {
  readonly entries: number
  readonly bytes: number
  readonly mostBytes: number
}

export interface Cache<Value> {
  /** What is asked for stays longest. */
  readonly get: (key: string) => Value | undefined
  readonly set: (key: string, value: Value) => void
  readonly delete: (key: string) => void
  readonly clear: () => void
  readonly size: () => CacheSize
}

export interface CacheOptions<Value> {
  /** 0 keeps nothing. */
  readonly mostBytes: number
  /** Bytes of a value and of what it keeps alive, without its key. */
  readonly sizeOf: (value: Value) => number
  /** Called for what makes room, is replaced or deleted. */
  readonly onGone?: (value: Value, key: string) => void
}

/** Of an entry in the cache itself: its places in the map and in the lists of the library. */
const ENTRY_BYTES = 256

/** The memory of a text: a byte a letter, or two when one of them is beyond Latin-1. */
export const textBytes = (text: string): number =>
  /[^\0-\xff]/.test(text) ? 2 * text.length : text.length

export const totalSize = (sizes: readonly CacheSize[]): CacheSize => ({
  entries: sizes.reduce((sum, { entries }) => sum + entries, 0),
  bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
  mostBytes: sizes.reduce((sum, { mostBytes }) => sum + mostBytes, 0),
})

/** Values by key within a number of bytes; what was used longest ago makes room. What does not fit at all is not kept. */
export const createCache = <Value extends object | string>(
  options: CacheOptions<Value>,
): Cache<Value> => {
  const { sizeOf, onGone } = options
  const mostBytes = Math.floor(options.mostBytes)
  const kept = new LRUCache<string, Value>({
    maxSize: Math.max(1, mostBytes),
    sizeCalculation: (value, key) => ENTRY_BYTES + textBytes(key) + Math.ceil(sizeOf(value)),
    ...(onGone === undefined ? {} : { dispose: onGone }),
  })
  return {
    get: (key) => kept.get(key),
    set: (key, value) => {
      kept.set(key, value)
    },
    delete: (key) => {
      kept.delete(key)
    },
    clear: () => kept.clear(),
    size: () => ({ entries: kept.size, bytes: kept.calculatedSize, mostBytes }),
  }
}
