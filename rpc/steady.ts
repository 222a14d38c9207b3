import type { Hex } from 'viem'
import { type Asked, paramsOf } from './answers.ts'
import { NodeError } from './errors.ts'

interface RawBlock {
  readonly number: Hex
  readonly hash: Hex
}
type Request = (asked: Asked) => Promise<unknown>

/** Heights whose blocks are remembered. */
const REMEMBERED = 4_096

/**
 * A newest block that does not go back to one of its own ancestors. A balancer that hands over to a node that lags behind, or a node
 * that syncs again, looks like the end of the chain being cut off; the indexer would undo blocks that are still there. Until
 * a block shows up that contradicts the newest one, it stays the newest.
 */
export const createSteadyHead = (
  request: Request,
  onFailure: (error: NodeError) => void = () => undefined,
): Request => {
  const hashes = new Map<number, Hex>()
  let newest:
    | { readonly number: number; readonly block: unknown; readonly isFull: boolean }
    | undefined

  const remember = (number: number, hash: Hex) => {
    if (hashes.get(number) !== undefined && hashes.get(number) !== hash)
      for (const known of hashes.keys()) if (known > number) hashes.delete(known)
    hashes.delete(number)
    hashes.set(number, hash)
    const [oldest] = hashes.keys()
    if (hashes.size > REMEMBERED && oldest !== undefined) hashes.delete(oldest)
  }
  const isAncestor = ({ number, hash }: RawBlock): boolean => {
    if (newest === undefined || Number(number) >= newest.number) return false
    const known = hashes.get(Number(number))
    return known === undefined ? Number(number) < Math.min(...hashes.keys()) : known === hash
  }

  return async (asked) => {
    const answer = await request(asked)
    const [which, isFull] = paramsOf(asked)
    if (asked.method !== 'eth_getBlockByNumber' || answer === null) return answer
    const block = answer as RawBlock
    const number = Number(block.number)
    if (which !== 'latest') {
      if (!hashes.has(number)) remember(number, block.hash)
      return answer
    }
    if (newest !== undefined && isAncestor(block) && (isFull !== true || newest.isFull)) {
      onFailure(
        new NodeError('BEHIND', 'the chain', `went back from block ${newest.number} to ${number}`),
      )
      return structuredClone(newest.block)
    }
    remember(number, block.hash)
    // Ponder changes the block that it is given.
    newest = { number, block: structuredClone(answer), isFull: isFull === true }
    return answer
  }
}
