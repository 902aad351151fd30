//! Requests that wait, each until the round in which it was asked for is over, and how long the nodes work at one.
//!
//! In: requests of askers whose rounds go on by themselves (the subnet itself, and others whose requests it serves), ends of their rounds. Out: what is due,
//! in the order in which it came. Rounds decide only when something moves; which tape makes a nonce does not depend on them (`tape`).

use crate::broadcast::Step;
use crate::repeated::PATIENCE;
use crate::request::Request;
use std::collections::VecDeque;

/// Steps of the broadcast in a round of its asker that a request may hold everybody up.
const STEPS_A_ROUND: u64 = 10 * PATIENCE;
/// Rounds of its asker after which what a request is bound to is given up.
const MOST_ROUNDS: u32 = 4;

/// Who asks: a subnet whose rounds are counted for themselves, by its id. The nodes' own subnet needs no name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Asker(pub Vec<u8>);

/// A request, and who asked.
#[derive(Debug)]
pub struct Asked {
    /// Who.
    pub asker: Asker,
    /// For what.
    pub request: Request,
}

/// Requests that wait.
#[derive(Debug, Default)]
pub struct Waiting {
    due: VecDeque<Asked>,
    /// The rounds of these are not over.
    early: Vec<Asked>,
}

impl Waiting {
    /// All of them.
    pub fn len(&self) -> usize {
        self.due.len() + self.early.len()
    }

    /// Takes a request of a round that goes on.
    pub fn submit(&mut self, asked: Asked) {
        self.early.push(asked);
    }

    /// Lets what was begun in vain come next.
    pub fn again(&mut self, asked: Asked) {
        self.due.push_front(asked);
    }

    /// A round of this asker is over: what was asked for in it is due.
    pub fn end_round(&mut self, asker: &Asker) {
        let ended = self.early.extract_if(.., |asked| asked.asker == *asker);
        self.due.extend(ended);
    }

    /// The next request that is due.
    pub fn pop_due(&mut self) -> Option<Asked> {
        self.due.pop_front()
    }

    /// Puts requests that were begun, in their order, before all others.
    #[must_use]
    pub fn after(mut self, begun: impl DoubleEndedIterator<Item = Asked>) -> Self {
        begun.rev().for_each(|asked| self.again(asked));
        self
    }
}

/// How much of the nodes' work a request took.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    until: Step,
    rounds: u32,
}

impl Effort {
    /// Work that begins.
    pub fn begin(now: Step) -> Self {
        Effort {
            until: Step(now.0 + STEPS_A_ROUND),
            rounds: 0,
        }
    }

    /// Whether others still wait for it in this round.
    pub fn holds_up(&self, now: Step) -> bool {
        now < self.until
    }

    /// Goes on in another round of the asker. False if it took too many already.
    pub fn renew(&mut self, now: Step) -> bool {
        self.rounds += 1;
        self.until = Step(now.0 + STEPS_A_ROUND);
        self.rounds < MOST_ROUNDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::RequestId;
    use crate::request::{Derivation, Work};
    use subnet_view::{KeyId, KeyScheme};

    fn asked(asker: u8, id: u64) -> Asked {
        let key = KeyId {
            scheme: KeyScheme::Ed25519,
            name: String::new(),
        };
        let derivation = Derivation {
            canister: Vec::new(),
            path: Vec::new(),
        };
        Asked {
            asker: Asker(vec![asker]),
            request: Request {
                id: RequestId(id),
                key,
                derivation,
                work: Work::SignHash([0; 32]),
            },
        }
    }

    fn ids(mut waiting: Waiting) -> Vec<u64> {
        std::iter::from_fn(|| waiting.pop_due())
            .map(|asked| asked.request.id.0)
            .collect()
    }

    #[test]
    fn only_the_end_of_the_askers_own_round_makes_a_request_due() {
        let mut waiting = Waiting::default();
        for (asker, id) in [(1, 1), (2, 2), (1, 3)] {
            waiting.submit(asked(asker, id));
        }
        waiting.end_round(&Asker(vec![1]));
        assert_eq!(waiting.len(), 3);
        waiting.again(asked(3, 4));
        let waiting = waiting.after([asked(1, 5), asked(1, 6)].into_iter());
        assert_eq!(ids(waiting), [5, 6, 4, 1, 3]);
    }

    #[test]
    fn a_request_holds_others_up_for_a_while_and_is_given_up_after_some_rounds() {
        let mut effort = Effort::begin(Step(1));
        assert!(effort.holds_up(Step(STEPS_A_ROUND)));
        assert!(!effort.holds_up(Step(STEPS_A_ROUND + 1)));
        assert!(effort.renew(Step(100)) && effort.holds_up(Step(101)));
        assert!(effort.renew(Step(200)) && effort.renew(Step(300)));
        assert!(!effort.renew(Step(400)));
    }
}
