const LOOK_MS = 500

/**
 * Calls back once npm, which started this process, has ended without a word to it. npm passes SIGTERM and SIGINT on, but nobody can pass
 * SIGKILL on, and a server that nobody watches any more would hold its port. A process that npm did not start is left alone.
 *
 * @param isOfNpm whether it was npm.
 */
export const whenOrphaned = (isOfNpm: boolean, onOrphaned: () => void): void => {
  if (!isOfNpm) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    onOrphaned()
  }, LOOK_MS)
  timer.unref()
}
