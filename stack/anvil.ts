import { createRequire } from 'node:module'
import { arch, platform } from 'node:process'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { type Child, spawnChild } from './process.ts'

/** A local chain of its own process. */
export interface Anvil {
  readonly url: string
  readonly wsUrl: string
  readonly port: number
  readonly pid: number
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
  /** Where it may put states that do not fit in memory. Default `.data/anvil` in the project. */
  readonly cache?: string
  /** Unix seconds of block 0. Absent: now, so that no two chains have a hash in common. */
  readonly genesisTimestamp?: number
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
  cache = fileURLToPath(new URL('../.data/anvil', import.meta.url)),
  genesisTimestamp,
}: AnvilOptions = {}): Promise<Anvil> => {
  const mining =
    blockTime === undefined
      ? []
      : blockTime === 0
        ? ['--no-mining']
        : ['--block-time', String(blockTime)]
  const child = await spawnChild(
    binary(),
    [
      ...['--port', String(port), '--host', '127.0.0.1', '--chain-id', String(chainId)],
      ...['--accounts', String(accounts), '--slots-in-an-epoch', String(slotsInAnEpoch)],
      ...[
        '--order',
        'fifo',
        '--max-persisted-states',
        '0',
        '--cache-path',
        cache,
        '--gas-limit',
        '60000000',
      ],
      ...mining,
      ...(genesisTimestamp === undefined ? [] : ['--timestamp', String(genesisTimestamp)]),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const kill = () => child.process.kill('SIGKILL')
  process.once('exit', kill)
  const stop = async () => {
    await child.stop()
    process.off('exit', kill)
  }
  const { stdout, stderr } = child.process
  if (stdout === null || stderr === null) throw new Error('Anvil without its output')
  try {
    const chosen = await listening(stdout, stderr, child)
    // Nobody reads what it says from now on, but a full pipe would hold it up.
    stdout.resume()
    return {
      url: `http://127.0.0.1:${chosen}`,
      wsUrl: `ws://127.0.0.1:${chosen}`,
      port: chosen,
      pid: child.pid,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
