import {
  type Abi,
  BaseError,
  ContractFunctionRevertedError,
  concat,
  type Hex,
  keccak256,
  toHex,
} from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { vrfCoordinatorV2_5Abi } from '../../abis/VrfCoordinatorV2_5.ts'
import * as Vrf from '../../src/domain/Vrf.ts'
import * as Curve from '../../src/domain/VrfCurve.ts'
import { accountAt } from '../../stack/deploy.ts'
import { createLocalProver } from '../../stack/vrf/coordinator.ts'
import { type Chain, createChain } from '../support/chain.ts'

const abi = vrfCoordinatorV2_5Abi
const prover = createLocalProver()

let chain: Chain
let poolId: bigint
beforeAll(async () => {
  chain = await createChain({ coordinator: 'REAL' })
  poolId = await chain.createPool({ roundDuration: 5, drawTimeout: 10_000 })
  return () => chain.stop()
})

/** A round with an entry, closed: the coordinator has been asked for a word. */
const request = async () => {
  await chain.enter({ poolId, player: 5, numbers: [1, 2, 3] })
  await chain.mine()
  await chain.mine(5)
  await chain.close(poolId)
  await chain.mine()
  // A block later its hash is known to the chain.
  await chain.mine()
  return newestRequest()
}

const newestRequest = async () => {
  const { client, local } = chain
  const event = { address: local.coordinator, abi, eventName: 'RandomWordsRequested' } as const
  const log = (await client.getContractEvents({ ...event, fromBlock: 0n, strict: true })).at(-1)
  if (log === undefined) throw new Error('nothing was requested')
  return log
}
type Request = Awaited<ReturnType<typeof newestRequest>>

interface Call {
  readonly to: Hex
  readonly abi: Abi
  readonly functionName: string
  readonly args: readonly unknown[]
}

const fulfil = ({ args, blockNumber }: Request, proof: Vrf.Proof): Call => {
  const { subId, callbackGasLimit, numWords, extraArgs, sender } = args
  const commitment = {
    ...{ blockNum: blockNumber, subId, callbackGasLimit, numWords, sender, extraArgs },
  }
  return {
    ...{ to: chain.local.coordinator, abi, functionName: 'fulfillRandomWords' },
    args: [proof, commitment, false],
  }
}

/** What the coordinator says to an answer: `accepted`, or why not. */
const outcome = async (request: Request, proof: Vrf.Proof): Promise<string> => {
  const { to: address, ...call } = fulfil(request, proof)
  try {
    const account = accountAt(2)
    await chain.client.simulateContract({ ...call, address, account, gas: 10_000_000n })
    return 'accepted'
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    const revert = error.walk((cause) => cause instanceof ContractFunctionRevertedError)
    if (!(revert instanceof ContractFunctionRevertedError)) throw error
    return revert.reason ?? revert.data?.errorName ?? revert.shortMessage
  }
}

const words = async (transaction: Hex) => {
  const { blockNumber } = await chain.client.getTransactionReceipt({ hash: transaction })
  const range = { fromBlock: blockNumber, toBlock: blockNumber, strict: true } as const
  const [fulfilled] = await chain.client.getContractEvents({
    ...{ address: chain.local.coordinator, abi, eventName: 'RandomWordsFulfilled', ...range },
  })
  const [word] = await chain.client.getContractEvents({
    ...{ address: chain.local.contract, abi: pay402WinAbi, eventName: 'RandomnessFulfilled' },
    ...range,
  })
  if (fulfilled === undefined || word === undefined) throw new Error('no word came')
  return { fulfilled: fulfilled.args, word: word.args }
}

/** All that can be had without the key: everything fits but the challenge. */
const forged = (proof: Vrf.Proof, blockHash: Hex): Vrf.Proof => {
  const { pk, gamma, seed } = proof
  const [c, s] = [402n, 13n]
  const input = BigInt(keccak256(concat([toHex(seed, { size: 32 }), blockHash])))
  const times = (point: Curve.Point, scalar: bigint) =>
    Curve.multiply(Curve.fromAffine(point), scalar)
  const u = times(pk, c).add(Curve.multiply(Curve.GENERATOR, s))
  const cGammaWitness = Curve.toAffine(times(gamma, c))
  const sHashWitness = Curve.toAffine(times(Curve.hashToCurve(pk, input), s))
  return {
    ...{ ...proof, c, s, cGammaWitness, sHashWitness },
    uWitness: Curve.addressOf(Curve.toAffine(u)),
    zInv: Curve.inverseOfSum(cGammaWitness, sHashWitness),
  }
}

describe('Chainlink’s coordinator', () => {
  it('takes the prover’s proofs, and gives the seed and word that the domain computes', async () => {
    for (let round = 0; round < 8; round++) {
      const asked = await request()
      const { keyHash, preSeed, requestId } = asked.args
      expect(keyHash).toBe(prover.keyHash)
      expect(Vrf.requestId(keyHash, preSeed)).toBe(requestId)

      const proof = prover.prove(preSeed, asked.blockHash)
      const hash = await chain.send(fulfil(asked, proof))
      await chain.mine()
      const { fulfilled, word } = await words(hash)
      const verdict = Vrf.verifyProof(proof, preSeed, asked.blockHash)
      expect(verdict).toEqual({ isValid: true, outputSeed: fulfilled.outputSeed })
      expect(fulfilled).toMatchObject({ requestId, success: true, nativePayment: true })
      expect(word.randomWord).toBe(Vrf.wordOf(verdict.outputSeed, 0))

      const { input } = await chain.client.getTransaction({ hash })
      expect(Vrf.fulfilmentIn(input)).toEqual(proof)
    }
  })

  it('refuses what the domain refuses: each part of a proof that was touched', async () => {
    const asked = await request()
    const { preSeed } = asked.args
    const { blockHash } = asked
    const proof = prover.prove(preSeed, blockHash)
    const other = prover.prove(preSeed + 1n, blockHash)
    const stranger = prover.prove(preSeed, keccak256(blockHash))
    const changed: readonly (readonly [what: string, proof: Vrf.Proof, reason: string])[] = [
      ['gamma', { ...proof, gamma: other.gamma }, 'First mul check failed'],
      [
        'gamma off the curve',
        { ...proof, gamma: [proof.gamma[0], proof.gamma[1] + 1n] },
        'gamma is not on curve',
      ],
      ['c', { ...proof, c: proof.c + 1n }, 'addr(c*pk+s*g)!=_uWitness'],
      ['s', { ...proof, s: proof.s + 1n }, 'addr(c*pk+s*g)!=_uWitness'],
      ['uWitness', { ...proof, uWitness: other.uWitness }, 'addr(c*pk+s*g)!=_uWitness'],
      ['cGammaWitness', { ...proof, cGammaWitness: other.cGammaWitness }, 'First mul check failed'],
      ['sHashWitness', { ...proof, sHashWitness: other.sHashWitness }, 'Second mul check failed'],
      ['zInv', { ...proof, zInv: other.zInv }, 'invZ must be inverse of z'],
      ['a proof over another block', stranger, 'Second mul check failed'],
      ['a forger who holds no key', forged(proof, blockHash), 'invalid proof'],
      ['a zero scalar', { ...proof, s: 0n }, 'addr(c*pk+s*g)!=_uWitness'],
    ]
    for (const [what, tampered, reason] of changed) {
      const verdict = Vrf.verifyProof(tampered, preSeed, blockHash)
      expect([what, verdict.isValid]).toEqual([what, false])
      expect([what, await outcome(asked, tampered)]).toEqual([what, reason])
    }
    expect(await outcome(asked, { ...proof, pk: other.gamma })).toBe('NoSuchProvingKey')
    expect(await outcome(asked, { ...proof, seed: preSeed + 1n })).toContain(
      'NoCorrespondingRequest',
    )
    expect(await outcome(asked, proof)).toBe('accepted')
    await chain.send(fulfil(asked, proof))
    await chain.mine()
  })

  it('draws another word when a reorganisation moves the request', async () => {
    const before = await request()
    const early = prover.prove(before.args.preSeed, before.blockHash)
    const snapshot = await words(await chain.send(fulfil(before, early)).then(mined))
    await chain.rollback(3)
    await chain.mine()
    await chain.close(poolId)
    await chain.mine()
    await chain.mine()
    const after = await newestRequest()
    expect(after.args.requestId).toBe(before.args.requestId)
    expect(after.blockHash).not.toBe(before.blockHash)
    expect(await outcome(after, early)).not.toBe('accepted')

    const late = prover.prove(after.args.preSeed, after.blockHash)
    const { word } = await words(await chain.send(fulfil(after, late)).then(mined))
    expect(word.randomWord).not.toBe(snapshot.word.randomWord)
  })

  it('takes no proof once the block of the request is 256 blocks old', async () => {
    const asked = await request()
    const proof = prover.prove(asked.args.preSeed, asked.blockHash)
    await chain.client.mine({ blocks: 255 })
    expect(await outcome(asked, proof)).toBe('accepted')
    await chain.client.mine({ blocks: 1 })
    expect(await outcome(asked, proof)).not.toBe('accepted')
  })
})

const mined = async (hash: Hex) => {
  await chain.mine()
  return hash
}
