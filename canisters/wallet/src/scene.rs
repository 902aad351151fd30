//! A canister for unit tests: the kit with wallets over plain memory, in a world that the test sets.
//!
//! - It exists only under `#[cfg(test)]`.

use crate::create::{NewWallet, create};
use crate::error::WalletError;
use crate::execute::{self, Door, Started};
use crate::fake::person;
use crate::intent::RawIntent;
use crate::policy::{RawPolicy, RawRequirement};
use crate::prepare;
use crate::proposal::{ProposalId, ProposalView};
use crate::propose::{Wish, approve, propose, reject};
use crate::runtime::fake::FakeOutside;
use crate::state::{WalletKit, Wallets};
use crate::wallet::{WalletId, WalletView};
use candid::Principal;
use canister_kit::encoding::Timestamp;
use canister_kit::memory::Regions;
use canister_kit::runtime::Runtime;
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
        Self::with_budget(environment, 1_000_000_000_000)
    }

    /// With a budget that nobody uses up.
    pub fn rich(environment: Environment) -> Self {
        Self::with_budget(environment, u128::MAX / 4)
    }

    /// The same below a budget of a day.
    pub fn with_budget(environment: Environment, cycles_per_day: u128) -> Self {
        let key_name = match environment {
            Environment::Production => "key_1",
            Environment::Local | Environment::Staging => "test_key_1",
        };
        let args = InitArgs {
            environment,
            key_name: key_name.to_owned(),
            guardian: Some(person(50)),
            admission: Admission::Open { cycles_per_day },
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

    /// A person proposes something for a wallet, for a month.
    pub fn propose(
        &self,
        by: u32,
        request_id: u8,
        wallet: u64,
        intent: RawIntent,
    ) -> Result<ProposalView, WalletError> {
        let expires = self.world.now().after(30 * Timestamp::DAY);
        let caller = self.call_as(by);
        let (wallet, id) = (WalletId::new(wallet), vec![request_id]);
        let wish = Wish::of(wallet, id, intent, expires.0, "rent".to_owned());
        propose(&mut self.kit.borrow_mut(), &self.world, caller, wish)
    }

    /// A person approves a proposal as it is shown to it.
    pub fn approve(&self, by: u32, id: u64) -> Result<ProposalView, WalletError> {
        let caller = self.call_as(by);
        let id = ProposalId::new(id);
        let shown = crate::read::proposal(&self.kit.borrow(), &self.world, id)?;
        let digest = shown.intent_digest;
        approve(&mut self.kit.borrow_mut(), &self.world, caller, id, &digest)
    }

    /// A person rejects a proposal.
    pub fn reject(&self, by: u32, id: u64) -> Result<ProposalView, WalletError> {
        let caller = self.call_as(by);
        let id = ProposalId::new(id);
        reject(&mut self.kit.borrow_mut(), &self.world, caller, id)
    }

    /// A person has a proposal carried out; nothing if the run was interrupted.
    pub fn execute(
        &self,
        by: u32,
        request_id: u8,
        id: u64,
    ) -> Result<Option<ProposalView>, WalletError> {
        let caller = self.call_as(by);
        let id = ProposalId::new(id);
        let started = execute::begin(
            &mut self.kit.borrow_mut(),
            &self.world,
            caller,
            vec![request_id],
            id,
        )?;
        match started {
            Started::Ended(view) => Ok(Some(view)),
            Started::Run(run) => Ok(at_once(execute::drive(self, &self.world, run))),
        }
    }

    /// A person has a proposal taken up; nothing if the run was interrupted.
    pub fn resume(&self, by: u32, id: u64) -> Result<Option<ProposalView>, WalletError> {
        let caller = self.call_as(by);
        let id = ProposalId::new(id);
        let run = execute::resume(&mut self.kit.borrow_mut(), &self.world, caller, id)?;
        Ok(at_once(execute::drive(self, &self.world, run)))
    }

    /// Runs what may wait for what never comes; nothing then.
    pub fn drop_if_silent<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        at_once(work)
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
        calls: None,
    }
}

impl Door for Scene {
    type Memory = DefaultMemoryImpl;

    fn change<R>(&self, use_it: impl FnOnce(&mut WalletKit<DefaultMemoryImpl>) -> R) -> R {
        use_it(&mut self.kit.borrow_mut())
    }
}

/// Runs what never waits, because the fake world answers at once.
pub fn now<T>(work: impl Future<Output = T>) -> T {
    match at_once(work) {
        Some(result) => result,
        None => panic!("the fake world answers at once"),
    }
}

/// Runs what waits only for what never comes; nothing then, and everything that it held is dropped, as the network does after a trap.
pub fn at_once<T>(work: impl Future<Output = T>) -> Option<T> {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    }
}
