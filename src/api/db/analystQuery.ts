import postgres from 'postgres'

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

const ROWS_AT_ONCE = 500

/** Only what reads and gives rows can stand behind it: PostgreSQL's own grammar says so. */
const DECLARE = 'declare result no scroll cursor without hold for '

/** With parameters or without: the protocol that takes one statement, never several. */
const ONE_STATEMENT = { prepare: false, simple: false }

interface Cancellable {
  readonly cancel: () => void
}

const rowOf = (values: readonly (Buffer | null)[]): ResultRow =>
  values.map((value) => (value === null ? null : value.toString('utf8')))

/**
 * Runs one SELECT (or VALUES, or WITH … SELECT) as the analysts' role, and gives its rows in parts: the next is read when it is asked
 * for. Each has a session of its own, which is gone afterwards with everything that was set in it. The session's role, not this
 * code, says what may be read.
 *
 * @param url connects as the analysts' role.
 * @throws StatementError, LateError; the error of the connection when there is none.
 */
export async function* analystRows(
  url: string,
  { text, parameters, timeoutMs, signal }: AnalystQuery,
): AsyncGenerator<ResultPart, undefined> {
  const sql = postgres(url, {
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
  const cancel = () => running?.cancel()
  const timer = setTimeout(() => {
    isLate = true
    cancel()
  }, timeoutMs)
  signal.addEventListener('abort', cancel)
  const run = <Query extends Cancellable>(query: Query): Query => {
    if (isLate) throw new LateError()
    signal.throwIfAborted()
    running = query
    return query
  }
  try {
    await run(sql.unsafe('begin isolation level repeatable read read only'))
    await run(sql.unsafe(`${DECLARE}${text}`, [...parameters], ONE_STATEMENT))
    for (;;) {
      const query = run(sql.unsafe(`fetch forward ${ROWS_AT_ONCE} from result`))
      const result = await query.raw()
      const rows = (result as readonly (readonly (Buffer | null)[])[]).map(rowOf)
      yield { columns: result.columns.map(({ name, type }) => ({ name, type })), rows }
      if (rows.length < ROWS_AT_ONCE) return
    }
  } catch (error) {
    if (isLate || (error instanceof postgres.PostgresError && error.code === '57014'))
      throw new LateError()
    if (error instanceof postgres.PostgresError) throw new StatementError(error)
    throw error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', cancel)
    await sql.end({ timeout: 0 })
  }
}
