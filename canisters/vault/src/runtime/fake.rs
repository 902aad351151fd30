//! A world for unit tests: the kit's, with a network that answers as the test says.
//!
//! - Keys are no real ones here: what the network derives is tested through the client.

use super::{KeyWish, Outside};
use crate::fake::Fake;
use candid::Principal;
use canister_kit::KeyName;
use canister_kit::calls::CallError;
use canister_kit::encoding::{Cycles, Timestamp};
use canister_kit::runtime::Runtime;
use canister_kit::vetkd::VetKeys;
use std::cell::{Cell, RefCell};

/// The world as a test sets it.
pub struct FakeOutside {
    /// The kit's part.
    pub world: Fake,
    /// What the network tells for the canister's own key.
    pub own: RefCell<Result<Vec<u8>, CallError>>,
    /// What the network tells for a derived key.
    pub derived: RefCell<Result<Vec<u8>, CallError>>,
    /// What was asked for.
    pub wishes: RefCell<Vec<KeyWish>>,
    /// What a derivation costs.
    pub fee: Cell<Option<Cycles>>,
}

impl FakeOutside {
    /// A network that gives 192 bytes for every key.
    pub fn new() -> Self {
        let master = key_path::masters::Network::PocketIc;
        let own = key_path::masters::vetkd_public_key(master, "test_key_1").unwrap();
        Self {
            world: Fake::new(),
            own: RefCell::new(Ok(own.to_vec())),
            derived: RefCell::new(Ok(vec![7; 192])),
            wishes: RefCell::default(),
            fee: Cell::new(Some(Cycles(26_153_846_153))),
        }
    }
}

impl Runtime for FakeOutside {
    fn now(&self) -> Timestamp {
        self.world.now()
    }

    fn caller(&self) -> Principal {
        self.world.caller()
    }

    fn canister(&self) -> Principal {
        self.world.canister()
    }

    fn is_controller(&self, principal: Principal) -> bool {
        self.world.is_controller(principal)
    }

    fn balance(&self) -> Cycles {
        self.world.balance()
    }

    fn attached(&self) -> Cycles {
        self.world.attached()
    }

    fn accept(&self, at_most: Cycles) -> Cycles {
        self.world.accept(at_most)
    }

    fn certify(&self, root: &[u8; 32]) {
        self.world.certify(root);
    }

    fn certificate(&self) -> Option<Vec<u8>> {
        self.world.certificate()
    }
}

impl VetKeys for FakeOutside {
    fn vetkd_fee(&self, _: &KeyName) -> Option<Cycles> {
        self.fee.get()
    }

    async fn vetkd_public_key(&self, context: &[u8], _: &KeyName) -> Result<Vec<u8>, CallError> {
        assert!(context.is_empty(), "the canister's own key is asked for");
        self.own.borrow().clone()
    }

    async fn published_vetkey(
        &self,
        _: &[u8],
        _: &[u8],
        _: &KeyName,
    ) -> Result<[u8; 48], CallError> {
        panic!("the vault publishes no key")
    }
}

impl Outside for FakeOutside {
    async fn derive(&self, wish: &KeyWish, _: &KeyName) -> Result<Vec<u8>, CallError> {
        self.wishes.borrow_mut().push(wish.clone());
        self.derived.borrow().clone()
    }
}
