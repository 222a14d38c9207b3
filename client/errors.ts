/** Why a feed was interrupted, or ended. */
export class FeedError extends Error {
  override readonly name = 'FeedError'
  /**
   * `extensions.code` of the API, `HTTP_503`, `CLOSED_1012`, or one of `CONNECTION_LOST`, `SILENCE`, `BAD_ANSWER`, `BAD_URL`,
   * `BAD_KEY`, `NO_WEBSOCKET`, `BEHIND`, `COMPLETE`, `HANDLER_FAILED`.
   */
  readonly code: string
  /** The caller's mistake: the feed has ended, because trying again would change nothing. */
  readonly isFinal: boolean

  constructor(code: string, message: string, options: { isFinal?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.isFinal = options.isFinal ?? false
  }
}

const MISTAKES: ReadonlySet<unknown> = new Set([
  'BAD_USER_INPUT',
  'CURSOR_FOREIGN',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'QUERY_TOO_COMPLEX',
  'UNAUTHENTICATED',
])

/** Refused by policy, too big, and what graphql-transport-ws closes with when the client is wrong. */
const MISTAKEN_CLOSES: ReadonlySet<number> = new Set([
  1008, 1009, 4400, 4401, 4403, 4406, 4409, 4429,
])

/** What a proxy says while nobody stands behind it, and what asks to come back later. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([404, 408, 425, 429])

/** One error of a GraphQL answer. */
export interface Problem {
  readonly message?: string
  readonly extensions?: { readonly code?: unknown }
}

/** What the API says is wrong. */
export const refusedBy = (
  problems: readonly Problem[],
  otherwise = 'BAD_ANSWER',
  isFinal = false,
): FeedError => {
  const worst = problems.find(({ extensions }) => MISTAKES.has(extensions?.code)) ?? problems[0]
  const code = worst?.extensions?.code
  return new FeedError(typeof code === 'string' ? code : otherwise, worst?.message ?? otherwise, {
    isFinal: isFinal || MISTAKES.has(code),
  })
}

export const closedWith = (code: number, reason: string): FeedError =>
  new FeedError(`CLOSED_${code}`, reason === '' ? `the socket closed with ${code}` : reason, {
    isFinal: MISTAKEN_CLOSES.has(code),
  })

/** An answer that is not an event stream; `problems` are those of its body. */
export const answeredWith = (status: number, problems: readonly Problem[]): FeedError =>
  refusedBy(
    problems,
    `HTTP_${status}`,
    status >= 400 && status < 500 && !PASSING_STATUSES.has(status),
  )

/** Whatever was thrown: what is not ours is the network's. */
export const toFeedError = (error: unknown): FeedError =>
  error instanceof FeedError
    ? error
    : new FeedError('CONNECTION_LOST', error instanceof Error ? error.message : String(error), {
        cause: error,
      })
