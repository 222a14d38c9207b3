import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventNames } from './ponder.ts'

const project = fileURLToPath(new URL('../..', import.meta.url))

const EMPTY = `
import { ponder } from 'ponder:registry'
const nothing = async () => undefined
`

/** What a handler of one table costs: the entry as it came, and nothing that has to be read or added up. */
const ENTRY = (schema: string) => `
import { ponder } from 'ponder:registry'
import { entry } from '${schema}'
const METHODS = ['NATIVE', 'ERC20', 'X402_DIRECT', 'X402_GATEWAY'] as const
const nothing = async () => undefined
ponder.on('Pay402Win:EntryPlaced', async ({ event: { args, block, log, transaction }, context }) => {
  const chainId = context.chain.id
  await context.db.insert(entry).values({
    id: chainId + '-' + args.entryId,
    chainId,
    blockNumber: Number(block.number),
    logIndex: log.logIndex,
    blockHash: block.hash,
    transactionHash: transaction.hash,
    timestamp: Number(block.timestamp),
    poolId: args.poolId,
    roundId: args.roundId,
    entryId: args.entryId,
    player: args.player.toLowerCase(),
    payer: args.payer.toLowerCase(),
    number: args.number,
    amount: args.amount,
    feeAmount: args.feeAmount,
    paymentMethod: METHODS[args.paymentMethod],
    paymentRef: args.paymentRef,
  })
})
`

const API = `
import { Hono } from 'hono'
export default new Hono()
`

/**
 * Writes an app with the project's own configuration and schema and other handlers, below a folder of the project, from where
 * it finds the same packages. Handlers that are not named do nothing, but their events are read, decoded and handed out.
 */
const createApp = async (folder: string, handlers: string, handled: readonly string[]) => {
  const root = relative(folder, project)
  const idle = (await eventNames()).filter((name) => !handled.includes(name))
  const files = {
    'package.json': '{ "type": "module" }',
    'ponder.config.ts': `export { default } from '${root}/ponder.config.ts'\n`,
    'ponder.schema.ts': `export * from '${root}/ponder.schema.ts'\n`,
    'src/api/index.ts': API,
    'src/index.ts': `${handlers}${idle.map((name) => `ponder.on('${name}', nothing)\n`).join('')}`,
  }
  await mkdir(join(folder, 'src/api'), { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

/** The ceiling: everything is read, decoded and handed out, and nothing is done. */
export const createEmptyApp = (folder: string) => createApp(folder, EMPTY, [])

/** Only the entry's own row is written. */
export const createEntryApp = (folder: string) =>
  createApp(folder, ENTRY('../ponder.schema.ts'), ['Pay402Win:EntryPlaced'])

/** The project's own handlers. */
export const ownApp = project
