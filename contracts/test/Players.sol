// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IPay402Win} from "../interfaces/IPay402Win.sol";

/// @title A player that takes no native coin until it is told to, and can claim what it was credited.
contract RejectingPlayer {
    bool public isOpen;

    receive() external payable {
        require(isOpen, "closed");
    }

    function open() external {
        isOpen = true;
    }

    function claim(IPay402Win game, address token, address to) external {
        game.claimCredit(token, to);
    }
}

/// @title Burns all gas it is given, or buys the longest answer with it, which costs whoever reads it.
contract CostlyPlayer {
    bool public immutable isBomb;

    constructor(bool isBomb_) {
        isBomb = isBomb_;
    }

    receive() external payable {
        if (isBomb) {
            assembly {
                revert(0, 120000)
            }
        }
        while (true) {}
    }
}

/// @title Takes coin only with all the gas that a push is to bring, and refuses at little cost otherwise.
contract CarefulPlayer {
    receive() external payable {
        require(gasleft() > 50_000, "too little gas");
    }
}

/// @title Tries a call of its own whenever it is paid, and remembers how that went.
contract ReenteringPlayer {
    /// In one slot, so that there is gas left for it within a push.
    address public target;
    uint32 public attempts;
    uint32 public successes;
    /// The selector of the error its last attempt met.
    bytes4 public reason;
    bytes public data;

    function prepare(address target_, bytes calldata data_) external {
        target = target_;
        data = data_;
    }

    function run(address to, bytes calldata data_) external payable {
        (bool isDone, bytes memory result) = to.call{value: msg.value}(data_);
        if (!isDone) {
            assembly {
                revert(add(result, 32), mload(result))
            }
        }
    }

    receive() external payable {
        attempt();
    }

    /// @notice Also what a token with hooks calls.
    function attempt() public {
        if (target == address(0)) return;
        (bool isDone, bytes memory result) = target.call(data);
        attempts += 1;
        if (isDone) successes += 1;
        else reason = bytes4(result);
    }
}

/// @title A contract wallet: its owner signs for it (ERC-1271).
contract Wallet is IERC1271 {
    address public immutable owner;

    constructor(address owner_) {
        owner = owner_;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        (address signer,,) = ECDSA.tryRecover(hash, signature);
        return signer == owner ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// @title Several calls in one transaction.
contract Multicaller {
    struct Call {
        address to;
        uint256 value;
        bytes data;
    }

    receive() external payable {}

    function run(Call[] calldata calls) external payable {
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool isDone, bytes memory result) = calls[i].to.call{value: calls[i].value}(calls[i].data);
            if (!isDone) {
                assembly {
                    revert(add(result, 32), mload(result))
                }
            }
        }
    }
}
