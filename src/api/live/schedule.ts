/** Someone who listens, and what the work for those who listen may cost them. */
export interface Payer {
  readonly holder: string
  readonly budget: { readonly costPerMinute: number }
}

/** The budgets that the work is paid from. */
export interface Purse {
  /** Milliseconds until the payer has something to spend; 0 when it has. */
  readonly restMs: (payer: Payer) => number
  readonly spend: (payer: Payer, cost: number) => void
}

/** Something that is made for all who listen. */
export interface Work<T> {
  /** Those who listen now; some of them more than once. */
  readonly listeners: () => Iterable<Payer>
  /** @param listener who listens, when few do: the first of them */
  readonly run: (listener?: string) => Promise<T>
  /** What it has cost, in the units of a budget. */
  readonly costOf: (outcome: T) => number
}

export interface Job<T> {
  /** The outcome; undefined when nobody listened any more. */
  readonly done: Promise<T | undefined>
  /** Someone else listens now. */
  readonly join: (payer: Payer) => void
  /** The last one who listened is gone. */
  readonly forget: () => void
}

/**
 * The order in which work for those who listen is done. What many share comes first; then each holder has a turn, in which the first of what it
 * listens to is done, so one who listens to thousands of things delays nobody by more than one of them. Work that few listen to is paid
 * by them in equal parts; once none of them has a budget left, its holder gets one turn a second until one has.
 */
export interface Schedule {
  readonly add: <T>(work: Work<T>) => Job<T>
}

export interface ScheduleOptions {
  /** At once. */
  readonly most: number
  readonly purse: Purse
  /** Between two turns of a holder without a budget. */
  readonly pauseMs?: number
}

/** Work of more holders than these is shared by many: nobody pays for it, and it waits for nobody's turn. */
const FEW = 8

/** Of so many turns one is for what few share, however much there is for many. */
const TURNS_OF_MANY = 4

/** In the order in which it came. */
type Line = Set<Waiting>

/** Work that waits. */
interface Waiting {
  /** Who pays for it, at most one more than few. */
  readonly payers: () => readonly Payer[]
  readonly begin: (payers: readonly Payer[], listener?: string) => Promise<void>
  /** Nobody listens any more. */
  readonly forget: () => void
  /** Where it waits; none while it runs, and when it has run. */
  readonly lines: Set<Line>
  /** Until one of its payers has a budget again. */
  isResting: boolean
  /** Its next turn need not be paid. */
  isLet: boolean
}

/** Each payer once, and no more than are needed to know that they are many. */
const distinct = (listeners: Iterable<Payer>): readonly Payer[] => {
  const payers = new Map<string, Payer>()
  for (const payer of listeners) {
    payers.set(payer.holder, payer)
    if (payers.size > FEW) break
  }
  return [...payers.values()]
}

export const createSchedule = ({ most, purse, pauseMs = 1000 }: ScheduleOptions): Schedule => {
  const mostOfHolder = Math.max(1, Math.floor(most / 2))
  const ofMany: Line = new Set()
  /** By holder, whose turn is next first. */
  const ofFew = new Map<string, Line>()
  /** Of holders without a budget. */
  const resting = new Map<string, Line>()
  const running = new Map<string, number>()
  let runs = 0
  let turns = 0

  const lineOf = (lines: Map<string, Line>, holder: string) => {
    const line = lines.get(holder) ?? new Set()
    lines.set(holder, line)
    return line
  }
  const join = (line: Line, waiting: Waiting) => {
    line.add(waiting)
    waiting.lines.add(line)
  }
  const leave = (waiting: Waiting) => {
    for (const line of waiting.lines) line.delete(waiting)
    waiting.lines.clear()
  }

  /** Into the lines of those who listen; where it waits already it keeps its place. */
  const enqueue = (waiting: Waiting) => {
    const payers = waiting.payers()
    if (payers.length === 0) {
      leave(waiting)
      waiting.forget()
      return
    }
    if (payers.length > FEW) {
      leave(waiting)
      join(ofMany, waiting)
    } else for (const { holder } of payers) join(lineOf(ofFew, holder), waiting)
  }

  /** The first of the next holder that may have a turn, who then comes after all others. */
  const nextOfFew = (): { readonly waiting: Waiting; readonly holder: string } | undefined => {
    for (const [holder, line] of ofFew) {
      const [waiting] = line
      if (waiting === undefined) ofFew.delete(holder)
      else if ((running.get(holder) ?? 0) < mostOfHolder) {
        ofFew.delete(holder)
        ofFew.set(holder, line)
        return { waiting, holder }
      }
    }
    return undefined
  }

  const next = () => {
    const [waiting] = ofMany
    const isOfFew = waiting === undefined || turns % TURNS_OF_MANY === TURNS_OF_MANY - 1
    const few = isOfFew ? nextOfFew() : undefined
    return few ?? (waiting && { waiting, holder: undefined })
  }

  /** One turn now and then, until there is something to spend. */
  const rest = (payer: Payer, waiting: Waiting) => {
    const { holder } = payer
    const isNew = !resting.has(holder)
    const line = lineOf(resting, holder)
    join(line, waiting)
    waiting.isResting = true
    if (!isNew) return
    const timer = setInterval(() => {
      const isBack = purse.restMs(payer) === 0
      for (const each of [...line].slice(0, isBack ? undefined : 1)) {
        leave(each)
        each.isResting = false
        each.isLet = !isBack
        enqueue(each)
      }
      if (line.size === 0) {
        clearInterval(timer)
        if (resting.get(holder) === line) resting.delete(holder)
      }
      pump()
    }, pauseMs)
    timer.unref()
  }

  const perform = async (waiting: Waiting) => {
    const payers = waiting.payers()
    if (payers.length === 0) return waiting.forget()
    if (payers.length > FEW) return waiting.begin([])
    const able = payers.filter((payer) => purse.restMs(payer) === 0)
    const [first] = payers
    if (able.length === 0 && !waiting.isLet && first !== undefined) return rest(first, waiting)
    waiting.isLet = false
    await waiting.begin(able, first?.holder)
  }

  const start = async (waiting: Waiting, holder: string | undefined) => {
    leave(waiting)
    runs += 1
    turns += 1
    const count = (by: number) => {
      if (holder === undefined) return
      const left = (running.get(holder) ?? 0) + by
      if (left === 0) running.delete(holder)
      else running.set(holder, left)
    }
    count(1)
    try {
      await perform(waiting)
    } finally {
      runs -= 1
      count(-1)
      pump()
    }
  }

  const pump = () => {
    while (runs < most) {
      const found = next()
      if (found === undefined) return
      void start(found.waiting, found.holder)
    }
  }

  return {
    add: ({ listeners, run, costOf }) => {
      const { promise, resolve, reject } = Promise.withResolvers<
        Awaited<ReturnType<typeof run>> | undefined
      >()
      const waiting: Waiting = {
        payers: () => distinct(listeners()),
        begin: async (payers, listener) => {
          try {
            const outcome = await run(listener)
            resolve(outcome)
            const share = costOf(outcome) / payers.length
            for (const payer of payers) purse.spend(payer, share)
          } catch (error) {
            reject(error)
          }
        },
        forget: () => resolve(undefined),
        lines: new Set(),
        isResting: false,
        isLet: false,
      }
      enqueue(waiting)
      pump()
      return {
        done: promise,
        join: ({ holder }) => {
          // It runs or has run, or has no better place to wait.
          if (waiting.lines.size === 0 || ofMany.has(waiting)) return
          if (ofFew.get(holder)?.has(waiting) === true) return
          // Who comes may have a budget that those before have not.
          if (waiting.isResting) leave(waiting)
          waiting.isResting = false
          enqueue(waiting)
          pump()
        },
        forget: () => {
          if (waiting.lines.size === 0) return
          leave(waiting)
          waiting.forget()
        },
      }
    },
  }
}
