import { setTimeout } from 'node:timers/promises'
import { encodeFunctionData, erc20Abi, type Hex, zeroAddress } from 'viem'
import { pay402WinAbi } from '../abis/Pay402Win.ts'
import { hasRoundEnded } from '../src/api/db/audit.ts'
import type { Head } from '../src/api/db/head.ts'
import { listTokenTotals, type TokenTotalsRow } from '../src/api/db/tokenTotals.ts'
import { headerOf, newestHeader } from './client.ts'
import type { Finding, Reconciled } from './ledger.ts'
import { type Audited, createPace, inSnapshot } from './moment.ts'

const INVARIANT = 'SOLVENCY'
/** After a fault, to see soon that it is gone. */
const AGAIN_MS = 5_000
/** How long to wait for the block after the one that was asked about. */
const SETTLE_MS = 3_000

interface Options {
  /** Blocks, and milliseconds, after which it is time again even if no round ended. */
  readonly everyBlocks: number
  readonly everyMs: number
}

/** What the contract says and has, at the block of that hash alone. */
const ask = async (
  { client, deployment: { address } }: Audited,
  head: Head,
  token: Hex,
): Promise<{ readonly liabilities: bigint; readonly balance: bigint }> => {
  const at = { blockHash: head.hash, requireCanonical: true }
  const request = (method: 'eth_call' | 'eth_getBalance', what: unknown) =>
    client.request<{ Method: string; Parameters: unknown[]; ReturnType: Hex }>({
      method,
      params: [what, at],
    })
  const liabilitiesOf = encodeFunctionData({
    ...{ abi: pay402WinAbi, functionName: 'liabilities' },
    args: [token],
  })
  const balanceOf = encodeFunctionData({
    ...{ abi: erc20Abi, functionName: 'balanceOf' },
    args: [address],
  })
  const [liabilities, balance] = await Promise.all([
    request('eth_call', { to: address, data: liabilitiesOf }),
    token === zeroAddress
      ? request('eth_getBalance', address)
      : request('eth_call', { to: token, data: balanceOf }),
  ])
  return { liabilities: BigInt(liabilities), balance: BigInt(balance) }
}

const findingOf = ({ chainId, token, blockNumber, timestamp, ...sums }: Reconciled): Finding => ({
  ...{
    id: `${chainId}-${INVARIANT}-${token}`,
    chainId,
    invariant: INVARIANT,
    blockNumber,
    timestamp,
  },
  scope: `token ${token}`,
  expected: `liabilities ${sums.liabilities}, balance at least that`,
  actual: `indexed liabilities ${sums.indexed}, balance ${sums.balance}`,
})

const isSound = ({ indexed, liabilities, balance }: Reconciled) =>
  indexed === liabilities && liabilities <= balance

/**
 * Compares the liabilities that follow from the events, per token, with what the contract says and has at the same block: at
 * each head at which a round ended since the last time, and every so often.
 */
export const createLiabilitiesCheck = (audited: Audited, { everyBlocks, everyMs }: Options) => {
  const { client, ledger, deployment } = audited
  const { chainId } = deployment
  const pace = createPace(everyMs)
  let last: { readonly number: number; readonly isSound: boolean } | undefined

  const isTime = (number: number) =>
    last === undefined ||
    number < last.number ||
    number >= last.number + everyBlocks ||
    pace.isDue(last.isSound ? everyMs : Math.min(everyMs, AGAIN_MS))

  const read = () =>
    inSnapshot(audited, async (db, { head, isReady }) => {
      if (!isReady) return undefined
      if (!isTime(head.number) && !(await hasRoundEnded(db, chainId, last?.number ?? 0)))
        return undefined
      return { head, totals: await listTokenTotals(db, chainId) }
    })

  const compare = async (head: Head, totals: readonly TokenTotalsRow[]) =>
    Promise.all(
      totals.map(async ({ token, locked }): Promise<Reconciled> => {
        const said = await ask(audited, head, token as Hex)
        const { number: blockNumber, timestamp } = head
        return { chainId, token, blockNumber, timestamp, indexed: locked, ...said }
      }),
    )

  /**
   * Asked about its newest block while it makes the next one, a node may answer from the next one's state (Anvil does). So what
   * differs is asked again once that block is not the newest any more.
   */
  const settled = async (head: Head) => {
    const patience = performance.now() + SETTLE_MS
    while ((await newestHeader(client)).number <= BigInt(head.number)) {
      if (performance.now() > patience) return
      await setTimeout(SETTLE_MS / 12)
    }
  }

  return async (): Promise<boolean> => {
    const due = await read()
    if (due === undefined) return false
    const { head, totals } = due
    let rows = await compare(head, totals)
    if (!rows.every(isSound)) {
      await settled(head)
      rows = await compare(head, totals)
    }
    // A block that was reorganised away, here or there, is no place to compare: look again.
    if ((await headerOf(client, head.number))?.hash !== head.hash) return false
    await ledger.reconciled(rows)
    const unsound = rows.filter((row) => !isSound(row)).map(findingOf)
    await ledger.report(unsound)
    const ids = new Set(unsound.map(({ id }) => id))
    const open = await ledger.open(chainId, INVARIANT)
    const resolved = open.filter(({ id }) => !ids.has(id)).map(({ id }) => id)
    await ledger.resolve(resolved, head.timestamp)
    last = { number: head.number, isSound: unsound.length === 0 }
    pace.taken()
    return true
  }
}
