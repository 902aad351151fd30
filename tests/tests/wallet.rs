//! The wallet through the client: wallets, their refusals, and addresses that belong to the subnet's own keys.
//!
//! - In: the modules built by `make wasm`, and the server that [`chainkey_tests::world`] finds.
//! - Only the client's public interface is used, so these tests hold on any server that speaks it.
//! - Keys are asked of the management canister by another canister, and addresses are made of them by other libraries than the wallet's,
//!   or by hand after the specification.

use bitcoin::key::{CompressedPublicKey, Secp256k1, XOnlyPublicKey};
use bitcoin::{Address, KnownHrp};
use candid::{CandidType, Principal};
use canister_kit::{Environment, InitArgs, Refusal};
use chainkey_tests::signer::{Signer, ecdsa_key, schnorr_key};
use chainkey_tests::world::{World, guardian, local_args};
use ic_management_canister_types::{
    EcdsaPublicKeyArgs, EcdsaPublicKeyResult, SchnorrAlgorithm, SchnorrPublicKeyArgs,
    SchnorrPublicKeyResult,
};
use key_path::{Path, Scheme, derive};
use pocket_ic::{query_candid_as, update_candid_as};
use serde::Deserialize;
use sha3::{Digest, Keccak256};

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
enum Asset {
    Btc,
    Eth,
    Erc20(String),
    Sol,
    Spl(String),
    Icrc(Principal),
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
struct Requirement {
    quorum: u32,
    delay_seconds: u64,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
struct Tier {
    up_to: Option<u128>,
    needs: Requirement,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
struct Limit {
    amount: u128,
    window_seconds: u64,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
struct AllowList {
    activation_seconds: u64,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
struct Rules {
    asset: Asset,
    tiers: Vec<Tier>,
    limit: Option<Limit>,
    allow_list: Option<AllowList>,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
struct Policy {
    assets: Vec<Rules>,
    highest: Requirement,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
struct Wallet {
    id: u64,
    name: String,
    members: Vec<Principal>,
    policy: Policy,
    policy_version: u64,
    created_at: u64,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
enum BitcoinNetwork {
    Mainnet,
    Testnet,
    Regtest,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
struct IcrcAccount {
    owner: Principal,
    subaccount: Vec<u8>,
    text: String,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
struct Addresses {
    bitcoin_network: BitcoinNetwork,
    p2wpkh: String,
    p2tr: String,
    evm: String,
    solana: String,
    icrc: IcrcAccount,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
struct PublicKey {
    public_key: Vec<u8>,
    chain_code: Vec<u8>,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
struct PublicKeys {
    ecdsa: PublicKey,
    bip340: PublicKey,
    ed25519: PublicKey,
}

/// What the tests tell apart of the wallet's errors.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
enum MembersError {
    Anonymous,
    WithoutCaller,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
enum RequirementError {
    Quorum { quorum: u32, members: u32 },
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
enum PolicyError {
    HighestRequirement(RequirementError),
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
enum WalletError {
    Refused(Refusal),
    Members(MembersError),
    Policy(PolicyError),
    NoSuchWallet,
    KeysNotPrepared,
}

type Answer<T> = Result<T, WalletError>;

fn person(name: &str) -> Principal {
    Principal::self_authenticating(name)
}

fn needs(quorum: u32, delay_seconds: u64) -> Requirement {
    Requirement {
        quorum,
        delay_seconds,
    }
}

/// Two of the members for much bitcoin, one for little; two for everything else.
fn policy() -> Policy {
    let little = Tier {
        up_to: Some(100_000),
        needs: needs(1, 0),
    };
    let much = Tier {
        up_to: None,
        needs: needs(2, 3600),
    };
    let bitcoin = Rules {
        asset: Asset::Btc,
        tiers: vec![little, much],
        limit: Some(Limit {
            amount: 1_000_000,
            window_seconds: 86_400,
        }),
        allow_list: Some(AllowList {
            activation_seconds: 86_400,
        }),
    };
    Policy {
        assets: vec![bitcoin],
        highest: needs(2, 7200),
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

    fn create(
        &self,
        by: Principal,
        request_id: &[u8],
        members: &[Principal],
        policy: Policy,
    ) -> Answer<Wallet> {
        let request_id = serde_bytes::ByteBuf::from(request_id);
        let arguments = (request_id, "savings", members.to_vec(), policy);
        let network = self.world.network();
        let answer: Result<(Answer<Wallet>,), _> =
            update_candid_as(network, self.wallet, by, "create_wallet", arguments);
        answer.unwrap().0
    }

    fn get(&self, by: Principal, id: u64) -> Answer<Wallet> {
        let network = self.world.network();
        let answer: Result<(Answer<Wallet>,), _> =
            query_candid_as(network, self.wallet, by, "get", (id,));
        answer.unwrap().0
    }

    fn list(&self, by: Principal) -> Vec<u64> {
        let network = self.world.network();
        let answer: Result<(Vec<Wallet>,), _> =
            query_candid_as(network, self.wallet, by, "list", (0_u64, 100_u32));
        answer.unwrap().0.iter().map(|wallet| wallet.id).collect()
    }

    fn addresses(&self, by: Principal, id: u64, index: u32) -> Answer<Addresses> {
        let network = self.world.network();
        let answer: Result<(Answer<Addresses>,), _> =
            query_candid_as(network, self.wallet, by, "addresses", (id, index));
        answer.unwrap().0
    }

    fn prepare_keys(&self, by: Principal) -> Answer<PublicKeys> {
        let network = self.world.network();
        let answer: Result<(Answer<PublicKeys>,), _> =
            update_candid_as(network, self.wallet, by, "prepare_keys", ());
        answer.unwrap().0
    }
}

#[test]
fn a_wallet_is_made_once_and_its_members_find_it() {
    let scene = Scene::new();
    let (ann, bob) = (person("ann"), person("bob"));
    let made = scene.create(ann, b"1", &[ann, bob], policy()).unwrap();
    assert_eq!((made.id, made.policy_version), (1, 1));
    assert_eq!(made.policy, policy());
    let again = scene.create(ann, b"1", &[bob, ann], policy()).unwrap();
    assert_eq!(again, made);
    let other = scene.create(ann, b"1", &[ann], policy());
    assert!(matches!(other, Err(WalletError::Policy(_))));
    let changed = Policy {
        assets: Vec::new(),
        ..policy()
    };
    let reused = scene.create(ann, b"1", &[ann, bob], changed.clone());
    assert_eq!(reused, Err(WalletError::Refused(Refusal::RequestIdReused)));
    let second = scene.create(bob, b"1", &[ann, bob], changed).unwrap();
    assert_eq!(second.id, 2);
    for member in [ann, bob] {
        assert_eq!(scene.get(member, 1), Ok(made.clone()));
        assert_eq!(scene.list(member), [1, 2]);
    }
}

#[test]
fn strangers_and_nonsense_are_refused_and_change_nothing() {
    let scene = Scene::new();
    let (ann, bob, eve) = (person("ann"), person("bob"), person("eve"));
    let anonymous = Principal::anonymous();
    let nobody = Err(WalletError::Refused(Refusal::Anonymous));
    let create = |by, members: &[Principal], policy| scene.create(by, b"1", members, policy);
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
    let too_many = Policy {
        assets: Vec::new(),
        highest: needs(quorum, 0),
    };
    let quorum = RequirementError::Quorum { quorum, members };
    assert_eq!(
        create(ann, &[ann, bob], too_many),
        Err(WalletError::Policy(PolicyError::HighestRequirement(quorum)))
    );
    let prepared = scene.prepare_keys(anonymous);
    assert_eq!(prepared, Err(WalletError::Refused(Refusal::Anonymous)));
    assert!(scene.list(ann).is_empty());

    create(ann, &[ann, bob], policy()).unwrap();
    assert_eq!(
        scene.addresses(ann, 1, 0),
        Err(WalletError::KeysNotPrepared)
    );
    scene.prepare_keys(eve).unwrap();
    for stranger in [eve, anonymous] {
        assert_eq!(scene.get(stranger, 1), Err(WalletError::NoSuchWallet));
        let addresses = scene.addresses(stranger, 1, 0);
        assert_eq!(addresses, Err(WalletError::NoSuchWallet));
        assert!(scene.list(stranger).is_empty());
    }
    let answer: Result<(Result<(), Refusal>,), _> = update_candid_as(
        scene.world.network(),
        scene.wallet,
        guardian(),
        "set_paused",
        (true,),
    );
    assert_eq!(answer.unwrap().0, Ok(()));
    assert_eq!(
        scene.create(ann, b"2", &[ann, bob], policy()),
        Err(WalletError::Refused(Refusal::Paused))
    );
    assert_eq!(scene.list(ann), [1]);
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

/// The element of 15 bytes, after docs/wallet.md.
fn element(wallet: u64, chain: u8, purpose: u8, index: u32) -> Vec<u8> {
    let mut element = vec![1];
    element.extend_from_slice(&wallet.to_be_bytes());
    element.extend_from_slice(&[chain, purpose]);
    element.extend_from_slice(&index.to_be_bytes());
    element
}

#[test]
fn addresses_are_those_of_the_keys_that_the_management_canister_gives_for_the_same_paths() {
    let scene = Scene::new();
    let signer = Signer::install(scene.world.network());
    let ann = person("ann");
    let one = Policy {
        assets: Vec::new(),
        highest: needs(1, 0),
    };
    for request in [b"1", b"2"] {
        scene.create(ann, request, &[ann], one.clone()).unwrap();
    }
    let own = scene.prepare_keys(ann).unwrap();
    let roots = [
        (Scheme::EcdsaSecp256k1, &own.ecdsa),
        (Scheme::Bip340Secp256k1, &own.bip340),
        (Scheme::Ed25519, &own.ed25519),
    ];
    for (scheme, root) in roots {
        assert_eq!(&told(&signer, scene.wallet, scheme, &[]), root);
    }
    for (wallet, index) in [(1, 0), (2, 0), (2, 0x0102_0304)] {
        let found = scene.addresses(ann, wallet, index).unwrap();
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
    let one = Policy {
        assets: Vec::new(),
        highest: needs(1, 0),
    };
    let made = scene.create(ann, b"1", &[ann], one.clone()).unwrap();
    let keys = scene.prepare_keys(ann).unwrap();
    let addresses = scene.addresses(ann, 1, 0).unwrap();
    scene.world.upgrade(scene.wallet, "wallet").unwrap();
    assert_eq!(scene.get(ann, 1), Ok(made.clone()));
    assert_eq!(scene.list(ann), [1]);
    assert_eq!(scene.addresses(ann, 1, 0), Ok(addresses));
    assert_eq!(scene.prepare_keys(ann), Ok(keys));
    assert_eq!(scene.create(ann, b"1", &[ann], one.clone()), Ok(made));
    assert_eq!(scene.create(ann, b"2", &[ann], one).unwrap().id, 2);
}

#[test]
fn staging_shows_testnet_addresses() {
    let scene = Scene::with(&InitArgs {
        environment: Environment::Staging,
        ..local_args()
    });
    let ann = person("ann");
    let one = Policy {
        assets: Vec::new(),
        highest: needs(1, 0),
    };
    scene.create(ann, b"1", &[ann], one).unwrap();
    scene.prepare_keys(ann).unwrap();
    let found = scene.addresses(ann, 1, 0).unwrap();
    assert_eq!(found.bitcoin_network, BitcoinNetwork::Testnet);
    assert!(found.p2wpkh.starts_with("tb1q") && found.p2tr.starts_with("tb1p"));
}
