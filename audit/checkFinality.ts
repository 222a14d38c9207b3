import { listBlocksBetween, sampleBlocks } from '../src/api/db/audit.ts'
import type { Block } from '../src/api/db/blocks.ts'
import { headerOf, mapLimited } from './client.ts'
import { type Audited, createPace, inSnapshot } from './moment.ts'

const INVARIANT = 'DEEP_REORGANISATION'
/** Blocks of before that are looked at each time, evenly apart, the newest final one among them. */
const SAMPLE = 8
const AT_ONCE = 500

interface Judged {
  readonly number: number
  readonly stored: string
  /** Null when the node does not know a block of that number, which says nothing. */
  readonly canonical: string | null
}

const isWrong = ({ stored, canonical }: Judged) => canonical !== null && canonical !== stored

/**
 * Compares the hash of each block that becomes final, and of a sample of older ones, with the chain's. Ponder does not notice a
 * reorganisation below the block that it holds for final; since a block's hash says what all blocks before it are, the newest
 * final one shows it.
 */
export const createFinalityCheck = (audited: Audited, everyMs: number) => {
  const { client, ledger, deployment } = audited
  const { chainId } = deployment
  const pace = createPace(everyMs)
  let checkedTo: number | undefined

  const judge = (blocks: readonly Block[]) =>
    mapLimited(blocks, 100, async ({ number, hash }): Promise<Judged> => {
      const canonical = await headerOf(client, number)
      return { number, stored: hash, canonical: canonical?.hash ?? null }
    })
  /** The lowest stored block of a range, if there is one. */
  const storedIn = async (from: number, to: number) =>
    (await inSnapshot(audited, (db) => listBlocksBetween(db, chainId, from, to, 1))) ?? []

  /** The lowest stored block that is wrong, between one that is right and one that is wrong. */
  const findFork = async (right: number, wrong: Judged): Promise<Judged> => {
    let low = right
    let high = wrong.number
    let found = wrong
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      const [judged] = await judge(await storedIn(middle, high - 1))
      if (judged === undefined) high = middle
      else if (isWrong(judged)) {
        found = judged
        high = judged.number
      } else low = judged.number
    }
    return found
  }

  /** Faults of before whose block is as the chain has it again. */
  const resolve = async (timestamp: number) => {
    const open = await ledger.open(chainId, INVARIANT)
    const judged = await mapLimited(open, 10, async ({ id, blockNumber }) => {
      const [block] = await judge(await storedIn(blockNumber, blockNumber))
      return { id, isRight: block !== undefined && block.stored === block.canonical }
    })
    const right = judged.filter(({ isRight }) => isRight).map(({ id }) => id)
    await ledger.resolve(right, timestamp)
  }

  return async (): Promise<boolean> => {
    if (!pace.isDue()) return false
    const due = await inSnapshot(audited, async (db, { head }) => {
      const final = head.finalizedNumber
      const from = checkedTo === undefined ? final : Math.min(checkedTo + 1, final)
      return {
        head,
        blocks: [
          ...(await sampleBlocks(db, chainId, final, SAMPLE)),
          ...(await listBlocksBetween(db, chainId, from, final, AT_ONCE)),
        ],
      }
    })
    if (due === undefined) return false
    const { head, blocks } = due
    const unique = [...new Map(blocks.map((block) => [block.number, block])).values()]
    const judged = (await judge(unique)).toSorted((a, b) => a.number - b.number)
    const wrong = judged.find(isWrong)
    if (wrong === undefined)
      checkedTo = judged.findLast(({ canonical }) => canonical !== null)?.number ?? checkedTo
    else {
      const right = judged.findLast((each) => each.number < wrong.number && !isWrong(each))
      const fork = await findFork(right?.number ?? wrong.number - 1, wrong)
      await ledger.report([
        {
          id: `${chainId}-${INVARIANT}-${fork.number}`,
          ...{ chainId, invariant: INVARIANT, scope: `block ${fork.number}` },
          ...{ expected: fork.canonical ?? 'none', actual: fork.stored },
          ...{ blockNumber: fork.number, timestamp: head.timestamp },
        },
      ])
    }
    await resolve(head.timestamp)
    pace.taken()
    return true
  }
}
