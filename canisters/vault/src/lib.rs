//! End-to-end encrypted spaces: the canister's entry points.
//!
//! - What it does: spaces with members and roles ([`share`]), whose keys the subnet derives for those who may have them ([`derive`], [`prepare`]); items and files, encrypted
//!   before they come ([`mod@put`], [`file`], [`read`]); heirs ([`inherit`]); beside them the endpoints that every canister of the suite has (`canister_kit::canister!`).
//! - Interface: `candid/vault.did`, which a test below compares with the code. docs/vault.md tells how to use it.
//! - Stable memory: regions 0 to 9 as `canister_kit::memory` says, its own from 10 on in [`memory`].
//! - In and out: Candid. A refused installation or upgrade traps with the reason; a refused call answers `Err`.
//! - Left out: messages to those who are no members (an inbox by identity-based encryption); removal of spaces.

use canister_kit::runtime::Replica;
use canister_kit::{Caller, InitArgs, Service};
use ic_cdk::{init, post_upgrade, query, update};
use serde_bytes::ByteBuf;

mod derive;
mod error;
mod event;
mod file;
mod heirs;
mod inherit;
mod item;
mod limits;
mod memory;
mod prepare;
mod put;
mod read;
mod runtime;
mod share;
mod space;
mod state;
mod upload;

use error::VaultError;
use file::Cut;
use heirs::{RawPlan, SwitchView};
use item::{ItemView, VersionView};
use put::Place;
use read::Content;
use share::Invitation;
use space::{Epoch, MemberView, Role, SpaceId, SpaceView};
use state::Spaces;

canister_kit::candid_metadata!("../../../candid/vault.did");

/// What this code says about itself.
const SERVICE: Service = Service {
    name: env!("CARGO_PKG_NAME"),
    version: env!("CARGO_PKG_VERSION"),
    schema_version: 1,
};

canister_kit::canister! {
    service: SERVICE,
    product: Spaces<DefaultMemoryImpl>,
    open: Spaces::open,
}

#[init]
fn init(args: InitArgs) {
    kit::install(args);
}

#[post_upgrade]
fn post_upgrade() {
    kit::reopen();
}

/// Makes a space. Errors: TooMuch, Refused. Cycles: 1 B of the caller's admission. Anyone but the anonymous principal may call.
#[update]
fn create_space(request_id: ByteBuf) -> Result<SpaceView, VaultError> {
    let caller = Caller::of(&Replica)?;
    kit::change(|kit| share::create(kit, &Replica, caller, request_id.into_vec()))
}

/// The caller's spaces from an id on. Errors: none. Cycles: none. Anyone may call, about itself only.
#[query]
fn spaces(from: u64, limit: u32) -> Vec<SpaceView> {
    kit::read(|kit| read::spaces(kit, &Replica, SpaceId::new(from), limit))
}

/// Who is in a space. Errors: NoSuchSpace. Cycles: none. Its members may call.
#[query]
fn members(space: u64) -> Result<Vec<MemberView>, VaultError> {
    kit::read(|kit| read::members(kit, &Replica, SpaceId::new(space)))
}

/// Makes somebody a member, or gives it other rights. Errors: NoSuchSpace, NeedsRole, NoMember, LastOwner, Expiry, TooMuch, Refused. Cycles: none.
/// Managers and owners may call.
#[update]
fn share(
    space: u64,
    who: candid::Principal,
    role: Role,
    expires_at: Option<u64>,
    with_history: bool,
) -> Result<SpaceView, VaultError> {
    let (caller, space) = (Caller::of(&Replica)?, SpaceId::new(space));
    let wish = Invitation::of(who, role, expires_at, with_history);
    kit::change(|kit| share::share(kit, &Replica, caller, space, wish))
}

/// Takes a member's rights away, and tells the new epoch. Errors: NoSuchSpace, NeedsRole, NotAMember, LastOwner, Refused. Cycles: none. Managers and
/// owners may call; everyone about itself.
#[update]
fn revoke(space: u64, who: candid::Principal) -> Result<u64, VaultError> {
    let (caller, space) = (Caller::of(&Replica)?, SpaceId::new(space));
    kit::change(|kit| share::revoke(kit, &Replica, caller, space, who))
}

/// Begins a new epoch, and tells it. Errors: NoSuchSpace, NeedsRole, Refused. Cycles: none. Managers and owners may call.
#[update]
fn rotate(space: u64) -> Result<u64, VaultError> {
    let (caller, space) = (Caller::of(&Replica)?, SpaceId::new(space));
    kit::change(|kit| share::rotate(kit, &Replica, caller, space))
}

/// Fetches and keeps the canister's own public key. Errors: Refused, KeyBeingPrepared, KeyUnavailable, KeyMalformed. Cycles: none. Anyone but the
/// anonymous principal may call.
#[update]
async fn prepare_key() -> Result<ByteBuf, VaultError> {
    let caller = Caller::of(&Replica)?;
    let preparation = kit::change(|kit| prepare::begin(kit, &Replica, caller))?;
    let fetched = preparation.run(&Replica).await?;
    kit::change(|kit| prepare::keep(kit, &Replica, fetched))
}

/// The public key under which derived keys are verified. Errors: KeyNotPrepared. Cycles: none. Anyone may call.
#[query]
fn verification_key() -> Result<ByteBuf, VaultError> {
    kit::read(prepare::verification_key)
}

/// Derives an epoch's key, encrypted to a fresh transport key. Errors: NoSuchSpace, EpochNotYours, TransportKey, KeyUnavailable, Refused. Cycles: the
/// network's fee and 20 M, of the caller's admission. Members may call.
#[update]
async fn derive_key(space: u64, epoch: u64, transport_key: ByteBuf) -> Result<ByteBuf, VaultError> {
    let caller = Caller::of(&Replica)?;
    let (space, epoch) = (SpaceId::new(space), Epoch::new(epoch));
    let begin = |kit: &mut _| derive::begin(kit, &Replica, caller, space, epoch, &transport_key);
    let derivation = kit::change(begin)?;
    let derived = derivation.run(&Replica).await;
    kit::change(|kit| derive::end(kit, &Replica, derived))
}

/// Writes a version of an item, and tells its number. Errors: NoSuchSpace, NeedsRole, ItemId, TooMuch, StaleEpoch, VersionConflict, Refused. Cycles: 200 M
/// and 170 M for each 4 KiB, of the caller's admission. Writers may call.
#[update]
fn put(
    request_id: ByteBuf,
    space: u64,
    item: ByteBuf,
    expected_version: u64,
    epoch: u64,
    ciphertext: ByteBuf,
) -> Result<u64, VaultError> {
    let (caller, request_id) = (Caller::of(&Replica)?, request_id.into_vec());
    let place = Place::of(space, item, expected_version, epoch);
    kit::change(|kit| put::put(kit, &Replica, caller, request_id, place, &ciphertext))
}

/// A version of an item, the last one where none is named. Errors: NoSuchSpace, ItemId, NoSuchItem, EpochNotYours. Cycles: none. Members may call.
#[query]
fn get(space: u64, item: ByteBuf, version: Option<u64>) -> Result<Content, VaultError> {
    let (space, item) = (SpaceId::new(space), item.into_vec());
    kit::read(|kit| read::get(kit, &Replica, space, item, version))
}

/// Items after an id, in order. Errors: NoSuchSpace, ItemId. Cycles: none. Members may call.
#[query]
fn list(space: u64, after: Option<ByteBuf>, limit: u32) -> Result<Vec<ItemView>, VaultError> {
    kit::read(|kit| read::list(kit, &Replica, SpaceId::new(space), after, limit))
}

/// Items under earlier epochs than the one in force. Errors: NoSuchSpace. Cycles: none. Members may call.
#[query]
fn stale_items(space: u64, limit: u32) -> Result<Vec<ItemView>, VaultError> {
    kit::read(|kit| read::stale(kit, &Replica, SpaceId::new(space), limit))
}

/// The versions of an item that are kept. Errors: NoSuchSpace, ItemId, NoSuchItem. Cycles: none. Members may call.
#[query]
fn history(space: u64, item: ByteBuf) -> Result<Vec<VersionView>, VaultError> {
    let (space, item) = (SpaceId::new(space), item.into_vec());
    kit::read(|kit| read::history(kit, &Replica, space, item))
}

/// Deletes an item with all its versions, and tells the number of the deletion. Errors: NoSuchSpace, NeedsRole, ItemId, NoSuchItem, VersionConflict,
/// Refused. Cycles: none. Writers may call.
#[update]
fn delete(space: u64, item: ByteBuf, expected_version: u64) -> Result<u64, VaultError> {
    let (caller, space) = (Caller::of(&Replica)?, SpaceId::new(space));
    let item = item.into_vec();
    kit::change(|kit| put::delete(kit, &Replica, caller, space, item, expected_version))
}

/// Begins a file, and tells the number of its upload. Errors: those of put, EmptyFile. Cycles: as for put. Writers may call.
#[update]
fn begin_file(
    request_id: ByteBuf,
    space: u64,
    item: ByteBuf,
    expected_version: u64,
    epoch: u64,
    chunks: u32,
    bytes: u64,
) -> Result<u64, VaultError> {
    let (caller, request_id) = (Caller::of(&Replica)?, request_id.into_vec());
    let (place, cut) = (
        Place::of(space, item, expected_version, epoch),
        Cut { chunks, bytes },
    );
    kit::change(|kit| file::begin(kit, &Replica, caller, request_id, place, cut))
}

/// Takes a chunk of a file. Errors: NoSuchUpload, NoSuchSpace, NeedsRole, NoSuchChunk, ChunkDiffers, OtherSize, EmptyFile, TooMuch, Refused. Cycles:
/// none. Who began the upload may call.
#[update]
fn put_chunk(upload: u64, index: u32, ciphertext: ByteBuf) -> Result<(), VaultError> {
    let caller = Caller::of(&Replica)?;
    kit::change(|kit| file::put_chunk(kit, &Replica, caller, upload, index, &ciphertext))
}

/// Makes a version of a file, and tells its number. Errors: NoSuchUpload, NoSuchSpace, NeedsRole, ChunkMissing, OtherSize, OtherRoot, StaleEpoch,
/// VersionConflict, Refused. Cycles: none. Who began the upload may call.
#[update]
fn commit_file(upload: u64, root: ByteBuf) -> Result<u64, VaultError> {
    let caller = Caller::of(&Replica)?;
    kit::change(|kit| file::commit(kit, &Replica, caller, upload, &root))
}

/// Gives an upload up. Errors: NoSuchUpload, NoSuchSpace, NeedsRole, Refused (Anonymous). Cycles: none. Who began it may call.
#[update]
fn cancel_file(upload: u64) -> Result<(), VaultError> {
    let caller = Caller::of(&Replica)?;
    kit::change(|kit| file::cancel(kit, &Replica, caller, upload))
}

/// A chunk of a version. Errors: those of get, NoSuchChunk. Cycles: none. Members may call.
#[query]
fn get_chunk(space: u64, item: ByteBuf, version: u64, index: u32) -> Result<ByteBuf, VaultError> {
    let (space, item) = (SpaceId::new(space), item.into_vec());
    kit::read(|kit| read::get_chunk(kit, &Replica, space, item, version, index))
}

/// The hash of each chunk of a version. Errors: those of get. Cycles: none. Members may call.
#[query]
fn hashes(space: u64, item: ByteBuf, version: u64) -> Result<Vec<ByteBuf>, VaultError> {
    let (space, item) = (SpaceId::new(space), item.into_vec());
    kit::read(|kit| read::hashes(kit, &Replica, space, item, version))
}

/// Names heirs, or none any more. Errors: NoSuchSpace, NeedsRole, Plan, Refused. Cycles: none. Owners may call.
#[update]
fn set_heirs(space: u64, plan: Option<RawPlan>) -> Result<(), VaultError> {
    let (caller, space) = (Caller::of(&Replica)?, SpaceId::new(space));
    kit::change(|kit| inherit::set_heirs(kit, &Replica, caller, space, plan.as_ref()))
}

/// Shows that an owner lives. Errors: NoSuchSpace, NeedsRole, NoHeirs, Refused. Cycles: none. Owners may call.
#[update]
fn alive(space: u64) -> Result<SwitchView, VaultError> {
    let (caller, space) = (Caller::of(&Replica)?, SpaceId::new(space));
    kit::change(|kit| inherit::alive(kit, &Replica, caller, space))
}

/// Claims an inheritance. Errors: NoSuchSpace, TooEarly, Refused. Cycles: none. Heirs may call.
#[update]
fn claim(space: u64) -> Result<SwitchView, VaultError> {
    let (caller, space) = (Caller::of(&Replica)?, SpaceId::new(space));
    kit::change(|kit| inherit::claim(kit, &Replica, caller, space))
}

/// Makes every heir an owner. Errors: NoSuchSpace, TooFewClaims, TooEarly, Refused. Cycles: none. Heirs may call.
#[update]
fn inherit(space: u64) -> Result<(), VaultError> {
    let (caller, space) = (Caller::of(&Replica)?, SpaceId::new(space));
    kit::change(|kit| inherit::inherit(kit, &Replica, caller, space))
}

/// The dead-man's switch. Errors: NoSuchSpace, NoHeirs. Cycles: none. Members and heirs may call.
#[query]
fn heirs(space: u64) -> Result<SwitchView, VaultError> {
    let caller = ic_cdk::api::msg_caller();
    kit::read(|kit| inherit::heirs(kit, &Replica, caller, SpaceId::new(space)))
}

#[cfg(test)]
#[path = "../../../crates/canister-kit/src/runtime/fake.rs"]
mod fake;

#[cfg(test)]
mod life;
#[cfg(test)]
mod scene;

#[cfg(test)]
mod tests {
    use super::*;
    use candid_parser::utils::{CandidSource, service_equal};
    use canister_kit::memory::Regions;
    use canister_kit::stable::DefaultMemoryImpl;
    use canister_kit::{Admission, Environment, Kit};

    candid::export_service!();

    const CANDID: &str = include_str!("../../../candid/vault.did");

    #[test]
    fn the_exported_interface_equals_the_candid_file() {
        let exported = __export_service();
        service_equal(CandidSource::Text(&exported), CandidSource::Text(CANDID))
            .unwrap_or_else(|difference| panic!("{difference}\n{exported}"));
    }

    #[test]
    fn info_tells_what_init_stored_also_after_an_upgrade() {
        let (world, memory) = (fake::Fake::new(), DefaultMemoryImpl::default());
        let open = || {
            let regions = Regions::of(memory.clone());
            Kit::open(&regions, SERVICE, Spaces::open(&regions))
        };
        let args = InitArgs {
            environment: Environment::Production,
            key_name: "key_1".to_owned(),
            guardian: None,
            admission: Admission::Prepaid,
        };
        let mut kit = open();
        kit.install(&world, args).unwrap();
        let installed = kit.info();
        let upgraded = open();
        upgraded.reopen().unwrap();
        assert_eq!(upgraded.info(), installed);
        assert_eq!(installed.name, "vault");
        assert_eq!(installed.key_name, "key_1");
    }
}
