import DataLoader from 'dataloader'
import type { ApiKey } from '../db/apiKeys.ts'

export interface KeyCacheOptions {
  /** The keys in force among these ids. */
  readonly list: (ids: readonly string[]) => Promise<readonly ApiKey[]>
  /** How long a key is believed to be what it was. */
  readonly cacheMs: number
}

/** The key of an id, or undefined, as it was at most `cacheMs` ago. */
export type FindKey = (id: string) => Promise<ApiKey | undefined>

/** Between two looks into the database, however many ids are asked for. */
const LOOK_MS = 100
const IDS_PER_LOOK = 1000
/** Of each kind: the ids that exist, and those that do not, so that guesses push no key out. */
const MOST_KEPT = 1000

interface Known {
  readonly key: ApiKey | undefined
  readonly until: number
}

const createStore = () => {
  const kept = new Map<string, Known>()
  return {
    get: (id: string, now: number) => {
      const known = kept.get(id)
      return known !== undefined && known.until > now ? known : undefined
    },
    set: (id: string, known: Known) => {
      kept.delete(id)
      kept.set(id, known)
      for (const oldest of kept.keys()) {
        if (kept.size <= MOST_KEPT) break
        kept.delete(oldest)
      }
    },
    delete: (id: string) => kept.delete(id),
  }
}

/** Remembers keys for a while. Ids that are asked for at about the same time share one look. */
export const createKeyCache = ({ list, cacheMs }: KeyCacheOptions): FindKey => {
  const found = createStore()
  const unknown = createStore()
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

  return async (id) => {
    const now = performance.now()
    const known = found.get(id, now) ?? unknown.get(id, now)
    return known === undefined ? loader.load(id) : known.key
  }
}
