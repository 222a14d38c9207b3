import type { Random } from '../../stack/players/random.ts'
import type { Call } from './call.ts'
import * as authorizing from './moves/authorizing.ts'
import * as ending from './moves/ending.ts'
import * as entering from './moves/entering.ts'
import * as money from './moves/money.ts'
import type { State } from './state.ts'
import type { Move, Turn } from './turn.ts'

/** How often each move is tried, out of all. */
const MOVES: readonly (readonly [weight: number, move: Move])[] = [
  [30, entering.enterSome],
  [6, entering.enterTwice],
  [6, entering.flock],
  [2, entering.crowd],
  [6, entering.enterTogether],
  [10, entering.brim],
  [5, entering.closeAndEnter],
  [9, authorizing.pay],
  [6, authorizing.paySeveral],
  [3, authorizing.frontRun],
  [3, authorizing.cancel],
  [3, authorizing.expire],
  [26, ending.close],
  [24, ending.draw],
  [14, ending.expire],
  [16, ending.settle],
  [14, ending.refund],
  [10, money.claimCoin],
  [6, money.claimToken],
  [6, money.blockAccount],
  [3, money.transferToGame],
]
const TOTAL = MOVES.reduce((sum, [weight]) => sum + weight, 0)
/** What fits in a block, with something to spare. */
const MAX_GAS = 56_000_000n

const moveOf = (random: Random): Move => {
  let at = random.below(TOTAL)
  for (const [weight, move] of MOVES) {
    if (at < weight) return move
    at -= weight
  }
  return entering.enterSome
}

/** What happens in the next block, in order. */
export const plan = async (turn: Turn): Promise<readonly Call[]> => {
  const { random, state } = turn
  const calls: Call[] = []
  let gas = 0n
  const attempt = async (move: Move) => {
    const more = await move(turn)
    const cost = more.reduce((sum, call) => sum + call.gas, 0n)
    if (gas + cost > MAX_GAS) return
    gas += cost
    calls.push(...more)
  }
  if (random.chance(0.05)) return calls
  if (random.chance(0.04)) await attempt(ending.createLate)
  if (random.chance(state.isServed ? 0.02 : 0.12)) await attempt(ending.dismiss)
  for (let left = 2 + random.below(8); left > 0; left--) await attempt(moveOf(random))
  return calls
}

const DAY = 86_400
/** Unix time began on a Thursday. */
const MONDAY = 4 * DAY
const WEEK = 7 * DAY
/** So long before midnight time slows down, that rounds may begin and end around it. */
const EVE = 45

/** Seconds until the next block. */
export const pace = (random: Random, { timestamp, pools, isServed }: State): number => {
  const toMidnight = DAY - (timestamp % DAY)
  const toMonday = WEEK - ((timestamp - MONDAY) % WEEK)
  if (random.chance(0.08)) return 0
  if (toMidnight <= EVE) return 1 + random.below(5)
  const isPaying = pools.some(({ unpaid }) => unpaid.length > 0)
  if (random.chance(isPaying ? 0.08 : 0.035)) {
    const jump = random.below(6)
    if (jump === 0) return toMidnight - 30 - random.below(15)
    if (jump <= 2) return toMonday - Math.min(toMonday - 1, 30 + random.below(15))
    if (jump === 3) return 3_600 + random.below(8 * 3_600)
    return DAY + random.below(4 * DAY)
  }
  if (!isServed && random.chance(0.1)) return 300
  return random.chance(0.8) ? 1 + random.below(4) : 5 + random.below(15)
}
