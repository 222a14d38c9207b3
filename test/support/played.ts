import { onTestFinished } from 'vitest'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { defaultPools, type PoolConfig } from '../../stack/deploy.ts'
import { createKeeper } from '../../stack/players/keeper.ts'
import { createPlayers } from '../../stack/players/players.ts'
import { waitFor } from '../../stack/process.ts'
import type { CoordinatorKind } from '../../stack/vrf/coordinator.ts'
import { type Chain, createChain } from './chain.ts'

/** How many accounts play. */
export const COUNT = 6

/** Until somebody's turn for a block is over. */
export const caughtUp = ({ playedUntil }: { playedUntil(): bigint }, block: bigint) =>
  waitFor('a turn', async () => playedUntil() === block || undefined, { everyMs: 5 })

/**
 * A chain that mines when told to, with a keeper who has had a turn for each block before the next one. It ends with the
 * test that asked for it.
 */
export const createKeptGame = async (
  seed: number,
  pools?: readonly Partial<PoolConfig>[],
  coordinator: CoordinatorKind = 'MOCK',
) => {
  const chain = await createChain({ coordinator })
  onTestFinished(() => chain.stop())
  const poolIds: bigint[] = []
  for (const pool of pools ?? defaultPools(chain.local, 8))
    poolIds.push(await chain.createPool(pool))
  const warnings: string[] = []
  const seat = {
    ...{ rpcUrl: chain.anvil.url, deployment: chain.local, poolIds, seed, lookMs: 10 },
    log: (message: string) => warnings.push(message),
  }
  const keeper = await createKeeper(seat)
  onTestFinished(keeper.stop)
  await caughtUp(keeper, await chain.client.getBlockNumber())
  const turn = async (seconds = 1) => {
    const block = BigInt(await chain.mine(seconds))
    await caughtUp(keeper, block)
    return block
  }
  return { chain, poolIds, warnings, seat, keeper, turn }
}

/** The same with players, who have their turns too. */
export const createPlayedGame = async (
  seed: number,
  pools?: readonly Partial<PoolConfig>[],
  coordinator?: CoordinatorKind,
) => {
  const game = await createKeptGame(seed, pools, coordinator)
  const { seat, keeper } = game
  const players = createPlayers({ ...seat, count: COUNT, stubborn: keeper.stubborn })
  onTestFinished(players.stop)
  await caughtUp(players, await game.chain.client.getBlockNumber())
  const turn = async (seconds = 1) => caughtUp(players, await game.turn(seconds))
  return { ...game, players, turn }
}

/** So many blocks, one after the other. */
export const play = async ({ turn }: { turn(): Promise<unknown> }, blocks: number) => {
  for (let block = 0; block < blocks; block++) await turn()
}

/** Logs of the game from the first block on. */
export const logsOf = ({ client, local }: Chain) => {
  const game = { address: local.contract, abi: pay402WinAbi, fromBlock: 0n, strict: true } as const
  return {
    entries: () => client.getContractEvents({ ...game, eventName: 'EntryPlaced' }),
    payments: () => client.getContractEvents({ ...game, eventName: 'X402PaymentSettled' }),
    requests: () => client.getContractEvents({ ...game, eventName: 'RandomnessRequested' }),
    words: () => client.getContractEvents({ ...game, eventName: 'RandomnessFulfilled' }),
    draws: () => client.getContractEvents({ ...game, eventName: 'RoundDrawn' }),
    prizes: () => client.getContractEvents({ ...game, eventName: 'PrizePaid' }),
    claims: () => client.getContractEvents({ ...game, eventName: 'CreditClaimed' }),
    cancels: () => client.getContractEvents({ ...game, eventName: 'RoundCancelled' }),
    refunds: () => client.getContractEvents({ ...game, eventName: 'EntryRefunded' }),
    finals: () => client.getContractEvents({ ...game, eventName: 'RoundFinalized' }),
  }
}
