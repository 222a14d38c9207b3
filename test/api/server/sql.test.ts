import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { schema } from '../../../src/api/graphql/schema.ts'
import { createAnalyst } from '../../../stack/analyst.ts'
import { createApiKey } from '../../../stack/apiKeys.ts'
import { waitFor } from '../../../stack/process.ts'
import { writeStory } from '../../support/story.ts'
import { createTables, type Tables } from '../../support/tables.ts'
import { type Api, createApi } from './world.ts'

let tables: Tables
let admin: postgres.Sql
let api: Api
const keys = new Map<string, string>()

const ROWS = 2000
const ACCESS = 'pay402win_access'

beforeAll(async () => {
  tables = await createTables()
  await writeStory(tables)
  admin = postgres(tables.url, { max: 1, onnotice: () => undefined })
  const role = {
    schema: tables.schema,
    analyticsSchema: 'analytics',
    role: 'analyst',
    deployments: [],
  }
  // What the database takes from everybody is tested elsewhere; this has to hold without it.
  await createAnalyst(admin, { ...role, keepPublic: true })
  for (const [name, keyRole] of [
    ['one', 'analyst'],
    ['two', 'operator'],
    ['three', 'analyst'],
    ['player', 'player'],
  ] as const)
    keys.set(
      name,
      (await createApiKey(admin, ACCESS, { name, role: keyRole, costPerMinute: null })).key,
    )
  api = await createApi(tables, schema, {
    ANALYST_DATABASE_URL: tables.server.url('pay402win', 'analyst'),
    SQL_TIMEOUT_MS: '1000',
    SQL_MAX_ROWS: String(ROWS),
    SQL_AT_ONCE: '3',
    SQL_AT_ONCE_PER_KEY: '2',
    SLOW_CONSUMER_MS: '700',
  })
})
afterAll(async () => {
  await api.stop()
  await admin.end({ timeout: 1 })
  await tables.stop()
})

interface Answer {
  readonly status: number | undefined
  readonly type: string | undefined
  readonly trailer: string | undefined
  readonly body: string
}

const open = (body: object | string, headers: Record<string, string> = {}, key = 'one') => {
  const sent = request(new URL('/sql', api.url), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${keys.get(key) ?? key}`,
      ...headers,
    },
  })
  sent.end(typeof body === 'string' ? body : JSON.stringify(body))
  return sent
}

const send = async (
  body: object | string,
  headers: Record<string, string> = {},
  key = 'one',
): Promise<Answer> => {
  const [response] = (await once(open(body, headers, key), 'response')) as [IncomingMessage]
  const answered = await text(response)
  return {
    status: response.statusCode,
    type: response.headers['content-type'],
    trailer: response.trailers.result,
    body: answered,
  }
}

const ask = async (query: string, parameters: readonly unknown[] = []) => {
  const { status, body } = await send({ query, parameters })
  return { status, ...JSON.parse(body) }
}

const refusal = async (query: string, parameters: readonly unknown[] = []) => {
  const { status, errors } = await ask(query, parameters)
  const [{ message, extensions }] = errors
  return { status, message, ...extensions }
}

/** Sessions of the endpoint that the database still has. */
const sessions = async () => {
  const [row] = await admin`
    select count(*)::int as count from pg_stat_activity where application_name = 'pay402win-sql'`
  return row?.count
}
const areGone = () =>
  waitFor('no session left', async () => ((await sessions()) === 0 ? true : undefined))

const KINDS = `select true as yes, 1::int2 as small, 2 as whole, 9007199254740993::int8 as wide, 1.10::numeric as exact,
  1.5::float8 as loose, 'NaN'::float8 as none, 'a "b", c' as words, '' as empty, null::text as nothing, '{"a":[1]}'::jsonb as tree`

describe('a result', () => {
  test('as JSON has its columns with their types, and loses no digit', async () => {
    const { type, trailer, body } = await send({ query: KINDS })
    expect({ type, trailer }).toEqual({ type: 'application/json; charset=utf-8', trailer: 'whole' })
    expect(JSON.parse(body)).toEqual({
      columns: [
        { name: 'yes', type: 'boolean' },
        { name: 'small', type: 'smallint' },
        { name: 'whole', type: 'integer' },
        { name: 'wide', type: 'bigint' },
        { name: 'exact', type: 'numeric' },
        { name: 'loose', type: 'double precision' },
        { name: 'none', type: 'double precision' },
        { name: 'words', type: 'text' },
        { name: 'empty', type: 'text' },
        { name: 'nothing', type: 'text' },
        { name: 'tree', type: 'jsonb' },
      ],
      rows: [
        [true, 1, 2, '9007199254740993', '1.10', 1.5, 'NaN', 'a "b", c', '', null, { a: [1] }],
      ],
      whole: true,
    })
  })

  test('as CSV tells nothing from an empty text', async () => {
    const { type, body } = await send({ query: KINDS }, { accept: 'text/csv' })
    expect(type).toBe('text/csv; charset=utf-8; header=present')
    expect(body).toBe(
      'yes,small,whole,wide,exact,loose,none,words,empty,nothing,tree\r\n' +
        't,1,2,9007199254740993,1.10,1.5,NaN,"a ""b"", c","",,"{""a"": [1]}"\r\n',
    )
  })

  test('as NDJSON is an object a line', async () => {
    const query = 'select n, n::text as name from generate_series(1, 3) n'
    const { type, body } = await send({ query }, { accept: 'application/x-ndjson' })
    expect(type).toBe('application/x-ndjson; charset=utf-8')
    expect(body).toBe('{"n":1,"name":"1"}\n{"n":2,"name":"2"}\n{"n":3,"name":"3"}\n')
    const tree = `select e'{"a":\\r\\n [1,\\n2]}'::json as tree from generate_series(1, 2)`
    const trees = await send({ query: tree }, { accept: 'application/x-ndjson' })
    const line = { tree: { a: [1, 2] } }
    expect(
      trees.body
        .trimEnd()
        .split('\n')
        .map((each) => JSON.parse(each)),
    ).toEqual([line, line])
  })

  test('as CSV has nothing that a spreadsheet runs', async () => {
    const query = `select '=1+1' as a, '+1' as "@b", '-x"' as c, e'\\t=1' as d, -1 as e, -1.5::numeric as f, interval '-1 day' as g`
    const { body } = await send({ query }, { accept: 'text/csv' })
    expect(body).toBe(`a,'@b,c,d,e,f,g\r\n'=1+1,'+1,"'-x""",'\t=1,-1,-1.5,-1 days\r\n`)
  })

  test('as NDJSON has every column, also two of one name, and ends lines nowhere else', async () => {
    const query = `select 1 as a, 2 as a, 3 as a_2, 4 as a, e'\\u2028\\u0085' as text, e'["\\u2029"]'::json as tree`
    const { body } = await send({ query }, { accept: 'application/x-ndjson' })
    expect(JSON.parse(body)).toEqual({
      ...{ a: 1, a_3: 2, a_2: 3, a_4: 4, text: '\u2028\u0085', tree: ['\u2029'] },
    })
    expect(body.trimEnd().split(/[\n\r\u0085\u2028\u2029]/)).toHaveLength(1)
  })

  test('comes in the form that the client likes best', async () => {
    const type = async (accept: string) => (await send({ query: 'select 1' }, { accept })).type
    const [json, csv] = [
      'application/json; charset=utf-8',
      'text/csv; charset=utf-8; header=present',
    ]
    expect(await type('application/json, text/csv;q=0.5')).toBe(json)
    expect(await type('application/json;q=0.5, Text/CSV')).toBe(csv)
    expect(await type('text/csv;q=0, */*')).toBe(json)
    expect(await type('image/png')).toBe(json)
    expect(await type('application/json;q=0.1, application/x-ndjson;q=0.2')).toBe(
      'application/x-ndjson; charset=utf-8',
    )
  })

  test('without rows still has its columns', async () => {
    expect(await ask('select 1 as a where false')).toEqual({
      ...{ status: 200, whole: true },
      columns: [{ name: 'a', type: 'integer' }],
      rows: [],
    })
  })

  test('takes parameters of every kind', async () => {
    const query = 'select $1::int + 1 as a, $2::text as b, $3::boolean as c, $4::text as d'
    expect(await ask(query, [41, "x'; drop table entry --", true, null])).toMatchObject({
      rows: [[42, "x'; drop table entry --", true, null]],
    })
  })

  test('takes numbers as they are written', async () => {
    const body = `{"query": "select $1::int8 as a, $2::numeric as b, $3::int as c",
      "parameters": [9007199254740993, 0.12345678901234567890, 1e2]}`
    const answer = await send(body)
    expect(JSON.parse(answer.body)).toMatchObject({
      rows: [['9007199254740993', '0.12345678901234567890', 100]],
    })
  })

  test('reads the analysts’ views', async () => {
    const query =
      'select count(*)::int as n, max(heads.block_number)::int as head from entries, heads'
    expect(await ask(query)).toMatchObject({ rows: [[15, 9]] })
  })

  test('says when it is not whole', async () => {
    const exactly = await send({ query: `select n from generate_series(1, ${ROWS}) n` })
    expect([exactly.trailer, JSON.parse(exactly.body).rows.length]).toEqual(['whole', ROWS])
    const more = await send({ query: 'select n from generate_series(1, 100000) n' })
    expect(more.trailer).toBe(`the first ${ROWS} rows`)
    expect(JSON.parse(more.body)).toMatchObject({ whole: false })
    expect(JSON.parse(more.body).rows).toHaveLength(ROWS)
    await areGone()
  })

  test.each(['text/csv', 'application/x-ndjson'])(
    'as %s never ends well when it is not',
    async (accept) => {
      const of = (rows: number) =>
        send({ query: `select n from generate_series(1, ${rows}) n` }, { accept })
      expect((await of(ROWS)).trailer).toBe('whole')
      await expect(of(ROWS + 1)).rejects.toThrow('aborted')
      await areGone()
    },
  )
})

describe('anything but one SELECT is refused', () => {
  test.each([
    ['several statements', 'select 1; select 2'],
    ['a write behind one', 'select 1; delete from entries'],
    ['a write', 'delete from entries'],
    ['a write in a with clause', 'with x as (delete from tokens returning *) select * from x'],
    ['SELECT INTO', 'select 1 as a into temp x'],
    ['SELECT FOR UPDATE', 'select * from entries for update'],
    ['COPY', "copy (select 1) to program 'id'"],
    ['the end of the transaction', 'commit'],
    ['another role', 'set role postgres'],
    ['another session’s rights', 'reset session authorization'],
    ['a setting', 'set statement_timeout = 0'],
    ['a block of code', 'do $$ begin end $$'],
    ['a temporary table', 'create temp table x (a int)'],
    ['a prepared statement', 'prepare x as select 1'],
    ['the end of the cursor’s text', '1) select 1'],
    ['a call', 'call nothing()'],
    ['explain analyze', 'explain analyze select 1'],
    ['listening', 'listen x'],
    ['nothing', '--'],
  ])('%s', async (_, query) => {
    expect(await refusal(query)).toMatchObject({ status: 400, code: 'SQL_REFUSED' })
  })
})

describe('what the role may not', () => {
  test.each([
    ['read a file', "select pg_read_file('/etc/passwd')"],
    ['list files', "select pg_ls_dir('.')"],
    ['import a file', "select lo_import('/etc/passwd')"],
    ['read the indexer’s tables', 'select * from pay402win.entry'],
    ['read its checkpoints', 'select * from pay402win._ponder_checkpoint'],
    ['read passwords', 'select * from pg_authid'],
    ['read others’ files', 'select * from pg_file_settings'],
    ['write a large object', 'select lo_from_bytea(0, $1::bytea)'],
    ['take a number of a sequence', "select nextval('x')"],
    [
      'write what a function would',
      "select query_to_xml('delete from pay402win.entry', true, false, '')",
    ],
  ])('%s', async (_, query) => {
    const { status, code } = await refusal(query, query.includes('$1') ? ['x'] : [])
    expect({ status, code }).toEqual({ status: 400, code: 'SQL_REFUSED' })
  })

  test('a mistake is explained, with its place in the text', async () => {
    expect(await refusal('select x from entries')).toEqual({
      ...{ status: 400, code: 'SQL_REFUSED', message: 'column "x" does not exist' },
      ...{ state: '42703', position: 8 },
    })
  })

  test('nothing that a statement sets is there for the next one', async () => {
    const set = "select set_config('app.x', 'y', false), set_config('work_mem', '1GB', false)"
    expect(await ask(set)).toMatchObject({ status: 200 })
    const look = "select current_setting('app.x', true) as x, current_setting('work_mem') as memory"
    expect(await ask(look)).toMatchObject({ rows: [[null, '16MB']] })
  })
})

describe('the time limit', () => {
  test.each([
    ['a wait', 'select pg_sleep(60)'],
    [
      'a wait that lifts the limit first',
      "select set_config('statement_timeout', '0', false), pg_sleep(60)",
    ],
    [
      'a bomb',
      'with recursive r as (select 1 as n union all select n + 1 from r) select count(*) from r',
    ],
    [
      'a product',
      'select count(*) from generate_series(1, 100000) a, generate_series(1, 100000) b',
    ],
  ])('ends %s', async (_, query) => {
    const { status, code } = await refusal(query)
    expect({ status, code }).toEqual({ status: 504, code: 'TIMEOUT' })
    await areGone()
  })

  test('ends what began to answer, and no one takes the half for a whole', async () => {
    const query = `select n, case when n > 600 then pg_sleep(60) end from generate_series(1, 1000) n`
    const [response] = (await once(open({ query }), 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(200)
    await expect(text(response)).rejects.toThrow('aborted')
    await areGone()
  })
})

test('a client that leaves ends its statement', async () => {
  const sent = open({ query: 'select pg_sleep(60)' })
  sent.on('error', () => undefined)
  await waitFor('the statement', async () => ((await sessions()) === 1 ? true : undefined))
  sent.destroy()
  await areGone()
})

test('a client that does not read holds up nobody, and is cut off', async () => {
  const query = `select repeat('x', 30000) as text from generate_series(1, ${ROWS}) n`
  const [response] = (await once(open({ query }), 'response')) as [IncomingMessage]
  response.pause()
  expect(await ask('select 1 as a')).toMatchObject({ rows: [[1]] })
  await areGone()
  await expect(text(response)).rejects.toThrow('aborted')
})

test('so many at once, of one key and of all', async () => {
  const held: ReturnType<typeof open>[] = []
  const sleeping = async () => {
    const [row] = await admin`
      select count(*)::int as count from pg_stat_activity where wait_event = 'PgSleep'`
    return row?.count
  }
  const hold = async (holder: string) => {
    const sent = open({ query: 'select pg_sleep(60)' }, {}, holder)
    sent.on('error', () => undefined)
    held.push(sent)
    await waitFor('the statement', async () => (await sleeping()) === held.length || undefined)
  }
  await hold('one')
  await hold('one')
  const query = 'select 1 as a'
  const from = async (holder: string) => (await send({ query }, {}, holder)).status
  expect([await from('one'), await from('two')]).toEqual([429, 200])
  await hold('two')
  expect(await from('three')).toBe(429)
  for (const sent of held) sent.destroy()
  await areGone()
  expect([await from('one'), await from('three')]).toEqual([200, 200])
})

test.each([
  ['no query', {}],
  ['an empty one', { query: ' ' }],
  ['no text', { query: 7 }],
  ['a NUL', { query: 'select 1 \0' }],
  ['parameters that are no list', { query: 'select 1', parameters: {} }],
  ['a parameter that is one', { query: 'select 1', parameters: [[]] }],
])('%s is bad input', async (_, body) => {
  const { status, body: answered } = await send(body)
  expect([status, JSON.parse(answered).errors[0].extensions.code]).toEqual([400, 'BAD_USER_INPUT'])
})

test('tables are exported to the same keys', async () => {
  const get = (key: string, path = '/export/entries?format=ndjson&atBlock=9') =>
    fetch(new URL(path, api.url), { headers: { authorization: `Bearer ${keys.get(key)}` } })
  const answer = await get('one')
  expect([answer.status, answer.headers.get('x-block')?.split(' ')[0]]).toEqual([200, '9'])
  const [first] = (await answer.text()).split('\n')
  expect(JSON.parse(first ?? '')).toMatchObject({ entry_id: '1', number: 7, status: 'WON_PAID' })
  expect((await get('player')).status).toBe(403)
  expect((await get('one', '/export/nothing')).status).toBe(400)
})

describe('who may ask', () => {
  const query = 'select 1 as a'
  const codes = ({ body }: Answer) =>
    JSON.parse(body).errors.map(
      ({ extensions }: { extensions: { code: string } }) => extensions.code,
    )

  test('an analyst or an operator, by key', async () => {
    for (const key of ['one', 'two']) expect((await send({ query }, {}, key)).status).toBe(200)
    const player = await send({ query }, {}, 'player')
    expect([player.status, codes(player)]).toEqual([403, ['FORBIDDEN']])
    const wrong = await send({ query }, {}, 'p402_x')
    expect([wrong.status, codes(wrong)]).toEqual([401, ['UNAUTHENTICATED']])
    const nobody = await fetch(new URL('/sql', api.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    expect(nobody.status).toBe(403)
  })

  test('nobody with another method, or where it is not offered', async () => {
    const address = new URL('/sql', api.url)
    const asked = await fetch(address)
    expect([asked.status, asked.headers.get('allow')]).toEqual([405, 'POST'])
    const without = await createApi(tables, schema)
    expect((await fetch(new URL('/sql', without.url), { method: 'POST' })).status).toBe(404)
    await without.stop()
  })
})
