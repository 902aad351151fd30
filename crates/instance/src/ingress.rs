//! Calls and queries of users: submitting, awaiting, asking for the status.
//!
//! Source: interface specification, "Call" and "Query". In: calls. Out: ids, then results. A call that is refused at the door
//! is an answer that is not certified. Leaves out: signatures (the PocketIC API lets everyone speak for everyone).

use crate::error::InstanceError;
use crate::instance::Instance;
use crate::message_id::{CallContent, MAX_INGRESS_EXPIRY, request_id};
use crate::route::{EffectivePrincipal, Routed};
use crate::topology::{self, HostedSubnet};
use candid::Principal;
use chainkey_execution::entry::Query;
use chainkey_execution::error::UserError;
use chainkey_execution::ids::{CanisterId, MessageId, SubnetId};
use chainkey_execution::message::{CallerInfo, Ingress};
use chainkey_execution::subnet::{IngressStatus, SubnetKind};
use std::sync::Arc;

/// Rounds that awaiting a call runs at most.
const MAX_AWAITED_ROUNDS: u32 = 100;

/// Bytes of a call on a subnet of an application kind.
const MAX_CALL_BYTES: u64 = 2 * 1024 * 1024;

/// Bytes of a call on a system subnet.
const MAX_SYSTEM_CALL_BYTES: u64 = 3_670_016;

/// A call or query as a user makes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CanisterCall {
    /// Who calls.
    pub sender: Principal,
    /// Whom: a canister or `aaaaa-aa`.
    pub receiver: CanisterId,
    /// Where.
    pub effective: EffectivePrincipal,
    /// What is vouched for about the sender; whether its signature holds is not checked at this door.
    pub caller_info: Option<CallerInfo>,
    /// The method.
    pub method: String,
    /// The argument.
    pub payload: Vec<u8>,
}

/// A rejected call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallRejected {
    /// Why.
    pub error: UserError,
    /// Whether the subnet vouches for it: true once the call was taken.
    pub certified: bool,
}

/// What a call comes to.
pub type CallResult = Result<Vec<u8>, CallRejected>;

/// The id of a call that was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SubmittedId {
    /// The subnet that took it.
    pub subnet: SubnetId,
    /// Its id there.
    pub message: MessageId,
}

/// What submitting comes to.
pub type Submission = Result<SubmittedId, CallRejected>;

impl Instance {
    /// Puts a call before its subnet, without running a round.
    pub fn submit(&mut self, call: CanisterCall) -> Result<Submission, InstanceError> {
        let index = self.route(&routed(&call))?;
        self.submit_to(index, call)
    }

    /// Puts a call before this subnet.
    pub(crate) fn submit_to(
        &mut self,
        index: usize,
        call: CanisterCall,
    ) -> Result<Submission, InstanceError> {
        let hosted = &mut self.subnets[index];
        let nonce = hosted.next_nonce.to_le_bytes();
        hosted.next_nonce += 1;
        let content = CallContent {
            canister: call.receiver.principal(),
            method: &call.method,
            arg: &call.payload,
            sender: call.sender,
            ingress_expiry: hosted.clock.now().plus(MAX_INGRESS_EXPIRY),
            nonce: Some(&nonce),
        };
        let id = request_id(&content);
        let envelope_bytes = Ingress::unsigned_envelope_bytes(
            call.receiver.as_slice(),
            &call.method,
            &call.payload,
            &call.sender,
        );
        check_size(hosted.spec.kind, id, envelope_bytes)?;
        let expiry = content.ingress_expiry;
        let submitted = SubmittedId {
            subnet: hosted.id,
            message: id,
        };
        let ingress = Ingress {
            id,
            sender: call.sender,
            caller_info: call.caller_info.map(Arc::new),
            receiver: call.receiver,
            method: call.method,
            payload: call.payload,
            envelope_bytes,
            expiry,
        };
        Ok(match hosted.subnet.submit(ingress) {
            Ok(()) => Ok(submitted),
            Err(error) => Err(CallRejected {
                error,
                certified: false,
            }),
        })
    }

    /// Runs rounds on all subnets until the call is answered, at most a hundred.
    pub fn await_call(
        &mut self,
        effective: EffectivePrincipal,
        message: MessageId,
    ) -> Result<CallResult, InstanceError> {
        let subnet = self.subnet_of_message(effective, &message)?;
        for _ in 0..MAX_AWAITED_ROUNDS {
            if let Some(result) = self.answer_of(subnet, &message) {
                return Ok(result);
            }
            self.tick();
        }
        self.answer_of(subnet, &message).ok_or_else(|| {
            InstanceError::BadIngressMessage(format!(
                "Failed to answer to ingress {message} after {MAX_AWAITED_ROUNDS} rounds."
            ))
        })
    }

    /// The answer, if there is one; only the sender may ask where a caller is given.
    pub fn ingress_status(
        &mut self,
        effective: EffectivePrincipal,
        message: MessageId,
        caller: Option<Principal>,
    ) -> Result<Option<CallResult>, InstanceError> {
        let subnet = self.subnet_of_message(effective, &message)?;
        let index = self.position(subnet.0)?;
        if let (Some(caller), Some((_, sender))) =
            (caller, self.subnets[index].subnet.ingress_status(&message))
            && caller != sender
        {
            return Err(InstanceError::Forbidden(
                "The user tries to access Request ID not signed by the caller.".into(),
            ));
        }
        Ok(self.answer_of(subnet, &message))
    }

    /// Runs a query on the latest state.
    pub fn query(&mut self, call: CanisterCall) -> Result<CallResult, InstanceError> {
        let index = self.route(&routed(&call))?;
        let result = self.subnets[index].subnet.query(Query {
            sender: call.sender,
            caller_info: call.caller_info.map(Arc::new),
            receiver: call.receiver,
            method: call.method,
            payload: call.payload,
        });
        Ok(result.map_err(|error| CallRejected {
            error,
            certified: false,
        }))
    }

    /// The subnet that a message went to; without a hint the one that knows it.
    fn subnet_of_message(
        &mut self,
        effective: EffectivePrincipal,
        message: &MessageId,
    ) -> Result<SubnetId, InstanceError> {
        if effective == EffectivePrincipal::None {
            let knows = |hosted: &&HostedSubnet| hosted.subnet.ingress_status(message).is_some();
            let known = self.subnets.iter().find(knows);
            let hosted = known.or_else(|| topology::default_subnet(&self.subnets));
            let missing = || InstanceError::BadIngressMessage("there is no subnet".into());
            return hosted.map(|hosted| hosted.id).ok_or_else(missing);
        }
        let routed = Routed {
            receiver: CanisterId::MANAGEMENT,
            effective,
            method: "",
            payload: &[],
        };
        let index = self.route(&routed)?;
        Ok(self.subnets[index].id)
    }

    /// The terminal answer to a message on this subnet.
    pub(crate) fn answer_of(&self, subnet: SubnetId, message: &MessageId) -> Option<CallResult> {
        let hosted = self.subnets.iter().find(|hosted| hosted.id == subnet)?;
        match hosted.subnet.ingress_status(message)?.0 {
            IngressStatus::Replied(data) => Some(Ok(data.clone())),
            IngressStatus::Failed(error) => Some(Err(CallRejected {
                error: error.clone(),
                certified: true,
            })),
            IngressStatus::Received | IngressStatus::Processing => None,
        }
    }
}

fn routed(call: &CanisterCall) -> Routed<'_> {
    Routed {
        receiver: call.receiver,
        effective: call.effective,
        method: &call.method,
        payload: &call.payload,
    }
}

fn check_size(kind: SubnetKind, id: MessageId, bytes: u64) -> Result<(), InstanceError> {
    let most = if kind.is_system() {
        MAX_SYSTEM_CALL_BYTES
    } else {
        MAX_CALL_BYTES
    };
    if bytes <= most {
        return Ok(());
    }
    Err(InstanceError::BadIngressMessage(format!(
        "Request {id} is too large. Message byte size {bytes} is larger than the max allowed {most}."
    )))
}
