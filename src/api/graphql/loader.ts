import DataLoader from 'dataloader'
import type { Reader } from '../db/reader.ts'
import type { Context } from './context.ts'

/** Reads many keys in one statement; answers in the order of the keys. */
export type Batch<Key, Value> = (db: Reader, keys: readonly Key[]) => Promise<readonly Value[]>

/**
 * Collects the keys that one level of an operation asks for and reads them together. Each operation has its own, so
 * nothing outlives its snapshot.
 */
export const createLoader = <Key, Value>(
  batch: Batch<Key, Value>,
  nameOf: (key: Key) => string = String,
) => {
  const loaders = new WeakMap<Context, DataLoader<Key, Value, string>>()
  return (context: Context): DataLoader<Key, Value, string> => {
    const known = loaders.get(context)
    if (known !== undefined) return known
    const loader = new DataLoader<Key, Value, string>(
      async (keys) => batch(await context.db(), keys),
      {
        cacheKeyFn: nameOf,
        maxBatchSize: 10_000,
        batchScheduleFn: context.pacing.whenAllCame,
      },
    )
    loaders.set(context, loader)
    return loader
  }
}
