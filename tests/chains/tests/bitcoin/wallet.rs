//! The wallet on a regtest chain: what it signs, Bitcoin Core's own consensus code accepts.

use bitcoin::{Address, Network, consensus, hex::DisplayHex};
use chainkey_tests::wallet::bitcoin::{BitcoinPayments, script_of};
use chainkey_tests::wallet::interface::{
    Answer, Asset, BtcOutput, Holdings, Intent, Limit, Policy, Proposal, Rules, Setback, Stage,
    Standing, WalletError, needs, tier,
};
use chainkey_tests::wallet::{WalletCanister, person};
use chainkey_tests::world::{World, local_args};

const COIN: u64 = 100_000_000;

struct Scene<'a> {
    wallet: WalletCanister<'a>,
    payments: BitcoinPayments<'a>,
}

impl<'a> Scene<'a> {
    /// One member for up to a bitcoin, two for more; at most 120 a day. A coin at each of the wallet's addresses.
    fn new(world: &'a World) -> Self {
        let wallet = WalletCanister::install(world, &local_args()).expect("installs");
        let payments = BitcoinPayments::install(world, &wallet).expect("installs");
        let policy = Policy {
            assets: vec![Rules {
                asset: Asset::Btc,
                tiers: vec![tier(u128::from(COIN), needs(1, 0)), tier(None, needs(2, 0))],
                limit: Some(Limit {
                    amount: u128::from(120 * COIN),
                    window_seconds: 86_400,
                }),
                allow_list: None,
            }],
            highest: needs(2, 0),
            calls: None,
        };
        let (ann, bob) = (person("ann"), person("bob"));
        wallet.create(ann, b"create", &[ann, bob], policy).unwrap();
        wallet.prepare_keys(ann).unwrap();
        let mut scene = Self { wallet, payments };
        let own = scene.wallet.addresses(ann, 1, 0).unwrap();
        scene.payments.fund(&[&own.p2wpkh, &own.p2tr]).unwrap();
        scene
    }

    /// Proposes as Ann, and approves as Bob.
    fn propose(&self, request: &[u8], intent: &Intent) -> u64 {
        let ann = person("ann");
        let id = self.wallet.propose(ann, request, 1, intent).unwrap().id;
        self.wallet.approve(person("bob"), id).unwrap();
        id
    }

    fn holdings(&mut self) -> (u64, u64, usize) {
        match self.payments.refresh(person("bob"), 1, 0).unwrap() {
            Holdings::Bitcoin {
                balance,
                available,
                coins,
                ..
            } => (balance, available, coins.len()),
            other => panic!("{other:?}"),
        }
    }
}

/// An address of each kind that the wallet pays to, made by another library.
fn strangers() -> Vec<String> {
    let owner = super::Owner::new(7);
    let scripts = [owner.segwit(), owner.taproot()];
    let other = |script: &bitcoin::ScriptBuf| {
        let p2sh = Address::p2sh(script, Network::Regtest).unwrap();
        let p2wsh = Address::p2wsh(script, Network::Regtest);
        [
            Address::from_script(script, Network::Regtest).unwrap(),
            p2sh,
            p2wsh,
        ]
    };
    let all = scripts.iter().flat_map(other);
    all.map(|address| address.to_string()).collect()
}

fn send(outputs: &[(String, u64)], fee_rate: u64, max_fee: u64) -> Intent {
    let output = |(address, amount): &(String, u64)| BtcOutput {
        address: address.clone(),
        amount: *amount,
    };
    Intent::BtcSend {
        from_index: 0,
        outputs: outputs.iter().map(output).collect(),
        fee_rate,
        max_fee,
    }
}

fn txid(proposal: &Answer<Proposal>) -> String {
    let proposal = proposal.as_ref().expect("an answer");
    proposal.bitcoin.clone().expect("a transaction").txid
}

#[test]
fn coins_of_both_kinds_are_spent_in_one_payment_whose_bumped_version_the_kernel_accepts() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let (ann, bob) = (person("ann"), person("bob"));
    assert_eq!(scene.holdings(), (100 * COIN, 100 * COIN, 2));

    // More than either coin has, to six addresses.
    let outputs: Vec<(String, u64)> = strangers().into_iter().zip(10 * COIN..).collect();
    let id = scene.propose(b"pay", &send(&outputs, 2_000, 100_000));
    let first = scene.payments.execute(ann, b"execute", id);
    let sent = first.clone().unwrap();
    assert_eq!(sent.stage, Stage::Sent, "{:?}", sent.setback);
    let work = sent.bitcoin.clone().unwrap();
    assert_eq!((work.inputs, work.signatures), (2, 2));
    assert_eq!(
        scene.payments.confirmations(&sent),
        Some(0),
        "in the mempool"
    );
    assert_eq!(scene.holdings(), (100 * COIN, 0, 2), "both are reserved");

    let second = scene.payments.bump_fee(bob, b"bump", id, 20_000);
    let bumped = second.clone().unwrap();
    assert_eq!(bumped.bitcoin.clone().unwrap().replaced, [txid(&first)]);
    assert_eq!(scene.payments.confirmations(&sent), None, "it was replaced");
    assert_eq!(scene.payments.confirmations(&bumped), Some(0));
    let again = scene.payments.bump_fee(bob, b"bump", id, 20_000);
    assert_eq!(txid(&again), txid(&second));

    scene.payments.mine(1).unwrap();
    assert_eq!(scene.payments.confirmations(&bumped), Some(1));
    assert_eq!(scene.payments.resume(ann, id).unwrap().stage, Stage::Sent);
    scene.payments.mine(5).unwrap();
    let settled = scene.payments.resume(ann, id).unwrap();
    assert_eq!(settled.stage, Stage::Confirmed);
    for (address, amount) in &outputs {
        let got = scene.payments.chain.balance(&script_of(address), 1);
        assert_eq!(got.to_sat(), *amount);
    }
    let fee = bumped.bitcoin.unwrap().fee;
    let paid: u64 = outputs.iter().map(|(_, amount)| amount).sum();
    let left = 100 * COIN - paid - fee;
    assert_eq!(scene.holdings(), (left, left, 1), "the change came back");
}

#[test]
fn a_signed_transaction_is_what_the_chain_has_and_broadcasting_again_is_harmless() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let ann = person("ann");
    let outputs = vec![(strangers().remove(0), COIN / 2)];
    let id = scene.propose(b"pay", &send(&outputs, 1_000, 10_000));
    let sent = scene.payments.execute(ann, b"execute", id);
    let bytes = scene.wallet.signed_tx(ann, id).unwrap();
    let transaction: bitcoin::Transaction = consensus::deserialize(&bytes).unwrap();
    assert_eq!(transaction.compute_txid().to_string(), txid(&sent));
    let resumed = scene.payments.resume(ann, id).unwrap();
    assert_eq!(resumed.setback, Some(Setback::Unconfirmed));
    let waiting = scene.payments.chain.mempool();
    assert_eq!(waiting, [transaction.compute_txid()], "{}", bytes.as_hex());
    let stranger = scene.wallet.signed_tx(person("eve"), id);
    assert_eq!(stranger, Err(WalletError::NoSuchProposal));
}

#[test]
fn fees_count_for_tiers_and_limits_and_a_drain_by_fee_is_refused() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let ann = person("ann");
    let to = strangers().remove(0);
    let propose = |scene: &Scene<'_>, request: &[u8], amount, max_fee| {
        let intent = send(&[(to.clone(), amount)], 1_000, max_fee);
        scene.wallet.propose(ann, request, 1, &intent).unwrap()
    };
    let just = propose(&scene, b"1", COIN - 1_000, 1_000);
    assert_eq!(just.stage, Stage::Open(Standing::Ready));
    let above = propose(&scene, b"2", COIN - 1_000, 1_001);
    let two = Standing::NeedsApprovals {
        given: 1,
        quorum: 2,
    };
    assert_eq!(above.stage, Stage::Open(two));
    let drain = propose(&scene, b"3", COIN, 120 * COIN);
    assert!(matches!(drain.stage, Stage::Open(Standing::Denied(_))));

    // The rate makes a fee above what was approved: nothing is signed.
    let greedy = send(&[(to, COIN / 2)], 1_000_000, 1_000);
    let id = scene.wallet.propose(ann, b"4", 1, &greedy).unwrap().id;
    let refused = scene.payments.execute(ann, b"4x", id).unwrap();
    assert!(matches!(refused.setback, Some(Setback::NotPlanned(_))));
    assert!(matches!(refused.stage, Stage::Open(_)));
    assert_eq!(scene.holdings().1, 100 * COIN, "nothing is reserved");
}

#[test]
fn an_upgrade_between_signing_and_settling_loses_nothing() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let ann = person("ann");
    let outputs = vec![(strangers().remove(1), COIN / 4)];
    let id = scene.propose(b"pay", &send(&outputs, 1_000, 10_000));
    let sent = scene.payments.execute(ann, b"execute", id);
    world.upgrade(scene.wallet.canister(), "wallet").unwrap();
    assert_eq!(scene.holdings().1, 50 * COIN, "still reserved");
    scene.payments.mine(6).unwrap();
    let settled = scene.payments.resume(ann, id);
    assert_eq!(settled.clone().unwrap().stage, Stage::Confirmed);
    assert_eq!(txid(&settled), txid(&sent));
}

#[test]
fn a_reorganisation_brings_the_payment_back_and_it_is_settled_later() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let ann = person("ann");
    let outputs = vec![(strangers().remove(0), COIN / 4)];
    let id = scene.propose(b"pay", &send(&outputs, 1_000, 10_000));
    scene.payments.execute(ann, b"execute", id).unwrap();
    scene.payments.mine(2).unwrap();
    let waiting = scene.payments.resume(ann, id).unwrap();
    assert_eq!(waiting.setback, Some(Setback::Unconfirmed));
    let nobody = chainkey_tests::wallet::bitcoin::nobody();
    scene.payments.chain.reorganise(2, &nobody).unwrap();
    let back = scene.payments.resume(ann, id).unwrap();
    assert_eq!(back.stage, Stage::Sent);
    scene.payments.mine(6).unwrap();
    let settled = scene.payments.resume(ann, id).unwrap();
    assert_eq!(settled.stage, Stage::Confirmed);
}
