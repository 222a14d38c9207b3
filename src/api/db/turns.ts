import { BusyError, GoneError } from './errors.ts'

/** For whom something is done. Without a holder it is the server's own work, which is never kept waiting by clients. */
export interface Caller {
  /** Whose share it counts in: a key's id, or a network. */
  readonly holder?: string
  /** Aborts when nobody waits for the result any more. */
  readonly signal?: AbortSignal
  /** Of the most that may be asked for at once: 0 to 1. From a quarter on it takes all of its holder's turns. */
  readonly share?: number
}

export interface TurnsOptions {
  /** At once, of clients and of the server. */
  readonly most: number
  /** At once, of all clients: the rest is for the server's own work. */
  readonly mostOfClients: number
  readonly mostPerHolder: number
  /** How many clients' callers may wait, of all and of one holder. */
  readonly waiting?: number
  readonly waitingPerHolder?: number
  /** A caller that would wait for longer is refused at once. */
  readonly patienceMs?: number
}

export interface Turns {
  /**
   * Resolves when it is the caller's turn, with how to end it.
   *
   * @throws BusyError at once when there is no room to wait, or the wait would be too long; GoneError when the signal aborts.
   */
  readonly take: (caller?: Caller) => Promise<() => void>
  /** A turn of the server's own when one is free now. */
  readonly takeFree: () => (() => void) | undefined
  /** How many wait and how many turns are taken. */
  readonly size: () => { readonly waiting: number; readonly running: number }
}

interface Grant {
  readonly weight: number
  readonly give: () => void
}

interface Holder {
  readonly waiting: Set<Grant>
  /** Turns that are taken. */
  running: number
  /** How long its callers take, in milliseconds: the newer, the more they count. */
  meanMs: number
  /** The same, times the turns of each. */
  meanTurnMs: number
}

/** How many that ask for the most would be too many at once. */
const HEAVY = 4

/** How much the newest turn counts in the mean. */
const NEWEST = 0.2

const createHolder = (): Holder => ({ waiting: new Set(), running: 0, meanMs: 0, meanTurnMs: 0 })

/**
 * Gives turns to the server's own work first, then to the holders in rotation: a holder's hundredth caller waits until every other holder
 * that waits has had a turn. No holder has all of the clients' turns, however few ask. A caller that will work for long takes several of
 * its holder's turns, so that fewer of them work at once.
 */
export const createTurns = (options: TurnsOptions): Turns => {
  const { most, mostOfClients, mostPerHolder } = options
  const mostWaiting = options.waiting ?? Number.POSITIVE_INFINITY
  const waitingPerHolder = options.waitingPerHolder ?? Number.POSITIVE_INFINITY
  const patienceMs = options.patienceMs ?? Number.POSITIVE_INFINITY
  const own = new Set<Grant>()
  const holders = new Map<string, Holder>()
  /** Those that wait, the next one first. */
  const rotation = new Map<string, Holder>()
  let running = 0
  let ofClients = 0
  let waiting = 0

  const holderOf = (name: string): Holder => {
    const holder = holders.get(name) ?? createHolder()
    holders.set(name, holder)
    return holder
  }

  const weightOf = (share: number) =>
    Math.max(1, Math.min(Math.ceil(HEAVY * share * mostPerHolder), mostPerHolder))

  const isFree = (holder: Holder | undefined, weight: number) =>
    running < most &&
    (holder === undefined ||
      (ofClients < mostOfClients && holder.running + weight <= mostPerHolder))

  /** The one whose turn it is, taken out of its queue. */
  const next = (): Grant | undefined => {
    if (running >= most) return undefined
    for (const grant of own) {
      own.delete(grant)
      return grant
    }
    for (const [name, holder] of rotation) {
      const [grant] = holder.waiting
      if (!isFree(holder, grant?.weight ?? 1)) continue
      rotation.delete(name)
      if (grant === undefined) continue
      holder.waiting.delete(grant)
      waiting -= 1
      if (holder.waiting.size > 0) rotation.set(name, holder)
      return grant
    }
    return undefined
  }

  /** Gives what is free to those who wait. */
  const dispatch = (): void => {
    for (let grant = next(); grant !== undefined; grant = next()) grant.give()
  }

  const begin = (
    name: string | undefined,
    holder: Holder | undefined,
    weight: number,
  ): (() => void) => {
    const since = performance.now()
    running += 1
    if (holder !== undefined) {
      holder.running += weight
      ofClients += 1
    }
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      running -= 1
      if (name !== undefined && holder !== undefined) {
        ofClients -= 1
        holder.running -= weight
        const heldMs = performance.now() - since
        const newest = holder.meanMs === 0 ? 1 : NEWEST
        holder.meanMs += (heldMs - holder.meanMs) * newest
        holder.meanTurnMs += (heldMs * weight - holder.meanTurnMs) * newest
        forget(name, holder)
      }
      dispatch()
    }
  }

  const forget = (name: string, holder: Holder) => {
    if (holder.waiting.size === 0) rotation.delete(name)
    if (holder.waiting.size === 0 && holder.running === 0) holders.delete(name)
  }

  /** Why this holder's next caller may not wait. */
  const refusal = ({ waiting: before, meanMs, meanTurnMs }: Holder): BusyError | undefined => {
    const alone = ((before.size + 1) * meanTurnMs) / mostPerHolder
    const of = mostOfClients / Math.max(1, rotation.size)
    const among = Math.max(alone, ((before.size + 1) * meanMs) / of)
    if (before.size >= waitingPerHolder || alone > patienceMs) return new BusyError(true, alone)
    if (waiting >= mostWaiting || among > patienceMs) return new BusyError(false, among)
    return undefined
  }

  const wait = (
    name: string | undefined,
    holder: Holder | undefined,
    weight: number,
    signal?: AbortSignal,
  ) =>
    new Promise<() => void>((resolve, reject) => {
      const queue = holder?.waiting ?? own
      const leave = () => {
        queue.delete(grant)
        if (name !== undefined && holder !== undefined) {
          waiting -= 1
          forget(name, holder)
        }
        reject(new GoneError())
      }
      const give = () => {
        signal?.removeEventListener('abort', leave)
        resolve(begin(name, holder, weight))
      }
      const grant = { weight, give }
      signal?.addEventListener('abort', leave, { once: true })
      queue.add(grant)
      if (name === undefined || holder === undefined) return
      waiting += 1
      if (!rotation.has(name)) rotation.set(name, holder)
    })

  return {
    take: async ({ holder: name, signal, share = 0 } = {}) => {
      if (signal?.aborted === true) throw new GoneError()
      const weight = weightOf(share)
      const holder = name === undefined ? undefined : holderOf(name)
      // Those who wait are before it: whatever is free is free to none of them.
      if (isFree(holder, weight) && (holder === undefined ? own.size : holder.waiting.size) === 0)
        return begin(name, holder, weight)
      const refused = holder && refusal(holder)
      if (refused !== undefined) throw refused
      return wait(name, holder, weight, signal)
    },
    takeFree: () => (isFree(undefined, 1) ? begin(undefined, undefined, 1) : undefined),
    size: () => ({ waiting: waiting + own.size, running }),
  }
}
