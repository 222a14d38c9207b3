/** What is asked in the benchmark of queries, by each server in its own words, with another value each time. */

export interface Asked {
  readonly query: string
  readonly variables: object
}

export interface Question {
  readonly name: string
  /** How many are asked, beside the others: it reads a tenth of all entries. */
  readonly share?: number
  readonly ours: (n: number) => Asked
  readonly bare: (n: number) => Asked
  /** Absent: it has no aggregates. */
  readonly ponder?: (n: number) => Asked
  readonly postgraphile?: (n: number) => Asked
}

const POOLS = 10
const poolOf = (n: number) => String((n % POOLS) + 1)

export const questions = (roundsOfPool: number): readonly Question[] => {
  const roundOf = (n: number) => String(1 + ((n * 7_919) % roundsOfPool))
  return [
    {
      name: 'one round by its number',
      ours: (n) => ({
        query: `query ($pool: BigInt!, $round: BigInt!) { round(poolId: $pool, roundId: $round) {
          status entryCount uniquePlayers winningNumber opensAt closesAt prizePool { raw } gross { raw } } }`,
        variables: { pool: poolOf(n), round: roundOf(n) },
      }),
      bare: (n) => ({
        query: `select status, entry_count, unique_players, winning_number, opens_at, closes_at, prize_pool, gross
          from round where id = $1`,
        variables: [`31337-${poolOf(n)}-${roundOf(n)}`],
      }),
      ponder: (n) => ({
        query: `query ($id: String!) { round(id: $id) {
          status entryCount uniquePlayers winningNumber opensAt closesAt prizePool gross } }`,
        variables: { id: `31337-${poolOf(n)}-${roundOf(n)}` },
      }),
      postgraphile: (n) => ({
        query: `query ($id: String!) { roundByRowId(rowId: $id) {
          status entryCount uniquePlayers winningNumber opensAt closesAt prizePool gross } }`,
        variables: { id: `31337-${poolOf(n)}-${roundOf(n)}` },
      }),
    },
    {
      name: '25 entries of a round',
      ours: (n) => ({
        query: `query ($pool: BigInt!, $round: BigInt!) {
          entries(where: { poolId: { eq: $pool }, roundId: { eq: $round } }, first: 25) {
            edges { node { entryId number payer amount { raw } tx { hash blockNumber } } } } }`,
        variables: { pool: poolOf(n), round: roundOf(n) },
      }),
      bare: (n) => ({
        query: `select entry_id, number, payer, amount, transaction_hash, block_number from entry
          where chain_id = 31337 and pool_id = $1 and round_id = $2 order by entry_id limit 25`,
        variables: [poolOf(n), roundOf(n)],
      }),
      ponder: (n) => ({
        query: `query ($pool: BigInt!, $round: BigInt!) {
          entrys(where: { chainId: 31337, poolId: $pool, roundId: $round }, orderBy: "entryId", limit: 25) {
            items { entryId number payer amount transactionHash blockNumber } } }`,
        variables: { pool: poolOf(n), round: roundOf(n) },
      }),
      postgraphile: (n) => ({
        query: `query ($pool: BigFloat!, $round: BigFloat!) {
          allEntries(condition: { chainId: 31337, poolId: $pool, roundId: $round }, first: 25, orderBy: ENTRY_ID_ASC) {
            edges { node { entryId number payer amount transactionHash blockNumber } } } }`,
        variables: { pool: poolOf(n), round: roundOf(n) },
      }),
    },
    {
      name: 'ten rounds of a pool with five entries each',
      ours: (n) => ({
        query: `query ($pool: BigInt!, $round: BigInt!) {
          rounds(where: { poolId: { eq: $pool }, roundId: { gte: $round } }, orderBy: [{ field: ROUND_ID }], first: 10) {
            edges { node { roundId status prizePool { raw } pool { name }
              entries(first: 5) { edges { node { entryId number payer } } } } } } }`,
        variables: { pool: poolOf(n), round: roundOf(n) },
      }),
      bare: (n) => ({
        query: `select round.round_id, round.status, round.prize_pool, pool.name, (
            select coalesce(json_agg(json_build_object('entry_id', entry_id::text, 'number', number, 'payer', payer)), '[]') from (
              select entry_id, number, payer from entry where entry.chain_id = round.chain_id
                and entry.pool_id = round.pool_id and entry.round_id = round.round_id order by entry_id limit 5) first) as entries
          from round join pool on pool.chain_id = round.chain_id and pool.pool_id = round.pool_id
          where round.chain_id = 31337 and round.pool_id = $1 and round.round_id >= $2 order by round.round_id limit 10`,
        variables: [poolOf(n), roundOf(n)],
      }),
      ponder: (n) => ({
        query: `query ($pool: BigInt!, $round: BigInt!) {
          rounds(where: { chainId: 31337, poolId: $pool, roundId_gte: $round }, orderBy: "roundId", limit: 10) {
            items { roundId status prizePool pool { name }
              entries(orderBy: "entryId", limit: 5) { items { entryId number payer } } } } }`,
        variables: { pool: poolOf(n), round: roundOf(n) },
      }),
      postgraphile: (n) => ({
        query: `query ($pool: BigFloat!, $round: BigFloat!) {
          allRounds(condition: { chainId: 31337, poolId: $pool }, filter: { roundId: { greaterThanOrEqualTo: $round } },
            first: 10, orderBy: ROUND_ID_ASC) {
            edges { node { roundId status prizePool pool { name }
              entries(first: 5, orderBy: ENTRY_ID_ASC) { edges { node { entryId number payer } } } } } } }`,
        variables: { pool: poolOf(n), round: roundOf(n) },
      }),
    },
    {
      name: 'stakes of a pool by payment method',
      share: 0.05,
      ours: (n) => ({
        query: `query ($pool: BigInt!) {
          entryAggregates(where: { poolId: { eq: $pool } }, groupBy: [POOL, PAYMENT_METHOD]) {
            paymentMethod count amount { sum { raw } } } }`,
        variables: { pool: poolOf(n) },
      }),
      bare: (n) => ({
        query: `select payment_method, count(*), sum(amount) from entry
          where chain_id = 31337 and pool_id = $1 group by 1`,
        variables: [poolOf(n)],
      }),
      postgraphile: (n) => ({
        query: `query ($pool: BigFloat!) { allEntries(condition: { chainId: 31337, poolId: $pool }) {
          groupedAggregates(groupBy: [PAYMENT_METHOD]) { keys distinctCount { rowId } sum { amount } } } }`,
        variables: { pool: poolOf(n) },
      }),
    },
  ]
}
