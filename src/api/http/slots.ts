import { siteOf } from './address.ts'

/** Counts what is held, by whom. */
export interface Slots {
  /**
   * Takes one for `holder`, who has it until the signal aborts. False: none was taken, because the holder has all of its own, or
   * because the signal has aborted already.
   */
  readonly take: (holder: string, until: AbortSignal) => boolean
  readonly count: (holder: string) => number
}

/** At most `most` for each holder at once. */
export const createSlots = (most: number): Slots => {
  const held = new Map<string, number>()
  const give = (holder: string) => {
    const left = (held.get(holder) ?? 1) - 1
    if (left === 0) held.delete(holder)
    else held.set(holder, left)
  }
  return {
    count: (holder) => held.get(holder) ?? 0,
    take: (holder, until) => {
      const count = held.get(holder) ?? 0
      if (count >= most || until.aborted) return false
      held.set(holder, count + 1)
      until.addEventListener('abort', () => give(holder), { once: true })
      return true
    },
  }
}

/** So many networks' slots are a site's. */
const NETWORKS_PER_SITE = 4

/** At most `most` for each network, and four times as many for the networks of one site: see address.ts. */
export const createNetworkSlots = (most: number): Pick<Slots, 'take'> => {
  const ofNetwork = createSlots(most)
  const ofSite = createSlots(most * NETWORKS_PER_SITE)
  return {
    take: (network, until) => ofNetwork.take(network, until) && ofSite.take(siteOf(network), until),
  }
}
