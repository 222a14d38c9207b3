import { createConfig } from 'ponder'
import {
  custom,
  http,
  InvalidParamsRpcError,
  MethodNotSupportedRpcError,
  ResponseBodyTooLargeError,
  type Transport,
  webSocket,
} from 'viem'
import { pay402WinAbi } from './abis/Pay402Win.ts'
import { paymentTokenAbi } from './abis/PaymentToken.ts'
import { vrfCoordinatorAbi } from './abis/VrfCoordinator.ts'
import { type Deployment, parseDeployments } from './src/domain/Deployment.ts'

const { env } = process
const deployments = parseDeployments(env.DEPLOYMENTS)

/** `<name>_<chainId>`, or the bare name when there is one chain. */
const perChain = (name: string, chainId: number) =>
  env[`${name}_${chainId}`] ?? (deployments.length === 1 ? env[name] : undefined)

const byChain = <Value>(value: (deployment: Deployment) => Value): Record<string, Value> =>
  Object.fromEntries(deployments.map((deployment) => [deployment.name, value(deployment)]))

const isGone = (error: Error) =>
  /(unknown|cannot find|could not find) block|(block|header) (was )?not found/i.test(error.message)

const asksByHash = ({ method, params }: { method: string; params?: unknown }) =>
  /^eth_get(Logs|Block.*|TransactionReceipt)$/.test(method) &&
  /"0x[0-9a-f]{64}"/.test(JSON.stringify(params ?? []))

/** The most that is read of one answer. No block has as many logs. */
const ANSWER_BYTES = 64 * 2 ** 20

/** More than may be read. Ponder halves a range of blocks when a node says so, but does not know viem's words for it. */
const asLimit = (error: Error) =>
  error instanceof ResponseBodyTooLargeError
    ? new InvalidParamsRpcError(new Error('backend response too large'))
    : error

/**
 * A node that says a block is gone. Ponder asks nine times more, over a minute, whatever the error, and indexes nothing
 * meanwhile; but a block that was reorganised away does not come back. This error it does not repeat: it looks at the chain's
 * newest block instead, and sees the reorganisation.
 */
const impatient = (url: string, maxResponseBodySize: number): Transport => {
  const transport = /^wss?:/.test(url) ? webSocket(url) : http(url, { maxResponseBodySize })
  return (options) => {
    const { request } = transport(options)
    return custom({
      request: async (body: Parameters<typeof request>[0]) => {
        try {
          return await request(body)
        } catch (error) {
          if (!(error instanceof Error)) throw error
          throw asksByHash(body) && isGone(error)
            ? new MethodNotSupportedRpcError(error)
            : asLimit(error)
        }
      },
    })(options)
  }
}

const chains = byChain(({ chainId }) => {
  const rpc = perChain('RPC_URL', chainId)
  const ws = perChain('RPC_WS_URL', chainId)
  const blockRange = perChain('RPC_LOGS_BLOCK_RANGE', chainId)
  const answerBytes = Number(perChain('RPC_ANSWER_BYTES', chainId) ?? ANSWER_BYTES)
  return {
    id: chainId,
    rpc: rpc === undefined ? undefined : impatient(rpc, answerBytes),
    pollingInterval: Number(perChain('RPC_POLLING_MS', chainId) ?? 1_000),
    ...(ws === undefined ? {} : { ws }),
    ...(blockRange === undefined ? {} : { ethGetLogsBlockRange: Number(blockRange) }),
  }
})

/** Ponder wants at least one address: where every pool takes the native coin, the game's, which has no such events. */
const ofTokens = ({ address, tokens }: Pick<Deployment, 'address' | 'tokens'>) =>
  tokens.length === 0 ? [address] : [...tokens]

const isLocal = (chainId: number) => chainId === 31337

export default createConfig({
  ordering: 'multichain',
  database: { kind: 'postgres', connectionString: env.DATABASE_URL ?? '' },
  chains,
  contracts: {
    Pay402Win: {
      abi: pay402WinAbi,
      chain: byChain(({ address, startBlock }) => ({ address, startBlock })),
    },
    /**
     * Only what touches the game: transfers to it, and authorisations, which no topic ties to it. Ponder keeps one filter per
     * event of a contract, so transfers from the game are a contract of their own.
     */
    PaymentToken: {
      abi: paymentTokenAbi,
      chain: byChain(({ address, tokens, startBlock }) => ({
        address: ofTokens({ address, tokens }),
        startBlock,
        filter: [
          { event: 'Transfer' as const, args: { from: null, to: address } },
          { event: 'AuthorizationUsed' as const, args: { authorizer: null } },
          { event: 'AuthorizationCanceled' as const, args: { authorizer: null } },
        ],
      })),
    },
    PayoutToken: {
      abi: paymentTokenAbi,
      chain: byChain(({ address, tokens, startBlock }) => ({
        address: ofTokens({ address, tokens }),
        startBlock,
        filter: { event: 'Transfer' as const, args: { from: address, to: null } },
      })),
    },
    VrfCoordinator: {
      abi: vrfCoordinatorAbi,
      chain: byChain(({ address, coordinator, startBlock, subscriptionId }) => ({
        address: coordinator,
        startBlock,
        filter: [
          { event: 'RandomWordsRequested' as const, args: { sender: address } },
          {
            event: 'RandomWordsFulfilled' as const,
            args: subscriptionId === undefined ? {} : { subId: subscriptionId },
          },
        ],
      })),
    },
  },
  blocks: {
    /** Every block of a local chain; elsewhere the live ones, since blocks with events are stored anyway. */
    Block: {
      interval: 1,
      chain: byChain(({ chainId, startBlock }) => ({
        startBlock: isLocal(chainId) ? startBlock : ('latest' as const),
      })),
    },
  },
})
