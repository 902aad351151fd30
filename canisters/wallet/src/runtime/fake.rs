//! A world for unit tests: the kit's, and a management canister that answers what the test wrote down.
//!
//! - It exists only under `#[cfg(test)]`.

use super::{CallError, Outside};
use crate::fake::Fake;
use crate::root_key::{KeyKind, RawKey};
use candid::Principal;
use canister_kit::KeyName;
use canister_kit::encoding::{Cycles, Timestamp};
use canister_kit::runtime::Runtime;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The world as a test sets it.
pub struct FakeOutside {
    /// What the kit sees of it.
    pub world: Fake,
    /// What the management canister answers.
    pub keys: RefCell<BTreeMap<KeyKind, Result<RawKey, CallError>>>,
    /// What it was asked for.
    pub asked: RefCell<Vec<(KeyKind, String)>>,
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

impl Outside for FakeOutside {
    async fn public_key(&self, kind: KeyKind, name: &KeyName) -> Result<RawKey, CallError> {
        self.asked.borrow_mut().push((kind, name.to_string()));
        self.keys.borrow()[&kind].clone()
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
