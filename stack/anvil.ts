import { createRequire } from 'node:module'
import { arch, platform } from 'node:process'
import type { Readable } from 'node:stream'
import { type Child, type Guard, pause, spawnChild } from './process.ts'

/** A local chain of its own process. */
export interface Anvil {
  readonly url: string
  readonly wsUrl: string
  readonly port: number
  readonly pid: number
  /** From now on a block every so many seconds, and none for each transaction, until `evm_setIntervalMining` says otherwise. */
  mineEvery(seconds: number): Promise<void>
  stop(): Promise<void>
}

export interface AnvilOptions {
  /** 0 or absent: any free port. */
  readonly port?: number
  /** Seconds between blocks. Absent: a block for each transaction. 0: only when asked to mine. */
  readonly blockTime?: number
  readonly chainId?: number
  /** How many funded accounts of the well-known phrase. Default 10. */
  readonly accounts?: number
  /** Blocks to an epoch: what is called finalized lies two epochs back. Default 32. */
  readonly slotsInAnEpoch?: number
  /**
   * How many of the newest blocks it can answer calls about, and how far a reorganisation can go back. Each costs a whole copy
   * of the chain's state. Default 500.
   */
  readonly states?: number
  /** Unix seconds of block 0. Absent: now, so that no two chains have a hash in common. */
  readonly genesisTimestamp?: number
  readonly watchdog?: Guard
}

interface Clock {
  stop(): Promise<void>
}

/** @throws Error with what Anvil answered when that is no result. */
const ask = async (url: string, method: string, params: readonly unknown[] = []) => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body })
  const answer: { result?: unknown; error?: unknown } = await response.json()
  if (answer.error !== undefined) throw new Error(`${method}: ${JSON.stringify(answer.error)}`)
  return answer.result
}

/** An interval of Anvil's own that never passes: while it is the one that is set, blocks are mined by our clock. */
const OURS = 100_000_000

/**
 * Has a block mined at each interval. A block that took longer is not made up for.
 *
 * Anvil's own clock is not used: at intervals of two seconds and less it keeps the states of 1,500 blocks, whatever it was
 * started with, and each is a whole copy. After an hour of a game that is more than ten gigabytes.
 */
const createClock = async (url: string, seconds: number): Promise<Clock> => {
  await ask(url, 'evm_setIntervalMining', [OURS])
  const ending = new AbortController()
  const every = seconds * 1_000
  const started = performance.now()
  const untilNext = () => every - ((performance.now() - started) % every)
  const mine = async () => {
    if ((await ask(url, 'anvil_getIntervalMining')) === OURS) await ask(url, 'evm_mine')
  }
  const run = async () => {
    for (;;) {
      await pause(untilNext(), ending.signal)
      if (ending.signal.aborted) return
      // A chain that is gone is noticed by those who need it.
      await mine().catch(() => undefined)
    }
  }
  const over = run()
  return {
    stop: async () => {
      ending.abort()
      await over
    },
  }
}

const SUFFIX: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }
const START_MS = 15_000

/** The program itself, not the script around it, so that a signal reaches it and nothing survives us. */
const binary = () => {
  const name = `@foundry-rs/anvil-${platform}-${SUFFIX[arch] ?? arch}`
  const require = createRequire(
    createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json'),
  )
  return require.resolve(`${name}/bin/anvil${platform === 'win32' ? '.exe' : ''}`)
}

/** What Anvil says when it listens names the port, also one that it chose itself. */
const listening = (output: Readable, errors: Readable, child: Child) =>
  new Promise<number>((resolve, reject) => {
    let said = ''
    const fail = () => reject(new Error(`Anvil did not start: ${said.trim().slice(-500)}`))
    const timer = setTimeout(fail, START_MS)
    const hear = (chunk: Buffer) => {
      said += chunk.toString()
      const port = /Listening on [\d.]+:(\d+)/.exec(said)?.[1]
      if (port === undefined) return
      clearTimeout(timer)
      output.off('data', hear)
      resolve(Number(port))
    }
    output.on('data', hear)
    errors.on('data', (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(-10_000)
    })
    child.exited.then(fail)
  })

/**
 * Starts Anvil on loopback with its well-known accounts and waits until it answers. It keeps no file, and ends when this
 * process exits by itself.
 *
 * @throws Error with what Anvil said when it does not start, as on a port that is taken.
 */
export const createAnvil = async ({
  port = 0,
  blockTime,
  chainId = 31337,
  accounts = 10,
  slotsInAnEpoch = 32,
  states = 500,
  genesisTimestamp,
  watchdog,
}: AnvilOptions = {}): Promise<Anvil> => {
  const child = await spawnChild(
    binary(),
    [
      ...['--port', String(port), '--host', '127.0.0.1', '--chain-id', String(chainId)],
      // Pages of other sites could otherwise send transactions from its accounts.
      '--no-cors',
      ...['--accounts', String(accounts), '--slots-in-an-epoch', String(slotsInAnEpoch)],
      ...['--order', 'fifo', '--gas-limit', '60000000', '--prune-history', String(states)],
      ...(blockTime === undefined ? [] : ['--no-mining']),
      ...(genesisTimestamp === undefined ? [] : ['--timestamp', String(genesisTimestamp)]),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], watchdog },
  )
  const kill = () => child.process.kill('SIGKILL')
  process.once('exit', kill)
  let clock: Clock | undefined
  const stop = async () => {
    await clock?.stop()
    await child.stop()
    process.off('exit', kill)
  }
  const { stdout, stderr } = child.process
  if (stdout === null || stderr === null) throw new Error('Anvil without its output')
  try {
    const chosen = await listening(stdout, stderr, child)
    // Nobody reads what it says from now on, but a full pipe would hold it up.
    stdout.resume()
    const url = `http://127.0.0.1:${chosen}`
    const mineEvery = async (seconds: number) => {
      await clock?.stop()
      clock = await createClock(url, seconds)
    }
    if (blockTime !== undefined && blockTime > 0) await mineEvery(blockTime)
    return { url, wsUrl: `ws://127.0.0.1:${chosen}`, port: chosen, pid: child.pid, mineEvery, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
