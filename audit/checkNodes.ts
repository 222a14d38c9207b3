import type { Hex } from 'viem'
import type { Endpoint } from '../rpc/endpoint.ts'
import { NodeError } from '../rpc/errors.ts'
import type { Finding, Ledger } from './ledger.ts'
import { createPace } from './moment.ts'

const DISAGREES = 'RPC_DISAGREES'
const SILENT = 'CHAIN_SILENT'
/** Nodes may differ for a moment about the newest blocks. */
const NEWEST = 4
/** Further behind the others than this is far. */
const FAR = 16
/** Seen so often in a row. */
const OFTEN = 2
/** A chain is silent after so many of its block times, and never sooner than in a minute. */
const BLOCK_TIMES = 30
const SOONEST_MS = 60_000
/** Blocks over which the time of one is measured. */
const MEASURED = 20

export interface NodesOptions {
  readonly chainId: number
  readonly endpoints: readonly Endpoint[]
  readonly ledger: Ledger
  readonly everyMs: number
  /** After this long without a new block the chain is silent, in ms; absent, it follows from its block time. Infinity: never. */
  readonly silentMs?: number
}

interface Seen {
  readonly number: number
  readonly hash: Hex
  readonly timestamp: number
}

type Look = { readonly host: string } & (
  | { readonly seen: Seen; readonly error?: undefined }
  | { readonly seen?: undefined; readonly error: Error }
)

const ask = async (endpoint: Endpoint, which: number | 'latest'): Promise<Seen | undefined> => {
  const tag = which === 'latest' ? which : `0x${which.toString(16)}`
  const block = (await endpoint.ask({
    ...{ method: 'eth_getBlockByNumber', params: [tag, false] },
  })) as { number: Hex; hash: Hex; timestamp: Hex } | null
  return block === null
    ? undefined
    : { number: Number(block.number), hash: block.hash, timestamp: Number(block.timestamp) }
}

const lookAt = async (endpoint: Endpoint): Promise<Look> => {
  const { host } = endpoint
  try {
    const seen = await ask(endpoint, 'latest')
    return seen === undefined ? { host, error: new Error('no newest block') } : { host, seen }
  } catch (error) {
    return { host, error: error instanceof Error ? error : new Error(String(error)) }
  }
}

/**
 * Compares the nodes of a chain with one another, and with the clock: one of another chain, one with another block below the newest
 * few, one far behind; and a chain of which no node has a new block.
 */
export const createNodesCheck = ({
  chainId,
  endpoints,
  ledger,
  everyMs,
  ...options
}: NodesOptions) => {
  const pace = createPace(everyMs)
  const suspicions = new Map<string, number>()
  let moved = { name: '', at: performance.now() }
  let silentMs = options.silentMs

  const now = () => Math.floor(Date.now() / 1000)
  const finding = (
    invariant: string,
    scope: string,
    expected: string,
    actual: string,
    at: number,
  ): Finding => ({
    id: `${chainId}-${invariant}-${scope}`,
    ...{ chainId, invariant, scope, expected, actual, blockNumber: at, timestamp: now() },
  })

  /** What is wrong with a node beside the one that is furthest. */
  const compare = async (look: Look, best: Look & { seen: Seen }): Promise<Finding | undefined> => {
    const { host, seen, error } = look
    const { number } = best.seen
    const scope = `node ${host}`
    if (error !== undefined)
      return error instanceof NodeError && error.failure === 'WRONG_CHAIN'
        ? finding(DISAGREES, scope, `chain ${chainId}`, error.shortMessage, number)
        : undefined
    if (host === best.host) return undefined
    if (number - seen.number > FAR)
      return finding(
        DISAGREES,
        scope,
        `block ${number} of ${best.host}`,
        `block ${seen.number}`,
        number,
      )
    const height = Math.min(number, seen.number) - NEWEST
    const [one, other] = [best.host, host].map((each) => endpoints.find((it) => it.host === each))
    if (height < 0 || one === undefined || other === undefined) return undefined
    const [expected, actual] = await Promise.all([ask(one, height), ask(other, height)])
    return expected === undefined || actual === undefined || expected.hash === actual.hash
      ? undefined
      : finding(
          ...([DISAGREES, scope, `block ${height} ${expected.hash} of ${best.host}`] as const),
          ...([`block ${height} ${actual.hash}`, height] as const),
        )
  }

  const patience = async (best: Seen, endpoint: Endpoint | undefined): Promise<number> => {
    if (options.silentMs !== undefined) return options.silentMs
    if (silentMs !== undefined || best.number < MEASURED || endpoint === undefined)
      return silentMs ?? SOONEST_MS
    const before = await ask(endpoint, best.number - MEASURED)
    const blockMs = ((best.timestamp - (before?.timestamp ?? best.timestamp)) / MEASURED) * 1000
    silentMs = Math.max(SOONEST_MS, blockMs * BLOCK_TIMES)
    return silentMs
  }

  const silence = async (looks: readonly Look[], best: (Look & { seen: Seen }) | undefined) => {
    const name = best === undefined ? moved.name : `${best.seen.number} ${best.seen.hash}`
    if (name !== moved.name) moved = { name, at: performance.now() }
    const endpoint = endpoints.find(({ host }) => host === best?.host)
    const most = best === undefined ? (silentMs ?? SOONEST_MS) : await patience(best.seen, endpoint)
    const silentFor = performance.now() - moved.at
    if (silentFor < most) return undefined
    const seconds = Math.round(silentFor / 1000)
    const last = best === undefined ? looks[0]?.error?.message : `block ${best.seen.number}`
    return finding(
      ...([SILENT, `chain ${chainId}`, `a new block within ${Math.round(most / 1000)} s`] as const),
      ...([`none for ${seconds} s: ${last}`, best?.seen.number ?? 0] as const),
    )
  }

  return async (): Promise<boolean> => {
    if (!pace.isDue()) return false
    const looks = await Promise.all(endpoints.map(lookAt))
    const best = looks
      .filter((look): look is Look & { seen: Seen } => look.seen !== undefined)
      .toSorted((a, b) => b.seen.number - a.seen.number)[0]
    const suspected =
      best === undefined ? [] : await Promise.all(looks.map((look) => compare(look, best)))
    const found: Finding[] = []
    for (const each of suspected) {
      if (each === undefined) continue
      const times = (suspicions.get(each.id) ?? 0) + 1
      suspicions.set(each.id, times)
      if (times >= OFTEN) found.push(each)
    }
    const ids = new Set(suspected.map((each) => each?.id))
    for (const id of suspicions.keys()) if (!ids.has(id)) suspicions.delete(id)
    const silent = await silence(looks, best)
    if (silent !== undefined) found.push(silent)
    await ledger.report(found)
    const still = new Set([...ids, silent?.id])
    for (const invariant of [DISAGREES, SILENT]) {
      const open = await ledger.open(chainId, invariant)
      await ledger.resolve(
        open.map(({ id }) => id).filter((id) => !still.has(id)),
        now(),
      )
    }
    pace.taken()
    if (best === undefined) throw looks[0]?.error ?? new Error('no node answers')
    return true
  }
}
