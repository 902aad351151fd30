//! Which canister runs what, in which order.
//!
//! Source: recorded behaviour. Canisters run by ascending id, each first its tasks and then its input until it is empty.
//! Whether a canister's timer and heartbeat run in a round is decided once a round by a pointer that goes round timer,
//! heartbeat, message: where it stands on message and there is input, no task runs.

use super::ROUND_INSTRUCTIONS;
use crate::canister::{Canister, LowMemoryHook, NextTask, Status};
use crate::entry::{self, Call, method_of};
use crate::ids::{CanisterId, Round, Time};
use crate::message::CanisterMessage;
use crate::queue::InputMessage;
use crate::sandbox::SystemTask;
use crate::subnet::{IngressStatus, SubnetState};

/// What each execution counts for in the round beside its own instructions, so that a canister which calls itself without
/// end leaves the round after about a thousand calls.
const EXECUTION_OVERHEAD: u64 = 2_000_000;

/// Puts the tasks of the round into the canisters.
pub fn add_tasks(state: &mut SubnetState) {
    let now = state.time;
    for canister in state.canisters.values_mut() {
        let is_busy = canister.is_installing || canister.long_execution.is_some();
        if !hook_is_due(canister) && !is_busy {
            add_timer_and_heartbeat(canister, now);
        }
    }
}

/// Whether the low-memory hook is to run; it runs before everything else of its canister.
fn hook_is_due(canister: &Canister) -> bool {
    canister.low_memory_hook == LowMemoryHook::Ready && canister.status == Status::Running
}

fn exports(canister: &Canister, task: SystemTask) -> bool {
    canister
        .module()
        .is_some_and(|module| module.exports.contains(&method_of(task)))
}

fn add_timer_and_heartbeat(canister: &mut Canister, now: Time) {
    if canister.status != Status::Running {
        return;
    }
    let heartbeat = exports(canister, SystemTask::Heartbeat);
    let timer = canister.global_timer.is_some_and(|timer| timer <= now)
        && exports(canister, SystemTask::GlobalTimer);
    if !heartbeat && !timer {
        return;
    }
    for _ in 0..3 {
        let turn = canister.next_task;
        canister.next_task = turn.next();
        match turn {
            NextTask::GlobalTimer if timer => {
                canister.tasks.push_back(SystemTask::GlobalTimer);
                if heartbeat {
                    canister.tasks.push_back(SystemTask::Heartbeat);
                }
                return;
            }
            NextTask::Heartbeat if heartbeat => {
                canister.tasks.push_back(SystemTask::Heartbeat);
                if timer {
                    canister.tasks.push_back(SystemTask::GlobalTimer);
                }
                return;
            }
            NextTask::Message if canister.queues.has_input() => return,
            _ => {}
        }
    }
}

fn has_work(canister: &Canister, round: Round) -> bool {
    if canister.is_installing {
        return false;
    }
    if let Some(long) = &canister.long_execution {
        return !long.is_done_for(round);
    }
    hook_is_due(canister) || !canister.tasks.is_empty() || canister.queues.has_input()
}

/// Runs every canister that has something to do. Returns whether one had.
pub fn run_canisters(state: &mut SubnetState) -> bool {
    let ready: Vec<CanisterId> = state
        .canisters
        .iter()
        .filter(|(_, canister)| has_work(canister, state.round))
        .map(|(id, _)| *id)
        .collect();
    let mut any = false;
    if !ready.is_empty() {
        state.held_storage = state.count_held_storage();
    }
    for id in ready {
        if state.used_instructions >= ROUND_INSTRUCTIONS {
            break;
        }
        if let Some(mut canister) = state.canisters.remove(&id) {
            let before = canister.held_storage();
            any |= run_canister(state, &mut canister);
            state.held_storage = (state.held_storage - before) + canister.held_storage();
            state.canisters.insert(id, canister);
        }
    }
    any
}

/// Runs what the canister has to do: its low-memory hook (again after each message that makes it due), tasks, messages.
fn run_canister(state: &mut SubnetState, canister: &mut Canister) -> bool {
    let mut any = canister.long_execution.is_some();
    state.used_instructions += entry::resume(state, canister);
    while state.used_instructions < ROUND_INSTRUCTIONS && canister.long_execution.is_none() {
        if hook_is_due(canister) {
            canister.low_memory_hook = LowMemoryHook::Executed;
            state.used_instructions += EXECUTION_OVERHEAD
                + entry::execute_task(state, canister, SystemTask::OnLowWasmMemory);
        }
        let used = if let Some(task) = canister.tasks.pop_front() {
            entry::execute_task(state, canister, task)
        } else if let Some(message) = canister.queues.pop_input() {
            run_message(state, canister, message)
        } else {
            break;
        };
        state.used_instructions += EXECUTION_OVERHEAD + used;
        any = true;
    }
    any
}

fn run_message(state: &mut SubnetState, canister: &mut Canister, message: InputMessage) -> u64 {
    match message {
        InputMessage::Ingress(ingress) => {
            state
                .ingress
                .set(ingress.id, IngressStatus::Processing, state.time);
            entry::execute_call(state, canister, Call::from_ingress(ingress))
        }
        InputMessage::Canister(CanisterMessage::Request(request)) => {
            entry::execute_call(state, canister, Call::from_request(request))
        }
        InputMessage::Canister(CanisterMessage::Response(response)) => {
            entry::execute_response(state, canister, response)
        }
    }
}
