//! Installations that are too long for one round.
//!
//! Source: deterministic time slicing, as seen from outside: an installation takes one round for every 2 B instructions, its effects and its
//! answer come in the last of them, and until then its canister runs nothing and no management call reaches it. The code runs at once on a copy of the
//! canister; what is held back is the copy. In: what an installation came to. Out: the same, some rounds later.

use super::ManagementCall;
use super::code::Installation;
use super::ingress::target_of;
use super::refusal::not_found;
use super::wire;
use crate::canister::{CyclesUse, ManagementOrigin};
use crate::cycles::Cycles;
use crate::error::UserError;
use crate::ids::CanisterId;
use crate::subnet::SubnetState;

/// What an installation came to.
pub(super) struct Finished {
    /// Whether it succeeded.
    pub result: Result<(), UserError>,
    /// The copy of the canister, and what was used.
    pub installation: Installation,
    /// The balance with which it began, its prepayment taken.
    pub balance_before: Cycles,
    /// What of the prepayment goes back.
    pub unused: Cycles,
}

/// An installation whose effects are held back.
pub struct LongInstallation {
    canister: CanisterId,
    origin: ManagementOrigin,
    cycles: Cycles,
    rounds_left: u64,
    finished: Finished,
}

/// Swaps in the new canister, or keeps the old one with the log of the failure; gives back what was not used.
pub(super) fn finish(
    state: &mut SubnetState,
    id: CanisterId,
    finished: Finished,
) -> Result<(), UserError> {
    let canister = state.canisters.get_mut(&id).ok_or_else(|| not_found(id))?;
    canister.is_installing = false;
    match &finished.result {
        Ok(()) => {
            let mut new = finished.installation.canister;
            // What came in meanwhile: messages, fees, refunds, a call of stop_canister.
            new.queues = std::mem::take(&mut canister.queues);
            new.balance = canister.balance + new.balance - finished.balance_before;
            new.status = canister.status.clone();
            *canister = new;
        }
        Err(_) => {
            let capacity = canister.settings.log_memory_limit as usize;
            canister.log.append(finished.installation.records, capacity);
        }
    }
    canister.refund(finished.unused, CyclesUse::Instructions);
    finished.result
}

/// Keeps back what an installation came to, for as many rounds as it has further slices.
pub(super) fn hold(
    state: &mut SubnetState,
    canister: CanisterId,
    origin: ManagementOrigin,
    cycles: Cycles,
    finished: Finished,
) {
    if let Some(canister) = state.canisters.get_mut(&canister) {
        canister.is_installing = true;
    }
    let slice = state.config.instructions.install_slice;
    state.used_instructions += slice;
    let rounds = finished.installation.used.div_ceil(slice);
    state.long_installations.push(LongInstallation {
        canister,
        origin,
        cycles,
        rounds_left: rounds - 1,
        finished,
    });
}

/// Whether the call concerns a canister that is being installed.
pub fn must_wait(state: &SubnetState, call: &ManagementCall) -> bool {
    !state.long_installations.is_empty()
        && target_of(&call.method, &call.payload)
            .and_then(|target| state.canisters.get(&target))
            .is_some_and(|canister| canister.is_installing)
}

/// Gives each long installation its slice of this round; to be called once a round, before management calls are executed.
pub fn resume(state: &mut SubnetState) {
    for mut long in std::mem::take(&mut state.long_installations) {
        state.used_instructions += state.config.instructions.install_slice;
        long.rounds_left -= 1;
        if long.rounds_left > 0 {
            state.long_installations.push(long);
            continue;
        }
        let result = finish(state, long.canister, long.finished);
        state.answer_management(long.origin, result.map(|()| wire::nothing()), long.cycles);
    }
}
