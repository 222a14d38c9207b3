import { zeroAddress } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rejectingPlayerAbi } from '../../abis/RejectingPlayer.ts'
import { vrfCoordinatorMockAbi } from '../../abis/VrfCoordinatorMock.ts'
import { rejectingPlayerBytecode } from '../../contracts/bytecode/RejectingPlayer.ts'
import { flatten, logsOf, TOTALS, type Totals, totalsOf } from '../support/logs.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld({ name: 'game' })
})
afterAll(() => world?.stop())

const ROUND = /* GraphQL */ `
  query Round($poolId: BigInt!, $roundId: BigInt!) {
    round(poolId: $poolId, roundId: $roundId) {
      status phase cancelReason winningNumber winningEntryCount winnerCount entryCount uniquePlayers
      payoutsPending refundsPending distinctNumbers
      carryIn { raw } gross { raw } prizePool { raw } carryOut { raw } prizePerEntry { raw }
      feeAccrued { raw } feeCollected { raw } prizesPaid { raw } prizesDelivered { raw } refunded { raw }
    }
  }
`
const round = async (poolId: bigint, roundId: number) => {
  const variables = { poolId: poolId.toString(), roundId: roundId.toString() }
  const answer = await world.query<{ round: Record<string, unknown> }>(ROUND, variables)
  return answer.round
}

const ENTRIES = /* GraphQL */ `
  query Entries($poolId: BigInt!) {
    entries(where: { poolId: { eq: $poolId } }, orderBy: [{ field: ENTRY_ID }], first: 100) {
      edges { node { number status paymentMethod payer player { address } payout { kind state amount { raw } } } }
    }
  }
`
interface EntryNode {
  number: number
  status: string
  paymentMethod: string
  payer: string
  player: { address: string }
  payout: { kind: string; state: string; amount: { raw: string } } | null
}
const entries = async (poolId: bigint) => {
  const answer = await world.query<{ entries: { edges: { node: EntryNode }[] } }>(ENTRIES, {
    poolId: poolId.toString(),
  })
  return answer.entries.edges.map(({ node }) => node)
}

/** Closes the current round, a minute later, and draws a number. */
const closeAndDraw = async (poolId: bigint, number: number) => {
  await world.chain.close(poolId)
  await world.chain.mine(61)
  await world.chain.draw(poolId, number)
  return world.mine()
}

const raw = (amount: bigint | number) => ({ raw: amount.toString() })

describe('a game, asked through GraphQL', () => {
  it('shares the prize between two winners on a number, one of whom holds it twice', async () => {
    const { chain } = world
    const poolId = await chain.createPool()
    await chain.enter({ poolId, player: 2, numbers: [7, 7, 8] })
    await chain.enter({ poolId, player: 3, numbers: [7] })
    await chain.mine()
    await closeAndDraw(poolId, 7)

    expect(await round(poolId, 1)).toEqual({
      status: 'SETTLED',
      phase: 'FINAL',
      cancelReason: null,
      winningNumber: 7,
      winningEntryCount: 3,
      winnerCount: 2,
      entryCount: 4,
      uniquePlayers: 2,
      payoutsPending: 0,
      refundsPending: 0,
      distinctNumbers: 2,
      carryIn: raw(0),
      gross: raw(4000),
      prizePool: raw(3900),
      carryOut: raw(0),
      prizePerEntry: raw(1300),
      feeAccrued: raw(100),
      feeCollected: raw(100),
      prizesPaid: raw(3900),
      prizesDelivered: raw(3900),
      refunded: raw(0),
    })
    expect((await entries(poolId)).map(({ number, status }) => [number, status])).toEqual([
      [7, 'WON_PAID'],
      [7, 'WON_PAID'],
      [8, 'LOST'],
      [7, 'WON_PAID'],
    ])
  })

  it('carries the pool over three rounds that nobody wins, then pays it with the dust left over', async () => {
    const { chain } = world
    const poolId = await chain.createPool()
    for (const number of [1, 2, 3]) {
      await chain.enter({ poolId, player: 4, numbers: [number] })
      await chain.mine()
      await closeAndDraw(poolId, 402)
    }
    expect(await round(poolId, 3)).toMatchObject({
      status: 'ROLLED_OVER',
      carryIn: raw(1950),
      prizePool: raw(2925),
      carryOut: raw(2925),
      winnerCount: 0,
    })
    const streak = await world.query(
      `query($poolId: BigInt!) { pool(poolId: $poolId) { stats { rolloverStreak rolledOverRounds drawnRounds lastWinningNumber } } }`,
      { poolId: poolId.toString() },
    )
    expect(streak).toEqual({
      pool: {
        stats: { rolloverStreak: 3, rolledOverRounds: 3, drawnRounds: 3, lastWinningNumber: 402 },
      },
    })
    await chain.enter({ poolId, player: 5, numbers: [9] })
    await chain.enter({ poolId, player: 6, numbers: [9] })
    await chain.mine()
    await closeAndDraw(poolId, 9)
    expect(await round(poolId, 4)).toMatchObject({
      status: 'SETTLED',
      prizePool: raw(4875),
      prizePerEntry: raw(2437),
      carryOut: raw(1),
    })
    expect(await round(poolId, 5)).toMatchObject({ status: 'OPEN', carryIn: raw(1) })
  })

  it('credits what cannot be delivered, and closes several payouts with one claim', async () => {
    const { chain } = world
    const rejecting = await chain.deployContract(rejectingPlayerAbi, rejectingPlayerBytecode)
    const poolId = await chain.createPool()
    await chain.enter({ poolId, player: rejecting, payer: 2, numbers: [5, 5] })
    await chain.mine()
    await closeAndDraw(poolId, 5)
    const statuses = async () =>
      (await entries(poolId)).map(({ status, payout }) => [status, payout?.state, payout?.amount])
    expect(await statuses()).toEqual([
      ['WON_CREDITED', 'CREDITED', raw(975)],
      ['WON_CREDITED', 'CREDITED', raw(975)],
    ])
    const balance = () =>
      world.query(
        `query($address: Address!, $token: Address!) {
          player(address: $address) { balance(token: $token) { credited { raw } claimed { raw } claimable { raw } won { raw } } }
        }`,
        { address: rejecting, token: zeroAddress },
      )
    expect(await balance()).toEqual({
      player: {
        balance: { credited: raw(1950), claimed: raw(0), claimable: raw(1950), won: raw(1950) },
      },
    })
    await chain.send({ to: rejecting, abi: rejectingPlayerAbi, functionName: 'open' })
    await chain.send({
      to: rejecting,
      abi: rejectingPlayerAbi,
      functionName: 'claim',
      args: [chain.local.contract, zeroAddress, rejecting],
    })
    await world.mine()
    expect(await statuses()).toEqual([
      ['WON_CLAIMED', 'CLAIMED', raw(975)],
      ['WON_CLAIMED', 'CLAIMED', raw(975)],
    ])
    expect(await balance()).toEqual({
      player: {
        balance: { credited: raw(1950), claimed: raw(1950), claimable: raw(0), won: raw(1950) },
      },
    })
  })

  it('cancels a round below its minimum and refunds it over several blocks', async () => {
    const { chain } = world
    const poolId = await chain.createPool({ minEntries: 5 })
    await chain.enter({ poolId, player: 2, numbers: [1, 2] })
    await chain.enter({ poolId, player: 3, numbers: [3] })
    await chain.mine()
    await chain.close(poolId)
    await world.mine(61)
    expect(await round(poolId, 1)).toMatchObject({
      status: 'CANCELLED',
      phase: 'PAYING',
      cancelReason: 'BELOW_MINIMUM',
      refundsPending: 3,
    })
    await chain.refund(poolId, 1n, 2)
    await world.mine()
    expect((await entries(poolId)).map(({ status }) => status)).toEqual([
      'REFUNDED',
      'REFUNDED',
      'REFUND_PENDING',
    ])
    await chain.refund(poolId, 1n)
    await world.mine()
    expect(await round(poolId, 1)).toMatchObject({
      phase: 'FINAL',
      refundsPending: 0,
      refunded: raw(3000),
      feeCollected: raw(0),
      carryOut: raw(0),
    })
  })

  it('cancels a round without entries, and one whose word never came', async () => {
    const { chain } = world
    const poolId = await chain.createPool({ drawTimeout: 100 })
    await chain.close(poolId)
    await world.mine(61)
    expect(await round(poolId, 1)).toMatchObject({ phase: 'FINAL', cancelReason: 'NO_ENTRIES' })

    await chain.enter({ poolId, player: 2, numbers: [1] })
    await chain.mine()
    await chain.close(poolId)
    await chain.mine(61)
    await world.mine(101)
    expect(await round(poolId, 2)).toMatchObject({ status: 'DRAWING', phase: 'OVERDUE' })
    await chain.cancelExpired(poolId)
    await world.mine()
    expect(await round(poolId, 2)).toMatchObject({
      status: 'CANCELLED',
      cancelReason: 'DRAW_TIMEOUT',
      refundsPending: 1,
    })
    expect(await round(poolId, 3)).toMatchObject({ status: 'OPEN' })
  })

  it('cancels a round for which the coordinator takes no request', async () => {
    const { chain } = world
    const { coordinator, subscriptionId, contract } = chain.local
    const consumer = (functionName: string) =>
      chain.send({
        ...{ to: coordinator, abi: vrfCoordinatorMockAbi, functionName },
        args: [subscriptionId, contract],
      })
    const poolId = await chain.createPool({ drawTimeout: 100 })
    await chain.enter({ poolId, player: 2, numbers: [1] })
    await consumer('removeConsumer')
    await chain.mine()
    await chain.close(poolId)
    await world.mine(61)
    expect(await round(poolId, 1)).toMatchObject({ status: 'OPEN', phase: 'CLOSABLE' })
    await chain.mine(100)
    await chain.cancelExpired(poolId)
    await world.mine()
    expect(await round(poolId, 1)).toMatchObject({
      status: 'CANCELLED',
      cancelReason: 'DRAW_TIMEOUT',
      refundsPending: 1,
    })
    expect(await round(poolId, 2)).toMatchObject({ status: 'OPEN' })
    await consumer('addConsumer')
    await world.mine()
  })

  it('knows how each entry was paid, by whom, and for whom', async () => {
    const { chain } = world
    const native = await chain.createPool()
    const dollar = await chain.createPool({
      token: chain.local.tokens.dollar,
      entryFee: 402_000n,
      name: 'Dollar',
    })
    await chain.enter({ poolId: native, player: 3, payer: 2, numbers: [1] })
    await chain.enterWithToken({ poolId: dollar, player: 4, numbers: [2] })
    await chain.enterWithToken({
      poolId: dollar,
      player: 5,
      payer: 4,
      numbers: [3],
      paymentRef: `0x${'ab'.repeat(32)}`,
    })
    await chain.enterWithAuthorization({ poolId: dollar, player: 6, payer: 7, numbers: [4, 5] })
    await world.mine()
    const lower = (player: number) => chain.address(player).toLowerCase()
    const paid = (await entries(native)).concat(await entries(dollar))
    expect(
      paid.map(({ paymentMethod, payer, player }) => [paymentMethod, payer, player.address]),
    ).toEqual([
      ['NATIVE', lower(2), lower(3)],
      ['ERC20', lower(4), lower(4)],
      ['X402_GATEWAY', lower(4), lower(5)],
      ['X402_DIRECT', lower(7), lower(6)],
      ['X402_DIRECT', lower(7), lower(6)],
    ])
  })

  it('pays token prizes that a later transaction settles', async () => {
    const { chain } = world
    const poolId = await chain.createPool({ token: chain.local.tokens.dollar, entryFee: 402_000n })
    const winners = 15
    await chain.enterWithToken({ poolId, player: 2, numbers: Array(winners).fill(11) })
    await chain.mine()
    await closeAndDraw(poolId, 11)
    const drawn = await round(poolId, 1)
    expect(drawn).toMatchObject({ status: 'DRAWN', phase: 'PAYING', winnerCount: 1 })
    expect(drawn.payoutsPending).toBeGreaterThan(0)
    expect(await round(poolId, 2)).toMatchObject({ status: 'OPEN' })
    await chain.settle(poolId, 1n)
    await world.mine()
    expect(await round(poolId, 1)).toMatchObject({
      status: 'SETTLED',
      payoutsPending: 0,
      prizesPaid: raw(391_950n * BigInt(winners)),
    })
  })

  it('equals what the chain’s logs say of every pool', async () => {
    const answer = await world.query<Totals>(TOTALS)
    const logs = await logsOf(world.chain, Number(answer.head.number))
    expect(flatten(answer)).toEqual(totalsOf(logs))
  })
})
