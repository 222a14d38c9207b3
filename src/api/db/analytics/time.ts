import { type SQL, sql } from 'drizzle-orm'
import { pool, poolHour, token } from '../../../../ponder.schema.ts'
import type { Interval } from '../../../domain/Bucket.ts'
import { bucketSums, STARTS } from '../bucket.ts'
import { heads as newest } from '../head.ts'
import { money, plain, time, tokenColumns, type View } from './view.ts'

const intervals: readonly Interval[] = ['HOUR', 'DAY', 'WEEK']

const bucketsOf = (interval: Interval): SQL => sql`
  select ${sql.raw(`'${interval}'`)} as period, ${poolHour.chainId}, ${poolHour.poolId}, ${STARTS[interval]} as start,
    ${bucketSums(interval)}
  from ${poolHour} group by ${poolHour.chainId}, ${poolHour.poolId}, ${STARTS[interval]}`

const start = sql`bucket.start * 3600::bigint`
/** The prize pool as the interval began; a pool begins with nothing in it. */
const prizePoolOpen = sql`coalesce(earlier.prize_pool_close, case when bucket.prize_pool_close is not null then 0 end)`

export const buckets: View = {
  name: 'buckets',
  comment:
    'One row per pool and UTC hour, day or week in which something happened. Choose one period: each flow is in all three.',
  columns: [
    plain('period', sql`bucket.period`, 'HOUR, DAY or WEEK; a week begins on Monday, 00:00.'),
    plain('chain_id', sql`bucket.chain_id`, 'EIP-155 id of the chain.'),
    plain('pool_id', sql`bucket.pool_id`, 'Its pool.'),
    ...time('start', start, 'When it begins, UTC.'),
    ...tokenColumns(pool.token),
    plain('entry_count', sql`bucket.entry_count`, 'Entries.'),
    ...money('wagered', sql`bucket.wagered`, 'Stakes.'),
    ...money('fees', sql`bucket.fees`, 'Fees collected by draws.'),
    ...money('prizes', sql`bucket.prizes`, 'Prizes, delivered or credited.'),
    ...money('refunds', sql`bucket.refunds`, 'Refunds, delivered or credited.'),
    plain('x402_count', sql`bucket.x402_count`, 'Payments by x402.'),
    ...money('x402_amount', sql`bucket.x402_amount`, 'What they brought.'),
    plain(
      'unique_players',
      sql`bucket.unique_players`,
      'Distinct players with an entry. Sums over intervals or pools count some twice.',
    ),
    plain('new_players', sql`bucket.new_players`, 'Players whose first entry in the pool it has.'),
    plain('rounds_drawn', sql`bucket.rounds_drawn`, 'Draws.'),
    plain('rollovers', sql`bucket.rollovers`, 'Draws that nobody won.'),
    ...money('prize_pool_open', prizePoolOpen, "The running round's prize pool as it began."),
    ...money(
      'prize_pool_high',
      sql`greatest(${prizePoolOpen}, bucket.prize_pool_high)`,
      'The greatest at any time in it.',
    ),
    ...money(
      'prize_pool_close',
      sql`coalesce(bucket.prize_pool_close, earlier.prize_pool_close)`,
      'The last in it.',
    ),
  ],
  from: sql`(${sql.join(intervals.map(bucketsOf), sql` union all `)}) bucket
    join ${pool} on ${pool.chainId} = bucket.chain_id and ${pool.poolId} = bucket.pool_id
    join ${token} on ${token.chainId} = ${pool.chainId} and ${token.address} = ${pool.token}
    left join lateral (
      select ${poolHour.prizePoolClose} from ${poolHour} where ${poolHour.chainId} = bucket.chain_id
        and ${poolHour.poolId} = bucket.pool_id and ${poolHour.hour} < bucket.start and ${poolHour.prizePoolClose} is not null
      order by ${poolHour.hour} desc limit 1
    ) earlier on true`,
}

export const heads: View = {
  name: 'heads',
  comment:
    'One row per chain: the newest indexed block. A statement sees the rows of exactly these blocks; several do in one REPEATABLE READ transaction.',
  columns: [
    plain('chain_id', sql`head.chain_id`, 'EIP-155 id of the chain.'),
    plain('block_number', sql`head.number`, 'The newest block whose events are in the rows.'),
    plain('block_hash', sql`head.hash`, 'Its hash.'),
    plain('parent_hash', sql`head.parent_hash`, 'The hash of the block below it.'),
    ...time('block', sql`head.timestamp`, 'Its time.'),
    plain('finalized_number', sql`head.finalized_number`, 'Up to here nothing changes any more.'),
    plain('build_id', sql`head.build_id`, "The indexer's build: another one, other rules."),
  ],
  from: newest,
}
