// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A token without decimals, which anybody may mint: it catches mistakes about decimals on local chains.
contract LocalOdd is ERC20 {
    constructor() ERC20("Local Odd", "ODD") {}

    function decimals() public pure override returns (uint8) {
        return 0;
    }

    function mint(address to, uint256 value) external {
        _mint(to, value);
    }
}
