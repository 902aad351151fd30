//! Transactions with a base fee.
//!
//! - Specification: EIP-1559 (`0x02`, then the RLP list of twelve fields, nine of them signed), EIP-2718 (the first byte), EIP-2681 (nonces).
//! - In: a [`RawTransaction`], and later the signature of its account. Out: the hash to sign, and the bytes to send with their hash.
//! - The maximum cost, value and gas limit times maximum fee, is computed once, checked, and what a policy counts.
//! - Left out: access lists (always empty), creation of contracts, whether the gas suffices, which only the chain can tell.

use super::error::{SignatureError, TransactionError};
use super::hash::{SigningHash, TransactionHash, keccak};
use super::quantity::{ChainId, Gas, Nonce, Wei};
use super::rlp::List;
use super::signature::Signature;
use crate::account::ethereum::EvmAddress;
use minicbor::{Decode, Encode};

/// The most bytes of data. Nodes pass on no transaction above 128 KiB.
pub const MAX_DATA_BYTES: usize = 32 * 1024;

/// EIP-2718: what a transaction of EIP-1559 begins with.
const KIND: u8 = 2;

/// What is paid per unit of gas.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Fees {
    /// At most this goes to the block's maker.
    #[n(0)]
    pub max_priority_fee_per_gas: Wei,
    /// At most this is paid in all; what the base fee leaves is not taken.
    #[n(1)]
    pub max_fee_per_gas: Wei,
}

/// A transaction that nobody has checked.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct RawTransaction {
    /// On which chain.
    #[n(0)]
    pub chain_id: ChainId,
    /// Which of its account's transactions.
    #[n(1)]
    pub nonce: Nonce,
    /// What it pays.
    #[n(2)]
    pub fees: Fees,
    /// The most gas that it uses.
    #[n(3)]
    pub gas_limit: Gas,
    /// Who is paid or called.
    #[n(4)]
    pub to: EvmAddress,
    /// What is sent along.
    #[n(5)]
    pub value: Wei,
    /// What a contract is called with.
    #[n(6)]
    #[cbor(with = "minicbor::bytes")]
    pub data: Vec<u8>,
}

/// A transaction that a node can take: it names a chain, its fees are in order, and its cost is a number.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Transaction {
    #[n(0)]
    raw: RawTransaction,
    #[n(1)]
    maximum_cost: Wei,
}

impl Transaction {
    /// Checks a transaction; whether its gas suffices, whoever wants it has checked.
    ///
    /// # Errors
    /// What is wrong with it, by itself.
    pub fn check(raw: RawTransaction) -> Result<Self, TransactionError> {
        let (priority, maximum) = (
            raw.fees.max_priority_fee_per_gas.0,
            raw.fees.max_fee_per_gas.0,
        );
        if raw.chain_id.0 == 0 {
            return Err(TransactionError::NoChain);
        }
        if raw.nonce.0 == u64::MAX {
            return Err(TransactionError::NonceTooLarge);
        }
        if priority > maximum {
            return Err(TransactionError::PriorityAboveMaximum { priority, maximum });
        }
        if raw.data.len() > MAX_DATA_BYTES {
            return Err(TransactionError::DataTooLong {
                bytes: raw.data.len() as u64,
                at_most: MAX_DATA_BYTES as u64,
            });
        }
        let fee = maximum.checked_mul(raw.gas_limit.0.into());
        let cost = fee.and_then(|fee| fee.checked_add(raw.value.0));
        let maximum_cost = cost.map(Wei).ok_or(TransactionError::CostTooLarge)?;
        Ok(Self { raw, maximum_cost })
    }

    /// Its fields.
    pub const fn raw(&self) -> &RawTransaction {
        &self.raw
    }

    /// The most that leaves the account: value, and gas limit times maximum fee.
    #[cfg(test)]
    pub const fn maximum_cost(&self) -> Wei {
        self.maximum_cost
    }

    /// What its account signs.
    pub fn signing_hash(&self) -> SigningHash {
        SigningHash(keccak([self.encoded(None).as_slice()]))
    }

    /// Puts the signature in: r and s, 64 bytes, as the management canister gives them.
    ///
    /// # Errors
    /// It is not the account's signature of this transaction.
    pub fn assemble(
        &self,
        account: EvmAddress,
        r_and_s: &[u8],
    ) -> Result<SignedTransaction, SignatureError> {
        let signature = Signature::of_account(account, &self.signing_hash(), r_and_s)?;
        let bytes = self.encoded(Some(&signature));
        let hash = TransactionHash(keccak([bytes.as_slice()]));
        Ok(SignedTransaction { bytes, hash })
    }

    fn encoded(&self, signature: Option<&Signature>) -> Vec<u8> {
        let RawTransaction { fees, .. } = self.raw;
        let mut fields = List::default()
            .number(self.raw.chain_id.0)
            .number(self.raw.nonce.0)
            .number(fees.max_priority_fee_per_gas.0)
            .number(fees.max_fee_per_gas.0)
            .number(self.raw.gas_limit.0)
            .bytes(self.raw.to.bytes())
            .number(self.raw.value.0)
            .bytes(&self.raw.data)
            .list(List::default());
        if let Some(signature) = signature {
            fields = fields
                .number(u8::from(signature.y_is_odd()))
                .long_number(signature.r())
                .long_number(signature.s());
        }
        let mut bytes = vec![KIND];
        bytes.extend(fields.encoded());
        bytes
    }
}

/// A transaction as nodes take it.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct SignedTransaction {
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    bytes: Vec<u8>,
    #[n(1)]
    hash: TransactionHash,
}

impl SignedTransaction {
    /// What is sent: `0x02` and a list of RLP.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// By which nodes know it.
    pub const fn hash(&self) -> TransactionHash {
        self.hash
    }
}
