//! Bitcoin addresses of a public key.
//!
//! - Specification: BIP-141 and BIP-173 (P2WPKH), BIP-341 and BIP-350 (P2TR without scripts, as in BIP-86).
//! - In: a compressed key (33 bytes). Out: the address as text.
//! - The network follows from the environment that `init` fixed and is shown beside every address; nothing falls back to another one.

use crate::root_key::{KeyKind, KeyMalformed};
use bech32::{Hrp, hrp, segwit};
use candid::CandidType;
use canister_kit::Environment;
use key_path::taproot;
use minicbor::{Decode, Encode};
use ripemd::Ripemd160;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// A Bitcoin network.
#[derive(
    CandidType, Deserialize, Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord,
)]
#[cbor(index_only)]
pub enum BitcoinNetwork {
    /// Bitcoin; addresses begin with `bc1`.
    #[n(0)]
    Mainnet,
    /// Testnet4; addresses begin with `tb1`.
    #[n(1)]
    Testnet,
    /// A chain on the developer's machine; addresses begin with `bcrt1`.
    #[n(2)]
    Regtest,
}

impl BitcoinNetwork {
    /// The network of an environment.
    pub const fn of(environment: Environment) -> Self {
        match environment {
            Environment::Production => Self::Mainnet,
            Environment::Staging => Self::Testnet,
            Environment::Local => Self::Regtest,
        }
    }

    const fn prefix(self) -> Hrp {
        match self {
            Self::Mainnet => hrp::BC,
            Self::Testnet => hrp::TB,
            Self::Regtest => hrp::BCRT,
        }
    }
}

/// The address of the hash of a key.
pub fn p2wpkh(network: BitcoinNetwork, key: &[u8]) -> String {
    let hash = Ripemd160::digest(Sha256::digest(key));
    written(segwit::encode_v0(network.prefix(), &hash))
}

/// The address of the Taproot output whose internal key this is, without scripts.
///
/// # Errors
/// The bytes are not a key.
pub fn p2tr(network: BitcoinNetwork, key: &[u8]) -> Result<String, KeyMalformed> {
    let malformed = KeyMalformed(KeyKind::Bip340);
    let output = taproot::output_key(key, &[]).map_err(|_| malformed)?;
    Ok(written(segwit::encode_v1(network.prefix(), &output.x_only)))
}

fn written(address: Result<String, segwit::EncodeError>) -> String {
    match address {
        Ok(address) => address,
        // Programs of 20 and 32 bytes under these prefixes are within every limit.
        Err(error) => panic!("an address does not encode: {error}"),
    }
}
