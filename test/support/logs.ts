import { parseEventLogs } from 'viem'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import type { Chain } from './chain.ts'

/** Every log of the game up to a block, decoded, in chain order. */
export const logsOf = async ({ client, local }: Chain, toBlock: number) => {
  const logs = await client.getLogs({
    address: local.contract,
    fromBlock: BigInt(local.startBlock),
    toBlock: BigInt(toBlock),
  })
  return parseEventLogs({ abi: pay402WinAbi, logs })
}

type GameLog = Awaited<ReturnType<typeof logsOf>>[number]

const eventsOf = <Name extends GameLog['eventName']>(logs: readonly GameLog[], name: Name) =>
  logs.filter((log): log is Extract<GameLog, { eventName: Name }> => log.eventName === name)

/** What the logs say of each pool, added up by nothing but these lines. */
export const totalsOf = (logs: readonly GameLog[]) =>
  eventsOf(logs, 'PoolCreated').map(({ args: { poolId, name } }) => {
    const ofPool = <Log extends { args: { poolId: bigint } }>(list: readonly Log[]) =>
      list.filter(({ args }) => args.poolId === poolId)
    const entries = ofPool(eventsOf(logs, 'EntryPlaced'))
    const prizes = ofPool(eventsOf(logs, 'PrizePaid'))
    const refunds = ofPool(eventsOf(logs, 'EntryRefunded'))
    const fees = ofPool(eventsOf(logs, 'ProtocolFeeCollected'))
    const rounds = ofPool(eventsOf(logs, 'RoundOpened'))
    const current = rounds.at(-1)?.args
    const entering = entries.filter(({ args }) => args.roundId === current?.roundId)
    const sum = (amounts: readonly bigint[]) =>
      amounts.reduce((total, amount) => total + amount, 0n)
    return {
      poolId: poolId.toString(),
      name,
      entryCount: entries.length,
      uniquePlayers: new Set(entries.map(({ args }) => args.player)).size,
      roundCount: rounds.length,
      wagered: sum(entries.map(({ args }) => args.amount)).toString(),
      prizesWon: sum(prizes.map(({ args }) => args.amount)).toString(),
      refunded: sum(refunds.map(({ args }) => args.amount)).toString(),
      feesCollected: sum(fees.map(({ args }) => args.amount)).toString(),
      prizePool: (
        (current?.carryIn ?? 0n) + sum(entering.map(({ args }) => args.amount - args.feeAmount))
      ).toString(),
    }
  })

/** The same of the API's answer. */
export const TOTALS = /* GraphQL */ `
  query Totals {
    head { number hash }
    pools(first: 100, orderBy: [{ field: POOL_ID }]) {
      edges {
        node {
          poolId
          name
          stats {
            entryCount
            uniquePlayers
            roundCount
            wagered { raw }
            prizesWon { raw }
            refunded { raw }
            feesCollected { raw }
          }
          currentRound { prizePool { raw } }
        }
      }
    }
  }
`

interface Raw {
  raw: string
}
export interface Totals {
  head: { number: string; hash: string }
  pools: {
    edges: {
      node: {
        poolId: string
        name: string
        stats: {
          entryCount: number
          uniquePlayers: number
          roundCount: number
          wagered: Raw
          prizesWon: Raw
          refunded: Raw
          feesCollected: Raw
        }
        currentRound: { prizePool: Raw } | null
      }
    }[]
  }
}

/** The API's answer in the shape of `totalsOf`. */
export const flatten = ({ pools }: Totals) =>
  pools.edges.map(({ node: { poolId, name, stats, currentRound } }) => ({
    poolId,
    name,
    entryCount: stats.entryCount,
    uniquePlayers: stats.uniquePlayers,
    roundCount: stats.roundCount,
    wagered: stats.wagered.raw,
    prizesWon: stats.prizesWon.raw,
    refunded: stats.refunded.raw,
    feesCollected: stats.feesCollected.raw,
    prizePool: currentRound?.prizePool.raw ?? 'none',
  }))
