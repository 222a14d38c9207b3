import { decodeFunctionData } from 'viem'
import { vrfCoordinatorMockAbi } from '../../abis/VrfCoordinatorMock.ts'
import type { Random } from '../../stack/players/random.ts'
import type { Call } from './call.ts'
import type { Ground } from './ground.ts'
import type { Seen } from './history.ts'
import { fulfil, numberOf } from './turn.ts'

/** How the blocks of a reorganisation come about: of the forgotten transactions all, some or none are mined again. */
export const REMINING = ['MOVED', 'THINNED', 'OTHER'] as const
export type Remining = (typeof REMINING)[number]

const MAX_GAS = 50_000_000n

/**
 * What the forgotten transactions become in `count` new blocks. Moved: all of them, in order, some blocks' worth a block later
 * than before. Thinned: some are lost, and the rest stays where it was. Of the words that were chosen, some are other ones.
 */
export const rearrange = (
  { random, ground }: { readonly random: Random; readonly ground: Ground },
  forgotten: readonly Seen[],
  remining: Exclude<Remining, 'OTHER'>,
  count: number,
): readonly (readonly Call[])[] => {
  const blocks = Array.from({ length: count }, (): Call[] => [])
  const shift = remining === 'MOVED' && random.chance(0.7) ? 1 : 0
  let gas = 0n
  let at = 0
  forgotten.forEach(({ calls }, index) => {
    for (const call of calls) {
      if (remining === 'THINNED' && random.chance(0.4)) continue
      if (at < index + shift || gas + call.gas > MAX_GAS) {
        at = Math.max(at + 1, index + shift)
        gas = 0n
      }
      gas += call.gas
      blocks[Math.min(at, count)]?.push(redrawn({ random, ground }, call))
    }
  })
  return blocks
}

const redrawn = (by: { readonly random: Random; readonly ground: Ground }, call: Call): Call => {
  if (call.to !== by.ground.chain.local.coordinator || by.random.chance(0.4)) return call
  const { functionName, args } = decodeFunctionData({ abi: vrfCoordinatorMockAbi, data: call.data })
  if (functionName !== 'fulfillRandomWordsWithOverride') return call
  const [requestId, consumer] = args
  return fulfil(by, requestId, numberOf(by.random), consumer)
}

/** How deep: mostly a few blocks, now and then many. */
export const depthOf = (random: Random): number => {
  if (random.chance(0.86)) return 1 + random.below(5)
  return random.chance(0.4) ? 6 + random.below(10) : 20
}
