import { type Hex, zeroAddress } from 'viem'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { rejectingPlayerAbi } from '../../abis/RejectingPlayer.ts'
import { vrfCoordinatorMockAbi } from '../../abis/VrfCoordinatorMock.ts'
import { rejectingPlayerBytecode } from '../../contracts/bytecode/RejectingPlayer.ts'
import { eachBlock, type Tick, type Turns } from './blocks.ts'
import { type Draw, drawOf } from './moves.ts'
import { type Current, createTable, type Seat, STATUS } from './table.ts'

const KEEPER = 4
/** Winners paid, or entries refunded, by one transaction. */
const BATCH = 50n
/** How many rounds of a pool it looks back at when it begins, for prizes and refunds that nobody has sent. */
const LOOK_BACK = 10n
/** How many numbers are looked at together. */
const STEP = 24

export interface Keeper extends Turns {
  /** A contract that plays and refuses native coin. The keeper claims its credits to an account of its own. */
  readonly stubborn: Hex
}

/**
 * Does what anybody may do, in a turn for each block: closes rounds that are due, settles, refunds, cancels what expired. It
 * also stands in for the oracle. Whether a round is won, on which number, and after how many blocks, follows from the seed,
 * the pool, the round and its entries; the rest from the chain's state at the block of the turn.
 */
export const createKeeper = async (seat: Seat): Promise<Keeper> => {
  const { deployment, poolIds, seed, log, lookMs } = seat
  const { contract, coordinator } = deployment
  const { client, game, sender, roundOf, current, debug } = createTable(seat)
  const stubborn = await sender.create(KEEPER, rejectingPlayerBytecode)

  const play = (functionName: string, poolId: bigint, roundId: bigint, args: readonly bigint[]) =>
    sender.send({
      ...{ from: KEEPER, to: contract, abi: pay402WinAbi, functionName, args },
      once: `${functionName} ${poolId} ${roundId}`,
    })

  /** The first number from `draw.from` on that somebody holds, or that nobody holds; `draw.from` when there is none. */
  const chooseNumber = async ({ wins, from }: Draw, poolId: bigint, roundId: bigint) => {
    for (let start = from; start < from + 402; start += STEP) {
      const numbers = Array.from({ length: STEP }, (_, step) => 1 + ((start + step - 1) % 402))
      const held = await Promise.all(
        numbers.map((number) =>
          client.readContract({
            ...game,
            functionName: 'entriesOn',
            args: [poolId, roundId, number],
          }),
        ),
      )
      const found = numbers.find((_, step) => (held[step] !== 0n) === wins)
      if (found !== undefined) return found
    }
    return from
  }

  const answer = async ({ poolId, roundId, round }: Current) => {
    const draw = drawOf(seed, poolId, roundId)
    const number = await chooseNumber(draw, poolId, roundId)
    debug(`pool ${poolId} round ${roundId}: draws ${number}`)
    await sender.send({
      ...{ from: KEEPER, to: coordinator, abi: vrfCoordinatorMockAbi },
      functionName: 'fulfillRandomWordsWithOverride',
      args: [round.requestId, contract, [draw.word(number)]],
      once: `answer ${round.requestId}`,
    })
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
      else if (number >= since + drawOf(seed, poolId, roundId).delay) await answer(pool)
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
