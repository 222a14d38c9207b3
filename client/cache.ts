/**
 * What normalised caches must know of this API. Types without an id are parts of the object above them: a pool's stats, an amount of
 * money. Two components that select different fields of such a part would otherwise overwrite one another's, and ask again for ever.
 */
const PARTS = [
  'ActivityConnection',
  'ActivityEdge',
  'AuditCheck',
  'Bucket',
  'Check',
  'DrawVerification',
  'EntryAggregate',
  'EntryConnection',
  'EntryEdge',
  'FeedAppend',
  'FeedUndo',
  'IndexerStatus',
  'IntegrityIssueConnection',
  'IntegrityIssueEdge',
  'LeaderboardConnection',
  'LeaderboardEdge',
  'LeaderboardEntry',
  'LeaderboardUpdate',
  'LivePool',
  'Money',
  'MoneyAggregate',
  'PageInfo',
  'Participation',
  'PayoutAggregate',
  'PayoutConnection',
  'PayoutEdge',
  'PlayerConnection',
  'PlayerEdge',
  'PlayerToken',
  'PoolConnection',
  'PoolEdge',
  'PoolNumber',
  'PoolStats',
  'PrizePoolPoint',
  'RankMove',
  'Reconciliation',
  'RoundConnection',
  'RoundEdge',
  'RoundNumber',
  'Token',
  'TokenTotals',
  'TransactionRef',
  'TransactionStatus',
  'X402PaymentConnection',
  'X402PaymentEdge',
] as const

/** What Apollo Client gives a merge function, as far as it is used here. */
interface MergeTools {
  readonly readField: (field: string, from: never) => unknown
  readonly mergeObjects: (existing: never, incoming: never) => unknown
}

/** Fields of two different blocks are never mixed. Select `number` wherever you select a head. */
const mergeHeads = <Head>(
  existing: Head | undefined,
  incoming: Head,
  { readField, mergeObjects }: MergeTools,
): Head => {
  if (existing === undefined) return incoming
  const read = (field: string) =>
    [existing, incoming].map((head) => readField(field, head as never))
  const [number, nextNumber] = read('number')
  const [hash, nextHash] = read('hash')
  const isOne = number !== undefined && number === nextNumber
  const isSame = hash === undefined || nextHash === undefined || hash === nextHash
  if (!isOne || !isSame) return incoming
  return (mergeObjects(existing as never, incoming as never) as Head | undefined) ?? incoming
}

/** For Apollo Client: `new InMemoryCache({ typePolicies })`. */
export const typePolicies = {
  ...(Object.fromEntries(PARTS.map((name) => [name, { merge: true }])) as Record<
    (typeof PARTS)[number],
    { merge: true }
  >),
  Head: { merge: mergeHeads },
}

/** For urql's Graphcache: `cacheExchange({ keys })`. */
export const keys = Object.fromEntries(
  [...PARTS, 'Head' as const].map((name) => [name, () => null]),
) as Record<(typeof PARTS)[number] | 'Head', () => null>
