/** Values by key, the ones set last; the one set longest ago goes first. */
export interface Recent<Value> {
  readonly get: (key: string) => Value | undefined
  readonly set: (key: string, value: Value) => void
  readonly delete: (key: string) => void
}

/** Keeps at most `most`. */
export const createRecent = <Value>(most: number): Recent<Value> => {
  const kept = new Map<string, Value>()
  return {
    get: (key) => kept.get(key),
    set: (key, value) => {
      kept.delete(key)
      kept.set(key, value)
      for (const oldest of kept.keys()) {
        if (kept.size <= most) break
        kept.delete(oldest)
      }
    },
    delete: (key) => {
      kept.delete(key)
    },
  }
}
