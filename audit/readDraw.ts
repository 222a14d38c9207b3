import { type Hex, type PublicClient, parseEventLogs, toEventSelector } from 'viem'
import { pay402WinAbi } from '../abis/Pay402Win.ts'
import { vrfCoordinatorAbi } from '../abis/VrfCoordinator.ts'
import type { Facts } from '../src/domain/Draw.ts'
import { CANCEL_REASONS } from '../src/domain/enums.ts'
import * as Vrf from '../src/domain/Vrf.ts'
import { getLogs, topicOf } from './logs.ts'

/** There is no draw to judge: no such round, or one that was cancelled or has not asked for a word yet. */
export class NoDrawError extends Error {
  override readonly name = 'NoDrawError'
}

export interface DrawPlace {
  readonly contract: Hex
  /** The block that created the contract, or an earlier one. */
  readonly fromBlock: bigint
  readonly poolId: bigint
  readonly roundId: bigint
}

const selectorOf = <Event extends string>(
  abi: readonly { readonly type: string; readonly name?: string }[],
  name: Event,
) => {
  const event = abi.find((item) => item.type === 'event' && item.name === name)
  if (event === undefined) throw new Error(`no event ${name}`)
  return toEventSelector(event as Parameters<typeof toEventSelector>[0])
}

/** All that the game said of a pool's beginning, of its rounds' beginnings, and of one round. */
const readGame = async (client: PublicClient, place: DrawPlace, toBlock: bigint) => {
  const { contract: address, fromBlock, poolId, roundId } = place
  const begun = ['PoolCreated', 'RoundOpened'].map((name) => selectorOf(pay402WinAbi, name))
  const pool = topicOf(poolId)
  const beginnings = parseEventLogs({
    abi: pay402WinAbi,
    logs: await getLogs(client, { address, topics: [begun, pool], fromBlock, toBlock }),
  })
  const created = beginnings.find((log) => log.eventName === 'PoolCreated')
  const openings = beginnings.filter((log) => log.eventName === 'RoundOpened')
  const opened = openings.find(({ args }) => args.roundId === roundId)
  const next = openings.find(({ args }) => args.roundId === roundId + 1n)
  if (created === undefined)
    throw new NoDrawError(
      `contract ${address} has no pool ${poolId} between block ${fromBlock} and block ${toBlock}`,
    )
  if (opened === undefined)
    throw new NoDrawError(
      `pool ${poolId} has no round ${roundId}; its newest is ${openings.at(-1)?.args.roundId ?? 'none'}`,
    )
  const round = parseEventLogs({
    abi: pay402WinAbi,
    logs: await getLogs(client, {
      ...{ address, topics: [null, pool, topicOf(roundId)], toBlock },
      fromBlock: opened.blockNumber,
    }),
  })
  return { created, opened, next, round }
}

/** What the coordinator said of a request, with the calldata that brought its word. */
const readCoordinator = async (
  client: PublicClient,
  address: Hex,
  requestId: bigint,
  fromBlock: bigint,
  toBlock: bigint,
) => {
  const read = async (name: string, topics: readonly Hex[], to: bigint) =>
    parseEventLogs({
      abi: vrfCoordinatorAbi,
      logs: await getLogs(client, {
        ...{ address, fromBlock, toBlock: to },
        topics: [selectorOf(vrfCoordinatorAbi, name), ...topics],
      }),
    })
  const requested = (await read('RandomWordsRequested', [], fromBlock))
    .filter((log) => log.eventName === 'RandomWordsRequested')
    .find(({ args }) => args.requestId === requestId)
  const fulfilled = (await read('RandomWordsFulfilled', [topicOf(requestId)], toBlock)).find(
    (log) => log.eventName === 'RandomWordsFulfilled',
  )
  const transaction =
    fulfilled && (await client.getTransaction({ hash: fulfilled.transactionHash }))
  return { requested, fulfilled, input: transaction?.input }
}

/**
 * Everything a draw is judged by, from the chain alone: `eth_getLogs`, `eth_getBlockByNumber`, `eth_getTransactionByHash`.
 *
 * @throws NoDrawError when there is nothing to judge.
 */
export const readDraw = async (client: PublicClient, place: DrawPlace): Promise<Facts> => {
  const { poolId, roundId } = place
  const head = await client.getBlockNumber()
  const { created, opened, next, round } = await readGame(client, place, head)
  const asked = round.find((log) => log.eventName === 'RandomnessRequested')
  const cancelled = round.find((log) => log.eventName === 'RoundCancelled')
  if (cancelled !== undefined)
    throw new NoDrawError(
      `round ${roundId} of pool ${poolId} was cancelled (${CANCEL_REASONS[cancelled.args.reason]}): there is no draw`,
    )
  if (asked === undefined)
    throw new NoDrawError(`round ${roundId} of pool ${poolId} has not asked for a word yet`)

  const { coordinator, requestId, keyHash } = asked.args
  const { requested, fulfilled, input } = await readCoordinator(
    ...([client, coordinator, requestId, asked.blockNumber, head] as const),
  )
  const proof = input === undefined ? null : Vrf.fulfilmentIn(input, requestId)
  const { hash: blockHash } = await client.getBlock({ blockNumber: asked.blockNumber })

  const word = round.find((log) => log.eventName === 'RandomnessFulfilled')?.args
  const drawn = round.find((log) => log.eventName === 'RoundDrawn')?.args
  const carried = round.find((log) => log.eventName === 'PrizeCarried')?.args
  const entries = round.filter((log) => log.eventName === 'EntryPlaced')
  const { blockNumber, logIndex } = asked
  const last = entries.at(-1)
  return {
    request: {
      ...{ blockNumber, logIndex, blockHash, requestId, keyHash },
      preSeed: requested?.args.preSeed ?? null,
    },
    fulfilment:
      fulfilled === undefined
        ? null
        : {
            outputSeed: fulfilled.args.outputSeed,
            proof: proof === null ? null : Vrf.encodeProof(proof),
            success: fulfilled.args.success,
          },
    word: word ?? null,
    drawn:
      drawn === undefined ? null : { ...drawn, winningEntryCount: Number(drawn.winningEntryCount) },
    pool: created.args,
    round: { carryIn: opened.args.carryIn },
    entries: {
      count: entries.length,
      onNumber: entries.filter(({ args }) => args.number === drawn?.winningNumber).length,
      last: last === undefined ? null : { blockNumber: last.blockNumber, logIndex: last.logIndex },
    },
    next:
      next === undefined ? null : { carryIn: next.args.carryIn, carried: carried?.amount ?? 0n },
  }
}
