/** Runs at most `most` tasks at once; the others wait in the order they came. */
export const createLimiter = (most: number) => {
  const queue: (() => void)[] = []
  let running = 0

  return async <T>(task: () => Promise<T>): Promise<T> => {
    if (running >= most) {
      const { promise, resolve } = Promise.withResolvers<void>()
      queue.push(resolve)
      await promise
    } else running += 1
    try {
      return await task()
    } finally {
      // A waiting task takes this one's place.
      const next = queue.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
