import { getAddress, type Hex, zeroAddress } from 'viem'
import { costlyPlayerAbi } from '../../abis/CostlyPlayer.ts'
import { localDollarAbi } from '../../abis/LocalDollar.ts'
import { multicallerAbi } from '../../abis/Multicaller.ts'
import { muteTokenAbi } from '../../abis/MuteToken.ts'
import { oddTokenAbi } from '../../abis/OddToken.ts'
import { oldTokenAbi } from '../../abis/OldToken.ts'
import { rejectingPlayerAbi } from '../../abis/RejectingPlayer.ts'
import { costlyPlayerBytecode } from '../../contracts/bytecode/CostlyPlayer.ts'
import { multicallerBytecode } from '../../contracts/bytecode/Multicaller.ts'
import { muteTokenBytecode } from '../../contracts/bytecode/MuteToken.ts'
import { oddTokenBytecode } from '../../contracts/bytecode/OddToken.ts'
import { oldTokenBytecode } from '../../contracts/bytecode/OldToken.ts'
import { rejectingPlayerBytecode } from '../../contracts/bytecode/RejectingPlayer.ts'
import type { PoolConfig } from '../../stack/deploy.ts'
import type { Random } from '../../stack/players/random.ts'
import type { Chain } from '../support/chain.ts'
import { type Call, encode, queue } from './call.ts'

/** Local accounts: 0 creates pools and keeps, 1 relays, these play and pay, 9 does what it should not. */
export const PAYERS = [2, 3, 4, 5, 6, 7] as const
const PLENTY = 2n ** 100n

/** Everything a scenario is played on. */
export type Ground = Awaited<ReturnType<typeof createGround>>

/** Deploys tokens and players, and gives the payers what they need. Creates no pool. */
export const createGround = async (chain: Chain, random: Random) => {
  const create = async (...contract: Parameters<Chain['deployContract']>) =>
    getAddress(await chain.deployContract(...contract))
  const rejecting = [
    await create(rejectingPlayerAbi, rejectingPlayerBytecode),
    await create(rejectingPlayerAbi, rejectingPlayerBytecode),
  ] as const
  const treasury = await create(rejectingPlayerAbi, rejectingPlayerBytecode)
  const costly = await create(costlyPlayerAbi, costlyPlayerBytecode, [random.chance(0.5)])
  const multicaller = await create(multicallerAbi, multicallerBytecode)
  const old = await create(oldTokenAbi, oldTokenBytecode)
  const mute = await create(muteTokenAbi, muteTokenBytecode)
  const bad = await create(oddTokenAbi, oddTokenBytecode)
  const dollar = getAddress(chain.local.tokens.dollar)
  const odd = getAddress(chain.local.tokens.odd)
  const tokens = [dollar, odd, old, mute, bad]

  const call = (from: Hex, to: Hex, data: Hex, gas = 200_000n): Call => ({
    ...{ from, to, data, gas, value: 0n, name: 'setup' },
  })
  const mint = (to: Hex) => encode(localDollarAbi, 'mint', [to, PLENTY])
  const approve = encode(localDollarAbi, 'approve', [chain.local.contract, PLENTY])
  const keeper = chain.address(0)
  for (const token of tokens) {
    for (const payer of PAYERS.map(chain.address)) {
      await queue(chain, call(keeper, token, mint(payer)))
      await queue(chain, call(payer, token, approve))
    }
    await queue(chain, call(keeper, token, mint(multicaller)))
  }
  const approvals = tokens.map((to) => ({ to, value: 0n, data: approve }))
  const approveAll = encode(multicallerAbi, 'run', [approvals])
  await queue(chain, call(keeper, multicaller, approveAll, 1_000_000n))
  await chain.mine()
  return { chain, dollar, odd, old, mute, bad, tokens, rejecting, treasury, costly, multicaller }
}

const HOSTILE = [
  `'); DROP TABLE pool; -- "quoted" \\x00 %s $1 \${name}`,
  'right\u202eto left, zero\u200bwidth, \u0007bell, \ud83d\ude80 rocket, <script>alert(1)</script>',
  'a NUL \u0000 in the middle',
  ` ${'long '.repeat(1000)}`,
  '',
]

/** Configurations by name: all but the last are created at the start, the last one on the way. */
export const poolsOf = (ground: Ground, random: Random): readonly PoolConfig[] => {
  const { dollar, odd, old, mute, bad, treasury, chain } = ground
  const between = (low: number, high: number) => low + random.below(high - low + 1)
  const pool = (name: string, config: Partial<PoolConfig>): PoolConfig => ({
    token: zeroAddress,
    entryFee: 1n,
    feeBps: 250,
    feeRecipient: chain.address(8),
    roundDuration: between(12, 40),
    minEntries: 1,
    maxEntries: 5000,
    drawTimeout: between(90, 300),
    name,
    ...config,
  })
  return [
    pool('Classic', { entryFee: 3n * 10n ** 15n, feeRecipient: treasury }),
    pool('Smallest', { maxEntries: random.pick([1, 70, 120]), feeBps: between(1, 999) }),
    pool('Dollar', { token: dollar, entryFee: 402_000n, minEntries: 2, maxEntries: 24 }),
    pool('Odd', { token: odd, entryFee: 40n, minEntries: between(3, 12), drawTimeout: 60 }),
    pool('Old', { token: old, entryFee: 1001n, feeBps: 333, maxEntries: between(4, 9) }),
    pool(random.pick(HOSTILE), {
      token: random.chance(0.6) ? mute : bad,
      ...{ entryFee: 2n ** 64n + BigInt(random.below(1e9)), feeBps: 1000 },
    }),
  ]
}
