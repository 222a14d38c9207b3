/** The three tables of bench/peers.ts by SubQuery, whose sandbox gives `store`. */

const count = async (table, id, amount) => {
  const found = await store.get(table, id)
  await store.set(table, id, {
    id,
    entry_count: (found?.entry_count ?? 0) + 1,
    wagered: (found?.wagered ?? 0n) + amount,
  })
}

exports.handleEntry = async (log) => {
  const { args, block, logIndex, transactionHash } = log
  const id = String(args.entryId)
  const amount = args.amount.toBigInt()
  await store.set('Entry', id, {
    id,
    block_number: BigInt(block.number),
    log_index: logIndex,
    transaction_hash: transactionHash,
    timestamp: BigInt(block.timestamp),
    pool_id: args.poolId.toBigInt(),
    round_id: args.roundId.toBigInt(),
    entry_id: args.entryId.toBigInt(),
    player: args.player,
    payer: args.payer,
    number: Number(args.number),
    amount,
    fee_amount: args.feeAmount.toBigInt(),
    payment_method: Number(args.paymentMethod),
    payment_ref: args.paymentRef,
  })
  await count('Round', `${args.poolId}-${args.roundId}`, amount)
  await count('Player', args.player, amount)
}
