import type postgres from 'postgres'
import { pool, token } from '../../ponder.schema.ts'
import { createTables, type Tables } from '../../test/support/tables.ts'

/** Boards of any size in real tables, and the structures in SQL that compete with ours. */

export const CHAIN = 31337
export const TOKEN = `0x${'0'.repeat(40)}`
const START = 1_750_000_000
/** Buckets of the counted ranges: the square root of a million. */
const BUCKETS = 1_000

const hash = (n: number) => `0x${n.toString(16).padStart(64, '0')}` as const
const ADDRESS = `'0x' || lpad(to_hex(7000000 + n), 40, '0')`
/** Some 100,000 values, so that large boards have ties. */
const WAGERED = `1000 * (1 + (hashint4(n)::bigint & 2147483647) % 100000)`

export interface Standings extends Tables {
  /** Fills the tables anew. */
  readonly fill: (players: number) => Promise<void>
  readonly addressAt: (n: number) => Promise<string>
  /** One block in which `count` players enter once more. Resolves with its number and how long each structure took, in ms. */
  readonly move: (count: number) => Promise<{ head: number; index: number; buckets: number }>
}

const fill = async ({ sql, insert, clear, finalize }: Tables, players: number) => {
  await clear()
  await insert(token, {
    id: `${CHAIN}-${TOKEN}`,
    chainId: CHAIN,
    address: '0x0000000000000000000000000000000000000000',
    symbol: 'ETH',
    name: 'Ether',
    textSource: 'CONFIGURATION',
    decimals: 18,
    isNative: true,
  })
  await insert(pool, {
    id: `${CHAIN}-1`,
    chainId: CHAIN,
    blockNumber: 1,
    logIndex: 0,
    blockHash: hash(1),
    transactionHash: hash(1),
    timestamp: START,
    poolId: 1n,
    token: '0x0000000000000000000000000000000000000000',
    creator: '0x0000000000000000000000000000000000000001',
    entryFee: 1_000n,
    feeBps: 0,
    feeRecipient: '0x0000000000000000000000000000000000000001',
    roundDuration: 1_000_000,
    minEntries: 1,
    maxEntries: 1,
    drawTimeout: 600,
    name: 'Pool',
  })
  await addBlock(sql, 1)
  await finalize(CHAIN, 1)
  await sql.unsafe(`
    insert into player_token (id, chain_id, address, token, first_seen_at, last_seen_at, last_entry_at, entry_count,
      pools_entered, rounds_entered, rounds_won, winning_entries, wagered, won, refunded, fees_paid, biggest_win)
    select '${CHAIN}-' || address || '-${TOKEN}', ${CHAIN}, address, '${TOKEN}', ${START} + n, ${START}, ${START}, 1,
      1, 1, 0, 0, wagered, 0, 0, 0, 0
    from (select n, ${ADDRESS} as address, ${WAGERED} as wagered from generate_series(1, ${players}) n) player`)
  await sql.unsafe(`drop table if exists moved; drop table if exists changed; drop table if exists ranked; drop table if exists bucket;
    create table ranked as select address, wagered, first_seen_at from player_token;
    alter table ranked add primary key (address);
    create index ranked_by_wagered on ranked (wagered, first_seen_at, address);
    create table bucket as
      select row_number() over (order by low) as id, low, coalesce(lead(low) over (order by low), 'Infinity') as high, 0::bigint as count
      from (select distinct case when part = 1 then 0 else min(wagered) end as low
        from (select wagered, ntile(${BUCKETS}) over (order by wagered) as part from ranked) parts group by part) lows;
    alter table bucket add primary key (id);
    create index bucket_by_low on bucket (low);
    update bucket set count = (select count(*) from ranked where wagered >= low and wagered < high)`)
  await sql.unsafe('vacuum analyze player_token')
  await sql.unsafe('vacuum analyze ranked')
  await sql.unsafe('vacuum analyze bucket')
}

const addBlock = (sql: Pick<postgres.Sql, 'unsafe'>, number: number) =>
  sql.unsafe(`insert into block (id, chain_id, number, hash, parent_hash, timestamp)
    values ('${CHAIN}-${number}', ${CHAIN}, ${number}, '${hash(number)}', '${hash(number - 1)}', ${START + number})`)

const timed = async (run: () => Promise<unknown>) => {
  const from = performance.now()
  await run()
  return performance.now() - from
}

export const createStandings = async (): Promise<Standings> => {
  const tables = await createTables()
  const { sql } = tables
  let head = 1
  let players = 0
  return {
    ...tables,
    fill: async (count) => {
      head = 1
      players = count
      await fill(tables, count)
    },
    addressAt: async (n) => {
      const [row] = await sql.unsafe(
        `select ${ADDRESS} as address from (select ${n}::int as n) one`,
      )
      return String(row?.address)
    },
    move: async (count) => {
      head += 1
      const first = 1 + ((head * 7919) % Math.max(1, players - count))
      await sql.unsafe(`
        create unlogged table moved as
          select ${ADDRESS} as address, n, 1000 * (1 + n % 50) as amount from generate_series(${first}, ${first + count - 1}) n`)
      await sql.begin(async (transaction) => {
        await addBlock(transaction, head)
        await transaction.unsafe(`
          insert into entry (id, chain_id, block_number, log_index, block_hash, transaction_hash, timestamp, pool_id, round_id,
            entry_id, player, payer, number, amount, fee_amount, payment_method, payment_ref)
          select '${CHAIN}-' || ${head}::bigint * 1000000000 + n, ${CHAIN}, ${head}, n - ${first}, '${hash(head)}',
            '${hash(head)}', ${START + head}, 1, 1, ${head}::bigint * 1000000000 + n, address, address, 1, amount, 0,
            'NATIVE', '${hash(0)}' from moved`)
        await transaction.unsafe(`
          update player_token set wagered = wagered + amount, entry_count = entry_count + 1
          from moved where moved.address = player_token.address`)
      })
      await sql.unsafe(`
        create unlogged table changed as
          select wagered as old, wagered + amount as new from ranked join moved using (address)`)
      const index = await timed(() =>
        sql.unsafe(
          `update ranked set wagered = wagered + amount from moved where moved.address = ranked.address`,
        ),
      )
      const buckets = await timed(() =>
        sql.unsafe(`
          with change as (
            select value, sum(by) as by from (
              select old as value, -1 as by from changed union all select new, 1 from changed) both_sides group by value
          ), summed as (
            select (select id from bucket where low <= value order by low desc limit 1) as id, sum(by) as by
            from change group by 1
          )
          update bucket set count = count + by from summed where summed.id = bucket.id and by <> 0`),
      )
      await sql.unsafe('drop table moved; drop table changed')
      return { head, index, buckets }
    },
  }
}
