import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { createAnalyst } from '../../../stack/analyst.ts'
import { pointViews } from '../../../stack/analystViews.ts'
import { type Anvil, createAnvil } from '../../../stack/anvil.ts'
import { createLook } from '../../../stack/viewFollower.ts'
import { DEPLOYMENTS } from '../../support/operation.ts'
import { writeStory } from '../../support/story.ts'
import { createTables, type Tables } from '../../support/tables.ts'

/** Views that follow an indexer of another schema, once it has caught up. */

const CHAIN = 31337
const NEXT = 'pay402win_2'
const LOCKED = '55P03'

let tables: Tables
let anvil: Anvil
let admin: postgres.Sql

beforeAll(async () => {
  tables = await createTables()
  await writeStory(tables)
  anvil = await createAnvil({ blockTime: 0 })
})
afterAll(async () => {
  await anvil?.stop()
  await tables?.stop()
})

beforeEach(async () => {
  admin = postgres(tables.url, { max: 1, onnotice: () => undefined })
  await admin.unsafe(`create schema ${NEXT}`)
  const found = await admin<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = ${tables.schema}`
  for (const { name } of found)
    await admin.unsafe(
      `create table ${NEXT}.${name} (like ${tables.schema}.${name} including all);
       insert into ${NEXT}.${name} select * from ${tables.schema}.${name}`,
    )
})
afterEach(async () => {
  await admin.unsafe(`drop schema if exists ${NEXT} cascade; drop schema if exists analytics cascade;
    comment on table ${tables.schema}._ponder_meta is null`)
  await admin.end({ timeout: 5 })
})

const viewsOf = (schema: string) => ({
  ...{ schema, analyticsSchema: 'analytics', deployments: DEPLOYMENTS },
})
const lookAt = (schema: string) =>
  createLook(admin, { ...viewsOf(schema), rpcUrls: new Map([[CHAIN, anvil.url]]) })

const setReady = (schema: string, isReady: 0 | 1) =>
  admin.unsafe(
    `update ${schema}._ponder_meta set value = value || '{"is_ready": ${isReady}}' where key = 'app'`,
  )

/** The schema whose tables each view shows. */
const shown = async () => {
  const rows = await admin<{ schema: string }[]>`
    select distinct relnamespace::regnamespace::text as schema from pg_class
    where oid in (select refobjid from pg_depend where refclassid = 'pg_class'::regclass and objid in (
      select oid from pg_rewrite where ev_class in (
        select oid from pg_class where relnamespace = to_regnamespace('analytics'))))
      and relnamespace <> to_regnamespace('analytics')`
  return rows.map(({ schema }) => schema)
}

const grants = async () => [
  ...(await admin`
    select relname, grantee::regrole::text, privilege_type from pg_class, aclexplode(relacl)
    where relnamespace = 'analytics'::regnamespace order by 1, 2, 3`),
]

const headOf = async () => {
  const [head] = await admin<{ number: number }[]>`
    select max(number)::int as number from ${admin(tables.schema)}.block where chain_id = ${CHAIN}`
  return head?.number ?? 0
}

const mineTo = async (number: number) => {
  const ask = async (method: string, params: readonly unknown[]) => {
    const response = await fetch(anvil.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    return ((await response.json()) as { result: string }).result
  }
  const mined = Number(await ask('eth_blockNumber', []))
  if (number > mined) await ask('anvil_mine', [`0x${(number - mined).toString(16)}`])
}

it('show another schema when it is ready and has the newest block, with the grants they had', async () => {
  await createAnalyst(admin, { ...viewsOf(tables.schema), role: 'analyst' })
  await createAnalyst(admin, { ...viewsOf(tables.schema), role: 'reader' })
  const before = await grants()
  const head = await headOf()
  await mineTo(head)
  const look = lookAt(NEXT)

  await setReady(NEXT, 0)
  expect([await look(), await shown()]).toEqual(['WAITING', [tables.schema]])

  await admin.unsafe(`delete from ${NEXT}.block where number = ${head}`)
  await setReady(NEXT, 1)
  expect([await look(), await shown()]).toEqual(['WAITING', [tables.schema]])

  await admin.unsafe(
    `insert into ${NEXT}.block select * from ${tables.schema}.block where number = ${head}`,
  )
  expect([await look(), await shown()]).toEqual(['POINTED', [NEXT]])
  expect(await grants()).toEqual(before)
})

it('are made again, readable as before, when they went with the schema they showed', async () => {
  await createAnalyst(admin, { ...viewsOf(tables.schema), role: 'analyst' })
  const before = await grants()
  await pointViews(admin, viewsOf(NEXT))
  await admin.unsafe(`drop schema ${NEXT} cascade; create schema ${NEXT}`)
  expect(await shown()).toEqual([])
  await admin.unsafe(`comment on table ${tables.schema}._ponder_meta is null`)
  await setReady(tables.schema, 1)
  expect([await lookAt(tables.schema)(), await shown()]).toEqual(['POINTED', [tables.schema]])
  expect(await grants()).toEqual(before)
})

it('do not go back to tables they have shown, unless somebody asks for it', async () => {
  await pointViews(admin, viewsOf(tables.schema))
  await setReady(tables.schema, 1)
  await setReady(NEXT, 1)
  expect([await lookAt(NEXT)(), await shown()]).toEqual(['POINTED', [NEXT]])
  expect([await lookAt(tables.schema)(), await shown()]).toEqual(['NOTHING', [NEXT]])
  await pointViews(admin, viewsOf(tables.schema))
  expect([await lookAt(NEXT)(), await shown()]).toEqual(['NOTHING', [tables.schema]])
})

it('are not made where nobody has made them, and somebody else’s are left alone', async () => {
  await setReady(NEXT, 1)
  expect([await lookAt(NEXT)(), await shown()]).toEqual(['NOTHING', []])
  await admin.unsafe('create schema analytics; create view analytics.heads as select 1 as one')
  expect([await lookAt(NEXT)(), await shown()]).toEqual(['NOTHING', []])
  expect(await admin`select * from analytics.heads`).toMatchObject([{ one: 1 }])
})

it('wait for nobody who reads them, and change all at once or not at all', async () => {
  await pointViews(admin, viewsOf(tables.schema))
  await setReady(NEXT, 1)
  const look = lookAt(NEXT)
  const reader = postgres(tables.url, { max: 1, onnotice: () => undefined })
  await reader.unsafe('begin; select * from analytics.payments').simple()
  await expect(look()).rejects.toMatchObject({ code: LOCKED })
  expect(await shown()).toEqual([tables.schema])
  await reader.end({ timeout: 1 })
  expect([await look(), await shown()]).toEqual(['POINTED', [NEXT]])
})
