//! A canister for unit tests: the kit with spaces over plain memory, in a world that the test sets.
//!
//! - It exists only under `#[cfg(test)]`.

use crate::derive;
use crate::error::VaultError;
use crate::event::VaultEvent;
use crate::fake::person;
use crate::file::{self, Cut};
use crate::heirs::{RawPlan, SwitchView};
use crate::inherit;
use crate::item::{hash_of, root_of};
use crate::prepare;
use crate::put::{self, Place};
use crate::runtime::fake::FakeOutside;
use crate::share::{self, Invitation};
use crate::space::{Epoch, Role, SpaceId, SpaceView};
use crate::state::{Spaces, VaultKit};
use canister_kit::encoding::Timestamp;
use canister_kit::event::Stamped;
use canister_kit::memory::Regions;
use canister_kit::runtime::Runtime;
use canister_kit::stable::DefaultMemoryImpl;
use canister_kit::{Admission, Caller, Environment, InitArgs, Kit, Logged, Product};
use ic_bls12_381::{G1Affine, Scalar};
use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// A transport key for each number: that multiple of the generator.
pub fn transport_key(number: u8) -> [u8; 48] {
    transport_key_of(number.into())
}

/// The same for larger numbers.
pub fn transport_key_of(number: u32) -> [u8; 48] {
    let point = G1Affine::generator() * Scalar::from(u64::from(number));
    G1Affine::from(point).to_compressed()
}

/// A canister and its world.
pub struct Scene {
    pub world: FakeOutside,
    pub memory: DefaultMemoryImpl,
    pub kit: RefCell<VaultKit<DefaultMemoryImpl>>,
}

/// Opens what a memory holds.
pub fn open(memory: &DefaultMemoryImpl) -> VaultKit<DefaultMemoryImpl> {
    let regions = Regions::of(memory.clone());
    Kit::open(&regions, crate::SERVICE, Spaces::open(&regions))
}

/// The space of most tests.
pub fn first() -> SpaceId {
    SpaceId::new(1)
}

impl Scene {
    /// Installed for everyone, below a large budget.
    pub fn new() -> Self {
        let args = InitArgs {
            environment: Environment::Local,
            key_name: "test_key_1".to_owned(),
            guardian: Some(person(50)),
            admission: Admission::Open {
                cycles_per_day: 1_000_000_000_000_000,
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

    /// With a space of person 1.
    pub fn with_space() -> Self {
        let scene = Self::new();
        assert_eq!(scene.create(1, b"space").unwrap().id, 1);
        scene
    }

    /// The next message comes from a person.
    pub fn call_as(&self, number: u32) -> Caller {
        self.world.world.call_as(person(number));
        Caller::of(&self.world).unwrap()
    }

    /// Lets time pass.
    pub fn pass(&self, nanoseconds: u64) {
        self.world.world.pass(nanoseconds);
    }

    pub fn create(&self, by: u32, request: &[u8]) -> Result<SpaceView, VaultError> {
        let caller = self.call_as(by);
        let kit = &mut self.kit.borrow_mut();
        share::create(kit, &self.world, caller, request.to_vec())
    }

    /// Shares the first space for good.
    pub fn share(
        &self,
        by: u32,
        who: u32,
        role: Role,
        with_history: bool,
    ) -> Result<(), VaultError> {
        self.share_until(by, who, role, None, with_history)
    }

    pub fn share_until(
        &self,
        by: u32,
        who: u32,
        role: Role,
        expires_at: Option<u64>,
        with_history: bool,
    ) -> Result<(), VaultError> {
        let caller = self.call_as(by);
        let wish = Invitation::of(person(who), role, expires_at, with_history);
        let kit = &mut self.kit.borrow_mut();
        share::share(kit, &self.world, caller, first(), wish).map(|_| ())
    }

    pub fn revoke(&self, by: u32, who: u32) -> Result<u64, VaultError> {
        let caller = self.call_as(by);
        let kit = &mut self.kit.borrow_mut();
        share::revoke(kit, &self.world, caller, first(), person(who))
    }

    pub fn rotate(&self, by: u32) -> Result<u64, VaultError> {
        let caller = self.call_as(by);
        let kit = &mut self.kit.borrow_mut();
        share::rotate(kit, &self.world, caller, first())
    }

    /// Where an item of the first space is written.
    pub fn place(item: &str, expected: u64, epoch: u64) -> Place {
        Place {
            space: first(),
            item: item.as_bytes().to_vec(),
            expected,
            epoch: Epoch::new(epoch),
        }
    }

    /// Writes; the request is named after everything that is said.
    pub fn put(
        &self,
        by: u32,
        item: &str,
        expected: u64,
        epoch: u64,
        ciphertext: &[u8],
    ) -> Result<u64, VaultError> {
        let hash = hash_of(ciphertext);
        let request = hash_of(format!("{item}/{expected}/{epoch}/{hash:?}").as_bytes());
        let place = Self::place(item, expected, epoch);
        self.put_as(by, &request, place, ciphertext)
    }

    pub fn put_as(
        &self,
        by: u32,
        request: &[u8],
        place: Place,
        ciphertext: &[u8],
    ) -> Result<u64, VaultError> {
        let caller = self.call_as(by);
        let kit = &mut self.kit.borrow_mut();
        put::put(
            kit,
            &self.world,
            caller,
            request.to_vec(),
            place,
            ciphertext,
        )
    }

    pub fn delete(&self, by: u32, item: &str, expected: u64) -> Result<u64, VaultError> {
        let caller = self.call_as(by);
        let (kit, item) = (&mut self.kit.borrow_mut(), item.as_bytes().to_vec());
        put::delete(kit, &self.world, caller, first(), item, expected)
    }

    pub fn begin_file(
        &self,
        by: u32,
        request: &[u8],
        place: Place,
        chunks: u32,
        bytes: u64,
    ) -> Result<u64, VaultError> {
        let caller = self.call_as(by);
        let (kit, cut) = (&mut self.kit.borrow_mut(), Cut { chunks, bytes });
        file::begin(kit, &self.world, caller, request.to_vec(), place, cut)
    }

    pub fn put_chunk(
        &self,
        by: u32,
        upload: u64,
        index: u32,
        bytes: &[u8],
    ) -> Result<(), VaultError> {
        let caller = self.call_as(by);
        let kit = &mut self.kit.borrow_mut();
        file::put_chunk(kit, &self.world, caller, upload, index, bytes)
    }

    /// Commits with the root over these chunks.
    pub fn commit(&self, by: u32, upload: u64, chunks: &[&[u8]]) -> Result<u64, VaultError> {
        let hashes: Vec<_> = chunks.iter().map(|chunk| hash_of(chunk)).collect();
        let caller = self.call_as(by);
        let kit = &mut self.kit.borrow_mut();
        file::commit(kit, &self.world, caller, upload, &root_of(&hashes))
    }

    pub fn cancel(&self, by: u32, upload: u64) -> Result<(), VaultError> {
        let caller = self.call_as(by);
        file::cancel(&mut self.kit.borrow_mut(), &self.world, caller, upload)
    }

    /// Begins a derivation with a transport key of this number.
    pub fn begin_key(
        &self,
        by: u32,
        epoch: u64,
        transport: u8,
    ) -> Result<derive::Derivation, VaultError> {
        self.begin_key_with(by, epoch, &transport_key(transport))
    }

    pub fn begin_key_with(
        &self,
        by: u32,
        epoch: u64,
        transport: &[u8],
    ) -> Result<derive::Derivation, VaultError> {
        let (caller, epoch) = (self.call_as(by), Epoch::new(epoch));
        let kit = &mut self.kit.borrow_mut();
        derive::begin(kit, &self.world, caller, first(), epoch, transport)
    }

    /// The network's answer is there.
    pub fn end_key(&self, begun: derive::Derivation) -> Result<Vec<u8>, VaultError> {
        let derived = now(begun.run(&self.world));
        let key = derive::end(&mut self.kit.borrow_mut(), &self.world, derived);
        key.map(|key| key.into_vec())
    }

    pub fn key(&self, by: u32, epoch: u64, transport: u8) -> Result<Vec<u8>, VaultError> {
        self.end_key(self.begin_key(by, epoch, transport)?)
    }

    pub fn prepare(&self, by: u32) -> Result<Vec<u8>, VaultError> {
        let caller = self.call_as(by);
        let begun = prepare::begin(&mut self.kit.borrow_mut(), &self.world, caller)?;
        let fetched = now(begun.run(&self.world))?;
        let key = prepare::keep(&mut self.kit.borrow_mut(), &self.world, fetched);
        key.map(|key| key.into_vec())
    }

    pub fn set_heirs(&self, by: u32, plan: Option<&RawPlan>) -> Result<(), VaultError> {
        let caller = self.call_as(by);
        inherit::set_heirs(
            &mut self.kit.borrow_mut(),
            &self.world,
            caller,
            first(),
            plan,
        )
    }

    pub fn alive(&self, by: u32) -> Result<SwitchView, VaultError> {
        let caller = self.call_as(by);
        inherit::alive(&mut self.kit.borrow_mut(), &self.world, caller, first())
    }

    pub fn claim(&self, by: u32) -> Result<SwitchView, VaultError> {
        let caller = self.call_as(by);
        inherit::claim(&mut self.kit.borrow_mut(), &self.world, caller, first())
    }

    pub fn inherit(&self, by: u32) -> Result<(), VaultError> {
        let caller = self.call_as(by);
        inherit::inherit(&mut self.kit.borrow_mut(), &self.world, caller, first())
    }

    /// The first space as a person sees it.
    pub fn see(&self, by: u32) -> Option<SpaceView> {
        self.call_as(by);
        crate::read::spaces(&self.kit.borrow(), &self.world, first(), 1).pop()
    }

    /// The code is exchanged.
    pub fn upgrade(&self) {
        let kit = open(&self.memory);
        kit.reopen().unwrap();
        *self.kit.borrow_mut() = kit;
    }

    /// How many events there are.
    pub fn events(&self) -> u64 {
        self.kit.borrow().audit_log(&self.world, 0, 0).length
    }

    /// The canister's own events, decoded from the log.
    pub fn log(&self) -> Vec<Stamped<Logged<VaultEvent>>> {
        let mut events = Vec::new();
        loop {
            let from = events.len() as u64;
            let page = self.kit.borrow().audit_log(&self.world, from, 1000);
            let decoded = page
                .events
                .iter()
                .map(|bytes| minicbor::decode(bytes).unwrap());
            events.extend(decoded);
            if events.len() as u64 == page.length {
                return events;
            }
        }
    }

    /// Applies the log to empty state.
    pub fn replayed(&self) -> Spaces<DefaultMemoryImpl> {
        let mut spaces = Spaces::open(&Regions::of(DefaultMemoryImpl::default()));
        for stamped in self.log() {
            let stamp = stamped.stamp();
            if let Logged::Product(event) = stamped.event {
                spaces.apply(stamp, &event);
            }
        }
        spaces
    }

    /// Replaying the log gives the state, and so does an upgrade; the blocks in use are those of versions and uploads.
    pub fn holds_together(&self) {
        let (replayed, upgraded) = (self.replayed(), open(&self.memory));
        let kit = self.kit.borrow();
        let state = kit.product();
        for other in [&replayed, upgraded.product()] {
            assert_eq!(other.count(), state.count());
            assert_eq!(other.totals(), state.totals());
            for number in 1..=state.count() {
                let id = SpaceId::new(number);
                assert_eq!(other.get(id), state.get(id));
                let items = state.items_after(id, None, 1000);
                assert_eq!(other.items_after(id, None, 1000), items);
                let last = state.get(id).unwrap().epoch.next();
                assert_eq!(other.stale(id, last, 1000), state.stale(id, last, 1000));
                for (_, item) in items {
                    for version in item.versions {
                        let hashes = state.hashes(version.body, version.chunks);
                        assert_eq!(root_of(&hashes), version.root);
                        assert_eq!(other.hashes(version.body, version.chunks), hashes);
                        for index in 0..version.chunks {
                            let chunk = state.blobs().load(version.body, index).unwrap();
                            assert_eq!(hash_of(&chunk), hashes[index as usize]);
                        }
                    }
                }
            }
            for who in 0..20 {
                let (who, from) = (person(who), first());
                assert_eq!(other.list(who, from, 100), state.list(who, from, 100));
            }
            let end = Timestamp(u64::MAX);
            assert_eq!(other.overdue(end, 1000), state.overdue(end, 1000));
        }
        let now = self.world.now();
        let spaces = (1..=state.count()).filter_map(|number| state.get(SpaceId::new(number)));
        let counted: u64 = spaces.map(|space| space.blocks).sum();
        assert_eq!(state.totals().blocks, counted, "at {now:?}");
        assert!(state.blobs().used() <= counted);
    }
}

/// Runs what never waits, because the fake world answers at once.
pub fn now<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("the fake world answers at once"),
    }
}
