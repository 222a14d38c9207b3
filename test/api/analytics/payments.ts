import * as schema from '../../../ponder.schema.ts'
import { address, CREATOR, hash } from '../../support/game.ts'
import { ANN, BOB, DOLLAR } from '../../support/story.ts'
import type { Tables } from '../../support/tables.ts'

const GAME = address(0x402)
const PRICE = 402_000n

/** Authorisations of BOB in every state of their link, one transaction each, for a pool of the story: nothing else is changed. */
export const writePayments = async (tables: Tables) => {
  const at = (transaction: number, blockNumber: number, logIndex: number) => ({
    id: `31337-${blockNumber}-${logIndex}`,
    chainId: 31337,
    ...{ blockNumber, logIndex },
    blockHash: hash(0xb000 + blockNumber),
    transactionHash: hash(0x9000_0000 + transaction),
    timestamp: 1_700_000_000 + blockNumber,
  })
  const authorize = (transaction: number, block: number, kind: 'USED' | 'CANCELED') =>
    tables.insert(schema.tokenAuthorization, {
      ...at(transaction, block, 100 * transaction),
      ...{ token: DOLLAR, kind, authorizer: BOB, nonce: hash(transaction), sender: CREATOR },
    })
  const pay = async (transaction: number, block: number, value: bigint) => {
    await authorize(transaction, block, 'USED')
    await tables.insert(schema.tokenTransfer, {
      ...at(transaction, block, 100 * transaction + 1),
      ...{ token: DOLLAR, sender: BOB, recipient: GAME, value },
    })
  }
  const settle = async (transaction: number, block: number, amount: bigint) => {
    const of = { poolId: 2n, roundId: 3n, payer: BOB, player: ANN }
    const first = BigInt(1000 + transaction)
    await tables.insert(schema.entry, {
      ...at(transaction, block, 100 * transaction + 2),
      ...of,
      id: `31337-${first}`,
      ...{ entryId: first, number: 402, amount: PRICE, feeAmount: 10_050n },
      ...{ paymentMethod: 'X402_DIRECT', paymentRef: hash(transaction) },
    })
    await tables.insert(schema.x402PaymentSettled, {
      ...at(transaction, block, 100 * transaction + 3),
      ...of,
      ...{ nonce: hash(transaction), token: DOLLAR, facilitator: CREATOR, amount },
      ...{ firstEntryId: first, entryCount: 1n, salt: null },
    })
  }
  await pay(1, 9, PRICE)
  await settle(1, 9, PRICE)
  await pay(2, 9, PRICE)
  await settle(2, 9, PRICE - 1n)
  await pay(3, 9, 5n)
  await pay(4, 5, 7n)
  await authorize(5, 5, 'CANCELED')
}
