import { afterAll, beforeAll, expect, it } from 'vitest'
import { views } from '../../../src/api/db/analytics/index.ts'
import { NATIVE } from '../../support/game.ts'
import { columnsOf, createSides, MONEY, money, placeOf, type Row, type Sides, TX } from './sides.ts'

let sides: Sides
const nodesOf: Sides['nodesOf'] = (...args) => sides.nodesOf(...args)
const rowsOf: Sides['rowsOf'] = (query) => sides.rowsOf(query)
beforeAll(async () => {
  sides = await createSides()
})
afterAll(() => sides?.stop())

const expectSame = (rows: readonly Row[], wanted: readonly Row[]) => {
  expect(wanted.length).toBeGreaterThan(0)
  expect(columnsOf(rows, wanted)).toEqual(wanted)
}

it('payments are those of GraphQL, in every state of their link', async () => {
  const wanted = await nodesOf(
    'x402Payments',
    `token { address } authorizer nonce amount ${MONEY} facilitator linkStatus player { address }
     round { roundId pool { poolId } } ${TX}`,
  )
  expect(new Set(wanted.map(({ linkStatus }) => linkStatus))).toEqual(
    new Set(['LINKED', 'PENDING', 'ORPHAN', 'MISMATCH', 'CANCELLED']),
  )
  expectSame(
    await rowsOf('select * from analytics.payments order by block_number, log_index'),
    wanted.map((payment) => ({
      token: payment.token.address,
      authorizer: payment.authorizer,
      nonce: payment.nonce,
      ...money('amount', payment.amount),
      facilitator: payment.facilitator,
      link_status: payment.linkStatus,
      pool_id: payment.round?.pool.poolId ?? null,
      round_id: payment.round?.roundId ?? null,
      player: payment.player?.address ?? null,
      ...placeOf(payment),
    })),
  )
})

it('says in the database what every view and every column is', async () => {
  const found = await rowsOf(`
    select relname as view, attname as column, col_description(attrelid, attnum) as comment
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace = 'analytics'::regnamespace and attnum > 0 order by relname, attnum`)
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
  expect(found).toEqual(
    [...views]
      .sort(byName)
      .flatMap((view) =>
        view.columns.map(({ name, comment }) => ({ view: view.name, column: name, comment })),
      ),
  )
  expect(found.every(({ comment }) => typeof comment === 'string' && comment.length > 3)).toBe(true)
  const described = await rowsOf(`
    select relname as name, obj_description(oid, 'pg_class') as comment from pg_class
    where relnamespace = 'analytics'::regnamespace order by relname`)
  expect(described).toEqual([...views].sort(byName).map(({ name, comment }) => ({ name, comment })))
})

it('keeps whole tokens exact where a quotient would round', async () => {
  const raw = '123456789012345678901234567890123456789'
  const undo = new Error('undo')
  let row: Row = {}
  await sides.tables.sql
    .begin(async (tx) => {
      await tx.unsafe(`update token set decimals = 30 where address = '${NATIVE}'`)
      await tx.unsafe(`update player_token set wagered = ${raw} where token = '${NATIVE}'`)
      const [found] = await tx.unsafe(
        `select distinct wagered_raw, wagered from analytics.player_tokens where token = '${NATIVE}'`,
      )
      row = { ...found }
      throw undo
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error
    })
  expect(row).toEqual({ wagered_raw: raw, wagered: '123456789.012345678901234567890123456789' })
})
