//! A beacon for unit tests: the kit with rounds over plain memory, in a world that the test sets.
//!
//! - It exists only under `#[cfg(test)]`. Signatures are made with PocketIC's published secret.

use crate::error::BeaconError;
use crate::fake::person;
use crate::fulfil::{self, Started};
use crate::prepare;
use crate::request::{Wish, request};
use crate::round::RoundView;
use crate::signer;
use crate::state::{Beacon, BeaconKit};
use crate::world::{World, at_once};
use candid::Principal;
use canister_kit::encoding::Timestamp;
use canister_kit::memory::Regions;
use canister_kit::stable::DefaultMemoryImpl;
use canister_kit::{Admission, Caller, Environment, InitArgs, Kit};
use draw_proof::beacon::Round;
use std::cell::RefCell;

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
        let world = World::default();
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
        let wish = Wish::of(vec![request_id], b"label".to_vec(), round);
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
                let end = |signed| fulfil::end(&mut self.kit.borrow_mut(), &self.world, signed);
                at_once(drawing.run(&self.world, end))
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
