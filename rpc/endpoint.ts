import { HttpRequestError, ResponseBodyTooLargeError, RpcRequestError } from 'viem'
import { getHttpRpcClient } from 'viem/utils'
import { type Asked, paramsOf } from './answers.ts'
import { createBatches } from './batches.ts'
import { NodeError } from './errors.ts'
import type { RpcSettings } from './settings.ts'
import { saysBusy, saysGone, saysReverted } from './wording.ts'

/** One address of a chain. */
export interface Endpoint {
  /** Host and port: the rest of an address may be a key. */
  readonly host: string
  /**
   * One answer, as the node gave it, of a node that proved lately to be one of the chain.
   *
   * @throws RpcRequestError with what the chain says (a call that reverts); NodeError for anything else
   */
  ask(asked: Asked): Promise<unknown>
}

/** How long a proof of the chain id is good. */
const PROOF_MS = 10_000
/** After the node of another chain answered. */
const WRONG_MS = 30_000

interface Reply {
  readonly id?: unknown
  readonly result?: unknown
  readonly error?: unknown
}

const isReply = (value: unknown): value is Reply =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const retryAfter = (headers: Headers | undefined): number | undefined => {
  const text = headers?.get('retry-after') ?? ''
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1000
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now())
}

/** What a JSON-RPC error says, its data included. */
const read = (error: unknown): { code: number; message: string; data?: unknown } => {
  if (!isReply(error)) return { code: 0, message: String(error) }
  const { code, message, data } = error as { code?: unknown; message?: unknown; data?: unknown }
  const more = typeof data === 'string' || data === undefined ? '' : ` ${JSON.stringify(data)}`
  return {
    code: typeof code === 'number' ? code : 0,
    message: `${typeof message === 'string' ? message : JSON.stringify(error)}${more}`,
    ...(data === undefined ? {} : { data }),
  }
}

const CALLS = /^eth_(call|estimateGas|send.*)$/

/** A JSON-RPC error, as one of ours, or as viem's when it is the chain's answer. */
const fromAnswer = (host: string, asked: Asked, error: unknown, response?: Response) => {
  const answer = read(error)
  if (CALLS.test(asked.method) && saysReverted(answer.code, answer.message))
    return new RpcRequestError({ body: { ...asked }, error: answer, url: host })
  const retryAfterMs = retryAfter(response?.headers)
  const isBusy =
    response?.status === 429 || response?.status === 503 || saysBusy(answer.code, answer.message)
  if (isBusy)
    return new NodeError('BUSY', host, `is asked too often: ${answer.message}`, {
      ...{ retryAfterMs, answer },
    })
  const isGone = saysGone(answer.message) && /^eth_get(Logs|Block|Transaction)/.test(asked.method)
  return new NodeError(
    isGone ? 'GONE' : 'ERROR',
    host,
    `answered ${asked.method} with an error: ${answer.message}`,
    { answer },
  )
}

/** What a post met, without the address that viem names. */
const fromPost = (host: string, error: unknown, timeoutMs: number): NodeError => {
  if (error instanceof ResponseBodyTooLargeError)
    return new NodeError('TOO_LARGE', host, 'gave an answer of more bytes than RPC_ANSWER_BYTES')
  if (error instanceof HttpRequestError && error.status !== undefined) {
    const { status, headers } = error
    const retryAfterMs = retryAfter(headers)
    if (status === 429 || status === 503)
      return new NodeError('BUSY', host, `is asked too often: status ${status}`, { retryAfterMs })
    if (status === 413) return new NodeError('TOO_LARGE', host, 'says that this is too large (413)')
    return status >= 500
      ? new NodeError('UNREACHABLE', host, `answered with status ${status}: ${error.details}`)
      : new NodeError('REFUSED', host, `refused with status ${status}`)
  }
  const cause: unknown = error instanceof HttpRequestError ? error.cause : error
  if (cause instanceof SyntaxError) return new NodeError('NONSENSE', host, 'gave no JSON')
  if (cause instanceof Error && /^(Abort|Timeout)Error$/.test(cause.name))
    return new NodeError('UNREACHABLE', host, `did not answer within ${timeoutMs} ms`)
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  const code = inner instanceof Error && 'code' in inner ? String(inner.code) : 'no connection'
  return new NodeError('UNREACHABLE', host, `cannot be reached (${code})`)
}

/** At most so many posts a second. */
const createPace = (perSecond: number | undefined) => {
  let next = 0
  return async () => {
    if (perSecond === undefined) return
    const now = performance.now()
    const at = Math.max(now, next)
    next = at + 1000 / perSecond
    if (at > now) await new Promise((resolve) => setTimeout(resolve, at - now))
  }
}

/** @param chainId of the chain that the node should be of; absent, any will do */
export const createEndpoint = (
  url: string,
  settings: RpcSettings,
  chainId: number | undefined,
): Endpoint => {
  const { host } = new URL(url)
  const { timeoutMs, answerBytes, batchSize } = settings
  const client = getHttpRpcClient(url, { timeout: 0, maxResponseBodySize: answerBytes })
  const pace = createPace(settings.perSecond)

  const post = async (body: object): Promise<{ data: unknown; response: Response | undefined }> => {
    await pace()
    let response: Response | undefined
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      const data: unknown = await client.request({
        body: body as { method: string },
        fetchOptions: { signal },
        onResponse: (each) => {
          response = each
        },
      })
      return { data, response }
    } catch (error) {
      throw fromPost(host, error, timeoutMs)
    }
  }

  const interpret = (asked: Asked, reply: unknown, response?: Response): unknown => {
    if (!isReply(reply)) throw new NodeError('NONSENSE', host, `gave no answer to ${asked.method}`)
    if (reply.error !== undefined && reply.error !== null)
      throw fromAnswer(host, asked, reply.error, response)
    if (reply.result === undefined)
      throw new NodeError('NONSENSE', host, `gave no answer to ${asked.method}`)
    return reply.result
  }
  const bodyOf = ({ method }: Asked, params: readonly unknown[], id: number) => ({
    ...{ jsonrpc: '2.0', id, method, params },
  })

  const askOne = async (asked: Asked) => {
    const { data, response } = await post(bodyOf(asked, paramsOf(asked), 1))
    return interpret(asked, data, response)
  }
  const askMany = async (all: readonly Asked[]) => {
    const { data, response } = await post(all.map((each, id) => bodyOf(each, paramsOf(each), id)))
    if (!Array.isArray(data)) {
      const error = isReply(data) ? data.error : undefined
      if (error === undefined) throw new NodeError('NONSENSE', host, 'gave no list of answers')
      throw fromAnswer(host, { method: 'a batch' }, error, response)
    }
    const byId = new Map(
      (data as readonly unknown[]).map((each) => [isReply(each) && each.id, each]),
    )
    if (!all.some((_, id) => byId.has(id)))
      throw new NodeError('NONSENSE', host, 'gave a list without any of the answers')
    return all.map((each, id) => () => interpret(each, byId.get(id), response))
  }
  const send = createBatches({ askOne, askMany, size: batchSize })

  let proof: { readonly at: number; readonly answer: Promise<unknown> } | undefined
  const prove = async (): Promise<void> => {
    if (chainId === undefined) return
    if (proof === undefined || performance.now() - proof.at > PROOF_MS) {
      const answer = send({ method: 'eth_chainId', params: [] })
      proof = { at: performance.now(), answer }
      answer.catch(() => {
        proof = undefined
      })
    }
    const said = await proof.answer
    if (typeof said !== 'string' || !/^0x[0-9a-f]+$/i.test(said)) {
      proof = undefined
      throw new NodeError('NONSENSE', host, 'does not say which chain it is of')
    }
    if (Number(said) === chainId) return
    throw new NodeError(
      ...(['WRONG_CHAIN', host, `is one of chain ${Number(said)}, not of ${chainId}`] as const),
      { retryAfterMs: WRONG_MS },
    )
  }

  return {
    host,
    ask: async (asked) => {
      const [result] = await Promise.all([send(asked), prove()])
      return result
    },
  }
}
