import * as schema from '../../ponder.schema.ts'
import * as Vrf from '../../src/domain/Vrf.ts'
import { createProver } from '../../stack/vrf/prover.ts'
import type { Tables } from '../../test/support/tables.ts'

const CHAIN = 31337

/** Gives the newest draws real proofs, so that to judge one costs what it costs. */
export const proveDraws = async (tables: Tables, count: number): Promise<void> => {
  const prover = createProver(402n)
  const asked = await tables.sql`
    select requested.*, fulfilled.log_index as fulfilled_log from randomness_requested requested
    join randomness_fulfilled fulfilled using (chain_id, pool_id, round_id)
    order by requested.block_number desc, requested.log_index desc limit ${count}`
  for (const [at, row] of asked.entries()) {
    const preSeed = 1_000_000n + BigInt(at)
    const proof = prover.prove(preSeed, row.block_hash)
    const { outputSeed } = Vrf.verifyProof(proof, preSeed, row.block_hash) as { outputSeed: bigint }
    const place = {
      chainId: CHAIN,
      blockNumber: Number(row.block_number),
      blockHash: row.block_hash,
      transactionHash: row.transaction_hash,
      timestamp: Number(row.timestamp),
      coordinator: row.coordinator,
      requestId: Vrf.requestId(prover.keyHash, preSeed),
      subId: 1n,
    }
    const id = (step: number) => ({ id: `${row.id}-${step}`, logIndex: 10_000 + 2 * at + step })
    await tables.insert(schema.randomWordsRequested, {
      ...{ ...place, ...id(0), keyHash: prover.keyHash, preSeed, sender: row.coordinator },
      ...{ minimumRequestConfirmations: 3, callbackGasLimit: 2_500_000, numWords: 1 },
    })
    await tables.insert(schema.randomWordsFulfilled, {
      ...{ ...place, ...id(1), outputSeed, payment: 0n, success: true },
      proof: Vrf.encodeProof(proof),
    })
    await tables.sql`update randomness_requested set request_id = ${String(place.requestId)}, key_hash = ${prover.keyHash}
      where id = ${row.id}`
  }
}
