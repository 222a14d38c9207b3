import { zeroAddress } from 'viem'
import { POOLS } from './entries.ts'
import type { Asked } from './questions.ts'

/** What the pages of a front end ask for: a pool, a player, a round, a leaderboard, a chart. */

/** What there is to ask for. */
export interface Screens {
  readonly players: number
  /** The address of the n-th player is this one plus n. */
  readonly firstPlayer: string
  /** The time of the first block. */
  readonly since: number
}

const poolOf = (n: number) => String(1 + (n % POOLS))
const HOURS = 24 * 3600
const addressAt = (n: number, { firstPlayer }: Screens) =>
  `0x${(BigInt(firstPlayer) + BigInt(n)).toString(16).padStart(40, '0')}`

const SCREENS: readonly ((n: number, screens: Screens) => Asked)[] = [
  (n) => ({
    query: `query ($pool: BigInt!) { head { number hash }
      pool(poolId: $pool) { name entryFee { raw decimal } token { symbol }
        stats { entryCount uniquePlayers wagered { raw decimal } }
        currentRound { roundId status entryCount prizePool { raw decimal } }
        entries(last: 10) { edges { node { entryId number player { address } amount { raw } tx { hash timestamp } } } } } }`,
    variables: { pool: poolOf(n) },
  }),
  (n, screens) => ({
    query: `query ($address: Address!) { head { number hash }
      player(address: $address) { entryCount roundsEntered lastSeenAt
        balances { token { symbol } wagered { raw } won { raw } pending { raw } netProfit { raw } }
        entries(last: 10) { edges { node { entryId number status amount { raw } tx { hash timestamp } } } } } }`,
    variables: { address: addressAt((n * 7_919) % screens.players, screens) },
  }),
  (n) => ({
    query: `query ($pool: BigInt!, $number: Int!) { head { number hash }
      round(poolId: $pool, roundId: "1") { status entryCount uniquePlayers closesAt prizePool { raw decimal }
        entries(where: { number: { eq: $number } }, first: 25) { edges { node { entryId payer amount { raw } } } } } }`,
    variables: { pool: poolOf(n), number: 1 + (n % 402) },
  }),
  () => ({
    query: `query ($token: Address!) { head { number hash }
      leaderboard(token: $token, metric: WAGERED, first: 10) { edges { node { rank player { address } value entryCount } } } }`,
    variables: { token: zeroAddress },
  }),
  (n, { since }) => ({
    query: `query ($token: Address!, $from: Timestamp!, $to: Timestamp!) { head { number hash }
      tokenBuckets(token: $token, interval: HOUR, from: $from, to: $to) { start entryCount wagered { raw } } }`,
    variables: { token: zeroAddress, from: since + 3600 * (n % 24), to: since + HOURS },
  }),
]

/** How many kinds of pages there are. */
export const PAGES = SCREENS.length

/** The n-th question, from 0: pages in turn, each time with other values. */
export const screenAt = (n: number, screens: Screens): Asked => {
  const screen = SCREENS[n % SCREENS.length]
  if (screen === undefined) throw new Error('there are no screens')
  return screen(Math.floor(n / SCREENS.length), screens)
}
