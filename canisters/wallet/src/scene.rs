//! A canister for unit tests: the kit with wallets over plain memory, in a world that the test sets.
//!
//! - It exists only under `#[cfg(test)]`.

use crate::create::{NewWallet, create};
use crate::error::WalletError;
use crate::fake::person;
use crate::policy::{RawPolicy, RawRequirement};
use crate::prepare;
use crate::runtime::fake::FakeOutside;
use crate::state::{WalletKit, Wallets};
use crate::wallet::WalletView;
use candid::Principal;
use canister_kit::memory::Regions;
use canister_kit::stable::DefaultMemoryImpl;
use canister_kit::{Admission, Caller, Environment, InitArgs, Kit};
use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// A canister and its world.
pub struct Scene {
    pub world: FakeOutside,
    pub memory: DefaultMemoryImpl,
    pub kit: RefCell<WalletKit<DefaultMemoryImpl>>,
}

/// Opens what a memory holds.
pub fn open(memory: &DefaultMemoryImpl) -> WalletKit<DefaultMemoryImpl> {
    let regions = Regions::of(memory.clone());
    Kit::open(&regions, crate::SERVICE, Wallets::open(&regions))
}

impl Scene {
    /// Installed for everyone, below a large budget, in an environment.
    pub fn new(environment: Environment) -> Self {
        let key_name = match environment {
            Environment::Production => "key_1",
            Environment::Local | Environment::Staging => "test_key_1",
        };
        let args = InitArgs {
            environment,
            key_name: key_name.to_owned(),
            guardian: Some(person(50)),
            admission: Admission::Open {
                cycles_per_day: 1_000_000_000_000,
            },
        };
        let (world, memory) = (FakeOutside::new(), DefaultMemoryImpl::default());
        let mut kit = open(&memory);
        kit.install(&world, args).unwrap();
        Self {
            world,
            memory,
            kit: RefCell::new(kit),
        }
    }

    /// The next message comes from a person.
    pub fn call_as(&self, number: u32) -> Caller {
        self.world.world.call_as(person(number));
        Caller::of(&self.world).unwrap()
    }

    /// A person asks for a wallet of some people.
    pub fn create(
        &self,
        by: u32,
        request_id: u8,
        name: &str,
        members: &[u32],
    ) -> Result<WalletView, WalletError> {
        let members = members.iter().map(|number| person(*number)).collect();
        self.create_with(by, request_id, name, members, policy())
    }

    /// The same with all that can be chosen.
    pub fn create_with(
        &self,
        by: u32,
        request_id: u8,
        name: &str,
        members: Vec<Principal>,
        policy: RawPolicy,
    ) -> Result<WalletView, WalletError> {
        let caller = self.call_as(by);
        let wish = NewWallet::of(vec![request_id], name.to_owned(), members, policy);
        create(&mut self.kit.borrow_mut(), &self.world, caller, wish)
    }

    /// A person has the keys fetched.
    pub fn prepare(&self, by: u32) -> Result<(), WalletError> {
        let caller = self.call_as(by);
        let preparation = prepare::begin(&mut self.kit.borrow_mut(), &self.world, caller)?;
        let keep = |key| prepare::keep(&mut self.kit.borrow_mut(), &self.world, key);
        now(preparation.run(&self.world, keep))
    }

    /// The code is exchanged.
    pub fn upgrade(&self) {
        let kit = open(&self.memory);
        kit.reopen().unwrap();
        *self.kit.borrow_mut() = kit;
    }

    /// How many events there are.
    pub fn events(&self) -> u64 {
        let page = self.kit.borrow().audit_log(&self.world, 0, 0);
        page.length
    }
}

/// One member approves everything.
pub fn policy() -> RawPolicy {
    RawPolicy {
        assets: Vec::new(),
        highest: RawRequirement {
            quorum: 1,
            delay_seconds: 0,
        },
    }
}

/// Runs what never waits, because the fake world answers at once.
pub fn now<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("the fake world answers at once"),
    }
}
