/** What nodes and their providers mean by their errors. There is no standard: these are words that were seen. */

/** A block or transaction that this node does not know, or not yet. */
export const saysGone = (message: string): boolean =>
  /(unknown|cannot find|can't find|could ?n[o']t find|no such|missing) (block|header)|(block|header|hash|transaction|receipts?)( \S+){0,3} (was |is |were |are )?(not found|not available|unavailable|pruned|unknown)|(one of the blocks|block).*(future|not been (mined|indexed|imported))|invalid block (hash|range params)|not (been )?(yet )?(indexed|processed)|block.*does not exist|beyond (the )?(current )?head|cannot be found/i.test(
    message,
  )

/** It was asked too often, or is out of credit. */
export const saysBusy = (code: number, message: string): boolean =>
  code === 429 ||
  /rate.?limit|too many (requests|connections)|request (count|limit|rate)|requests? per (second|minute|day)|(capacity|quota|credits?|compute units?)( \S+){0,4} (exceeded|exhausted|reached|limit)|exceeded( \S+){0,4} (capacity|quota|credits?|compute units?)|throttl|try again (later|in)|(server|node|backend) (is )?(too )?(busy|overloaded)|no (healthy )?(backend|upstream)|backend is currently healthy/i.test(
    message,
  )

/** A call that the chain itself refused: another node and another attempt say the same. */
export const saysReverted = (code: number, message: string): boolean =>
  code === 3 ||
  code === -32015 ||
  /revert|invalid opcode|out of gas|stack (under|over)flow|execution (error|failed)|vm (exception|execution)|bad jump|invalid jump|intrinsic gas|gas required exceeds|invalid instruction|opcode .* not defined|undefined instruction|write protection/i.test(
    message,
  )

/** A number as people write it: 2000, 10,000, 10_000, 10k. */
const count = (text: string): number => {
  const plain = Number(text.replaceAll(/[,_ ]/g, '').replace(/k$/i, '000'))
  return Number.isSafeInteger(plain) && plain > 0 ? plain : Number.NaN
}

const NUMBER = '([1-9][\\d,_]*k?)'
/** In each `#` stands for the number. */
const RANGES: readonly RegExp[] = [
  /\brange limit:? (?:is |of )?#/,
  /exceeds? (?:the )?(?:configured |allowed |maximum |max )*(?:block )?(?:range )?limit (?:of |is )?#/,
  /max(?:imum)?(?: is| block range| allowed)*(?: is| of| =|:)+ ?#/,
  /max(?:imum)?(?: is)? set to #/,
  /maximum allowed number of requested blocks is #/,
  /blocks distance: ?#/,
  /max(?:imum)? (?:block )?range(?: is| of|:| =)* ?#/,
  /(?:limited|limit the query|restricted|up|limited range) to (?:at most |a |an |only )*#/,
  /(?:up|limited) to (?:a |an )?#(?: |-)block/,
  /less than or equal to #/,
  /(?:greater|larger|more|wider|bigger) than (?:the )?(?:maximum |max |limit |range limit |of )*#/,
  /range (?:allowed )?for your plan \(\d+ > #\)/,
  /block range exceeds #/,
  /exceed(?:s|ed)? (?:the )?max(?:imum)? (?:allowed )?(?:block )?range:? (?:of )?#/,
  /should be (?:less|smaller|within|at most)(?: than)? #/,
  /must be (?:less|smaller|within|at most)(?: than)?(?: or equal to)?(?: size)? #/,
  /\(maximum #\)/,
  /#(?: |-)block (?:range )?(?:limit|maximum)/,
  /range (?:is )?(?:too )?(?:large|wide|big)\D{0,40}#/,
].map(({ source }) => new RegExp(source.replace('#', NUMBER), 'i'))

/** A range that a node proposes, in hexadecimal numbers of blocks. */
const PROPOSED = /\[(0x[0-9a-f]+),\s*(0x[0-9a-f]+)\]/i

/**
 * How many blocks a node says it takes in one `eth_getLogs`.
 *
 * @param text all of its error
 * @returns nothing when it names no number below `asked`, the blocks that it refused.
 */
export const rangeOf = (text: string, asked: number): number | undefined => {
  const proposed = PROPOSED.exec(text)
  if (proposed !== null) {
    const blocks = Number(proposed[2]) - Number(proposed[1]) + 1
    if (blocks >= 1 && blocks < asked) return blocks
  }
  for (const words of RANGES) {
    const blocks = count(words.exec(text)?.[1] ?? '')
    if (blocks < asked) return blocks
  }
  return undefined
}
