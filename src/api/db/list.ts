import { decodeCursor } from './cursor.ts'
import type { Entity } from './entity.ts'
import { InputError } from './errors.ts'
import type { Fields } from './fields.ts'
import type { Filter } from './filter.ts'
import { checkPlace, type Direction, type OrderBy, type Place, totalOrder } from './order.ts'

/** Rows of an entity below a parent, or all of them. */
export interface List<Row> {
  readonly name: string
  readonly entity: Entity<Row>
  /** Fields that equal the parent's key. Empty for a list of everything. */
  readonly parent: readonly string[]
  /** Fields that, with the parent's, tell any two rows apart; rows come in this order unless asked otherwise. */
  readonly key: readonly string[]
  readonly direction?: Direction
}

export interface PageArgs {
  readonly where?: Filter | null | undefined
  readonly orderBy?: readonly OrderBy[] | null | undefined
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly last?: number | null | undefined
  readonly before?: string | null | undefined
  /** All rows are of this chain. Said to the database, an index that begins with the chain gives the order of any other column behind it. */
  readonly onlyChain?: number | undefined
  /** Columns that rows need at least, besides those of their order. Absent: whole rows. */
  readonly columns?: readonly string[] | undefined
}

export const DEFAULT_PAGE = 25
export const MAX_PAGE = 1000

/** What a page asks for, checked and complete. */
export interface Plan<Row> {
  readonly list: List<Row>
  readonly order: readonly OrderBy[]
  readonly isBackward: boolean
  readonly size: number
  readonly after: Place | null
  readonly before: Place | null
  readonly where: Filter | null
  readonly onlyChain: number | undefined
}

/** @throws InputError when no page has this size */
export const checkSize = (name: 'first' | 'last', size: number): number => {
  if (Number.isInteger(size) && size >= 0 && size <= MAX_PAGE) return size
  throw new InputError(`${name}: expected a number from 0 to ${MAX_PAGE}`)
}

const place = (
  fields: Fields,
  list: string,
  order: readonly OrderBy[],
  name: string,
  cursor: string | null | undefined,
) => {
  if (cursor === null || cursor === undefined) return null
  try {
    return checkPlace(fields, order, decodeCursor(list, order, cursor))
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${name}: ${error.message}`) : error
  }
}

/** @throws InputError when the arguments cannot be right */
export const planPage = <Row>(given: List<Row>, args: PageArgs): Plan<Row> => {
  const { fields } = given.entity
  const first = args.first ?? null
  const last = args.last ?? null
  if (first !== null && last !== null) throw new InputError('expected first or last, not both')
  const order = totalOrder(fields, args.orderBy ?? [], given.key, given.direction)
  const after = place(fields, given.name, order, 'after', args.after)
  const before = place(fields, given.name, order, 'before', args.before)
  const isBackward = last !== null || (first === null && before !== null && after === null)
  const size = last === null ? checkSize('first', first ?? DEFAULT_PAGE) : checkSize('last', last)
  const { where = null, onlyChain, columns } = args
  const { entity } = given
  const part = columns && entity.part?.([...columns, ...order.map(({ field }) => field)])
  const list = part === undefined ? given : { ...given, entity: { ...entity, ...part } }
  return { list, order, isBackward, size, after, before, where, onlyChain }
}
