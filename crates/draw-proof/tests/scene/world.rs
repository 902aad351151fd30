//! A world with vetKeys for unit tests of canisters: the kit's fake, and keys of [`super::signer`] that come, fail or get lost as the test says.
//!
//! - Canisters' tests take it in by `#[path]` under `#[cfg(test)]`, beside the kit's `fake` and the `signer`; no build for production contains it.

// Each canister's tests use a part of it.
#![allow(dead_code)]

use crate::fake::Fake;
use crate::signer;
use candid::Principal;
use canister_kit::KeyName;
use canister_kit::calls::CallError;
use canister_kit::encoding::{Cycles, Timestamp};
use canister_kit::runtime::Runtime;
use canister_kit::vetkd::VetKeys;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// What deriving a key costs here.
pub const FEE: Cycles = Cycles(10_000_000_000);

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is answered.
    Answered,
    /// It is rejected with this code.
    Rejected(u32),
    /// Something else comes than what was asked for.
    Forged,
    /// No answer ever comes, as after a trap.
    Lost,
}

/// The world of a canister; `X` is what it needs beside keys.
#[derive(Default)]
pub struct World<X = ()> {
    /// The kit's part.
    pub fake: Fake,
    /// What becomes of the next calls; those after them are answered.
    pub fates: RefCell<VecDeque<Fate>>,
    /// How many keys were asked for.
    pub asked: Cell<u32>,
    /// The canister's own part.
    pub more: X,
}

impl<X> World<X> {
    /// What becomes of the next calls.
    pub fn next(&self, fates: &[Fate]) {
        *self.fates.borrow_mut() = fates.iter().copied().collect();
    }

    /// What a call brings: an answer, or a forged one.
    pub async fn meet<T>(&self, answer: T, forged: T) -> Result<T, CallError> {
        let fate = self.fates.borrow_mut().pop_front();
        match fate.unwrap_or(Fate::Answered) {
            Fate::Answered => Ok(answer),
            Fate::Rejected(code) => Err(CallError::new(code, "rejected")),
            Fate::Forged => Ok(forged),
            Fate::Lost => std::future::pending().await,
        }
    }
}

impl<X> VetKeys for World<X> {
    fn vetkd_fee(&self, name: &KeyName) -> Option<Cycles> {
        (name.to_string() == signer::KEY_NAME).then_some(FEE)
    }

    async fn vetkd_public_key(&self, context: &[u8], _: &KeyName) -> Result<Vec<u8>, CallError> {
        let key = signer::key(self.fake.canister.as_slice(), context);
        self.meet(key.bytes().to_vec(), vec![7; 96]).await
    }

    async fn published_vetkey(
        &self,
        context: &[u8],
        input: &[u8],
        _: &KeyName,
    ) -> Result<[u8; 48], CallError> {
        self.asked.set(self.asked.get() + 1);
        let sign = |input| signer::sign(self.fake.canister.as_slice(), context, input);
        self.meet(sign(input), sign(b"another input")).await
    }
}

impl<X> Runtime for World<X> {
    fn now(&self) -> Timestamp {
        Runtime::now(&self.fake)
    }

    fn caller(&self) -> Principal {
        Runtime::caller(&self.fake)
    }

    fn canister(&self) -> Principal {
        Runtime::canister(&self.fake)
    }

    fn is_controller(&self, principal: Principal) -> bool {
        self.fake.is_controller(principal)
    }

    fn balance(&self) -> Cycles {
        Runtime::balance(&self.fake)
    }

    fn attached(&self) -> Cycles {
        Runtime::attached(&self.fake)
    }

    fn accept(&self, at_most: Cycles) -> Cycles {
        self.fake.accept(at_most)
    }

    fn certify(&self, root: &[u8; 32]) {
        self.fake.certify(root);
    }

    fn certificate(&self) -> Option<Vec<u8>> {
        Runtime::certificate(&self.fake)
    }
}

/// Runs what waits only for what never comes; nothing then, and everything that it held is dropped, as the network does after a trap.
pub fn at_once<T>(work: impl Future<Output = T>) -> Option<T> {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    }
}
