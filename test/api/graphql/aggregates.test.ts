import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, ENTRIES, fieldsOf, type Kind, PAYOUTS } from '../../support/aggregates.ts'
import { type EntryRow, type Known, type PayoutRow, writeGrouped } from '../../support/grouped.ts'
import { evaluate } from '../../support/groups.ts'
import { createOperations, type Operations } from '../../support/operation.ts'
import { createTables, type Tables } from '../../support/tables.ts'

/** Groups as PostgreSQL makes them, against the same groups made in plain code and in SQL written by hand. */

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

const pairs = ({ dimensions }: Kind) =>
  dimensions.flatMap((one, at) => dimensions.slice(at).map((other) => [...new Set([one, other])]))

describe('dimensions, alone and in pairs', () => {
  test.each(pairs(ENTRIES))('entries by %s %s', async (...groupBy) => {
    const asked = { groupBy: groupBy.filter((name) => name !== undefined), first: 1000 }
    for (const fields of [fieldsOf(ENTRIES), fieldsOf(ENTRIES, false)])
      expect(await ask(operations, ENTRIES, { ...asked, fields })).toEqual(
        evaluate(entries, ENTRIES.names, { ...asked, fields }),
      )
  })

  test.each(pairs(PAYOUTS))('payouts by %s %s', async (...groupBy) => {
    const asked = { groupBy: groupBy.filter((name) => name !== undefined), first: 1000 }
    for (const fields of [fieldsOf(PAYOUTS), fieldsOf(PAYOUTS, false)])
      expect(await ask(operations, PAYOUTS, { ...asked, fields })).toEqual(
        evaluate(payouts, PAYOUTS.names, { ...asked, fields }),
      )
  })
})

describe('orders', () => {
  test.each(
    [ENTRIES, PAYOUTS].flatMap((kind) =>
      kind.measures.flatMap((field) =>
        (['ASC', 'DESC'] as const).map((direction) => ({ kind, field, direction, ...kind })),
      ),
    ),
  )('$root by $field $direction', async ({ kind, field, direction }) => {
    const fields = fieldsOf(kind)
    const asked = { groupBy: ['ROUND', 'WEEK'], orderBy: [{ field, direction }], first: 40, fields }
    const facts = kind === ENTRIES ? entries : payouts
    expect(await ask(operations, kind, asked)).toEqual(evaluate(facts, kind.names, asked))
  })
})

describe('SQL written by hand says the same', () => {
  test('of entries by pool and player', async () => {
    const rows = await tables.sql`
      select entry.pool_id::text as pool, entry.player, count(*)::text as count, sum(amount)::text as sum,
        min(amount)::text as min, max(amount)::text as max, sum(fee_amount)::text as fees
      from entry where entry.chain_id = 31337 and number <> 7
      group by pool_id, player having sum(amount) > 402000
      order by sum(amount) desc, pool_id desc, player desc`
    const { entryAggregates } = await operations.ask(`{
      entryAggregates(
        where: { chainId: { eq: 31337 }, number: { ne: 7 } }
        groupBy: [POOL, PLAYER]
        having: { amountSum: { gt: "402000" } }
        orderBy: { field: AMOUNT_SUM, direction: DESC }
      ) { pool { poolId } player { address } count amount { sum { raw } min { raw } max { raw } } feeAmount { sum { raw } } }
    }`)
    expect(rows.length).toBeGreaterThan(10)
    expect(entryAggregates).toEqual(
      rows.map(({ pool, player, count, sum, min, max, fees }) => ({
        pool: { poolId: pool },
        player: { address: player },
        count: Number(count),
        amount: { sum: { raw: sum }, min: { raw: min }, max: { raw: max } },
        feeAmount: { sum: { raw: fees } },
      })),
    )
  })

  test('of entries by week and token', async () => {
    const rows = await tables.sql`
      select extract(epoch from date_trunc('week', to_timestamp(entry.timestamp), 'UTC'))::bigint::text as week,
        pool.chain_id::text as chain, pool.token, count(*)::text as count, count(distinct entry.player)::text as players,
        sum(entry.amount)::text as sum
      from entry join pool using (chain_id, pool_id)
      group by 1, pool.chain_id, pool.token order by 1, pool.chain_id, pool.token`
    const { entryAggregates } = await operations.ask(
      '{ entryAggregates(groupBy: [WEEK, TOKEN]) { week token { chainId address } count players amount { sum { raw } } } }',
    )
    expect(rows.length).toBeGreaterThan(10)
    expect(entryAggregates).toEqual(
      rows.map(({ week, chain, token, count, players, sum }) => ({
        week: Number(week),
        token: { chainId: Number(chain), address: token },
        count: Number(count),
        players: Number(players),
        amount: { sum: { raw: sum } },
      })),
    )
  })

  test('of payouts by kind and state', async () => {
    const rows = await tables.sql`
      with states as (
        select kind::text, amount, recipient, case when delivered then 'DELIVERED' when (
          select count(*) from credit_claimed claim where claim.account = payout.recipient and claim.token = payout.token
            and claim.chain_id = payout.chain_id and (claim.block_number > payout.block_number
              or claim.block_number = payout.block_number and claim.log_index > payout.log_index)
        ) > 0 then 'CLAIMED' else 'CREDITED' end as state
        from payout where pool_id = 10)
      select kind, state, count(*)::text as count, count(distinct recipient)::text as recipients, sum(amount)::text as sum
      from states group by kind, state order by count(*) desc, kind, state`
    const { payoutAggregates } = await operations.ask(`{
      payoutAggregates(where: { pool: { poolId: { eq: 10 } } }, groupBy: [KIND, STATE]) { kind state count recipients amount { sum { raw } } }
    }`)
    const byName = (list: readonly object[]) => new Set(list.map((row) => JSON.stringify(row)))
    expect(rows.length).toBeGreaterThan(5)
    expect(byName(payoutAggregates as object[])).toEqual(
      byName(
        rows.map(({ kind, state, count, recipients, sum }) => ({
          ...{ kind, state, count: Number(count), recipients: Number(recipients) },
          amount: { sum: { raw: sum } },
        })),
      ),
    )
  })
})

describe('one group', () => {
  test('of everything', async () => {
    expect(await operations.ask('{ entryAggregates { pool { id } day count players } }')).toEqual({
      entryAggregates: [{ pool: null, day: null, count: 400, players: 10 }],
    })
  })

  test('of nothing', async () => {
    expect(
      await operations.ask(`{
        entryAggregates(where: { number: { gt: 402 } }) { count players amount { avg } feeAmount { avg } }
        payoutAggregates(where: { poolId: { eq: 99 } }) { count recipients amount { avg } }
      }`),
    ).toEqual({
      entryAggregates: [{ count: 0, players: 0, amount: null, feeAmount: null }],
      payoutAggregates: [{ count: 0, recipients: 0, amount: null }],
    })
  })

  test('of nothing has no sum to compare', async () => {
    expect(
      await operations.ask(`{
        kept: entryAggregates(where: { number: { gt: 402 } }, having: { amountSum: { isNull: true } }) { count }
        dropped: entryAggregates(where: { number: { gt: 402 } }, having: { amountSum: { lt: 1 } }) { count }
        none: entryAggregates(where: { number: { gt: 402 } }, groupBy: [POOL]) { count }
      }`),
    ).toEqual({ kept: [{ count: 0 }], dropped: [], none: [] })
  })

  test('beyond 2^64, with a broken average', async () => {
    const ofPool = entries.filter(({ pool }) => pool.poolId === 10n)
    const sum = ofPool.reduce((total, { row }) => total + row.amount, 0n)
    const { entryAggregates } = await operations.ask(
      '{ entryAggregates(where: { poolId: { eq: 10 } }) { amount { sum { raw decimal } avg } } }',
    )
    expect(sum).toBeGreaterThan(2n ** 200n)
    const scaled = (sum * 2_000_000n + BigInt(ofPool.length)) / BigInt(2 * ofPool.length)
    const avg = `${scaled / 1_000_000n}.${String(scaled % 1_000_000n).padStart(6, '0')}`
    expect(entryAggregates).toEqual([
      { amount: { sum: { raw: `${sum}`, decimal: `${sum}` }, avg: avg.replace(/\.?0+$/, '') } },
    ])
  })
})
