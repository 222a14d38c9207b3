import { encodeFunctionData, type Hex, zeroAddress } from 'viem'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { type Anvil, createAnvil } from '../../stack/anvil.ts'
import {
  accountAt,
  createPools,
  deploy,
  type LocalDeployment,
  localDeployments,
} from '../../stack/deploy.ts'

/** One call of a block: so many entries of one player in a pool. */
export interface Call {
  readonly poolId: number
  readonly player: Hex
  readonly numbers: readonly number[]
}

/** A chain with the game and some pools on it, that mines when it is told to. */
export interface EntryChain {
  readonly anvil: Anvil
  readonly local: LocalDeployment
  /** What the indexer's configuration reads, without a database. */
  readonly env: Readonly<Record<string, string>>
  /** Mines one block with these calls, in order, and resolves with its number. */
  readonly mine: (calls: readonly Call[]) => Promise<number>
  readonly stop: () => Promise<void>
}

const ENTRY_FEE = 1_000n
const SECONDS_A_BLOCK = 12
/** So many pools in the native coin. */
export const POOLS = 4
/** Blocks that Ponder leaves to live indexing behind the head of a chain it does not know. */
export const FINALITY = 30

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

/** @param timestamp of block 0: fixed, the same calls give the same blocks on two chains. */
export const createEntryChain = async (timestamp: number): Promise<EntryChain> => {
  const anvil = await createAnvil({ blockTime: 0, genesisTimestamp: timestamp })
  const request = async (calls: readonly (readonly [method: string, params: unknown])[]) => {
    const response = await fetch(anvil.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(
        calls.map(([method, params], id) => ({ jsonrpc: '2.0', id, method, params })),
      ),
    })
    const answers = (await response.json()) as readonly Answer[]
    for (const { error } of answers) if (error !== undefined) throw new Error(error.message)
    return answers.toSorted((a, b) => a.id - b.id).map(({ result }) => result)
  }
  let clock = timestamp
  let nonce = 0
  const mineBlock = async () => {
    clock += SECONDS_A_BLOCK
    // A batch is answered in any order.
    await request([['evm_mine', [{ timestamp: clock }]]])
    const [number] = await request([['eth_blockNumber', []]])
    return Number(number)
  }
  // Anvil's miner is the zero address, and so is the native coin: a coincidence that no other chain has.
  await request([['anvil_setCoinbase', [accountAt(9).address]]])
  const options = {
    rpcUrl: anvil.url,
    mine: async () => {
      await mineBlock()
    },
  }
  const local = await deploy(options)
  const pools = Array.from({ length: POOLS }, (_, at) => ({
    token: zeroAddress,
    entryFee: ENTRY_FEE,
    feeBps: 250,
    feeRecipient: local.feeRecipient,
    roundDuration: 1_000_000,
    minEntries: 1,
    maxEntries: 4_000_000,
    drawTimeout: 600,
    name: `Pool ${at + 1}`,
  }))
  await createPools(options, local.contract, pools)
  return {
    anvil,
    local,
    env: { DEPLOYMENTS: JSON.stringify(localDeployments(local)), RPC_URL: anvil.url },
    mine: async (calls) => {
      const sent = calls.map(({ poolId, player, numbers }, at) => {
        const data = encodeFunctionData({
          abi: pay402WinAbi,
          functionName: 'enter',
          args: [BigInt(poolId), numbers, player],
        })
        const transaction = {
          // One sender: its nonces keep the calls in order, so that two chains get the same blocks.
          from: accountAt(2).address,
          nonce: `0x${(nonce + at).toString(16)}`,
          to: local.contract,
          value: `0x${(ENTRY_FEE * BigInt(numbers.length)).toString(16)}`,
          // More than a first entry of a round costs.
          gas: `0x${(250_000 + 90_000 * numbers.length).toString(16)}`,
          maxFeePerGas: '0x2540be400',
          maxPriorityFeePerGas: '0x0',
          data,
        }
        return ['eth_sendTransaction', [transaction]] as const
      })
      nonce += sent.length
      if (sent.length > 0) await request(sent)
      const block = await mineBlock()
      const [count] = await request([
        ['eth_getBlockTransactionCountByNumber', [`0x${block.toString(16)}`]],
      ])
      if (Number(count) !== calls.length) throw new Error(`block ${block} lacks calls`)
      return block
    },
    stop: anvil.stop,
  }
}

/** Numbers without a pattern, the same in every run. */
export const createDice = (seed: number) => {
  let state = seed >>> 0
  /** A whole number from 0 to `sides` - 1. */
  return (sides: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

/** The n-th player, from 0. */
export const playerAt = (n: number): Hex =>
  `0x${(0x402_000_000n + BigInt(n)).toString(16).padStart(40, '0')}`

/** `count` calls of `each` entries, by as many players out of `population`. */
export const randomCalls = (
  dice: (sides: number) => number,
  { count, each, population }: { count: number; each: number; population: number },
): readonly Call[] =>
  Array.from({ length: count }, () => ({
    poolId: 1 + dice(POOLS),
    player: playerAt(dice(population)),
    numbers: Array.from({ length: each }, () => 1 + dice(402)),
  }))
