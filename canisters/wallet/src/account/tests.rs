//! Addresses as the standards publish them, paths as docs/wallet.md tells them, and keys as another implementation derives them.

use super::*;
use crate::account::ethereum::EvmAddress;
use crate::account::solana::SolanaAddress;
use crate::root_key::{CachedKeys, KeyKind, RawKey, RootKey};
use crate::runtime::fake::generator;
use data_encoding::HEXLOWER;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize)]
struct Pair {
    key: String,
    address: String,
}

#[derive(Deserialize)]
struct Pairs {
    cases: Vec<Pair>,
}

#[derive(Deserialize)]
struct Texts {
    cases: Vec<String>,
}

#[derive(Deserialize)]
struct Subaccount {
    subaccount: String,
    text: String,
}

#[derive(Deserialize)]
struct Accounts {
    owner: String,
    cases: Vec<Subaccount>,
}

#[derive(Deserialize)]
struct Published {
    p2wpkh: Pairs,
    p2tr: Pairs,
    evm: Pairs,
    eip55: Texts,
    solana: Pairs,
    icrc: Accounts,
    wallet: Whole,
}

/// All addresses of one index of a wallet.
#[derive(Deserialize)]
struct Whole {
    canister: String,
    cases: Vec<Place>,
}

#[derive(Deserialize)]
struct Place {
    wallet: u64,
    index: u32,
    addresses: BTreeMap<String, String>,
}

fn published() -> Published {
    serde_json::from_str(include_str!("../../tests/vectors/addresses.json")).unwrap()
}

fn bytes(hex: &str) -> Vec<u8> {
    HEXLOWER.decode(hex.as_bytes()).unwrap()
}

#[test]
fn bitcoin_addresses_are_those_of_bip_84_and_bip_86() {
    let network = BitcoinNetwork::Mainnet;
    for Pair { key, address } in published().p2wpkh.cases {
        assert_eq!(bitcoin::p2wpkh(network, &bytes(&key)), address);
    }
    for Pair { key, address } in published().p2tr.cases {
        assert_eq!(bitcoin::p2tr(network, &bytes(&key)), Ok(address));
    }
}

#[test]
fn ethereum_addresses_are_those_of_the_published_keys_with_the_checksum_of_eip_55() {
    for Pair { key, address } in published().evm.cases {
        let found = EvmAddress::of(&bytes(&key)).unwrap();
        assert_eq!(found.to_string().to_lowercase(), address);
    }
    for text in published().eip55.cases {
        let address = EvmAddress::parse(&text).unwrap();
        assert_eq!(address.to_string(), text);
        assert_eq!(EvmAddress::parse(&text.to_lowercase()), Some(address));
        let swapped: String = text.chars().rev().collect();
        assert_eq!(EvmAddress::parse(&swapped), None);
    }
    let shouted = "0xDE709F2102306220921060314715629080E2FB77";
    assert_eq!(EvmAddress::parse(shouted), None);
}

#[test]
fn solana_addresses_are_the_published_ones() {
    for Pair { key, address } in published().solana.cases {
        let found = SolanaAddress::of(&bytes(&key)).unwrap();
        assert_eq!(found.to_string(), address);
        assert_eq!(SolanaAddress::parse(&address), Some(found));
        assert_eq!(SolanaAddress::parse(&address[1..]), None);
        assert_eq!(SolanaAddress::parse(&format!("1{address}")), None);
    }
}

#[test]
fn accounts_are_written_as_in_icrc_1() {
    let published = published().icrc;
    let owner = Principal::from_text(published.owner).unwrap();
    for Subaccount { subaccount, text } in published.cases {
        let subaccount = bytes(&subaccount).try_into().unwrap();
        assert_eq!(icrc::text(owner, &subaccount), text);
    }
}

#[test]
fn a_path_is_one_element_that_says_where_everything_stands() {
    let (wallet, index) = (
        WalletId::new(0x0102_0304_0506_0708),
        AccountIndex(0x0a0b_0c0d),
    );
    let element = path::element([2, 1], wallet, index);
    assert_eq!(HEXLOWER.encode(&element), "01010203040506070802010a0b0c0d");
    let first = path::element([2, 1], WalletId::FIRST, AccountIndex(0));
    assert_eq!(HEXLOWER.encode(&first), "010000000000000001020100000000");
    let account = IcrcAccount::of(Principal::from_slice(&[1]), wallet, index);
    let expected = "0000000000000000000000000000000000010102030405060708 04010a0b0c0d";
    assert_eq!(
        HEXLOWER.encode(&account.subaccount),
        expected.replace(' ', "")
    );
}

/// The keys of a canister on mainnet, by the package that the world derives them with offline.
fn mainnet(canister: Principal, path: &[Vec<u8>]) -> [RawKey; 3] {
    use ic_pub_key::{
        EcdsaCurve, EcdsaKeyId, EcdsaPublicKeyArgs, SchnorrAlgorithm, SchnorrKeyId,
        SchnorrPublicKeyArgs, derive_ecdsa_key, derive_schnorr_key,
    };
    let name = "key_1".to_owned();
    let ecdsa = derive_ecdsa_key(&EcdsaPublicKeyArgs {
        canister_id: Some(canister),
        derivation_path: path.to_vec(),
        key_id: EcdsaKeyId {
            curve: EcdsaCurve::Secp256k1,
            name: name.clone(),
        },
    });
    let ecdsa = ecdsa.unwrap();
    let schnorr = |algorithm| {
        let name = name.clone();
        let key = derive_schnorr_key(&SchnorrPublicKeyArgs {
            canister_id: Some(canister),
            derivation_path: path.to_vec(),
            key_id: SchnorrKeyId { algorithm, name },
        });
        let key = key.unwrap();
        RawKey {
            public_key: key.public_key,
            chain_code: key.chain_code,
        }
    };
    [
        RawKey {
            public_key: ecdsa.public_key,
            chain_code: ecdsa.chain_code,
        },
        schnorr(SchnorrAlgorithm::Bip340secp256k1),
        schnorr(SchnorrAlgorithm::Ed25519),
    ]
}

fn roots(keys: [RawKey; 3]) -> RootKeys {
    let parsed = KeyKind::ALL.into_iter().zip(keys);
    let cached = parsed.fold(CachedKeys::default(), |cached, (kind, raw)| {
        cached.with(&RootKey::parse(kind, raw).unwrap())
    });
    cached.complete().unwrap()
}

#[test]
fn keys_below_the_cached_ones_are_those_that_the_whole_path_leads_to() {
    let canister = Principal::from_text("rrkah-fqaaa-aaaaa-aaaaq-cai").unwrap();
    let roots = roots(mainnet(canister, &[]));
    let purposes = [
        (Purpose::P2wpkh, "0101", 0),
        (Purpose::P2tr, "0102", 1),
        (Purpose::Evm, "0201", 0),
        (Purpose::Solana, "0301", 2),
    ];
    for (wallet, index) in [(1, 0), (77, 5), (u64::MAX, u32::MAX)] {
        for (purpose, code, kind) in purposes {
            let element = format!("01{wallet:016x}{code}{index:08x}");
            let whole = mainnet(canister, &[bytes(&element)]);
            let found = purpose.key(&roots, WalletId::new(wallet), AccountIndex(index));
            assert_eq!(found.unwrap(), whole[kind].public_key, "{element}");
        }
    }
}

#[test]
fn the_addresses_of_a_wallet_on_mainnet_are_those_of_the_vectors() {
    let published = published().wallet;
    let canister = Principal::from_text(published.canister).unwrap();
    let roots = roots(mainnet(canister, &[]));
    for place in published.cases {
        let (wallet, index) = (WalletId::new(place.wallet), AccountIndex(place.index));
        let network = BitcoinNetwork::Mainnet;
        let all = Addresses::of(&roots, network, canister, wallet, index).unwrap();
        let found = [
            ("p2wpkh", all.p2wpkh),
            ("p2tr", all.p2tr),
            ("evm", all.evm),
            ("solana", all.solana),
            ("icrc", all.icrc.text),
        ];
        let found = found.map(|(name, text)| (name.to_owned(), text));
        assert_eq!(BTreeMap::from(found), place.addresses);
    }
}

#[test]
fn no_two_wallets_indices_or_purposes_share_an_address() {
    let keys = KeyKind::ALL.into_iter().zip(1..);
    let keys: Vec<_> = keys.map(|(kind, code)| generator(kind, code)).collect();
    let roots = roots(keys.try_into().unwrap());
    let canister = Principal::from_slice(&[0, 0, 0, 0, 0, 0, 0, 5, 1, 1]);
    let mut seen = BTreeSet::new();
    for (wallet, index) in [(1, 0), (0, 1), (1, 1), (256, 0), (1, 256)] {
        let (wallet, index) = (WalletId::new(wallet), AccountIndex(index));
        let network = BitcoinNetwork::Regtest;
        let all = Addresses::of(&roots, network, canister, wallet, index).unwrap();
        for text in [all.p2wpkh, all.p2tr, all.evm, all.solana, all.icrc.text] {
            assert!(seen.insert(text.clone()), "{text}");
        }
    }
}
