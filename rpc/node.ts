import { setTimeout as wait } from 'node:timers/promises'
import { RpcRequestError } from 'viem'
import {
  type Asked,
  bloomOf,
  doubtOf,
  hashAsked,
  paramsOf,
  problemOf,
  rangeAsked,
} from './answers.ts'
import { createEndpoint, type Endpoint } from './endpoint.ts'
import { NodeError } from './errors.ts'
import { createLogsReader } from './logs.ts'
import { type RpcAddress, settingsOf } from './settings.ts'

/** The nodes of one chain, asked as if they were one that answers. */
export interface Node {
  /**
   * @throws RpcRequestError with what the chain says (a call that reverts); NodeError when no address gave an answer in time
   */
  request(asked: Asked): Promise<unknown>
  /** The addresses by themselves, the preferred one first, to compare them. */
  readonly endpoints: readonly Endpoint[]
}

export interface NodeOptions {
  /** Of the chain that the nodes should be of. One of another chain is never used. Absent, any will do. */
  readonly chainId?: number
  /** Which address is asked first. The auditor and the API begin with the second one, the indexer with the first. */
  readonly first?: number
  /** How long a request is repeated, in ms. Default 20 s. */
  readonly patienceMs?: number
  /** How long a block that no address knows is asked for again, in ms. Default 0. */
  readonly unknownMs?: number
  /** While nothing at all is answered a request waits, however long that is. */
  readonly isPersistent?: boolean
  /** Called at each attempt that failed. */
  readonly onFailure?: (error: NodeError) => void
}

const FIRST_PAUSE_MS = 50
const LAST_PAUSE_MS = 2_000
/** Between two questions for a block that is not there yet: it comes soon, or never. */
const UNKNOWN_PAUSE_MS = 200
/** A node that asks to be left alone for longer is asked nevertheless. */
const LONGEST_REST_MS = 10_000
/** Of nodes that never answered. */
const FIRST_PATIENCE_MS = 5_000
/** Blocks that are remembered, to know what of them to expect. */
const REMEMBERED = 2_048

interface Place extends Endpoint {
  failures: number
  restsUntil: number
  /** The highest block it is known to have. */
  head: number
  /** It said so last that it is of another chain. */
  isWrong: boolean
}

const asNodeError = (error: unknown, host: string): NodeError =>
  error instanceof NodeError
    ? error
    : new NodeError('UNREACHABLE', host, error instanceof Error ? error.message : String(error))

/** Remembers blocks by hash, the newest ones. */
const createMemory = () => {
  const seen = new Map<string, { readonly number: number; readonly hasLogs: boolean }>()
  return {
    of: (hash: string | undefined) => (hash === undefined ? undefined : seen.get(hash)),
    add: (result: unknown) => {
      const block = bloomOf(result)
      if (block === undefined || seen.has(block.hash)) return
      seen.set(block.hash, block)
      const [oldest] = seen.keys()
      if (seen.size > REMEMBERED && oldest !== undefined) seen.delete(oldest)
    },
  }
}

/** Whether it names a block or a transaction that is expected to be there. */
const isExpected = (asked: Asked) =>
  /^eth_get(Block|Transaction)/.test(asked.method) && /^0x/.test(String(paramsOf(asked)[0] ?? ''))

export const createNode = (address: RpcAddress, options: NodeOptions = {}): Node => {
  const { chainId, first = 0, patienceMs = 20_000, unknownMs = 0 } = options
  const settings = settingsOf(address)
  const { urls } = settings
  const places = urls.map((_, at): Place => {
    const url = urls[(at + first) % urls.length] ?? ''
    return {
      ...createEndpoint(url, settings, chainId),
      failures: 0,
      restsUntil: 0,
      head: -1,
      isWrong: false,
    }
  })
  const memory = createMemory()
  let answeredAt = Number.NEGATIVE_INFINITY

  /** The first that does not rest, and is not `except`; otherwise the one whose rest ends first. */
  const choose = (except: Place | undefined): Place => {
    const now = performance.now()
    const awake = places.filter(({ restsUntil }) => restsUntil <= now)
    const chosen =
      awake.find((each) => each !== except) ??
      awake[0] ??
      places.toSorted((a, b) => a.restsUntil - b.restsUntil)[0]
    if (chosen === undefined) throw new Error('a chain without the address of a node')
    return chosen
  }
  const rest = (place: Place, { failure, retryAfterMs }: NodeError) => {
    place.isWrong = failure === 'WRONG_CHAIN'
    if (failure === 'GONE' || failure === 'ERROR' || failure === 'TOO_LARGE') return
    place.failures += 1
    const pause =
      retryAfterMs === undefined
        ? Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(place.failures, 8))
        : Math.min(LONGEST_REST_MS, retryAfterMs)
    place.restsUntil = performance.now() + pause
  }

  /** Whether the chain has another block in the place of one that no node knows any more. */
  const isReplaced = async (asked: Asked, place: Place): Promise<boolean> => {
    const hash = hashAsked(asked)
    const known = memory.of(hash)
    if (known === undefined) return false
    const params = [`0x${known.number.toString(16)}`, false]
    const block = bloomOf(
      await place.ask({ method: 'eth_getBlockByNumber', params }).catch(() => null),
    )
    return block !== undefined && block.hash !== hash
  }

  /** Logs of blocks that the node does not have yet are none, without an error: it has to have the last one. */
  const expectHead = async (asked: Asked, place: Place) => {
    const range = rangeAsked(asked)
    if (range === undefined || range.to <= place.head) return
    const number = Number(await place.ask({ method: 'eth_blockNumber', params: [] }))
    place.head = Math.max(place.head, number)
    if (range.to > number)
      throw new NodeError('GONE', place.host, `has no block ${range.to} yet, only ${number}`)
  }

  const attempt = async (
    place: Place,
    asked: Asked,
  ): Promise<{ result: unknown; doubt?: string }> => {
    const sleep = place.restsUntil - performance.now()
    if (sleep > 0) await wait(sleep)
    const [result] = await Promise.all([place.ask(asked), expectHead(asked, place)])
    const problem = problemOf(asked, result)
    if (problem !== undefined) throw new NodeError('NONSENSE', place.host, `gave ${problem}`)
    const doubt = doubtOf(asked, result, memory.of(hashAsked(asked))?.hasLogs === true)
    if (doubt !== undefined) return { result, doubt }
    place.failures = 0
    place.restsUntil = 0
    place.isWrong = false
    answeredAt = performance.now()
    memory.add(result)
    return { result }
  }

  /** @param isNarrowable a range that is asked for in smaller parts instead of again */
  const repeat = async (asked: Asked, isNarrowable: boolean): Promise<unknown> => {
    const since = performance.now()
    const waited = () => performance.now() - since
    const isOver = ({ failure }: NodeError, attempts: number) => {
      if (failure === 'GONE') return waited() >= unknownMs
      if (isNarrowable && failure !== 'WRONG_CHAIN' && failure !== 'BUSY')
        return attempts >= 2 || failure === 'ERROR' || failure === 'TOO_LARGE'
      const isHopeless = places.every(({ isWrong }) => isWrong)
      if (isHopeless && options.isPersistent !== true) return true
      if (waited() < (answeredAt < 0 ? Math.min(patienceMs, FIRST_PATIENCE_MS) : patienceMs))
        return false
      if (isNarrowable && failure === 'BUSY') return true
      return options.isPersistent !== true || answeredAt >= since
    }
    let last: Place | undefined
    for (let attempts = 1; ; attempts++) {
      const place = choose(last)
      last = place
      let error: NodeError
      let answer: { readonly result: unknown } | undefined
      try {
        const { result, doubt } = await attempt(place, asked)
        if (doubt === undefined && (result !== null || !isExpected(asked) || unknownMs === 0))
          return result
        answer = { result }
        error = new NodeError(
          'GONE',
          place.host,
          doubt === undefined ? 'does not know it' : `gave ${doubt}`,
        )
      } catch (thrown) {
        if (thrown instanceof RpcRequestError) throw thrown
        error = asNodeError(thrown, place.host)
      }
      options.onFailure?.(error)
      rest(place, error)
      const isGone = error.failure === 'GONE'
      if (isOver(error, attempts) || (isGone && attempts > 1 && (await isReplaced(asked, place)))) {
        if (answer !== undefined) return answer.result
        throw error
      }
      if (attempts % places.length > 0) continue
      const pause = FIRST_PAUSE_MS * 2 ** Math.min(attempts / places.length, 8)
      await wait(Math.min(isGone ? UNKNOWN_PAUSE_MS : LAST_PAUSE_MS, pause))
    }
  }

  const readLogs = createLogsReader((asked, isLast) => repeat(asked, !isLast), settings.logsRange)
  return {
    endpoints: places,
    request: (asked) => (rangeAsked(asked) === undefined ? repeat(asked, false) : readLogs(asked)),
  }
}
