//! One round of a subnet.
//!
//! Source: recorded behaviour (rounds until an answer, order of messages, times). In: the time of the round, messages of
//! other subnets, answers of the world that were put into the state before. Out: messages for other subnets. The order is:
//! expire, induct (streams, then ingress by message id), answers of the world, then inner rounds (management calls,
//! system tasks, canister messages, induction within the subnet) until nothing moves, then the end of the round.
//! Leaves out: agreement on the inputs (the subnet's ordered broadcast).

mod expire;
mod finalize;
mod induct;
mod schedule;

pub(crate) use induct::{not_found, payer, running};

use crate::ids::{SubnetId, Time};
use crate::management;
use crate::message::CanisterMessage;
use crate::subnet::SubnetState;
use std::collections::VecDeque;

/// Instructions after which a round starts nothing new.
const ROUND_INSTRUCTIONS: u64 = 2_000_000_001;

/// Executes one round.
pub fn execute(
    state: &mut SubnetState,
    time: Time,
    inbound: Vec<CanisterMessage>,
) -> Vec<(SubnetId, CanisterMessage)> {
    state.round.0 += 1;
    state.time = time;
    state.used_instructions = 0;
    expire::best_effort_calls(state);
    induct::stream(state, inbound);
    induct::ingress(state);
    management::answer_waiting(state);
    management::resume_installations(state);
    let mut first = true;
    loop {
        let managed = drain_management(state);
        if std::mem::take(&mut first) {
            schedule::add_tasks(state);
        }
        let ran = schedule::run_canisters(state);
        let moved = induct::within_subnet(state);
        let idle = !managed && !ran && !moved;
        if idle || state.used_instructions >= ROUND_INSTRUCTIONS {
            break;
        }
    }
    finalize::finish(state)
}

/// Executes waiting management calls in order, but for those to a canister that is being installed. Returns whether there was
/// one.
fn drain_management(state: &mut SubnetState) -> bool {
    let mut any = false;
    let mut postponed = VecDeque::new();
    while state.used_instructions < ROUND_INSTRUCTIONS {
        let Some(call) = state.management_calls.pop_front() else {
            break;
        };
        if management::must_wait(state, &call) {
            postponed.push_back(call);
            continue;
        }
        management::execute(state, call);
        any = true;
    }
    postponed.append(&mut state.management_calls);
    state.management_calls = postponed;
    any
}
