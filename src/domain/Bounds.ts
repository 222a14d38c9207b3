/**
 * Where a value of an event is larger than what a column of the state holds. The contract emits none of these: counts are counts of
 * entries that were indexed one by one, and times are a block's plus at most 136 years. Whatever emits them is not believed (the checks
 * of Integrity report it), but must not stop the indexer either.
 */

const MAX_COUNT = 2 ** 31 - 1

/** A count for an integer column; one that is larger ends there. */
export const count = (value: bigint | number): number =>
  Number(value > MAX_COUNT ? MAX_COUNT : value < -MAX_COUNT ? -MAX_COUNT : value)

/** The end of the year 9999, in seconds: every date that anyone writes is before it. */
const END_OF_TIME = 253_402_300_799

/** A time in seconds; one that nobody could write as a date ends there. */
export const time = (seconds: bigint): number =>
  Number(seconds > END_OF_TIME ? END_OF_TIME : seconds)
