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
