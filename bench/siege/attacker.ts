/** One anonymous client who means harm, from one address, in a process of its own at the lowest priority. Started by siege.ts. */
import { constants, setPriority } from 'node:os'
import { answerWords } from '../support/talker.ts'
import { ASKING } from './asking.ts'
import { CONNECTING } from './connecting.ts'
import { LISTENING } from './listening.ts'
import type { Attack, Site, Tally } from './target.ts'

export const ATTACKS = { ...ASKING, ...LISTENING, ...CONNECTING } as const satisfies Record<
  string,
  Attack
>
export type AttackName = keyof typeof ATTACKS

export type Word =
  | { readonly type: 'attack'; readonly name: AttackName; readonly site: Site }
  /** Everything that the attack still has open is dropped. Answers what it was answered. */
  | { readonly type: 'stop' }

let running: { readonly gone: AbortController; readonly done: Promise<Tally> } | undefined

// On another machine it would take nothing of the server's processors.
setPriority(constants.priority.PRIORITY_LOW)

answerWords<Word>(async (word) => {
  if (word.type === 'stop') {
    running?.gone.abort()
    return Object.fromEntries((await running?.done) ?? [])
  }
  const gone = new AbortController()
  running = { gone, done: ATTACKS[word.name](word.site, gone.signal) }
  running.done.catch(() => undefined)
  return null
})
