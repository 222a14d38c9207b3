import { isDeepStrictEqual } from 'node:util'
import { isTable } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Memory } from '../../../audit/memory.ts'
import * as schema from '../../../ponder.schema.ts'
import * as Id from '../../../src/domain/Id.ts'
import { isPaid } from '../../../src/domain/Integrity.ts'
import * as PoolStats from '../../../src/domain/PoolStats.ts'
import type { Stream } from './stream.ts'

const tables = Object.values(schema).filter((value): value is PgTable & typeof value =>
  isTable(value),
)

/** Do both hold the same rows? */
export const isSame = (one: Memory, other: Memory): boolean =>
  tables.every((table) => {
    const rows: ReadonlyMap<string, object> = one.rows(table)
    const others: ReadonlyMap<string, object> = other.rows(table)
    return (
      rows.size === others.size &&
      [...rows].every(([id, row]) => isDeepStrictEqual(row, others.get(id)))
    )
  })

const liabilitiesOf = (memory: Memory, token: string): bigint => {
  const pools = [...memory.rows(schema.pool).values()].filter((pool) => pool.token === token)
  const credits = [...memory.rows(schema.credit).values()].filter((row) => row.token === token)
  const ofPools = pools.map(({ id, chainId, poolId }) => {
    const stats = memory.rows(schema.poolStats).get(id)
    if (stats === undefined) return 0n
    const current = Id.round(chainId, poolId, stats.currentRoundId)
    return PoolStats.liabilities(stats, memory.rows(schema.round).get(current))
  })
  return [...ofPools, ...credits.map(({ credited, claimed }) => credited - claimed)].reduce(
    (sum, amount) => sum + amount,
    0n,
  )
}

/** What the transfers left with the game. */
const balanceOf = (memory: Memory, token: string, game: string): bigint =>
  [...memory.rows(schema.tokenTransfer).values()]
    .filter((transfer) => transfer.token === token)
    .reduce(
      (sum, { sender, recipient, value }) =>
        sum + (recipient === game ? value : 0n) - (sender === game ? value : 0n),
      0n,
    )

/**
 * Do the contract's own `liabilities` and the tokens' `balanceOf` come out, and is every round final that has nothing left to pay?
 */
export const isReconciled = (memory: Memory, stream: Stream): boolean =>
  [...memory.rows(schema.round).values()].every((round) => isPaid(round) === round.isFinalized) &&
  [...stream.liabilities].every(([token, amount]) => liabilitiesOf(memory, token) === amount) &&
  [...stream.balances].every(([token, amount]) => balanceOf(memory, token, stream.game) === amount)
