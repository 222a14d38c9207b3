import { InputError } from './errors.ts'
import { encodeValue, type Field, type Fields, type Parameter } from './fields.ts'
import type { Filter } from './filter.ts'

/** The filters of filter.ts, for rows that are in memory already. What SQL would select, this accepts. */
type Test<Row> = (row: Row) => boolean

const isWhole = ({ kind }: Field) =>
  ['int', 'uint32', 'bigint', 'blockNumber', 'timestamp'].includes(kind)

type Comparable = bigint | Parameter

/** Whole numbers are compared by size, all else as text. */
const wantedValue = (field: Field, value: unknown): Comparable => {
  const parameter = encodeValue(field, value)
  return isWhole(field) ? BigInt(parameter) : parameter
}

const columnValue = (field: Field, column: unknown): Comparable =>
  isWhole(field) ? BigInt(column as number | bigint) : (column as Parameter)

const compare = (one: Comparable, other: Comparable) => (one === other ? 0 : one < other ? -1 : 1)

type Operator = (field: Field, value: unknown) => (column: unknown) => boolean

const isAbsent = (column: unknown) => column === null || column === undefined

const ordered =
  (holds: (sign: number) => boolean): Operator =>
  (field, value) => {
    const wanted = wantedValue(field, value)
    return (column) => !isAbsent(column) && holds(compare(columnValue(field, column), wanted))
  }

const oneOf = (field: Field, value: unknown) => {
  if (!Array.isArray(value)) throw new InputError('expected a list')
  const wanted = new Set(value.map((item) => wantedValue(field, item)))
  return (column: unknown) => wanted.has(columnValue(field, column))
}

const textual =
  (holds: (text: string, part: string) => boolean, isInsensitive = false): Operator =>
  (field, value) => {
    const fold = (text: string) => (isInsensitive ? text.toLowerCase() : text)
    const part = fold(String(encodeValue(field, value)))
    return (column) => !isAbsent(column) && holds(fold(String(column)), part)
  }

const contains = (text: string, part: string) => text.includes(part)
const startsWith = (text: string, part: string) => text.startsWith(part)
const endsWith = (text: string, part: string) => text.endsWith(part)
const equal = ordered((sign) => sign === 0)

const OPERATORS: Readonly<Record<string, Operator>> = {
  eq: equal,
  ne: (field, value) => {
    const isEqual = equal(field, value)
    return (column) => !isEqual(column)
  },
  gt: ordered((sign) => sign > 0),
  gte: ordered((sign) => sign >= 0),
  lt: ordered((sign) => sign < 0),
  lte: ordered((sign) => sign <= 0),
  in: (field, value) => {
    const isIn = oneOf(field, value)
    return (column) => !isAbsent(column) && isIn(column)
  },
  notIn: (field, value) => {
    const isIn = oneOf(field, value)
    return (column) => isAbsent(column) || !isIn(column)
  },
  isNull: (_, value) => (column) => isAbsent(column) === (value === true),
  contains: textual(contains),
  startsWith: textual(startsWith),
  endsWith: textual(endsWith),
  containsInsensitive: textual(contains, true),
  startsWithInsensitive: textual(startsWith, true),
  endsWithInsensitive: textual(endsWith, true),
}

const isFilter = (value: unknown): value is Filter =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const operatorsTest = (field: Field, operators: unknown) => {
  if (!isFilter(operators)) throw new InputError('expected an operator')
  const tests = Object.entries(operators).map(([operator, value]) => {
    const build = OPERATORS[operator]
    if (build === undefined) throw new InputError(`there is no operator ${operator}`)
    return build(field, value)
  })
  return (column: unknown) => tests.every((test) => test(column))
}

/**
 * A filter as a test. It expects one that `filterCondition` takes, without relations.
 *
 * @throws InputError
 */
export const filterTest = <Row extends object>(
  fields: Fields,
  filter: Filter | null | undefined,
): Test<Row> => {
  const group = (value: unknown): readonly Test<Row>[] => {
    if (!Array.isArray(value)) throw new InputError('where: expected a list of filters')
    return value.map(build)
  }
  const build = (part: unknown): Test<Row> => {
    if (!isFilter(part)) throw new InputError('where: expected a filter')
    const tests = Object.entries(part).map(([name, value]): Test<Row> => {
      if (name === 'AND') {
        const parts = group(value)
        return (row) => parts.every((test) => test(row))
      }
      if (name === 'OR') {
        const parts = group(value)
        return (row) => parts.some((test) => test(row))
      }
      if (name === 'NOT') {
        const parts = group(value)
        return (row) => !parts.some((test) => test(row))
      }
      const field = fields[name]
      if (field === undefined) throw new InputError(`where.${name}: there is no such field`)
      const test = operatorsTest(field, value)
      return (row) => test(row[name as keyof Row])
    })
    return (row) => tests.every((test) => test(row))
  }
  return filter === null || filter === undefined ? () => true : build(filter)
}
