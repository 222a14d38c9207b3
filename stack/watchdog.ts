/**
 * Outlives a stack that is killed without a chance to clean up. Reads lines on its standard input: `+pid` for a
 * process to end, `-pid` for one that has ended, `=folder` for a folder to remove. When the input closes it ends and removes
 * all of them, and itself.
 * Run as a program it is the watchdog; imported it starts one.
 */
import { rm } from 'node:fs/promises'
import { execPath, stdin } from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Guard, isAlive, spawnChild } from './process.ts'

export interface Watchdog extends Guard {
  /** The folder is removed when we end. */
  remove(folder: string): void
  /** Ends whatever is still guarded, removes the folder, resolves when that is done. */
  stop(): Promise<void>
}

/** Starts a watchdog that removes `folder` once this process is gone. */
export const createWatchdog = async (folder: string): Promise<Watchdog> => {
  const child = await spawnChild(execPath, [fileURLToPath(import.meta.url)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // A group of its own, so that Ctrl-C in a terminal does not end it before its work.
    detached: true,
  })
  const { stdin: lines } = child.process
  if (lines === null) throw new Error('The watchdog has no input')
  // It may be killed like any other.
  lines.on('error', () => undefined)
  const tell = (line: string) => {
    if (lines.writable) lines.write(`${line}\n`)
  }
  tell(`=${folder}`)
  return {
    lines,
    release: (pid) => tell(`-${pid}`),
    remove: (another) => tell(`=${another}`),
    stop: async () => {
      lines.end()
      await child.exited
    },
  }
}

const watch = async () => {
  const pids = new Set<number>()
  const folders = new Set<string>()
  for await (const line of createInterface({ input: stdin })) {
    const value = line.slice(1)
    if (line.startsWith('+')) pids.add(Number(value))
    if (line.startsWith('-')) pids.delete(Number(value))
    if (line.startsWith('=')) folders.add(value)
  }
  for (const pid of pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  for (const folder of folders)
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
}

if (import.meta.main) await watch()
