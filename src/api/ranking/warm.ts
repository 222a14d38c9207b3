import type { Database } from '../db/database.ts'
import { listTokens } from '../db/token.ts'
import type { Boards } from './boards.ts'

/** Reads the board of each token over all time, so that nobody has to wait for a large one. */
export const warm = async (boards: Boards, { db }: Database): Promise<void> => {
  for (const { chainId, address: token } of await listTokens(db))
    await boards.prepare(
      { chainId, token, poolId: null, window: null },
      { metric: 'REALIZED_NET_PROFIT', minEntries: 0 },
    )
}
