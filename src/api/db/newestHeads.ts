import type { Database } from './database.ts'
import { type Head, listHeads } from './head.ts'

/** The heads that the rows have at some moment after the call. Those who ask at the same time share one statement. */
export type NewestHeads = () => Promise<readonly Head[]>

export const createNewestHeads = ({ db }: Pick<Database, 'db'>): NewestHeads => {
  let asking: Promise<unknown> = Promise.resolve()
  let next: Promise<readonly Head[]> | undefined
  return () => {
    next ??= asking
      .catch(() => undefined)
      .then(() => {
        next = undefined
        const heads = listHeads(db)
        asking = heads
        return heads
      })
    return next
  }
}
