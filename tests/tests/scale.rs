//! The wallet's canister with many wallets and proposals: what calls cost does not grow with their number, and an upgrade works.
//!
//! - Every wallet and every proposal is made by a call of its own, within the quotas: the network's clock goes on by 200 seconds after each 200 calls.
//! - What is compared are instructions ([`chainkey_tests::cost`]), at 100 proposals, at 10 000, and at the end; there are a tenth as many wallets.
//!   One member, the hub, belongs to all of them.
//! - `CHAINKEY_WALLET_PROPOSALS` sets the number at the end; `make soak` takes 100 000.

use candid::Principal;
use chainkey_tests::cost::Meter;
use chainkey_tests::wallet::interface::{
    Answer, Asset, Intent, Limit, Policy, Proposal, Quote, Rules, Wallet, needs, tier,
};
use chainkey_tests::wallet::{WalletCanister, person};
use chainkey_tests::world::{World, local_args};
use std::time::Duration;

/// Proposals at the end, unless the environment says otherwise.
const PROPOSALS: usize = 2_000;

/// Where growth is looked at before the end.
const EARLIER: [usize; 2] = [100, 10_000];

/// Proposals of a wallet.
const OF_ONE: usize = 10;

/// Calls between which no time passes: what all callers may make together at once.
const AT_ONCE: usize = 200;

/// How many calls of a kind are measured.
const MEASURED: usize = 5;

/// What is measured at each size.
const NAMES: [&str; 9] = [
    "create_wallet",
    "propose",
    "approve",
    "get",
    "list",
    "proposal",
    "proposals",
    "pending",
    "quote",
];

/// A day.
const DAY: u64 = 86_400;

/// The canister and who uses it.
struct Crowd<'a> {
    world: &'a World,
    wallet: WalletCanister<'a>,
    meter: Meter<'a>,
    hub: Principal,
    /// The wallets, each with its own member's place in this list.
    wallets: Vec<u64>,
    proposals: usize,
}

/// The canister at a size.
struct Size {
    proposals: usize,
    /// Instructions on average, in the order of [`NAMES`].
    costs: [u64; NAMES.len()],
    post_upgrade: u64,
    /// Stable memory.
    bytes: u64,
}

fn ledger() -> Principal {
    Principal::from_slice(&[0, 0, 0, 0, 0, 0, 0, 9, 1, 1])
}

/// A wallet's own member.
fn own(place: usize) -> Principal {
    person(&format!("member {place}"))
}

/// One member for small amounts, two for more, and not everything in a day.
fn policy() -> Policy {
    let limit = Limit {
        amount: 20_000_000,
        window_seconds: DAY,
    };
    let mut policy = Policy::without_rules(needs(2, 7_200));
    policy.assets.push(Rules {
        asset: Asset::Icrc(ledger()),
        tiers: vec![tier(1_000_000, needs(1, 0)), tier(None, needs(2, 3_600))],
        limit: Some(limit),
        allow_list: None,
    });
    policy
}

fn intent() -> Intent {
    Intent::IcrcTransfer {
        ledger: ledger(),
        from_index: 0,
        to: person("carol").to_text(),
        amount: 5_000_000,
        max_fee: 10_000,
    }
}

impl<'a> Crowd<'a> {
    fn new(world: &'a World) -> Self {
        let wallet = WalletCanister::install(world, &local_args()).unwrap();
        let network = world.network();
        network.add_cycles(wallet.canister(), 1_000_000_000_000_000);
        Self {
            world,
            wallet,
            meter: Meter::of(network, wallet.canister()),
            hub: person("hub"),
            wallets: Vec::new(),
            proposals: 0,
        }
    }

    /// Everybody may make calls again.
    fn rest(&self) {
        self.pass(AT_ONCE as u64);
    }

    fn pass(&self, seconds: u64) {
        let network = self.world.network();
        network.advance_time(Duration::from_secs(seconds));
        network.tick();
    }

    fn founding(&self, place: usize) -> (Vec<u8>, &'static str, Vec<Principal>, Policy) {
        let request = place.to_be_bytes().to_vec();
        (request, "one of many", vec![own(place), self.hub], policy())
    }

    fn wish(&self, wallet: u64, number: usize) -> (u64, Vec<u8>, Intent, u64, &'static str) {
        let request = [b"wish", &number.to_be_bytes()[..]].concat();
        let until = self.wallet.now() + 30 * DAY * 1_000_000_000;
        (wallet, request, intent(), until, "rent")
    }

    /// More wallets, and then proposals for them.
    fn grow(&mut self, proposals: usize) {
        self.rest();
        while self.wallets.len() < proposals / OF_ONE {
            let first = self.wallets.len();
            let last = (first + AT_ONCE).min(proposals / OF_ONE);
            let begin = |place| {
                let arguments = self.founding(place);
                self.wallet.submit(own(place), "create_wallet", arguments)
            };
            let calls: Vec<_> = (first..last).map(begin).collect();
            for call in calls {
                let made: Answer<Wallet> = self.wallet.wait(call);
                self.wallets.push(made.unwrap().id);
            }
            self.rest();
        }
        while self.proposals < proposals {
            let last = (self.proposals + AT_ONCE).min(proposals);
            let begin = |number| {
                let place = number / OF_ONE;
                let arguments = self.wish(self.wallets[place], number);
                self.wallet.submit(own(place), "propose", arguments)
            };
            let calls: Vec<_> = (self.proposals..last).map(begin).collect();
            for call in calls {
                let made: Answer<Proposal> = self.wallet.wait(call);
                made.unwrap();
            }
            self.proposals = last;
            self.rest();
        }
    }

    /// What a call of each kind costs now, about the wallet at a place.
    fn costs(&self, place: usize) -> [u64; NAMES.len()] {
        self.rest();
        let (id, by, hub, meter) = (self.wallets[place], own(place), self.hub, self.meter);
        // Requests of a founder and a wisher who have not been seen before.
        let another = 1_000_000 + self.proposals + place;
        let found = self.founding(another);
        let (made, create): (Answer<Wallet>, _) = meter.call(own(another), "create_wallet", found);
        made.unwrap();
        let wish = self.wish(id, another);
        let (made, propose): (Answer<Proposal>, _) = meter.call(by, "propose", wish);
        let made = made.unwrap();
        let approval = (made.id, made.intent_digest);
        let (approved, approve): (Answer<Proposal>, _) = meter.call(hub, "approve", approval);
        assert_eq!(approved.unwrap().approvals.len(), 2);
        let (got, get): (Answer<Wallet>, _) = meter.call(by, "get", (id,));
        assert_eq!(got.unwrap().id, id);
        let mut ids = self.wallets.clone();
        ids.sort_unstable();
        let from = ids[ids.len() - OF_ONE];
        let (listed, list): (Vec<Wallet>, _) = meter.call(hub, "list", (from, OF_ONE as u32));
        assert_eq!(listed.len(), OF_ONE);
        let (shown, proposal): (Answer<Proposal>, _) = meter.call(by, "proposal", (made.id,));
        assert_eq!(shown.unwrap().id, made.id);
        let page = || (id, 0_u64, OF_ONE as u32);
        let (own, proposals): (Answer<Vec<Proposal>>, _) = meter.call(by, "proposals", page());
        assert_eq!(own.unwrap().len(), OF_ONE);
        let (open, pending): (Answer<Vec<Proposal>>, _) = meter.call(by, "pending", page());
        assert_eq!(open.unwrap().len(), OF_ONE);
        let (quoted, quote): (Answer<Quote>, _) = meter.call(by, "quote", (id, intent()));
        assert_eq!(quoted.unwrap().needs.quorum, 2);
        [
            create, propose, approve, get, list, proposal, proposals, pending, quote,
        ]
    }

    fn measure(&self) -> Size {
        // From now on every call that pays forgets two results of the day before, as it always does in use.
        self.pass(2 * DAY);
        let last = self.wallets.len() - MEASURED..self.wallets.len();
        let all: Vec<_> = last.map(|place| self.costs(place)).collect();
        let network = self.world.network();
        let status = network.canister_status(self.wallet.canister(), None);
        let bytes = status.unwrap().memory_metrics.stable_memory_size.0;
        let (before, by) = (self.wallet.get(own(0), self.wallets[0]), own(0));
        let post_upgrade = self.meter.post_upgrade(self.world, "wallet").unwrap();
        assert_eq!(self.wallet.get(by, self.wallets[0]), before);
        let own = self.wallet.proposals(by, self.wallets[0]).unwrap();
        assert!(own.len() >= OF_ONE, "{own:?}");
        Size {
            proposals: self.proposals,
            costs: std::array::from_fn(|kind| {
                all.iter().map(|costs| costs[kind]).sum::<u64>() / MEASURED as u64
            }),
            post_upgrade,
            bytes: bytes.try_into().unwrap(),
        }
    }
}

fn proposals() -> usize {
    match std::env::var("CHAINKEY_WALLET_PROPOSALS") {
        Ok(number) => number.parse().unwrap(),
        Err(_) => PROPOSALS,
    }
}

#[test]
fn what_calls_and_upgrades_cost_does_not_grow_with_the_number_of_proposals() {
    let world = World::new().unwrap();
    let (mut crowd, end) = (Crowd::new(&world), proposals());
    let earlier = EARLIER.into_iter().filter(|size| *size < end);
    let sizes: Vec<Size> = earlier
        .chain([end])
        .map(|size| {
            crowd.grow(size);
            crowd.measure()
        })
        .collect();
    for size in &sizes {
        println!("{} proposals, {} bytes:", size.proposals, size.bytes);
        for (name, cost) in NAMES.iter().zip(size.costs) {
            println!("  {name}: {cost} instructions");
        }
        println!("  post_upgrade: {} instructions", size.post_upgrade);
    }
    let (few, many) = (&sizes[0], sizes.last().unwrap());
    for ((name, few), many) in NAMES.iter().zip(few.costs).zip(many.costs) {
        assert!(many * 2 < few * 3, "{name}: {few} became {many}");
    }
    assert!(many.post_upgrade * 10 < few.post_upgrade * 11);
    let each = (many.bytes - few.bytes) / (many.proposals - few.proposals) as u64;
    assert!(
        each < 8 * 1024,
        "{each} bytes for a proposal and a tenth of a wallet"
    );
}
