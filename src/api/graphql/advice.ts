const COMPARE = 'npm run reconcile names the rows that differ'
const REBUILD = 'build a clean schema with npm run reindex'

const ADVICE: Readonly<Record<string, string>> = {
  SOLVENCY: `The contract and the rows disagree on what it owes, or it has less than it owes. ${COMPARE}; when it finds none, the contract is at fault. Otherwise ${REBUILD}.`,
  DEEP_REORGANISATION: `Blocks that were final were reorganised away, which the indexer cannot undo: ${REBUILD} and switch to it.`,
  LOGS: `Rows and the chain's logs differ in a block that is final. ${COMPARE}; then ${REBUILD}.`,
  COMPLETENESS: `A round has nothing left to pay and is not final: a log is missing, or the contract's settlement stands still. ${COMPARE}.`,
  X402_PAYMENT:
    'A payment and the entries it paid for do not agree. Look at the transaction: x402Payments(where: { linkStatus: { eq: MISMATCH } }).',
  STALLED:
    "The indexer does not follow the chain. Its log and its supervisor's say why; it is started again by itself.",
  RPC_DISAGREES:
    'A node is of another chain, has other blocks than the rest, or is far behind. Take its address out of RPC_URL until it is right.',
  CHAIN_SILENT:
    'No node has a new block: the chain stands still, or all nodes are cut off from it. Ask one of another provider.',
  UNAUDITED:
    'A check could not be done for too long, so nothing is known of what it checks: status { audit { check lastError } } says why.',
}

/** What to do when an invariant does not hold. */
export const adviceOf = (invariant: string): string =>
  ADVICE[invariant] ??
  `An event did not agree with the rows before it. ${COMPARE}: when it finds none, the contract itself broke the rule.`
