import {
  type Abi,
  createTestClient,
  getAddress,
  type Hex,
  http,
  parseEventLogs,
  publicActions,
  toHex,
  walletActions,
  zeroAddress,
  zeroHash,
} from 'viem'
import { localDollarAbi } from '../../abis/LocalDollar.ts'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { vrfCoordinatorMockAbi } from '../../abis/VrfCoordinatorMock.ts'
import { type Anvil, createAnvil } from '../../stack/anvil.ts'
import { accountAt, deploy, type LocalDeployment, type PoolConfig } from '../../stack/deploy.ts'
import type { CoordinatorKind } from '../../stack/vrf/coordinator.ts'
import { signPayment } from '../../stack/x402.ts'

const FIRST_TIMESTAMP = 1_800_000_000
/** Sent with each transaction, so that nothing has to be estimated against a state that is not mined yet. */
const GAS = 20_000_000n
const KEEPER = 0

/** What a test says of an entry. Players and payers are numbers of local accounts (2 to 9), or addresses. */
export interface Entering {
  readonly poolId: bigint
  readonly numbers: readonly number[]
  readonly player: number | Hex
  /** Absent: the player. */
  readonly payer?: number
  /** Absent: a plain allowance. */
  readonly paymentRef?: Hex
}

/**
 * A local chain that mines only when told to, at times the test decides: the same calls give the same blocks. Transactions
 * that are sent wait for `mine`, in order.
 */
export interface Chain {
  readonly anvil: Anvil
  readonly local: LocalDeployment
  readonly client: ReturnType<typeof clientOf>
  address(player: number | Hex): Hex
  /** One block with everything that waits; `seconds` after the last one. Returns its number. */
  mine(seconds?: number): Promise<number>
  /** The chain's time in seconds; the next block is mined so many seconds after it. */
  now(): number
  /** Forgets the newest `depth` blocks. What is mined next has other hashes. */
  rollback(depth: number): Promise<void>
  createPool(config?: Partial<PoolConfig>): Promise<bigint>
  enter(entering: Entering): Promise<Hex>
  enterWithToken(entering: Entering): Promise<Hex>
  /** x402: the payer signs, account 1 relays. */
  enterWithAuthorization(entering: Entering & { readonly salt?: Hex }): Promise<Hex>
  close(poolId: bigint): Promise<Hex>
  /** Answers the newest request of the pool so that `number` wins. */
  draw(poolId: bigint, number: number): Promise<Hex>
  settle(poolId: bigint, roundId: bigint, max?: number): Promise<Hex>
  refund(poolId: bigint, roundId: bigint, max?: number): Promise<Hex>
  cancelExpired(poolId: bigint): Promise<Hex>
  /** Any other call, by a local account. */
  send(call: {
    from?: number
    to: Hex
    abi: Abi
    functionName: string
    args?: readonly unknown[]
    value?: bigint
  }): Promise<Hex>
  deployContract(abi: Abi, bytecode: Hex, args?: readonly unknown[]): Promise<Hex>
  stop(): Promise<void>
}

const clientOf = (url: string) =>
  createTestClient({ mode: 'anvil', transport: http(url, { timeout: 20_000 }), cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions)

/** Starts a chain with the game on it. */
export const createChain = async ({
  genesisTimestamp,
  states,
  ...options
}: {
  readonly callbackGasLimit?: number
  /** Default: the mock, which `draw` needs. */
  readonly coordinator?: CoordinatorKind
  /** Of block 0; below 1,800,000,000. Fixed, the same calls give the same hashes too. Absent: now. */
  readonly genesisTimestamp?: number
  /** Of how many blocks it keeps the state. */
  readonly states?: number
} = {}): Promise<Chain> => {
  const anvil = await createAnvil({
    blockTime: 0,
    ...(genesisTimestamp === undefined ? {} : { genesisTimestamp }),
    ...(states === undefined ? {} : { states }),
  })
  const client = clientOf(anvil.url)
  let clock = FIRST_TIMESTAMP
  let reorgs = 0

  const mine = async (seconds = 1) => {
    clock += seconds
    await client.setNextBlockTimestamp({ timestamp: BigInt(clock) })
    await client.mine({ blocks: 1 })
    return Number(await client.getBlockNumber())
  }
  const local = await deploy({
    rpcUrl: anvil.url,
    mine: async () => {
      await mine()
    },
    ...options,
  })
  const address = (player: number | Hex) =>
    typeof player === 'number' ? accountAt(player).address : getAddress(player)

  const send: Chain['send'] = async ({ from = KEEPER, to, abi, functionName, args = [], value }) =>
    client.writeContract({
      account: accountAt(from),
      chain: null,
      address: to,
      abi,
      functionName,
      args,
      gas: GAS,
      maxFeePerGas: 10n ** 10n,
      maxPriorityFeePerGas: 0n,
      ...(value === undefined ? {} : { value }),
    })
  const play = (functionName: string, args: readonly unknown[], from?: number, value?: bigint) =>
    send({
      ...(from === undefined ? {} : { from }),
      to: local.contract,
      abi: pay402WinAbi,
      functionName,
      args,
      ...(value === undefined ? {} : { value }),
    })
  const game = { address: local.contract, abi: pay402WinAbi } as const
  const poolOf = (poolId: bigint) =>
    client.readContract({ ...game, functionName: 'pools', args: [poolId] })
  const payerOf = ({ player, payer }: Entering) => {
    const account = payer ?? player
    if (typeof account !== 'number') throw new Error('an entry of a contract needs a payer')
    return account
  }

  return {
    anvil,
    local,
    client,
    address,
    mine,
    send,
    now: () => clock,
    rollback: async (depth) => {
      await client.request<{ Method: 'anvil_rollback'; Parameters: [number]; ReturnType: null }>({
        method: 'anvil_rollback',
        params: [depth],
      })
      reorgs += 1
      const { timestamp } = await client.getBlock()
      // Never the same second as the block that was there, so never the same hash.
      clock = Number(timestamp) + reorgs
    },
    createPool: async (config = {}) => {
      const pool: PoolConfig = {
        token: zeroAddress,
        entryFee: 1000n,
        feeBps: 250,
        feeRecipient: local.feeRecipient,
        roundDuration: 60,
        minEntries: 1,
        maxEntries: 1000,
        drawTimeout: 600,
        name: 'Pool',
        ...config,
      }
      const hash = await play('createPool', [pool])
      await mine()
      const { logs } = await client.getTransactionReceipt({ hash })
      const [created] = parseEventLogs({ abi: pay402WinAbi, eventName: 'PoolCreated', logs })
      if (created === undefined) throw new Error('the pool was not created')
      return created.args.poolId
    },
    enter: async (entering) => {
      const { config } = await poolOf(entering.poolId)
      const value = config.entryFee * BigInt(entering.numbers.length)
      const args = [entering.poolId, entering.numbers, address(entering.player)]
      return play('enter', args, payerOf(entering), value)
    },
    enterWithToken: async (entering) => {
      const { config } = await poolOf(entering.poolId)
      const amount = config.entryFee * BigInt(entering.numbers.length)
      const payer = payerOf(entering)
      const token = { to: config.token, abi: localDollarAbi }
      await send({ ...token, functionName: 'mint', args: [address(payer), amount] })
      await send({ ...token, from: payer, functionName: 'approve', args: [local.contract, amount] })
      return play(
        'enterWithToken',
        [
          entering.poolId,
          entering.numbers,
          address(entering.player),
          entering.paymentRef ?? zeroHash,
        ],
        payer,
      )
    },
    enterWithAuthorization: async ({ salt = toHex(clock, { size: 32 }), ...entering }) => {
      const { config, currentRoundId } = await poolOf(entering.poolId)
      const payer = accountAt(payerOf(entering))
      const player = address(entering.player)
      const amount = config.entryFee * BigInt(entering.numbers.length)
      await send({
        to: config.token,
        abi: localDollarAbi,
        functionName: 'mint',
        args: [payer.address, amount],
      })
      const validBefore = BigInt(clock + 100_000)
      const purpose = {
        chainId: local.chainId,
        game: local.contract,
        poolId: entering.poolId,
        roundId: currentRoundId,
        player,
        numbers: entering.numbers,
        salt,
      }
      const payment = { token: config.token, value: amount, validBefore }
      const signature = await signPayment(payer, purpose, payment)
      return play(
        'enterWithAuthorization',
        [
          entering.poolId,
          currentRoundId,
          payer.address,
          player,
          entering.numbers,
          0n,
          validBefore,
          salt,
          signature,
        ],
        1,
      )
    },
    close: (poolId) => play('closeRound', [poolId]),
    draw: async (poolId, number) => {
      const { currentRoundId } = await poolOf(poolId)
      const { requestId } = await client.readContract({
        ...game,
        functionName: 'rounds',
        args: [poolId, currentRoundId],
      })
      return send({
        to: local.coordinator,
        abi: vrfCoordinatorMockAbi,
        functionName: 'fulfillRandomWordsWithOverride',
        args: [requestId, local.contract, [BigInt(number - 1)]],
      })
    },
    settle: (poolId, roundId, max = 100) => play('settleRound', [poolId, roundId, BigInt(max)]),
    refund: (poolId, roundId, max = 100) => play('processRefunds', [poolId, roundId, BigInt(max)]),
    cancelExpired: (poolId) => play('cancelExpired', [poolId]),
    deployContract: async (abi, bytecode, args = []) => {
      const hash = await client.deployContract({
        account: accountAt(KEEPER),
        chain: null,
        abi,
        bytecode,
        args,
        gas: GAS,
      })
      await mine()
      const { contractAddress } = await client.getTransactionReceipt({ hash })
      if (contractAddress == null) throw new Error('the contract was not created')
      return contractAddress
    },
    stop: () => anvil.stop(),
  }
}
