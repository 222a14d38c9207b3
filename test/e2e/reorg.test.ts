import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../stack/process.ts'
import { createChain } from '../support/chain.ts'
import { flatten, logsOf, TOTALS, type Totals, totalsOf } from '../support/logs.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld({ name: 'reorg' })
  await world.mine()
})
afterAll(() => world?.stop())

const LIVE = /* GraphQL */ `
  subscription Live($poolId: BigInt!) {
    livePool(poolId: $poolId) {
      head { number hash }
      participants
      round { roundId entryCount prizePool { raw } }
      lastEntries { entryId number player { address } }
    }
  }
`
interface Live {
  livePool: {
    head: { number: string; hash: string }
    participants: number
    round: { roundId: string; entryCount: number; prizePool: { raw: string } } | null
    lastEntries: { entryId: string; number: number; player: { address: string } }[]
  }
}

/** What a subscriber sees of the pool, without the block it was seen at. */
const seen = ({ livePool: { participants, round, lastEntries } }: Live) => ({
  participants,
  prizePool: round?.prizePool.raw,
  entries: lastEntries.map(({ entryId, player }) => [entryId, player.address]),
})

const expectTotalsOfTheChain = async () => {
  const answer = await world.query<Totals>(TOTALS)
  expect(flatten(answer)).toEqual(totalsOf(await logsOf(world.chain, Number(answer.head.number))))
}

describe('a reorganisation', () => {
  it('takes an entry away and gives its id to another player, also for those who watch', async () => {
    const { chain } = world
    const poolId = await chain.createPool()
    await world.settled()
    const variables = { poolId: poolId.toString() }
    const subscriptions = [
      world.overWebSocket<Live>(LIVE, variables),
      world.overSse<Live>(LIVE, variables),
    ]
    for (const { messages } of subscriptions)
      expect(seen(await messages.next())).toEqual({ participants: 0, prizePool: '0', entries: [] })

    await chain.enter({ poolId, player: 2, numbers: [7] })
    await world.mine()
    const [player2, player3] = [chain.address(2).toLowerCase(), chain.address(3).toLowerCase()]
    const told = await Promise.all(subscriptions.map(({ messages }) => messages.next()))
    const entryId = told[0]?.livePool.lastEntries[0]?.entryId
    for (const message of told)
      expect(seen(message)).toEqual({
        participants: 1,
        prizePool: '975',
        entries: [[entryId, player2]],
      })

    await chain.rollback(1)
    await chain.enter({ poolId, player: 3, numbers: [8, 9] })
    await world.mine()
    const { hash } = await chain.client.getBlock()
    for (const { messages } of subscriptions) {
      const corrected = await messages.until(({ livePool }) => livePool.head.hash === hash)
      expect(seen(corrected)).toEqual({
        participants: 1,
        prizePool: '1950',
        entries: [
          [(BigInt(entryId ?? 0) + 1n).toString(), player3],
          [entryId, player3],
        ],
      })
    }
    const answer = await world.query(
      `query($entryId: BigInt!, $address: Address!) {
        entry(entryId: $entryId) { number player { address entryCount } }
        player(address: $address) { entryCount }
      }`,
      { entryId, address: player2 },
    )
    expect(answer).toEqual({
      entry: { number: 8, player: { address: player3, entryCount: 2 } },
      player: null,
    })
    await Promise.all(subscriptions.map(({ stop }) => stop()))
    await expectTotalsOfTheChain()
  })

  it('of twenty blocks changes a draw, and everything that followed from it', async () => {
    const { chain } = world
    const poolId = await chain.createPool()
    await chain.enter({ poolId, player: 4, numbers: [7, 8] })
    await chain.mine()
    await chain.close(poolId)
    await world.mine(61)
    await chain.draw(poolId, 7)
    for (let block = 0; block < 20; block++) await chain.mine()
    await world.settled()
    const draw = () =>
      world.query(
        `query($poolId: BigInt!, $address: Address!) {
          round(poolId: $poolId, roundId: "1") { status winningNumber prizesPaid { raw } }
          pool(poolId: $poolId) { stats { settledRounds rolledOverRounds prizesWon { raw } biggestPrize { raw } } }
          player(address: $address) { roundsWon winningEntries }
        }`,
        { poolId: poolId.toString(), address: chain.address(4) },
      )
    expect(await draw()).toEqual({
      round: { status: 'SETTLED', winningNumber: 7, prizesPaid: { raw: '1950' } },
      pool: {
        stats: {
          settledRounds: 1,
          rolledOverRounds: 0,
          prizesWon: { raw: '1950' },
          biggestPrize: { raw: '1950' },
        },
      },
      player: { roundsWon: 1, winningEntries: 1 },
    })

    await chain.rollback(20)
    await chain.draw(poolId, 402)
    for (let block = 0; block < 21; block++) await chain.mine()
    await world.settled()
    expect(await draw()).toEqual({
      round: { status: 'ROLLED_OVER', winningNumber: 402, prizesPaid: { raw: '0' } },
      pool: {
        stats: {
          settledRounds: 0,
          rolledOverRounds: 1,
          prizesWon: { raw: '0' },
          biggestPrize: null,
        },
      },
      player: { roundsWon: 0, winningEntries: 0 },
    })
    await expectTotalsOfTheChain()
  })

  it('that brings the same entry back in another block moves it there', async () => {
    const { chain } = world
    const poolId = await chain.createPool()
    await chain.enter({ poolId, player: 5, numbers: [40] })
    const before = await world.mine()
    const place = () =>
      world.query<{
        entries: { edges: { node: { tx: { blockNumber: string; hash: string } } }[] }
      }>(
        `query($poolId: BigInt!) { entries(where: { poolId: { eq: $poolId } }) { edges { node { tx { blockNumber hash } } } } }`,
        { poolId: poolId.toString() },
      )
    expect((await place()).entries.edges.map(({ node }) => node.tx.blockNumber)).toEqual([
      before.toString(),
    ])
    await chain.rollback(1)
    await chain.mine()
    await chain.enter({ poolId, player: 5, numbers: [40] })
    const after = await world.mine()
    expect((await place()).entries.edges.map(({ node }) => node.tx.blockNumber)).toEqual([
      after.toString(),
    ])
    await expectTotalsOfTheChain()
  })
})

describe('a reorganisation while its block is being read', () => {
  it('does not hold the indexer up', async () => {
    const chain = await createChain()
    let isArmed = false
    const proxy = createServer(async (request, response) => {
      const body = await text(request)
      if (isArmed && body.includes('eth_getLogs') && body.includes('blockHash')) {
        isArmed = false
        await chain.rollback(1)
        await chain.mine()
        await chain.mine()
      }
      const answer = await fetch(chain.anvil.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      response.writeHead(answer.status, { 'content-type': 'application/json' })
      response.end(await answer.text())
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const { port } = proxy.address() as AddressInfo
    const other = await createWorld({
      name: 'reorg-read',
      chain,
      rpcProxy: async () => `http://127.0.0.1:${port}`,
    })
    try {
      const poolId = await chain.createPool()
      await other.settled()
      isArmed = true
      await chain.enter({ poolId, player: 2, numbers: [7] })
      await chain.mine()
      // Ponder would ask for the block's logs for a minute.
      await waitFor('the reorganisation', async () => (isArmed ? undefined : true))
      await other.settled(20_000)
      const { pools } = await other.query<{ pools: { totalCount: number } }>(
        '{ pools { totalCount } }',
      )
      expect(pools.totalCount).toBe(1)
    } finally {
      await other.stop()
      proxy.closeAllConnections()
      proxy.close()
    }
  })
})
