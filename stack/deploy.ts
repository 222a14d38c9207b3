import { type Hex, parseEther, parseEventLogs, zeroAddress } from 'viem'
import { type HDAccount, mnemonicToAccount } from 'viem/accounts'
import { localDollarAbi } from '../abis/LocalDollar.ts'
import { localOddAbi } from '../abis/LocalOdd.ts'
import { pay402WinAbi } from '../abis/Pay402Win.ts'
import { localDollarBytecode } from '../contracts/bytecode/LocalDollar.ts'
import { localOddBytecode } from '../contracts/bytecode/LocalOdd.ts'
import { pay402WinBytecode } from '../contracts/bytecode/Pay402Win.ts'
import { createDeployer, createdBy, type DeployerOptions } from './deployer.ts'
import { type CoordinatorKind, createCoordinator } from './vrf/coordinator.ts'

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
  readonly coordinatorKind: CoordinatorKind
  readonly subscriptionId: bigint
  readonly tokens: { readonly dollar: Hex; readonly odd: Hex }
  readonly feeRecipient: Hex
  readonly startBlock: number
}

export interface DeployOptions extends DeployerOptions {
  /** Default: the mock. */
  readonly coordinator?: CoordinatorKind
  /** Gas the coordinator gives to the draw. */
  readonly callbackGasLimit?: number
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

/** Account 0 deploys, creates the game and its pools. */
const creator = (options: DeployerOptions) => createDeployer(options, accountAt(0))

/** Deploys the coordinator with a funded subscription, two tokens and the game. */
export const deploy = async ({
  coordinator: coordinatorKind = 'MOCK',
  callbackGasLimit = 2_500_000,
  ...options
}: DeployOptions): Promise<LocalDeployment> => {
  const deployer = creator(options)
  const coordinator = await createCoordinator(deployer, coordinatorKind, callbackGasLimit)
  const { address, subscriptionId, keyHash } = coordinator
  const dollar = createdBy(await deployer.create(localDollarAbi, localDollarBytecode))
  const odd = createdBy(await deployer.create(localOddAbi, localOddBytecode))
  const game = await deployer.create(pay402WinAbi, pay402WinBytecode, [
    ...[address, subscriptionId, keyHash, callbackGasLimit, 3, deployer.account.address],
  ])
  const contract = createdBy(game)
  await coordinator.addConsumer(contract)
  return {
    chainId: await deployer.chainId(),
    contract,
    coordinator: address,
    coordinatorKind,
    subscriptionId,
    tokens: { dollar, odd },
    feeRecipient: accountAt(1).address.toLowerCase() as Hex,
    startBlock: Number(game.blockNumber),
  }
}

/** The pools of a local game: native coin, six decimals, none. Rounds last `roundDuration` seconds. */
export const defaultPools = (
  { tokens, feeRecipient }: Pick<LocalDeployment, 'tokens' | 'feeRecipient'>,
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
  options: DeployerOptions,
  contract: Hex,
  pools: readonly PoolConfig[],
): Promise<readonly bigint[]> => {
  const deployer = creator(options)
  const ids: bigint[] = []
  for (const pool of pools) {
    const { logs } = await deployer.call(contract, pay402WinAbi, 'createPool', [pool])
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
