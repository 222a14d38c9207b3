import {
  decodeAbiParameters,
  encodeAbiParameters,
  encodePacked,
  getAddress,
  type Hex,
  keccak256,
  parseAbiParameters,
  toBytes,
  toFunctionSelector,
  toHex,
} from 'viem'

/** x402: an EIP-3009 authorisation whose nonce binds the payment to its purpose. */

const ENTRY_TYPEHASH = keccak256(
  toBytes(
    'Entry(uint256 chainId,address game,uint256 poolId,uint256 roundId,address player,uint16[] numbers,bytes32 salt)',
  ),
)

/** The contract takes so many entries in a call. */
export const MAX_ENTRIES = 100

/** What a payment is for. */
export interface Purpose {
  readonly chainId: number
  readonly game: Hex
  readonly poolId: bigint
  readonly roundId: bigint
  readonly player: Hex
  readonly numbers: readonly number[]
  /** 32 bytes; another salt, another payment. */
  readonly salt: Hex
}

/** The nonce of an authorisation that can pay for these entries and nothing else. */
export const nonceOf = (purpose: Purpose): Hex =>
  keccak256(
    encodeAbiParameters(
      parseAbiParameters('bytes32, uint256, address, uint256, uint256, address, bytes32, bytes32'),
      [
        ENTRY_TYPEHASH,
        BigInt(purpose.chainId),
        getAddress(purpose.game),
        purpose.poolId,
        purpose.roundId,
        getAddress(purpose.player),
        keccak256(encodePacked(['uint16[]'], [[...purpose.numbers]])),
        purpose.salt,
      ],
    ),
  )

/** All but the signature, which may be long. */
const PARAMETERS = parseAbiParameters(
  'uint256 poolId, uint256 roundId, address payer, address player, uint16[] numbers, uint256 validAfter, uint256 validBefore, bytes32 salt',
)
const SELECTOR = toFunctionSelector(
  'enterWithAuthorization(uint256,uint256,address,address,uint16[],uint256,uint256,bytes32,bytes)',
).slice(2)

/** Hex digits of a word, and of all that is read of a call: 9 words, then how many numbers and at most 100 of them. */
const WORD = 64
const CALL_DIGITS = (9 + 1 + 100) * WORD
/** The first parameter that has no fixed length lies right behind those that have. */
const NUMBERS_OFFSET = toHex(9 * 32, { size: 32 }).slice(2)

/** Calls of `enterWithAuthorization` in a transaction's input, at its top or handed to another contract. */
const callsIn = (input: Hex) => {
  const calls: { payer: Hex; purpose: Omit<Purpose, 'chainId' | 'game'> }[] = []
  for (let at = input.indexOf(SELECTOR, 2); at >= 0; at = input.indexOf(SELECTOR, at + 1)) {
    const begin = at + SELECTOR.length
    if (at % 2 !== 0 || !input.startsWith(NUMBERS_OFFSET, begin + 4 * WORD)) continue
    try {
      const [poolId, roundId, payer, player, numbers, , , salt] = decodeAbiParameters(
        PARAMETERS,
        `0x${input.slice(begin, begin + CALL_DIGITS)}`,
      )
      calls.push({ payer, purpose: { poolId, roundId, player, numbers, salt } })
    } catch {
      // Four bytes that look like the selector and are not.
    }
  }
  return calls
}

/**
 * The salt of a payment, from the calldata of its transaction: of the call that gives the nonce, or else of one with the same
 * pool, round, payer and player. Null when there is none, as when another contract made the call by itself.
 */
export const saltIn = (
  input: Hex,
  payment: Pick<Purpose, 'chainId' | 'game' | 'poolId' | 'roundId' | 'player'> & {
    readonly payer: Hex
    readonly nonce: Hex
  },
): Hex | null => {
  const { chainId, game, nonce } = payment
  const isSame = (a: Hex, b: Hex) => a.toLowerCase() === b.toLowerCase()
  const calls = callsIn(input).filter(
    ({ payer, purpose }) =>
      purpose.poolId === payment.poolId &&
      purpose.roundId === payment.roundId &&
      isSame(payer, payment.payer) &&
      isSame(purpose.player, payment.player),
  )
  const exact = calls.find(({ purpose }) => nonceOf({ ...purpose, chainId, game }) === nonce)
  return (exact ?? calls[0])?.purpose.salt ?? null
}
