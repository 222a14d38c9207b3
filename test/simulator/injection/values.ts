import type { Random } from '../../../stack/players/random.ts'
import type { Event } from '../model/history.ts'

/** Solidity enums hold 0 to 3 at most; every other small number is counted on from. */
const ENUMS = new Set(['paymentMethod', 'reason', 'outcome'])

const next = (hex: string) => {
  const last = Number.parseInt(hex.slice(-1), 16)
  return `${hex.slice(0, -1)}${((last + 1) % 16).toString(16)}`
}

/** Values that are wrong in the place of `value`: one off, zero, another enum value, one that others have. */
const wrongFor = (name: string, value: unknown, others: readonly unknown[]): readonly unknown[] => {
  const wrong: unknown[] = others.length === 0 ? [] : [...others]
  if (typeof value === 'boolean') wrong.push(!value)
  else if (typeof value === 'bigint') wrong.push(value + 1n, value - 1n, 0n)
  else if (typeof value === 'number')
    wrong.push(...(ENUMS.has(name) ? [0, 1, 2, 3] : [value + 1, value - 1, 0]))
  else if (typeof value === 'string') wrong.push(value.startsWith('0x') ? next(value) : `${value}'`)
  return wrong.filter((each) => each !== value && !(typeof each === 'bigint' && each < 0n))
}

const argsOf = (event: Event) => event.args as Readonly<Record<string, unknown>>

/** The event with one argument changed. Undefined when there is no other value for it. */
export const withWrong = (
  random: Random,
  event: Event,
  name: string,
  alike: readonly Event[],
): Event | undefined => {
  const value = argsOf(event)[name]
  const others = alike.length === 0 ? [] : [argsOf(random.pick(alike))[name]]
  const wrong = wrongFor(name, value, others)
  if (wrong.length === 0) return undefined
  return { ...event, args: { ...event.args, [name]: random.pick(wrong) } } as Event
}

/** Both events with their rounds exchanged; undefined when they are of one round. */
export const withRoundsExchanged = (
  one: Event,
  other: Event,
): readonly [Event, Event] | undefined => {
  const keyOf = (event: Event) => {
    const { poolId, roundId, fromRoundId } = argsOf(event)
    return { poolId, ...(roundId === undefined ? { fromRoundId } : { roundId }) }
  }
  const [mine, theirs] = [keyOf(one), keyOf(other)]
  const isSame = Object.values(mine).join() === Object.values(theirs).join()
  if (isSame || mine.poolId === undefined) return undefined
  return [
    { ...one, args: { ...one.args, ...theirs } } as Event,
    { ...other, args: { ...other.args, ...mine } } as Event,
  ]
}
