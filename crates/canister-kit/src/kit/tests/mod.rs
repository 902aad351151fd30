//! The kit with a small product of its own: a board of notes.

mod guardians;
mod paid;
mod replay;

use super::*;
use crate::admission::Admission;
use crate::certified::Samples;
use crate::domain::{Domain, Hash};
use crate::environment::Environment;
use crate::memory::RegionMemory;
use crate::runtime::fake::{Fake, person};
use ic_stable_structures::{StableBTreeMap, VectorMemory};
use minicbor::{Decode, Encode};

pub const SERVICE: Service = Service {
    name: "board",
    version: "0.0.0",
    schema_version: 1,
};

crate::product_regions! {
    /// The board's own regions.
    pub enum BoardRegion {
        /// Notes by number.
        Notes = 10,
    }
}

/// Somebody pinned a note.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
pub struct Pinned(#[n(0)] pub String);

pub struct Board<M: Memory>(pub StableBTreeMap<u64, String, RegionMemory<M>>);

impl<M: Memory> Board<M> {
    pub fn open(regions: &Regions<M>) -> Self {
        Self(StableBTreeMap::init(BoardRegion::Notes.open(regions)))
    }
}

impl<M: Memory> Product for Board<M> {
    type Event = Pinned;

    fn apply(&mut self, stamp: Stamp, event: &Pinned) {
        let number = self.0.len();
        self.0
            .insert(number, format!("{}: {}", stamp.by.0, event.0));
    }

    fn measure(&self, out: &mut Samples) {
        out.gauge("board_notes", "Notes on the board.", self.0.len() as f64);
    }

    fn certified_root(&self) -> Option<Hash> {
        (!self.0.is_empty()).then(|| Domain::Method.hash(&[&self.0.len().to_be_bytes()]))
    }
}

pub type TestKit<M = VectorMemory> = Kit<Board<M>, M>;

pub fn open<M: Memory>(memory: M) -> TestKit<M> {
    let regions = Regions::of(memory);
    let board = Board::open(&regions);
    Kit::open(&regions, SERVICE, board)
}

pub fn args(admission: Admission) -> InitArgs {
    InitArgs {
        environment: Environment::Local,
        key_name: "test_key_1".to_owned(),
        guardian: Some(person(50)),
        admission,
    }
}

pub fn open_budget(cycles_per_day: u128) -> Admission {
    Admission::Open { cycles_per_day }
}

pub fn installed(world: &Fake, admission: Admission) -> TestKit {
    let mut kit = open(VectorMemory::default());
    kit.install(world, args(admission)).unwrap();
    kit.certify(world);
    kit
}

pub fn caller(number: u32) -> Caller {
    Caller::new(person(number)).unwrap()
}

#[test]
fn info_tells_what_init_stored_also_after_an_upgrade() {
    let (world, memory) = (Fake::new(), VectorMemory::default());
    let mut kit = open(memory.clone());
    let production = InitArgs {
        environment: Environment::Production,
        key_name: "key_1".to_owned(),
        ..args(open_budget(1000))
    };
    kit.install(&world, production).unwrap();
    kit.certify(&world);
    let before = kit.info();
    assert_eq!(
        (before.name.as_str(), before.key_name.as_str()),
        ("board", "key_1")
    );
    assert_eq!(before.guardian, Some(person(50)));
    let bytes = memory.borrow().clone();
    let mut upgraded = open(memory.clone());
    upgraded.reopen().unwrap();
    upgraded.certify(&world);
    assert_eq!(upgraded.info(), before);
    assert_eq!(*memory.borrow(), bytes, "an upgrade writes nothing");
}

#[test]
fn a_canister_without_a_configuration_does_not_reopen_and_certifies_nothing() {
    let world = Fake::new();
    let mut kit = open(VectorMemory::default());
    assert_eq!(kit.reopen(), Err(ConfigError::NotInstalled));
    kit.certify(&world);
    assert_eq!(world.certified.get(), None);
}

#[test]
fn a_second_installation_over_the_same_memory_is_refused() {
    let world = Fake::new();
    let mut kit = installed(&world, Admission::Prepaid);
    let again = kit.install(&world, args(open_budget(1)));
    assert_eq!(again, Err(ConfigError::AlreadyInstalled));
    assert_eq!(kit.config().admission, Mode::Prepaid);
}

#[test]
fn usage_is_about_the_caller_only() {
    let world = Fake::new();
    let mut kit = installed(&world, open_budget(1000));
    kit.take_quota(&world, caller(1), 3).unwrap();
    let own = kit.usage(&world);
    assert_eq!(own.caller, person(1));
    assert_eq!((own.calls_left, own.calls_at_most), (17, 20));
    let other = kit.usage(world.call_as(person(2)));
    assert_eq!((other.calls_left, other.calls_left_together), (20, 197));
    assert_eq!(other.standing, crate::UsageStanding::LeftToday(1000));
}
