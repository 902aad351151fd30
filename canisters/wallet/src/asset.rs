//! What a wallet can hold, and amounts of it.
//!
//! - In: names as callers write them. Out: values with one form each, so that a token cannot have two sets of rules.
//! - Stored as CBOR: an asset is [number, [fields]]; an amount is a byte string of 16 bytes, big endian.

use crate::account::ethereum::EvmAddress;
use crate::account::solana::SolanaAddress;
use crate::chain::ethereum::quantity::ChainId;
use candid::{CandidType, Principal};
use canister_kit::encoding::Identity;
use minicbor::{Decode, Encode};
use serde::Deserialize;

/// An asset as callers write it.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub enum RawAsset {
    /// Bitcoin; amounts in satoshi.
    Btc,
    /// The native currency of a chain of Ethereum's kind; amounts in wei.
    Eth {
        /// EIP-155's number of the chain.
        chain_id: u64,
    },
    /// A token of a contract.
    Erc20 {
        /// EIP-155's number of the chain.
        chain_id: u64,
        /// The contract's address: `0x` and 40 hexadecimal digits, with EIP-55's checksum or all small.
        contract: String,
    },
    /// Sol; amounts in lamports.
    Sol,
    /// A token of this mint, in base58.
    Spl(String),
    /// A token of this ledger.
    Icrc(Principal),
}

/// An asset.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asset {
    /// Bitcoin; amounts in satoshi.
    #[n(0)]
    Btc,
    /// The native currency of a chain of Ethereum's kind; amounts in wei.
    #[n(1)]
    Eth(#[n(0)] ChainId),
    /// A token of a contract.
    #[n(2)]
    Erc20(#[n(0)] ChainId, #[n(1)] EvmAddress),
    /// Sol; amounts in lamports.
    #[n(3)]
    Sol,
    /// A token of a mint.
    #[n(4)]
    Spl(#[n(0)] SolanaAddress),
    /// A token of a ledger.
    #[n(5)]
    Icrc(#[n(0)] Identity),
}

impl Asset {
    /// Reads an asset; nothing where its address is malformed, or its ledger a principal that is no canister.
    pub fn parse(raw: &RawAsset) -> Option<Self> {
        Some(match raw {
            RawAsset::Btc => Self::Btc,
            RawAsset::Eth { chain_id } => Self::Eth(ChainId(*chain_id)),
            RawAsset::Erc20 { chain_id, contract } => {
                Self::Erc20(ChainId(*chain_id), EvmAddress::parse(contract)?)
            }
            RawAsset::Sol => Self::Sol,
            RawAsset::Spl(mint) => Self::Spl(SolanaAddress::parse(mint)?),
            RawAsset::Icrc(ledger) => Self::Icrc(canister(*ledger)?),
        })
    }
}

fn canister(ledger: Principal) -> Option<Identity> {
    let other = [Principal::anonymous(), Principal::management_canister()];
    (!other.contains(&ledger)).then_some(Identity(ledger))
}

impl From<&Asset> for RawAsset {
    fn from(asset: &Asset) -> Self {
        match asset {
            Asset::Btc => Self::Btc,
            Asset::Eth(chain) => Self::Eth { chain_id: chain.0 },
            Asset::Erc20(chain, contract) => Self::Erc20 {
                chain_id: chain.0,
                contract: contract.to_string(),
            },
            Asset::Sol => Self::Sol,
            Asset::Spl(mint) => Self::Spl(mint.to_string()),
            Asset::Icrc(ledger) => Self::Icrc(ledger.0),
        }
    }
}

/// An amount in the smallest unit of the asset that it stands beside.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct Amount(#[cbor(n(0), with = "canister_kit::encoding::u128_bytes")] pub u128);

impl Amount {
    /// The sum, or the largest amount where the sum is larger.
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_form_however_it_was_written() {
        // EIP-55, "Test Cases".
        let mixed = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
        let token = |text: &str| RawAsset::Erc20 {
            chain_id: 1,
            contract: text.to_owned(),
        };
        let parse = |text: &str| Asset::parse(&token(text));
        let asset = parse(mixed).unwrap();
        assert_eq!(parse(&mixed.to_lowercase()), Some(asset.clone()));
        assert_eq!(RawAsset::from(&asset), token(mixed));
        let wrong = [mixed.replace("5aA", "5aa"), mixed[2..].to_owned()];
        for text in wrong.iter().chain([&mixed[..40].to_owned()]) {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_ledger_is_a_canister() {
        for other in [Principal::anonymous(), Principal::management_canister()] {
            assert_eq!(Asset::parse(&RawAsset::Icrc(other)), None);
        }
        let ledger = RawAsset::Icrc(Principal::from_slice(&[0, 0, 0, 0, 0, 0, 0, 2, 1, 1]));
        let asset = Asset::parse(&ledger).unwrap();
        assert_eq!(RawAsset::from(&asset), ledger);
    }

    #[test]
    fn an_amount_is_stored_in_16_bytes() {
        let mut expected = vec![0x50];
        expected.extend_from_slice(&u128::MAX.to_be_bytes());
        assert_eq!(minicbor::to_vec(Amount(u128::MAX)).unwrap(), expected);
        let read: Amount = minicbor::decode(&expected).unwrap();
        assert_eq!(read, Amount(u128::MAX));
        assert!(minicbor::decode::<Amount>(&[0x41, 1]).is_err());
    }
}
