import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../stack/process.ts'
import { flatten, logsOf, TOTALS, type Totals, totalsOf } from '../support/logs.ts'
import { createWorld, type World } from '../support/world.ts'

const KILLS = 3

let world: World
beforeAll(async () => {
  world = await createWorld({ name: 'durability' })
})
afterAll(() => world?.stop())

/** Enters and mines without pause until told to stop. */
const createTraffic = (poolId: bigint) => {
  let isOver = false
  const run = async () => {
    for (let turn = 0; !isOver; turn++) {
      const number = 1 + (turn % 402)
      await world.chain.enter({ poolId, player: 2 + (turn % 7), numbers: [number, number] })
      await world.chain.mine()
      await new Promise((resolve) => setImmediate(resolve))
      // As many blocks as the indexer can follow, so that every kill meets it at work.
      await waitFor('the indexer within reach', async () => {
        const [latest, indexed] = await Promise.all([
          world.chain.client.getBlockNumber(),
          indexedHead().catch(() => 0),
        ])
        return isOver || Number(latest) - indexed < 25 ? true : undefined
      })
    }
  }
  const done = run()
  return {
    stop: () => {
      isOver = true
      return done
    },
  }
}

const indexedHead = async () => {
  const { head } = await world.query<{ head: { number: string } }>('{ head { number } }')
  return Number(head.number)
}

/** Until the indexer has gone past what it had indexed. */
const recovered = (before: number) =>
  waitFor(
    `a head past ${before}`,
    async () => ((await indexedHead()) > before ? true : undefined),
    { timeoutMs: 60_000 },
  )

/** Blocks of the chain that are not in the table, or are there with another hash, or are there without being on the chain. */
const wrongBlocks = async () => {
  const { client, local } = world.chain
  const sql = postgres(world.database, { max: 1 })
  const rows = await sql<{ number: string; hash: string }[]>`
    select number, hash from pay402win.block order by number`
  await sql.end()
  const indexed = new Map(rows.map(({ number, hash }) => [Number(number), hash]))
  const head = Number(await client.getBlockNumber())
  const wrong: number[] = []
  for (let number = local.startBlock; number <= head; number++) {
    const { hash } = await client.getBlock({ blockNumber: BigInt(number) })
    if (indexed.get(number) !== hash) wrong.push(number)
  }
  return { wrong, extra: [...indexed.keys()].filter((number) => number > head) }
}

const expectNothingLost = async () => {
  await world.settled()
  const answer = await world.query<Totals>(TOTALS)
  const logs = await logsOf(world.chain, Number(answer.head.number))
  expect(flatten(answer)).toEqual(totalsOf(logs))
  expect(await wrongBlocks()).toEqual({ wrong: [], extra: [] })
}

describe('under traffic', () => {
  it(`${KILLS} times SIGKILL to the indexer loses no block and counts no entry twice`, async () => {
    const poolId = await world.chain.createPool({ maxEntries: 1_000_000, roundDuration: 1_000_000 })
    await world.settled()
    const traffic = createTraffic(poolId)
    for (let kill = 0; kill < KILLS; kill++) {
      const pid = await waitFor('an indexer', async () => world.indexer.pid())
      const [before, starts] = [await indexedHead(), world.indexer.starts()]
      process.kill(pid, 'SIGKILL')
      // A block that was committed just before may be new already: the next one to kill is another process.
      await waitFor('another indexer', async () => world.indexer.starts() > starts || undefined, {
        timeoutMs: 60_000,
      })
      await recovered(before)
    }
    await traffic.stop()
    expect(world.indexer.starts()).toBeGreaterThan(KILLS)
    await expectNothingLost()
  }, 240_000)

  it(`${KILLS} times SIGKILL to PostgreSQL loses no block and counts no entry twice`, async () => {
    const poolId = await world.chain.createPool({ maxEntries: 1_000_000, roundDuration: 1_000_000 })
    await world.settled()
    const traffic = createTraffic(poolId)
    for (let kill = 0; kill < KILLS; kill++) {
      const [before, starts] = [await indexedHead(), world.indexer.starts()]
      await world.postgres.kill()
      await world.postgres.start()
      // One that lived through it may go on at once; it is replaced all the same.
      await waitFor('another indexer', async () => world.indexer.starts() > starts || undefined, {
        timeoutMs: 60_000,
      })
      await recovered(before)
    }
    await traffic.stop()
    await expectNothingLost()
  }, 240_000)
})
