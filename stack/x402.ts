import {
  encodeAbiParameters,
  encodePacked,
  getAddress,
  type Hex,
  keccak256,
  type LocalAccount,
  parseAbiParameters,
  toBytes,
} from 'viem'

const ENTRY_TYPEHASH = keccak256(
  toBytes(
    'Entry(uint256 chainId,address game,uint256 poolId,uint256 roundId,address player,uint16[] numbers,bytes32 salt)',
  ),
)

/** What an x402 payment is for. The nonce binds the payment to it. */
export interface EntryPurpose {
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
export const entryNonce = (purpose: EntryPurpose): Hex =>
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

/** The payer's signature under EIP-3009's ReceiveWithAuthorization, for the local dollar. */
export const signPayment = (
  payer: LocalAccount,
  purpose: EntryPurpose,
  payment: {
    readonly token: Hex
    /** Base units. */
    readonly value: bigint
    /** Seconds; valid before, not at. */
    readonly validBefore: bigint
  },
): Promise<Hex> =>
  payer.signTypedData({
    domain: {
      name: 'Local Dollar',
      version: '2',
      chainId: purpose.chainId,
      verifyingContract: getAddress(payment.token),
    },
    types: {
      ReceiveWithAuthorization: [
        { name: 'from', type: 'address' },
        { name: 'to', type: 'address' },
        { name: 'value', type: 'uint256' },
        { name: 'validAfter', type: 'uint256' },
        { name: 'validBefore', type: 'uint256' },
        { name: 'nonce', type: 'bytes32' },
      ],
    },
    primaryType: 'ReceiveWithAuthorization',
    message: {
      from: payer.address,
      to: getAddress(purpose.game),
      value: payment.value,
      validAfter: 0n,
      validBefore: payment.validBefore,
      nonce: entryNonce(purpose),
    },
  })
