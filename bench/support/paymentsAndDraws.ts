import { encodeProof, requestId, verifyProof } from '../../src/domain/Vrf.ts'
import { createLocalProver } from '../../stack/vrf/coordinator.ts'
import type { Tables } from '../../test/support/tables.ts'

/** What a game by handlers alone lacks: authorisations that paid for entries, and proofs of draws. */

/** One payment for an entry of each transaction in the pools of the dollar. */
export const addPayments = async ({ sql }: Tables): Promise<void> => {
  const paid = sql.unsafe.bind(sql)
  await paid(`create temporary table paid as
    select distinct on (e.transaction_hash) e.*, p.token from entry e
    join pool p on p.chain_id = e.chain_id and p.pool_id = e.pool_id
    where p.pool_id % 2 = 0 order by e.transaction_hash, e.log_index limit 20000;
    insert into token_authorization (id, chain_id, block_number, log_index, block_hash, transaction_hash, timestamp, token, kind, authorizer, nonce, sender)
      select 'a' || id, chain_id, block_number, log_index, block_hash, transaction_hash, timestamp, token, 'USED', player, '0x' || md5(id) || md5(id), payer from paid;
    insert into token_transfer (id, chain_id, block_number, log_index, block_hash, transaction_hash, timestamp, token, sender, recipient, value)
      select 't' || id, chain_id, block_number, log_index + 1, block_hash, transaction_hash, timestamp, token, player, payer, amount from paid;
    insert into x402_payment_settled (id, chain_id, block_number, log_index, block_hash, transaction_hash, timestamp, pool_id, round_id, payer, nonce, player, token, facilitator, amount, first_entry_id, entry_count)
      select 's' || id, chain_id, block_number, log_index + 2, block_hash, transaction_hash, timestamp, pool_id, round_id, player, '0x' || md5(id) || md5(id), player, token, payer, amount, entry_id, 1 from paid`)
}

/** Proofs of the first draws of pool 3; each request has an id of its own. */
export const addDraws = async ({ sql }: Tables, count: number): Promise<void> => {
  const { keyHash, prove } = createLocalProver()
  await sql.unsafe(`
    update random_words_requested asked set request_id = 1000000 * pool_id + round_id from randomness_requested game
      where game.chain_id = asked.chain_id and game.block_number = asked.block_number and game.log_index = asked.log_index + 1;
    update randomness_requested set request_id = 1000000 * pool_id + round_id`)
  const draws = await sql`
    select * from randomness_requested where pool_id = 3 order by round_id limit ${count}`
  for (const draw of draws) {
    const preSeed = BigInt(draw.request_id)
    const proof = prove(preSeed, draw.block_hash)
    const id = requestId(keyHash, preSeed)
    const { outputSeed } = verifyProof(proof, preSeed, draw.block_hash)
    await sql.unsafe(
      `update random_words_requested set request_id = $1::numeric, pre_seed = $2::numeric, key_hash = $3 where request_id = $2::numeric`,
      [String(id), String(preSeed), keyHash],
    )
    await sql.unsafe(
      `update randomness_requested set request_id = $1::numeric, key_hash = $3 where request_id = $2::numeric`,
      [String(id), String(preSeed), keyHash],
    )
    await sql.unsafe(
      `insert into random_words_fulfilled (id, chain_id, block_number, log_index, block_hash, transaction_hash, timestamp, coordinator, request_id, output_seed, sub_id, payment, success, proof)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9::numeric, $10::numeric, 1, 0, true, $11)`,
      [
        ...[`f${draw.id}`, draw.chain_id, draw.block_number, 9_000, draw.block_hash],
        ...[draw.transaction_hash, draw.timestamp, draw.coordinator, String(id)],
        ...[String(outputSeed), encodeProof(proof)],
      ],
    )
  }
}
