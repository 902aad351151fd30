//! A beacon for unit tests: the kit with rounds over plain memory, in a world that the test sets.
//!
//! - It exists only under `#[cfg(test)]`. Signatures are made with PocketIC's published secret.

use crate::error::BeaconError;
use crate::fake::{Fake, person};
use crate::fulfil::{self, Started};
use crate::prepare;
use crate::request::{Wish, request};
use crate::round::RoundView;
use crate::signer;
use crate::state::{Beacon, BeaconKit};
use candid::Principal;
use canister_kit::calls::CallError;
use canister_kit::encoding::{Cycles, Timestamp};
use canister_kit::memory::Regions;
use canister_kit::runtime::Runtime;
use canister_kit::stable::DefaultMemoryImpl;
use canister_kit::vetkd::VetKeys;
use canister_kit::{Admission, Caller, Environment, InitArgs, KeyName, Kit};
use draw_proof::beacon::Round;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// What deriving a key costs here.
pub const FEE: Cycles = Cycles(10_000_000_000);

/// What becomes of the next call for a key.
#[derive(Clone, Debug, Default)]
pub enum Fate {
    /// It is answered.
    #[default]
    Answered,
    /// It is rejected with this code.
    Rejected(u32),
    /// Something else comes than what was asked for.
    Forged,
    /// No answer ever comes, as after a trap.
    Lost,
}

/// The world of a beacon.
pub struct World {
    pub fake: Fake,
    pub fate: RefCell<Fate>,
    pub asked: Cell<u32>,
}

impl VetKeys for World {
    fn vetkd_fee(&self, _: &KeyName) -> Option<Cycles> {
        Some(FEE)
    }

    async fn vetkd_public_key(&self, context: &[u8], _: &KeyName) -> Result<Vec<u8>, CallError> {
        match self.fate.take() {
            Fate::Rejected(code) => Err(CallError::new(code, "rejected")),
            Fate::Forged => Ok(vec![7; 96]),
            _ => {
                let key = signer::key(self.canister().as_slice(), context);
                Ok(key.bytes().to_vec())
            }
        }
    }

    async fn published_vetkey(
        &self,
        context: &[u8],
        input: &[u8],
        _: &KeyName,
    ) -> Result<[u8; 48], CallError> {
        self.asked.set(self.asked.get() + 1);
        let canister = self.canister();
        match self.fate.take() {
            Fate::Answered => Ok(signer::sign(canister.as_slice(), context, input)),
            Fate::Rejected(code) => Err(CallError::new(code, "rejected")),
            Fate::Forged => Ok(signer::sign(canister.as_slice(), context, b"another input")),
            Fate::Lost => std::future::pending().await,
        }
    }
}

impl Runtime for World {
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

/// A canister and its world.
pub struct Scene {
    pub world: World,
    pub memory: DefaultMemoryImpl,
    pub kit: RefCell<BeaconKit<DefaultMemoryImpl>>,
}

fn open(memory: &DefaultMemoryImpl) -> BeaconKit<DefaultMemoryImpl> {
    let regions = Regions::of(memory.clone());
    Kit::open(&regions, crate::SERVICE, Beacon::open(&regions))
}

impl Scene {
    /// Installed for everyone below a budget, without a key.
    pub fn new(cycles_per_day: u128) -> Self {
        let world = World {
            fake: Fake::new(),
            fate: RefCell::default(),
            asked: Cell::new(0),
        };
        let memory = DefaultMemoryImpl::default();
        let args = InitArgs {
            environment: Environment::Local,
            key_name: signer::KEY_NAME.to_owned(),
            guardian: Some(person(50)),
            admission: Admission::Open { cycles_per_day },
        };
        let mut kit = open(&memory);
        kit.install(&world, args).unwrap();
        Self {
            world,
            memory,
            kit: RefCell::new(kit),
        }
    }

    /// The same with its key.
    pub fn prepared() -> Self {
        let scene = Self::new(1_000_000_000_000);
        scene.prepare(1).unwrap();
        scene
    }

    pub fn call_as(&self, number: u32) -> Caller {
        self.world.fake.call_as(person(number));
        Caller::of(&self.world).unwrap()
    }

    /// A person has the key fetched.
    pub fn prepare(&self, by: u32) -> Result<(), BeaconError> {
        let caller = self.call_as(by);
        let begun = prepare::begin(&mut self.kit.borrow_mut(), &self.world, caller)?;
        let Some(preparation) = begun else {
            return Ok(());
        };
        let fetched = at_once(preparation.fetch(&self.world)).unwrap()?;
        prepare::keep(&mut self.kit.borrow_mut(), &self.world, fetched)
    }

    /// A person asks for a round.
    pub fn request(
        &self,
        by: u32,
        request_id: u8,
        round: Option<u64>,
    ) -> Result<RoundView, BeaconError> {
        let wish = Wish {
            request_id: vec![request_id],
            label: b"label".to_vec(),
            round,
        };
        self.request_with(by, wish)
    }

    pub fn request_with(&self, by: u32, wish: Wish) -> Result<RoundView, BeaconError> {
        let caller = self.call_as(by);
        request(&mut self.kit.borrow_mut(), &self.world, caller, wish)
    }

    /// Somebody draws; nothing if the call was lost.
    pub fn fulfil(&self, by: Principal, round: u64) -> Option<Result<RoundView, BeaconError>> {
        self.world.fake.call_as(by);
        let started = fulfil::begin(&self.kit.borrow(), &self.world, Round(round));
        match started {
            Err(error) => Some(Err(error)),
            Ok(Started::Drawn(view)) => Some(Ok(view)),
            Ok(Started::Run(drawing)) => {
                let signed = at_once(drawing.sign(&self.world))?;
                Some(fulfil::end(&mut self.kit.borrow_mut(), &self.world, signed))
            }
        }
    }

    /// The time of a round comes.
    pub fn wait_for(&self, round: u64) {
        let at = Round(round).drawn_from().unwrap();
        self.world.fake.now.set(Timestamp(at));
    }

    /// The code is exchanged.
    pub fn upgrade(&self) {
        let kit = open(&self.memory);
        kit.reopen().unwrap();
        *self.kit.borrow_mut() = kit;
    }
}

/// Runs what waits only for what never comes; nothing then, and everything that it held is dropped, as the network does after a trap.
fn at_once<T>(work: impl Future<Output = T>) -> Option<T> {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    }
}
