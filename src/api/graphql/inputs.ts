import type { EnumRef, InputObjectRef } from '@pothos/core'
import type { Entity } from '../db/entity.ts'
import type { Field, Fields, Kind } from '../db/fields.ts'
import type { Filter } from '../db/filter.ts'
import type { OrderBy } from '../db/order.ts'
import { builder } from './builder.ts'
import { ENUMS, OrderDirection } from './enums.ts'

/** Input types made from the descriptions of the tables: one filter a kind of value, one filter and one order an entity. */

type Types = typeof builder.$inferSchemaTypes
type FilterRef = InputObjectRef<Types, Filter>

const SCALARS = {
  int: 'Int',
  uint32: 'UInt32',
  bigint: 'BigInt',
  blockNumber: 'BigInt',
  timestamp: 'Timestamp',
  address: 'Address',
  hex: 'Hex',
  text: 'String',
  boolean: 'Boolean',
} as const satisfies Record<Exclude<Kind, 'enum'>, string>
const ORDERED: readonly Kind[] = ['int', 'uint32', 'bigint', 'blockNumber', 'timestamp']
const TEXT = ['contains', 'startsWith', 'endsWith']

const enums: Readonly<Record<string, EnumRef<Types, string>>> = ENUMS
const kindFilters = new Map<string, FilterRef>()

const valueType = (field: Field) => {
  if (field.kind !== 'enum') return SCALARS[field.kind]
  const ref = enums[field.enumName ?? '']
  if (ref === undefined) throw new Error(`There is no enum ${field.enumName}`)
  return ref
}

const kindFilter = (field: Field): FilterRef => {
  const type = valueType(field)
  const name = `${typeof type === 'string' ? type : field.enumName}Filter`
  const known = kindFilters.get(name)
  if (known !== undefined) return known
  const ref = builder.inputRef<Filter>(name)
  kindFilters.set(name, ref)
  const isText = field.kind === 'text'
  const single = [
    'eq',
    'ne',
    ...(ORDERED.includes(field.kind) ? ['gt', 'gte', 'lt', 'lte'] : []),
    ...(isText ? TEXT.flatMap((operator) => [operator, `${operator}Insensitive`]) : []),
  ]
  return ref.implement({
    description: isText
      ? 'All that are given must hold. % _ and \\ mean themselves.'
      : 'All that are given must hold.',
    fields: (t) => ({
      ...Object.fromEntries(single.map((operator) => [operator, t.field({ type })])),
      ...Object.fromEntries(
        ['in', 'notIn'].map((operator) => [operator, t.field({ type: [type] })]),
      ),
      isNull: t.boolean(),
    }),
  })
}

/** The filter of an entity. `relations` name the filters of the rows it belongs to. */
export const createFilter = (
  name: string,
  fields: Fields,
  relations: Readonly<Record<string, FilterRef>> = {},
): FilterRef => {
  const ref: FilterRef & { implement: ReturnType<typeof builder.inputRef<Filter>>['implement'] } =
    builder.inputRef<Filter>(name)
  return ref.implement({
    description: 'All that is given must hold. NOT: none of these may hold.',
    fields: (t) => ({
      AND: t.field({ type: [ref] }),
      OR: t.field({ type: [ref] }),
      NOT: t.field({ type: [ref] }),
      ...Object.fromEntries(
        Object.entries(fields).map(([field, description]) => [
          field,
          t.field({ type: kindFilter(description) }),
        ]),
      ),
      ...Object.fromEntries(
        Object.entries(relations).map(([relation, type]) => [relation, t.field({ type })]),
      ),
    }),
  })
}

export const constantCase = (name: string) =>
  name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

/** The order of an entity: any field of it, and which way. */
export const createOrder = <Row>(name: string, entity: Entity<Row>) => {
  const field = builder.enumType(`${name}Field`, {
    values: Object.fromEntries(
      Object.keys(entity.fields).map((value) => [constantCase(value), { value }]),
    ),
  })
  return builder.inputRef<OrderBy>(name).implement({
    description:
      'Later orders decide between equals of earlier ones, the primary key between the rest.',
    fields: (t) => ({
      field: t.field({ type: field, required: true }),
      direction: t.field({ type: OrderDirection, required: true, defaultValue: 'ASC' }),
    }),
  })
}
