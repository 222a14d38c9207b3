/** `npm run export`: a table as of a block, into a file. */
import { argv, env, exit, stderr, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { parseConfig } from '../src/api/config.ts'
import { createDatabase } from '../src/api/db/database.ts'
import { InputError } from '../src/api/db/errors.ts'
import { exportTables, isExportName } from '../src/api/db/exportTables.ts'
import { failureOf } from '../src/api/db/failure.ts'
import { openSnapshot } from '../src/api/db/snapshot.ts'
import { ConfigError } from '../src/domain/errors.ts'
import { exportTable, FORMATS, type Job, type Summary } from './exportTable.ts'
import { createProgress } from './progress.ts'

const DATASETS = Object.keys(exportTables).join(', ')

const HELP = `npm run export -- DATASET --format FORMAT --out FILE [flags]     writes a table as of a block

  DATASET        ${DATASETS}
  --format F     ${FORMATS.join(', ')}
  --out FILE     appears when it is whole; FILE.part until then
  --at-block N   up to this block, or "finalized", the newest that stays (finalized)
  --chain ID     needed when there are several
  --restart      forgets what a killed run left in FILE.part, instead of going on with it
  --quiet        says nothing on the way
  --json         a summary as JSON
  --help         this

DATABASE_URL or API_DATABASE_URL and DATABASE_SCHEMA say where the rows are (docs/exports.md).

Ends with 0 when the file is whole, 1 when it could not be written, 2 when something else should be asked for.
`

const STATEMENT_TIMEOUT_MS = 60_000

const readFlags = () => {
  try {
    return parseArgs({
      args: argv.slice(2),
      allowPositionals: true,
      options: {
        format: { type: 'string' },
        'at-block': { type: 'string', default: 'finalized' },
        out: { type: 'string' },
        chain: { type: 'string' },
        restart: { type: 'boolean', default: false },
        quiet: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new ConfigError([`${error instanceof Error ? error.message : String(error)}; see --help`])
  }
}

const isWhole = (text: string) => /^\d{1,15}$/.test(text)

const jobOf = ({ values, positionals }: ReturnType<typeof readFlags>): Job => {
  const mistakes: string[] = []
  const [dataset = '', ...more] = positionals
  const format = FORMATS.find((name) => name === values.format)
  const { out = '', chain, 'at-block': at } = values
  if (!isExportName(dataset) || more.length > 0)
    mistakes.push(`the first argument should be one of ${DATASETS}`)
  if (format === undefined) mistakes.push(`--format should be one of ${FORMATS.join(', ')}`)
  if (out === '') mistakes.push('--out should be the name of a file')
  if (at !== 'finalized' && !isWhole(at))
    mistakes.push('--at-block should be the number of a block, or finalized')
  if (chain !== undefined && !isWhole(chain)) mistakes.push('--chain should be the id of a chain')
  if (mistakes.length > 0 || !isExportName(dataset) || format === undefined)
    throw new ConfigError(mistakes)
  return {
    dataset,
    format,
    at: at === 'finalized' ? at : Number(at),
    ...(chain === undefined ? {} : { chainId: Number(chain) }),
    file: out,
    isRestart: values.restart,
  }
}

const describe = ({ dataset, file, block, hash, rows, bytes }: Summary) =>
  `${file}: ${rows.toLocaleString('en')} ${dataset} as of block ${block} ${hash}, ${bytes.toLocaleString('en')} bytes\n`

const run = async (): Promise<void> => {
  const flags = readFlags()
  const { help, quiet, json } = flags.values
  if (help) {
    stdout.write(HELP)
    return
  }
  const job = jobOf(flags)
  const database = createDatabase({
    ...parseConfig(env).database,
    maxConnections: 1,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  })
  const { tell, seconds } = createProgress()
  try {
    const summary = await exportTable(
      () => openSnapshot(database),
      job,
      quiet ? () => undefined : tell,
    )
    stdout.write(
      json
        ? `${JSON.stringify({ ...summary, seconds: Number(seconds().toFixed(3)) })}\n`
        : describe(summary),
    )
  } finally {
    await database.stop()
  }
}

run().then(
  () => exit(0),
  (error: unknown) => {
    stderr.write(`${failureOf(error).sentence}\n`)
    exit(error instanceof ConfigError || error instanceof InputError ? 2 : 1)
  },
)
