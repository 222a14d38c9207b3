import { erc20Abi, zeroAddress } from 'viem'
import { pay402WinAbi } from '../../../abis/Pay402Win.ts'
import { localDeployments } from '../../../stack/deploy.ts'
import { type Chain, createChain } from '../../support/chain.ts'
import type { History } from '../history.ts'
import type { Event } from '../model/history.ts'
import { readHistory } from '../model/read.ts'
import { createScenario } from '../scenario.ts'

/** What a real chain said, as far as the indexer asks for it, and what the contract then owed and held. */
export interface Stream {
  readonly chainId: number
  readonly game: string
  readonly events: readonly Event[]
  /** By token, in lower case. */
  readonly liabilities: ReadonlyMap<string, bigint>
  /** By token; without the native coin, which has no logs. */
  readonly balances: ReadonlyMap<string, bigint>
}

/** What ponder.config.ts lets through of the tokens' and the coordinator's logs. */
const isIndexed = (event: Event, game: string): boolean => {
  if (event.name === 'Transfer') return event.args.from === game || event.args.to === game
  if (event.name === 'RandomWordsRequested') return event.args.sender === game
  return true
}

/** Seconds. */
const LONGEST_ROUND = 60

/** Closes, pays and refunds what can be, so that what only the end of a round shows is in the stream. */
const finish = async (chain: Chain, history: History): Promise<void> => {
  await chain.mine(LONGEST_ROUND)
  for (const { args } of history.logs('PoolCreated')) await chain.close(args.poolId)
  await chain.mine()
  await history.sync()
  const ended = history.logs('RoundDrawn', 'RoundCancelled')
  const final = new Set(
    history.logs('RoundFinalized').map(({ args }) => `${args.poolId}-${args.roundId}`),
  )
  for (const { eventName, args } of ended) {
    if (final.has(`${args.poolId}-${args.roundId}`)) continue
    const pay = eventName === 'RoundDrawn' ? chain.settle : chain.refund
    await pay(args.poolId, args.roundId, 60)
    await chain.mine()
    await pay(args.poolId, args.roundId, 5000)
    await chain.mine()
  }
}

/** Plays a scenario without reorganisations, pays what is due and reads all of it back. */
export const playStream = async (seed: number, steps: number): Promise<Stream> => {
  const chain = await createChain({ genesisTimestamp: 1_799_999_999 })
  try {
    const scenario = await createScenario({ seed, chain, reorgShare: 0 })
    for (let step = 0; step < steps; step++) await scenario.step()
    await finish(chain, scenario.history)
    const { client, local } = chain
    const [deployed] = localDeployments(local)
    if (deployed === undefined) throw new Error('nothing is deployed')
    const { tokens } = scenario
    const { chainId, game, events } = await readHistory(client, { ...deployed, tokens })
    const liabilities = new Map<string, bigint>()
    const balances = new Map<string, bigint>()
    for (const token of [zeroAddress, ...tokens]) {
      const read = { address: local.contract, abi: pay402WinAbi } as const
      const args = [token] as const
      liabilities.set(
        token,
        await client.readContract({ ...read, functionName: 'liabilities', args }),
      )
      if (token === zeroAddress) continue
      const held = { address: token, abi: erc20Abi, functionName: 'balanceOf' } as const
      balances.set(token, await client.readContract({ ...held, args: [local.contract] }))
    }
    return {
      chainId,
      game,
      events: events.filter((event) => isIndexed(event, game)),
      liabilities,
      balances,
    }
  } finally {
    await chain.stop()
  }
}
