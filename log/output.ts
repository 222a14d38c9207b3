import type { ChildProcess } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { stderr, stdout } from 'node:process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { redact } from './log.ts'

/** Passes on what another process writes, line by line, without secrets: into a file, or to where this process writes. */
export const passOn = (child: ChildProcess, file: string | undefined) => {
  const out = file === undefined ? undefined : createWriteStream(file, { flags: 'a' })
  const pass = (from: Readable | null, to: NodeJS.WritableStream) => {
    if (from === null) return
    createInterface({ input: from }).on('line', (line) => to.write(`${redact(line)}\n`))
  }
  pass(child.stdout, out ?? stdout)
  pass(child.stderr, out ?? stderr)
  child.once('close', () => out?.end())
}
