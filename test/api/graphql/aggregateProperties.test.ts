import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, ENTRIES, type Kind, PAYOUTS, type Where } from '../../support/aggregates.ts'
import {
  DOLLAR,
  type EntryRow,
  type Known,
  MONDAY,
  type PayoutRow,
  writeGrouped,
} from '../../support/grouped.ts'
import { evaluate, fieldOf } from '../../support/groups.ts'
import { createOperations, type Operations } from '../../support/operation.ts'
import { createTables, type Tables } from '../../support/tables.ts'

/** Whatever groups are asked for: PostgreSQL against plain code. */

let tables: Tables
let operations: Operations
let entries: readonly Known<EntryRow>[]
let payouts: readonly Known<PayoutRow>[]

beforeAll(async () => {
  tables = await createTables()
  operations = createOperations(tables)
  const written = await writeGrouped(tables)
  entries = written.entries
  payouts = written.payouts
})

afterAll(async () => {
  await operations.stop()
  await tables.stop()
})

/** A filter, and the same in plain code. */
interface Condition<Row> {
  readonly where: Where
  readonly holds: (known: Known<Row>) => boolean
}

const both = <Row>(where: Where, holds: Condition<Row>['holds']): Condition<Row> => ({
  where,
  holds,
})

const ofEither = <Row extends EntryRow | PayoutRow>() =>
  fc.oneof(
    fc
      .constantFrom(31337, 8453)
      .map((chainId) =>
        both<Row>({ chainId: { eq: chainId } }, ({ row }) => row.chainId === chainId),
      ),
    fc
      .constantFrom(1n, 2n, 3n, 10n)
      .map((poolId) => both<Row>({ poolId: { ne: poolId } }, ({ row }) => row.poolId !== poolId)),
    fc
      .constantFrom(0n, 41n, 402_000n, 2n ** 64n, 2n ** 200n)
      .map((amount) => both<Row>({ amount: { gt: amount } }, ({ row }) => row.amount > amount)),
    fc
      .integer({ min: MONDAY - 10, max: MONDAY + 1_000_000 })
      .map((time) => both<Row>({ timestamp: { lt: time } }, ({ row }) => row.timestamp < time)),
    fc.constant(
      both<Row>({ pool: { token: { eq: DOLLAR } } }, ({ pool }) => pool.token === DOLLAR),
    ),
    fc
      .constantFrom('OPEN', 'SETTLED', 'CANCELLED')
      .map((status) =>
        both<Row>({ round: { status: { eq: status } } }, (known) => known.status === status),
      ),
  )

const ofEntries = fc.constantFrom(
  both<EntryRow>({ number: { in: [7, 402] } }, ({ row }) => row.number > 1),
  both<EntryRow>({ paymentMethod: { eq: 'ERC20' } }, ({ row }) => row.paymentMethod === 'ERC20'),
  both<EntryRow>({ number: { gt: 402 } }, () => false),
)
const ofPayouts = fc.constantFrom(
  both<PayoutRow>({ kind: { ne: 'FEE' } }, ({ row }) => row.kind !== 'FEE'),
  both<PayoutRow>({ isDelivered: { eq: false } }, ({ row }) => !row.delivered),
)

const conditions = <Row>(simple: fc.Arbitrary<Condition<Row>>) =>
  fc
    .tuple(fc.constantFrom('AND', 'OR', 'NOT'), fc.array(simple, { maxLength: 3 }))
    .map(([operator, parts]) =>
      both<Row>({ [operator]: parts.map(({ where }) => where) }, (known) => {
        if (operator === 'AND') return parts.every(({ holds }) => holds(known))
        const isAny = parts.some(({ holds }) => holds(known))
        return operator === 'OR' ? isAny : !isAny
      }),
    )

const havings = fc.dictionary(
  fc.constantFrom('count', 'players', 'amountSum', 'feeSum'),
  fc.dictionary(
    fc.constantFrom('eq', 'ne', 'gt', 'gte', 'lt', 'lte'),
    fc.oneof(fc.integer({ min: 0, max: 30 }), fc.constantFrom(400, 402_000)),
    { maxKeys: 2 },
  ),
  { maxKeys: 2 },
)

const askedOf = ({ dimensions, measures, ...kind }: Kind) =>
  fc.subarray([...dimensions], { maxLength: 3 }).chain((groupBy) =>
    fc.record({
      groupBy: fc.shuffledSubarray(groupBy, { minLength: groupBy.length }),
      orderBy: fc.uniqueArray(
        fc.record({
          field: fc.constantFrom(...groupBy, ...measures),
          direction: fc.constantFrom('ASC' as const, 'DESC' as const),
        }),
        { maxLength: 3, selector: ({ field }) => field },
      ),
      first: fc.integer({ min: 1, max: 60 }),
      fields: fc
        .tuple(fc.boolean(), fc.subarray(['count', kind.names.members], { minLength: 1 }))
        .map(([hasMoney, counts]) => [
          ...groupBy.map(fieldOf),
          ...counts,
          ...(hasMoney ? kind.names.amounts.map(({ field }) => field) : []),
        ]),
    }),
  )

describe('whatever is asked', () => {
  test('of entries', async () => {
    await fc.assert(
      fc.asyncProperty(
        conditions(fc.oneof(ofEither<EntryRow>(), ofEntries)),
        askedOf(ENTRIES),
        havings,
        async ({ where, holds }, asked, having) => {
          const found = await ask(operations, ENTRIES, { ...asked, having }, where)
          expect(found).toEqual(
            evaluate(entries.filter(holds), ENTRIES.names, { ...asked, having }),
          )
        },
      ),
      { numRuns: 300 },
    )
  })

  test('of payouts', async () => {
    await fc.assert(
      fc.asyncProperty(
        conditions(fc.oneof(ofEither<PayoutRow>(), ofPayouts)),
        askedOf(PAYOUTS),
        async ({ where, holds }, asked) => {
          const found = await ask(operations, PAYOUTS, asked, where)
          expect(found).toEqual(evaluate(payouts.filter(holds), PAYOUTS.names, asked))
        },
      ),
      { numRuns: 200 },
    )
  })
})
