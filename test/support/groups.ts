/** Grouped aggregates in plain code: what PostgreSQL has to agree with. */

type Value = string | number | bigint

/** One fact: what it shows and sorts as under each dimension, who it is of, and its amounts by name. */
export interface Fact {
  readonly dimensions: Readonly<Record<string, { readonly sort: readonly Value[]; show: unknown }>>
  readonly token: { readonly chainId: number; readonly address: string; readonly decimals: number }
  readonly member: string
  readonly amounts: Readonly<Record<string, bigint>>
}

export interface Asked {
  readonly groupBy: readonly string[]
  readonly orderBy?: readonly { readonly field: string; readonly direction: 'ASC' | 'DESC' }[]
  readonly having?: Readonly<Record<string, Readonly<Record<string, number | bigint>>>>
  readonly first?: number
  /** Fields of the answer. */
  readonly fields: readonly string[]
}

/** Names in the API: the field of the members, and of each amount the field and what measures of it begin with. */
export interface Names {
  readonly members: string
  readonly amounts: readonly { readonly field: string; readonly measure: string }[]
}

const ONE_TOKEN = ['POOL', 'ROUND', 'TOKEN']

const compare = (a: Value, b: Value) => (a < b ? -1 : a > b ? 1 : 0)

const HOLDS: Readonly<Record<string, (sign: number) => boolean>> = {
  eq: (sign) => sign === 0,
  ne: (sign) => sign !== 0,
  gt: (sign) => sign > 0,
  gte: (sign) => sign >= 0,
  lt: (sign) => sign < 0,
  lte: (sign) => sign <= 0,
}

/** Halves up, to `places`. */
const quotient = (sum: bigint, count: bigint, places: bigint) => {
  const scaled = sum * 10n ** places
  return scaled / count + (2n * (scaled % count) >= count ? 1n : 0n)
}

const decimal = (raw: bigint, places: number) => {
  const digits = raw.toString().padStart(places + 1, '0')
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`.replace(/\.?0+$/, '')
}

export const fieldOf = (dimension: string) =>
  dimension.toLowerCase().replace(/_[a-z]/g, (letter) => letter.slice(1).toUpperCase())

const constantOf = (measure: string) =>
  measure.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

const group = (facts: readonly Fact[], names: Names, groupBy: readonly string[]) => {
  const amounts = names.amounts.map(({ field, measure }) => {
    const all = facts.map((fact) => fact.amounts[field] ?? 0n).toSorted(compare)
    const sum = all.reduce((total, amount) => total + amount, 0n)
    const [min = 0n] = all
    const max = all.at(-1) ?? 0n
    const avg = all.length === 0 ? 0n : quotient(sum, BigInt(all.length), 6n)
    return { field, measure, sum, min, max, avg }
  })
  const members = new Set(facts.map(({ member }) => member)).size
  const isEmpty = facts.length === 0
  const measures = new Map<string, Value | null>([
    ['count', facts.length],
    [names.members, members],
    ...amounts.flatMap(({ measure, sum, min, max, avg }): [string, Value | null][] => [
      [`${measure}Sum`, isEmpty ? null : sum],
      [`${measure}Min`, isEmpty ? null : min],
      [`${measure}Max`, isEmpty ? null : max],
      [`${measure}Avg`, isEmpty ? null : avg],
    ]),
  ])
  const sorts = new Map<string, readonly Value[]>([
    ...groupBy.map((name): [string, readonly Value[]] => [
      name,
      facts[0]?.dimensions[name]?.sort ?? [],
    ]),
    ...[...measures].map(([name, value]): [string, readonly Value[]] => [
      constantOf(name),
      value === null ? [] : [value],
    ]),
  ])
  const token = facts[0]?.token
  const money = (raw: bigint) => ({
    raw: `${raw}`,
    token: { chainId: token?.chainId, address: token?.address },
  })
  const shown = new Map<string, unknown>([
    ['count', facts.length],
    [names.members, members],
    ...groupBy.map((name): [string, unknown] => [
      fieldOf(name),
      facts[0]?.dimensions[name]?.show ?? null,
    ]),
    ...amounts.map(({ field, sum, min, max, avg }): [string, unknown] => [
      field,
      token === undefined
        ? null
        : {
            sum: money(sum),
            min: money(min),
            max: money(max),
            avg: decimal(avg, token.decimals + 6),
          },
    ]),
  ])
  return { measures, sorts, shown }
}

/** The answer as JSON; null where amounts of several tokens would come together. */
export const evaluate = (
  facts: readonly Fact[],
  names: Names,
  { groupBy, orderBy = [], having = {}, first = 100, fields }: Asked,
) => {
  const used = [
    ...fields,
    ...Object.keys(having),
    ...orderBy.map(({ field }) => field.toLowerCase()),
  ]
  const isMoney = names.amounts.some(({ field, measure }) =>
    used.some((name) => name === field || name.startsWith(measure)),
  )
  const tokens = new Set(facts.map(({ token }) => `${token.chainId}-${token.address}`))
  if (isMoney && tokens.size > 1 && !groupBy.some((name) => ONE_TOKEN.includes(name))) return null

  const keyOf = ({ dimensions }: Fact) =>
    groupBy.map((name) => dimensions[name]?.sort.join('-')).join(' ')
  const parts = groupBy.length === 0 ? [facts] : [...Map.groupBy(facts, keyOf).values()]
  const last = orderBy.at(-1)?.direction ?? 'ASC'
  const order = [...orderBy, ...groupBy.map((field) => ({ field, direction: last }))]
  return parts
    .map((part) => group(part, names, groupBy))
    .filter(({ measures }) =>
      Object.entries(having).every(([name, operators]) => {
        const value = measures.get(name) ?? null
        return Object.entries(operators).every(([operator, wanted]) =>
          value === null ? operator === 'ne' : HOLDS[operator]?.(compare(value, wanted)),
        )
      }),
    )
    .toSorted((a, b) => {
      for (const { field, direction } of order) {
        const one = a.sorts.get(field) ?? []
        const other = b.sorts.get(field) ?? []
        const sign = one
          .map((value, at) => compare(value, other[at] ?? 0))
          .find((each) => each !== 0)
        if (sign !== undefined) return direction === 'ASC' ? sign : -sign
      }
      return 0
    })
    .slice(0, first)
    .map(({ shown }) =>
      Object.fromEntries(fields.map((field) => [field, shown.get(field) ?? null])),
    )
}
