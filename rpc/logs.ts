import { toHex } from 'viem'
import { type Asked, ordered, paramsOf, rangeAsked } from './answers.ts'
import { NodeError } from './errors.ts'
import { rangeOf } from './wording.ts'

/** What a node refused once it may take later: it may have been the logs of those blocks. */
const FORGET_MS = 300_000

/** How many blocks to ask for after so many were refused; nothing when fewer would not help. */
const narrower = (error: unknown, asked: number) => {
  if (!(error instanceof NodeError) || error.failure === 'WRONG_CHAIN' || asked <= 1)
    return undefined
  const named = rangeOf(error.answer?.message ?? '', asked)
  if (named !== undefined) return { blocks: named, isNamed: true }
  return error.failure === 'GONE' ? undefined : { blocks: Math.floor(asked / 2), isNamed: false }
}

/**
 * Asks for the logs of a range of blocks in parts that the node takes. Whatever error it answers with, the range is halved, down to
 * one block, before it is given up: every provider has its own words for "too many".
 *
 * @param ask one `eth_getLogs`; `isLast` when nothing is left to halve, so that it is worth repeating
 * @param most blocks that are never exceeded
 */
export const createLogsReader = (
  ask: (asked: Asked, isLast: boolean) => Promise<unknown>,
  most = Number.POSITIVE_INFINITY,
): ((asked: Asked) => Promise<unknown>) => {
  let limit = most
  let span = most
  let refused = Number.POSITIVE_INFINITY
  let refusedAt = 0

  const grow = (blocks: number) => {
    if (performance.now() - refusedAt > FORGET_MS) refused = Number.POSITIVE_INFINITY
    if (blocks < span) return
    const next = refused === Number.POSITIVE_INFINITY ? span * 2 : Math.floor((span + refused) / 2)
    span = Math.max(span, Math.min(next, limit))
  }
  const shrink = (blocks: number, next: { blocks: number; isNamed: boolean }) => {
    refused = blocks
    refusedAt = performance.now()
    span = next.blocks
    if (next.isNamed) limit = Math.min(limit, next.blocks)
  }

  return async (asked) => {
    const range = rangeAsked(asked)
    if (range === undefined) return ask(asked, true)
    const [filter] = paramsOf(asked)
    const logs: unknown[] = []
    for (let from = range.from; from <= range.to; ) {
      const blocks = Math.min(span, range.to - from + 1)
      const part = { fromBlock: toHex(from), toBlock: toHex(from + blocks - 1) }
      try {
        const found = await ask(
          { method: asked.method, params: [{ ...(filter as object), ...part }] },
          blocks === 1,
        )
        for (const log of found as readonly unknown[]) logs.push(log)
        from += blocks
        grow(blocks)
      } catch (error) {
        const next = narrower(error, blocks)
        if (next === undefined) throw error
        shrink(blocks, next)
      }
    }
    return ordered(logs)
  }
}
