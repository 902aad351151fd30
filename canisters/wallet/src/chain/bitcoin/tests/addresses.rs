//! Addresses as Bitcoin Core and BIP-350 publish them, and what is dust.

use super::owner::Owner;
use crate::account::bitcoin::BitcoinNetwork;
use crate::chain::bitcoin::*;
use bitcoin::{ScriptBuf, XOnlyPublicKey};
use data_encoding::HEXLOWER;
use serde::Deserialize;

#[derive(Deserialize)]
struct Valid {
    network: BitcoinNetwork,
    address: String,
    script: String,
}

#[derive(Deserialize)]
struct Dust {
    script: String,
    satoshi: u64,
}

#[derive(Deserialize)]
struct Cases<T> {
    cases: Vec<T>,
}

#[derive(Deserialize)]
struct Published {
    valid: Cases<Valid>,
    invalid: Cases<String>,
    invalid_witness_programs: Cases<String>,
    dust: Cases<Dust>,
}

const NETWORKS: [BitcoinNetwork; 3] = [
    BitcoinNetwork::Mainnet,
    BitcoinNetwork::Testnet,
    BitcoinNetwork::Regtest,
];

fn published() -> Published {
    let text = include_str!("../../../../tests/vectors/bitcoin_addresses.json");
    serde_json::from_str(text).unwrap()
}

fn bytes(hex: &str) -> Vec<u8> {
    HEXLOWER.decode(hex.as_bytes()).unwrap()
}

/// What is expected of a well-formed address, by its script.
fn supported(script: &[u8]) -> Result<(), DestinationError> {
    match script {
        [0x51, 32, key @ ..] => XOnlyPublicKey::from_slice(key)
            .map(drop)
            .map_err(|_| DestinationError::NoKey),
        [0x52..=0x60, ..] => Err(DestinationError::Unsupported),
        _ => Ok(()),
    }
}

#[test]
fn an_address_stands_for_the_script_that_bitcoin_core_gives_it() {
    let mut supported_ones = 0;
    for case in published().valid.cases {
        let script = bytes(&case.script);
        let parsed = Destination::parse(&case.address, case.network);
        assert_eq!(parsed.map(drop), supported(&script), "{}", case.address);
        let Ok(destination) = parsed else { continue };
        supported_ones += 1;
        assert_eq!(destination.script_pubkey(), script);
        assert_eq!(destination.address(case.network), case.address);
        let shouted = Destination::parse(&case.address.to_uppercase(), case.network);
        let has_one_case = script[0] == 0x00 || script[0] == 0x51;
        assert_eq!(shouted == Ok(destination), has_one_case);
    }
    assert!(supported_ones >= 40, "{supported_ones}");
}

#[test]
fn an_address_of_another_network_is_refused() {
    for case in published().valid.cases {
        // Base58 addresses of the test networks are the same.
        let has_prefix = case.address.contains('1') && bytes(&case.script)[0] <= 0x60;
        let is_main = |network| network == BitcoinNetwork::Mainnet;
        let others = NETWORKS.into_iter().filter(|network| {
            let same_base58 = !has_prefix && is_main(*network) == is_main(case.network);
            *network != case.network && !same_base58
        });
        for other in others {
            let found = Destination::parse(&case.address, other);
            assert_eq!(
                found,
                Err(DestinationError::OtherNetwork),
                "{}",
                case.address
            );
        }
    }
}

#[test]
fn what_is_no_address_is_refused_on_every_network() {
    let published = published();
    let invalid = published.invalid.cases.into_iter();
    for text in invalid.chain(published.invalid_witness_programs.cases) {
        for network in NETWORKS {
            let refused = Destination::parse(&text, network);
            let expected = Err(DestinationError::Malformed);
            assert_eq!(refused, expected, "{text}");
        }
    }
    let long = "1".repeat(100_000);
    let refused = Destination::parse(&long, BitcoinNetwork::Mainnet);
    assert_eq!(refused, Err(DestinationError::Malformed));
}

#[test]
fn every_single_wrong_letter_is_found() {
    let addresses = [
        "1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo",
        "bc1qvyq0cc6rahyvsazfdje0twl7ez82ndmuac2lhv",
        "bc1p83n3au0rjylefxq2nc2xh2y4jzz4pm6zxj4mw5pagdjjr2a9f36s6jjnnu",
    ];
    for address in addresses {
        for place in 0..address.len() {
            let letters = ('0'..='9').chain('a'..='z').chain('A'..='Z');
            for letter in letters.filter(|letter| !address[place..].starts_with(*letter)) {
                let mut wrong = address.to_owned();
                wrong.replace_range(place..=place, &letter.to_string());
                let found = Destination::parse(&wrong, BitcoinNetwork::Mainnet);
                assert!(found.is_err(), "{wrong}");
            }
        }
    }
}

#[test]
fn an_accounts_destinations_are_the_addresses_that_the_wallet_tells() {
    let owner = Owner::new(11);
    let network = BitcoinNetwork::Mainnet;
    let kinds = [UtxoKind::P2wpkh, UtxoKind::P2tr];
    let ours = kinds.map(|kind| owner.keys.destination(kind).address(network));
    assert_eq!(ours, owner.addresses());
    assert_eq!(owner.keys.change().address(network), ours[1]);
}

#[test]
fn what_is_no_key_is_no_account() {
    let key = [2; 33];
    assert!(AccountKeys::new(&key, &key).is_ok());
    let off_curve = [&[2][..], &[5; 32]].concat();
    for wrong in [&[2; 32][..], &[4; 33], &off_curve, &[]] {
        assert!(AccountKeys::new(wrong, &key).is_err());
        assert!(AccountKeys::new(&key, wrong).is_err());
    }
}

#[test]
fn dust_is_what_bitcoin_core_says_for_each_kind_of_output() {
    for Dust { script, satoshi } in published().dust.cases {
        let script = ScriptBuf::from_bytes(bytes(&script));
        assert_eq!(script.minimal_non_dust().to_sat(), satoshi);
        let address = bitcoin::Address::from_script(&script, bitcoin::Network::Bitcoin).unwrap();
        let parsed = Destination::parse(&address.to_string(), BitcoinNetwork::Mainnet).unwrap();
        assert_eq!(parsed.script_pubkey(), script.to_bytes());
        assert_eq!(parsed.dust(), Satoshi(satoshi));
    }
}
