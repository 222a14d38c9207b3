import { parseAddress } from '../src/api/db/address.ts'
import { connect } from '../src/api/db/connect.ts'
import { createAnalyst } from './analyst.ts'
import type { ViewOptions } from './analystViews.ts'
import { createApiKey } from './apiKeys.ts'

/** An analyst's ways in. */
export interface Desk {
  /** Connects to the views, and to nothing else. */
  readonly database: string
  /** For `POST /sql`, exports and large budgets. */
  readonly key: string
}

export interface DeskOptions extends ViewOptions {
  readonly databaseUrl: string
  /** Of the keys. */
  readonly accessSchema: string
  /** The API's role, which reads the keys. */
  readonly apiRole: string
  /** Connects as the role `analyst`. */
  readonly analystUrl: string
}

export const ANALYST = 'analyst'

/** Sets a desk up in a database that is nobody else's, once the indexer has made its tables. */
export const createDesk = async (options: DeskOptions): Promise<Desk> => {
  const { databaseUrl, accessSchema, apiRole, analystUrl, ...views } = options
  const sql = connect(databaseUrl, { max: 1 })
  try {
    const { password } = parseAddress(analystUrl)
    await createAnalyst(sql, { ...views, role: ANALYST, password })
    const { key } = await createApiKey(sql, accessSchema, {
      ...{ name: 'npm start', role: 'operator', costPerMinute: null, apiRole },
    })
    return { database: analystUrl, key }
  } finally {
    await sql.end({ timeout: 1 })
  }
}
