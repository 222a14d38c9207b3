import { getTableColumns } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Store } from '../src/indexing/store.ts'

type Row = Record<string, unknown> & { readonly id: string }

/** Rows in memory behind the same few calls that the indexer's handlers make of Ponder's store. */
export interface Memory {
  readonly store: Store
  /** Rows of a table by id. */
  readonly rows: <T extends PgTable>(table: T) => ReadonlyMap<string, T['$inferSelect']>
  /** Rows that were written since the last call, table by table. */
  readonly takeChanges: () => readonly (readonly [table: PgTable, rows: readonly Row[]])[]
  /** Lets go of rows that nobody will ask for again. */
  readonly forget: <T extends PgTable>(
    table: T,
    isDone: (row: T['$inferSelect']) => boolean,
  ) => void
  /** Another memory that begins with these rows and then goes its own way. */
  readonly fork: () => Memory
}

type Rows = Map<string, Row>

/** Columns that are not given are null, as in a database. */
const complete = (table: PgTable, row: object): Row => ({
  ...Object.fromEntries(Object.keys(getTableColumns(table)).map((name) => [name, null])),
  ...(row as Row),
})

/**
 * @param call answers `eth_call`, which handlers use for the names of tokens; nothing when absent
 */
export const createMemory = (
  chainId: number,
  call: Store['client']['call'] = async () => ({ data: undefined }),
): Memory => memoryOf(chainId, call, new Map())

const memoryOf = (
  chainId: number,
  call: Store['client']['call'],
  tables: Map<PgTable, Rows>,
): Memory => {
  const changed = new Map<PgTable, Set<string>>()
  const of = (table: PgTable) => {
    const known = tables.get(table) ?? (new Map() satisfies Rows)
    tables.set(table, known)
    return known
  }
  const write = (table: PgTable, row: Row): Row => {
    of(table).set(row.id, row)
    changed.set(table, (changed.get(table) ?? new Set()).add(row.id))
    return row
  }

  const insert = (table: PgTable) => ({
    values: (values: object) => {
      const row = complete(table, values)
      const known = of(table).get(row.id)
      let hasClause = false
      const plain = async () => {
        // A clause, if any, is added in the same turn.
        await Promise.resolve()
        if (hasClause) return null
        if (known !== undefined) throw new Error(`There is a row ${row.id} already`)
        return write(table, row)
      }
      return Object.assign(plain(), {
        onConflictDoNothing: async () => {
          hasClause = true
          return known === undefined ? write(table, row) : null
        },
        onConflictDoUpdate: async (apply: (row: Row) => object) => {
          hasClause = true
          return write(table, known === undefined ? row : { ...known, ...apply(known) })
        },
      })
    },
  })
  const update = (table: PgTable, key: { readonly id: string }) => ({
    set: async (apply: (row: Row) => object) => {
      const known = of(table).get(key.id)
      if (known === undefined)
        throw Object.assign(new Error(`There is no row ${key.id}`), { name: 'RecordNotFoundError' })
      return write(table, { ...known, ...apply(known) })
    },
  })
  const find = async (table: PgTable, key: { readonly id: string }) => of(table).get(key.id) ?? null

  return {
    store: {
      chain: { id: chainId },
      db: { find, insert, update } as never,
      client: { call },
    },
    rows: (table) => of(table) as never,
    takeChanges: () => {
      const taken = [...changed].map(
        ([table, ids]) => [table, [...ids].flatMap((id) => of(table).get(id) ?? [])] as const,
      )
      changed.clear()
      return taken
    },
    forget: (table, isDone) => {
      const kept = of(table)
      for (const [id, row] of kept) if (isDone(row as never)) kept.delete(id)
    },
    // A row is never changed in its place, so the rows themselves may be shared.
    fork: () =>
      memoryOf(chainId, call, new Map([...tables].map(([table, kept]) => [table, new Map(kept)]))),
  }
}
