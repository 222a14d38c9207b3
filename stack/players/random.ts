/** Choices that a seed decides. */
export interface Random {
  /** A whole number below `bound`. */
  below(bound: number): number
  /** True `share` of the time, 0 to 1. */
  chance(share: number): boolean
  pick<Item>(items: readonly Item[]): Item
  /** 32 bytes of 0x hex. */
  bytes32(): `0x${string}`
}

/** Mulberry32 by Tommy Ettinger (public domain): small, even enough for play, and of no use where secrecy matters. */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (bound: number) => Math.floor((next() / 2 ** 32) * bound)
  return {
    below,
    chance: (share) => next() / 2 ** 32 < share,
    pick: (items) => {
      const item = items[below(items.length)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
    bytes32: () =>
      `0x${Array.from({ length: 8 }, () => next().toString(16).padStart(8, '0')).join('')}`,
  }
}

/** Choices about one thing, named by numbers: the same whenever and however often that thing comes up. */
export const createRandomAbout = (seed: number, ...things: readonly bigint[]): Random =>
  createRandom(
    things.reduce(
      (mixed, thing) => createRandom(mixed ^ Number(BigInt.asUintN(32, thing))).below(2 ** 32),
      seed,
    ),
  )
