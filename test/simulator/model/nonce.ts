import {
  decodeFunctionData,
  encodeAbiParameters,
  encodePacked,
  type Hex,
  keccak256,
  parseAbiParameters,
  stringToHex,
  toFunctionSelector,
} from 'viem'
import { pay402WinAbi } from '../../../abis/Pay402Win.ts'

const ENTRY_TYPEHASH = keccak256(
  stringToHex(
    'Entry(uint256 chainId,address game,uint256 poolId,uint256 roundId,address player,uint16[] numbers,bytes32 salt)',
  ),
)

/** What the nonce of a payment stands for. */
export interface Purpose {
  readonly chainId: number
  readonly game: Hex
  readonly poolId: bigint
  readonly roundId: bigint
  readonly player: Hex
  readonly numbers: readonly number[]
}

export const nonceOf = (purpose: Purpose, salt: Hex): Hex =>
  keccak256(
    encodeAbiParameters(
      parseAbiParameters('bytes32, uint256, address, uint256, uint256, address, bytes32, bytes32'),
      [
        ENTRY_TYPEHASH,
        BigInt(purpose.chainId),
        purpose.game,
        purpose.poolId,
        purpose.roundId,
        purpose.player,
        keccak256(encodePacked(['uint16[]'], [purpose.numbers])),
        salt,
      ],
    ),
  )

const abi = pay402WinAbi.filter(
  (item) => item.type === 'function' && item.name === 'enterWithAuthorization',
)
const selector = toFunctionSelector(
  'enterWithAuthorization(uint256,uint256,address,address,uint16[],uint256,uint256,bytes32,bytes)',
).slice(2)

/** The call's data at each place where its selector stands, at whole bytes. */
const callsIn = (input: string): readonly Hex[] => {
  const calls: Hex[] = []
  for (let at = input.indexOf(selector); at >= 0; at = input.indexOf(selector, at + 1))
    if (at % 2 === 0) calls.push(`0x${input.slice(at)}`)
  return calls
}

const decoded = (data: Hex) => {
  try {
    const { args } = decodeFunctionData({ abi, data })
    return args
  } catch {
    // Four bytes that happen to look like the selector.
    return undefined
  }
}

/** Salts of the calls in a transaction, at top level or within other calls, by which this payer enters that round. */
export const saltsIn = (
  input: Hex,
  { poolId, roundId, payer }: { poolId: bigint; roundId: bigint; payer: Hex },
): readonly Hex[] =>
  callsIn(input.slice(2)).flatMap((data) => {
    const args = decoded(data)
    if (args === undefined) return []
    const [pool, round, by, , , , , salt] = args
    return pool === poolId && round === roundId && by.toLowerCase() === payer
      ? [salt.toLowerCase() as Hex]
      : []
  })
