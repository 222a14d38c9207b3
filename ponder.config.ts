import { createConfig } from 'ponder'
import { pay402WinAbi } from './abis/Pay402Win.ts'
import { paymentTokenAbi } from './abis/PaymentToken.ts'
import { vrfCoordinatorAbi } from './abis/VrfCoordinator.ts'
import { createLog } from './log/log.ts'
import { createIndexerChains } from './rpc/indexer.ts'
import { readRpcSettings } from './rpc/settings.ts'
import { type Deployment, parseDeployments } from './src/domain/Deployment.ts'
import { ConfigError } from './src/domain/errors.ts'

const { env } = process
const deployments = parseDeployments(env.DEPLOYMENTS)

const mistakes: string[] = []
const log = createLog('rpc')
const indexerChains = createIndexerChains({
  log: (message, facts) => log.warn(facts, message),
  // Its supervisor starts it again, with all chains.
  onReturn: () => process.kill(process.pid, 'SIGTERM'),
})
/** Ponder runs without the chains that do not answer at its start (stack/patches.ts). */
Object.assign(globalThis, { isAbsentChain: indexerChains.isAbsent })

const byChain = <Value>(value: (deployment: Deployment) => Value): Record<string, Value> =>
  Object.fromEntries(deployments.map((deployment) => [deployment.name, value(deployment)]))

const chains = byChain(({ chainId }) => {
  const settings = readRpcSettings(env, chainId, deployments.length === 1, mistakes)
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  if (settings === undefined)
    throw new ConfigError([`RPC_URL_${chainId} should be the address of a JSON-RPC endpoint`])
  const { wsUrl, logsRange, pollingMs } = settings
  return {
    id: chainId,
    rpc: indexerChains.transport(chainId, { ...settings, batchSize: 1 }),
    pollingInterval: pollingMs,
    ...(wsUrl === undefined ? {} : { ws: wsUrl }),
    ...(logsRange === undefined ? {} : { ethGetLogsBlockRange: logsRange }),
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
