/**
 * Ranks among 1,000 to 1,000,000 players: the API's counted trees, asked over HTTP, against SQL in the same database: counting
 * over an index on the value, `rank()` over all, and counted ranges of values that handlers would have to keep. Questions
 * alternate between them, and each answer is compared with PostgreSQL's `rank()`.
 */
import { Agent, request } from 'node:http'
import { createApi } from '../stack/api.ts'
import { freePort, waitFor } from '../stack/process.ts'
import { residentMb } from './support/cpu.ts'
import { createDice } from './support/entries.ts'
import { median, quantile, spread } from './support/figures.ts'
import { CHAIN, createStandings, type Standings, TOKEN } from './support/standings.ts'
import type { Table } from './table.ts'

interface Row {
  readonly rank: number
  readonly value: string
  readonly player?: { readonly address: string }
}
interface Edge {
  readonly cursor: string
  readonly node: Row
}

const LIST = `token: "${TOKEN}", metric: WAGERED`
const PAGE = 25
const SPAN = 5

/** Asks as a client with one lasting connection does. */
const createClient = (url: string) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = <Data>(query: string): Promise<Data> =>
    new Promise((resolve, reject) => {
      const sent = request(
        url,
        { agent, method: 'POST', headers: { 'content-type': 'application/json' } },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () => {
            const { data, errors } = JSON.parse(Buffer.concat(chunks).toString())
            if (errors === undefined) resolve(data)
            else reject(new Error(JSON.stringify(errors)))
          })
        },
      )
      sent.on('error', reject)
      sent.end(JSON.stringify({ query }))
    })
  return { ask, stop: () => agent.destroy() }
}
type Client = ReturnType<typeof createClient>

const neighbours = ({ ask }: Client, address: string, span: number) =>
  ask<{ neighbours: readonly Row[] }>(
    `{ neighbours(address: "${address}", ${LIST}, span: ${span}) { rank value ${span > 0 ? 'player { address }' : ''} } }`,
  ).then((data) => data.neighbours)

const page = ({ ask }: Client, after: string | null) =>
  ask<{ leaderboard: { edges: readonly Edge[] } }>(
    `{ leaderboard(${LIST}, first: ${PAGE}${after === null ? '' : `, after: "${after}"`}) {
      edges { cursor node { rank value player { address } } } } }`,
  ).then((data) => data.leaderboard.edges)

/** PostgreSQL's answers to the same questions. */
const createRivals = ({ sql }: Standings) => ({
  count: (address: string) =>
    sql.unsafe(
      `select 1 + (select count(*) from ranked better where better.wagered > me.wagered) as rank
       from ranked me where address = $1`,
      [address],
    ),
  countNeighbours: (address: string) =>
    sql.unsafe(
      `with me as (select * from ranked where address = $1),
       above as (select r.* from ranked r, me where (r.wagered, r.first_seen_at, r.address) > (me.wagered, me.first_seen_at, me.address)
         order by r.wagered, r.first_seen_at, r.address limit ${SPAN}),
       below as (select r.* from ranked r, me where (r.wagered, r.first_seen_at, r.address) < (me.wagered, me.first_seen_at, me.address)
         order by r.wagered desc, r.first_seen_at desc, r.address desc limit ${SPAN})
       select row.*, 1 + (select count(*) from ranked better where better.wagered > row.wagered) as rank
       from (select * from above union all select * from me union all select * from below) row`,
      [address],
    ),
  countPage: (address: string) =>
    sql.unsafe(
      `with me as (select * from ranked where address = $1),
       rows as (select r.* from ranked r, me where (r.wagered, r.first_seen_at, r.address) < (me.wagered, me.first_seen_at, me.address)
         order by r.wagered desc, r.first_seen_at desc, r.address desc limit ${PAGE})
       select rows.*, (select count(*) from ranked better, (select max(wagered) as most from rows) top where better.wagered > most)
         + rank() over (order by wagered desc) as rank from rows`,
      [address],
    ),
  buckets: (address: string) =>
    sql.unsafe(
      `select 1 + (select coalesce(sum(count), 0) from bucket where low > mine.low) + (
         select count(*) from ranked better where better.wagered > me.wagered and better.wagered < mine.high) as rank
       from ranked me
       cross join lateral (select low, high from bucket where low <= me.wagered order by low desc limit 1) mine
       where address = $1`,
      [address],
    ),
  window: (address: string) =>
    sql.unsafe(
      `select rank from (select address, rank() over (order by wagered desc) as rank from ranked) all_of_them where address = $1`,
      [address],
    ),
})

const timed = async (run: () => Promise<unknown>): Promise<number> => {
  const from = performance.now()
  await run()
  return performance.now() - from
}

/** Ranks of some players, from the table that the API reads, by `rank()`. */
const ranksOf = async ({ sql }: Standings, addresses: readonly string[]) => {
  const rows = await sql.unsafe(
    `select address, rank from (
       select address, rank() over (order by wagered desc) as rank from player_token where chain_id = ${CHAIN}) ranked
     where address = any($1::text[])`,
    [`{${addresses.join()}}`],
  )
  return new Map(rows.map(({ address, rank }) => [String(address), Number(rank)]))
}

/** @throws Error when an answer differs from PostgreSQL's. */
const verify = async (standings: Standings, client: Client, addresses: readonly string[]) => {
  const ranks = await ranksOf(standings, addresses)
  const rivals = createRivals(standings)
  for (const address of addresses) {
    const [mine] = await neighbours(client, address, 0)
    const [count] = await rivals.count(address)
    const [bucket] = await rivals.buckets(address)
    const found = [mine?.rank, Number(count?.rank), Number(bucket?.rank)]
    if (found.some((rank) => rank !== ranks.get(address)))
      throw new Error(`${address} is ${ranks.get(address)}, not ${found.join(', ')}: no figure`)
  }
  const top = (await page(client, null)).map(({ node }) => node)
  const topRanks = await ranksOf(
    standings,
    top.map(({ player }) => player?.address ?? ''),
  )
  if (top.some(({ rank, player }) => topRanks.get(player?.address ?? '') !== rank))
    throw new Error('the first page has other ranks than PostgreSQL: no figure')
}

const isSlow = (name: string) => / rank\(\)|(neighbours|page).* count/.test(name)

interface Found {
  readonly players: number
  readonly load: number
  /** Questions that timed out until then. */
  readonly unanswered: number
  readonly memory: readonly [before: number, after: number]
  readonly times: ReadonlyMap<string, readonly number[]>
  readonly moves: readonly {
    readonly count: number
    readonly ours: readonly number[]
    readonly index: readonly number[]
    readonly buckets: readonly number[]
  }[]
}

const measure = async (
  standings: Standings,
  players: number,
  { questions, blocks }: { questions: number; blocks: number },
): Promise<Found> => {
  await standings.fill(players)
  const zero = `0x${'0'.repeat(40)}`
  const api = await createApi({
    port: await freePort(),
    waitForHead: false,
    env: {
      API_DATABASE_URL: standings.url,
      DATABASE_SCHEMA: standings.schema,
      COST_PER_MINUTE: '1000000000000',
      DEPLOYMENTS: JSON.stringify([
        {
          chainId: CHAIN,
          name: 'local',
          address: zero,
          startBlock: 0,
          coordinator: zero,
          tokens: [],
        },
      ]),
    },
  })
  const client = createClient(api.url)
  try {
    await client.ask('{ head { number } }')
    const before = residentMb(api.pid)
    const dice = createDice(players)
    const someone = () => standings.addressAt(1 + dice(players))
    const known = await someone()
    let unanswered = 0
    const load = await timed(() =>
      waitFor(
        'the first board',
        () =>
          neighbours(client, known, 0).catch((error: Error) => {
            // The API gives up on an operation after its time limit, and goes on reading meanwhile.
            if (!error.message.includes('TIMEOUT')) throw error
            unanswered += 1
            return undefined
          }),
        { timeoutMs: 120_000 },
      ),
    )
    const after = residentMb(api.pid)
    const sample = async () => Promise.all(Array.from({ length: 20 }, someone))
    await verify(standings, client, await sample())

    const [middle] = await standings.sql.unsafe(
      `select address, wagered::text, first_seen_at from player_token order by wagered desc, first_seen_at, address offset ${Math.floor(players / 2)} limit 1`,
    )
    const [edge] = await page(client, null)
    const cursor: unknown = JSON.parse(Buffer.from(edge?.cursor ?? '', 'base64url').toString())
    if (!Array.isArray(cursor) || middle === undefined) throw new Error('no cursor')
    const half = Buffer.from(
      JSON.stringify([
        ...cursor.slice(0, 3),
        ...[middle.wagered, middle.wagered, String(middle.first_seen_at), middle.address],
      ]),
    ).toString('base64url')

    const rivals = createRivals(standings)
    const kinds: Record<string, (address: string) => Promise<unknown>> = {
      'HTTP alone': () => client.ask('{ __typename }'),
      'HTTP and a snapshot': () => client.ask('{ head { number } }'),
      'rank, ours': (address) => neighbours(client, address, 0),
      'rank, count(*) over an index': rivals.count,
      'rank, counted ranges': rivals.buckets,
      'neighbours, ours': (address) => neighbours(client, address, SPAN),
      'neighbours, count(*) over an index': rivals.countNeighbours,
      'page at n/2, ours': () => page(client, half),
      'page at n/2, count(*) over an index': () => rivals.countPage(String(middle.address)),
      'rank, rank() over all': rivals.window,
    }
    const times = new Map<string, number[]>(Object.keys(kinds).map((name) => [name, []]))
    for (let turn = -20; turn < questions; turn++) {
      const address = await someone()
      for (const [name, ask] of Object.entries(kinds)) {
        // Up to a second each: a few are enough to see it.
        if (isSlow(name) && turn % 20 !== 0) continue
        const took = await timed(() => ask(address))
        if (turn >= 0) times.get(name)?.push(took)
      }
    }
    const moves = []
    for (const count of [1, 200, 10_000].filter((each) => each <= players / 2)) {
      const took = { count, ours: [] as number[], index: [] as number[], buckets: [] as number[] }
      for (let block = -1; block < blocks; block++) {
        const { index, buckets } = await standings.move(count)
        const ours = await timed(() => neighbours(client, known, 0))
        if (block < 0) continue
        took.ours.push(ours)
        took.index.push(index)
        took.buckets.push(buckets)
      }
      await verify(standings, client, await sample())
      moves.push(took)
    }
    return { players, load, unanswered, memory: [before, after], times, moves }
  } finally {
    client.stop()
    await api.stop()
  }
}

export const rank = async ({ isQuick }: { isQuick: boolean }): Promise<readonly Table[]> => {
  const standings = await createStandings()
  try {
    const found: Found[] = []
    for (const players of isQuick ? [1_000, 100_000] : [1_000, 100_000, 1_000_000])
      found.push(
        await measure(standings, players, {
          questions: isQuick ? 100 : 400,
          blocks: isQuick ? 3 : 7,
        }),
      )
    const sizes = found.map(({ players }) => players.toLocaleString('en'))
    const [smallest, largest] = [found[0], found.at(-1)]
    const of = (one: Found | undefined, name: string) => one?.times.get(name) ?? []
    return [
      {
        title: 'Questions of rank, median / p99, ms; ours over HTTP, the others in SQL alone',
        columns: [...sizes, 'largest ÷ smallest'],
        rows: [...(smallest?.times.keys() ?? [])].map((name) => ({
          name,
          values: [
            ...found.map((one) => {
              const times = of(one, name)
              return `${median(times).toFixed(2)} / ${quantile(times, 0.99).toFixed(2)}`
            }),
            (median(of(largest, name)) / median(of(smallest, name))).toFixed(2),
          ],
        })),
      },
      {
        title:
          'The first question about a block that moved players, ms; what other structures cost the writer',
        columns: sizes,
        rows: (largest?.moves ?? []).flatMap(({ count }) =>
          (
            [
              ['ours', 'ours: read, and answered'],
              ['index', 'the index: written'],
              ['buckets', 'counted ranges: written, beside the index'],
            ] as const
          ).map(([kind, name]) => ({
            name: `${count.toLocaleString('en')} moved, ${name}`,
            values: found.map(({ moves }) => {
              const move = moves.find((one) => one.count === count)
              return move === undefined ? '' : spread(move[kind], 1)
            }),
          })),
        ),
      },
      {
        title: 'The first question after a start',
        columns: sizes,
        rows: [
          { name: 'until it is answered, ms', values: found.map(({ load }) => load) },
          {
            name: 'times the client had to ask again',
            values: found.map(({ unanswered }) => String(unanswered)),
          },
          { name: 'memory before, MB', values: found.map(({ memory }) => memory[0]) },
          { name: 'memory after, MB', values: found.map(({ memory }) => memory[1]) },
        ],
      },
    ]
  } finally {
    await standings.stop()
  }
}
