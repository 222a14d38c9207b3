import {
  type Abi,
  BaseError,
  ContractFunctionRevertedError,
  encodeFunctionData,
  getContractAddress,
  type Hex,
  type PublicClient,
  parseGwei,
  TransactionNotFoundError,
  TransactionReceiptNotFoundError,
} from 'viem'
import { accountAt } from '../deploy.ts'
import { lineOf } from './blocks.ts'

/** A call by account number `from` of the local chain. */
export interface Call {
  readonly from: number
  readonly to: Hex
  readonly abi: Abi
  readonly functionName: string
  readonly args: readonly unknown[]
  readonly value?: bigint
  /** Given to the call. Default: enough for everything but entering with many numbers. */
  readonly gas?: bigint
  /** While a call of this name waits for its block, another one is not sent. */
  readonly once?: string
  /** Told in a later turn, when the call was mined and had reverted. */
  readonly reverted?: () => void
}

/** Calls of a player or keeper, each account's in order. */
export interface Sender {
  /** Account number `index` of the local chain, derived once. */
  account(index: number): ReturnType<typeof accountAt>
  send(call: Call): Promise<void>
  /** Creates a contract. Its address is known before it is mined. */
  create(from: number, bytecode: Hex): Promise<Hex>
  /** Looks at what became of the calls that wait; says which of them reverted, and why. */
  review(): Promise<void>
}

/** Given without asking, so that nothing is estimated against a state that is about to change. */
const GAS = 8_000_000n
const FEES = { maxFeePerGas: parseGwei('20'), maxPriorityFeePerGas: parseGwei('1') } as const

/** What is to be expected when somebody else's transaction came first. */
const RACES = [
  'RoundNotOpen',
  'RoundFull',
  'RoundNotClosable',
  'RoundNotExpired',
  'NothingToSettle',
  'NothingToRefund',
  'NoCredit',
  'InvalidRequest',
  'NoCorrespondingRequest',
]
const NONCE_RACE = /nonce too low|already known|already imported|underpriced/i

export interface SenderOptions {
  readonly client: PublicClient
  readonly chainId: number
  readonly log: (message: string) => void
  readonly debug: (message: string) => void
}

/** Sends for accounts that nobody else sends for. One sender's calls go out one after the other. */
export const createSender = ({ client, chainId, log, debug }: SenderOptions): Sender => {
  const waiting = new Map<Hex, Call>()
  const accounts = new Map<number, ReturnType<typeof accountAt>>()

  /** Deriving a key from the phrase costs tens of milliseconds. */
  const accountOf = (index: number) => {
    const account = accounts.get(index) ?? accountAt(index)
    accounts.set(index, account)
    return account
  }

  const submit = async (
    from: number,
    call: { to?: Hex; data: Hex; value?: bigint; gas?: bigint },
  ) => {
    const account = accountOf(from)
    const { address } = account
    const nonce = await client.getTransactionCount({ address, blockTag: 'pending' })
    const serializedTransaction = await account.signTransaction({
      ...{ chainId, nonce, gas: GAS, type: 'eip1559', ...FEES },
      ...call,
    })
    return { nonce, address, hash: await client.sendRawTransaction({ serializedTransaction }) }
  }

  const isWaiting = ({ once }: Call) =>
    once !== undefined && [...waiting.values()].some((call) => call.once === once)

  /** Why a call reverts that did so in a block; asked of the state after it, which is where a race has left its mark. */
  const reasonOf = async ({ from, to, gas = GAS, ...call }: Call, blockNumber: bigint) => {
    try {
      const request = { ...call, address: to, account: accountOf(from), gas, blockNumber }
      await client.simulateContract(request)
      return { isRace: true, reason: 'would pass now' }
    } catch (error) {
      const revert =
        error instanceof BaseError
          ? error.walk((cause) => cause instanceof ContractFunctionRevertedError)
          : undefined
      const name =
        revert instanceof ContractFunctionRevertedError ? revert.data?.errorName : undefined
      return { isRace: RACES.includes(name ?? ''), reason: name ?? lineOf(error) }
    }
  }

  /** The receipt, nothing yet, or `gone` when a reorganisation took the transaction with it. */
  const fateOf = async (hash: Hex) => {
    try {
      return await client.getTransactionReceipt({ hash })
    } catch (error) {
      if (!(error instanceof TransactionReceiptNotFoundError)) throw error
    }
    try {
      await client.getTransaction({ hash })
      return undefined
    } catch (error) {
      if (!(error instanceof TransactionNotFoundError)) throw error
      return 'gone'
    }
  }

  const reviewOne = async (hash: Hex, call: Call) => {
    const fate = await fateOf(hash)
    if (fate === undefined) return
    waiting.delete(hash)
    if (fate === 'gone' || fate.status === 'success') return
    call.reverted?.()
    const { isRace, reason } = await reasonOf(call, fate.blockNumber)
    const say = isRace ? debug : log
    say(
      `${call.functionName} of account ${call.from} reverted in block ${fate.blockNumber}: ${reason}`,
    )
  }

  return {
    account: accountOf,
    send: async (call) => {
      if (isWaiting(call)) return
      const { from, to, abi, functionName, args, value = 0n, gas = GAS } = call
      const data = encodeFunctionData({ abi, functionName, args })
      try {
        waiting.set((await submit(from, { to, data, value, gas })).hash, call)
      } catch (error) {
        if (!(error instanceof BaseError) || !NONCE_RACE.test(error.message)) throw error
        debug(`${functionName} of account ${from} was not sent: ${error.shortMessage}`)
      }
    },
    create: async (from, bytecode) => {
      const { address, nonce } = await submit(from, { data: bytecode })
      return getContractAddress({ from: address, nonce: BigInt(nonce) })
    },
    review: async () => {
      await Promise.all([...waiting].map(([hash, call]) => reviewOne(hash, call)))
    },
  }
}
