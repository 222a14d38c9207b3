/** What is on its way to one client: at most one state, always the newest. */
export interface Outbox<State> {
  /** Gives the client a state, unless it is the one it was given last. An older one that it has not taken is dropped. */
  readonly push: (state: State) => void
  /** No more states; the one on its way still arrives. */
  readonly end: () => void
  /** What the client reads. Returning it ends everything at once. */
  readonly states: AsyncGenerator<State, undefined, undefined>
}

const DONE = { value: undefined, done: true } as const

/** `onGone` is called once, when the client has gone or the last state was taken after `end`. */
export const createOutbox = <State>(
  isSame: (one: State, other: State) => boolean,
  onGone: () => void,
): Outbox<State> => {
  let next: State | undefined
  let taken: State | undefined
  let reader: ((result: IteratorResult<State, undefined>) => void) | undefined
  let isEnded = false
  let isGone = false

  const go = () => {
    if (isGone) return
    isGone = true
    isEnded = true
    next = undefined
    reader?.(DONE)
    reader = undefined
    onGone()
  }

  const states: AsyncGenerator<State, undefined, undefined> = {
    next: async () => {
      if (next !== undefined) {
        const value = next
        taken = value
        next = undefined
        return { value, done: false }
      }
      if (isEnded) {
        go()
        return DONE
      }
      return new Promise((resolve) => {
        reader = resolve
      })
    },
    return: async () => {
      go()
      return DONE
    },
    throw: async (error) => {
      go()
      throw error
    },
    [Symbol.asyncIterator]: () => states,
    [Symbol.asyncDispose]: async () => go(),
  }

  return {
    push: (state) => {
      if (isEnded) return
      if (taken !== undefined && isSame(taken, state)) {
        next = undefined
        return
      }
      if (reader === undefined) {
        next = state
        return
      }
      const read = reader
      reader = undefined
      taken = state
      read({ value: state, done: false })
    },
    end: () => {
      isEnded = true
      if (next === undefined && reader !== undefined) go()
    },
    states,
  }
}
