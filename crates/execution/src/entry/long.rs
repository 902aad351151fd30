//! Executions that are too long for one round.
//!
//! Source: deterministic time slicing, as seen from outside: a message takes one round for every 2 B instructions, its
//! effects appear in the last of them, and its canister runs nothing else meanwhile. Code runs at once (it is a pure function of
//! the state at its start); what is held back is its outcome. In: an outcome. Out: the same, some rounds later.

use super::apply::Keep;
use super::call::finish;
use super::callback::complete;
use super::{Prepayment, Ran};
use crate::canister::{Callback, Canister};
use crate::ids::Round;
use crate::message::CallContextId;
use crate::subnet::SubnetState;

/// What is to be done with an outcome.
#[derive(Clone, Debug)]
pub(super) enum Held {
    /// A method or a task: finish it.
    Message {
        id: CallContextId,
        keep: Keep,
        prepayment: Prepayment,
    },
    /// A callback: finish or clean up.
    Callback(Box<Callback>),
}

/// An execution whose outcome is held back.
#[derive(Clone, Debug)]
pub struct LongExecution {
    rounds_left: u64,
    resumed: Round,
    ran: Box<Ran>,
    held: Held,
}

impl LongExecution {
    /// Whether it has had its slice in this round.
    pub fn is_done_for(&self, round: Round) -> bool {
        self.resumed == round
    }
}

/// Deals with an outcome now, or holds it back if it took more than one slice. Returns the instructions of this round.
pub(super) fn settle_or_hold(
    state: &mut SubnetState,
    canister: &mut Canister,
    ran: Ran,
    held: Held,
) -> u64 {
    let used = ran.outcome.instructions;
    let slice = state.config.instructions.slice;
    if used <= slice {
        return settle(state, canister, ran, held);
    }
    canister.long_execution = Some(LongExecution {
        rounds_left: used.div_ceil(slice) - 1,
        resumed: state.round,
        ran: Box::new(ran),
        held,
    });
    slice
}

/// Gives the canister's long execution its slice of this round; in the last one its effects appear.
pub fn resume(state: &mut SubnetState, canister: &mut Canister) -> u64 {
    let Some(mut long) = canister.long_execution.take() else {
        return 0;
    };
    let slice = state.config.instructions.slice;
    long.rounds_left -= 1;
    long.resumed = state.round;
    if long.rounds_left > 0 {
        canister.long_execution = Some(long);
        return slice;
    }
    let used = long.ran.outcome.instructions;
    settle(state, canister, *long.ran, long.held);
    used - (used - 1) / slice * slice
}

fn settle(state: &mut SubnetState, canister: &mut Canister, ran: Ran, held: Held) -> u64 {
    match held {
        Held::Message {
            id,
            keep,
            prepayment,
        } => {
            let used = finish(state, canister, id, ran, keep);
            prepayment.settle(state, canister, used);
            used
        }
        Held::Callback(callback) => complete(state, canister, &callback, ran),
    }
}
