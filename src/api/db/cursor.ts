import { InputError } from './errors.ts'
import type { OrderBy, Place } from './order.ts'

/** Raise it when old cursors can no longer be read. */
const VERSION = 1

const orderName = (order: readonly OrderBy[]) =>
  order.map(({ field, direction }) => (direction === 'ASC' ? field : `-${field}`)).join()

/** A cursor carries the list, its order and the row's values, so any replica can go on from it. */
export const encodeCursor = (list: string, order: readonly OrderBy[], place: Place): string =>
  encode([VERSION, list, orderName(order), ...place])

const encode = (content: readonly unknown[]): string =>
  Buffer.from(JSON.stringify(content)).toString('base64url')

const parse = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    throw new InputError('not a cursor')
  }
}

/**
 * The values in a cursor; still to be checked against the columns.
 *
 * @throws InputError when it is none of this list in this order.
 */
export const decodeCursor = (
  list: string,
  order: readonly OrderBy[],
  cursor: string,
): readonly unknown[] => {
  const content = parse(cursor)
  if (!Array.isArray(content) || encode(content) !== cursor) throw new InputError('not a cursor')
  const [version, ofList, ofOrder, ...place]: unknown[] = content
  if (version !== VERSION || ofList !== list || ofOrder !== orderName(order))
    throw new InputError('the cursor belongs to another list or another order')
  return place
}
