//! Members read their wallets and nobody else's.

use super::*;
use crate::fake::person;
use crate::scene::Scene;
use candid::Principal;
use canister_kit::Environment;

fn ids(scene: &Scene, from: u64, limit: u32) -> Vec<u64> {
    let listed = list(
        &scene.kit.borrow(),
        &scene.world,
        WalletId::new(from),
        limit,
    );
    listed.iter().map(|wallet| wallet.id).collect()
}

#[test]
fn only_members_see_a_wallet_or_its_addresses() {
    let scene = Scene::new(Environment::Local);
    let made = scene.create(1, 1, "one", &[1, 2]).unwrap();
    scene.prepare(1).unwrap();
    let (id, index) = (WalletId::new(made.id), AccountIndex(0));
    let read = || get(&scene.kit.borrow(), &scene.world, id);
    let receive = |id| addresses(&scene.kit.borrow(), &scene.world, id, index);
    for member in [1, 2] {
        scene.call_as(member);
        assert_eq!(read(), Ok(made.clone()));
        assert!(receive(id).is_ok());
        let other = receive(WalletId::new(2));
        assert_eq!(other, Err(WalletError::NoSuchWallet));
    }
    for stranger in [person(3), Principal::anonymous()] {
        scene.world.world.call_as(stranger);
        assert_eq!(read(), Err(WalletError::NoSuchWallet));
        assert_eq!(receive(id), Err(WalletError::NoSuchWallet));
        assert!(ids(&scene, 0, 10).is_empty());
    }
}

#[test]
fn a_list_has_the_callers_wallets_in_order_and_is_bounded() {
    let scene = Scene::new(Environment::Local);
    for number in 0..60 {
        let others = [number % 2, 9];
        scene
            .create(number % 2, number as u8, "w", &others)
            .unwrap();
        scene.world.world.pass(60_000_000_000);
    }
    scene.call_as(0);
    assert_eq!(ids(&scene, 0, 4), [1, 3, 5, 7]);
    assert_eq!(ids(&scene, 4, 2), [5, 7]);
    assert_eq!(ids(&scene, 59, 9), [59]);
    assert!(ids(&scene, 60, 9).is_empty());
    scene.call_as(9);
    assert_eq!(ids(&scene, 0, u32::MAX).len(), MAX_LISTED as usize);
    assert!(ids(&scene, u64::MAX, 9).is_empty());
}

#[test]
fn addresses_need_the_keys_and_say_so() {
    let scene = Scene::new(Environment::Local);
    scene.create(1, 1, "one", &[1]).unwrap();
    let receive = || {
        let (id, index) = (WalletId::FIRST, AccountIndex(0));
        addresses(&scene.kit.borrow(), &scene.world, id, index)
    };
    let refused = receive().unwrap_err();
    assert_eq!(refused, WalletError::KeysNotPrepared);
    let text = refused.to_string();
    assert!(text.contains("prepare_keys"), "{text}");
    scene.prepare(2).unwrap();
    scene.call_as(1);
    let before = receive().unwrap();
    scene.upgrade();
    assert_eq!(receive(), Ok(before));
}

#[test]
fn the_environment_decides_the_bitcoin_network_and_nothing_else() {
    let networks = [
        (Environment::Production, BitcoinNetwork::Mainnet, "bc1"),
        (Environment::Staging, BitcoinNetwork::Testnet, "tb1"),
        (Environment::Local, BitcoinNetwork::Regtest, "bcrt1"),
    ];
    for (environment, network, prefix) in networks {
        let scene = Scene::new(environment);
        scene.create(1, 1, "one", &[1]).unwrap();
        scene.prepare(1).unwrap();
        let (id, index) = (WalletId::FIRST, AccountIndex(0));
        let found = addresses(&scene.kit.borrow(), &scene.world, id, index).unwrap();
        assert_eq!(found.bitcoin_network, network);
        assert!(found.p2wpkh.starts_with(&format!("{prefix}q")));
        assert!(found.p2tr.starts_with(&format!("{prefix}p")));
    }
}
