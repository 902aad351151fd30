//! What the wallet's hot paths cost in instructions, and a bound on each, so that a change that makes one expensive is noticed.
//!
//! - Counted as [`chainkey_tests::cost`] tells, the answers of other canisters being read included: a method that makes calls is counted
//!   with all its callbacks. What the other canisters compute is not in it.
//! - The bounds are about twice what was measured; the measured figures stand in BENCHMARKS.md, and `--nocapture` prints them.

use candid::Principal;
use chainkey_tests::cost::Meter;
use chainkey_tests::token::{Token, token_args};
use chainkey_tests::wallet::bitcoin::BitcoinPayments;
use chainkey_tests::wallet::interface::{
    Addresses, Answer, BtcOutput, Intent, KeyKind, Policy, Proposal, Quote, RawKeys, Stage, Wallet,
    needs,
};
use chainkey_tests::wallet::{WalletCanister, person};
use chainkey_tests::world::{World, local_args};

const MILLION: u64 = 1_000_000;

/// A coin of 50 bitcoin, in satoshi.
const COIN: u64 = 5_000_000_000;

/// A recipient on regtest: the key hash of BIP-173's examples.
const STRANGER: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

/// A wallet of one member, and what its calls have cost.
struct Bill<'a> {
    wallet: WalletCanister<'a>,
    meter: Meter<'a>,
    by: Principal,
    requests: u8,
    /// Name, instructions, bound.
    rows: Vec<(String, u64, u64)>,
}

impl<'a> Bill<'a> {
    fn new(world: &'a World) -> Self {
        let wallet = WalletCanister::install(world, &local_args()).unwrap();
        Self {
            wallet,
            meter: Meter::of(world.network(), wallet.canister()),
            by: person("ann"),
            requests: 0,
            rows: Vec::new(),
        }
    }

    fn enter(&mut self, name: &str, instructions: u64, millions: u64) {
        self.rows
            .push((name.to_owned(), instructions, millions * MILLION));
    }

    /// A new request id.
    fn request(&mut self) -> Vec<u8> {
        self.requests += 1;
        vec![self.requests]
    }

    /// A query.
    fn read<T>(&mut self, name: &str, millions: u64, arguments: impl candid::utils::ArgumentEncoder)
    where
        T: candid::CandidType + serde::de::DeserializeOwned + std::fmt::Debug,
    {
        let (answer, cost): (Answer<T>, _) = self.meter.call(self.by, name, arguments);
        answer.unwrap();
        self.enter(name, cost, millions);
    }

    fn propose(&mut self, what: &str, millions: u64, intent: &Intent) -> u64 {
        let (request, wallet, by) = (self.request(), self.wallet, self.by);
        let made = || wallet.propose(by, &request, 1, intent).unwrap().id;
        let (id, cost) = self.meter.count(1, made);
        self.enter(&format!("propose {what}"), cost, millions);
        id
    }

    /// Proposes something and carries it out, with so many callbacks.
    fn carry_out(&mut self, what: &str, callbacks: u64, bounds: (u64, u64), intent: &Intent) {
        let id = self.propose(what, bounds.0, intent);
        let (request, wallet, by) = (self.request(), self.wallet, self.by);
        let done = || wallet.execute(by, &request, id).unwrap();
        let (done, cost) = self.meter.count(1 + callbacks, done);
        let ended = matches!(
            done.stage,
            Stage::Transferred { .. } | Stage::Signed { .. } | Stage::Changed
        );
        assert!(ended, "{what}: {done:?}");
        self.enter(&format!("execute {what}"), cost, bounds.1);
    }
}

impl Drop for Bill<'_> {
    fn drop(&mut self) {
        for (name, instructions, bound) in &self.rows {
            println!("| {name} | {instructions} | {bound} |");
        }
    }
}

fn transfer(ledger: Principal) -> Intent {
    Intent::IcrcTransfer {
        ledger,
        from_index: 0,
        to: person("carol").to_text(),
        amount: 1_000,
        max_fee: 10_000,
    }
}

fn raw(key: KeyKind) -> Intent {
    Intent::RawSign {
        key,
        index: 0,
        message: vec![0x5a; 32],
    }
}

fn send(from_index: u32, amount: u64) -> Intent {
    Intent::BtcSend {
        from_index,
        outputs: vec![BtcOutput {
            address: STRANGER.to_owned(),
            amount,
        }],
        fee_rate: 1_000,
        max_fee: 100_000,
    }
}

fn assert_within(bill: &Bill<'_>) {
    for (name, instructions, bound) in &bill.rows {
        assert!(
            instructions <= bound,
            "{name}: {instructions}, at most {bound}"
        );
    }
}

#[test]
fn calls_about_wallets_ledgers_and_messages_stay_within_their_bounds() {
    let world = World::new().unwrap();
    let mut bill = Bill::new(&world);
    let (wallet, by) = (bill.wallet, bill.by);
    let token = Token::install(&world, &token_args(&[(wallet.account(1, 0), 1_000_000)])).unwrap();
    let members = [by, person("bob")];
    let policy = Policy::without_rules(needs(1, 0));
    let request = bill.request();
    let create = || {
        wallet
            .create(by, &request, &members, policy.clone())
            .unwrap()
    };
    let (_, cost) = bill.meter.count(1, create);
    bill.enter("create_wallet", cost, 16);
    wallet.prepare_keys(by).unwrap();
    let pay = transfer(token.canister());
    bill.read::<Wallet>("get", 10, (1_u64,));
    bill.read::<Addresses>("addresses", 48, (1_u64, 0_u32));
    bill.read::<RawKeys>("raw_keys", 32, (1_u64, 0_u32));
    bill.read::<Quote>("quote", 12, (1_u64, &pay));
    // Its fee, its log and the transfer.
    bill.carry_out("IcrcTransfer", 3, (24, 45), &pay);
    for key in [KeyKind::Ecdsa, KeyKind::Bip340, KeyKind::Ed25519] {
        bill.carry_out(&format!("RawSign {key:?}"), 1, (24, 60), &raw(key.clone()));
    }
    let message = Intent::Eip191 {
        from_index: 0,
        message: b"an open suite".to_vec(),
    };
    bill.carry_out("Eip191", 1, (24, 100), &message);
    bill.carry_out("PolicyChange", 0, (24, 24), &Intent::PolicyChange(policy));
    let id = bill.propose("IcrcTransfer again", 24, &pay);
    let digest = wallet.proposal(by, id).unwrap().intent_digest;
    let other = person("bob");
    let approve = || wallet.approve_digest(other, id, &digest).unwrap();
    let (_, cost) = bill.meter.count(1, approve);
    bill.enter("approve", cost, 20);
    let reject = || wallet.reject(other, id).unwrap();
    let (_, cost) = bill.meter.count(1, reject);
    bill.enter("reject", cost, 20);
    bill.read::<Proposal>("proposal", 14, (id,));
    bill.read::<Vec<Proposal>>("proposals", 16, (1_u64, 0_u64, 50_u32));
    let cost = bill.meter.post_upgrade(&world, "wallet").unwrap();
    bill.enter("post_upgrade", cost, 9);
    assert_within(&bill);
}

#[test]
fn payments_on_bitcoin_of_one_coin_and_of_a_hundred_stay_within_their_bounds() {
    let world = World::new().unwrap();
    let mut bill = Bill::new(&world);
    let (wallet, by) = (bill.wallet, bill.by);
    let mut payments = BitcoinPayments::install(&world, &wallet).unwrap();
    let policy = Policy::without_rules(needs(1, 0));
    wallet.create(by, b"create", &[by], policy).unwrap();
    wallet.prepare_keys(by).unwrap();
    let one = wallet.addresses(by, 1, 0).unwrap();
    let many = wallet.addresses(by, 1, 1).unwrap();
    let (hashes, taproot) = (vec![&many.p2wpkh[..]; 50], vec![&many.p2tr[..]; 50]);
    payments
        .fund(&[&hashes[..], &taproot, &[&one.p2wpkh]].concat())
        .unwrap();
    let bounds = [(24, 170, 80), (24, 5_000, 130)];
    for ((index, inputs), (propose, execute, resume)) in [(0, 1), (1, 100)].into_iter().zip(bounds)
    {
        let what = format!("BtcSend of {inputs}");
        let intent = send(index, u64::from(inputs) * COIN - COIN / 2);
        let id = bill.propose(&what, propose, &intent);
        let request = bill.request();
        // The coins of both addresses, a signature for each, and the broadcast.
        let calls = 3 + u64::from(inputs);
        let (meter, payments) = (bill.meter, &mut payments);
        let (sent, cost) = meter.count(1 + calls, || payments.execute(by, &request, id).unwrap());
        assert_eq!(sent.stage, Stage::Sent, "{:?}", sent.setback);
        assert_eq!(sent.bitcoin.unwrap().inputs, inputs);
        bill.enter(&format!("execute {what}"), cost, execute);
        payments.mine(6).unwrap();
        let (settled, cost) = meter.count(3, || payments.resume(by, id).unwrap());
        assert_eq!(settled.stage, Stage::Confirmed, "{:?}", settled.setback);
        bill.enter(&format!("resume {what}, to settle"), cost, resume);
    }
    assert_within(&bill);
}
