import { type Hex, zeroAddress } from 'viem'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { rejectingPlayerAbi } from '../../abis/RejectingPlayer.ts'
import { rejectingPlayerBytecode } from '../../contracts/bytecode/RejectingPlayer.ts'
import { createLocalProver } from '../vrf/coordinator.ts'
import { createVrfOracle } from '../vrf/oracle.ts'
import { eachBlock, type Tick, type Turns } from './blocks.ts'
import { createChooser } from './chooser.ts'
import { drawOf } from './moves.ts'
import { type Current, createTable, type Seat, STATUS } from './table.ts'

const KEEPER = 4
/** Winners paid, or entries refunded, by one transaction. */
const BATCH = 50n
/** How many rounds of a pool it looks back at when it begins, for prizes and refunds that nobody has sent. */
const LOOK_BACK = 10n

export interface Keeper extends Turns {
  /** A contract that plays and refuses native coin. The keeper claims its credits to an account of its own. */
  readonly stubborn: Hex
}

/**
 * Does what anybody may do, in a turn for each block: closes rounds that are due, settles, refunds, cancels what expired. It
 * also stands in for the oracle's node: how many blocks a request waits follows from the seed, the pool and the round.
 */
export const createKeeper = async (seat: Seat): Promise<Keeper> => {
  const { deployment, poolIds, seed, log, lookMs } = seat
  const { contract, coordinator } = deployment
  const table = createTable(seat)
  const { client, game, sender, roundOf, current } = table
  const oracle =
    deployment.coordinatorKind === 'MOCK'
      ? createChooser(table, seat)
      : createVrfOracle({ client, coordinator, prover: createLocalProver(), log })
  const stubborn = await sender.create(KEEPER, rejectingPlayerBytecode)

  const play = (functionName: string, poolId: bigint, roundId: bigint, args: readonly bigint[]) =>
    sender.send({
      ...{ from: KEEPER, to: contract, abi: pay402WinAbi, functionName, args },
      once: `${functionName} ${poolId} ${roundId}`,
    })

  const answer = async ({ poolId, roundId, round: { requestId } }: Current, head: bigint) => {
    const call = await oracle.answer({ poolId, roundId, requestId }, head)
    if (call !== null) await sender.send({ from: KEEPER, ...call })
  }

  /** The block in which a request was first seen. */
  const requested = new Map<bigint, bigint>()

  const tend = async (pool: Current, { number, timestamp }: Tick) => {
    const { poolId, roundId, config, round } = pool
    if (round.status === STATUS.OPEN) {
      requested.delete(poolId)
      const isFull = round.entryCount >= BigInt(config.maxEntries)
      if (isFull || timestamp >= round.closesAt) await play('closeRound', poolId, roundId, [poolId])
    } else if (round.status === STATUS.DRAWING) {
      const since = requested.get(poolId) ?? number
      requested.set(poolId, since)
      if (timestamp >= round.closedAt + BigInt(config.drawTimeout))
        await play('cancelExpired', poolId, roundId, [poolId])
      else if (number >= since + drawOf(seed, poolId, roundId).delay) await answer(pool, number)
    }
  }

  const claim = async (poolId: bigint, roundId: bigint) => {
    if (!drawOf(seed, poolId, roundId).claims) return
    const args = [stubborn, zeroAddress] as const
    if ((await client.readContract({ ...game, functionName: 'credits', args })) === 0n) return
    await sender.send({
      ...{ from: KEEPER, to: stubborn, abi: rejectingPlayerAbi, functionName: 'claim' },
      args: [contract, zeroAddress, sender.account(KEEPER).address],
      once: 'claim',
    })
  }

  /** By pool: the newest round seen, and those before it whose prizes or refunds may not all be sent. */
  const newest = new Map<bigint, bigint>()
  const unpaid = new Map<bigint, Set<bigint>>(poolIds.map((poolId) => [poolId, new Set()]))

  const remember = async ({ poolId, roundId }: Current) => {
    const before = newest.get(poolId)
    if (before === roundId) return
    const first = before ?? (roundId > LOOK_BACK ? roundId - LOOK_BACK : 1n)
    for (let earlier = first; earlier < roundId; earlier++) unpaid.get(poolId)?.add(earlier)
    newest.set(poolId, roundId)
    await claim(poolId, roundId)
  }

  const pay = async (poolId: bigint, roundId: bigint) => {
    const { status, isFinal } = await roundOf(poolId, roundId)
    const args = [poolId, roundId, BATCH]
    if (status === STATUS.DRAWN) await play('settleRound', poolId, roundId, args)
    else if (status === STATUS.CANCELLED && !isFinal)
      await play('processRefunds', poolId, roundId, args)
    else unpaid.get(poolId)?.delete(roundId)
  }

  const turn = async (tick: Tick) => {
    await sender.review()
    for (const pool of await Promise.all(poolIds.map(current))) {
      if (tick.signal.aborted) return
      await remember(pool)
      await tend(pool, tick)
      for (const earlier of unpaid.get(pool.poolId) ?? []) await pay(pool.poolId, earlier)
    }
  }
  const turns = eachBlock(client, turn, (failure) => log(`keeper: ${failure}`), lookMs)
  return { ...turns, stubborn }
}
