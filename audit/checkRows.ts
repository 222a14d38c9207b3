import { listMismatchedPayments, listUnfinishedRounds } from '../src/api/db/audit.ts'
import { type PaymentRow, paymentsById } from '../src/api/db/payment.ts'
import type { Finding } from './ledger.ts'
import { type Audited, inSnapshot } from './moment.ts'

const LIMIT = 100
const ROUND = 'COMPLETENESS'
const PAYMENT = 'X402_PAYMENT'

/** At each new head: rounds with nothing left to pay that are not final, payments that do not agree with their entries. */
export const createRowsCheck = (audited: Audited) => {
  const { ledger, deployment } = audited
  const { chainId } = deployment
  let seen = ''
  /** Payments up to here can change no more. */
  let finalTo = 0

  const ofPayment = (payment: PaymentRow): Omit<Finding, 'timestamp'> => ({
    id: `${chainId}-${PAYMENT}-${payment.token}-${payment.authorizer}-${payment.nonce}`,
    ...{ chainId, invariant: PAYMENT, blockNumber: payment.blockNumber },
    scope: `payment ${payment.id}`,
    expected: 'amount, price, entries and nonces that agree',
    actual: `MISMATCH: amount ${payment.amount}, entries ${payment.entryCount ?? 0} from ${payment.firstEntryId ?? 'none'}`,
  })

  return async (): Promise<boolean> => {
    const openPayments = await ledger.open(chainId, PAYMENT)
    const found = await inSnapshot(audited, async (db, { head, tablesId }) => {
      const name = `${tablesId} ${head.number} ${head.hash}`
      if (name === seen) return undefined
      const ids = openPayments.map(({ scope }) => scope.replace(/^payment /, ''))
      return {
        ...{ head, name },
        rounds: await listUnfinishedRounds(db, chainId, LIMIT),
        payments: await listMismatchedPayments(db, chainId, finalTo, LIMIT),
        before: ids.length === 0 ? [] : await paymentsById(db, ids),
      }
    })
    if (found === undefined) return seen !== ''
    const { head, rounds, payments, before } = found
    const { number: blockNumber, timestamp } = head

    const unfinished = rounds.map(({ id, status, prizesPaid, refunded }) => ({
      ...{ id: `${chainId}-${ROUND}-${id}`, chainId, invariant: ROUND, scope: `round ${id}` },
      ...{ expected: 'final', actual: `${status}, paid ${prizesPaid}, refunded ${refunded}` },
      ...{ blockNumber, timestamp },
    }))
    const still = new Set(unfinished.map(({ id }) => id))
    const openRounds = await ledger.open(chainId, ROUND)
    await ledger.report([
      ...unfinished,
      ...payments.map((payment) => ({ ...ofPayment(payment), timestamp })),
    ])
    await ledger.resolve(
      openRounds.filter(({ id }) => !still.has(id)).map(({ id }) => id),
      timestamp,
    )
    const resolved = openPayments.filter((_, at) => before[at]?.linkStatus !== 'MISMATCH')
    const again = new Set(payments.map((payment) => ofPayment(payment).id))
    await ledger.resolve(
      resolved.filter(({ id }) => !again.has(id)).map(({ id }) => id),
      timestamp,
    )
    if (payments.length < LIMIT) finalTo = head.finalizedNumber
    seen = found.name
    return true
  }
}
