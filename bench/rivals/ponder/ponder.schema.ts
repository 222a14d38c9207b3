/** The project's tables, with the relations that Ponder's GraphQL needs for nested fields. Ours needs none, so it declares none. */
import { relations } from 'ponder'
import { entry, pool, round } from '../../../ponder.schema.ts'

export * from '../../../ponder.schema.ts'

export const roundRelations = relations(round, ({ many, one }) => ({
  pool: one(pool, {
    fields: [round.chainId, round.poolId],
    references: [pool.chainId, pool.poolId],
  }),
  entries: many(entry),
}))

export const entryRelations = relations(entry, ({ one }) => ({
  round: one(round, {
    fields: [entry.chainId, entry.poolId, entry.roundId],
    references: [round.chainId, round.poolId, round.roundId],
  }),
}))
