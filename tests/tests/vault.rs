//! The vault through the client: sharing, revocation, rotation, files, heirs, and those who try to get in.
//!
//! - In: the modules built by `make wasm`, and the server that [`chainkey_tests::world`] finds.
//! - Only the client's public interface is used, so these tests hold on any server that speaks it. Keys are derived by the network's nodes; the official
//!   library decrypts and verifies them, encrypts and decrypts.

use candid::Principal;
use canister_kit::Refusal;
use chainkey_tests::signer::Signer;
use chainkey_tests::vault::interface::{Limit, Plan, Role, TransportRefused, VaultError};
use chainkey_tests::vault::{Spot, VaultCanister};
use chainkey_tests::wallet::person;
use chainkey_tests::world::{World, local_args};
use ic_vetkeys::{DerivedPublicKey, EncryptedVetKey, TransportSecretKey, verify_bls_signature};
use rand_core::OsRng;
use std::time::Duration;
use vault_client::{ClientError, EpochKey, Place, SpaceKeys, Transport};

/// The transport key that hides nothing.
fn identity() -> [u8; 48] {
    let mut identity = [0; 48];
    identity[0] = 0xc0;
    identity
}

/// A network with the vault on it, and space 1 of ann.
struct Scene {
    world: World,
    canister: Principal,
}

impl Scene {
    fn new() -> Self {
        let world = World::new().unwrap();
        let vault = VaultCanister::install(&world, &local_args()).unwrap();
        vault.prepare_key(person("ann")).unwrap();
        assert_eq!(vault.create(person("ann"), b"first").unwrap().id, 1);
        let canister = vault.canister();
        Self { world, canister }
    }

    fn vault(&self) -> VaultCanister<'_> {
        VaultCanister::at(self.world.network(), self.canister)
    }

    fn share(&self, who: Principal, role: Role, with_history: bool) {
        let shared = self
            .vault()
            .share(person("ann"), 1, who, role, None, with_history);
        shared.unwrap();
    }

    fn upgrade(&self) {
        self.world.upgrade(self.canister, "vault").unwrap();
    }

    /// What somebody reads of an item with a key.
    fn read(&self, by: Principal, key: &EpochKey, item: &str) -> Result<String, ClientError> {
        let content = self.vault().get(by, 1, item, None).unwrap();
        let place = Place {
            item: item.as_bytes(),
            version: content.version.version,
        };
        let text = key.open(place, &content.ciphertext)?;
        Ok(String::from_utf8(text.to_vec()).unwrap())
    }

    fn pass(&self, seconds: u64) {
        let network = self.world.network();
        network.advance_time(Duration::from_secs(seconds));
        network.tick();
    }
}

fn spot(item: &str, expected: u64) -> Spot<'_> {
    Spot {
        space: 1,
        item,
        expected,
    }
}

#[test]
fn a_space_is_shared_revoked_and_rotated_and_only_the_entitled_read() {
    let scene = Scene::new();
    let (ann, bob, carol) = (person("ann"), person("bob"), person("carol"));
    let vault = scene.vault();
    let first = vault.key(ann, 1, 1).unwrap();
    vault
        .write(ann, &first, spot("note", 0), "the first note")
        .unwrap();
    scene.upgrade();
    // A writer with history reads and writes.
    scene.share(bob, Role::Writer, true);
    let bobs = vault.key(bob, 1, 1).unwrap();
    assert_eq!(scene.read(bob, &bobs, "note").unwrap(), "the first note");
    vault
        .write(bob, &bobs, spot("note", 1), "bob's note")
        .unwrap();
    assert_eq!(scene.read(ann, &first, "note").unwrap(), "bob's note");
    // Revoked: no new key, no ciphertext; the epoch goes up.
    assert_eq!(vault.revoke(ann, 1, bob), Ok(2));
    scene.upgrade();
    for epoch in [1, 2] {
        let refused = vault.key(bob, 1, epoch);
        assert_eq!(refused.unwrap_err(), VaultError::NoSuchSpace);
    }
    let refused = vault.get(bob, 1, "note", None);
    assert_eq!(refused, Err(VaultError::NoSuchSpace));
    // What is prepared under the old epoch is refused; under the new one it is taken, and the old key does not open it.
    let late = vault.write(ann, &first, spot("note", 2), "too late");
    assert_eq!(late, Err(VaultError::StaleEpoch { current: 2 }));
    let second = vault.key(ann, 1, 2).unwrap();
    let stale = vault.stale_items(ann, 1).unwrap();
    assert_eq!(stale.len(), 1);
    let text = scene.read(ann, &first, "note").unwrap();
    vault.write(ann, &second, spot("note", 2), &text).unwrap();
    assert!(vault.stale_items(ann, 1).unwrap().is_empty());
    assert_eq!(scene.read(ann, &second, "note").unwrap(), "bob's note");
    let closed = scene.read(ann, &bobs, "note");
    assert_eq!(closed, Err(ClientError::DoesNotOpen));
    // A new reader without history reads what is current, and not what was before.
    scene.share(carol, Role::Reader, false);
    let carols = vault.key(carol, 1, 2).unwrap();
    assert_eq!(scene.read(carol, &carols, "note").unwrap(), "bob's note");
    let (from, current) = (2, 2);
    let not_yours = VaultError::EpochNotYours { from, current };
    assert_eq!(vault.key(carol, 1, 1).unwrap_err(), not_yours);
    assert_eq!(vault.get(carol, 1, "note", Some(1)), Err(not_yours));
    let needed = Role::Writer;
    let refused = vault.write(carol, &carols, spot("note", 3), "mine");
    assert_eq!(refused, Err(VaultError::NeedsRole { needed }));
    assert_eq!(vault.rotate(ann, 1), Ok(3));
    assert_eq!(vault.history(ann, 1, "note").unwrap().len(), 3);
    assert_eq!(vault.delete(ann, spot("note", 3)), Ok(4));
    assert!(vault.list(ann, 1).unwrap()[0].latest.is_none());
    let members = vault.members(carol, 1).unwrap();
    assert_eq!(members.len(), 2);
}

#[test]
fn a_file_of_20_mb_is_brought_shared_revoked_and_encrypted_anew() {
    let scene = Scene::new();
    let (ann, bob) = (person("ann"), person("bob"));
    let vault = scene.vault();
    let film: Vec<u8> = (0..20_u32 << 20).map(|at| (at ^ (at >> 9)) as u8).collect();
    let first = vault.key(ann, 1, 1).unwrap();
    assert_eq!(vault.upload(ann, &first, spot("film", 0), &film), Ok(1));
    scene.upgrade();
    scene.share(bob, Role::Reader, true);
    let bobs = vault.key(bob, 1, 1).unwrap();
    let place = |version| Place {
        item: b"film",
        version,
    };
    let (version, chunks) = vault.download(bob, 1, "film").unwrap();
    assert_eq!(chunks.len(), 20);
    assert!(*bobs.open_file(place(version), &chunks).unwrap() == film);
    // Cut off by whoever stores it, it does not open.
    let cut = bobs.open_file(place(version), &chunks[..19]);
    assert_eq!(cut.map(|_| ()), Err(ClientError::DoesNotOpen));
    vault.revoke(ann, 1, bob).unwrap();
    let stale = vault.stale_items(ann, 1).unwrap();
    assert_eq!(stale[0].item.as_slice(), b"film");
    let second = vault.key(ann, 1, 2).unwrap();
    scene.pass(300);
    assert_eq!(vault.upload(ann, &second, spot("film", 1), &film), Ok(2));
    assert!(vault.stale_items(ann, 1).unwrap().is_empty());
    let (version, chunks) = vault.download(ann, 1, "film").unwrap();
    assert_eq!(version, 2);
    let closed = bobs.open_file(place(2), &chunks);
    assert_eq!(closed.map(|_| ()), Err(ClientError::DoesNotOpen));
    assert!(*second.open_file(place(2), &chunks).unwrap() == film);
}

#[test]
fn bad_and_used_transport_keys_are_refused() {
    let scene = Scene::new();
    let (vault, ann) = (scene.vault(), person("ann"));
    let refused = |key: &[u8]| match vault.derive_key(ann, 1, 1, key) {
        Err(VaultError::TransportKey(reason)) => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&identity()), TransportRefused::Identity);
    let bytes = 3;
    assert_eq!(refused(&[1, 2, 3]), TransportRefused::Length { bytes });
    assert_eq!(refused(&[0xff; 48]), TransportRefused::NotAPoint);
    let mut outside = [0; 48];
    (outside[0], outside[47]) = (0x80, 4);
    assert_eq!(refused(&outside), TransportRefused::OutsideSubgroup);
    let transport = Transport::fresh(&mut OsRng).public_key();
    vault.derive_key(ann, 1, 1, &transport).unwrap();
    scene.upgrade();
    assert_eq!(refused(&transport), TransportRefused::UsedBefore);
}

#[test]
fn rights_that_are_lost_while_the_nodes_derive_hand_out_nothing() {
    let scene = Scene::new();
    let (ann, bob) = (person("ann"), person("bob"));
    scene.share(bob, Role::Reader, true);
    let transport = Transport::fresh(&mut OsRng).public_key();
    let vault = scene.vault();
    let asked = vault.submit_derive_key(bob, 1, 1, &transport);
    scene.world.network().tick();
    vault.revoke(ann, 1, bob).unwrap();
    let answer = vault.wait_key(asked);
    assert_eq!(answer, Err(VaultError::NoSuchSpace));
}

#[test]
fn members_of_one_space_and_strangers_reach_nothing_of_another() {
    let scene = Scene::new();
    let (ann, eve, vault) = (person("ann"), person("eve"), scene.vault());
    let key = vault.key(ann, 1, 1).unwrap();
    vault.write(ann, &key, spot("note", 0), "ann's").unwrap();
    assert_eq!(vault.create(eve, b"own").unwrap().id, 2);
    let nothing = || VaultError::NoSuchSpace;
    assert_eq!(vault.key(eve, 1, 1).unwrap_err(), nothing());
    assert_eq!(vault.get(eve, 1, "note", None), Err(nothing()));
    assert_eq!(vault.list(eve, 1), Err(nothing()));
    assert_eq!(vault.history(eve, 1, "note"), Err(nothing()));
    assert_eq!(vault.members(eve, 1), Err(nothing()));
    assert_eq!(vault.rotate(eve, 1), Err(nothing()));
    assert_eq!(vault.revoke(eve, 1, ann), Err(nothing()));
    assert_eq!(vault.delete(eve, spot("note", 1)), Err(nothing()));
    let shared = vault.share(eve, 1, eve, Role::Owner, None, true);
    assert_eq!(shared, Err(nothing()));
    assert_eq!(vault.set_heirs(eve, 1, None), Err(nothing()));
    assert_eq!(vault.claim(eve, 1), Err(nothing()));
    assert_eq!(vault.heirs(eve, 1), Err(nothing()));
    let put = vault.put(eve, b"1", spot("note", 1), 1, b"eve's");
    assert_eq!(put, Err(nothing()));
    // Her own space's key opens nothing of ann's.
    let eves = vault.key(eve, 2, 1).unwrap();
    let content = vault.get(ann, 1, "note", None).unwrap();
    let place = Place {
        item: b"note",
        version: 1,
    };
    let closed = eves.open(place, &content.ciphertext).map(|_| ());
    assert_eq!(closed, Err(ClientError::DoesNotOpen));
    let anonymous = vault.create(Principal::anonymous(), b"x");
    assert_eq!(anonymous, Err(VaultError::Refused(Refusal::Anonymous)));
    assert!(vault.spaces(Principal::anonymous()).is_empty());
}

/// A canister that gives anyone signatures and randomness discloses every key under the context that it does so with. So no two uses share one.
#[test]
fn a_public_signature_under_another_context_or_of_another_canister_is_no_key_of_the_vault() {
    let scene = Scene::new();
    let (ann, vault) = (person("ann"), scene.vault());
    let signer = Signer::install(scene.world.network());
    let input = vault_client::input(1, 1);
    let published = |context: &[u8]| {
        let answer = signer.derive_key(context, &input, identity().to_vec());
        answer.unwrap()[144..].to_vec()
    };
    // The endpoint's own signatures are good under its own context, and would disclose keys that were derived under the same.
    let key_of = |context: &[u8]| {
        DerivedPublicKey::deserialize(&signer.vetkd_public_key(context).unwrap()).unwrap()
    };
    let public = published(b"beacon/vrf/1");
    assert!(verify_bls_signature(
        &key_of(b"beacon/vrf/1"),
        &input,
        &public
    ));
    assert!(!verify_bls_signature(
        &key_of(vault_client::CONTEXT),
        &input,
        &public
    ));
    // Another canister gets other keys under the vault's own context and input.
    let foreign = published(vault_client::CONTEXT);
    assert!(verify_bls_signature(
        &key_of(vault_client::CONTEXT),
        &input,
        &foreign
    ));
    let vaults = DerivedPublicKey::deserialize(&vault.verification_key().unwrap()).unwrap();
    for signature in [&public, &foreign] {
        assert!(!verify_bls_signature(&vaults, &input, signature));
    }
    let transport = Transport::fresh(&mut OsRng);
    let to = transport.public_key().to_vec();
    let answer = signer
        .derive_key(vault_client::CONTEXT, &input, to)
        .unwrap();
    let key = vault.verification_key().unwrap();
    let keys = SpaceKeys::of(scene.canister.as_slice(), 1, &key).unwrap();
    let refused = keys.open(transport, &answer, 1).map(|_| ());
    assert_eq!(refused, Err(ClientError::OtherKey));
    assert!(vault.key(ann, 1, 1).is_ok());
}

#[test]
fn derived_keys_decrypt_with_the_official_library_alone() {
    let scene = Scene::new();
    let (ann, vault) = (person("ann"), scene.vault());
    let secret = TransportSecretKey::from_seed(vec![9; 32]).unwrap();
    let answer = vault.derive_key(ann, 1, 1, &secret.public_key()).unwrap();
    let public = DerivedPublicKey::deserialize(&vault.verification_key().unwrap()).unwrap();
    let encrypted = EncryptedVetKey::deserialize(&answer).unwrap();
    let input = vault_client::input(1, 1);
    let key = encrypted
        .decrypt_and_verify(&secret, &public, &input)
        .unwrap();
    assert!(verify_bls_signature(&public, &input, key.signature_bytes()));
    // The canister's own key leads to the verification key, as the management canister tells it.
    let told = vault.prepare_key(ann).unwrap();
    assert_eq!(told, vault.verification_key().unwrap());
}

#[test]
fn hoarded_uploads_end_after_a_day() {
    let scene = Scene::new();
    let (ann, vault) = (person("ann"), scene.vault());
    let chunks = [vec![1; 5000], vec![2; 5000]];
    let begin = |item: &str| vault.begin_file(ann, item.as_bytes(), spot(item, 0), 1, &chunks);
    let first = begin("a").unwrap();
    begin("b").unwrap();
    vault.put_chunk(ann, first, 0, &chunks[0]).unwrap();
    let (what, at_most) = (Limit::UploadsOfOne, 2);
    let full = Err(VaultError::TooMuch { what, at_most });
    assert_eq!(begin("c"), full);
    scene.upgrade();
    scene.pass(86_400 - 60);
    assert_eq!(begin("c"), full);
    scene.pass(60);
    let upload = begin("c").unwrap();
    let late = vault.put_chunk(ann, first, 1, &chunks[1]);
    assert_eq!(late, Err(VaultError::NoSuchUpload));
    for (index, chunk) in (0..).zip(&chunks) {
        vault.put_chunk(ann, upload, index, chunk).unwrap();
    }
    scene.upgrade();
    assert_eq!(vault.commit_file(ann, upload, &chunks), Ok(1));
    let space = vault.spaces(ann)[0].clone();
    assert_eq!(space.bytes, 4 * 4096);
}

#[test]
fn heirs_inherit_to_the_second_and_read_what_the_owner_wrote() {
    let scene = Scene::new();
    let (ann, bob, carol) = (person("ann"), person("bob"), person("carol"));
    let vault = scene.vault();
    let key = vault.key(ann, 1, 1).unwrap();
    vault.write(ann, &key, spot("will", 0), "the will").unwrap();
    let plan = Plan {
        heirs: vec![bob, carol],
        needed: 2,
        interval_seconds: 30 * 86_400,
        grace_seconds: 86_400,
        contest_seconds: 2 * 86_400,
    };
    vault.set_heirs(ann, 1, Some(plan)).unwrap();
    let go_to = |time: u64| {
        let ahead = time - vault.now();
        let network = scene.world.network();
        network.advance_time(Duration::from_nanos(ahead));
    };
    let second = 1_000_000_000;
    let at = vault.heirs(bob, 1).unwrap().claimable_from;
    go_to(at - second);
    assert_eq!(vault.claim(bob, 1), Err(VaultError::TooEarly { at }));
    go_to(at);
    vault.claim(bob, 1).unwrap();
    // The owner comes back: everything begins anew.
    assert!(vault.alive(ann, 1).unwrap().claims.is_empty());
    scene.upgrade();
    let at = vault.heirs(bob, 1).unwrap().claimable_from;
    go_to(at);
    vault.claim(bob, 1).unwrap();
    assert_eq!(vault.inherit(bob, 1), Err(VaultError::TooFewClaims));
    let at = vault.claim(carol, 1).unwrap().opens_at.unwrap();
    scene.upgrade();
    go_to(at - second);
    assert_eq!(vault.inherit(bob, 1), Err(VaultError::TooEarly { at }));
    assert_eq!(vault.key(bob, 1, 1).unwrap_err(), VaultError::NoSuchSpace);
    go_to(at);
    vault.inherit(bob, 1).unwrap();
    let carols = vault.key(carol, 1, 1).unwrap();
    assert_eq!(scene.read(carol, &carols, "will").unwrap(), "the will");
    assert_eq!(vault.spaces(carol)[0].role, Role::Owner);
}
