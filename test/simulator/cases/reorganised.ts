import { isNamed, type Seen } from '../history.ts'
import type { Case } from './names.ts'
import { roundKey } from './scene.ts'

/** The cases that a reorganisation plays: what was in the forgotten blocks against what is in those that took their place. */
export const reorganised = function* (
  forgotten: readonly Seen[],
  added: readonly Seen[],
): Iterable<Case> {
  if (forgotten.length >= 20) yield 'REORG_OF_TWENTY'
  const [was, is] = [forgotten, added].map((blocks) => {
    const logs = blocks.flatMap((block) => block.logs)
    const payments = logs.filter(isNamed('X402PaymentSettled'))
    return {
      players: new Map(
        logs.filter(isNamed('EntryPlaced')).map(({ args }) => [args.entryId, args.player]),
      ),
      payments: new Map(
        payments.map(({ args, blockNumber, logIndex }) => [
          args.nonce,
          `${blockNumber} ${logIndex} ${args.firstEntryId}`,
        ]),
      ),
      draws: new Map(
        logs
          .filter(isNamed('RoundDrawn'))
          .map((log) => [roundKey(log), log.args.winningNumber] as const),
      ),
      claims: logs.filter(isNamed('CreditClaimed')).map(({ args }) => args.account),
    }
  })
  if (was === undefined || is === undefined) return
  for (const [entryId, player] of was.players) {
    const next = is.players.get(entryId)
    if (next === undefined) yield 'REORG_REMOVES_ENTRY'
    else if (next !== player) yield 'REORG_GIVES_ENTRY_ID_AWAY'
  }
  for (const [nonce, place] of was.payments)
    if ((is.payments.get(nonce) ?? place) !== place) yield 'REORG_MOVES_PAYMENT'
  for (const [round, number] of was.draws)
    if ((is.draws.get(round) ?? number) !== number) yield 'REORG_CHANGES_DRAW'
  if (was.claims.some((account) => !is.claims.includes(account))) yield 'REORG_REMOVES_CLAIM'
}
