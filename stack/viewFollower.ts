import type postgres from 'postgres'
import type { RpcAddress } from '../rpc/settings.ts'
import { connect, within } from '../src/api/db/connect.ts'
import { SilentError } from '../src/api/db/errors.ts'
import { pointViewsOnce, type ViewOptions } from './analystViews.ts'
import { blockNumber } from './chain.ts'
import { progressOf } from './database.ts'
import { pause } from './process.ts'

export interface FollowOptions extends ViewOptions {
  /** By chain id: up to their newest blocks the tables have to be. */
  readonly rpcUrls: ReadonlyMap<number, RpcAddress>
}

export interface ViewFollowerOptions extends FollowOptions {
  readonly databaseUrl: string
  readonly log: (message: string, facts: object) => void
  readonly warn: (message: string, facts: object) => void
}

const LOOK_MS = 1_000
const RETRY_MS = 10_000
/** What a look may take, in ms; a statement of it less. */
const LIMIT_MS = 30_000
const STATEMENT_TIMEOUT_MS = 20_000

/** Whether a schema has caught up: it is ready, and has the block that was newest when it became so. */
const createCatchUp = (sql: postgres.Sql, { schema, rpcUrls }: FollowOptions) => {
  let newest: ReadonlyMap<number, number> | undefined
  return async (): Promise<boolean> => {
    const { isReady, heads } = await progressOf(sql, schema)
    if (!isReady) {
      newest = undefined
      return false
    }
    newest ??= new Map(
      await Promise.all(
        [...rpcUrls].map(
          async ([chainId, url]) => [chainId, await blockNumber(url, chainId)] as const,
        ),
      ),
    )
    return [...newest].every(([chainId, number]) => (heads.get(chainId) ?? 0) >= number)
  }
}

/**
 * Looks whether the analysts' views should show the indexer's tables by now, and points them there.
 *
 * @returns `WAITING` while the tables are behind the chain, then whether there was something to do.
 */
export const createLook = (sql: postgres.Sql, options: FollowOptions) => {
  const hasCaughtUp = createCatchUp(sql, options)
  return async (): Promise<'WAITING' | 'POINTED' | 'NOTHING'> => {
    // A database or a node that does not answer is what the supervisor and the auditor speak of.
    if (!(await hasCaughtUp().catch(() => false))) return 'WAITING'
    return (await pointViewsOnce(sql, options)) ? 'POINTED' : 'NOTHING'
  }
}

/**
 * Beside an indexer: once its tables have caught up, the analysts' views show them, if somebody has made views in this database.
 * What fails is said and tried again, and is nothing to the indexer.
 */
export const createViewFollower = ({ databaseUrl, log, warn, ...options }: ViewFollowerOptions) => {
  const { schema, analyticsSchema } = options
  const stopping = new AbortController()

  const open = () => {
    const sql = connect(databaseUrl, {
      max: 1,
      connection: {
        application_name: 'pay402win-views',
        statement_timeout: STATEMENT_TIMEOUT_MS,
      },
    })
    return { sql, look: createLook(sql, options) }
  }

  const run = async () => {
    let session = open()
    stopping.signal.addEventListener('abort', () => session.sql.end({ timeout: 1 }))
    let said = ''
    while (!stopping.signal.aborted) {
      const { sql, look } = session
      const result = await within(LIMIT_MS, look(), sql).catch((error: unknown) => {
        // A session that fell silent is no more.
        if (error instanceof SilentError) session = open()
        return String(error)
      })
      if (result === 'POINTED')
        log('the analysts’ views show this schema', { analyticsSchema, schema })
      if (result === 'POINTED' || result === 'NOTHING') return session.sql.end({ timeout: 1 })
      const isWaiting = result === 'WAITING'
      if (!isWaiting && result !== said)
        warn('the analysts’ views still show the tables of before: trying again', {
          ...{ analyticsSchema, schema, error: result },
          advice: 'end what reads them for long, or run npm run analyst-role as their owner',
        })
      if (!isWaiting) said = result
      await pause(isWaiting ? LOOK_MS : RETRY_MS, stopping.signal)
    }
  }

  const done = run()
  return {
    stop: async () => {
      stopping.abort()
      await done
    },
  }
}
