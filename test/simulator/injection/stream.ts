import { erc20Abi, zeroAddress } from 'viem'
import { pay402WinAbi } from '../../../abis/Pay402Win.ts'
import { localDeployments } from '../../../stack/deploy.ts'
import { createChain } from '../../support/chain.ts'
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

/** Plays a scenario without reorganisations and reads it back. */
export const playStream = async (seed: number, steps: number): Promise<Stream> => {
  const chain = await createChain({ genesisTimestamp: 1_799_999_999 })
  try {
    const scenario = await createScenario({ seed, chain, reorgShare: 0 })
    for (let step = 0; step < steps; step++) await scenario.step()
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
