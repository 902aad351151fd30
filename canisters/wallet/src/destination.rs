//! Where a payment goes: an address on the chain of its asset.
//!
//! - In: text as each chain writes its addresses. Out: a value with one form each, so that an allow-list cannot be passed by another spelling.
//! - Stored as CBOR: [number, [address]].

use crate::account::bitcoin::BitcoinNetwork;
use crate::account::ethereum::EvmAddress;
use crate::account::icrc::IcrcDestination;
use crate::account::solana::SolanaAddress;
use crate::asset::Asset;
use crate::chain::bitcoin;
use minicbor::{Decode, Encode};
use std::fmt;

/// An address on some chain.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Destination {
    /// On Bitcoin, in one of its networks.
    #[n(0)]
    Bitcoin(#[n(0)] BitcoinNetwork, #[n(1)] bitcoin::Destination),
    /// On a chain of Ethereum's kind.
    #[n(1)]
    Evm(#[n(0)] EvmAddress),
    /// On Solana: the owner, also where a token is sent.
    #[n(2)]
    Solana(#[n(0)] SolanaAddress),
    /// On a ledger with ICRC-1.
    #[n(3)]
    Icrc(#[n(0)] IcrcDestination),
}

impl Destination {
    /// Reads where an asset can be sent. Nothing where the text is no address of its chain.
    pub fn parse(asset: &Asset, text: &str, network: BitcoinNetwork) -> Option<Self> {
        match asset {
            Asset::Btc => {
                let script = bitcoin::Destination::parse(text, network).ok()?;
                Some(Self::Bitcoin(network, script))
            }
            Asset::Eth(_) | Asset::Erc20(..) => EvmAddress::parse(text).map(Self::Evm),
            Asset::Sol | Asset::Spl(_) => SolanaAddress::parse(text).map(Self::Solana),
            Asset::Icrc(_) => IcrcDestination::parse(text).map(Self::Icrc),
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bitcoin(network, script) => out.write_str(&script.address(*network)),
            Self::Evm(address) => address.fmt(out),
            Self::Solana(address) => address.fmt(out),
            Self::Icrc(account) => account.fmt(out),
        }
    }
}
