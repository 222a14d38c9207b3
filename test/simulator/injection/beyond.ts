/**
 * Kinds of faults that the handlers cannot notice for sure, by the reason. What is not here they must notice every time.
 */
const BEYOND: Readonly<Record<string, readonly string[]>> = {
  'no other log and no rule of the game repeats it': [
    'PoolCreated with another creator',
    'PoolCreated with another drawTimeout',
    'PoolCreated with another maxEntries',
    'PoolCreated with another name',
    'PoolCreated with another tokenDecimals',
    'RoundClosed with another closedBy',
    'X402PaymentSettled with another facilitator',
    'CreditClaimed with another to',
  ],
  'it shows only when the game comes to depend on it: a number drawn, a fee that rounds, a claim': [
    'PoolCreated with another feeBps',
    'PoolCreated with another feeRecipient',
    'PoolCreated with another minEntries',
    'PoolCreated with another token',
    'EntryPlaced with another number',
    'EntryPlaced with another payer',
    'EntryPlaced with another paymentRef',
    'EntryPlaced with another player',
    'RandomnessFulfilled with another randomWord',
    'RoundFinalized dropped',
    'CreditClaimed dropped',
    'PrizePaid with another delivered',
    'EntryRefunded with another delivered',
    'ProtocolFeeCollected with another delivered',
  ],
  'a game in which it was so would be as good': [
    'PrizePaid in another transaction',
    'EntryRefunded in another transaction',
    'CreditClaimed in another transaction',
    'Transaction claiming dropped',
    'Transaction refunding dropped',
    'Transaction settling dropped',
    'Block dropped',
  ],
}

/** A token may log more than the standard asks, in any order, and the coordinator serves others too. */
const OF_OTHERS = [
  'Transfer',
  'AuthorizationUsed',
  'AuthorizationCanceled',
  'RandomWordsRequested',
  'RandomWordsFulfilled',
  'Transaction of tokens alone',
]

/** Is it a fault in what other contracts log? */
export const isOfOthers = (kind: string): boolean =>
  OF_OTHERS.some((name) => kind.startsWith(`${name} `))

/** Why the handlers need not notice it; undefined when they must. */
export const reasonFor = (kind: string): string | undefined =>
  isOfOthers(kind)
    ? 'another contract’s log: it is compared when it is read'
    : Object.keys(BEYOND).find((reason) => BEYOND[reason]?.includes(kind))
