import { type Address, address, createGame, FEE_RECIPIENT, NATIVE } from './game.ts'
import type { Tables } from './tables.ts'

export const ANN = address(1)
export const BOB = address(2)
/** A contract that takes no push payments. */
export const CAT = address(3)
export const DOLLAR: Address = address(0xd0)

/**
 * A short history with every state of a round. Pool 1 (native, 18 decimals): settled with two winners of whom CAT's push
 * failed and was claimed; rolled over; open. Pool 2 (6 decimals): cancelled and half refunded; drawn and half paid; open.
 */
export const writeStory = async (tables: Tables) => {
  const game = createGame()
  await game.block()
  await game.token(NATIVE, 'ETH', 18)
  await game.token(DOLLAR, 'USDL', 6)
  await game.pool(1n, NATIVE, { entryFee: 3_000_000_000_000_000n, name: 'Classic 100%' })
  await game.pool(2n, DOLLAR, { entryFee: 402_000n, name: 'Dollar_pool', minEntries: 3 })

  await game.block()
  await game.enter(1n, ANN, [7, 8])
  await game.enter(1n, CAT, [7], BOB)
  await game.enter(2n, BOB, [1, 2])
  await game.block(60)
  await game.close(1n)
  await game.block()
  await game.draw(1n, 7, 1000, [CAT, FEE_RECIPIENT])
  await game.block()
  await game.claim(CAT, NATIVE)
  await game.cancel(2n, 'BELOW_MINIMUM')
  await game.refund(2n, 1n, 1)

  await game.block()
  await game.enter(1n, BOB, [100])
  await game.enter(1n, ANN, [101])
  await game.enter(2n, ANN, [5, 5, 6])
  await game.enter(2n, BOB, [5])
  await game.block(60)
  await game.close(1n)
  await game.close(2n)
  await game.block()
  await game.draw(1n, 402)
  await game.draw(2n, 5, 1)

  await game.block()
  await game.enter(1n, ANN, [402, 402, 3])
  await game.enter(1n, BOB, [402])
  await game.save(tables)
  await tables.finalize(31337, 6)
  return game
}
