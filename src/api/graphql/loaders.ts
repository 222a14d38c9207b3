import { poolStatsById, poolsById } from '../db/pool.ts'
import { tokensById } from '../db/token.ts'
import { createLoader } from './loader.ts'

/** Rows by primary key. Pages put the rows they read in here, so a row is read once an operation. */

export const tokenById = createLoader(tokensById)
export const poolById = createLoader(poolsById)
export const poolStats = createLoader(poolStatsById)

/** A row that another row points to; its absence means that the tables contradict each other. */
export const expectRow = <Row>(row: Row | null, id: string): Row => {
  if (row === null) throw new Error(`There is no row ${id}`)
  return row
}
