import { createConfig } from 'ponder'
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

const chains = byChain(({ chainId }) => {
  const ws = perChain('RPC_WS_URL', chainId)
  const blockRange = perChain('RPC_LOGS_BLOCK_RANGE', chainId)
  return {
    id: chainId,
    rpc: perChain('RPC_URL', chainId),
    pollingInterval: Number(perChain('RPC_POLLING_MS', chainId) ?? 1_000),
    ...(ws === undefined ? {} : { ws }),
    ...(blockRange === undefined ? {} : { ethGetLogsBlockRange: Number(blockRange) }),
  }
})

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
    /** Only what touches the game: transfers to or from it, and authorisations, which no topic ties to it. */
    PaymentToken: {
      abi: paymentTokenAbi,
      chain: byChain(({ address, tokens, startBlock }) => ({
        address: tokens,
        startBlock,
        filter: [
          { event: 'Transfer' as const, args: { from: null, to: address } },
          { event: 'Transfer' as const, args: { from: address, to: null } },
          { event: 'AuthorizationUsed' as const, args: { authorizer: null } },
          { event: 'AuthorizationCanceled' as const, args: { authorizer: null } },
        ],
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
