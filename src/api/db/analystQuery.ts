import postgres from 'postgres'
import { connect } from './connect.ts'

/** A column of a result. */
export interface ResultColumn {
  readonly name: string
  /** The type's number in PostgreSQL's catalogue. */
  readonly type: number
}

/** The text of each value, as PostgreSQL writes it. */
export type ResultRow = readonly (string | null)[]

export interface ResultPart {
  readonly columns: readonly ResultColumn[]
  readonly rows: readonly ResultRow[]
}

export interface AnalystQuery {
  readonly text: string
  readonly parameters: readonly (string | boolean | null)[]
  /** For all of it, however many rows have been taken. */
  readonly timeoutMs: number
  /** Stops it wherever it is. */
  readonly signal: AbortSignal
}

/** PostgreSQL refused the statement, for a reason that its author understands. */
export class StatementError extends Error {
  override readonly name = 'StatementError'
  /** SQLSTATE. */
  readonly state: string
  /** Where in the text, from 1. */
  readonly position: number | undefined

  constructor({ message, code, position }: postgres.PostgresError) {
    super(message)
    const at = Number(position) - DECLARE.length
    this.state = code
    this.position = at > 0 ? at : undefined
  }
}

/** The time was up. */
export class LateError extends Error {
  override readonly name = 'LateError'
}

/** The rows are so wide that those of one part would fill the memory. */
export class WideError extends Error {
  override readonly name = 'WideError'
}

/** SQLSTATE: too_many_connections. */
export const TOO_MANY = '53300'

const ROWS_AT_ONCE = 500
const BYTES_AT_ONCE = 16 * 1024 * 1024

/** How long PostgreSQL may take to say that it has stopped; then nobody waits for it. */
const STOP_MS = 2000

/** Of the server itself or of the connection; but too many connections is for the caller to hear. */
const isOurs = ({ severity, code }: postgres.PostgresError) =>
  severity !== 'ERROR' && code !== TOO_MANY

/** Only what reads and gives rows can stand behind it: PostgreSQL's own grammar says so. */
const DECLARE = 'declare result no scroll cursor without hold for '

/** With parameters or without: the protocol that takes one statement, never several. */
const ONE_STATEMENT = { prepare: false, simple: false }

/** A query of the driver's. */
interface Cancellable {
  canceller: ((query: Cancellable) => Promise<unknown>) | null
}

/**
 * What the driver's own `cancel` does, by another connection. But it leaves a promise behind that nobody can hear: where that
 * connection is refused the process would end.
 */
const cancel = (query: Cancellable | undefined) => {
  query?.canceller?.(query).catch(() => undefined)
  if (query !== undefined) query.canceller = null
}

const rowOf = (values: readonly (Buffer | null)[]): ResultRow =>
  values.map((value) => (value === null ? null : value.toString('utf8')))

/**
 * Runs one SELECT (or VALUES, or WITH … SELECT) as the analysts' role, and gives its rows in parts: the next is read when it is asked
 * for. Each has a session of its own, which is gone afterwards with everything that was set in it. The session's role, not this
 * code, says what may be read.
 *
 * @param url connects as the analysts' role.
 * @throws StatementError, LateError, WideError; the error of the connection when there is none.
 */
export async function* analystRows(
  url: string,
  { text, parameters, timeoutMs, signal }: AnalystQuery,
): AsyncGenerator<ResultPart, undefined> {
  const sql = connect(url, {
    max: 1,
    fetch_types: false,
    connect_timeout: 5,
    onnotice: () => undefined,
    connection: {
      application_name: 'pay402win-sql',
      default_transaction_read_only: true,
      statement_timeout: timeoutMs,
      client_connection_check_interval: 1000,
    },
  })
  let running: Cancellable | undefined
  let isLate = false
  let isWide = false
  let cut: NodeJS.Timeout | undefined
  const stop = () => {
    cancel(running)
    cut ??= setTimeout(() => sql.end({ timeout: 0 }), STOP_MS)
  }
  const timer = setTimeout(() => {
    isLate = true
    stop()
  }, timeoutMs)
  signal.addEventListener('abort', stop)
  const run = <Query extends object>(query: Query): Query => {
    if (isLate) throw new LateError()
    signal.throwIfAborted()
    running = query as Query & Cancellable
    return query
  }
  const refuse = () => {
    isWide = true
    stop()
  }
  const fetch = async (): Promise<ResultPart> => {
    const rows: ResultRow[] = []
    let bytes = 0
    const { columns } = await run(sql.unsafe(`fetch forward ${ROWS_AT_ONCE} from result`))
      .raw()
      .forEach((row) => {
        const values = row as unknown as readonly (Buffer | null)[]
        for (const value of values) bytes += value?.length ?? 0
        if (bytes <= BYTES_AT_ONCE) rows.push(rowOf(values))
        else refuse()
      })
    if (isWide) throw new WideError()
    return { columns: columns.map(({ name, type }) => ({ name, type })), rows }
  }
  try {
    await run(sql.unsafe('begin isolation level repeatable read read only'))
    await run(sql.unsafe(`${DECLARE}${text}`, [...parameters], ONE_STATEMENT))
    for (;;) {
      const part = await fetch()
      yield part
      if (part.rows.length < ROWS_AT_ONCE) return
    }
  } catch (error) {
    if (isWide) throw new WideError()
    if (isLate || (error instanceof postgres.PostgresError && error.code === '57014'))
      throw new LateError()
    if (error instanceof postgres.PostgresError && !isOurs(error)) throw new StatementError(error)
    throw error
  } finally {
    clearTimeout(timer)
    clearTimeout(cut)
    signal.removeEventListener('abort', stop)
    await sql.end({ timeout: 0 })
  }
}
