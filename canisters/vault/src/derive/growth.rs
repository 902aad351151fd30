//! What deriving, writing, sharing and listing cost, by the bytes of stable memory that they read and write, at 1 000 and at 10 000 spaces: a deeper
//! tree is allowed, a longer walk is not.

// The kit's own tests use the rest of it.
#[allow(dead_code)]
#[path = "../../../../crates/canister-kit/src/counted.rs"]
mod counted;

use super::*;
use crate::fake::person;
use crate::put::{self, Place};
use crate::read;
use crate::runtime::fake::FakeOutside;
use crate::scene::now;
use crate::share::{self, Invitation};
use crate::state::Spaces;
use canister_kit::encoding::Timestamp;
use canister_kit::memory::Regions;
use canister_kit::{Admission, Environment, InitArgs, Kit};
use counted::Counted;

const FEW: u32 = 1_000;
const MANY: u32 = 10_000;

/// How many of each are measured.
const MEASURED: u32 = 20;

struct Measured {
    world: FakeOutside,
    memory: Counted,
    kit: VaultKit<Counted>,
    spaces: u32,
}

impl Measured {
    fn new() -> Self {
        let (world, memory) = (FakeOutside::new(), Counted::default());
        let regions = Regions::of(memory.clone());
        let mut kit = Kit::open(&regions, crate::SERVICE, Spaces::open(&regions));
        let args = InitArgs {
            environment: Environment::Local,
            key_name: "test_key_1".to_owned(),
            guardian: None,
            admission: Admission::Open {
                cycles_per_day: u128::MAX / 4,
            },
        };
        kit.install(&world, args).unwrap();
        Self {
            world,
            memory,
            kit,
            spaces: 0,
        }
    }

    /// The owner of a space: each has many.
    fn call_as_owner(&self, space: u32) -> Caller {
        self.world.world.pass(120 * Timestamp::SECOND);
        Caller::of(self.world.world.call_as(person(space % 10))).unwrap()
    }

    fn space(&mut self) -> u32 {
        self.spaces += 1;
        let caller = self.call_as_owner(self.spaces);
        let request = self.spaces.to_be_bytes().to_vec();
        share::create(&mut self.kit, &self.world, caller, request).unwrap();
        self.spaces
    }

    fn share(&mut self, space: u32) {
        let caller = self.call_as_owner(space);
        let wish = Invitation::of(person(1_000 + space), Role::Reader, None, true);
        let id = SpaceId::new(space.into());
        share::share(&mut self.kit, &self.world, caller, id, wish).unwrap();
    }

    fn put(&mut self, space: u32) {
        let caller = self.call_as_owner(space);
        let place = Place {
            space: SpaceId::new(space.into()),
            item: b"note".to_vec(),
            expected: 0,
            epoch: Epoch::FIRST,
        };
        let request = [b"put", &space.to_be_bytes()[..]].concat();
        put::put(
            &mut self.kit,
            &self.world,
            caller,
            request,
            place,
            &[7; 100],
        )
        .unwrap();
    }

    fn derive(&mut self, space: u32) {
        let caller = self.call_as_owner(space);
        let transport = crate::scene::transport_key_of(space);
        let id = SpaceId::new(space.into());
        let begun = begin(
            &mut self.kit,
            &self.world,
            caller,
            id,
            Epoch::FIRST,
            &transport,
        );
        let derived = now(begun.unwrap().run(&self.world));
        end(&mut self.kit, &self.world, derived).unwrap();
    }

    fn list(&mut self, space: u32) {
        self.call_as_owner(space);
        let listed = read::spaces(&self.kit, &self.world, SpaceId::new(1), 5);
        assert_eq!(listed.len(), 5);
        let id = SpaceId::new(space.into());
        let items = read::list(&self.kit, &self.world, id, None, 100).unwrap();
        assert_eq!(items.len(), 1);
        assert!(
            read::stale(&self.kit, &self.world, id, 100)
                .unwrap()
                .is_empty()
        );
    }

    /// Grows to a number of spaces; what the last ones cost on average.
    fn grow(&mut self, to: u32) -> [u64; 4] {
        let steps: [fn(&mut Self, u32); 4] = [Self::share, Self::put, Self::derive, Self::list];
        let mut costs = [0; 4];
        while self.spaces < to {
            let space = self.space();
            if space <= to - MEASURED {
                self.share(space);
                self.put(space);
                continue;
            }
            for (step, cost) in steps.iter().zip(&mut costs) {
                let before = self.memory.moved();
                step(self, space);
                *cost += (self.memory.moved() - before) / u64::from(MEASURED);
            }
        }
        costs
    }
}

#[test]
fn sharing_writing_deriving_and_listing_cost_the_same_among_10_000_as_among_1_000() {
    let mut measured = Measured::new();
    let few = measured.grow(FEW);
    let many = measured.grow(MANY);
    println!("bytes of share, put, derive, list: {few:?} at {FEW}, {many:?} at {MANY}");
    for (few, many) in few.into_iter().zip(many) {
        assert!(many < 2 * few, "{few} bytes at {FEW}, {many} at {MANY}");
    }
}
