import { type LogPlace, listLogPlaces } from '../src/api/db/audit.ts'
import { readLogs } from './canonical.ts'
import { headerOf } from './client.ts'
import type { Finding } from './ledger.ts'
import { type Audited, createPace, inSnapshot } from './moment.ts'

const INVARIANT = 'LOGS'
/** Faults that are named of one range; the rest is found by npm run reconcile. */
const NAMED = 20

const describe = (places: readonly LogPlace[]): string =>
  places.length === 0
    ? 'no logs'
    : [...Map.groupBy(places, ({ blockHash }) => blockHash)]
        .map(([hash, logs]) => `logs ${logs.map(({ logIndex }) => logIndex).join(', ')} of ${hash}`)
        .join('; ')

interface Both {
  readonly chain: readonly LogPlace[]
  readonly rows: readonly LogPlace[]
}

/** Blocks whose rows are not the chain's logs, in their order. */
const differing = ({ chain, rows }: Both): readonly (Both & { readonly block: number })[] => {
  const byBlock = (places: readonly LogPlace[]) =>
    Map.groupBy(places, ({ blockNumber }) => blockNumber)
  const chainBy = byBlock(chain)
  const rowsBy = byBlock(rows)
  return [...new Set([...chainBy.keys(), ...rowsBy.keys()])]
    .sort((a, b) => a - b)
    .map((block) => ({ block, chain: chainBy.get(block) ?? [], rows: rowsBy.get(block) ?? [] }))
    .filter((each) => describe(each.chain) !== describe(each.rows))
}

/**
 * Compares the rows of each range of blocks that has become final with the chain's logs by `eth_getLogs`: what is missing, what
 * is too many, what belongs to another block. At most `range` blocks at a time.
 */
export const createLogsCheck = (
  audited: Audited,
  { everyMs, range }: { readonly everyMs: number; readonly range: number },
) => {
  const { client, ledger, deployment } = audited
  const { chainId, startBlock } = deployment
  const pace = createPace(everyMs)

  const read = async (from: number, to: number): Promise<Both> => {
    const rows = await inSnapshot(audited, (db) => listLogPlaces(db, chainId, from, to))
    const logs = await readLogs(client, deployment, from, to)
    const chain = logs.map(({ blockNumber, logIndex, blockHash }) => ({
      ...{ blockNumber: Number(blockNumber), logIndex, blockHash },
    }))
    return { chain, rows: rows ?? [] }
  }

  /** A second look at one block, so that a node that lags behind is not taken for the chain. */
  const isConfirmed = async (block: number) => {
    if ((await headerOf(client, block)) === null) return undefined
    return differing(await read(block, block))[0]
  }

  const finding = (
    { block, chain, rows }: ReturnType<typeof differing>[number],
    timestamp: number,
  ): Finding => ({
    id: `${chainId}-${INVARIANT}-${block}`,
    ...{ chainId, invariant: INVARIANT, scope: `block ${block}` },
    ...{ expected: describe(chain), actual: describe(rows), blockNumber: block, timestamp },
  })

  const resolve = async (timestamp: number) => {
    for (const { id, blockNumber } of (await ledger.open(chainId, INVARIANT)).slice(0, NAMED)) {
      if ((await headerOf(client, blockNumber)) === null) continue
      if (differing(await read(blockNumber, blockNumber)).length === 0)
        await ledger.resolve([id], timestamp)
    }
  }

  return async (): Promise<boolean> => {
    if (!pace.isDue()) return false
    const due = await inSnapshot(audited, async (_, moment) => moment)
    if (due === undefined) return false
    const { head, tablesId } = due
    const checked = (await ledger.logsTo(chainId, tablesId)) ?? startBlock - 1
    const to = Math.min(head.finalizedNumber, checked + range)
    if (to > checked) {
      const findings: Finding[] = []
      for (const { block } of differing(await read(checked + 1, to)).slice(0, NAMED)) {
        const confirmed = await isConfirmed(block)
        if (confirmed !== undefined) findings.push(finding(confirmed, head.timestamp))
      }
      await ledger.report(findings)
      await ledger.setLogsTo(chainId, tablesId, to)
    }
    // While there is more to read, at once again.
    if (to >= head.finalizedNumber) {
      await resolve(head.timestamp)
      pace.taken()
    }
    return true
  }
}
