import { setTimeout as wait } from 'node:timers/promises'
import { BaseError, custom, MethodNotSupportedRpcError, type Transport, toHex } from 'viem'
import { type Asked, hashAsked } from './answers.ts'
import { NodeError } from './errors.ts'
import { createNode } from './node.ts'
import { createFailureReport } from './report.ts'
import type { RpcAddress } from './settings.ts'
import { createSteadyHead } from './steady.ts'

type Log = (message: string, facts: Readonly<Record<string, unknown>>) => void

/** How the indexer asks its chains. */
export interface IndexerChains {
  /** For Ponder's configuration. */
  transport(chainId: number, address: RpcAddress): Transport
  /** Whether a chain did not answer at the start, while another one did: it is to be left out. */
  isAbsent(chainId: number): boolean
}

/** How long a request is repeated that fails while others are answered. */
const PATIENCE_MS = 10_000
/** How long a block is waited for that a node announced and does not know: its neighbours learn of it within a second. */
const UNKNOWN_MS = 5_000
/** How long the first answer of a chain is waited for, when another one has answered. */
const START_MS = 15_000
const LOOK_MS = 5_000

/** Younger than any block that was indexed: Ponder refuses to go back in time. */
const STAND_IN_TIME = 2 ** 40

/** What Ponder asks for before it runs, of a chain that is left out afterwards. */
const standIn = ({ method, params }: Asked, chainId: number): unknown => {
  if (method === 'eth_chainId') return toHex(chainId)
  const [which] = Array.isArray(params) ? (params as readonly unknown[]) : []
  const zeros = (bytes: number) => `0x${'00'.repeat(bytes)}`
  return {
    number: typeof which === 'string' && which.startsWith('0x') ? which : '0x0',
    ...{ hash: zeros(32), parentHash: zeros(32), timestamp: toHex(STAND_IN_TIME) },
    ...{ logsBloom: zeros(256), transactions: [] },
  }
}

/** Ponder does not repeat this one. */
const unrepeated = (error: unknown) =>
  new MethodNotSupportedRpcError(
    new Error(error instanceof BaseError ? error.shortMessage : String(error)),
  )

/**
 * While no node of a chain answers, the indexer waits: nothing is given up, and nothing is asked more than once in two seconds. What
 * fails while the rest is answered is given up after ten seconds, so that the indexer looks at the newest block again; it may
 * be of a block that was reorganised away.
 *
 * A chain of several that is silent at the start is left out of this run; once it answers, `onReturn` is called.
 */
export const createIndexerChains = ({
  log,
  onReturn,
  startMs = START_MS,
}: {
  readonly log: Log
  readonly onReturn: (chainId: number) => void
  readonly startMs?: number
}): IndexerChains => {
  const answered = new Set<number>()
  const absent = new Set<number>()

  const watch = async (chainId: number, isThere: () => Promise<boolean>) => {
    log('the chain does not answer; the indexer starts without it', { chainId })
    while (!(await isThere())) await wait(LOOK_MS)
    log('the chain answers', { chainId })
    onReturn(chainId)
  }

  return {
    isAbsent: (chainId) => absent.has(chainId),
    transport: (chainId, address) => {
      const onFailure = createFailureReport(log, { chainId })
      const node = createNode(address, {
        ...{
          chainId,
          patienceMs: PATIENCE_MS,
          unknownMs: UNKNOWN_MS,
          isPersistent: true,
          onFailure,
        },
      })
      const ask = createSteadyHead(node.request, onFailure)
      const probe = createNode(address, { chainId, patienceMs: 1_000, onFailure })

      /** A call that every node refuses, in whatever words, is not repeated: the state that it asks for may be gone for good. */
      const call = async (asked: Asked): Promise<unknown> => {
        for (;;) {
          try {
            return await probe.request(asked)
          } catch (error) {
            const isSilence =
              error instanceof NodeError && !['ERROR', 'GONE', 'NONSENSE'].includes(error.failure)
            if (!isSilence) throw unrepeated(error)
          }
        }
      }

      /** Its newest block, and the logs of it. */
      const isThere = async (): Promise<boolean> => {
        try {
          const params = ['latest', false]
          const block = await probe.request({ method: 'eth_getBlockByNumber', params })
          const { hash } = block as { readonly hash: string }
          await probe.request({ method: 'eth_getLogs', params: [{ blockHash: hash }] })
          return true
        } catch {
          return false
        }
      }
      let start: Promise<void> | undefined
      const begin = async () => {
        const since = performance.now()
        while (!(await isThere())) {
          const isLate = performance.now() - since >= startMs
          if (isLate && [...answered].some((other) => other !== chainId)) {
            absent.add(chainId)
            void watch(chainId, isThere)
            return
          }
          await wait(Math.min(LOOK_MS, startMs / 10))
        }
        answered.add(chainId)
      }

      const request = async (asked: Asked): Promise<unknown> => {
        start ??= begin()
        await start
        if (absent.has(chainId)) return standIn(asked, chainId)
        if (asked.method === 'eth_call') return call(asked)
        try {
          return await ask(asked)
        } catch (error) {
          // It looks at the newest block instead.
          throw error instanceof NodeError && hashAsked(asked) !== undefined
            ? unrepeated(error)
            : error
        }
      }
      return custom({ request }, { retryCount: 0 })
    },
  }
}
