import { getAddress, type Hex, type LocalAccount } from 'viem'
import { nonceOf, type Purpose } from '../src/domain/Payment.ts'

/** The payer's signature under EIP-3009's ReceiveWithAuthorization, for the local dollar. */
export const signPayment = (
  payer: LocalAccount,
  purpose: Purpose,
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
      nonce: nonceOf(purpose),
    },
  })
