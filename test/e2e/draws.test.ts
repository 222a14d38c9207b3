import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { vrfCoordinatorMockAbi } from '../../abis/VrfCoordinatorMock.ts'
import { type NoDrawError, readDraw } from '../../audit/readDraw.ts'
import { CHECKS, type Check, checks, isVerified } from '../../src/domain/Draw.ts'
import { localDeployments } from '../../stack/deploy.ts'
import { type Chain, createChain } from '../support/chain.ts'
import { createKeptGame, createPlayedGame, logsOf, play } from '../support/played.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const SETTLED = 0

/** The command itself. */
const verifyDraw = (args: readonly string[], env: Record<string, string> = {}) =>
  new Promise<{ code: number | null; out: string; errors: string }>((resolve) => {
    const child = execFile(
      execPath,
      [join(root, 'audit/verifyDraw.ts'), ...args],
      { env: { ...process.env, RPC_URL: '', DEPLOYMENTS: '', ...env } },
      (_, out, errors) => resolve({ code: child.exitCode, out, errors }),
    )
  })

const flagsOf = ({ anvil, local }: Chain) => [...['--rpc', anvil.url, '--contract', local.contract]]
const resultsOf = (results: readonly Check[]) =>
  Object.fromEntries(results.map(({ name, result }) => [name, result]))
const all = (result: string) => Object.fromEntries(CHECKS.map((name) => [name, result]))

/** A round with entries on 1, 2 and 3, closed; a word was asked for. */
const createAsked = async (coordinator: 'REAL' | 'MOCK') => {
  const chain = await createChain({ coordinator })
  onTestFinished(() => chain.stop())
  const poolId = await chain.createPool({ roundDuration: 5 })
  await chain.enter({ poolId, player: 5, numbers: [1, 2, 3] })
  await chain.mine()
  await chain.mine(5)
  await chain.close(poolId)
  await chain.mine()
  const [request] = await logsOf(chain).requests()
  if (request === undefined) throw new Error('nothing was requested')
  const facts = (roundId = 1n) =>
    readDraw(chain.client, { contract: chain.local.contract, fromBlock: 0n, poolId, roundId })
  /** Chainlink's mock, asked for its own word or told another. */
  const fulfil = async (words?: readonly bigint[]) => {
    const { requestId } = request.args
    await chain.send({
      ...{ to: chain.local.coordinator, abi: vrfCoordinatorMockAbi },
      functionName: words === undefined ? 'fulfillRandomWords' : 'fulfillRandomWordsWithOverride',
      args: [requestId, chain.local.contract, ...(words === undefined ? [] : [words])],
    })
    await chain.mine()
  }
  return { chain, poolId, request: request.args, facts, fulfil }
}

describe('real draws', () => {
  it('are won about every other time, and each is verified from the chain alone', async () => {
    const game = await createPlayedGame(21, undefined, 'REAL')
    await play(game, 130)
    const { chain, warnings } = game
    const logs = logsOf(chain)
    const draws = (await logs.draws()).map(({ args }) => args)
    expect(draws.length).toBeGreaterThan(20)
    const outcomes = (await logs.finals()).map(({ args }) => args.outcome)
    const wins = outcomes.filter((outcome) => outcome === SETTLED).length / outcomes.length
    expect(wins).toBeGreaterThan(0.2)
    expect(wins).toBeLessThan(0.85)
    for (const { poolId, roundId } of draws) {
      const place = { contract: chain.local.contract, fromBlock: 0n, poolId, roundId }
      const results = checks(await readDraw(chain.client, place))
      expect([poolId, roundId, resultsOf(results)]).toEqual([poolId, roundId, all('PASSED')])
    }
    expect(new Set(draws.map(({ winningNumber }) => winningNumber)).size).toBeGreaterThan(15)
    expect(warnings).toEqual([])
  })

  it('get another proof, over the new block, when a reorganisation moves their request', async () => {
    const { chain, poolIds, keeper, turn, warnings } = await createKeptGame(
      ...([22, [{ roundDuration: 5, drawTimeout: 10_000 }], 'REAL'] as const),
    )
    const [poolId = 0n] = poolIds
    await chain.enter({ poolId, player: 5, numbers: [1] })
    await turn()
    await turn(5)
    await turn()
    const { requests, words } = logsOf(chain)
    const [first] = await requests()
    await play({ turn }, 6)
    const [before] = await words()

    await chain.rollback(7)
    expect(await requests()).toEqual([])
    await play({ turn }, 9)
    const [second] = await requests()
    const [after] = await words()
    expect(second?.args.requestId).toBe(first?.args.requestId)
    expect(second?.blockHash).not.toBe(first?.blockHash)
    expect(after?.args.randomWord).not.toBe(before?.args.randomWord)
    const place = { contract: chain.local.contract, fromBlock: 0n, poolId, roundId: 1n }
    expect(resultsOf(checks(await readDraw(chain.client, place)))).toEqual(all('PASSED'))
    expect(keeper.playedUntil()).toBeGreaterThan(0n)
    for (const warning of warnings) expect(warning).toContain('fulfillRandomWords')
  })
})

describe('npm run verify-draw', () => {
  it('passes on a real round, by flags or by DEPLOYMENTS, in words or as JSON', async () => {
    const { chain } = await (async () => {
      const game = await createKeptGame(23, [{ roundDuration: 5 }], 'REAL')
      await game.chain.enter({ poolId: 1n, player: 5, numbers: [1, 2, 3] })
      await game.turn()
      await game.turn(5)
      await play(game, 8)
      return game
    })()
    const byFlags = await verifyDraw(['1', '1', ...flagsOf(chain)])
    expect(byFlags).toMatchObject({ code: 0, errors: '' })
    for (const name of CHECKS) expect(byFlags.out).toMatch(new RegExp(`^${name} +PASSED `, 'm'))
    expect(byFlags.out).toMatch(/The draw of number \d+ is verified\.$/m)

    const byDeployments = await verifyDraw(['1', '1', '--json'], {
      RPC_URL: chain.anvil.url,
      DEPLOYMENTS: JSON.stringify(localDeployments(chain.local)),
    })
    expect(byDeployments.code).toBe(0)
    const document = JSON.parse(byDeployments.out)
    expect(document).toMatchObject({ poolId: '1', roundId: '1', isVerified: true })
    expect(resultsOf(document.checks)).toEqual(all('PASSED'))
    expect(document.facts.fulfilment.proof).toMatch(/^0x[0-9a-f]{832}$/)
  })

  it('passes the mock’s own word, and says that no proof stands behind it', async () => {
    const { chain, facts, fulfil } = await createAsked('MOCK')
    expect(resultsOf(checks(await facts()))).toEqual(all('NOT_YET'))
    await fulfil()
    const results = checks(await facts())
    expect(resultsOf(results)).toEqual({
      ...all('PASSED'),
      ...{ REQUEST_ID: 'NOT_APPLICABLE', VRF_PROOF: 'NOT_APPLICABLE' },
    })
    expect(isVerified(results)).toBe(true)
    const { code, out } = await verifyDraw(['1', '1', ...flagsOf(chain)])
    expect(code).toBe(0)
    expect(out).toContain('This coordinator takes no proof')
  })

  it('ends with 1 when somebody told the mock which word to give', async () => {
    const { chain, facts, fulfil } = await createAsked('MOCK')
    await fulfil([1n])
    const results = checks(await facts())
    expect(isVerified(results)).toBe(false)
    expect(results.filter(({ result }) => result === 'FAILED').map(({ name }) => name)).toEqual([
      'WORD_FROM_SEED',
    ])
    const { code, out } = await verifyDraw(['1', '1', ...flagsOf(chain)])
    expect(code).toBe(1)
    expect(out).toMatch(/^WORD_FROM_SEED +FAILED /m)
    expect(out).toContain('The draw is NOT verified.')
  })

  it('ends with 2, and says why, when there is nothing to verify', async () => {
    const { chain, poolId, facts } = await createAsked('REAL')
    const flags = flagsOf(chain)
    const expectTwo = async (args: readonly string[], message: string | RegExp) => {
      const { code, out, errors } = await verifyDraw(args)
      expect(`${out}${errors}`).toMatch(message)
      expect(code).toBe(2)
    }
    await expectTwo(['1', '7', ...flags], 'pool 1 has no round 7; its newest is 1')
    await expectTwo(['9', '1', ...flags], 'has no pool 9')
    await expectTwo(['1', '1', ...flags], 'The round is not drawn yet.')
    await expectTwo(['1'], 'POOL and ROUND should be two whole numbers')
    await expectTwo(['1', '1'], /--rpc, or RPC_URL[\s\S]*--contract, or DEPLOYMENTS/)
    await expectTwo(['1', '1', '--what'], "'--what'")
    const [, , ...contract] = flags
    await expectTwo(
      ['1', '1', '--rpc', 'http://127.0.0.1:1', ...contract],
      /The node at 127\.0\.0\.1:1 cannot be reached \(no connection\)$/m,
    )

    await chain.mine(601)
    await chain.cancelExpired(poolId)
    await chain.mine()
    await expectTwo(['1', '1', ...flags], 'was cancelled (DRAW_TIMEOUT)')
    await expectTwo(['1', '2', ...flags], 'has not asked for a word yet')
    const refused = await facts().catch((error: NoDrawError) => error.name)
    expect(refused).toBe('NoDrawError')
  })
})
