import {
  type Abi,
  BaseError,
  type ContractFunctionArgs,
  type ContractFunctionName,
  createTestClient,
  decodeErrorResult,
  encodeFunctionData,
  getAddress,
  getContract,
  type Hex,
  http,
  isHex,
  parseEther,
  publicActions,
  toHex,
  walletActions,
  zeroAddress,
} from 'viem'
import { localDollarAbi } from '../../../abis/LocalDollar.ts'
import { oddTokenAbi } from '../../../abis/OddToken.ts'
import { pay402WinAbi } from '../../../abis/Pay402Win.ts'
import { vrfCoordinatorMockAbi } from '../../../abis/VrfCoordinatorMock.ts'
import { createAnvil } from '../../../stack/anvil.ts'
import { accountAt, deploy, type PoolConfig } from '../../../stack/deploy.ts'
import { decodeLogs, type Tx } from './logs.ts'

/** A local account by its number, or an address that Anvil lets us speak for. */
export type Who = number | Hex

interface Sending {
  /** Default: account 0, the creator. */
  readonly from?: Who
  readonly value?: bigint
  readonly gas?: bigint
}

type GameAbi = typeof pay402WinAbi
type Write = ContractFunctionName<GameAbi, 'payable' | 'nonpayable'>
type Args<Name extends Write> = Extract<
  ContractFunctionArgs<GameAbi, 'payable' | 'nonpayable', Name>,
  readonly unknown[]
>

const GAS = 30_000_000n
/** Errors of everything the game calls, so that a refusal is named whoever uttered it. */
const errors: Abi = [
  ...pay402WinAbi,
  ...localDollarAbi,
  ...oddTokenAbi,
  ...vrfCoordinatorMockAbi,
].filter(({ type }) => type === 'error')

/** The calldata of a call. */
export const encode = (abi: Abi, functionName: string, args: readonly unknown[] = []): Hex =>
  encodeFunctionData({ abi, functionName, args })

export const addressOf = (who: Who): Hex =>
  typeof who === 'number' ? accountAt(who).address : getAddress(who)

/** The game on an Anvil of its own, a transaction a block, the clock in the test's hands. */
export const createGame = async (options: { readonly callbackGasLimit?: number } = {}) => {
  const anvil = await createAnvil({ blockTime: 0 })
  const client = createTestClient({
    mode: 'anvil',
    transport: http(anvil.url, { timeout: 30_000 }),
    cacheTime: 0,
  })
    .extend(publicActions)
    .extend(walletActions)
  let clock = 1_800_000_000
  const mine = async (seconds = 1) => {
    clock += seconds
    await client.setNextBlockTimestamp({ timestamp: BigInt(clock) })
    await client.mine({ blocks: 1 })
  }
  const local = await deploy({ rpcUrl: anvil.url, mine: () => mine(), ...options })
  const contract = getAddress(local.contract)
  const coordinator = getAddress(local.coordinator)
  const dollar = getAddress(local.tokens.dollar)
  const odd = getAddress(local.tokens.odd)
  const sources = new Map([
    [local.contract.toLowerCase(), ''],
    [local.coordinator.toLowerCase(), 'coordinator'],
    [local.tokens.dollar.toLowerCase(), 'dollar'],
    [local.tokens.odd.toLowerCase(), 'odd'],
  ])
  await client.impersonateAccount({ address: coordinator })
  await client.setBalance({ address: coordinator, value: parseEther('200') })

  const receiptOf = async (hash: Hex) => {
    const receipt = await client.getTransactionReceipt({ hash })
    if (receipt.status !== 'success') throw new Error(`${hash} was reverted`)
    return receipt
  }
  const txOf = async (hash: Hex): Promise<Tx> => {
    const { logs, gasUsed } = await receiptOf(hash)
    return { hash, gasUsed, timestamp: BigInt(clock), logs: decodeLogs(logs, sources) }
  }
  /** A transaction that waits for the next block. */
  const queue = (
    address: Hex,
    abi: Abi,
    functionName: string,
    args: readonly unknown[] = [],
    { from = 0, value, gas = GAS }: Sending = {},
  ): Promise<Hex> =>
    client.writeContract({
      account: addressOf(from),
      chain: null,
      address,
      abi,
      functionName,
      args,
      gas,
      ...(value === undefined ? {} : { value }),
    })
  /** A transaction in a block of its own. @throws when it is reverted. */
  const send = async (...call: Parameters<typeof queue>): Promise<Tx> => {
    const hash = await queue(...call)
    await mine()
    return txOf(hash)
  }
  /** The error that a call would meet, with its facts; without `to` the creation of a contract. @throws when it would succeed. */
  const refusalOf = async (
    call: { readonly to?: Hex; readonly data: Hex },
    { from = 0, value = 0n, gas = GAS }: Sending = {},
  ): Promise<readonly unknown[]> => {
    try {
      await client.request<{ Method: 'eth_call'; Parameters: [object, 'latest']; ReturnType: Hex }>(
        {
          method: 'eth_call',
          params: [
            { ...call, from: addressOf(from), value: toHex(value), gas: toHex(gas) },
            'latest',
          ],
        },
      )
    } catch (error) {
      const cause = error instanceof BaseError ? error.walk((each) => 'data' in Object(each)) : null
      if (cause === null || !('data' in cause) || !isHex(cause.data)) throw error
      const { errorName, args = [] } = decodeErrorResult({ abi: errors, data: cause.data })
      return [errorName, ...args]
    }
    throw new Error('it was not refused')
  }

  const play = <Name extends Write>(name: Name, args: Args<Name>, sending?: Sending) =>
    send(contract, pay402WinAbi, name, args, sending)
  const refusal = <Name extends Write>(name: Name, args: Args<Name>, sending?: Sending) => {
    return refusalOf({ to: contract, data: encode(pay402WinAbi, name, args) }, sending)
  }
  const { read } = getContract({ abi: pay402WinAbi, address: contract, client })

  const current = async (poolId: bigint) => {
    const { currentRoundId } = await read.pools([poolId])
    return { roundId: currentRoundId, ...(await read.rounds([poolId, currentRoundId])) }
  }
  const advance = async (seconds: number) => mine(seconds)

  let snapshot = await client.snapshot()
  let snapshotClock = clock
  return {
    anvil,
    client,
    contract,
    coordinator,
    dollar,
    odd,
    subscriptionId: local.subscriptionId,
    feeRecipient: getAddress(local.feeRecipient),
    queue,
    send,
    txOf,
    mine,
    refusalOf,
    play,
    refusal,
    read,
    current,
    advance,
    now: () => BigInt(clock),
    /** Its logs are decoded under this name from now on. */
    name: (address: Hex, name: string) => sources.set(address.toLowerCase(), name),
    deployContract: async (abi: Abi, bytecode: Hex, args: readonly unknown[] = []) => {
      const account = addressOf(0)
      const hash = await client.deployContract({
        account,
        chain: null,
        abi,
        bytecode,
        args,
        gas: GAS,
      })
      await mine()
      const { contractAddress } = await receiptOf(hash)
      if (contractAddress == null) throw new Error('nothing was created')
      return getAddress(contractAddress)
    },
    /** A pool in native coin with an entry fee of 1000 wei and a fee of 2.5 %, unless told otherwise. */
    createPool: async (config: Partial<PoolConfig> = {}) => {
      const pool: PoolConfig = {
        token: zeroAddress,
        entryFee: 1000n,
        feeBps: 250,
        feeRecipient: getAddress(local.feeRecipient),
        roundDuration: 60,
        minEntries: 1,
        maxEntries: 1000,
        drawTimeout: 600,
        name: 'Pool',
        ...config,
      }
      await play('createPool', [pool])
      return read.poolCount()
    },
    /** Enters in native coin, paid by account 2 unless told otherwise. */
    enter: async (poolId: bigint, player: Who, numbers: readonly number[], payer: Who = 2) => {
      const { config } = await read.pools([poolId])
      const value = config.entryFee * BigInt(numbers.length)
      return play('enter', [poolId, numbers, addressOf(player)], { from: payer, value })
    },
    /** Gives an account tokens and lets the game take them. */
    fund: async (token: Hex, who: Who, amount: bigint) => {
      await queue(token, oddTokenAbi, 'mint', [addressOf(who), amount])
      await send(token, oddTokenAbi, 'approve', [contract, amount], { from: who })
    },
    /** Closes the pool's round, after its time if it is not full. */
    close: async (poolId: bigint, sending?: Sending) => {
      const { closesAt } = await current(poolId)
      if (BigInt(clock) < closesAt) await advance(Number(closesAt) - clock)
      return play('closeRound', [poolId], sending)
    },
    /** Answers a request, by default the pool's, so that `number` wins. */
    draw: async (poolId: bigint, number: number, request?: bigint) => {
      const requestId = request ?? (await current(poolId)).requestId
      return send(coordinator, vrfCoordinatorMockAbi, 'fulfillRandomWordsWithOverride', [
        requestId,
        contract,
        [402n * 7n + BigInt(number - 1)],
      ])
    },
    balanceOf: (token: Hex, who: Who) =>
      token === zeroAddress
        ? client.getBalance({ address: addressOf(who) })
        : client.readContract({
            address: token,
            abi: oddTokenAbi,
            functionName: 'balanceOf',
            args: [addressOf(who)],
          }),
    /** Speaks for a contract, with some coin for gas. */
    speakFor: async (address: Hex) => {
      await client.impersonateAccount({ address })
      await client.setBalance({ address, value: parseEther('1') })
    },
    /** What is now is what `restore` goes back to. */
    keep: async () => {
      snapshot = await client.snapshot()
      snapshotClock = clock
    },
    restore: async () => {
      await client.revert({ id: snapshot })
      snapshot = await client.snapshot()
      clock = snapshotClock
    },
    stop: () => anvil.stop(),
  }
}

export type Game = Awaited<ReturnType<typeof createGame>>
