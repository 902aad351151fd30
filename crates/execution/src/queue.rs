//! The queues of a canister.
//!
//! Source: interface specification, "Message queues": messages between two canisters keep their order; each pair holds at
//! most 500 requests, and a place for the response is reserved with the request. In: messages. Out: the same, in order,
//! fairly between senders. Leaves out: what a message does.

use crate::ids::CanisterId;
use crate::message::{CallbackId, CanisterMessage, Ingress, Request, Response};
use std::collections::{BTreeMap, VecDeque};

/// Requests that a queue between two canisters holds.
pub const QUEUE_CAPACITY: usize = 500;

/// What a canister takes from its input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputMessage {
    /// From a user.
    Ingress(Ingress),
    /// From a canister.
    Canister(CanisterMessage),
}

/// The input and output queues of one canister.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queues {
    ingress: VecDeque<Ingress>,
    input: BTreeMap<CanisterId, VecDeque<CanisterMessage>>,
    /// Senders with input, in the order in which they are served.
    turns: VecDeque<CanisterId>,
    ingress_turn: bool,
    output: VecDeque<CanisterMessage>,
    /// Requests to each receiver that are not answered yet, those in the output included.
    open: BTreeMap<CanisterId, usize>,
}

impl Queues {
    /// Adds an ingress message.
    pub fn push_ingress(&mut self, ingress: Ingress) {
        self.ingress.push_back(ingress);
    }

    /// Adds a message of another canister. A request beyond the capacity is given back.
    pub fn push_input(
        &mut self,
        sender: CanisterId,
        message: CanisterMessage,
    ) -> Result<(), Box<Request>> {
        let queue = self.input.entry(sender).or_default();
        if let CanisterMessage::Request(request) = message {
            let requests = queue
                .iter()
                .filter(|m| matches!(m, CanisterMessage::Request(_)))
                .count();
            if requests >= QUEUE_CAPACITY {
                return Err(Box::new(request));
            }
            queue.push_back(CanisterMessage::Request(request));
        } else {
            queue.push_back(message);
        }
        if !self.turns.contains(&sender) {
            self.turns.push_back(sender);
        }
        Ok(())
    }

    /// The next message: ingress and senders take turns.
    pub fn pop_input(&mut self) -> Option<InputMessage> {
        self.ingress_turn = !self.ingress_turn;
        if self.ingress_turn
            && let Some(ingress) = self.ingress.pop_front()
        {
            return Some(InputMessage::Ingress(ingress));
        }
        if let Some(message) = self.pop_canister_message() {
            return Some(InputMessage::Canister(message));
        }
        self.ingress.pop_front().map(InputMessage::Ingress)
    }

    fn pop_canister_message(&mut self) -> Option<CanisterMessage> {
        let sender = self.turns.pop_front()?;
        let queue = self.input.get_mut(&sender)?;
        let message = queue.pop_front();
        if queue.is_empty() {
            self.input.remove(&sender);
        } else {
            self.turns.push_back(sender);
        }
        message
    }

    /// Whether something waits to be executed.
    pub fn has_input(&self) -> bool {
        !self.ingress.is_empty() || !self.turns.is_empty()
    }

    /// Takes all ingress messages and requests out of the input (uninstall, stop), leaves the responses.
    pub fn drain_requests(&mut self) -> (Vec<Ingress>, Vec<Request>) {
        let mut requests = Vec::new();
        for queue in self.input.values_mut() {
            for message in std::mem::take(queue) {
                match message {
                    CanisterMessage::Request(request) => requests.push(request),
                    response => queue.push_back(response),
                }
            }
        }
        self.input.retain(|_, queue| !queue.is_empty());
        self.turns.retain(|sender| self.input.contains_key(sender));
        (self.ingress.drain(..).collect(), requests)
    }

    /// Takes a place for a call to this callee, until [`Queues::release`].
    pub fn reserve(&mut self, callee: CanisterId) {
        *self.open.entry(callee).or_default() += 1;
    }

    /// Adds a request, whose place was reserved, to the output.
    pub fn push_request(&mut self, request: Request) {
        self.output.push_back(CanisterMessage::Request(request));
    }

    /// Adds a response to the output.
    pub fn push_response(&mut self, response: Response) {
        self.output.push_back(CanisterMessage::Response(response));
    }

    /// An answer of this callee has been taken: its place is free again.
    pub fn release(&mut self, callee: CanisterId) {
        if let Some(open) = self.open.get_mut(&callee) {
            *open -= 1;
            if *open == 0 {
                self.open.remove(&callee);
            }
        }
    }

    /// Free places to each receiver that has open requests.
    pub fn free_output_slots(&self) -> BTreeMap<CanisterId, usize> {
        self.open
            .iter()
            .map(|(id, open)| (*id, QUEUE_CAPACITY.saturating_sub(*open)))
            .collect()
    }

    /// Takes the whole output.
    pub fn take_output(&mut self) -> VecDeque<CanisterMessage> {
        std::mem::take(&mut self.output)
    }

    /// Puts messages back that could not be moved, before anything newer.
    pub fn put_back_output(&mut self, mut messages: VecDeque<CanisterMessage>) {
        messages.append(&mut self.output);
        self.output = messages;
    }

    /// Whether an answer to this callback waits in the input.
    pub fn holds_response(&self, callback: CallbackId) -> bool {
        let answers = |message: &CanisterMessage| matches!(message, CanisterMessage::Response(r) if r.callback == callback);
        self.input.values().flatten().any(answers)
    }

    /// Drops the request of this callback from the output, if it is still there.
    pub fn drop_request(&mut self, callback: CallbackId) {
        self.output.retain(
            |message| !matches!(message, CanisterMessage::Request(r) if r.callback == callback),
        );
    }

    /// Whether the output holds something.
    pub fn has_output(&self) -> bool {
        !self.output.is_empty()
    }

    /// Whether all queues are empty and nothing is open (condition of delete).
    pub fn is_empty(&self) -> bool {
        !self.has_input() && self.output.is_empty() && self.open.is_empty()
    }
}
