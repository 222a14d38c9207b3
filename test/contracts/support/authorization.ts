import {
  type Address,
  encodeAbiParameters,
  encodePacked,
  type Hex,
  keccak256,
  parseAbiParameters,
  toHex,
} from 'viem'
import { accountAt } from '../../../stack/deploy.ts'
import { addressOf, type Game, type Who } from './game.ts'

const fields = (types: string) =>
  types.split(',').map((each) => {
    const [type = '', name = ''] = each.split(' ')
    return { type, name }
  })
const MOVE =
  'address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce'
const TYPES = {
  TransferWithAuthorization: fields(MOVE),
  ReceiveWithAuthorization: fields(MOVE),
  CancelAuthorization: fields('address authorizer,bytes32 nonce'),
}

/** An account's signature over an EIP-3009 message of a dollar. */
export const sign = (
  { dollar }: Pick<Game, 'dollar'>,
  signer: number,
  primaryType: keyof typeof TYPES,
  message: Record<string, unknown>,
): Promise<Hex> =>
  accountAt(signer).signTypedData({
    domain: { name: 'Local Dollar', version: '2', chainId: 31337, verifyingContract: dollar },
    types: TYPES,
    primaryType,
    message,
  })

/** The nonce of game.md, made without the contract's help. */
export const nonceOf = (
  game: Address,
  poolId: bigint,
  roundId: bigint,
  player: Address,
  numbers: readonly number[],
  salt: Hex,
): Hex =>
  keccak256(
    encodeAbiParameters(
      parseAbiParameters('bytes32, uint256, address, uint256, uint256, address, bytes32, bytes32'),
      [
        keccak256(
          toHex(
            'Entry(uint256 chainId,address game,uint256 poolId,uint256 roundId,address player,uint16[] numbers,bytes32 salt)',
          ),
        ),
        31337n,
        game,
        poolId,
        roundId,
        player,
        keccak256(encodePacked(['uint16[]'], [numbers])),
        salt,
      ],
    ),
  )

export interface Ordered {
  readonly poolId: bigint
  readonly numbers: readonly number[]
  readonly player?: Who
  /** A local account, which signs. Default 3. */
  readonly signer?: number
  /** Default: the signer. A contract wallet of the signer's, for instance. */
  readonly payer?: Address
  readonly roundId?: bigint
  readonly salt?: Hex
  readonly validAfter?: bigint
  readonly validBefore?: bigint
}

/** A signed order: the arguments of `enterWithAuthorization`, and its nonce. */
export const order = async (
  game: Game,
  { poolId, numbers, player = 4, signer = 3, salt = toHex(7, { size: 32 }), ...rest }: Ordered,
) => {
  const { config, currentRoundId } = await game.read.pools([poolId])
  const { roundId = currentRoundId, payer = addressOf(signer) } = rest
  const { validAfter = 0n, validBefore = game.now() + 3600n } = rest
  const nonce = nonceOf(game.contract, poolId, roundId, addressOf(player), numbers, salt)
  const value = config.entryFee * BigInt(numbers.length)
  const signature = await sign(game, signer, 'ReceiveWithAuthorization', {
    ...{ from: payer, to: game.contract, value, validAfter, validBefore, nonce },
  })
  const args = [
    ...([poolId, roundId, payer, addressOf(player), numbers] as const),
    ...([validAfter, validBefore, salt, signature] as const),
  ] as const
  return { args, nonce, value, payer, player: addressOf(player) }
}
