//! A world for unit tests: the kit's, a management canister that has the secrets of its keys, and ledgers; the test says which calls fail.
//!
//! - It exists only under `#[cfg(test)]`.

mod bitcoin;
mod evm;
mod ledger;
mod signer;
mod solana;

pub use bitcoin::{FakeBitcoin, inputs};
pub use evm::{DEPTH, FakeEvm, Seen};
pub use ledger::{FakeLedger, Made};
pub use solana::FakeSolana;

use super::CallError;
use crate::fake::Fake;
use crate::root_key::{KeyKind, RawKey};
use crate::signing::SigningRequest;
use candid::Principal;
use canister_kit::encoding::{Cycles, Timestamp};
use canister_kit::runtime::Runtime;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::{pending, poll_fn};
use std::task::Poll;

/// What happens to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is answered.
    Answered,
    /// It is rejected without having had an effect.
    Rejected(CallError),
    /// It has its effect, and the answer gets lost.
    AnswerLost(CallError),
    /// It has its effect, and no answer ever comes: the canister is upgraded, or its callback traps.
    EffectAndSilence,
    /// It has no effect, and no answer ever comes.
    Silence,
    /// It has its effect with some of a chain's providers, which tell different things.
    Differ,
    /// Other messages are handled before it is delivered, and again before its answer is.
    Slow(Box<Fate>),
}

/// The world as a test sets it.
pub struct FakeOutside {
    /// What the kit sees of it.
    pub world: Fake,
    /// What the management canister answers.
    pub keys: RefCell<BTreeMap<KeyKind, Result<RawKey, CallError>>>,
    /// What it was asked for.
    pub asked: RefCell<Vec<(KeyKind, String)>>,
    /// Everything that was signed.
    pub signed: RefCell<Vec<SigningRequest>>,
    /// Every ledger that is not among those below.
    pub ledger: RefCell<FakeLedger>,
    /// The one Bitcoin chain.
    pub bitcoin: RefCell<FakeBitcoin>,
    /// Chains of Ethereum's kind.
    pub evm: RefCell<FakeEvm>,
    /// The one Solana chain.
    pub solana: RefCell<FakeSolana>,
    /// Whether signatures are wrong.
    pub forges: Cell<bool>,
    /// Ledgers of their own.
    pub ledgers: RefCell<BTreeMap<Principal, FakeLedger>>,
    /// What happens to the next calls for signatures and transfers; then they are answered.
    pub fates: RefCell<VecDeque<Fate>>,
    /// Whether what was polled last waits for other messages, not for what never comes.
    pub comes_later: Cell<bool>,
}

impl FakeOutside {
    /// With good keys: the generators of the two groups, and different chain codes.
    pub fn new() -> Self {
        let keys = KeyKind::ALL.into_iter().zip(1..);
        Self {
            world: Fake::new(),
            keys: RefCell::new(
                keys.map(|(kind, code)| (kind, Ok(generator(kind, code))))
                    .collect(),
            ),
            asked: RefCell::default(),
            signed: RefCell::default(),
            ledger: RefCell::default(),
            bitcoin: RefCell::default(),
            evm: RefCell::default(),
            solana: RefCell::default(),
            forges: Cell::default(),
            ledgers: RefCell::default(),
            fates: RefCell::default(),
            comes_later: Cell::default(),
        }
    }

    /// Lends a ledger.
    pub fn with_ledger<R>(
        &self,
        ledger: Principal,
        use_it: impl FnOnce(&mut FakeLedger) -> R,
    ) -> R {
        match self.ledgers.borrow_mut().get_mut(&ledger) {
            Some(own) => use_it(own),
            None => use_it(&mut self.ledger.borrow_mut()),
        }
    }

    /// Lets other messages be handled first.
    async fn later(&self) {
        let mut waited = false;
        poll_fn(|_| {
            if waited {
                return Poll::Ready(());
            }
            waited = true;
            self.comes_later.set(true);
            Poll::Pending
        })
        .await;
    }

    /// Makes a call as fate wants it.
    async fn meet<T>(&self, effect: impl FnOnce() -> T) -> Result<T, CallError> {
        let fate = self.fates.borrow_mut().pop_front();
        let (slow, fate) = match fate {
            Some(Fate::Slow(fate)) => (true, *fate),
            fate => (false, fate.unwrap_or(Fate::Answered)),
        };
        if slow {
            self.later().await;
        }
        let (happens, answer) = match fate {
            Fate::Answered => (true, Some(Ok(()))),
            Fate::Rejected(error) => (false, Some(Err(error))),
            Fate::AnswerLost(error) => (true, Some(Err(error))),
            Fate::EffectAndSilence => (true, None),
            Fate::Silence => (false, None),
            // Who has no providers has none that differ.
            Fate::Differ => (true, Some(Ok(()))),
            Fate::Slow(_) => panic!("a call is slow once"),
        };
        let result = happens.then(effect);
        if slow {
            self.later().await;
        }
        match (answer, result) {
            (Some(Ok(())), Some(result)) => Ok(result),
            (Some(Err(error)), _) => Err(error),
            _ => pending().await,
        }
    }
}

/// The generator of a kind's group as a key (SEC 2, section 2.4.1; RFC 8032, section 5.1), with a chain code.
pub fn generator(kind: KeyKind, code: u8) -> RawKey {
    let hex = match kind {
        KeyKind::Ecdsa | KeyKind::Bip340 => {
            "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
        }
        KeyKind::Ed25519 => "5866666666666666666666666666666666666666666666666666666666666666",
    };
    RawKey {
        public_key: data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap(),
        chain_code: vec![code; 32],
    }
}

impl Runtime for FakeOutside {
    fn now(&self) -> Timestamp {
        Runtime::now(&self.world)
    }

    fn caller(&self) -> Principal {
        Runtime::caller(&self.world)
    }

    fn canister(&self) -> Principal {
        Runtime::canister(&self.world)
    }

    fn is_controller(&self, principal: Principal) -> bool {
        self.world.is_controller(principal)
    }

    fn balance(&self) -> Cycles {
        Runtime::balance(&self.world)
    }

    fn attached(&self) -> Cycles {
        Runtime::attached(&self.world)
    }

    fn accept(&self, at_most: Cycles) -> Cycles {
        self.world.accept(at_most)
    }

    fn certify(&self, root: &[u8; 32]) {
        self.world.certify(root);
    }

    fn certificate(&self) -> Option<Vec<u8>> {
        Runtime::certificate(&self.world)
    }
}
