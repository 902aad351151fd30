//! What a canister's messages cost in instructions, as the network counts them.
//!
//! - What it does: [`Meter`] asks what the network has charged a canister for instructions, before and after something happens. That is exact and the
//!   same in every run: no clock is involved, and what bytes, storage and signatures cost is charged elsewhere.
//! - Specification: IC interface specification, `canister_metrics`. On a subnet of 13 nodes an instruction costs one cycle, and every message and
//!   every callback five million more.
//! - In: a canister that the anonymous principal controls, and how many messages and callbacks of it run meanwhile. A query is measured by calling
//!   it as an update, which runs the same code.
//! - Left out: subnets of other sizes.

use crate::world::{World, WorldError, canister_wasm};
use candid::utils::ArgumentEncoder;
use candid::{CandidType, Principal, decode_one, encode_one};
use ic_management_canister_types::{
    CanisterInstallMode, CanisterMetricsArgs, CanisterMetricsResult,
};
use pocket_ic::common::rest::RawEffectivePrincipal;
use pocket_ic::{PocketIc, update_candid_as};
use serde::de::DeserializeOwned;

/// What a message or a callback costs beside its instructions.
const OF_A_MESSAGE: u64 = 5_000_000;

/// The export that an upgrade calls, and a name of the same length that nothing calls.
const CALLED: &[u8] = b"canister_post_upgrade";
const UNCALLED: &[u8] = b"_anister_post_upgrade";

/// What a canister uses.
#[derive(Clone, Copy)]
pub struct Meter<'a> {
    network: &'a PocketIc,
    canister: Principal,
}

impl<'a> Meter<'a> {
    /// Of a canister.
    pub fn of(network: &'a PocketIc, canister: Principal) -> Self {
        Self { network, canister }
    }

    /// The instructions of so many messages and callbacks, which run while something is done.
    ///
    /// # Panics
    /// Where the network does not tell, or fewer messages run.
    pub fn count<T>(&self, messages: u64, what: impl FnOnce() -> T) -> (T, u64) {
        let before = self.charged();
        let result = what();
        let charged = self.charged() - before;
        let instructions = charged.checked_sub(messages * OF_A_MESSAGE);
        (
            result,
            instructions.expect("as many messages as were counted"),
        )
    }

    /// The instructions of one method that makes no calls, be it an update or a query, and its answer.
    ///
    /// # Panics
    /// Where the network rejects the call.
    pub fn call<T: CandidType + DeserializeOwned>(
        &self,
        by: Principal,
        method: &str,
        arguments: impl ArgumentEncoder,
    ) -> (T, u64) {
        self.count(1, || {
            let answer = update_candid_as(self.network, self.canister, by, method, arguments);
            let (answer,): (T,) = answer.expect("an answer and no rejection");
            answer
        })
    }

    /// The instructions of `post_upgrade` of a canister of the suite: what an upgrade costs more than one to the same module in which nothing
    /// calls it. The canister is upgraded four times, because the network charges each new module once for its compilation.
    ///
    /// # Errors
    /// The module has not been built, or an upgrade trapped.
    ///
    /// # Panics
    /// If the module does not name the export once.
    pub fn post_upgrade(&self, world: &World, name: &str) -> Result<u64, WorldError> {
        let called = canister_wasm(name)?;
        let uncalled = renamed(&called);
        let upgrade = |module: &[u8]| {
            let mode = CanisterInstallMode::Upgrade(None);
            world.install_code(self.canister, mode, module.to_vec(), Vec::new())
        };
        upgrade(&uncalled)?;
        upgrade(&called)?;
        let before = self.charged();
        upgrade(&uncalled)?;
        let between = self.charged();
        upgrade(&called)?;
        Ok((self.charged() - between) - (between - before))
    }

    /// What was charged for instructions since the canister was created.
    fn charged(&self) -> u64 {
        let canister_id = self.canister;
        let arguments = encode_one(CanisterMetricsArgs { canister_id });
        let reply = self.network.update_call_with_effective_principal(
            Principal::management_canister(),
            RawEffectivePrincipal::CanisterId(canister_id.as_slice().to_vec()),
            Principal::anonymous(),
            "canister_metrics",
            arguments.expect("the arguments encode"),
        );
        let reply = reply.expect("the controller may ask");
        let metrics: CanisterMetricsResult = decode_one(&reply).expect("the metrics decode");
        let cycles = metrics.cycles_consumed.instructions.0;
        u64::try_from(cycles).expect("a test uses fewer than 2^64 instructions")
    }
}

/// A module with another name for `post_upgrade`.
fn renamed(module: &[u8]) -> Vec<u8> {
    let places = module.windows(CALLED.len()).enumerate();
    let places: Vec<usize> = places
        .filter(|(_, bytes)| *bytes == CALLED)
        .map(|(place, _)| place)
        .collect();
    assert_eq!(places.len(), 1, "one export is called like that");
    let mut module = module.to_vec();
    module[places[0]..places[0] + UNCALLED.len()].copy_from_slice(UNCALLED);
    module
}
