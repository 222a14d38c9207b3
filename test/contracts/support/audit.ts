import { type Hex, zeroAddress } from 'viem'
import { explain, rules } from './auditRules.ts'
import { type Facts, fail, type Round, type State, sum, zeroState, zeroTx } from './auditState.ts'
import type { Log, Tx } from './logs.ts'

/**
 * Checks a stream of transactions against the invariants of the game, from its logs alone. Numbers in the messages are those
 * of the specification. It shares no code with src/domain on purpose.
 */
export const createAudit = (game: Hex) => {
  const state = zeroState(game)
  return {
    /** @throws when a log, or the transaction as a whole, cannot be. */
    transaction: (tx: Pick<Tx, 'logs' | 'timestamp'>) => {
      state.tx = zeroTx(tx.timestamp)
      for (const log of tx.logs) observe(state, log)
      close(state)
    },
    /** 12: what the game owes, by the state of its rounds, and by what came in and went out. */
    liabilities: (token: Hex) => owed(state, token),
    tokens: () => [...new Set([...state.pools.values()].map(({ token }) => token))],
    /** How many rounds came to each end; for a test that wants to know what it has seen. */
    ends: () => {
      const rounds = [...state.pools.values()].flatMap((pool) => [...pool.rounds.values()])
      return Object.groupBy(rounds, ({ status }) => status)
    },
  }
}

const owed = (state: State, token: Hex) => {
  const rounds = [...state.pools.values()]
    .filter((pool) => pool.token === token)
    .flatMap((pool) => [...pool.rounds.values()])
  const credits = sum(
    [...state.credits].map(([key, amount]) => (key.endsWith(token) ? amount : 0n)),
  )
  const byState = sum(rounds.map(debtOf)) + credits
  if (byState !== (state.flows.get(token) ?? 0n))
    fail('12: came in − delivered − claimed is not what is owed', { token, byState })
  return byState
}

const debtOf = (round: Round): bigint => {
  switch (round.status) {
    case 'OPEN':
    case 'DRAWING':
      return round.prizePool + round.feeAccrued
    case 'DRAWN':
      return BigInt(round.winners - round.paid.size) * round.prizePerEntry
    case 'CANCELLED':
      return round.gross - round.refunds
    default:
      return 0n
  }
}

const close = (state: State) => {
  const { run, settling, tx } = state
  if (run !== undefined) fail('17: entries without PrizePoolUpdated', run)
  if (settling !== undefined) fail('14: x402 entries without X402PaymentSettled', settling)
  for (const { token, to, amount } of tx.claims)
    if (token !== zeroAddress) explain(state, token, state.game, to, amount)
  if (tx.used.length > 0) fail('14: an authorisation of the game without entries', tx)
  // Anybody may send the game a token; nothing may leave it unexplained.
  if (tx.moves.some(({ isExpected, from }) => !isExpected && from === state.game))
    fail('12: a transfer that nothing explains', tx)
  for (const pool of state.pools.values()) {
    const rounds = [...pool.rounds.values()]
    const playing = rounds.filter(({ status }) => status === 'OPEN' || status === 'DRAWING')
    if (playing.length !== 1) fail('16: not exactly one round open or drawing', pool)
    for (const round of rounds) {
      const { status } = round
      if (status === 'DRAWING' && round.requestId === undefined)
        fail('closed, not requested', round)
      if (status === 'FULFILLED') fail('18: fulfilled, not drawn', round)
      const isDrawn = status === 'DRAWN' || status === 'SETTLED' || status === 'ROLLED_OVER'
      if (isDrawn && round.feeAccrued !== (round.fees ?? 0n))
        fail('10: the fee was not taken', round)
      if (status === 'DRAWN' && round.winners === round.paid.size) fail('18: not final', round)
      if (status === 'CANCELLED' && !round.isFinal && round.refunds === round.gross)
        fail('18: not final', round)
    }
  }
}

const observe = (state: State, { name, address, args }: Log) => {
  const event = args as Facts
  const run = rules[name]
  if (run === undefined) {
    if (name.endsWith('.Transfer')) {
      const isOurs = event.from === state.game || event.to === state.game
      if (isOurs) state.tx.moves.push({ ...event, token: address, isExpected: false })
    } else if (name.endsWith('.AuthorizationUsed')) state.tx.used.push(event)
    else if (!IGNORED.some((suffix) => name.endsWith(suffix))) fail('an unknown log', { name })
    return
  }
  if (state.run !== undefined && name !== 'EntryPlaced' && name !== 'PrizePoolUpdated')
    fail('17: entries interrupted', { name })
  if (state.settling !== undefined && name !== 'X402PaymentSettled')
    fail('14: entries not settled at once', { name })
  run(state, event)
}
const IGNORED = ['.Approval', '.AuthorizationCanceled', '.RandomWordsFulfilled']
