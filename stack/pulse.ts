import { type Child, pause } from './process.ts'

const ASK_MS = 1_000

/**
 * Asks a child process again and again whether it lives, over the channel that it was started with. Resolves with the reason once it has
 * not answered for `silentMs`: its event loop hangs, or it is frozen. Resolves with nothing when it is gone, or when the signal aborts.
 *
 * A child that has not answered yet is not judged: loading its modules may take a busy machine a while.
 */
export const hung = async (
  { process }: Pick<Child, 'process'>,
  silentMs: number,
  signal: AbortSignal,
): Promise<string | undefined> => {
  let answeredAt = Number.POSITIVE_INFINITY
  process.on('message', () => {
    answeredAt = performance.now()
  })
  for (;;) {
    await pause(ASK_MS, signal)
    if (signal.aborted || !process.connected) return undefined
    if (performance.now() - answeredAt > silentMs)
      return `its process did not answer for ${silentMs / 1_000} s`
    process.send('alive?', () => undefined)
  }
}
