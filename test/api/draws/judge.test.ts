import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { BusyError, createJudge } from '../../../src/api/draws/judge.ts'
import * as Draw from '../../../src/domain/Draw.ts'
import * as Vrf from '../../../src/domain/Vrf.ts'
import { createProver } from '../../../stack/vrf/prover.ts'

const prover = createProver(402n)
const blockHash = `0x${'ab'.repeat(32)}` as const

/** A draw that was asked for and answered. */
const factsOf = (preSeed: bigint): Draw.Facts => {
  const proof = prover.prove(preSeed, blockHash)
  const { outputSeed } = Vrf.verifyProof(proof, preSeed, blockHash)
  return {
    request: {
      ...{ blockNumber: 100n, logIndex: 5, blockHash, preSeed },
      ...{ requestId: Vrf.requestId(prover.keyHash, preSeed), keyHash: prover.keyHash },
    },
    fulfilment: { outputSeed, proof: Vrf.encodeProof(proof), success: true },
    word: null,
    drawn: null,
    pool: { entryFee: 1000n, feeBps: 250 },
    round: { carryIn: 7n },
    entries: { count: 10, onNumber: 3, last: null },
    next: null,
  }
}
const [first, second, third] = [factsOf(1n), factsOf(2n), factsOf(3n)]

/** A thread takes a while to begin, so few are. */
const judge = createJudge()
const small = createJudge({ mostBytes: 8000, mostWaiting: 2 })
afterAll(() => Promise.all([judge.stop(), small.stop()]))

/** Draws that were judged by what is done here. */
const judgedBy = async ({ judged }: typeof judge, run: () => Promise<unknown>) => {
  const before = judged()
  await run()
  return judged() - before
}

const proofOf = (checks: readonly Draw.Check[]) =>
  checks.find(({ name }) => name === 'VRF_PROOF')?.result

test('many who ask for one draw get one judgement, and who asks later gets it too', async () => {
  const count = await judgedBy(judge, async () => {
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => judge.checks(first)))
    expect(verdicts[0]).toEqual(Draw.checks(first))
    expect(new Set(verdicts).size).toBe(1)
    expect(await judge.checks(structuredClone(first))).toBe(verdicts[0])
  })
  expect(count).toBe(1)
})

test('a draw in another block is another draw', async () => {
  const request = { ...second.request, blockHash: `0x${'cd'.repeat(32)}` as const }
  const count = await judgedBy(judge, async () => {
    expect(proofOf(await judge.checks(second))).toBe('PASSED')
    expect(proofOf(await judge.checks({ ...second, request }))).toBe('FAILED')
    expect(proofOf(await judge.checks(second))).toBe('PASSED')
  })
  expect(count).toBe(2)
})

test('the process goes on while a proof is judged; without a proof nothing is', async () => {
  let turns = 0
  const count = () => {
    turns += 1
    timer = setImmediate(count)
  }
  let timer = setImmediate(count)
  onTestFinished(() => clearImmediate(timer))
  await judge.checks(third)
  expect(turns).toBeGreaterThan(0)
  expect(await judgedBy(judge, () => judge.checks({ ...third, fulfilment: null }))).toBe(0)
})

test('bytes that are no proof are an error, each time', async () => {
  const { fulfilment } = first
  if (fulfilment === null) throw new Error('no fulfilment')
  const wrong: Draw.Facts = { ...first, fulfilment: { ...fulfilment, proof: '0x402' } }
  const count = await judgedBy(judge, async () => {
    await expect(judge.checks(wrong)).rejects.toThrow()
    await expect(judge.checks(wrong)).rejects.toThrow()
  })
  expect(count).toBe(2)
})

test('the verdicts that were asked for longest ago are forgotten', async () => {
  const askAll = async (...all: readonly Draw.Facts[]) => {
    for (const facts of all) await small.checks(facts)
  }
  expect(await judgedBy(small, () => askAll(first, second, first, third, first))).toBe(3)
  expect(await judgedBy(small, () => askAll(second))).toBe(1)
})

test('so many wait, no more; who has gone makes room, and is not judged', async () => {
  const [begun, left, late] = [factsOf(4n), factsOf(5n), factsOf(6n)]
  const gone = new AbortController()
  const count = await judgedBy(small, async () => {
    const asked = [small.checks(begun), small.checks(left, gone.signal)]
    await expect(small.checks(late)).rejects.toThrow(BusyError)
    gone.abort('gone')
    await expect(asked[1]).rejects.toThrow('Nobody waits')
    await Promise.all([asked[0], small.checks(late)])
  })
  expect(count).toBe(2)
})

test('a thread that dies fails one draw, and another takes the next; at the end all are told', async () => {
  const mortal = createJudge()
  const opened: Promise<unknown[]> = once(process, 'worker')
  const [failing, waiting] = [mortal.checks(first), mortal.checks(second)]
  const failed = expect(failing).rejects.toThrow('the thread has ended')
  const [worker] = (await opened) as [Worker]
  await worker.terminate()
  await failed
  expect(proofOf(await waiting)).toBe('PASSED')
  const rest = [mortal.checks(first), mortal.checks(third)]
  const told = Promise.all(rest.map((one) => expect(one).rejects.toThrow('has ended')))
  await mortal.stop()
  await told
  await expect(mortal.checks(third)).rejects.toThrow('has ended')
})
