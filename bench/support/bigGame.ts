import { createRandom } from '../../stack/players/random.ts'
import { address, createGame, NATIVE } from '../../test/support/game.ts'
import type { Tables } from '../../test/support/tables.ts'

export interface Size {
  readonly rounds: number
  readonly entries: number
  readonly players: number
}

type Game = ReturnType<typeof createGame>

const POOLS = 10
const DOLLAR = address(0xd0)
/** A round of each pool, every hour: the tables tell of a year and more. */
const SECONDS = 3600
/** Between two writes to the database. */
const ROUNDS_AT_ONCE = 500

/** The n-th player, from 0. */
export const playerAt = (n: number) => address(0x10_0000 + n)

interface FillOptions {
  readonly seed?: number
  /** What happens at the end, in rounds that are open then. */
  readonly end?: (game: Game) => Promise<unknown>
}

/** A game of any size, by the indexer's own handlers. Some players enter far more often than others. */
export const fillGame = async (
  tables: Tables,
  size: Size,
  { seed = 402, end = async () => undefined }: FillOptions = {},
): Promise<void> => {
  const random = createRandom(seed)
  const game = createGame(31337, 1_700_000_000)
  await game.block()
  await game.token(NATIVE, 'ETH', 18)
  await game.token(DOLLAR, 'USDL', 6)
  const pools = Array.from({ length: POOLS }, (_, at) => BigInt(at + 1))
  for (const pool of pools)
    await game.pool(pool, pool % 2n === 0n ? DOLLAR : NATIVE, { entryFee: 402_000n * pool })
  const calls = Math.max(1, Math.round(size.entries / size.rounds / 2))
  const turns = Math.ceil(size.rounds / POOLS)
  for (let turn = 0; turn < turns; turn++) {
    await game.block()
    for (const pool of pools)
      for (let call = 0; call < calls; call++) {
        // A fifth of the calls are a hundredth of the players'.
        const few = random.chance(0.2) ? Math.ceil(size.players / 100) : size.players
        const numbers = [1 + random.below(402), 1 + random.below(402)]
        await game.enter(pool, playerAt(random.below(few)), numbers)
      }
    await game.block(SECONDS)
    for (const pool of pools) await game.close(pool)
    await game.block()
    for (const pool of pools) await game.draw(pool, 1 + random.below(402))
    if ((turn * POOLS) % ROUNDS_AT_ONCE !== 0) continue
    await game.save(tables)
    game.forget()
  }
  await end(game)
  await game.save(tables)
  await tables.finalize(31337, game.head().number - 64)
  await tables.sql.unsafe('analyze')
}
