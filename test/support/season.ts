import * as schema from '../../ponder.schema.ts'
import { createRandom, type Random } from '../../stack/players/random.ts'
import { type Address, address, createGame, FEE_RECIPIENT, NATIVE } from './game.ts'
import type { Tables } from './tables.ts'

/** Two months on two chains: several pools and tokens, everything that becomes of a round, always the same. */

/** A Monday, 00:00 UTC. */
const MONDAY = 1_699_833_600
const HOUR = 3_600
const DAY = 24 * HOUR
const DRAW_TIMEOUT = 900

const COIN = { token: NATIVE, symbol: 'ETH', decimals: 18 }
const DOLLAR = { token: address(0xd0), symbol: 'USDL', decimals: 6 }
const POINT = { token: address(0xd1), symbol: 'POINT', decimals: 0 }

const CHAINS = [
  {
    ...{ chainId: 31337, days: 61, players: 260, tokens: [COIN, DOLLAR, POINT] },
    pools: [
      { of: COIN, entryFee: 3n * 10n ** 15n, feeBps: 250, roundDuration: DAY, minEntries: 3 },
      { of: DOLLAR, entryFee: 402_000n, feeBps: 250, roundDuration: 2 * DAY, minEntries: 5 },
      { of: COIN, entryFee: 10n ** 16n, feeBps: 500, roundDuration: DAY / 2, minEntries: 2 },
      { of: POINT, entryFee: 33n, feeBps: 1000, roundDuration: 3 * DAY, minEntries: 2 },
      { of: DOLLAR, entryFee: 75_000n, feeBps: 100, roundDuration: DAY, minEntries: 1 },
    ],
  },
  {
    ...{ chainId: 8453, days: 30, players: 40, tokens: [COIN, DOLLAR] },
    pools: [
      { of: DOLLAR, entryFee: 1_000_000n, feeBps: 100, roundDuration: DAY, minEntries: 1 },
      { of: COIN, entryFee: 10n ** 15n, feeBps: 300, roundDuration: DAY, minEntries: 2 },
    ],
  },
]

type Chain = (typeof CHAINS)[number]
type Game = ReturnType<typeof createGame>

const newestRound = (game: Game, poolId: bigint) => {
  const round = [...game.rounds.values()].findLast((each) => each.poolId === poolId)
  if (round === undefined) throw new Error(`Pool ${poolId} has no round`)
  return round
}

/** One entering call: a few regulars, and every week some new ones; dates, a lucky 7, or anything. */
const enter = (game: Game, random: Random, poolId: bigint, isNative: boolean, known: number) => {
  const regulars = 1 + random.below(1 + random.below(known))
  const player = address(1 + random.below(random.chance(0.3) ? known : regulars))
  const numbers = Array.from({ length: 1 + random.below(1 + random.below(5)) }, () => {
    if (random.chance(0.05)) return 7
    return 1 + random.below(random.chance(0.25) ? 31 : 402)
  })
  const payer = random.chance(0.1) ? address(900 + random.below(3)) : player
  const method = random.pick(['ERC20', 'ERC20', 'X402_DIRECT', 'X402_GATEWAY'] as const)
  return game.enter(poolId, player, numbers, payer, isNative ? 'NATIVE' : method)
}

/** What is left to pay: of so many rounds somebody was paid and others wait. */
type Due = { poolId: bigint; roundId: bigint; pay: 'settle' | 'refund' }[]

/** Ends a round whose time is up, or leaves it waiting for its word until the next turn. */
const end = async (game: Game, random: Random, poolId: bigint, minEntries: number, due: Due) => {
  const { status, roundId, entryCount } = newestRound(game, poolId)
  const failing: Address[] = [address(1), address(4), address(9)]
  const most = random.chance(0.4) ? 1 : 1000
  const cancel = async (reason: 'NO_ENTRIES' | 'BELOW_MINIMUM' | 'DRAW_TIMEOUT') => {
    await game.cancel(poolId, reason)
    if (entryCount === 0) return
    await game.refund(poolId, roundId, most, failing)
    if (entryCount > most) due.push({ poolId, roundId, pay: 'refund' })
  }
  if (status === 'OPEN') {
    if (entryCount === 0) return cancel('NO_ENTRIES')
    if (entryCount < minEntries) return cancel('BELOW_MINIMUM')
    await game.close(poolId)
    for (let wait = random.below(4); wait >= 0; wait--) await game.block(1 + random.below(40))
    if (random.chance(0.08)) return
  } else if (random.chance(0.6)) {
    await game.block(DRAW_TIMEOUT)
    return cancel('DRAW_TIMEOUT')
  }
  const entered = game.entries().filter((entry) => {
    return entry.poolId === poolId && entry.roundId === roundId
  })
  const number = random.chance(0.35) ? random.pick(entered).number : 1 + random.below(402)
  const winners = entered.filter((entry) => entry.number === number).length
  if (random.chance(0.1)) failing.push(FEE_RECIPIENT)
  await game.draw(poolId, number, most, failing)
  if (winners > most) due.push({ poolId, roundId, pay: 'settle' })
}

/** Takes an account's credit, if there is any. */
const claim = async (game: Game, account: Address, token: Address) => {
  const credit = game.rows(schema.credit).find((each) => {
    return each.account === account && each.token === token && each.credited > each.claimed
  })
  if (credit !== undefined) await game.claim(account, token)
}

/** How it ends: in the first pool refunds are due, in the last one prizes, and those between wait for their words. */
const leave = async (game: Game, pools: readonly bigint[]) => {
  for (const poolId of pools) {
    if (newestRound(game, poolId).status === 'DRAWING') await game.draw(poolId, 402)
    for (const player of [2, 3, 5, 8, 13]) await game.enter(poolId, address(player), [7, 8, player])
    await game.close(poolId)
  }
  await game.block(DRAW_TIMEOUT)
  const [first = 1n, last = first] = [pools[0], pools.at(-1)]
  const { roundId } = newestRound(game, first)
  await game.cancel(first, 'DRAW_TIMEOUT')
  await game.refund(first, roundId, 2)
  await game.draw(last, 7, 2)
}

const play = async ({ chainId, days, players, tokens, pools }: Chain) => {
  const game = createGame(chainId, MONDAY)
  const random = createRandom(chainId)
  const due: Due = []
  await game.block()
  for (const { token, symbol, decimals } of tokens) await game.token(token, symbol, decimals)
  for (const [at, { of, ...terms }] of pools.entries())
    await game.pool(BigInt(at + 1), of.token, {
      ...{ ...terms, drawTimeout: DRAW_TIMEOUT, tokenDecimals: of.decimals },
    })
  const passed = () => (game.head().timestamp - MONDAY) / (days * DAY)
  while (passed() < 1) {
    await game.block(1 + random.below(8 * HOUR))
    for (const [at, { of, minEntries }] of pools.entries()) {
      const poolId = BigInt(at + 1)
      const { status, closesAt } = newestRound(game, poolId)
      if (status === 'DRAWING' || game.head().timestamp >= closesAt)
        await end(game, random, poolId, minEntries, due)
      else if (random.chance(0.55))
        await enter(game, random, poolId, of === COIN, 8 + Math.floor(players * passed()))
    }
    const [next] = due
    if (next !== undefined && passed() < 0.8 && random.chance(0.4)) {
      await game[next.pay](next.poolId, next.roundId)
      due.shift()
    }
    if (random.chance(0.02)) await claim(game, address(1), random.pick(tokens).token)
  }
  await leave(
    game,
    pools.map((_, at) => BigInt(at + 1)),
  )
  return { chainId, game }
}

export type Season = Awaited<ReturnType<typeof writeSeason>>

export const writeSeason = async (tables: Tables) => {
  const games = await Promise.all(CHAINS.map(play))
  for (const { chainId, game } of games) {
    await game.save(tables)
    await tables.finalize(chainId, game.head().number - 30)
  }
  return games
}
