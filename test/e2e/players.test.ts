import { createServer } from 'node:http'
import { maxUint256 } from 'viem'
import { describe, expect, it, onTestFinished } from 'vitest'
import { localDollarAbi } from '../../abis/LocalDollar.ts'
import { accountAt } from '../../stack/deploy.ts'
import { nextMove } from '../../stack/players/moves.ts'
import { createPlayers } from '../../stack/players/players.ts'
import { createRandom, createRandomAbout } from '../../stack/players/random.ts'
import { waitFor } from '../../stack/process.ts'
import {
  COUNT,
  caughtUp,
  createKeptGame,
  createPlayedGame,
  logsOf,
  play,
} from '../support/played.ts'

const FIRST_PLAYER = 10
const RELAYER = accountAt(3).address
const NATIVE = 0
const ERC20 = 1
const X402_DIRECT = 2
const X402_GATEWAY = 3
const SETTLED = 0
const ROLLED_OVER = 1

describe('players and keeper', () => {
  it('play in every way there is, at an even pace', async () => {
    const BLOCKS = 120
    const game = await createPlayedGame(7)
    await play(game, BLOCKS)
    const { chain, keeper, warnings } = game
    const logs = logsOf(chain)
    const entries = (await logs.entries()).map(({ args }) => args)
    const methods = new Set(entries.map(({ paymentMethod }) => paymentMethod))
    expect(methods).toEqual(new Set([NATIVE, ERC20, X402_DIRECT, X402_GATEWAY]))
    expect(entries.length / BLOCKS).toBeGreaterThan(2)
    expect(entries.length / BLOCKS).toBeLessThan(6)

    const accounts = Array.from({ length: COUNT }, (_, i) => accountAt(FIRST_PLAYER + i).address)
    expect(new Set(entries.map(({ payer }) => payer))).toEqual(new Set(accounts))
    const players = new Set(entries.map(({ player }) => player))
    expect(players).toEqual(new Set([...accounts, keeper.stubborn]))
    expect(
      entries.some(({ player, payer }) => player !== payer && player !== keeper.stubborn),
    ).toBe(true)
    const relayers = (await logs.payments()).map(({ args }) => args.facilitator)
    expect(new Set(relayers)).toEqual(new Set([RELAYER]))

    const outcomes = (await logs.finals()).map(({ args }) => args.outcome)
    expect(new Set(outcomes)).toEqual(new Set([SETTLED, ROLLED_OVER]))
    const wins = outcomes.filter((outcome) => outcome === SETTLED).length / outcomes.length
    expect(wins).toBeGreaterThan(0.5)
    expect(wins).toBeLessThan(0.8)
    const winners = (await logs.draws()).map(({ args }) => args.winningEntryCount)
    expect(winners.some((count) => count > 1n)).toBe(true)

    const requests = await logs.requests()
    const waits = (await logs.words()).map(({ args, blockNumber }) => {
      const request = requests.find(({ args: { requestId } }) => requestId === args.requestId)
      return blockNumber - (request?.blockNumber ?? 0n)
    })
    expect(new Set(waits)).toEqual(new Set([3n, 4n, 5n]))

    const failed = (await logs.prizes()).filter(({ args }) => !args.delivered)
    const claims = (await logs.claims()).map(({ args }) => args)
    expect(new Set(failed.map(({ args }) => args.winner))).toEqual(new Set([keeper.stubborn]))
    expect(new Set(claims.map(({ account }) => account))).toEqual(new Set([keeper.stubborn]))
    expect(warnings).toEqual([])
  })

  it('choose the same with the same seed and blocks, and otherwise with another seed', async () => {
    const story = async (seed: number) => {
      const game = await createPlayedGame(seed)
      await play(game, 30)
      const { entries, words } = logsOf(game.chain)
      return {
        entries: (await entries()).map(({ args }) => args),
        words: (await words()).map(({ args }) => args),
      }
    }
    const first = await story(402)
    expect(first.entries.length).toBeGreaterThan(50)
    expect(first.words.length).toBeGreaterThan(2)
    const order = (a: { poolId: bigint }, b: { poolId: bigint }) => Number(a.poolId - b.poolId)
    const second = await story(402)
    expect(second.entries).toEqual(first.entries)
    expect(second.words.toSorted(order)).toEqual(first.words.toSorted(order))
    expect((await story(403)).entries).not.toEqual(first.entries)
  })

  it('take no harm from entries that come too late', async () => {
    const game = await createPlayedGame(8)
    await play(game, 3)
    const { entries } = logsOf(game.chain)
    const before = (await entries()).length
    // What was sent for the open rounds is mined long after their end.
    await game.turn(1_000)
    expect((await entries()).length).toBe(before)
    await play(game, 12)
    expect((await entries()).length).toBeGreaterThan(before)
    expect(game.warnings).toEqual([])
  })

  it('say what should not happen, and mend it', async () => {
    const game = await createPlayedGame(9)
    await play(game, 12)
    const { chain, warnings } = game
    for (const to of Object.values(chain.local.tokens))
      for (let from = FIRST_PLAYER; from < FIRST_PLAYER + COUNT; from++)
        await chain.send({
          ...{ from, to, abi: localDollarAbi, functionName: 'approve' },
          args: [chain.local.contract, 0n],
        })
    await play(game, 60)
    expect(warnings.length).toBeGreaterThan(0)
    for (const warning of warnings)
      expect(warning).toMatch(
        /^enterWithToken of account 1\d reverted in block \d+: ERC20InsufficientAllowance$/,
      )
    const { entries } = logsOf(chain)
    const newest = (await entries()).slice(-60).map(({ args }) => args.paymentMethod)
    expect(newest).toContain(ERC20)
  })

  it('stop at once, though nothing is mined, and send nothing afterwards', async () => {
    const { chain, players, keeper, turn } = await createPlayedGame(10)
    await turn()
    await Promise.all([players.stop(), keeper.stop()])
    await chain.mine()
    const nonces = () =>
      Promise.all(
        [3, 4, 10, 11, 12, 13, 14, 15].map((index) =>
          chain.client.getTransactionCount({
            address: accountAt(index).address,
            blockTag: 'pending',
          }),
        ),
      )
    const before = await nonces()
    for (let block = 0; block < 20; block++) await chain.mine()
    expect(await nonces()).toEqual(before)
  })

  it.each([
    ['in all pools', undefined],
    ['in native coin alone', [{ roundDuration: 8 }]],
  ])('go on after a reorganisation that takes everything they had, %s', async (_, pools) => {
    const game = await createPlayedGame(13, pools)
    await play(game, 30)
    const { chain, players, keeper, warnings } = game
    await chain.rollback(30)
    const head = await chain.client.getBlockNumber()
    await Promise.all([caughtUp(keeper, head), caughtUp(players, head)])
    const { entries, finals } = logsOf(chain)
    expect(await entries()).toEqual([])
    // Each payer finds out when it pays again.
    await play(game, 30)
    for (const warning of warnings)
      expect(warning).toMatch(/Insufficient funds for gas|: ERC20Insufficient(Balance|Allowance)$/)
    const before = { entries: (await entries()).length, warnings: warnings.length }
    await play(game, 15)
    expect((await entries()).length - before.entries).toBeGreaterThan(20)
    expect(warnings.length).toBe(before.warnings)
    expect((await finals()).length).toBeGreaterThan(2)
  })

  it('stop though the chain is gone', async () => {
    const { chain, players, keeper, turn, warnings } = await createPlayedGame(11)
    await turn()
    await chain.stop()
    await waitFor('both to notice', async () => warnings.length >= 2 || undefined)
    await Promise.all([players.stop(), keeper.stop()])
    expect(warnings.map((warning) => warning.split(':')[0]).toSorted()).toEqual([
      'keeper',
      'players',
    ])
  })

  it('tell once what goes wrong again and again', async () => {
    let asked = 0
    const server = createServer((_, response) => {
      asked += 1
      response.writeHead(503).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(async () => {
      server.close()
    })
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    const { seat, keeper, warnings } = await createKeptGame(14)
    const rpcUrl = `http://127.0.0.1:${address.port}`
    const players = createPlayers({ ...seat, rpcUrl, count: 1, stubborn: keeper.stubborn })
    onTestFinished(players.stop)
    await waitFor('ten attempts', async () => asked >= 10 || undefined)
    expect(warnings).toEqual(['players: HTTP request failed. Service Unavailable'])
  })
})

describe('random', () => {
  it('is Mulberry32', () => {
    expect(createRandom(0).bytes32()).toBe(
      '0x4434b46200159c3739285b08256d810477a2cbd48b8856319d811d5fa623e7e6',
    )
    expect(createRandom(402).bytes32()).toBe(
      '0x6a519d37cf05be215c00de5efc3b4eb2f6f08995223fc092d7f402b3c322d4a4',
    )
  })

  it('keeps what is said of one thing apart from another', () => {
    const about = (...things: bigint[]) => createRandomAbout(7, ...things).bytes32()
    expect(about(1n, 2n)).toBe(about(1n, 2n))
    expect(new Set([about(1n, 2n), about(2n, 1n), about(3n), about(maxUint256)]).size).toBe(4)
  })

  it('decides the moves alone', () => {
    const moves = (seed: number) => {
      const random = createRandom(seed)
      return Array.from({ length: 200 }, () => nextMove(random, [1n, 2n, 3n], COUNT))
    }
    expect(moves(7)).toEqual(moves(7))
    expect(moves(7)).not.toEqual(moves(8))
    for (const { numbers } of moves(7))
      for (const number of numbers) {
        expect(number).toBeGreaterThanOrEqual(1)
        expect(number).toBeLessThanOrEqual(402)
      }
  })
})
