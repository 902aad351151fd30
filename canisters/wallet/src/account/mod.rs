//! A wallet's accounts on each chain: the path of its keys, and the addresses that the keys have.
//!
//! - What it does: [`Purpose::key`] derives a wallet's public key from the canister's own ([`crate::root_key`]) without asking anybody;
//!   the modules below write addresses: [`bitcoin`] (P2WPKH, P2TR), [`ethereum`], [`solana`], [`icrc`].
//! - The keys are those that the management canister gives for the same path: derivation is additive (docs/protocols/key-derivation.md).
//! - In: cached root keys, wallet id, index. Out: [`Addresses`].
//! - Left out: signing; keys for raw messages, which are no accounts and get a purpose of their own.

pub mod bitcoin;
pub mod ethereum;
pub mod icrc;
pub mod path;
pub mod solana;
#[cfg(test)]
mod tests;

use crate::root_key::{KeyMalformed, RootKeys};
use crate::wallet::WalletId;
use bitcoin::BitcoinNetwork;
use candid::{CandidType, Principal};
use icrc::IcrcAccount;
use path::{AccountIndex, Purpose};
use serde::Deserialize;

/// Where a wallet receives, for one index.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The network of the Bitcoin addresses.
    pub bitcoin_network: BitcoinNetwork,
    /// Bitcoin, version 0 witness program of a key hash (BIP-84's kind).
    pub p2wpkh: String,
    /// Bitcoin, version 1 witness program without scripts (BIP-86's kind).
    pub p2tr: String,
    /// Ethereum and every chain with its addresses, with EIP-55's checksum.
    pub evm: String,
    /// Solana: the Ed25519 key in base58.
    pub solana: String,
    /// Ledgers with ICRC-1.
    pub icrc: IcrcAccount,
}

impl Addresses {
    /// The addresses of a wallet of this canister.
    ///
    /// # Errors
    /// A root key that is not a key; none such is ever cached.
    pub fn of(
        roots: &RootKeys,
        network: BitcoinNetwork,
        canister: Principal,
        wallet: WalletId,
        index: AccountIndex,
    ) -> Result<Self, KeyMalformed> {
        let key = |purpose: Purpose| purpose.key(roots, wallet, index);
        Ok(Self {
            bitcoin_network: network,
            p2wpkh: bitcoin::p2wpkh(network, &key(Purpose::P2wpkh)?),
            p2tr: bitcoin::p2tr(network, &key(Purpose::P2tr)?)?,
            evm: ethereum::EvmAddress::of(&key(Purpose::Evm)?)?.to_string(),
            solana: solana::SolanaAddress::of(&key(Purpose::Solana)?)?.to_string(),
            icrc: IcrcAccount::of(canister, wallet, index),
        })
    }
}
