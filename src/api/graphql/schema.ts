/**
 * The schema's table of contents. Importing a file adds its types and fields; nothing here knows a deployment.
 *
 * What fields cost is in their `extensions`, as price.ts describes it.
 */
import { builder } from './builder.ts'
import './node.ts'
import './status.ts'
import './head.ts'
import './money.ts'
import './tokenTotals.ts'
import './pool.ts'
import './round.ts'
import './draw.ts'
import './entry.ts'
import './payout.ts'
import './entryAggregate.ts'
import './payoutAggregate.ts'
import './payment.ts'
import './player.ts'
import './leaderboard.ts'
import './participation.ts'
import './activity.ts'
import './integrity.ts'
import './transaction.ts'
import './live.ts'
import './feed.ts'
import { schemaPrice } from './price.ts'

export const schema = builder.toSchema({ sortSchema: false, extensions: schemaPrice })
