/** Counts what is held, by whom. */
export interface Slots {
  /** Takes one for `holder`. Returns how to give it back, as often as one likes, or undefined when all are taken. */
  readonly take: (holder: string) => (() => void) | undefined
  readonly count: (holder: string) => number
}

/** At most `most` for each holder at once. */
export const createSlots = (most: number): Slots => {
  const held = new Map<string, number>()
  return {
    count: (holder) => held.get(holder) ?? 0,
    take: (holder) => {
      const count = held.get(holder) ?? 0
      if (count >= most) return undefined
      held.set(holder, count + 1)
      let isHeld = true
      return () => {
        if (!isHeld) return
        isHeld = false
        const left = (held.get(holder) ?? 1) - 1
        if (left === 0) held.delete(holder)
        else held.set(holder, left)
      }
    },
  }
}
