//! What contracts declare, in Solidity, as far as the wallet understands it.
//!
//! - Specification: ERC-20; `increaseAllowance` as OpenZeppelin had it until its version 5; EIP-2612; EIP-3009; the contract of DAI; ERC-721 and ERC-1155 for
//!   `setApprovalForAll`; Permit2 of Uniswap (`IAllowanceTransfer`, `ISignatureTransfer`).
//! - Out: a type per function, which reads and writes calls, and per structure, which knows its `encodeType` of EIP-712. Names of functions
//!   have no say in EIP-712, names of members and their order have.
//! - The names are those of the contracts, so each source has a module of its own.

/// Tokens.
pub mod erc20 {
    alloy_sol_types::sol! {
        function transfer(address to, uint256 amount);
        function transferFrom(address from, address to, uint256 amount);
        function approve(address spender, uint256 amount);
        function increaseAllowance(address spender, uint256 addedValue);
        function setApprovalForAll(address operator, bool approved);
        function balanceOf(address account);
    }
}

/// EIP-2612: approval by signature.
pub mod eip2612 {
    alloy_sol_types::sol! {
        struct Permit {
            address owner;
            address spender;
            uint256 value;
            uint256 nonce;
            uint256 deadline;
        }

        function permit(
            address owner,
            address spender,
            uint256 value,
            uint256 deadline,
            uint8 v,
            bytes32 r,
            bytes32 s
        );
    }
}

/// EIP-3009: transfers by signature, as of USDC. Anyone may bring the first, only the receiver the second.
pub mod eip3009 {
    alloy_sol_types::sol! {
        struct TransferWithAuthorization {
            address from;
            address to;
            uint256 value;
            uint256 validAfter;
            uint256 validBefore;
            bytes32 nonce;
        }

        struct ReceiveWithAuthorization {
            address from;
            address to;
            uint256 value;
            uint256 validAfter;
            uint256 validBefore;
            bytes32 nonce;
        }
    }
}

/// The contract of DAI, older than EIP-2612: all or nothing.
pub mod dai {
    alloy_sol_types::sol! {
        struct Permit {
            address holder;
            address spender;
            uint256 nonce;
            uint256 expiry;
            bool allowed;
        }

        function permit(
            address holder,
            address spender,
            uint256 nonce,
            uint256 expiry,
            bool allowed,
            uint8 v,
            bytes32 r,
            bytes32 s
        );
    }
}

/// Permit2: allowances.
pub mod allowance {
    alloy_sol_types::sol! {
        struct PermitDetails {
            address token;
            uint160 amount;
            uint48 expiration;
            uint48 nonce;
        }

        struct PermitSingle {
            PermitDetails details;
            address spender;
            uint256 sigDeadline;
        }

        function approve(address token, address spender, uint160 amount, uint48 expiration);
        function permit(address owner, PermitSingle permitSingle, bytes signature);
        function transferFrom(address from, address to, uint160 amount, address token);
    }
}

/// Permit2: the functions of allowances whose names others have already.
pub mod allowance_batch {
    alloy_sol_types::sol! {
        struct PermitDetails {
            address token;
            uint160 amount;
            uint48 expiration;
            uint48 nonce;
        }

        struct PermitBatch {
            PermitDetails[] details;
            address spender;
            uint256 sigDeadline;
        }

        struct AllowanceTransferDetails {
            address from;
            address to;
            uint160 amount;
            address token;
        }

        function permit(address owner, PermitBatch permitBatch, bytes signature);
        function transferFrom(AllowanceTransferDetails[] transferDetails);
    }
}

/// Permit2: transfers by signature.
pub mod transfer {
    alloy_sol_types::sol! {
        struct TokenPermissions {
            address token;
            uint256 amount;
        }

        struct PermitTransferFrom {
            TokenPermissions permitted;
            address spender;
            uint256 nonce;
            uint256 deadline;
        }

        struct PermitBatchTransferFrom {
            TokenPermissions[] permitted;
            address spender;
            uint256 nonce;
            uint256 deadline;
        }
    }
}

/// Permit2: its functions for transfers by signature, whose structures leave the spender out, who is the caller.
pub mod transfer_call {
    alloy_sol_types::sol! {
        struct TokenPermissions {
            address token;
            uint256 amount;
        }

        struct PermitTransferFrom {
            TokenPermissions permitted;
            uint256 nonce;
            uint256 deadline;
        }

        struct SignatureTransferDetails {
            address to;
            uint256 requestedAmount;
        }

        function permitTransferFrom(
            PermitTransferFrom permit,
            SignatureTransferDetails transferDetails,
            address owner,
            bytes signature
        );
    }
}

/// Permit2: the same for several tokens at once.
pub mod transfer_call_batch {
    alloy_sol_types::sol! {
        struct TokenPermissions {
            address token;
            uint256 amount;
        }

        struct PermitBatchTransferFrom {
            TokenPermissions[] permitted;
            uint256 nonce;
            uint256 deadline;
        }

        struct SignatureTransferDetails {
            address to;
            uint256 requestedAmount;
        }

        function permitTransferFrom(
            PermitBatchTransferFrom permit,
            SignatureTransferDetails[] transferDetails,
            address owner,
            bytes signature
        );
    }
}
