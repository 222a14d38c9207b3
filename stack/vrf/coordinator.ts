import { type Hex, keccak256, maxUint64, parseEther, parseEventLogs, stringToBytes } from 'viem'
import { vrfCoordinatorMockAbi } from '../../abis/VrfCoordinatorMock.ts'
import { vrfCoordinatorV2_5Abi } from '../../abis/VrfCoordinatorV2_5.ts'
import { vrfCoordinatorMockBytecode } from '../../contracts/bytecode/VrfCoordinatorMock.ts'
import { vrfCoordinatorV2_5Bytecode } from '../../contracts/bytecode/VrfCoordinatorV2_5.ts'
import { createdBy, type Deployer } from '../deployer.ts'
import { createProver } from './prover.ts'

/** Chainlink's coordinator, which verifies proofs, or its mock, which takes whatever number it is told. */
export type CoordinatorKind = 'REAL' | 'MOCK'

/** Of local chains, as worthless as their accounts. */
const SECRET_KEY = BigInt(keccak256(stringToBytes('the prover of local chains')))
/** The lane that the mock is asked on; it has no keys. */
const NO_KEY: Hex = `0x${'40'.repeat(32)}`
/** Whom the coordinator would ask for the hash of a block that the chain itself has forgotten: nobody. */
const NO_BLOCK_HASH_STORE: Hex = '0x000000000000000000000000000000000000dEaD'
const FUNDS = parseEther('1000')

/** The prover whose key coordinators of local chains know. */
export const createLocalProver = () => createProver(SECRET_KEY)

/** A coordinator that answers a game. Address in lower case. */
export interface Coordinator {
  readonly address: Hex
  readonly subscriptionId: bigint
  /** The lane to ask on. */
  readonly keyHash: Hex
  addConsumer(contract: Hex): Promise<void>
}

const createReal = async (deployer: Deployer, callbackGasLimit: number) => {
  const abi = vrfCoordinatorV2_5Abi
  const args = [NO_BLOCK_HASH_STORE]
  const address = createdBy(await deployer.create(abi, vrfCoordinatorV2_5Bytecode, args))
  const { publicKey, keyHash } = createLocalProver()
  await deployer.call(address, abi, 'registerProvingKey', [publicKey, maxUint64])
  // No premium, and a price of LINK that nobody pays.
  await deployer.call(address, abi, 'setConfig', [0, callbackGasLimit, 0, 0, 1n, 0, 0, 0, 0])
  return { address, keyHash }
}

const createMock = async (deployer: Deployer) => {
  const args = [0n, 0n, 1n]
  const receipt = await deployer.create(vrfCoordinatorMockAbi, vrfCoordinatorMockBytecode, args)
  return { address: createdBy(receipt), keyHash: NO_KEY }
}

/** Deploys a coordinator with a funded subscription. */
export const createCoordinator = async (
  deployer: Deployer,
  kind: CoordinatorKind,
  callbackGasLimit: number,
): Promise<Coordinator> => {
  const { address, keyHash } =
    kind === 'REAL' ? await createReal(deployer, callbackGasLimit) : await createMock(deployer)
  // Subscriptions are the same in both.
  const abi = vrfCoordinatorV2_5Abi
  const { logs } = await deployer.call(address, abi, 'createSubscription')
  const [subscription] = parseEventLogs({ abi, eventName: 'SubscriptionCreated', logs })
  if (subscription === undefined) throw new Error('the coordinator made no subscription')
  const { subId: subscriptionId } = subscription.args
  await deployer.call(address, abi, 'fundSubscriptionWithNative', [subscriptionId], FUNDS)
  return {
    address,
    subscriptionId,
    keyHash,
    addConsumer: async (contract) => {
      await deployer.call(address, abi, 'addConsumer', [subscriptionId, contract])
    },
  }
}
