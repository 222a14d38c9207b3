import { readFile, writeFile } from 'node:fs/promises'
import { printSchema } from 'graphql'
import { schema } from './schema.ts'

/** Writes the printed schema next to this file; with --check it only says whether the written one is old. */

const file = new URL('schema.graphql', import.meta.url)
const printed = `${printSchema(schema)}\n`

if (process.argv.includes('--check')) {
  if ((await readFile(file, 'utf8')) !== printed) {
    process.stderr.write('schema.graphql is old: run npm run schema\n')
    process.exitCode = 1
  }
} else {
  await writeFile(file, printed)
}
