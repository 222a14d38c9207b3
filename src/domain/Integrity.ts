/** The invariants of the game, checked as its events pass: one function an event. */
export * from './IntegrityDrawing.ts'
export * from './IntegrityEntering.ts'
export * from './IntegrityPaying.ts'
export type { Invariant, Violation } from './IntegrityRule.ts'
