import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

/** A child process of ours. */
export interface Child {
  readonly pid: number
  readonly process: ChildProcess
  /** Resolves once the process is gone, with its exit code, or the signal that ended it. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  /** SIGTERM, then SIGKILL when it is still there after `graceMs` (default 10 s). Resolves once it is gone. */
  stop(graceMs?: number): Promise<void>
}

/** Ends processes that outlive us. */
export interface Guard {
  /** Takes lines; a process says `+` and its number here before its program begins, so that no end of ours can come between. */
  readonly lines: Writable
  /** The process is gone: its number may become another's. */
  release(pid: number): void
}

/** Says whose process it is, and becomes the program. A guard that is gone is no reason not to. */
const GUARDED = `trap '' PIPE; echo "+$$" >&3 2>/dev/null; trap - PIPE; exec "$0" "$@" 3>&-`

const spawnGuarded = (
  command: string,
  args: readonly string[],
  options: SpawnOptions,
  { lines }: Guard,
): ChildProcess => {
  const { stdio = 'pipe' } = options
  const three = typeof stdio === 'string' ? [stdio, stdio, stdio] : stdio.slice(0, 3)
  return spawn('/bin/sh', ['-c', GUARDED, command, ...args], {
    ...options,
    stdio: [...three, lines],
  })
}

export interface ChildOptions extends SpawnOptions {
  readonly watchdog?: Guard | undefined
}

/** Starts a program. @throws when it cannot be started. */
export const spawnChild = async (
  command: string,
  args: readonly string[],
  { watchdog, ...options }: ChildOptions = {},
): Promise<Child> => {
  const child =
    watchdog === undefined
      ? spawn(command, args, options)
      : spawnGuarded(command, args, options, watchdog)
  const { pid } = child
  if (pid !== undefined) child.once('exit', () => watchdog?.release(pid))
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  await once(child, 'spawn')
  return {
    pid: child.pid ?? 0,
    process: child,
    exited,
    stop: async (graceMs = 10_000) => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
      await exited
      clearTimeout(timer)
    },
  }
}

/** Whether a process is there. */
export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Whether nobody listens on a loopback port. */
const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

/** A port nobody listens on: the wished one, else the next free one above it; any when `wished` is 0. */
export const freePort = async (wished = 0): Promise<number> => {
  for (let port = wished; port > 0 && port < 65_536; port++) if (await isFree(port)) return port
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

/**
 * Asks until the answer is there.
 *
 * @throws Error that says what was waited for, with the last failure as its cause, after `timeoutMs`.
 */
export const waitFor = async <Value>(
  what: string,
  ask: () => Promise<Value | undefined>,
  {
    timeoutMs = 30_000,
    everyMs = 50,
    signal,
  }: { timeoutMs?: number; everyMs?: number; signal?: AbortSignal } = {},
): Promise<Value> => {
  const deadline = performance.now() + timeoutMs
  let cause: unknown
  for (;;) {
    signal?.throwIfAborted()
    try {
      const answer = await ask()
      if (answer !== undefined) return answer
      cause = undefined
    } catch (error) {
      cause = error
    }
    if (performance.now() > deadline)
      throw new Error(`${what}: not there after ${timeoutMs} ms`, { cause })
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

/** Resolves after so long, or as soon as the signal aborts. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined)
