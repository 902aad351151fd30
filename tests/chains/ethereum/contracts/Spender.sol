// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

interface Allowing {
    function transferFrom(address from, address to, uint256 value) external returns (bool);

    function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external;
}

/// Takes tokens that it was allowed to take, as an exchange does. What it is paid in ether it keeps.
contract Spender {
    uint256 public count;
    uint256 public received;

    error Never();

    /// Takes what was allowed before.
    function take(address token, address from, uint256 value) external {
        require(Allowing(token).transferFrom(from, address(this), value), "not taken");
    }

    /// Takes with an allowance that was signed.
    function takeWithPermit(
        address token,
        address from,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        Allowing(token).permit(from, address(this), value, deadline, v, r, s);
        require(Allowing(token).transferFrom(from, address(this), value), "not taken");
    }

    /// Does something that no wallet can read the meaning of.
    function increase(uint256 by) external payable {
        count += by;
        received += msg.value;
    }

    /// Always fails, whatever was paid.
    function fail(uint256) external payable {
        revert Never();
    }
}
