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
  return writeApp(folder, {
    'ponder.config.ts': `export { default } from '${root}/ponder.config.ts'\n`,
    'ponder.schema.ts': `export * from '${root}/ponder.schema.ts'\n`,
    'src/index.ts': `${handlers}${idle.map((name) => `ponder.on('${name}', nothing)\n`).join('')}`,
  })
}

const writeApp = async (folder: string, files: Readonly<Record<string, string>>) => {
  await mkdir(join(folder, 'src/api'), { recursive: true })
  const all = { 'package.json': '{ "type": "module" }', 'src/api/index.ts': API, ...files }
  for (const [name, text] of Object.entries(all)) await writeFile(join(folder, name), text)
  return folder
}

const THREE_CONFIG = (root: string) => `
import { createConfig } from 'ponder'
import { pay402WinAbi } from '${root}/abis/Pay402Win.ts'
export default createConfig({
  ordering: 'multichain',
  database: { kind: 'postgres', connectionString: process.env.DATABASE_URL ?? '' },
  chains: { local: { id: 31337, rpc: process.env.RPC_URL } },
  contracts: {
    Pay402Win: {
      abi: pay402WinAbi,
      chain: { local: { address: process.env.GAME as any, startBlock: Number(process.env.FIRST_BLOCK) } },
    },
  },
})
`

const THREE_SCHEMA = `
import { onchainTable } from 'ponder'
const totals = (t: any) => ({
  id: t.text().primaryKey(),
  entryCount: t.integer().notNull(),
  wagered: t.bigint().notNull(),
})
export const round = onchainTable('round', totals)
export const player = onchainTable('player', totals)
export const entry = onchainTable('entry', (t) => ({
  id: t.text().primaryKey(),
  blockNumber: t.int8({ mode: 'number' }).notNull(),
  logIndex: t.integer().notNull(),
  transactionHash: t.hex().notNull(),
  timestamp: t.int8({ mode: 'number' }).notNull(),
  poolId: t.bigint().notNull(),
  roundId: t.bigint().notNull(),
  entryId: t.bigint().notNull(),
  player: t.hex().notNull(),
  payer: t.hex().notNull(),
  number: t.integer().notNull(),
  amount: t.bigint().notNull(),
  feeAmount: t.bigint().notNull(),
  paymentMethod: t.integer().notNull(),
  paymentRef: t.hex().notNull(),
}))
`

const THREE_HANDLER = `
import { ponder } from 'ponder:registry'
import { entry, player, round } from '../ponder.schema.ts'
ponder.on('Pay402Win:EntryPlaced', async ({ event: { args, block, log, transaction }, context: { db } }) => {
  await db.insert(entry).values({
    ...args,
    id: String(args.entryId),
    blockNumber: Number(block.number),
    logIndex: log.logIndex,
    transactionHash: transaction.hash,
    timestamp: Number(block.timestamp),
  })
  for (const [table, id] of [[round, args.poolId + '-' + args.roundId], [player, args.player]] as const)
    await db
      .insert(table)
      .values({ id, entryCount: 1, wagered: args.amount })
      .onConflictDoUpdate((row: any) => ({
        entryCount: row.entryCount + 1,
        wagered: row.wagered + args.amount,
      }))
})
`

/** Three tables of the game's entries and nothing else, as others are asked to fill them. */
export const createThreeTablesApp = (folder: string) =>
  writeApp(folder, {
    'ponder.config.ts': THREE_CONFIG(relative(folder, project)),
    'ponder.schema.ts': THREE_SCHEMA,
    'src/index.ts': THREE_HANDLER,
  })

/** The ceiling: everything is read, decoded and handed out, and nothing is done. */
export const createEmptyApp = (folder: string) => createApp(folder, EMPTY, [])

/** Only the entry's own row is written. */
export const createEntryApp = (folder: string) =>
  createApp(folder, ENTRY('../ponder.schema.ts'), ['Pay402Win:EntryPlaced'])

/** The project's own handlers. */
export const ownApp = project
