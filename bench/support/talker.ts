import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { spawnChild } from '../../stack/process.ts'

/** A program of this folder in a process of its own, which answers one word after the other. */
export interface Talker<Word> {
  readonly ask: <Answer>(word: Word) => Promise<Answer>
  readonly stop: () => Promise<void>
}

export const startTalker = async <Word extends object>(program: string): Promise<Talker<Word>> => {
  const path = fileURLToPath(new URL(program, import.meta.url))
  const child = await spawnChild(execPath, [path], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const ended = child.exited.then(() => Promise.reject(new Error(`${program} ended`)))
  ended.catch(() => undefined)
  return {
    ask: <Answer>(word: Word) =>
      Promise.race([
        ended,
        new Promise<Answer>((resolve, reject) => {
          child.process.once('message', (said: { answer?: Answer; error?: string }) =>
            said.error === undefined
              ? resolve(said.answer as Answer)
              : reject(new Error(said.error)),
          )
          child.process.send(word)
        }),
      ]),
    stop: () => child.stop(),
  }
}

/** What such a program does: it answers what it is asked until nobody is there to ask. */
export const answerWords = <Word>(hear: (word: Word) => Promise<unknown>): void => {
  process.on('message', (word: Word) => {
    hear(word).then(
      (answer) => process.send?.({ answer: answer ?? null }),
      (error: unknown) => process.send?.({ error: String(error) }),
    )
  })
  process.on('disconnect', () => process.exit())
}
