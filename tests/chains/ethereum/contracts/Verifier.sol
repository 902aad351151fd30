// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// Records orders that somebody signed as typed data (EIP-712), and messages signed by EIP-191.
contract Verifier {
    struct Order {
        address maker;
        string item;
        uint256 amount;
        uint256 nonce;
    }

    bytes32 private constant DOMAIN =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant ORDER = keccak256("Order(address maker,string item,uint256 amount,uint256 nonce)");
    /// Half the order of the group: of the two signatures that are equally valid only one is taken (EIP-2).
    bytes32 private constant HALF = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// How much of an item a maker has ordered.
    mapping(address => mapping(string => uint256)) public ordered;
    mapping(address => mapping(uint256 => bool)) public used;
    /// The hash of the last message that somebody signed.
    mapping(address => bytes32) public said;

    error WrongSigner(address signer);
    error Used(uint256 nonce);

    function order(Order calldata wish, bytes calldata signature) external {
        bytes32 content =
            keccak256(abi.encode(ORDER, wish.maker, keccak256(bytes(wish.item)), wish.amount, wish.nonce));
        check(wish.maker, keccak256(abi.encodePacked("\x19\x01", domain(), content)), signature);
        if (used[wish.maker][wish.nonce]) revert Used(wish.nonce);
        used[wish.maker][wish.nonce] = true;
        ordered[wish.maker][wish.item] += wish.amount;
    }

    /// A message of 32 bytes.
    function say(address by, bytes32 message, bytes calldata signature) external {
        check(by, keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", message)), signature);
        said[by] = message;
    }

    function domain() public view returns (bytes32) {
        return keccak256(
            abi.encode(DOMAIN, keccak256("Verifier"), keccak256("1"), block.chainid, address(this))
        );
    }

    function check(address by, bytes32 digest, bytes calldata signature) private pure {
        require(signature.length == 65, "65 bytes");
        bytes32 s = bytes32(signature[32:64]);
        require(s <= HALF, "high s");
        address signer = ecrecover(digest, uint8(signature[64]), bytes32(signature[:32]), s);
        if (signer == address(0) || signer != by) revert WrongSigner(signer);
    }
}
