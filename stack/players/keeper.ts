import { type Hex, zeroAddress } from 'viem'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { rejectingPlayerAbi } from '../../abis/RejectingPlayer.ts'
import { vrfCoordinatorMockAbi } from '../../abis/VrfCoordinatorMock.ts'
import { rejectingPlayerBytecode } from '../../contracts/bytecode/RejectingPlayer.ts'
import { accountAt } from '../deploy.ts'
import { createRandom } from './random.ts'
import { createTable, eachBlock, type Seat, STATUS } from './table.ts'

const KEEPER = 4
/** Winners paid, or entries refunded, by one transaction. */
const BATCH = 50n

export interface Keeper {
  /** An account that refuses native coin until it claims its credit; then another one takes its place. */
  stubborn(): Hex
  stop(): Promise<void>
}

/**
 * Does what anybody may do: closes rounds that are due, settles, refunds, cancels what expired. It also stands in for the
 * oracle, with words that the seed decides: of three draws about two fall on a number that somebody holds.
 */
export const createKeeper = async (seat: Seat): Promise<Keeper> => {
  const { deployment, poolIds, seed, log } = seat
  const table = createTable(seat)
  const random = createRandom(seed ^ 0x5eed)
  const { client, game } = table
  const play = (functionName: string, args: readonly unknown[]) =>
    table.send(KEEPER, deployment.contract, pay402WinAbi, functionName, args)

  const deployStubborn = async (): Promise<Hex> => {
    const hash = await table.wallet.deployContract({
      account: accountAt(KEEPER),
      chain: null,
      abi: rejectingPlayerAbi,
      bytecode: rejectingPlayerBytecode,
    })
    const { contractAddress } = await client.waitForTransactionReceipt({
      hash,
      pollingInterval: 100,
    })
    if (contractAddress == null) throw new Error('the stubborn player was not created')
    return contractAddress
  }
  let stubborn = await deployStubborn()

  const claim = async () => {
    const account = stubborn
    stubborn = await deployStubborn()
    await table.send(KEEPER, account, rejectingPlayerAbi, 'open', [])
    const args = [deployment.contract, zeroAddress, account]
    await table.send(KEEPER, account, rejectingPlayerAbi, 'claim', args)
    log('a credit was claimed')
  }

  /** A word that draws `number`. */
  const wordFor = (number: number) => (BigInt(random.bytes32()) / 402n) * 402n + BigInt(number - 1)

  const chooseWord = async (poolId: bigint, roundId: bigint) => {
    if (random.chance(1 / 3)) return BigInt(random.bytes32())
    const start = random.below(402)
    for (let step = 0; step < 402; step++) {
      const number = 1 + ((start + step) % 402)
      const args = [poolId, roundId, number] as const
      if ((await client.readContract({ ...game, functionName: 'entriesOn', args })) > 0n)
        return wordFor(number)
    }
    return BigInt(random.bytes32())
  }

  /** Rounds whose prizes or refunds are not all sent, by pool. */
  const unpaid = new Map<bigint, Set<bigint>>(poolIds.map((poolId) => [poolId, new Set()]))

  const pay = async (poolId: bigint, roundId: bigint) => {
    const args = [poolId, roundId] as const
    const round = await client.readContract({ ...game, functionName: 'rounds', args })
    if (round.status === STATUS.DRAWN) await play('settleRound', [poolId, roundId, BATCH])
    else if (round.status === STATUS.CANCELLED && !round.isFinal)
      await play('processRefunds', [poolId, roundId, BATCH])
    else unpaid.get(poolId)?.delete(roundId)
  }

  const turn = async (timestamp: bigint) => {
    for (const poolId of poolIds) {
      const { roundId, config, round } = await table.current(poolId)
      const isFull = round.entryCount >= BigInt(config.maxEntries)
      if (round.status === STATUS.OPEN && (timestamp >= round.closesAt || isFull)) {
        await play('closeRound', [poolId])
        unpaid.get(poolId)?.add(roundId)
      } else if (round.status === STATUS.DRAWING) {
        unpaid.get(poolId)?.add(roundId)
        const isExpired = timestamp >= round.closedAt + BigInt(config.drawTimeout)
        if (isExpired) await play('cancelExpired', [poolId])
        else {
          const word = await chooseWord(poolId, roundId)
          const args = [round.requestId, deployment.contract, [word]]
          await table.send(
            KEEPER,
            deployment.coordinator,
            vrfCoordinatorMockAbi,
            'fulfillRandomWordsWithOverride',
            args,
          )
        }
      }
      for (const earlier of unpaid.get(poolId) ?? [])
        if (earlier < roundId) await pay(poolId, earlier)
    }
    const args = [stubborn, zeroAddress] as const
    const credit = await client.readContract({ ...game, functionName: 'credits', args })
    if (credit > 0n && random.chance(0.05)) await claim()
  }

  const turns = eachBlock(table, log, turn)
  return { stubborn: () => stubborn, stop: turns.stop }
}
