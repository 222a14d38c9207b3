import type { PublicClient } from 'viem'
import { block } from '../ponder.schema.ts'
import { tables } from '../src/api/db/audit.ts'
import type { Database } from '../src/api/db/database.ts'
import type { Deployment } from '../src/domain/Deployment.ts'
import { insertBlock } from '../src/indexing/store.ts'
import { readLogs } from './canonical.ts'
import { headerOf, mapLimited } from './client.ts'
import { compare, type Difference } from './compare.ts'
import type { Memory } from './memory.ts'
import { type Rows, readRows } from './readRows.ts'
import { MovedError, replay } from './replay.ts'

/** What a comparison of a chain's rows with the chain found. */
export interface Result {
  readonly chainId: number
  /** The block that the rows belong to. */
  readonly head: { readonly number: number; readonly hash: string }
  readonly from: number
  readonly to: number
  readonly logs: number
  readonly counts: Readonly<Record<string, number>>
  readonly differences: readonly Difference[]
}

export interface Options {
  /** Ends of the range, both included. Absent: from the deployment's first block to the indexed head. */
  readonly from?: number
  readonly to?: number
  /** Blocks of one `eth_getLogs`. */
  readonly logsRange?: number
  /** How often to look again when the chain moves under the comparison. Default 5. */
  readonly attempts?: number
}

const PAUSE_MS = 1_000

/** Every block of a local chain is stored. */
const isLocal = (chainId: number) => chainId === 31337

/**
 * Adds the blocks without events. Which of them are stored elsewhere than on a local chain depends on when the indexer ran, so
 * there those that are stored are looked up.
 */
const addBlocks = async (
  client: PublicClient,
  { startBlock, chainId }: Deployment,
  { store, rows }: Memory,
  stored: Rows,
  from: number,
  to: number,
) => {
  const numbers = isLocal(chainId)
    ? Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at)
    : [...stored.of(block).values()].map(({ number }) => Number(number))
  const known = new Set([...rows(block).values()].map(({ number }) => number))
  const missing = numbers.filter(
    (number) => number >= Math.max(from, startBlock) && number <= to && !known.has(number),
  )
  const headers = await mapLimited(missing, 200, (number) => headerOf(client, number))
  for (const header of headers) if (header !== null) await insertBlock(store, header)
}

/** @throws MovedError when the rows' head was not the chain's, or stopped being so meanwhile */
const reconcileOnce = async (
  client: PublicClient,
  database: Database,
  deployment: Deployment,
  { from, to, logsRange }: Options,
  isLast: boolean,
): Promise<Result | undefined> => {
  const { chainId, startBlock } = deployment
  const stored = await readRows(database, chainId)
  if (stored === undefined) return undefined
  const { head } = stored
  const expectHead = async () => {
    const canonical = await headerOf(client, head.number)
    if (canonical?.hash === head.hash || isLast) return
    throw new MovedError(`the rows' head, block ${head.number} ${head.hash}, is not the chain's`)
  }
  await expectHead()
  const range = { from: from ?? startBlock, to: Math.min(to ?? head.number, head.number) }
  const logs = await readLogs(client, deployment, startBlock, range.to, logsRange)
  const memory = await replay(client, chainId, logs)
  await addBlocks(client, deployment, memory, stored, range.from, range.to)
  await expectHead()
  const { differences, counts } = compare(tables, memory, stored.of, {
    ...range,
    isWhole: range.to === head.number,
  })
  return {
    ...{ chainId, ...range, differences },
    head: { number: head.number, hash: head.hash },
    logs: logs.length,
    counts: Object.fromEntries(counts),
  }
}

/**
 * Compares the rows of a chain, as they are at one block, with what the indexer's own handlers make of the chain's logs up to
 * that block. Looks again when a reorganisation comes in between; a head that stays off the chain is a difference.
 *
 * @returns nothing when no block is indexed yet.
 * @throws what the node or the database threw; InvariantError when a log cannot follow those before it.
 */
export const reconcileChain = async (
  client: PublicClient,
  database: Database,
  deployment: Deployment,
  options: Options = {},
): Promise<Result | undefined> => {
  const { attempts = 5 } = options
  for (let attempt = 1; ; attempt++)
    try {
      return await reconcileOnce(client, database, deployment, options, attempt >= attempts)
    } catch (error) {
      if (!(error instanceof MovedError) || attempt >= attempts) throw error
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
}
