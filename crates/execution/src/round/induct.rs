//! Takes messages in: from streams, from users, and between canisters of the subnet.
//!
//! In: messages. Out: input queues, management calls, or an answer right away for what can't be taken. Texts and codes as
//! recorded.

use crate::canister::{CyclesUse, ManagementOrigin, Status};
use crate::error::{ErrorCode, RejectCode, UserError};
use crate::ids::CanisterId;
use crate::management::{self, ManagementCall};
use crate::message::{CanisterMessage, Ingress, Payload, Request, Response};
use crate::queue::QUEUE_CAPACITY;
use crate::subnet::{IngressStatus, SubnetState};

/// Takes messages of other subnets, and of this one that went through its own stream.
pub fn stream(state: &mut SubnetState, inbound: Vec<CanisterMessage>) {
    for message in inbound {
        match message {
            CanisterMessage::Response(response) => response_to_canister(state, response),
            CanisterMessage::Request(request) => request_from_stream(state, request),
        }
    }
}

fn response_to_canister(state: &mut SubnetState, response: Response) {
    if let Some(canister) = state.canisters.get_mut(&response.originator) {
        // A response always has its place; those to a deleted canister are dropped with it.
        let _ = canister
            .queues
            .push_input(response.respondent, CanisterMessage::Response(response));
    }
}

fn request_from_stream(state: &mut SubnetState, request: Request) {
    let is_management =
        request.receiver == CanisterId::MANAGEMENT || request.receiver.principal() == state.id().0;
    if is_management {
        state.management_calls.push_back(ManagementCall {
            origin: ManagementOrigin::Canister {
                sender: request.sender,
                callback: request.callback,
                receiver: request.receiver,
                deadline: request.deadline,
            },
            method: request.method,
            payload: request.payload,
            cycles: request.cycles,
        });
        return;
    }
    if let Err(refused) = request_to_canister(state, request) {
        let response = refused.request.refused(refused.reason);
        state.route_response(response);
    }
}

/// A request that is not taken, and the reason.
struct Refused {
    request: Request,
    reason: Payload,
}

/// Puts a request into its receiver's input, or gives it back with the reason.
fn request_to_canister(state: &mut SubnetState, request: Request) -> Result<(), Box<Refused>> {
    let receiver = request.receiver;
    let refuse = |request, code, message: String| {
        let reason = Payload::reject(code, message);
        Err(Box::new(Refused { request, reason }))
    };
    let Some(canister) = state.canisters.get_mut(&receiver) else {
        let message = format!("Canister {receiver} not found");
        return refuse(request, RejectCode::DestinationInvalid, message);
    };
    if let Err(error) = running(receiver, &canister.status) {
        return refuse(request, RejectCode::CanisterError, error.message);
    }
    let sender = request.sender;
    let minimum = canister.settings.minimum_incoming_call_cycles;
    if sender != receiver && request.cycles < minimum {
        let message = format!(
            "Canister {receiver} requires at least {minimum} transferred cycles, but only {} were transferred",
            request.cycles
        );
        return refuse(request, RejectCode::CanisterError, message);
    }
    match canister
        .queues
        .push_input(sender, CanisterMessage::Request(request))
    {
        Ok(()) => Ok(()),
        Err(request) => {
            let message = format!("Maximum queue capacity {QUEUE_CAPACITY} reached");
            refuse(*request, RejectCode::SysTransient, message)
        }
    }
}

/// Moves messages between canisters of this subnet from output to input. Returns whether something moved.
pub fn within_subnet(state: &mut SubnetState) -> bool {
    let senders: Vec<CanisterId> = state
        .canisters
        .iter()
        .filter(|(_, canister)| canister.queues.has_output())
        .map(|(id, _)| *id)
        .collect();
    let mut moved = false;
    for sender in senders {
        let output = match state.canisters.get_mut(&sender) {
            Some(canister) => canister.queues.take_output(),
            None => continue,
        };
        let mut kept = std::collections::VecDeque::new();
        for message in output {
            if !state.canisters.contains_key(&message.destination()) {
                kept.push_back(message);
                continue;
            }
            moved = true;
            match message {
                CanisterMessage::Response(response) => response_to_canister(state, response),
                CanisterMessage::Request(request) => {
                    if let Err(refused) = request_to_canister(state, request) {
                        let response = refused.request.refused(refused.reason);
                        response_to_canister(state, response);
                    }
                }
            }
        }
        if let Some(canister) = state.canisters.get_mut(&sender) {
            canister.queues.put_back_output(kept);
        }
    }
    moved
}

/// Takes the ingress messages of the round, in the order of their ids.
pub fn ingress(state: &mut SubnetState) {
    let pool = std::mem::take(&mut state.ingress_pool);
    // A round that was not told a new time is one nanosecond after the clock.
    let clock = match state.time.since(state.previous_time) {
        1 => state.previous_time,
        _ => state.time,
    };
    for (_, ingress) in pool {
        if state.ingress.get(&ingress.id).is_some() || ingress.expiry < clock {
            continue; // Known already, or too late: never taken.
        }
        let (id, sender, expiry) = (ingress.id, ingress.sender, ingress.expiry);
        state.ingress.receive(id, sender, expiry);
        if let Err(error) = induct_ingress(state, ingress) {
            state
                .ingress
                .set(id, IngressStatus::Failed(error), state.time);
        }
    }
}

fn induct_ingress(state: &mut SubnetState, ingress: Ingress) -> Result<(), UserError> {
    let fees = state.fees.clone();
    if let Some(payer) = payer(&ingress)? {
        let canister = state
            .canisters
            .get_mut(&payer)
            .ok_or_else(|| not_found(payer))?;
        if ingress.receiver != CanisterId::MANAGEMENT {
            running(canister.id, &canister.status)?;
        }
        let fee = fees.ingress(ingress.envelope_bytes);
        canister.can_pay(&fees, fee, &ingress.sender)?;
        canister.charge(fee, CyclesUse::IngressInduction);
    }
    if ingress.receiver == CanisterId::MANAGEMENT {
        state.management_calls.push_back(ManagementCall {
            origin: ManagementOrigin::Ingress {
                id: ingress.id,
                sender: ingress.sender,
            },
            method: ingress.method,
            payload: ingress.payload,
            cycles: crate::cycles::Cycles::ZERO,
        });
    } else if let Some(canister) = state.canisters.get_mut(&ingress.receiver) {
        canister.queues.push_ingress(ingress);
    }
    Ok(())
}

/// The canister that pays for an ingress message; nobody for management calls that concern no canister.
pub fn payer(ingress: &Ingress) -> Result<Option<CanisterId>, UserError> {
    if ingress.receiver == CanisterId::MANAGEMENT {
        management::ingress_payer(&ingress.method, &ingress.payload)
    } else {
        Ok(Some(ingress.receiver))
    }
}

/// Refuses for canisters that take no ingress.
pub fn running(id: CanisterId, status: &Status) -> Result<(), UserError> {
    match status {
        Status::Running => Ok(()),
        Status::Stopping(_) => Err(UserError::new(
            ErrorCode::CanisterStopping,
            format!("Canister {id} is stopping"),
        )),
        Status::Stopped => Err(UserError::new(
            ErrorCode::CanisterStopped,
            format!("Canister {id} is stopped"),
        )),
    }
}

/// The error for an id that no canister has.
pub fn not_found(id: CanisterId) -> UserError {
    UserError::new(
        ErrorCode::CanisterNotFound,
        format!("Canister {id} not found"),
    )
}
