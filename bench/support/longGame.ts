import type { Tables } from '../../test/support/tables.ts'

/** Tables of any length, written by the database itself: what an export of entries reads and joins. */

const CHAIN = 31337
const START = 1_700_000_000
/** Each has a round in every turn. */
export const POOLS = 10
const PLAYERS = 10_000
const ENTRIES_PER_BLOCK = 20
/** Of one pool. All pools play their rounds at the same time: a turn. */
const ENTRIES_PER_ROUND = 1_000
const PER_TURN = POOLS * ENTRIES_PER_ROUND
/** The last of a turn close its rounds, draw them, pay, and claim. */
const ENTERING = PER_TURN / ENTRIES_PER_BLOCK
const BLOCKS_PER_TURN = ENTERING + 4
/** Every n-th round is cancelled. */
const CANCELLED = 20

const address = (n: string) => `('0x' || lpad(to_hex(${n}), 40, '0'))`
const hash = (n: string) => `('0x' || lpad(to_hex(${n}), 64, '0'))`
const NATIVE = address('0')
const DOLLAR = address('208')
const token = `case when pool_id % 2 = 0 then ${DOLLAR} else ${NATIVE} end`
const amount = `case when pool_id % 2 = 0 then 402000 else 3000000000000000 end`
/** Blocks begin with 2: pools are made in 1. */
const blockIn = (turn: string, step: string) =>
  `(2 + (${turn})::bigint * ${BLOCKS_PER_TURN} + ${step})`

/** `id, chain_id` and the place of a fact that is the only one of its round in its block. */
const place = (step: number, logIndex = 'pool_id') => {
  const number = blockIn('round_id - 1', String(ENTERING + step))
  return `'${CHAIN}-' || ${number} || '-' || ${logIndex}, ${CHAIN}, ${number}, ${logIndex}, ${hash(number)},
    ${hash(`${number} * 1000 + ${logIndex}`)}, ${START} + ${number}`
}

const rounds = (turns: number, where: string) =>
  `from generate_series(1, ${turns}) round_id, generate_series(1, ${POOLS}) pool_id where ${where}`
const isCancelled = `(round_id + pool_id) % ${CANCELLED} = 0`
const winningNumber = `(1 + (round_id * 101 + pool_id * 37) % 402)`

const entries = (count: number) => `
  insert into entry (id, chain_id, block_number, log_index, block_hash, transaction_hash, timestamp, pool_id, round_id,
    entry_id, player, payer, number, amount, fee_amount, payment_method, payment_ref)
  select '${CHAIN}-' || n, ${CHAIN}, block_number, n % ${ENTRIES_PER_BLOCK}, ${hash('block_number')}, ${hash('n')},
    ${START} + block_number, pool_id, 1 + n / ${PER_TURN}, n, player, player,
    1 + (hashint4(n) & 2147483647) % 402, ${amount}, ${amount} / 40,
    (case when pool_id % 2 = 0 then 'ERC20' else 'NATIVE' end)::payment_method, ${hash('0')}
  from (
    select n, 1 + n % ${POOLS} as pool_id, ${address(`n::bigint * 7919 % ${PLAYERS}`)} as player,
      ${blockIn(`n / ${PER_TURN}`, `n % ${PER_TURN} / ${ENTRIES_PER_BLOCK}`)} as block_number
    from generate_series(0, ${count - 1}) n
  ) entered`

const payouts = (turns: number) => `
  insert into payout (id, chain_id, block_number, log_index, block_hash, transaction_hash, timestamp, pool_id, round_id,
    kind, recipient, entry_id, token, amount, delivered)
  select '${CHAIN}-' || paid_in || '-' || log_index, ${CHAIN}, paid_in, log_index, ${hash('paid_in')}, ${hash('paid_in')},
    ${START} + paid_in, pool_id, round_id, kind::payout_kind, player, entry_id, ${token}, amount, log_index % 10 <> 0
  from (
    select pool_id, round_id, entry_id, player, amount, ${blockIn('round_id - 1', String(ENTERING + 2))} as paid_in,
      row_number() over (partition by round_id order by entry_id) as log_index,
      case when ${isCancelled} then 'REFUND' else 'PRIZE' end as kind
    from entry where round_id <= ${turns} and (${isCancelled} or entry.number = ${winningNumber})
  ) paid`

const claims = `
  insert into credit_claimed (id, chain_id, block_number, log_index, block_hash, transaction_hash, timestamp, account, token,
    recipient, amount)
  select '${CHAIN}-' || number || '-' || log_index, ${CHAIN}, number, log_index, ${hash('number')}, ${hash('number')},
    ${START} + number, recipient, token, recipient, amount
  from (
    select block_number + 1 as number, row_number() over (partition by block_number) as log_index, recipient, token,
      sum(amount) as amount
    from payout where not delivered group by block_number, recipient, token
  ) claimed where log_index % 2 = 0`

/**
 * So many entries of ten pools, round after round, with their draws, prizes, refunds and claims; a few rounds at the end are open.
 * All blocks are stored and final.
 */
export const fillLongGame = async ({ sql, finalize }: Tables, count: number): Promise<void> => {
  const turns = Math.floor(count / PER_TURN)
  const last = 2 + (turns + 1) * BLOCKS_PER_TURN
  const closed = rounds(turns, `not ${isCancelled}`)
  const statements = [
    // Loading is not what is measured.
    `alter system set max_wal_size = '8GB'`,
    `alter system set synchronous_commit = off`,
    `select pg_reload_conf()`,
    `insert into block select '${CHAIN}-' || n, ${CHAIN}, n, ${hash('n')}, ${hash('n - 1')}, ${START} + n
      from generate_series(1, ${last}) n`,
    `insert into token select '${CHAIN}-' || address, ${CHAIN}, address, symbol, symbol, 'BLOCK', decimals, decimals = 18
      from (values (${NATIVE}, 'ETH', 18), (${DOLLAR}, 'USDL', 6)) token (address, symbol, decimals)`,
    `insert into pool (id, chain_id, block_number, log_index, block_hash, transaction_hash, timestamp, pool_id, token,
        creator, entry_fee, fee_bps, fee_recipient, round_duration, min_entries, max_entries, draw_timeout, name)
      select '${CHAIN}-' || pool_id, ${CHAIN}, 1, pool_id, ${hash('1')}, ${hash('1')}, ${START}, pool_id, ${token},
        ${address('1')}, ${amount}, 250, ${address('2')}, 600, 2, 1000, 600, 'Pool ' || pool_id
      from generate_series(1, ${POOLS}) pool_id`,
    `insert into round_closed (id, chain_id, block_number, log_index, block_hash, transaction_hash, timestamp, pool_id,
        round_id, entry_count, prize_pool, fee_accrued, closed_by)
      select ${place(0)}, pool_id, round_id, ${ENTRIES_PER_ROUND}, 0, 0, ${address('3')} ${closed}`,
    `insert into round_drawn (id, chain_id, block_number, log_index, block_hash, transaction_hash, timestamp, pool_id,
        round_id, winning_number, winning_entry_count, prize_pool, prize_per_entry, carry_out)
      select ${place(1)}, pool_id, round_id, ${winningNumber}, 2, 0, ${amount}, 0 ${closed}`,
    `insert into round_finalized (id, chain_id, block_number, log_index, block_hash, transaction_hash, timestamp, pool_id,
        round_id, outcome, prizes_total, refunds_total, fee_total, carry_out)
      select ${place(3)}, pool_id, round_id, 'SETTLED', 0, 0, 0, 0 ${closed}`,
    `insert into round_cancelled (id, chain_id, block_number, log_index, block_hash, transaction_hash, timestamp, pool_id,
        round_id, reason, entry_count, refundable)
      select ${place(0)}, pool_id, round_id, 'DRAW_TIMEOUT', ${ENTRIES_PER_ROUND}, 0 ${rounds(turns, isCancelled)}`,
    entries(count),
    payouts(turns),
    claims,
    'vacuum analyze',
  ]
  for (const statement of statements) await sql.unsafe(statement)
  await finalize(CHAIN, last)
}
