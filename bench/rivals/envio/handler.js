/** The three tables of bench/peers.ts by Envio. Runs where its packages are installed. */
import { Pay402Win } from 'generated'

const count = async (table, id, amount) => {
  const { entry_count, wagered } = await table.getOrCreate({ id, entry_count: 0, wagered: 0n })
  table.set({ id, entry_count: entry_count + 1, wagered: wagered + amount })
}

Pay402Win.EntryPlaced.handler(async ({ event, context }) => {
  const { block, logIndex, params, transaction } = event
  context.Entry.set({
    id: String(params.entryId),
    block_number: BigInt(block.number),
    log_index: logIndex,
    transaction_hash: transaction.hash,
    timestamp: BigInt(block.timestamp),
    pool_id: params.poolId,
    round_id: params.roundId,
    entry_id: params.entryId,
    player: params.player,
    payer: params.payer,
    number: Number(params.number),
    amount: params.amount,
    fee_amount: params.feeAmount,
    payment_method: Number(params.paymentMethod),
    payment_ref: params.paymentRef,
  })
  await count(context.Round, `${params.poolId}-${params.roundId}`, params.amount)
  await count(context.Player, params.player, params.amount)
})
