//! Verifiable public randomness: the canister's entry points.
//!
//! - What it does: a round for each 30 seconds, drawn where somebody asked and paid for it ([`mod@request`]), by whoever calls once its time has come ([`mod@fulfil`]), and
//!   certified ([`read`], [`tree`]); beside them the endpoints that every canister of the suite has (`canister_kit::canister!`).
//! - Interface: `candid/beacon.did`, which a test below compares with the code. docs/beacon.md tells how to use it; docs/protocols/draws.md, step 14, how to check it.
//! - Stable memory: regions 0 to 9 as `canister_kit::memory` says, its own from 10 on in [`memory`].
//! - In and out: Candid. A refused installation or upgrade traps with the reason; a refused call answers `Err`.

use canister_kit::runtime::Replica;
use canister_kit::{Caller, InitArgs, Service};
use draw_proof::beacon::Round;
use ic_cdk::{init, post_upgrade, query, update};
use serde_bytes::ByteBuf;

mod error;
mod event;
mod fulfil;
mod memory;
mod prepare;
mod read;
mod request;
mod round;
mod state;
mod tree;

use error::BeaconError;
use fulfil::Started;
use request::Wish;
use round::{CertifiedRound, RoundView};
use state::Beacon;

canister_kit::candid_metadata!("../../../candid/beacon.did");

/// What this code says about itself.
const SERVICE: Service = Service {
    name: env!("CARGO_PKG_NAME"),
    version: env!("CARGO_PKG_VERSION"),
    schema_version: 1,
};

canister_kit::canister! {
    service: SERVICE,
    product: Beacon<DefaultMemoryImpl>,
    open: Beacon::open,
}

#[init]
fn init(args: InitArgs) {
    kit::install(args);
}

#[post_upgrade]
fn post_upgrade() {
    kit::reopen();
}

/// Fetches and keeps the canister's own public key. Errors: Refused, KeyUnavailable, KeyMalformed. Cycles: none. Anyone but the anonymous
/// principal may call.
#[update]
async fn prepare_key() -> Result<ByteBuf, BeaconError> {
    let caller = Caller::of(&Replica)?;
    if let Some(preparation) = kit::change(|kit| prepare::begin(kit, &Replica, caller))? {
        let fetched = preparation.fetch(&Replica).await?;
        kit::change(|kit| prepare::keep(kit, &Replica, fetched))?;
    }
    kit::read(read::public_key)
}

/// The canister's public key for rounds. Errors: KeyNotPrepared. Cycles: none. Anyone may call.
#[query]
fn public_key() -> Result<ByteBuf, BeaconError> {
    kit::read(read::public_key)
}

/// Asks for a round. Errors: LabelLength, RoundOutOfReach, KeyNotPrepared, NoSuchKey, Refused. Cycles: 1 B, and what drawing costs for whoever
/// is the first to ask for a round, of the caller's admission. Anyone but the anonymous principal may call.
#[update]
fn request(
    request_id: Vec<u8>,
    label: ByteBuf,
    round: Option<u64>,
) -> Result<RoundView, BeaconError> {
    let caller = Caller::of(&Replica)?;
    let wish = Wish::of(request_id, label.into_vec(), round);
    kit::change(|kit| request::request(kit, &Replica, caller, wish))
}

/// Draws a round whose time has come. Errors: NoSuchRound, NotYet, BeingDrawn, TriedJustNow, NotDrawn, Refused. Cycles: none of the caller's. Anyone may call.
#[update]
async fn fulfil(round: u64) -> Result<RoundView, BeaconError> {
    let end = |signed| kit::change(|kit| fulfil::end(kit, &Replica, signed));
    match kit::read(|kit| fulfil::begin(kit, &Replica, Round(round)))? {
        Started::Drawn(view) => Ok(view),
        Started::Run(drawing) => drawing.run(&Replica, end).await,
    }
}

/// A round that was asked for, certified if it is drawn. Errors: NoSuchRound. Cycles: none. Anyone may call.
#[query]
fn round(round: u64) -> Result<CertifiedRound, BeaconError> {
    kit::read(|kit| read::round(kit, &Replica, Round(round)))
}

/// The latest drawn round, certified. Errors: NoSuchRound. Cycles: none. Anyone may call.
#[query]
fn latest() -> Result<CertifiedRound, BeaconError> {
    kit::read(|kit| read::latest(kit, &Replica))
}

/// Rounds that wait to be drawn, from one on. Errors: none. Cycles: none. Anyone may call.
#[query]
fn waiting(from: u64, limit: u32) -> Vec<RoundView> {
    kit::read(|kit| read::waiting(kit, Round(from), limit))
}

#[cfg(test)]
#[path = "../../../crates/canister-kit/src/runtime/fake.rs"]
mod fake;

#[cfg(test)]
#[path = "../../../crates/draw-proof/tests/scene/signer.rs"]
mod signer;

#[cfg(test)]
#[path = "../../../crates/draw-proof/tests/scene/world.rs"]
mod world;

#[cfg(test)]
mod scene;

#[cfg(test)]
mod tests;

#[cfg(test)]
mod interface {
    use super::*;
    use candid_parser::utils::{CandidSource, service_equal};
    use canister_kit::memory::Regions;
    use canister_kit::stable::DefaultMemoryImpl;
    use canister_kit::{Admission, Environment, Kit};

    candid::export_service!();

    const CANDID: &str = include_str!("../../../candid/beacon.did");

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
            Kit::open(&regions, SERVICE, Beacon::open(&regions))
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
        assert_eq!(installed.name, "beacon");
        assert_eq!(installed.key_name, "key_1");
    }
}
