//! Raffles, shuffles, dice and lottery numbers that anyone can check: the canister's entry points.
//!
//! - What it does: a draw is made ([`mod@create`]), entered ([`mod@enter`]), closed ([`mod@close`]), drawn ([`seeding`]) and finalized ([`mod@finalize`]); then everybody has its transcript ([`read`]), which
//!   `draw-proof` verifies offline; beside them the endpoints that every canister of the suite has (`canister_kit::canister!`).
//! - Interface: `candid/draws.did`, which a test below compares with the code. docs/draws.md tells how to use it; docs/protocols/draws.md numbers the steps.
//! - Stable memory: regions 0 to 9 as `canister_kit::memory` says, its own from 10 on in [`memory`].
//! - In and out: Candid. A refused installation or upgrade traps with the reason; a refused call answers `Err`.
//! - Left out: prizes, commit and reveal, assignments.

use canister_kit::runtime::Replica;
use canister_kit::{Caller, InitArgs, Service};
use ic_cdk::{init, post_upgrade, query, update};
use serde_bytes::ByteBuf;

mod close;
mod create;
mod draw;
mod enter;
mod error;
mod event;
mod finalize;
mod memory;
mod read;
mod runtime;
mod seeding;
mod shape;
mod state;

use draw::DrawId;
use enter::Wish;
use error::DrawsError;
use seeding::Door;
use shape::{DrawView, EntryProof, EntryView, NewDraw, TranscriptPart};
use state::Draws;

canister_kit::candid_metadata!("../../../candid/draws.did");

/// What this code says about itself.
const SERVICE: Service = Service {
    name: env!("CARGO_PKG_NAME"),
    version: env!("CARGO_PKG_VERSION"),
    schema_version: 1,
};

canister_kit::canister! {
    service: SERVICE,
    product: Draws<DefaultMemoryImpl>,
    open: Draws::open,
}

#[init]
fn init(args: InitArgs) {
    kit::install(args);
}

#[post_upgrade]
fn post_upgrade() {
    kit::reopen();
}

/// Makes a draw. Errors: Spec, ClosingTime, NoSuchKey, Silent, Refused. Cycles: 5 B, and what a vetKey costs for sources with one, of the caller's
/// admission. Anyone but the anonymous principal may call.
#[update]
async fn create(request_id: Vec<u8>, draw: NewDraw) -> Result<DrawView, DrawsError> {
    let caller = Caller::of(&Replica)?;
    let end = |answered| kit::change(|kit| create::end(kit, &Replica, answered));
    match kit::change(|kit| create::begin(kit, &Replica, caller, request_id, draw))? {
        create::Started::Done(view) => Ok(view),
        create::Started::Run(creation) => creation.run(&Replica, end).await,
    }
}

/// Enters the caller. Errors: NoSuchDraw, OtherEntrants, ClosedForEntries, Entry, Full, TooManyOfOne, Refused. Cycles: 50 M of the caller's
/// admission. Anyone but the anonymous principal may call, for itself.
#[update]
fn enter(request_id: Vec<u8>, draw: u64, label: ByteBuf) -> Result<DrawView, DrawsError> {
    let caller = Caller::of(&Replica)?;
    let wish = Wish::own(caller, request_id, DrawId(draw), label);
    kit::change(|kit| enter::enter(kit, &Replica, caller, wish))
}

/// Enters others. Errors: as `enter`, and BatchLength. Cycles: 50 M for each entry, of the caller's admission. The draw's creator may call.
#[update]
fn enter_batch(
    request_id: Vec<u8>,
    draw: u64,
    entries: Vec<EntryView>,
) -> Result<DrawView, DrawsError> {
    let caller = Caller::of(&Replica)?;
    let wish = Wish::batch(request_id, DrawId(draw), entries);
    kit::change(|kit| enter::enter(kit, &Replica, caller, wish))
}

/// Fixes the entries, from the closing time on. Errors: NoSuchDraw, NotYet, BeingWorkedOn, Silent, Refused (Anonymous and the quota). Cycles: none.
/// Anyone but the anonymous principal may call.
#[update]
async fn close(draw: u64) -> Result<DrawView, DrawsError> {
    let caller = Caller::of(&Replica)?;
    let end = |answered| kit::change(|kit| close::end(kit, &Replica, answered));
    match kit::change(|kit| close::begin(kit, &Replica, caller, DrawId(draw)))? {
        close::Started::Done(view) => Ok(view),
        close::Started::Run(closing) => closing.run(&Replica, end).await,
    }
}

/// Makes the seed. Errors: NoSuchDraw, NotClosed, NotYet, TriedJustNow, BeingWorkedOn, Silent, Refused (Anonymous and the quota). Cycles: none of the
/// caller's. Anyone but the anonymous principal may call.
#[update]
async fn draw(draw: u64) -> Result<DrawView, DrawsError> {
    let caller = Caller::of(&Replica)?;
    match kit::change(|kit| seeding::begin(kit, &Replica, caller, DrawId(draw)))? {
        seeding::Started::Done(view) => Ok(view),
        seeding::Started::Run(drawing) => seeding::drive(&Canister, &Replica, drawing).await,
    }
}

/// Works the outcome out. Errors: NoSuchDraw, NotDrawn, Refused (Anonymous and the quota). Cycles: none. Anyone but the anonymous principal may call.
#[update]
fn finalize(draw: u64, max_steps: u32) -> Result<DrawView, DrawsError> {
    let caller = Caller::of(&Replica)?;
    kit::change(|kit| finalize::finalize(kit, &Replica, caller, DrawId(draw), max_steps))
}

/// A draw. Errors: NoSuchDraw. Cycles: none. Anyone may call.
#[query]
fn get(draw: u64) -> Result<DrawView, DrawsError> {
    kit::read(|kit| read::get(kit, DrawId(draw)))
}

/// Draws from a number on. Errors: none. Cycles: none. Anyone may call.
#[query]
fn list(from: u64, limit: u32) -> Vec<DrawView> {
    kit::read(|kit| read::list(kit, DrawId(from), limit))
}

/// Entries from an index on. Errors: NoSuchDraw. Cycles: none. Anyone may call.
#[query]
fn entries(draw: u64, from: u32, limit: u32) -> Result<Vec<EntryView>, DrawsError> {
    kit::read(|kit| read::entries(kit, DrawId(draw), from, limit))
}

/// Values of the outcome from an index on. Errors: NoSuchDraw. Cycles: none. Anyone may call.
#[query]
fn outcome(draw: u64, from: u32, limit: u32) -> Result<Vec<u32>, DrawsError> {
    kit::read(|kit| read::outcome(kit, DrawId(draw), from, limit))
}

/// A part of the transcript. Errors: NoSuchDraw, NotFinal, OutOfRange. Cycles: none. Anyone may call.
#[query]
fn result(draw: u64, part: u32) -> Result<TranscriptPart, DrawsError> {
    kit::read(|kit| read::result(kit, &Replica, DrawId(draw), part))
}

/// That an entry is under the root. Errors: NoSuchDraw, OutOfRange. Cycles: none. Anyone may call.
#[query]
fn entry_proof(draw: u64, index: u32) -> Result<EntryProof, DrawsError> {
    kit::read(|kit| read::entry_proof(kit, DrawId(draw), index))
}

/// This canister's kit, between two calls to others.
struct Canister;

impl Door for Canister {
    type Memory = canister_kit::stable::DefaultMemoryImpl;

    fn change<R>(&self, use_it: impl FnOnce(&mut kit::CanisterKit) -> R) -> R {
        kit::change(use_it)
    }
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

    const CANDID: &str = include_str!("../../../candid/draws.did");

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
            Kit::open(&regions, SERVICE, Draws::open(&regions))
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
        assert_eq!(installed.name, "draws");
        assert_eq!(installed.key_name, "key_1");
    }
}
