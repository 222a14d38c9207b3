/**
 * Two statements of Ponder's source are changed as they are loaded. A Ponder that does not have each of them exactly once is refused.
 *
 * - Its cache learns from the events of a backfill which rows a handler is going to ask for, and asks for a block's rows at once. For
 *   live blocks it is never told which event is handled, forgets within a few blocks what it learned, and each row costs a round
 *   trip. Now it is told.
 * - It loads the project through Vite, which watches every file below the folder, databases and all: seconds of CPU at each start,
 *   for changes that `ponder start` does not follow anyway. Now nothing is watched.
 */
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { exit, stderr } from 'node:process'

interface Patch {
  /** Below the folder of Ponder's modules. */
  readonly file: string
  readonly find: RegExp
  readonly replacement: string
}

const PATCHES: readonly Patch[] = [
  {
    file: 'indexing/index.js',
    find: /(async processRealtimeEvents\(\{ events \}\) \{[^}]*client\.event = event;)/g,
    replacement: '$1 indexingCache.event = event;',
  },
  {
    file: 'build/index.js',
    find: /server: \{ hmr: false \}/g,
    replacement: 'server: { hmr: false, watch: null }',
  },
]

const ponder = import.meta.resolve('ponder')
const sources = new Map(
  PATCHES.map(({ file, find, replacement }) => {
    const url = new URL(file, ponder)
    const source = readFileSync(url, 'utf8')
    if (source.match(find)?.length !== 1) {
      stderr.write(`This Ponder is not the one known: ${url.pathname} cannot be changed\n`)
      exit(1)
    }
    return [url.href, source.replace(find, replacement)]
  }),
)

registerHooks({
  load: (url, context, next) => {
    const source = sources.get(url)
    return source === undefined
      ? next(url, context)
      : { format: 'module', shortCircuit: true, source }
  },
})
