import {
  createPublicClient,
  createWalletClient,
  type Hex,
  http,
  parseEther,
  parseEventLogs,
  zeroAddress,
} from 'viem'
import { type HDAccount, mnemonicToAccount } from 'viem/accounts'
import { localDollarAbi } from '../abis/LocalDollar.ts'
import { localOddAbi } from '../abis/LocalOdd.ts'
import { pay402WinAbi } from '../abis/Pay402Win.ts'
import { vrfCoordinatorMockAbi } from '../abis/VrfCoordinatorMock.ts'
import { localDollarBytecode } from '../contracts/bytecode/LocalDollar.ts'
import { localOddBytecode } from '../contracts/bytecode/LocalOdd.ts'
import { pay402WinBytecode } from '../contracts/bytecode/Pay402Win.ts'
import { vrfCoordinatorMockBytecode } from '../contracts/bytecode/VrfCoordinatorMock.ts'

/** The well-known phrase of local chains. Worthless, and meant to be. */
const MNEMONIC = 'test test test test test test test test test test test junk'

const accounts = new Map<number, HDAccount>()

/** Account number `index` of the local chain; the first ten are funded. Derived once, which takes some 25 ms. */
export const accountAt = (index: number): HDAccount => {
  const account = accounts.get(index) ?? mnemonicToAccount(MNEMONIC, { addressIndex: index })
  accounts.set(index, account)
  return account
}

/** What was deployed on a local chain. Addresses in lower case. */
export interface LocalDeployment {
  readonly chainId: number
  readonly contract: Hex
  readonly coordinator: Hex
  readonly subscriptionId: bigint
  readonly tokens: { readonly dollar: Hex; readonly odd: Hex }
  readonly feeRecipient: Hex
  readonly startBlock: number
}

export interface DeployOptions {
  readonly rpcUrl: string
  /** Gas the coordinator gives to the draw. */
  readonly callbackGasLimit?: number
  /** Asked for a block after each step, on a chain that mines only when asked. */
  readonly mine?: () => Promise<void>
}

/** A pool's configuration, in the contract's order and units. */
export interface PoolConfig {
  readonly token: Hex
  readonly entryFee: bigint
  readonly feeBps: number
  readonly feeRecipient: Hex
  readonly roundDuration: number
  readonly minEntries: number
  readonly maxEntries: number
  readonly drawTimeout: number
  readonly name: string
}

/** Clients of the account that deploys, which is also the game's creator and the keeper. */
export const deployerOf = (rpcUrl: string) => {
  const transport = http(rpcUrl)
  return {
    account: accountAt(0),
    reader: createPublicClient({ transport, pollingInterval: 50, cacheTime: 0 }),
    wallet: createWalletClient({ account: accountAt(0), transport }),
  }
}

/** Deploys the coordinator with a funded subscription, two tokens and the game. */
export const deploy = async ({
  rpcUrl,
  callbackGasLimit = 2_500_000,
  mine = async () => undefined,
}: DeployOptions): Promise<LocalDeployment> => {
  const { account, reader, wallet } = deployerOf(rpcUrl)
  const chainId = await reader.getChainId()

  const receiptOf = async (hash: Hex) => {
    await mine()
    const receipt = await reader.waitForTransactionReceipt({ hash })
    if (receipt.status !== 'success') throw new Error(`deployment failed in ${hash}`)
    return receipt
  }
  const addressOf = async (hash: Hex) => {
    const { contractAddress } = await receiptOf(hash)
    if (contractAddress == null) throw new Error(`no contract was created in ${hash}`)
    return contractAddress.toLowerCase() as Hex
  }
  const chain = null

  const coordinator = await addressOf(
    await wallet.deployContract({
      chain,
      abi: vrfCoordinatorMockAbi,
      bytecode: vrfCoordinatorMockBytecode,
      args: [0n, 0n, 1n],
    }),
  )
  const created = await receiptOf(
    await wallet.writeContract({
      chain,
      address: coordinator,
      abi: vrfCoordinatorMockAbi,
      functionName: 'createSubscription',
    }),
  )
  const [subscription] = parseEventLogs({
    abi: vrfCoordinatorMockAbi,
    eventName: 'SubscriptionCreated',
    logs: created.logs,
  })
  if (subscription === undefined) throw new Error('the coordinator made no subscription')
  const { subId } = subscription.args
  await receiptOf(
    await wallet.writeContract({
      chain,
      address: coordinator,
      abi: vrfCoordinatorMockAbi,
      functionName: 'fundSubscriptionWithNative',
      args: [subId],
      value: parseEther('100'),
    }),
  )
  const dollar = await addressOf(
    await wallet.deployContract({ chain, abi: localDollarAbi, bytecode: localDollarBytecode }),
  )
  const odd = await addressOf(
    await wallet.deployContract({ chain, abi: localOddAbi, bytecode: localOddBytecode }),
  )
  const game = await receiptOf(
    await wallet.deployContract({
      chain,
      abi: pay402WinAbi,
      bytecode: pay402WinBytecode,
      args: [coordinator, subId, `0x${'40'.repeat(32)}`, callbackGasLimit, 3, account.address],
    }),
  )
  if (game.contractAddress == null) throw new Error('the game was not created')
  await receiptOf(
    await wallet.writeContract({
      chain,
      address: coordinator,
      abi: vrfCoordinatorMockAbi,
      functionName: 'addConsumer',
      args: [subId, game.contractAddress],
    }),
  )
  return {
    chainId,
    contract: game.contractAddress.toLowerCase() as Hex,
    coordinator,
    subscriptionId: subId,
    tokens: { dollar, odd },
    feeRecipient: accountAt(1).address.toLowerCase() as Hex,
    startBlock: Number(game.blockNumber),
  }
}

/** The pools of a local game: native coin, six decimals, none. Rounds last `roundDuration` seconds. */
export const defaultPools = (
  { tokens, feeRecipient }: LocalDeployment,
  roundDuration = 60,
): readonly PoolConfig[] => {
  const common = {
    feeBps: 250,
    feeRecipient,
    roundDuration,
    minEntries: 1,
    maxEntries: 5_000,
    drawTimeout: 600,
  }
  return [
    { ...common, token: zeroAddress, entryFee: parseEther('0.003'), name: 'Classic' },
    { ...common, token: tokens.dollar, entryFee: 402_000n, name: 'Dollar' },
    { ...common, token: tokens.odd, entryFee: 40n, name: 'Odd' },
  ]
}

/** Creates pools, in order; returns their ids. */
export const createPools = async (
  { rpcUrl, mine = async () => undefined }: Pick<DeployOptions, 'rpcUrl' | 'mine'>,
  contract: Hex,
  pools: readonly PoolConfig[],
): Promise<readonly bigint[]> => {
  const { reader, wallet } = deployerOf(rpcUrl)
  const ids: bigint[] = []
  for (const pool of pools) {
    const hash = await wallet.writeContract({
      chain: null,
      address: contract,
      abi: pay402WinAbi,
      functionName: 'createPool',
      args: [pool],
    })
    await mine()
    const { logs } = await reader.waitForTransactionReceipt({ hash })
    const [created] = parseEventLogs({ abi: pay402WinAbi, eventName: 'PoolCreated', logs })
    if (created === undefined) throw new Error(`pool ${pool.name} was not created`)
    ids.push(created.args.poolId)
  }
  return ids
}

/** What DEPLOYMENTS says of a local chain, before it is made text. */
export const localDeployments = (local: LocalDeployment) => [
  {
    chainId: local.chainId,
    name: 'local',
    address: local.contract,
    startBlock: local.startBlock,
    coordinator: local.coordinator,
    subscriptionId: local.subscriptionId.toString(),
    tokens: Object.values(local.tokens),
  },
]
