import { readFile, writeFile } from 'node:fs/promises'
import { views } from './index.ts'

/** Writes the views into docs/analysts.md, between its two marks; with --check it only says whether what is there is old. */

const file = new URL('../../../../docs/analysts.md', import.meta.url)
const [BEGIN, END] = ['<!-- views -->', '<!-- end of views -->']

const printed = views
  .map(
    ({ name, comment, columns }) =>
      `### ${name}\n\n${comment}\n\n| column | |\n|---|---|\n${columns
        .map((column) => `| \`${column.name}\` | ${column.comment} |`)
        .join('\n')}\n`,
  )
  .join('\n')

const text = await readFile(file, 'utf8')
const [before] = text.split(BEGIN)
const [, after] = text.split(END)
if (before === undefined || after === undefined) throw new Error(`${file.pathname} lacks its marks`)
const wanted = `${before}${BEGIN}\n\n${printed}\n${END}${after}`

if (process.argv.includes('--check')) {
  if (text !== wanted) {
    process.stderr.write('docs/analysts.md is old: run npm run analyst-docs\n')
    process.exitCode = 1
  }
} else {
  await writeFile(file, wanted)
}
