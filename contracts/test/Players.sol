// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
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

/// @title Burns all gas it is given, or returns more than anybody wants to pay for.
contract CostlyPlayer {
    bool public immutable isBomb;

    constructor(bool isBomb_) {
        isBomb = isBomb_;
    }

    receive() external payable {
        if (isBomb) {
            assembly {
                revert(0, 1000000)
            }
        }
        while (true) {}
    }
}

/// @title Tries a call of its own whenever it is paid, and remembers whether it got through.
contract ReenteringPlayer {
    address public target;
    bytes public data;
    uint256 public attempts;
    uint256 public successes;

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
        if (target == address(0)) return;
        (bool isDone,) = target.call(data);
        attempts += 1;
        if (isDone) successes += 1;
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
