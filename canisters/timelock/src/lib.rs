//! Secrets sealed until a time: the canister's entry points.
//!
//! - What it does: one key for each minute ([`bucket`]); ciphertext that was encrypted to it is kept and paid for ([`mod@seal`]); once the minute has begun, anyone has its key
//!   made public ([`mod@release`]), and everyone opens what was sealed ([`read`]); beside them the endpoints that every canister of the suite has
//!   (`canister_kit::canister!`).
//! - Interface: `candid/timelock.did`, which a test below compares with the code. docs/timelock.md tells how to use it, and whom to trust.
//! - Stable memory: regions 0 to 9 as `canister_kit::memory` says, its own from 10 on in [`memory`].
//! - In and out: Candid. A refused installation or upgrade traps with the reason; a refused call answers `Err`.
//! - Left out: sealed-bid auctions; decrypting, which everyone does for themselves.

use canister_kit::encoding::Timestamp;
use canister_kit::runtime::Replica;
use canister_kit::{Caller, InitArgs, Service};
use ic_cdk::{init, post_upgrade, query, update};
use serde_bytes::ByteBuf;

mod bucket;
mod error;
mod event;
mod memory;
mod message;
mod prepare;
mod read;
mod release;
mod seal;
mod state;

use bucket::Bucket;
use error::TimelockError;
use message::SealedView;
use read::{BucketView, OpenedView};
use release::{ReleasedView, Started};
use seal::Wish;
use state::Messages;

canister_kit::candid_metadata!("../../../candid/timelock.did");

/// What this code says about itself.
const SERVICE: Service = Service {
    name: env!("CARGO_PKG_NAME"),
    version: env!("CARGO_PKG_VERSION"),
    schema_version: 1,
};

canister_kit::canister! {
    service: SERVICE,
    product: Messages<DefaultMemoryImpl>,
    open: Messages::open,
}

#[init]
fn init(args: InitArgs) {
    kit::install(args);
}

#[post_upgrade]
fn post_upgrade() {
    kit::reopen();
}

/// Fetches and keeps the canister's own public key. Errors: Refused, KeyBeingPrepared, KeyUnavailable, KeyMalformed. Cycles: none. Anyone but the
/// anonymous principal may call.
#[update]
async fn prepare_key() -> Result<(), TimelockError> {
    let caller = Caller::of(&Replica)?;
    let preparation = kit::change(|kit| prepare::begin(kit, &Replica, caller))?;
    let fetched = preparation.run(&Replica).await?;
    kit::change(|kit| prepare::keep(kit, &Replica, fetched))
}

/// Where to seal to, so that it opens at a time. Errors: KeyNotPrepared. Cycles: none. Anyone may call.
#[query]
fn bucket_for(time: u64) -> Result<BucketView, TimelockError> {
    kit::read(|kit| read::bucket_for(kit, Timestamp(time)))
}

/// Keeps a ciphertext until its time. Errors: Length, NoCiphertext, KeyNotPrepared, Time, BucketFull, Full, KeyUnavailable, Refused. Cycles: 200 M and
/// 170 M for each 4 KiB; for the first in a bucket also the network's fee for a key and 200 M; of the caller's admission. Anyone but the anonymous
/// principal may call.
#[update]
fn seal(
    request_id: ByteBuf,
    opens_at: u64,
    ciphertext: ByteBuf,
) -> Result<SealedView, TimelockError> {
    let caller = Caller::of(&Replica)?;
    let wish = Wish::of(request_id, opens_at, ciphertext);
    kit::change(|kit| seal::seal(kit, &Replica, caller, wish))
}

/// A message before or after its time. Errors: NoSuchMessage. Cycles: none. Anyone may call.
#[query]
fn sealed(id: u64) -> Result<SealedView, TimelockError> {
    kit::read(|kit| seal::view(kit, id))
}

/// Messages of a bucket from a number on. Errors: none. Cycles: none. Anyone may call.
#[query]
fn sealed_in(bucket: u64, from: u64, limit: u32) -> Vec<SealedView> {
    kit::read(|kit| read::sealed_in(kit, Bucket::new(bucket), from, limit))
}

/// Makes the key of a bucket public, once it is open. Errors: NoSuchBucket, TooEarly, BeingReleased, AskedBefore, KeyUnavailable, KeyMalformed. Cycles: none.
/// Anyone may call, the anonymous principal included: everything was paid for when somebody sealed.
#[update]
async fn release(bucket: u64) -> Result<ReleasedView, TimelockError> {
    let release = match kit::change(|kit| release::begin(kit, &Replica, Bucket::new(bucket)))? {
        Started::Ended(view) => return Ok(view),
        Started::Run(release) => release,
    };
    let told = release.run(&Replica).await;
    kit::change(|kit| release::end(kit, &Replica, told))
}

/// A message whose time has come, and what opens it. Errors: NoSuchMessage, TooEarly, NotReleased. Cycles: none. Anyone may call.
#[query]
fn open(id: u64) -> Result<OpenedView, TimelockError> {
    kit::read(|kit| read::open(kit, &Replica, id))
}

#[cfg(test)]
#[path = "../../../crates/canister-kit/src/runtime/fake.rs"]
mod fake;

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

    const CANDID: &str = include_str!("../../../candid/timelock.did");

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
            Kit::open(&regions, SERVICE, Messages::open(&regions))
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
        assert_eq!(installed.name, "timelock");
        assert_eq!(installed.key_name, "key_1");
    }
}
