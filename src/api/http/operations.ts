/** The operations that run on one socket. */
export interface Operations {
  /**
   * Begins one, which is over when its signal aborts: because it has answered, its client does not wait for it any more, or the
   * socket has gone. Undefined when as many run as may.
   *
   * @param isWanted whether its client still waits for it.
   */
  readonly begin: (isWanted: () => boolean) => AbortController | undefined
  /** Ends those that are not wanted any more. */
  readonly drop: () => void
  readonly count: () => number
}

/** Why it aborts; an `abort()` without a reason makes an error with its stack. */
export const OVER = 'the operation is over'

export const createOperations = (most: number, gone: AbortSignal): Operations => {
  const running = new Map<AbortController, () => boolean>()
  const end = () => {
    for (const operation of [...running.keys()]) operation.abort(OVER)
  }
  gone.addEventListener('abort', end, { once: true })
  return {
    begin: (isWanted) => {
      if (running.size >= most || gone.aborted) return undefined
      const operation = new AbortController()
      running.set(operation, isWanted)
      operation.signal.addEventListener('abort', () => running.delete(operation), { once: true })
      return operation
    },
    drop: () => {
      for (const [operation, isWanted] of [...running]) if (!isWanted()) operation.abort(OVER)
    },
    count: () => running.size,
  }
}
