//! The step that shows the vault: an item that only those read who may.
//!
//! - In: the demo's network, with the vault on it. Out: what the official vetKeys library decrypts and does not decrypt.

use super::{Outcome, Verified, hold};
use candid::Principal;
use chainkey_tests::vault::interface::{Role, VaultError};
use chainkey_tests::vault::{Spot, VaultCanister};
use chainkey_tests::wallet::person;
use chainkey_tests::world::World;
use vault_client::{ClientError, Place};

/// Two share an item; one is revoked, and what is written afterwards it cannot read.
pub fn shared_item(world: &World, canister: Principal) -> Outcome {
    let vault = VaultCanister::at(world.network(), canister);
    let (ann, bob, eve) = (person("ann"), person("bob"), person("eve"));
    vault.prepare_key(ann)?;
    let space = vault.create(ann, b"space")?.id;
    let spot = |expected| Spot {
        space,
        item: "note",
        expected,
    };
    let first = vault.key(ann, space, 1)?;
    vault.write(ann, &first, spot(0), "for both")?;
    vault.share(ann, space, bob, Role::Reader, None, true)?;
    let bobs = vault.key(bob, space, 1)?;
    let read = |key: &vault_client::EpochKey, version| {
        let content = vault.get(ann, space, "note", Some(version));
        let place = Place {
            item: b"note",
            version,
        };
        let ciphertext = content.expect("ann reads everything").ciphertext;
        key.open(place, &ciphertext).map(|text| text.to_vec())
    };
    let shared = read(&bobs, 1)?;
    hold(shared == b"for both", || "bob reads something else".into())?;
    let strangers = vault.key(eve, space, 1).err();
    hold(strangers == Some(VaultError::NoSuchSpace), || {
        format!("eve is told {strangers:?}")
    })?;
    let epoch = vault.revoke(ann, space, bob)?;
    let second = vault.key(ann, space, epoch)?;
    vault.write(ann, &second, spot(1), "for ann")?;
    let late = read(&bobs, 2);
    hold(late == Err(ClientError::DoesNotOpen), || {
        format!("with bob's key: {late:?}")
    })?;
    let own = read(&second, 2)?;
    hold(own == b"for ann", || "ann reads something else".into())?;
    let text = format!(
        "ann and bob read an item of space {space}, eve got no key; bob was revoked, and his key does not open what ann wrote in epoch {epoch}"
    );
    Ok(Verified(text, "ic-vetkeys"))
}
