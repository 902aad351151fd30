//! Messages between subnets, in order.
//!
//! Source: interface specification, "Inter-canister calls" (messages between two canisters arrive in the order sent). Every
//! pair of subnets has one stream each way, and every subnet one to itself (loop-back). In: what a round sends. Out: what the
//! next round of the receiver takes. Leaves out: certification of streams, which another implementation of [`Stream`] adds.

use chainkey_execution::ids::SubnetId;
use chainkey_execution::message::CanisterMessage;
use std::collections::{BTreeMap, VecDeque};

/// One direction between two subnets: what is put in comes out once, in the same order.
pub trait Stream: Send {
    /// Appends a message.
    fn push(&mut self, message: CanisterMessage);

    /// Takes all messages that have arrived, oldest first.
    fn take(&mut self) -> Vec<CanisterMessage>;
}

/// A stream within one process: delivers all and loses nothing.
#[derive(Clone, Debug, Default)]
pub struct InProcessStream {
    waiting: VecDeque<CanisterMessage>,
}

impl Stream for InProcessStream {
    fn push(&mut self, message: CanisterMessage) {
        self.waiting.push_back(message);
    }

    fn take(&mut self) -> Vec<CanisterMessage> {
        self.waiting.drain(..).collect()
    }
}

/// All streams of a network, by receiver and sender.
#[derive(Default)]
pub struct Streams {
    streams: BTreeMap<(SubnetId, SubnetId), Box<dyn Stream>>,
}

impl Streams {
    /// Sends messages of `sender`, in order.
    pub fn send(&mut self, sender: SubnetId, messages: Vec<(SubnetId, CanisterMessage)>) {
        for (receiver, message) in messages {
            self.streams
                .entry((receiver, sender))
                .or_insert_with(|| Box::new(InProcessStream::default()))
                .push(message);
        }
    }

    /// What `receiver` gets in its round: its own loop-back first, then the other subnets' in the order of their ids.
    pub fn receive(&mut self, receiver: SubnetId) -> Vec<CanisterMessage> {
        let mut messages = match self.streams.get_mut(&(receiver, receiver)) {
            Some(loopback) => loopback.take(),
            None => Vec::new(),
        };
        for ((to, from), stream) in &mut self.streams {
            if *to == receiver && *from != receiver {
                messages.extend(stream.take());
            }
        }
        messages
    }

    /// Forgets a subnet: the messages that were on their way to it.
    pub fn remove(&mut self, subnet: SubnetId) -> Vec<CanisterMessage> {
        let messages = self.receive(subnet);
        self.streams
            .retain(|(to, from), _| *to != subnet && *from != subnet);
        messages
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::subnet_id;
    use chainkey_execution::cycles::Cycles;
    use chainkey_execution::ids::CanisterId;
    use chainkey_execution::message::{CallbackId, Payload, Response};

    fn message(number: u64) -> CanisterMessage {
        CanisterMessage::Response(Response {
            originator: CanisterId::from_number(0),
            respondent: CanisterId::from_number(1),
            callback: CallbackId(number),
            refund: Cycles::ZERO,
            payload: Payload::Reply(Vec::new()),
            deadline: None,
        })
    }

    fn numbers(messages: Vec<CanisterMessage>) -> Vec<u64> {
        messages
            .into_iter()
            .map(|message| match message {
                CanisterMessage::Response(response) => response.callback.0,
                other => panic!("not sent: {other:?}"),
            })
            .collect()
    }

    #[test]
    fn messages_arrive_once_and_in_order_with_the_loopback_first() {
        let (here, there) = (subnet_id(0, 0), subnet_id(0, 1));
        let mut streams = Streams::default();
        streams.send(there, vec![(here, message(3)), (here, message(4))]);
        streams.send(
            here,
            vec![(here, message(1)), (there, message(9)), (here, message(2))],
        );
        assert_eq!(numbers(streams.receive(here)), [1, 2, 3, 4]);
        assert_eq!(numbers(streams.receive(here)), [0; 0]);
        assert_eq!(numbers(streams.receive(there)), [9]);
    }

    #[test]
    fn removing_a_subnet_hands_back_what_was_on_its_way() {
        let (here, there) = (subnet_id(0, 0), subnet_id(0, 1));
        let mut streams = Streams::default();
        streams.send(here, vec![(there, message(1))]);
        assert_eq!(numbers(streams.remove(there)), [1]);
        assert_eq!(numbers(streams.receive(there)), [0; 0]);
    }
}
