import { expect, it } from 'vitest'
import { pay402WinAbi } from '../../../abis/Pay402Win.ts'
import { localDeployments } from '../../../stack/deploy.ts'
import { createChain } from '../../support/chain.ts'
import { questions } from './all.ts'
import { factsOf } from './facts.ts'
import { liabilitiesAt } from './head.ts'
import { x402Payments } from './payment.ts'
import { readHistory } from './read.ts'
import { statusOf } from './status.ts'

it('reads a chain as it is now, and owes what the contract says it owes', async () => {
  const chain = await createChain()
  try {
    const { client, local } = chain
    const [deployed] = localDeployments(local)
    if (deployed === undefined) throw new Error('nothing is deployed')
    const classic = await chain.createPool({ entryFee: 1001n })
    const dollar = await chain.createPool({ token: local.tokens.dollar, name: '0xAB' })
    await chain.enter({ poolId: classic, numbers: [7, 7, 8], player: 2 })
    await chain.enter({ poolId: classic, numbers: [7], player: 3 })
    await chain.enterWithAuthorization({ poolId: dollar, numbers: [1, 2], player: 4, payer: 5 })
    await chain.mine()
    await chain.enterWithToken({ poolId: dollar, numbers: [3], player: 4 })
    await chain.mine()
    await chain.rollback(1)
    await chain.mine(61)
    await chain.close(classic)
    await chain.mine()
    await chain.draw(classic, 7)
    await chain.mine()

    const history = await readHistory(client, deployed)
    const facts = factsOf(history)
    const { number, hash } = await client.getBlock()
    expect(history.head).toMatchObject({ number: Number(number), hash })
    expect(facts.pools.map(({ name }) => name)).toEqual(['Pool', '0xAB'])
    expect(facts.entries).toHaveLength(6)
    expect(facts.rounds.map(statusOf)).toEqual(['SETTLED', 'OPEN', 'OPEN'])
    expect(x402Payments(facts, 0, history.head.number, 0).x402Payments.edges).toMatchObject([
      {
        node: {
          ...{ linkStatus: 'LINKED', nonceVerified: true, amount: { raw: '2000' } },
          facilitator: chain.address(1).toLowerCase(),
        },
      },
    ])
    for (const { token } of facts.pools)
      expect(liabilitiesAt(history, token, history.head.number)).toBe(
        await client.readContract({
          ...{ address: local.contract, abi: pay402WinAbi, functionName: 'liabilities' },
          args: [token],
        }),
      )

    const asked = questions(history, { finalizedNumber: 0 })
    expect(questions(history, { finalizedNumber: 0 })).toEqual(asked)
    expect(new Set(asked.map(({ name }) => name)).size).toBe(asked.length)
  } finally {
    await chain.stop()
  }
})
