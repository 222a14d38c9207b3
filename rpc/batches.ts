import { setImmediate } from 'node:timers/promises'
import type { Asked } from './answers.ts'
import { NodeError } from './errors.ts'

type Send = (asked: Asked) => Promise<unknown>

interface Waiting {
  readonly asked: Asked
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/** A size that was refused is not tried again for so long. */
const FORGET_MS = 60_000

/** Requests that a node may still answer when there are fewer of them in one post. */
const isOfTheBatch = (error: unknown) =>
  error instanceof NodeError && error.failure !== 'WRONG_CHAIN' && error.failure !== 'GONE'

/**
 * Puts what is asked at the same time into posts of at most `size`. A post that is refused as a whole is halved, down to single
 * requests, and later ones are as small.
 */
export const createBatches = ({
  askOne,
  askMany,
  size,
}: {
  readonly askOne: Send
  /** @throws when the post is refused as a whole */
  readonly askMany: (all: readonly Asked[]) => Promise<readonly (() => unknown)[]>
  readonly size: number
}): Send => {
  let waiting: Waiting[] = []
  let limit = size
  let refusedAt = 0

  const settleOne = ({ asked, resolve, reject }: Waiting) => askOne(asked).then(resolve, reject)

  const settle = async (some: readonly Waiting[]): Promise<void> => {
    const [first] = some
    if (first === undefined) return
    if (some.length === 1) return settleOne(first)
    try {
      const answers = await askMany(some.map(({ asked }) => asked))
      for (const [at, { resolve, reject }] of some.entries())
        try {
          resolve(answers[at]?.())
        } catch (error) {
          reject(error)
        }
    } catch (error) {
      if (!isOfTheBatch(error)) {
        for (const { reject } of some) reject(error)
        return
      }
      const half = Math.floor(some.length / 2)
      limit = Math.max(1, Math.min(limit, half))
      refusedAt = performance.now()
      await settle(some.slice(0, half))
      await settle(some.slice(half))
    }
  }

  const flush = async () => {
    await setImmediate()
    const all = waiting
    waiting = []
    if (limit < size && performance.now() - refusedAt > FORGET_MS) limit = Math.min(size, limit * 2)
    const posts: Promise<void>[] = []
    for (let from = 0; from < all.length; from += limit)
      posts.push(settle(all.slice(from, from + limit)))
    await Promise.all(posts)
  }

  return (asked) =>
    size === 1
      ? askOne(asked)
      : new Promise((resolve, reject) => {
          waiting.push({ asked, resolve, reject })
          if (waiting.length === 1) void flush()
        })
}
