import { expect } from 'vitest'
import { type Asked, fieldOf, type Names } from './groups.ts'
import type { Operations } from './operation.ts'

/** What may be asked of the aggregates, and the asking. */

const MONEY = '{ raw token { chainId address } }'
const AMOUNTS = `{ sum ${MONEY} min ${MONEY} max ${MONEY} avg }`
const SELECTIONS: Readonly<Record<string, string>> = {
  pool: '{ id }',
  round: '{ id }',
  token: '{ chainId address }',
  player: '{ id }',
  amount: AMOUNTS,
  feeAmount: AMOUNTS,
}

export interface Kind {
  readonly root: string
  readonly type: string
  readonly names: Names
  readonly dimensions: readonly string[]
  readonly measures: readonly string[]
}

const parts = (measure: string) => ['SUM', 'MIN', 'MAX', 'AVG'].map((part) => `${measure}_${part}`)

export const ENTRIES: Kind = {
  root: 'entryAggregates',
  type: 'Entry',
  names: {
    members: 'players',
    amounts: [
      { field: 'amount', measure: 'amount' },
      { field: 'feeAmount', measure: 'fee' },
    ],
  },
  dimensions: 'POOL ROUND TOKEN PLAYER NUMBER PAYMENT_METHOD HOUR DAY WEEK'.split(' '),
  measures: ['COUNT', 'PLAYERS', ...parts('AMOUNT'), ...parts('FEE')],
}
export const PAYOUTS: Kind = {
  root: 'payoutAggregates',
  type: 'Payout',
  names: { members: 'recipients', amounts: [{ field: 'amount', measure: 'amount' }] },
  dimensions: 'KIND STATE POOL ROUND TOKEN RECIPIENT HOUR DAY WEEK'.split(' '),
  measures: ['COUNT', 'RECIPIENTS', ...parts('AMOUNT')],
}

export const fieldsOf = ({ dimensions, names }: Kind, hasMoney = true) => [
  ...dimensions.map(fieldOf),
  'count',
  names.members,
  ...(hasMoney ? names.amounts.map(({ field }) => field) : []),
]

export type Where = Readonly<Record<string, unknown>>

const plain = (value: unknown) =>
  JSON.parse(JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}` : inner)))

/** What the API answers: groups, or null for BAD_USER_INPUT. */
export const ask = async (
  operations: Operations,
  { root, type }: Kind,
  { fields, first = 1000, ...asked }: Asked,
  where?: Where,
) => {
  const selection = fields.map((field) => `${field} ${SELECTIONS[field] ?? ''}`).join(' ')
  const having = type === 'Entry' ? ', $having: EntryHaving' : ''
  const { data, errors } = await operations.run(
    `query ($where: ${type}Filter, $groupBy: [${type}Dimension!]!, $orderBy: [${type}AggregateOrder!]${having}, $first: Int!) {
      ${root}(where: $where, groupBy: $groupBy, orderBy: $orderBy${having === '' ? '' : ', having: $having'}, first: $first) { ${selection} }
    }`,
    plain({ ...asked, first, where }),
  )
  if (errors === undefined) return plain(data?.[root])
  expect(errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT'])
  return null
}
