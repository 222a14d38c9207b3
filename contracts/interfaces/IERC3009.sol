// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The part of EIP-3009 that the game calls, with the signature as bytes so that contract wallets can pay too.
interface IERC3009 {
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;
}
