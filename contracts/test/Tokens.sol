// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ReenteringPlayer} from "./Players.sol";

/// @title A token that misbehaves as it is told: keeps a fee, answers false, refuses to pay certain accounts, or hands over
/// control whenever it moves.
contract OddToken is ERC20 {
    uint256 public feeBps;
    bool public isAnsweringFalse;
    mapping(address account => bool) public isBlocked;
    ReenteringPlayer public hook;

    constructor() ERC20("Misbehaving", "BAD") {}

    function mint(address to, uint256 value) external {
        _mint(to, value);
    }

    function setFee(uint256 feeBps_) external {
        feeBps = feeBps_;
    }

    function answerFalse(bool isAnsweringFalse_) external {
        isAnsweringFalse = isAnsweringFalse_;
    }

    function block_(address account, bool isBlocked_) external {
        isBlocked[account] = isBlocked_;
    }

    function setHook(ReenteringPlayer hook_) external {
        hook = hook_;
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        if (isAnsweringFalse) return false;
        return super.transfer(to, value);
    }

    function _update(address from, address to, uint256 value) internal override {
        require(!isBlocked[to], "blocked");
        uint256 fee = from == address(0) ? 0 : (value * feeBps) / 10_000;
        super._update(from, to, value - fee);
        if (fee != 0) super._update(from, address(0), fee);
        if (address(hook) != address(0)) hook.attempt();
    }
}

/// @title A token as some old ones are: bytes32 texts, and transfers that answer nothing.
contract OldToken {
    bytes32 public constant symbol = "OLD";
    bytes32 public constant name = "Old Token";
    uint8 public constant decimals = 2;
    mapping(address account => uint256) public balanceOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 value);

    function mint(address to, uint256 value) external {
        balanceOf[to] += value;
        emit Transfer(address(0), to, value);
    }

    function approve(address spender, uint256 value) external {
        allowance[msg.sender][spender] = value;
    }

    function transfer(address to, uint256 value) external {
        _transfer(msg.sender, to, value);
    }

    function transferFrom(address from, address to, uint256 value) external {
        allowance[from][msg.sender] -= value;
        _transfer(from, to, value);
    }

    function _transfer(address from, address to, uint256 value) private {
        balanceOf[from] -= value;
        balanceOf[to] += value;
        emit Transfer(from, to, value);
    }
}

/// @title A token whose texts cannot be read at all.
contract MuteToken is ERC20 {
    constructor() ERC20("", "") {}

    function mint(address to, uint256 value) external {
        _mint(to, value);
    }

    function symbol() public pure override returns (string memory) {
        revert("mute");
    }

    function name() public pure override returns (string memory) {
        revert("mute");
    }
}
