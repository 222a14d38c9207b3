import { getTableName } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { listRows, tables } from '../src/api/db/audit.ts'
import type { Database } from '../src/api/db/database.ts'
import type { Head } from '../src/api/db/head.ts'
import { openSnapshot } from '../src/api/db/snapshot.ts'
import type { AnyRow, RowsOf } from './compare.ts'

const PAGE = 10_000

/** All rows of a chain, of one moment, and the block that they belong to. */
export interface Rows {
  readonly head: Head
  readonly of: RowsOf
}

/** @returns nothing when no block of the chain is indexed yet */
export const readRows = async (database: Database, chainId: number): Promise<Rows | undefined> => {
  const { snapshot, close } = await openSnapshot(database)
  try {
    const head = snapshot.heads.get(chainId)
    if (head === undefined) return undefined
    const found = new Map<PgTable, ReadonlyMap<string, AnyRow>>()
    for (const table of tables) {
      const rows = new Map<string, AnyRow>()
      for (let after = ''; ; ) {
        const page = (await listRows(snapshot.db, table, chainId, {
          after,
          limit: PAGE,
        })) as readonly AnyRow[]
        for (const row of page) rows.set(row.id, row)
        after = page.at(-1)?.id ?? ''
        if (page.length < PAGE) break
      }
      found.set(table, rows)
    }
    return {
      head,
      of: (table) => {
        const rows = found.get(table)
        if (rows === undefined) throw new Error(`${getTableName(table)} was not read`)
        return rows
      },
    }
  } finally {
    await close()
  }
}
