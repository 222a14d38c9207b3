/** From 0 to 1, 1 excluded. */
export type Random = () => number

/** Mulberry32: the same numbers for the same seed. */
export const randomFrom = (seed: number): Random => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** So many different ones of a list by chance, in its order; all when there are not more. */
export const sample = <Item>(
  random: Random,
  list: readonly Item[],
  size: number,
): readonly Item[] => {
  const chosen = new Set<number>()
  while (chosen.size < Math.min(size, list.length)) chosen.add(Math.floor(random() * list.length))
  return list.filter((_, at) => chosen.has(at))
}
