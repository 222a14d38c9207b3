/**
 * Lets Ponder read ahead for live blocks. Its cache learns from the events of a backfill which rows a handler is going to ask for,
 * and asks for a block's rows at once; for live blocks it is never told which event is handled, forgets within a few blocks what it
 * learned, and each row costs a round trip. One statement is added to its source while it is loaded.
 */
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { exit, stderr } from 'node:process'

const url = new URL('indexing/index.js', import.meta.resolve('ponder'))
const BEFORE = /(async processRealtimeEvents\(\{ events \}\) \{[^}]*client\.event = event;)/g

const source = readFileSync(url, 'utf8')
if (source.match(BEFORE)?.length !== 1) {
  stderr.write(
    `This Ponder's source is not the one known: ${url.href} is not changed as it must be\n`,
  )
  exit(1)
}

registerHooks({
  load: (loaded, context, next) =>
    loaded === url.href
      ? {
          format: 'module',
          shortCircuit: true,
          source: source.replace(BEFORE, '$1\nindexingCache.event = event;'),
        }
      : next(loaded, context),
})
