import { createRequire } from 'node:module'
import { arch, platform } from 'node:process'
import { createPublicClient, http } from 'viem'
import { freePort, spawnChild, waitFor } from './process.ts'

/** A local chain of its own process. */
export interface Anvil {
  readonly url: string
  readonly wsUrl: string
  readonly port: number
  readonly pid: number
  stop(): Promise<void>
}

export interface AnvilOptions {
  /** 0 or absent: any free port. A taken one is stepped over. */
  readonly port?: number
  /** Seconds between blocks. Absent: a block for each transaction. 0: only when asked to mine. */
  readonly blockTime?: number
  readonly chainId?: number
}

const SUFFIX: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/** The program itself, not the script around it, so that a signal reaches it and nothing survives us. */
const binary = () => {
  const name = `@foundry-rs/anvil-${platform}-${SUFFIX[arch] ?? arch}`
  const require = createRequire(
    createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json'),
  )
  return require.resolve(`${name}/bin/anvil${platform === 'win32' ? '.exe' : ''}`)
}

/** Starts Anvil on loopback with its well-known accounts and waits until it answers. It keeps no file. */
export const createAnvil = async ({
  port,
  blockTime,
  chainId = 31337,
}: AnvilOptions = {}): Promise<Anvil> => {
  const chosen = await freePort(port)
  const mining =
    blockTime === undefined
      ? []
      : blockTime === 0
        ? ['--no-mining']
        : ['--block-time', String(blockTime)]
  const child = await spawnChild(
    binary(),
    [
      ...['--port', String(chosen), '--host', '127.0.0.1', '--chain-id', String(chainId)],
      ...['--silent', '--order', 'fifo', '--max-persisted-states', '0', '--gas-limit', '60000000'],
      ...mining,
    ],
    { stdio: 'ignore' },
  )
  const url = `http://127.0.0.1:${chosen}`
  const client = createPublicClient({ transport: http(url, { retryCount: 0 }) })
  await waitFor('Anvil', () => client.getChainId(), { timeoutMs: 15_000, everyMs: 20 })
  return {
    url,
    wsUrl: `ws://127.0.0.1:${chosen}`,
    port: chosen,
    pid: child.pid,
    stop: () => child.stop(),
  }
}
