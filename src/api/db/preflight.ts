import { connect } from './connect.ts'
import { failureOf, tooOld } from './failure.ts'

/** What was found at an address before anything begins. */
export interface Preflight {
  /** Why it cannot work until somebody changes something; undefined when it can, and when the database is away. */
  readonly mistake?: string
  /** What has to happen yet. */
  readonly warning?: string
}

export interface PreflightOptions {
  readonly url: string
  /** The variable that the address is from. */
  readonly name: string
  readonly schema: string
}

const PATIENCE_SECONDS = 3

/** Connects once, and says what is wrong with the address, the role or the server. A database that is away is no mistake: it may come back. */
export const preflight = async ({ url, name, schema }: PreflightOptions): Promise<Preflight> => {
  const sql = connect(url, {
    ...{ max: 1, connect_timeout: PATIENCE_SECONDS, fetch_types: false },
    connection: {
      application_name: 'pay402win-preflight',
      statement_timeout: PATIENCE_SECONDS * 1000,
    },
  })
  try {
    const [row] = await sql<{ version: string; role: string; isThere: boolean; mayUse: boolean }[]>`
      select current_setting('server_version_num') as version, current_user as role, namespace.oid is not null as "isThere",
        coalesce(has_schema_privilege(namespace.oid, 'usage'), false) as "mayUse"
      from (values (1)) one left join pg_namespace namespace on nspname = ${schema}`
    const refused = tooOld(Number(row?.version))
    if (refused !== undefined) return { mistake: `${name}: ${refused}` }
    if (row?.isThere !== true)
      return {
        warning: `there is no schema ${schema} yet: npm run indexer makes it (DATABASE_SCHEMA)`,
      }
    return row.mayUse
      ? {}
      : {
          warning: `the role ${row.role} may not read schema ${schema}: start npm run indexer with API_DATABASE_ROLE=${row.role}`,
        }
  } catch (error) {
    const { isMistake, sentence } = failureOf(error)
    return isMistake
      ? { mistake: `${name}: ${sentence}` }
      : { warning: `${name}: ${sentence}; trying on` }
  } finally {
    await sql.end({ timeout: 0 }).catch(() => undefined)
  }
}
