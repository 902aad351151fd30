//! Call contexts: the calls that a canister has open, inwards and outwards.
//!
//! Source: interface specification, "Call contexts" and "Callbacks". A call context lives from the delivery of a call until
//! it has been answered and no callback of it is outstanding. In and out: values. Leaves out: queues, cycles of the canister.

use crate::cycles::Cycles;
use crate::ids::{CanisterId, MessageId, Time};
use crate::message::{CallContextId, CallbackId, CallerInfo};
use crate::sandbox::{Closure, SystemTask};
use candid::Principal;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Who waits for the answer of a call context.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A user, by ingress.
    Ingress {
        /// The message.
        id: MessageId,
        /// Its sender.
        sender: Principal,
        /// What is vouched for about the sender.
        caller_info: Option<Arc<CallerInfo>>,
    },
    /// A canister.
    Canister {
        /// The caller.
        sender: CanisterId,
        /// Its callback.
        callback: CallbackId,
        /// For best-effort calls.
        deadline: Option<Time>,
    },
    /// Nobody: a heartbeat, a timer, a low-memory hook.
    System(SystemTask),
}

impl Origin {
    /// The caller as `msg_caller` shows it.
    pub fn caller(&self) -> Principal {
        match self {
            Origin::Ingress { sender, .. } => *sender,
            Origin::Canister { sender, .. } => sender.principal(),
            Origin::System(_) => Principal::management_canister(),
        }
    }

    /// What is vouched for about the caller.
    pub fn caller_info(&self) -> Option<Arc<CallerInfo>> {
        match self {
            Origin::Ingress { caller_info, .. } => caller_info.clone(),
            _ => None,
        }
    }

    /// The deadline of a best-effort call.
    pub fn deadline(&self) -> Option<Time> {
        match self {
            Origin::Canister { deadline, .. } => *deadline,
            _ => None,
        }
    }
}

/// One open call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallContext {
    /// Who waits.
    pub origin: Origin,
    /// Whether the answer was given.
    pub answered: bool,
    /// Whether the canister was uninstalled since: its callbacks are then dropped.
    pub deleted: bool,
    /// Cycles attached and not accepted.
    pub available: Cycles,
    /// Instructions used so far by all executions of this call context.
    pub instructions: u64,
    /// When it began.
    pub time: Time,
    /// Callbacks outstanding.
    pub outstanding: usize,
}

/// One outstanding call outwards.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Callback {
    /// The call context that made the call.
    pub context: CallContextId,
    /// Whom it called.
    pub callee: CanisterId,
    /// Runs on a reply.
    pub on_reply: Closure,
    /// Runs on a reject.
    pub on_reject: Closure,
    /// Runs if one of them traps.
    pub on_cleanup: Option<Closure>,
    /// Cycles that were attached.
    pub cycles: Cycles,
    /// Set aside for executing the response.
    pub prepaid_execution: Cycles,
    /// Set aside for transmitting the response.
    pub prepaid_transmission: Cycles,
    /// For best-effort calls.
    pub deadline: Option<Time>,
}

/// All call contexts and callbacks of a canister.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CallContexts {
    next_context: u64,
    next_callback: u64,
    contexts: BTreeMap<CallContextId, CallContext>,
    callbacks: BTreeMap<CallbackId, Callback>,
}

impl CallContexts {
    /// Opens a call context.
    pub fn open(&mut self, origin: Origin, available: Cycles, time: Time) -> CallContextId {
        self.next_context += 1;
        let id = CallContextId(self.next_context);
        let context = CallContext {
            origin,
            answered: false,
            deleted: false,
            available,
            instructions: 0,
            time,
            outstanding: 0,
        };
        self.contexts.insert(id, context);
        id
    }

    /// Registers a callback of an open call context.
    pub fn register(&mut self, callback: Callback) -> CallbackId {
        self.next_callback += 1;
        let id = CallbackId(self.next_callback);
        if let Some(context) = self.contexts.get_mut(&callback.context) {
            context.outstanding += 1;
        }
        self.callbacks.insert(id, callback);
        id
    }

    /// Takes a callback out: its answer is here. The call context still counts it until [`CallContexts::settle`].
    pub fn take_callback(&mut self, id: CallbackId) -> Option<Callback> {
        self.callbacks.remove(&id)
    }

    /// Looks at a callback.
    pub fn callback(&self, id: CallbackId) -> Option<&Callback> {
        self.callbacks.get(&id)
    }

    /// All outstanding callbacks.
    pub fn callbacks(&self) -> impl Iterator<Item = (&CallbackId, &Callback)> {
        self.callbacks.iter()
    }

    /// A call context.
    pub fn get(&self, id: CallContextId) -> Option<&CallContext> {
        self.contexts.get(&id)
    }

    /// A call context, to change.
    pub fn get_mut(&mut self, id: CallContextId) -> Option<&mut CallContext> {
        self.contexts.get_mut(&id)
    }

    /// All open call contexts.
    pub fn iter(&self) -> impl Iterator<Item = (&CallContextId, &CallContext)> {
        self.contexts.iter()
    }

    /// Whether nothing is open: then a stopping canister may stop.
    pub fn is_empty(&self) -> bool {
        self.contexts.is_empty() && self.callbacks.is_empty()
    }

    /// One callback of the context has been executed (or dropped).
    pub fn settle(&mut self, id: CallContextId) {
        if let Some(context) = self.contexts.get_mut(&id) {
            context.outstanding = context.outstanding.saturating_sub(1);
        }
    }

    /// Marks the context as answered and takes what is left of its cycles, for the refund.
    pub fn answer(&mut self, id: CallContextId) -> Option<(Origin, Cycles)> {
        let context = self.contexts.get_mut(&id)?;
        if context.answered {
            return None;
        }
        context.answered = true;
        Some((
            context.origin.clone(),
            std::mem::take(&mut context.available),
        ))
    }

    /// Closes the context if it is answered and nothing of it is outstanding.
    pub fn close_if_done(&mut self, id: CallContextId) {
        if self
            .contexts
            .get(&id)
            .is_some_and(|c| c.answered && c.outstanding == 0)
        {
            self.contexts.remove(&id);
        }
    }

    /// Marks all contexts as deleted (uninstall) and answers those that were not, in order.
    pub fn delete_all(&mut self) -> Vec<(Origin, Cycles)> {
        let mut unanswered = Vec::new();
        for context in self.contexts.values_mut() {
            context.deleted = true;
            if !std::mem::replace(&mut context.answered, true) {
                unanswered.push((
                    context.origin.clone(),
                    std::mem::take(&mut context.available),
                ));
            }
        }
        self.contexts.retain(|_, context| context.outstanding > 0);
        unanswered
    }
}
