/**
 * The schema's table of contents. Importing a file adds its types and fields; nothing here knows a deployment.
 *
 * Cost, for whoever limits it: a field costs `extensions.complexity ?? 1` plus what is selected below it times its
 * multiplier. The multiplier is the value of its argument `first` or `last`; when the field has these arguments and none
 * is given, their default or 25; otherwise `extensions.multiplier ?? 1`. `edges`, `node` and `pageInfo` multiply by 1.
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

export const schema = builder.toSchema({ sortSchema: false })
