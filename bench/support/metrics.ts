/** What Ponder's own counters say of one block. All in ms but the counts. */
export interface Breakdown {
  /** Rows that were foreseen, read before the transaction: the slowest of the statements that run together. */
  readonly prefetch: number
  /** Rows that were not, read one after the other while handlers run. */
  readonly reads: number
  readonly readCount: number
  readonly misses: ReadonlyMap<string, number>
  /** Handlers, without those reads. */
  readonly handlers: number
  /** Marking the journal: one statement a table. */
  readonly journal: number
  readonly rest: number
}

type Metrics = ReadonlyMap<string, number>

const label = (key: string, name: string) => new RegExp(`${name}="([^"]*)"`).exec(key)?.[1]

export const breakDown = (before: Metrics, after: Metrics, all: number): Breakdown => {
  const changes = [...after].flatMap(([key, value]) => {
    const change = value - (before.get(key) ?? 0)
    return change === 0 ? [] : [{ key, change }]
  })
  const of = (prefix: string, isIt: (key: string) => boolean = () => true) =>
    changes.filter(({ key }) => key.startsWith(`${prefix}{`) && isIt(key))
  const total = (some: readonly { readonly change: number }[]) =>
    some.reduce((sum, { change }) => sum + change, 0)
  const does = (method: string) => (key: string) => label(key, 'method') === method

  const query = 'ponder_indexing_cache_query_duration'
  const reads = total(of(`${query}_sum`, does('find')))
  const misses = new Map(
    of('ponder_indexing_cache_requests_total', (key) => label(key, 'type') === 'miss').map(
      ({ key, change }) => [label(key, 'table') ?? '', change] as const,
    ),
  )
  const prefetch = Math.max(0, ...of(`${query}_sum`, does('load')).map(({ change }) => change))
  const handlers = Math.max(0, total(of('ponder_indexing_function_duration_sum')) - reads)
  // All statements are handed over at once and wait for each other on one connection, each timed from the start.
  const marks = 'ponder_database_method_duration'
  const [sum, count] = ['sum', 'count'].map((what) =>
    total(of(`${marks}_${what}`, does('commit_block'))),
  )
  const journal = count ? (2 * (sum ?? 0)) / (count + 1) : 0
  return {
    prefetch,
    reads,
    readCount: total([...misses.values()].map((change) => ({ change }))),
    misses,
    handlers,
    journal,
    rest: all - prefetch - reads - handlers - journal,
  }
}
