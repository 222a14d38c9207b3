import type { Random } from '../../../stack/players/random.ts'
import type { Event } from '../model/history.ts'
import { withRoundsExchanged, withWrong } from './values.ts'

/** Events `from` to `to` (not included) of a stream, replaced. */
export interface Fault {
  readonly from: number
  readonly to: number
  readonly events: readonly Event[]
}

/** One way to go wrong. */
export interface Kind {
  readonly name: string
  /** Another fault of the kind, at a place that the random choice decides; undefined when that place does not suit. */
  readonly make: (random: Random) => Fault | undefined
}

/** A transaction is named after what it does: the first of these that it logs. */
const DEEDS: readonly (readonly [Event['name'], string])[] = [
  ['PoolCreated', 'creating'],
  ['RoundDrawn', 'drawing'],
  ['RoundCancelled', 'cancelling'],
  ['RoundClosed', 'closing'],
  ['X402PaymentSettled', 'entering by x402'],
  ['EntryPlaced', 'entering'],
  ['PrizePaid', 'settling'],
  ['EntryRefunded', 'refunding'],
  ['CreditClaimed', 'claiming'],
]

type Window = readonly [from: number, to: number]

/** Runs of neighbours with the same value. */
const windowsBy = (events: readonly Event[], of: (event: Event) => unknown): readonly Window[] => {
  const starts = events.flatMap((event, at) => {
    const before = events[at - 1]
    return before === undefined || of(before) !== of(event) ? [at] : []
  })
  return starts.map((from, at) => [from, starts[at + 1] ?? events.length])
}

/** Log indexes as they must be where logs were added: each above the one before it in its block. */
const renumbered = (events: readonly Event[]): readonly Event[] => {
  let block = -1
  let index = -1
  return events.map((event) => {
    const { at } = event
    index = at.block === block ? Math.max(index + 1, at.logIndex) : at.logIndex
    block = at.block
    return { ...event, at: { ...at, logIndex: index } }
  })
}

/**
 * Every kind of fault that the stream can suffer. Nothing is broken in its last `share`: what would notice it might lie behind
 * the end.
 */
export const kindsOf = (events: readonly Event[], share: number): readonly Kind[] => {
  const end = Math.floor(events.length * (1 - share))
  const placesOf = Map.groupBy(
    events.flatMap((event, at) => (at < end ? [[event, at] as const] : [])),
    ([{ name }]) => name,
  )
  const transactions = windowsBy(events, ({ at }) => at.transaction)
  const blocks = windowsBy(events, ({ at }) => at.block)
  const transactionAt = windowAt(transactions)
  const blockAt = windowAt(blocks)
  const slice = ([from, to]: Window) => events.slice(from, to)

  const ofEvent = (name: string, places: readonly (readonly [Event, number])[]): Kind[] => {
    const alike = places.map(([event]) => event)
    const [first] = alike
    const kind = (
      what: string,
      make: (random: Random, event: Event, at: number) => Fault | undefined,
    ) => ({
      name: `${name} ${what}`,
      make: (random: Random) => make(random, ...random.pick(places)),
    })
    const moved = (random: Random, at: number, isLater: boolean): Fault | undefined => {
      const [from, to] = transactionAt(at)
      const target = isLater ? at + 1 + random.below(to - at - 1) : from + random.below(at - from)
      if (isLater ? at + 1 === to : at === from) return undefined
      const rest = slice([from, to])
      const [event] = rest.splice(at - from, 1)
      if (event !== undefined) rest.splice(target - from, 0, event)
      return { from, to, events: rest }
    }
    return [
      kind('dropped', (_, __, at) => ({ from: at, to: at + 1, events: [] })),
      kind('doubled', (_, event, at) => {
        const [, to] = blockAt(at)
        return { from: at, to, events: renumbered([event, ...slice([at, to])]) }
      }),
      kind('earlier in its transaction', (random, _, at) => moved(random, at, false)),
      kind('later in its transaction', (random, _, at) => moved(random, at, true)),
      kind('in another transaction', (random, event, at) => {
        const [from, to] = transactionAt(at)
        const before = events[from - 1]
        const after = events[to]
        const isBefore = random.chance(0.5)
        const host = isBefore ? before : after
        if (host === undefined) return undefined
        const stray = {
          ...event,
          at: { ...host.at, logIndex: host.at.logIndex + (isBefore ? 1 : 0) },
        }
        const rest = slice([from, to]).toSpliced(at - from, 1)
        const [, blockEnd] = blockAt(isBefore ? at : to)
        const behind = slice([to, blockEnd])
        const list = isBefore ? [stray, ...rest, ...behind] : [...rest, stray, ...behind]
        return { from, to: blockEnd, events: renumbered(list) }
      }),
      kind('of another round, exchanged', (_, event, at) => {
        const other = events.findIndex(
          (each, index) =>
            index > at && each.name === name && withRoundsExchanged(event, each) !== undefined,
        )
        const exchanged = events[other] && withRoundsExchanged(event, events[other])
        if (exchanged === undefined) return undefined
        const [mine, theirs] = exchanged
        return { from: at, to: other + 1, events: [mine, ...slice([at + 1, other]), theirs] }
      }),
      ...Object.keys(first?.args ?? {}).map((arg) =>
        kind(`with another ${arg}`, (random, event, at) => {
          const wrong = withWrong(random, event, arg, alike)
          return wrong && { from: at, to: at + 1, events: [wrong] }
        }),
      ),
    ]
  }

  const dropping = (name: string, windows: readonly Window[]): Kind => ({
    name,
    make: (random) => {
      const [from, to] = random.pick(windows.filter(([, last]) => last <= end))
      return { from, to, events: [] }
    },
  })
  const byDeed = Map.groupBy(transactions, (window) => {
    const names = new Set(slice(window).map(({ name }) => name))
    return DEEDS.find(([name]) => names.has(name))?.[1] ?? 'of tokens alone'
  })
  return [
    ...[...placesOf].flatMap(([name, places]) => ofEvent(name, places)),
    ...[...byDeed].map(([deed, windows]) => dropping(`Transaction ${deed} dropped`, windows)),
    dropping('Block dropped', blocks),
  ]
}

const windowAt = (windows: readonly Window[]) => {
  const by = windows.flatMap((window) =>
    Array.from({ length: window[1] - window[0] }, () => window),
  )
  return (at: number): Window => by[at] ?? [at, at + 1]
}
