import { vrfCoordinatorMockAbi } from '../../abis/VrfCoordinatorMock.ts'
import type { Oracle } from '../vrf/oracle.ts'
import { type Draw, drawOf } from './moves.ts'
import type { Seat, Table } from './table.ts'

/** How many numbers are looked at together. */
const STEP = 24

/**
 * Answers the mock, which takes any word. Whether a round is won, and on which number, follows from the seed, the pool, the
 * round and its entries.
 */
export const createChooser = (
  { client, game, debug }: Table,
  { seed, deployment: { contract, coordinator } }: Seat,
): Oracle => {
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

  return {
    answer: async ({ poolId, roundId, requestId }) => {
      const draw = drawOf(seed, poolId, roundId)
      const number = await chooseNumber(draw, poolId, roundId)
      debug(`pool ${poolId} round ${roundId}: draws ${number}`)
      return {
        ...{ to: coordinator, abi: vrfCoordinatorMockAbi },
        functionName: 'fulfillRandomWordsWithOverride',
        args: [requestId, contract, [draw.word(number)]],
        once: `answer ${requestId}`,
      }
    },
  }
}
