import { type Hex, parseEventLogs } from 'viem'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { paymentTokenAbi } from '../../abis/PaymentToken.ts'
import { vrfCoordinatorAbi } from '../../abis/VrfCoordinator.ts'
import type { Chain } from '../support/chain.ts'
import type { Call } from './call.ts'
import type { Case } from './cases/names.ts'

const events = [
  ...pay402WinAbi.filter((item) => item.type === 'event'),
  ...paymentTokenAbi,
  ...vrfCoordinatorAbi,
] as const

const decode = (logs: Awaited<ReturnType<Chain['client']['getLogs']>>) =>
  parseEventLogs({ abi: events, logs })

/** A decoded log of the game, of a token or of the coordinator. */
export type Log = ReturnType<typeof decode>[number]
export type LogOf<Name extends Log['eventName']> = Extract<Log, { eventName: Name }>

/** A block as the chain tells of it. */
export interface Seen {
  readonly number: number
  readonly hash: Hex
  /** Seconds. */
  readonly timestamp: number
  readonly transactions: readonly Hex[]
  readonly logs: readonly Log[]
  /** What its transactions were meant to be, in order; empty for blocks that others mined. */
  readonly calls: readonly Call[]
  /** Cases that only a refused transaction tells of. */
  readonly refusals: readonly Case[]
}

/** The chain as it is now, block by block. What was reorganised away is not in it. */
export interface History {
  readonly blocks: readonly Seen[]
  /** Its logs with that name, oldest first. */
  logs<Name extends Log['eventName']>(...names: Name[]): readonly LogOf<Name>[]
  /** Catches up with the chain. Returns what was forgotten and what is new, oldest first. */
  sync(): Promise<{ readonly forgotten: readonly Seen[]; readonly added: readonly Seen[] }>
  /** Tells what a transaction is, before it is mined. */
  announce(hash: Hex, call: Call): void
}

export const isNamed =
  <Name extends Log['eventName']>(...names: Name[]) =>
  (log: Log): log is LogOf<Name> =>
    names.some((name) => name === log.eventName)

const inOrder = (one: Log, other: Log) =>
  Number(one.blockNumber - other.blockNumber) || one.logIndex - other.logIndex

/** A history from the game's first block on. */
export const createHistory = (chain: Chain): History => {
  const { client, local } = chain
  const blocks: Seen[] = []
  const meant = new Map<Hex, Call>()
  /** The same logs again, found without a look at the others. */
  const byName = new Map<string, Log[]>()

  const isRefused = async (hash: Hex) =>
    (await client.getTransactionReceipt({ hash })).status === 'reverted'
  const see = async (number: number): Promise<Seen> => {
    const block = await client.getBlock({ blockNumber: BigInt(number) })
    const logs = decode(await client.getLogs({ blockHash: block.hash }))
    const calls = block.transactions.flatMap((hash) => meant.get(hash) ?? [])
    const refusals: Case[] = []
    for (const hash of block.transactions) {
      const { refusedAs } = meant.get(hash) ?? {}
      if (refusedAs !== undefined && (await isRefused(hash))) refusals.push(refusedAs)
    }
    const { hash, transactions } = block
    return { number, hash, timestamp: Number(block.timestamp), transactions, logs, calls, refusals }
  }
  const hashAt = async (number: number, head: number) =>
    number > head ? undefined : (await client.getBlock({ blockNumber: BigInt(number) })).hash

  return {
    blocks,
    logs: (...names) => {
      const found = names.flatMap((name) => byName.get(name) ?? []).filter(isNamed(...names))
      return names.length === 1 ? found : found.sort(inOrder)
    },
    sync: async () => {
      const head = Number(await client.getBlockNumber())
      const forgotten: Seen[] = []
      for (
        let tip = blocks.at(-1);
        tip !== undefined && (await hashAt(tip.number, head)) !== tip.hash;
        tip = blocks.at(-1)
      ) {
        forgotten.unshift(tip)
        blocks.pop()
        for (const { eventName } of tip.logs) byName.get(eventName)?.pop()
      }
      const added: Seen[] = []
      for (let at = (blocks.at(-1)?.number ?? local.startBlock - 1) + 1; at <= head; at++)
        added.push(await see(at))
      blocks.push(...added)
      for (const log of added.flatMap(({ logs }) => logs)) {
        const named = byName.get(log.eventName)
        if (named === undefined) byName.set(log.eventName, [log])
        else named.push(log)
      }
      return { forgotten, added }
    },
    announce: (hash, call) => {
      meant.set(hash, call)
    },
  }
}
