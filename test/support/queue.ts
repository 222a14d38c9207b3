/** Messages in the order they came, taken one by one by whoever waits for them. */
export interface Queue<Message> {
  push(message: Message): void
  /** Everybody who waits, now or later, is told. */
  fail(error: Error): void
  /** The oldest message nobody has taken. @throws when none comes in time. */
  next(timeoutMs?: number): Promise<Message>
  /** Takes messages until one fits, and returns it. @throws when none comes in time. */
  until(fits: (message: Message) => boolean, timeoutMs?: number): Promise<Message>
  /** How many wait to be taken. */
  size(): number
}

export const createQueue = <Message>(): Queue<Message> => {
  const waiting: Message[] = []
  let failure: Error | undefined
  let wake: () => void = () => undefined

  const next = async (timeoutMs = 20_000): Promise<Message> => {
    const deadline = performance.now() + timeoutMs
    for (;;) {
      const message = waiting.shift()
      if (message !== undefined) return message
      if (failure !== undefined) throw failure
      const left = deadline - performance.now()
      if (left <= 0) throw new Error(`no message within ${timeoutMs} ms`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
  return {
    push: (message) => {
      waiting.push(message)
      wake()
    },
    fail: (error) => {
      failure = error
      wake()
    },
    next,
    until: async (fits, timeoutMs = 20_000) => {
      const deadline = performance.now() + timeoutMs
      for (;;) {
        const message = await next(Math.max(1, deadline - performance.now()))
        if (fits(message)) return message
      }
    },
    size: () => waiting.length,
  }
}
