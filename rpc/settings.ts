/** How the nodes of one chain are asked, by every process: the indexer, the auditor, the API and the commands. */
export interface RpcSettings {
  /** http(s) addresses of nodes of the same chain, the preferred one first. They may contain keys: never log one. */
  readonly urls: readonly string[]
  /** The most that is read of one answer, in bytes. No block has as many logs. */
  readonly answerBytes: number
  /** How long one answer may take, its body included. */
  readonly timeoutMs: number
  /** Requests of one post. A node that refuses as many gets fewer. */
  readonly batchSize: number
  /** Posts a second to one node; absent, as many as there are. */
  readonly perSecond?: number
  /** The widest range of blocks of one `eth_getLogs`; absent, as wide as the node takes. */
  readonly logsRange?: number
  /** Where new blocks are announced. */
  readonly wsUrl?: string
  /** Between two questions for the newest block. */
  readonly pollingMs: number
}

/** One or several addresses with commas between them, or all settings. */
export type RpcAddress = string | RpcSettings

type Environment = Readonly<Record<string, string | undefined>>

const DEFAULTS = { answerBytes: 64 * 2 ** 20, timeoutMs: 10_000, batchSize: 100, pollingMs: 1_000 }

const splitUrls = (text: string): readonly string[] =>
  text
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '')

const isHttp = (url: string) => /^https?:\/\/\S+$/.test(url) && URL.canParse(url)

export const settingsOf = (address: RpcAddress): RpcSettings =>
  typeof address === 'string' ? { ...DEFAULTS, urls: splitUrls(address) } : address

/**
 * The variables of one chain: `<name>_<chainId>`, or the bare name when there is one chain. Adds a sentence to `mistakes` for each
 * that is wrong.
 *
 * @returns nothing when no address is set, or one is wrong.
 */
export const readRpcSettings = (
  env: Environment,
  chainId: number,
  isOnly: boolean,
  mistakes: string[],
): RpcSettings | undefined => {
  const set = (name: string) => (env[name]?.trim() === '' ? undefined : env[name]?.trim())
  const nameOf = (name: string) =>
    isOnly && set(`${name}_${chainId}`) === undefined ? name : `${name}_${chainId}`
  const count = (name: string, expected: string, most = 999_999_999) => {
    const text = set(nameOf(name))
    if (text === undefined) return undefined
    if (/^[1-9]\d{0,8}$/.test(text) && Number(text) <= most) return Number(text)
    mistakes.push(`${nameOf(name)} should be ${expected}`)
    return undefined
  }
  const urls = splitUrls(set(nameOf('RPC_URL')) ?? '')
  if (!urls.every(isHttp))
    mistakes.push(
      `${nameOf('RPC_URL')} should be the http(s) address of a JSON-RPC endpoint, or several with commas between them`,
    )
  const wsUrl = set(nameOf('RPC_WS_URL'))
  if (wsUrl !== undefined && !/^wss?:\/\/\S+$/.test(wsUrl))
    mistakes.push(`${nameOf('RPC_WS_URL')} should be the ws(s) address of a JSON-RPC endpoint`)
  const perSecond = count('RPC_REQUESTS_PER_SECOND', 'posts a second, a whole number above 0')
  const logsRange = count('RPC_LOGS_BLOCK_RANGE', 'a number of blocks, a whole number above 0')
  const settings = {
    urls,
    answerBytes:
      count('RPC_ANSWER_BYTES', 'the most bytes of one answer, a whole number above 0') ??
      DEFAULTS.answerBytes,
    timeoutMs:
      count('RPC_TIMEOUT_MS', 'milliseconds, a whole number from 1 to 600000', 600_000) ??
      DEFAULTS.timeoutMs,
    batchSize:
      count('RPC_BATCH_SIZE', 'requests of one post, a whole number from 1 to 10000', 10_000) ??
      DEFAULTS.batchSize,
    pollingMs:
      count('RPC_POLLING_MS', 'milliseconds between two polls, a whole number above 0') ??
      DEFAULTS.pollingMs,
    ...(perSecond === undefined ? {} : { perSecond }),
    ...(logsRange === undefined ? {} : { logsRange }),
    ...(wsUrl === undefined ? {} : { wsUrl }),
  }
  return urls.length > 0 && urls.every(isHttp) ? settings : undefined
}
