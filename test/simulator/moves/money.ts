import { type Hex, zeroAddress } from 'viem'
import { localDollarAbi } from '../../../abis/LocalDollar.ts'
import { oddTokenAbi } from '../../../abis/OddToken.ts'
import { rejectingPlayerAbi } from '../../../abis/RejectingPlayer.ts'
import { type Call, encode } from '../call.ts'
import { type Move, payerOf, play, type Turn } from '../turn.ts'

/** From how many pools an account waits for coin, since it last claimed. */
const poolsOwing = ({ history }: Turn, account: Hex) => {
  const pools = new Set<bigint>()
  for (const { eventName, args } of history.logs('PrizePaid', 'EntryRefunded', 'CreditClaimed')) {
    if (eventName === 'CreditClaimed') {
      if (args.account === account && args.token === zeroAddress) pools.clear()
    } else {
      const to = eventName === 'PrizePaid' ? args.winner : args.recipient
      if (!args.delivered && to === account) pools.add(args.poolId)
    }
  }
  return pools.size
}

/** Contracts that refused coin have it sent to somebody else, mostly once several pools owe it. */
export const claimCoin: Move = async (turn) => {
  const { ground, random, credit } = turn
  const calls: Call[] = []
  for (const to of [...ground.rejecting, ground.treasury]) {
    const eager = to === ground.treasury ? 0.1 : poolsOwing(turn, to) >= 2 ? 0.5 : 0.02
    if (!random.chance(eager) || (await credit(to, zeroAddress)) === 0n) continue
    const args = [ground.chain.local.contract, zeroAddress, payerOf(turn)]
    calls.push({
      ...{ from: ground.chain.address(9), to, value: 0n, gas: 300_000n, name: 'claim' },
      data: encode(rejectingPlayerAbi, 'claim', args),
    })
  }
  return calls
}

/** Accounts that a token refused to pay have it sent elsewhere. */
export const claimToken: Move = async (turn) => {
  const { ground, history, random, credit } = turn
  const refused = history
    .logs('PrizePaid', 'EntryRefunded')
    .filter(({ args }) => !args.delivered && args.poolId === 6n)
    .map(({ args }) => ('winner' in args ? args.winner : args.recipient))
  const from = refused.length === 0 ? undefined : random.pick(refused)
  if (from === undefined || (await credit(from, ground.bad)) === 0n) return []
  const isOurs = ACCOUNTS.some((index) => ground.chain.address(index) === from)
  return isOurs ? [play(ground, 'claimCredit', [ground.bad, ground.multicaller], { from })] : []
}
const ACCOUNTS = [2, 3, 4, 5, 6, 7]

/** A token that pays certain accounts no more, or again. */
export const blockAccount: Move = (turn) => {
  const { ground, random, state, history } = turn
  const pool = state.pools.find(({ config }) => config.token === ground.bad)
  if (pool === undefined) return []
  const players = history
    .logs('EntryPlaced')
    .filter(({ args }) => args.poolId === pool.poolId && args.roundId === pool.current.roundId)
    .map(({ args }) => args.player)
  const account = players.length === 0 ? payerOf(turn) : random.pick(players)
  const data = encode(oddTokenAbi, 'block_', [account, random.chance(0.7)])
  const from = ground.chain.address(0)
  return [{ from, to: ground.bad, data, value: 0n, gas: 100_000n, name: 'block' }]
}

/** Money for the game that buys nothing. */
export const transferToGame: Move = (turn) => {
  const { ground, random } = turn
  const to = random.pick([ground.dollar, ground.odd])
  const args = [ground.chain.local.contract, BigInt(1 + random.below(1_000_000))]
  const data = encode(localDollarAbi, 'transfer', args)
  return [{ from: payerOf(turn), to, data, value: 0n, gas: 100_000n, name: 'transfer' }]
}
