import DataLoader from 'dataloader'
import { type CacheSize, createCache, totalSize } from '../cache.ts'
import type { ApiKey } from '../db/apiKeys.ts'

export interface KeyCacheOptions {
  /** The keys in force among these ids. */
  readonly list: (ids: readonly string[]) => Promise<readonly ApiKey[]>
  /** How long a key is believed to be what it was. */
  readonly cacheMs: number
}

export interface KeyCache {
  /** The key of an id, or undefined, as it was at most `cacheMs` ago. */
  readonly find: (id: string) => Promise<ApiKey | undefined>
  readonly size: () => CacheSize
}

/** Between two looks into the database, however many ids are asked for. */
const LOOK_MS = 100
const IDS_PER_LOOK = 1000
/** Of each kind: the ids that exist, and those that do not, so that guesses push no key out. */
const MOST_BYTES = 1_048_576
/** Of a key: its id, role, hash and numbers. */
const KEY_BYTES = 512

interface Known {
  readonly key: ApiKey | undefined
  readonly until: number
}

/** Remembers keys for a while. Ids that are asked for at about the same time share one look. */
export const createKeyCache = ({ list, cacheMs }: KeyCacheOptions): KeyCache => {
  const found = createCache<Known>({ mostBytes: MOST_BYTES, sizeOf: () => KEY_BYTES })
  const unknown = createCache<Known>({ mostBytes: MOST_BYTES, sizeOf: () => KEY_BYTES })
  let nextLook = 0

  const look = async (ids: readonly string[]) => {
    const until = performance.now() + cacheMs
    const keys = new Map((await list(ids)).map((key) => [key.id, key]))
    for (const id of ids) {
      const key = keys.get(id)
      const [store, other] = key === undefined ? [unknown, found] : [found, unknown]
      store.set(id, { key, until })
      other.delete(id)
    }
    return ids.map((id) => keys.get(id))
  }
  const loader = new DataLoader(look, {
    cache: false,
    maxBatchSize: IDS_PER_LOOK,
    batchScheduleFn: (run) => {
      const now = performance.now()
      const at = Math.max(now, nextLook)
      nextLook = at + LOOK_MS
      setTimeout(run, at - now)
    },
  })

  return {
    find: async (id) => {
      const known = found.get(id) ?? unknown.get(id)
      const isFresh = known !== undefined && known.until > performance.now()
      return isFresh ? known.key : loader.load(id)
    },
    size: () => totalSize([found.size(), unknown.size()]),
  }
}
