//! Where bitcoin can be sent: addresses, and the scripts that they stand for.
//!
//! - Specification: BIP-13 and 16 (P2SH), BIP-141 and 173 (P2WPKH, P2WSH), BIP-341 and 350 (P2TR); Base58Check for the addresses before
//!   them. Dust: Bitcoin Core's `GetDustThreshold` at its rate of 3 satoshi per byte.
//! - In: text from callers and a network. Out: one of five kinds; nothing else is ever paid. Witness versions that mean nothing yet are
//!   refused, because today anybody could spend what is sent there; so is a P2TR output that is no key, because nobody ever could.
//! - Stored as CBOR: [number of the kind, [byte string]].
//! - Base58 addresses of the test networks are the same for testnet4 and regtest; nothing can tell these two apart.

use super::amount::Satoshi;
use super::error::DestinationError;
use crate::account::bitcoin::BitcoinNetwork;
use bech32::{Hrp, hrp, segwit};
use k256::PublicKey;
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

/// Longest text that is read at all; BIP-173 allows no longer one.
const MAX_TEXT_BYTES: usize = 90;

/// Bitcoin Core's `DUST_RELAY_TX_FEE`, in satoshi per byte.
const DUST_RATE: u64 = 3;

/// A script that can be paid.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Destination {
    /// The hash of a key.
    #[n(0)]
    P2pkh(
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        [u8; 20],
    ),
    /// The hash of a script.
    #[n(1)]
    P2sh(
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        [u8; 20],
    ),
    /// The hash of a key, spent by a witness.
    #[n(2)]
    P2wpkh(
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        [u8; 20],
    ),
    /// The hash of a script, spent by a witness.
    #[n(3)]
    P2wsh(
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        [u8; 32],
    ),
    /// A Taproot output key.
    #[n(4)]
    P2tr(
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        [u8; 32],
    ),
}

impl Destination {
    /// Reads an address of a network.
    ///
    /// # Errors
    /// It is malformed, belongs to another network, or nobody could be shown to own what is sent there.
    pub fn parse(text: &str, network: BitcoinNetwork) -> Result<Self, DestinationError> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(DestinationError::Malformed);
        }
        match segwit::decode(text) {
            Ok((prefix, version, program)) => {
                witness_program(prefix, version.to_u8(), &program, network)
            }
            Err(_) => base58(text, network),
        }
    }

    /// The address on a network.
    pub fn address(&self, network: BitcoinNetwork) -> String {
        let codes = Codes::of(network);
        let written = match self {
            Self::P2pkh(hash) => return with_checksum(codes.p2pkh, hash),
            Self::P2sh(hash) => return with_checksum(codes.p2sh, hash),
            Self::P2wpkh(hash) => segwit::encode_v0(codes.prefix, hash),
            Self::P2wsh(hash) => segwit::encode_v0(codes.prefix, hash),
            Self::P2tr(key) => segwit::encode_v1(codes.prefix, key),
        };
        match written {
            Ok(address) => address,
            // Programs of 20 and 32 bytes under these prefixes are within every limit.
            Err(error) => panic!("an address does not encode: {error}"),
        }
    }

    /// The script of an output that pays it: 22 to 34 bytes.
    pub fn script_pubkey(&self) -> Vec<u8> {
        const OP_DUP: u8 = 0x76;
        const OP_HASH160: u8 = 0xa9;
        const OP_EQUAL: u8 = 0x87;
        const OP_EQUALVERIFY: u8 = 0x88;
        const OP_CHECKSIG: u8 = 0xac;
        const OP_0: u8 = 0x00;
        const OP_1: u8 = 0x51;
        match self {
            Self::P2pkh(hash) => [
                &[OP_DUP, OP_HASH160, 20][..],
                hash,
                &[OP_EQUALVERIFY, OP_CHECKSIG],
            ]
            .concat(),
            Self::P2sh(hash) => [&[OP_HASH160, 20][..], hash, &[OP_EQUAL]].concat(),
            Self::P2wpkh(hash) => [&[OP_0, 20][..], hash].concat(),
            Self::P2wsh(hash) => [&[OP_0, 32][..], hash].concat(),
            Self::P2tr(key) => [&[OP_1, 32][..], key].concat(),
        }
    }

    /// Bytes of an output that pays it: amount, length of the script, script.
    pub(super) const fn output_bytes(&self) -> u64 {
        let script = match self {
            Self::P2pkh(_) => 25,
            Self::P2sh(_) => 23,
            Self::P2wpkh(_) => 22,
            Self::P2wsh(_) | Self::P2tr(_) => 34,
        };
        8 + 1 + script
    }

    /// The smallest amount that nodes relay: what it costs, at the rate for dust, to make the output and to spend it.
    pub const fn dust(&self) -> Satoshi {
        let spending = match self {
            Self::P2pkh(_) | Self::P2sh(_) => 32 + 4 + 1 + 107 + 4,
            Self::P2wpkh(_) | Self::P2wsh(_) | Self::P2tr(_) => 32 + 4 + 1 + 107 / 4 + 4,
        };
        Satoshi((self.output_bytes() + spending) * DUST_RATE)
    }
}

/// What tells the addresses of a network from those of another.
struct Codes {
    prefix: Hrp,
    p2pkh: u8,
    p2sh: u8,
}

impl Codes {
    const MAINNET: Self = Self {
        prefix: hrp::BC,
        p2pkh: 0x00,
        p2sh: 0x05,
    };

    const fn of(network: BitcoinNetwork) -> Self {
        let prefix = match network {
            BitcoinNetwork::Mainnet => return Self::MAINNET,
            BitcoinNetwork::Testnet => hrp::TB,
            BitcoinNetwork::Regtest => hrp::BCRT,
        };
        Self {
            prefix,
            p2pkh: 0x6f,
            p2sh: 0xc4,
        }
    }
}

fn witness_program(
    prefix: Hrp,
    version: u8,
    program: &[u8],
    network: BitcoinNetwork,
) -> Result<Destination, DestinationError> {
    if prefix != Codes::of(network).prefix {
        return Err(match [hrp::BC, hrp::TB, hrp::BCRT].contains(&prefix) {
            true => DestinationError::OtherNetwork,
            false => DestinationError::Malformed,
        });
    }
    let unsupported = DestinationError::Unsupported;
    match (version, program.len()) {
        (0, 20) => program.try_into().map(Destination::P2wpkh),
        (0, 32) => program.try_into().map(Destination::P2wsh),
        (1, 32) if !is_key(program) => return Err(DestinationError::NoKey),
        (1, 32) => program.try_into().map(Destination::P2tr),
        _ => return Err(unsupported),
    }
    .map_err(|_| unsupported)
}

/// Whether there is a point of the curve with this x-coordinate.
fn is_key(x: &[u8]) -> bool {
    PublicKey::from_sec1_bytes(&[&[2], x].concat()).is_ok()
}

fn base58(text: &str, network: BitcoinNetwork) -> Result<Destination, DestinationError> {
    let malformed = DestinationError::Malformed;
    let bytes = bs58::decode(text).into_vec().map_err(|_| malformed)?;
    let bytes: [u8; 25] = bytes.try_into().map_err(|_| malformed)?;
    let [content @ .., a, b, c, d] = bytes;
    if checksum(&content) != [a, b, c, d] {
        return Err(malformed);
    }
    let [code, hash @ ..] = content;
    let here = Codes::of(network);
    let (main, test) = (Codes::MAINNET, Codes::of(BitcoinNetwork::Testnet));
    let known = [main.p2pkh, main.p2sh, test.p2pkh, test.p2sh];
    match code {
        code if code == here.p2pkh => Ok(Destination::P2pkh(hash)),
        code if code == here.p2sh => Ok(Destination::P2sh(hash)),
        code if known.contains(&code) => Err(DestinationError::OtherNetwork),
        _ => Err(malformed),
    }
}

fn with_checksum(code: u8, hash: &[u8; 20]) -> String {
    let content = [&[code][..], hash].concat();
    let checksum = checksum(&content);
    bs58::encode([&content[..], &checksum].concat()).into_string()
}

fn checksum(content: &[u8]) -> [u8; 4] {
    let digest: [u8; 32] = Sha256::digest(Sha256::digest(content)).into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}
