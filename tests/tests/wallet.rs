//! The wallet through the client: wallets, their refusals, and addresses that belong to the subnet's own keys.
//!
//! - In: the modules built by `make wasm`, and the server that [`chainkey_tests::world`] finds.
//! - Only the client's public interface is used, so these tests hold on any server that speaks it.
//! - Keys are asked of the management canister by another canister, and addresses are made of them by other libraries than the wallet's,
//!   or by hand after the specification.

use bitcoin::key::{CompressedPublicKey, Secp256k1, XOnlyPublicKey};
use bitcoin::{Address, KnownHrp};
use candid::Principal;
use canister_kit::{Environment, InitArgs, Refusal};
use chainkey_tests::signer::{Signer, ecdsa_key, schnorr_key};
use chainkey_tests::wallet::interface::{
    AllowList, Asset, BitcoinNetwork, Limit, MembersError, Policy, PolicyError, PublicKey,
    RequirementError, Rules, WalletError, needs, tier,
};
use chainkey_tests::wallet::{WalletCanister, element, person};
use chainkey_tests::world::{World, local_args};
use ic_management_canister_types::{
    EcdsaPublicKeyArgs, EcdsaPublicKeyResult, SchnorrAlgorithm, SchnorrPublicKeyArgs,
    SchnorrPublicKeyResult,
};
use key_path::{Path, Scheme, derive};
use sha3::{Digest, Keccak256};

/// Two of the members for much bitcoin, one for little; two for everything else.
fn policy() -> Policy {
    let bitcoin = Rules {
        asset: Asset::Btc,
        tiers: vec![tier(100_000, needs(1, 0)), tier(None, needs(2, 3600))],
        limit: Some(Limit {
            amount: 1_000_000,
            window_seconds: 86_400,
        }),
        allow_list: Some(AllowList {
            activation_seconds: 86_400,
            destinations: Vec::new(),
        }),
    };
    Policy {
        assets: vec![bitcoin],
        highest: needs(2, 7200),
        calls: None,
    }
}

/// A network with the wallet on it.
struct Scene {
    world: World,
    wallet: Principal,
}

impl Scene {
    fn new() -> Self {
        Self::with(&local_args())
    }

    fn with(args: &InitArgs) -> Self {
        let world = World::new().unwrap();
        let wallet = world.install("wallet", args).unwrap();
        Self { world, wallet }
    }

    fn wallet(&self) -> WalletCanister<'_> {
        WalletCanister::at(self.world.network(), self.wallet)
    }
}

#[test]
fn a_wallet_is_made_once_and_its_members_find_it() {
    let scene = Scene::new();
    let (ann, bob) = (person("ann"), person("bob"));
    let made = scene
        .wallet()
        .create(ann, b"1", &[ann, bob], policy())
        .unwrap();
    assert_eq!((made.id, made.policy_version), (1, 1));
    assert_eq!(made.policy, policy());
    let again = scene
        .wallet()
        .create(ann, b"1", &[bob, ann], policy())
        .unwrap();
    assert_eq!(again, made);
    let other = scene.wallet().create(ann, b"1", &[ann], policy());
    assert!(matches!(other, Err(WalletError::Policy(_))));
    let changed = Policy {
        assets: Vec::new(),
        ..policy()
    };
    let reused = scene
        .wallet()
        .create(ann, b"1", &[ann, bob], changed.clone());
    assert_eq!(reused, Err(WalletError::Refused(Refusal::RequestIdReused)));
    let second = scene
        .wallet()
        .create(bob, b"1", &[ann, bob], changed)
        .unwrap();
    assert_eq!(second.id, 2);
    for member in [ann, bob] {
        assert_eq!(scene.wallet().get(member, 1), Ok(made.clone()));
        assert_eq!(scene.wallet().list(member), [1, 2]);
    }
}

#[test]
fn strangers_and_nonsense_are_refused_and_change_nothing() {
    let scene = Scene::new();
    let (ann, bob, eve) = (person("ann"), person("bob"), person("eve"));
    let anonymous = Principal::anonymous();
    let nobody = Err(WalletError::Refused(Refusal::Anonymous));
    let create =
        |by, members: &[Principal], policy| scene.wallet().create(by, b"1", members, policy);
    assert_eq!(create(anonymous, &[ann, bob], policy()), nobody);
    assert_eq!(
        create(eve, &[ann, bob], policy()),
        Err(WalletError::Members(MembersError::WithoutCaller))
    );
    assert_eq!(
        create(ann, &[ann, anonymous], policy()),
        Err(WalletError::Members(MembersError::Anonymous))
    );
    let (quorum, members) = (3, 2);
    let too_many = Policy::without_rules(needs(quorum, 0));
    let quorum = RequirementError::Quorum { quorum, members };
    assert_eq!(
        create(ann, &[ann, bob], too_many),
        Err(WalletError::Policy(PolicyError::HighestRequirement(quorum)))
    );
    let prepared = scene.wallet().prepare_keys(anonymous);
    assert_eq!(prepared, Err(WalletError::Refused(Refusal::Anonymous)));
    assert!(scene.wallet().list(ann).is_empty());

    create(ann, &[ann, bob], policy()).unwrap();
    assert_eq!(
        scene.wallet().addresses(ann, 1, 0),
        Err(WalletError::KeysNotPrepared)
    );
    scene.wallet().prepare_keys(eve).unwrap();
    for stranger in [eve, anonymous] {
        assert_eq!(
            scene.wallet().get(stranger, 1),
            Err(WalletError::NoSuchWallet)
        );
        let addresses = scene.wallet().addresses(stranger, 1, 0);
        assert_eq!(addresses, Err(WalletError::NoSuchWallet));
        assert!(scene.wallet().list(stranger).is_empty());
    }
    scene.wallet().set_paused(true).unwrap();
    assert_eq!(
        scene.wallet().create(ann, b"2", &[ann, bob], policy()),
        Err(WalletError::Refused(Refusal::Paused))
    );
    assert_eq!(scene.wallet().list(ann), [1]);
}

/// The wallet's key for a purpose, as the management canister tells it to another canister.
fn told(signer: &Signer<'_>, wallet: Principal, scheme: Scheme, path: &[u8]) -> PublicKey {
    let (canister_id, derivation_path) = (Some(wallet), path_of(path));
    if scheme == Scheme::EcdsaSecp256k1 {
        let arguments = EcdsaPublicKeyArgs {
            canister_id,
            derivation_path,
            key_id: ecdsa_key(),
        };
        let told: EcdsaPublicKeyResult = signer.call("ecdsa_public_key", &arguments).unwrap();
        return PublicKey {
            public_key: told.public_key,
            chain_code: told.chain_code,
        };
    }
    let algorithm = match scheme {
        Scheme::Ed25519 => SchnorrAlgorithm::Ed25519,
        _ => SchnorrAlgorithm::Bip340secp256k1,
    };
    let arguments = SchnorrPublicKeyArgs {
        canister_id,
        derivation_path,
        key_id: schnorr_key(algorithm),
    };
    let told: SchnorrPublicKeyResult = signer.call("schnorr_public_key", &arguments).unwrap();
    PublicKey {
        public_key: told.public_key,
        chain_code: told.chain_code,
    }
}

/// The wallet's own key has the empty path, every other one element.
fn path_of(element: &[u8]) -> Vec<Vec<u8>> {
    match element {
        [] => Vec::new(),
        element => vec![element.to_vec()],
    }
}

#[test]
fn addresses_are_those_of_the_keys_that_the_management_canister_gives_for_the_same_paths() {
    let scene = Scene::new();
    let signer = Signer::install(scene.world.network());
    let ann = person("ann");
    let one = Policy::without_rules(needs(1, 0));
    for request in [b"1", b"2"] {
        scene
            .wallet()
            .create(ann, request, &[ann], one.clone())
            .unwrap();
    }
    let own = scene.wallet().prepare_keys(ann).unwrap();
    let roots = [
        (Scheme::EcdsaSecp256k1, &own.ecdsa),
        (Scheme::Bip340Secp256k1, &own.bip340),
        (Scheme::Ed25519, &own.ed25519),
    ];
    for (scheme, root) in roots {
        assert_eq!(&told(&signer, scene.wallet, scheme, &[]), root);
    }
    for (wallet, index) in [(1, 0), (2, 0), (2, 0x0102_0304)] {
        let found = scene.wallet().addresses(ann, wallet, index).unwrap();
        assert_eq!(found.bitcoin_network, BitcoinNetwork::Regtest);
        let key = |(scheme, root): (Scheme, &PublicKey), chain, purpose| {
            let element = element(wallet, chain, purpose, index);
            let told = told(&signer, scene.wallet, scheme, &element);
            // Offline, from what prepare_keys told.
            let path = Path::below([element]).unwrap();
            let code = root.chain_code.as_slice().try_into().unwrap();
            let derived = derive(scheme, &root.public_key, code, &path).unwrap();
            assert_eq!(derived.public_key, told.public_key);
            told.public_key
        };

        let witness = CompressedPublicKey::from_slice(&key(roots[0], 1, 1)).unwrap();
        let address = Address::p2wpkh(&witness, KnownHrp::Regtest);
        assert_eq!(found.p2wpkh, address.to_string());

        let internal = XOnlyPublicKey::from_slice(&key(roots[1], 1, 2)[1..]).unwrap();
        let curve = Secp256k1::verification_only();
        let address = Address::p2tr(&curve, internal, None, KnownHrp::Regtest);
        assert_eq!(found.p2tr, address.to_string());

        let point = secp256k1::PublicKey::from_slice(&key(roots[0], 2, 1)).unwrap();
        let hash = Keccak256::digest(&point.serialize_uncompressed()[1..]);
        let digits = hex::encode(&hash[12..]);
        assert_eq!(found.evm.to_lowercase(), format!("0x{digits}"));

        let solana = bs58::decode(&found.solana).into_vec().unwrap();
        assert_eq!(solana, key(roots[2], 3, 1));

        let mut subaccount = vec![0; 17];
        subaccount.extend_from_slice(&element(wallet, 4, 1, index));
        assert_eq!(found.icrc.owner, scene.wallet);
        assert_eq!(found.icrc.subaccount, subaccount);
        let digits = hex::encode(&subaccount);
        let end = format!(".{}", digits.trim_start_matches('0'));
        assert!(found.icrc.text.starts_with(&scene.wallet.to_text()));
        assert!(found.icrc.text.ends_with(&end));
    }
}

#[test]
fn an_upgrade_keeps_wallets_requests_and_keys() {
    let scene = Scene::new();
    let ann = person("ann");
    let one = Policy::without_rules(needs(1, 0));
    let made = scene
        .wallet()
        .create(ann, b"1", &[ann], one.clone())
        .unwrap();
    let keys = scene.wallet().prepare_keys(ann).unwrap();
    let addresses = scene.wallet().addresses(ann, 1, 0).unwrap();
    scene.world.upgrade(scene.wallet, "wallet").unwrap();
    assert_eq!(scene.wallet().get(ann, 1), Ok(made.clone()));
    assert_eq!(scene.wallet().list(ann), [1]);
    assert_eq!(scene.wallet().addresses(ann, 1, 0), Ok(addresses));
    assert_eq!(scene.wallet().prepare_keys(ann), Ok(keys));
    assert_eq!(
        scene.wallet().create(ann, b"1", &[ann], one.clone()),
        Ok(made)
    );
    assert_eq!(scene.wallet().create(ann, b"2", &[ann], one).unwrap().id, 2);
}

#[test]
fn staging_shows_testnet_addresses() {
    let scene = Scene::with(&InitArgs {
        environment: Environment::Staging,
        ..local_args()
    });
    let ann = person("ann");
    let one = Policy::without_rules(needs(1, 0));
    scene.wallet().create(ann, b"1", &[ann], one).unwrap();
    scene.wallet().prepare_keys(ann).unwrap();
    let found = scene.wallet().addresses(ann, 1, 0).unwrap();
    assert_eq!(found.bitcoin_network, BitcoinNetwork::Testnet);
    assert!(found.p2wpkh.starts_with("tb1q") && found.p2tr.starts_with("tb1p"));
}
