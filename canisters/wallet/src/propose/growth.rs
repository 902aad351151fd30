//! What proposing, approving and listing cost, by the bytes of stable memory that they read and write, at 100 and at 10 000 of each.

// The kit's own tests use the rest of it.
#[allow(dead_code)]
#[path = "../../../../crates/canister-kit/src/counted.rs"]
mod counted;

use super::*;
use crate::create::{NewWallet, create};
use crate::fake::{Fake, person};
use crate::read;
use crate::scene::policy;
use crate::state::Wallets;
use canister_kit::memory::Regions;
use canister_kit::{Admission, Environment, InitArgs, Kit};
use counted::Counted;

const FEW: u32 = 100;
const MANY: u32 = 10_000;

/// How many of each are measured.
const MEASURED: u32 = 20;

struct Measured {
    world: Fake,
    memory: Counted,
    kit: WalletKit<Counted>,
    wallets: u32,
}

impl Measured {
    fn new() -> Self {
        let (world, memory) = (Fake::new(), Counted::default());
        let regions = Regions::of(memory.clone());
        let mut kit = Kit::open(&regions, crate::SERVICE, Wallets::open(&regions));
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
            wallets: 0,
        }
    }

    fn call_as(&self, number: u32) -> Caller {
        self.world.pass(30 * Timestamp::SECOND);
        Caller::of(self.world.call_as(person(number))).unwrap()
    }

    /// The members of a wallet: the first one has many.
    fn members(wallet: u32) -> [u32; 2] {
        [wallet % 10, 1_000 + wallet]
    }

    /// The next wallet; what it costs is not told.
    fn wallet(&mut self) -> u32 {
        self.wallets += 1;
        let [by, other] = Self::members(self.wallets);
        let caller = self.call_as(by);
        let request = self.wallets.to_be_bytes().to_vec();
        let members = vec![person(by), person(other)];
        let wish = NewWallet::of(request, "one of many".to_owned(), members, policy());
        create(&mut self.kit, &self.world, caller, wish).unwrap();
        self.wallets
    }

    fn cost<T>(&mut self, what: impl FnOnce(&mut Self) -> T) -> u64 {
        let before = self.memory.moved();
        what(self);
        self.memory.moved() - before
    }

    fn propose(&mut self, wallet: u32) {
        let caller = self.call_as(Self::members(wallet)[0]);
        let to = person(77).to_text();
        let intent = RawIntent::IcrcTransfer {
            ledger: candid::Principal::from_slice(&[0, 0, 0, 0, 0, 0, 0, 9, 1, 1]),
            from_index: 0,
            to,
            amount: 5,
            max_fee: 1,
        };
        let request = [b"propose", &wallet.to_be_bytes()[..]].concat();
        let until = self.world.now.get().after(Timestamp::DAY);
        let id = WalletId::new(u64::from(wallet));
        let wish = Wish::of(id, request, intent, until.0, "rent".to_owned());
        propose(&mut self.kit, &self.world, caller, wish).unwrap();
    }

    fn approve(&mut self, wallet: u32) {
        let caller = self.call_as(Self::members(wallet)[1]);
        let id = ProposalId::new(u64::from(wallet));
        let digest = view(&self.kit, &self.world, id).intent_digest;
        approve(&mut self.kit, &self.world, caller, id, &digest).unwrap();
    }

    /// Five wallets of a member of many, and the wallet's proposals.
    fn list(&mut self, wallet: u32) {
        self.call_as(Self::members(wallet)[0]);
        let listed = read::list(&self.kit, &self.world, WalletId::FIRST, 5);
        assert_eq!(listed.len(), 5);
        let (id, from) = (WalletId::new(u64::from(wallet)), ProposalId::new(0));
        let own = read::proposals(&self.kit, &self.world, id, from, 10).unwrap();
        assert_eq!(own.len(), 1);
    }

    /// Grows to a number of wallets with a proposal each; what the last ones cost on average.
    fn grow(&mut self, to: u32) -> [u64; 3] {
        let mut costs = [0; 3];
        while self.wallets < to {
            let wallet = self.wallet();
            let last = wallet > to - MEASURED;
            let steps: [fn(&mut Self, u32); 3] = [Self::propose, Self::approve, Self::list];
            for (step, cost) in steps.iter().zip(&mut costs).take(if last { 3 } else { 2 }) {
                let moved = self.cost(|measured| step(measured, wallet));
                if last {
                    *cost += moved / u64::from(MEASURED);
                }
            }
        }
        costs
    }
}

#[test]
fn proposing_approving_and_listing_cost_the_same_among_10_000_as_among_100() {
    let mut measured = Measured::new();
    let few = measured.grow(FEW);
    let many = measured.grow(MANY);
    println!("bytes of propose, approve, list: {few:?} at {FEW}, {many:?} at {MANY}");
    for (few, many) in few.into_iter().zip(many) {
        assert!(many < 2 * few, "{few} bytes at {FEW}, {many} at {MANY}");
    }
}
