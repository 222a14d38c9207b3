/**
 * Lets requests in: of each network one in a turn of the event loop, the others after it. Whoever sends thousands a second then takes
 * no more of each turn than whoever sends one, even of the work that comes before a request can be judged and refused.
 */
export interface Door {
  /** Resolves when it is the request's turn; undefined when it is at once. */
  readonly enter: (network: string) => Promise<void> | undefined
}

export const createDoor = (): Door => {
  /** By network that has had its turn. As many wait as it has connections. */
  const waiting = new Map<string, (() => void)[]>()

  const open = () => {
    for (const [network, queue] of waiting) {
      const next = queue.shift()
      if (next === undefined) waiting.delete(network)
      else next()
    }
    if (waiting.size > 0) setImmediate(open)
  }

  return {
    enter: (network) => {
      const queue = waiting.get(network)
      if (queue !== undefined) return new Promise((resolve) => queue.push(resolve))
      if (waiting.size === 0) setImmediate(open)
      waiting.set(network, [])
      return undefined
    },
  }
}
