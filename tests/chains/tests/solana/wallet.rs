//! The wallet on a Solana: what it signs, Agave's runtime carries out, and once.

use super::owner::Owner;
use candid::decode_one;
use chainkey_chains::outcalls::{Answers, await_call};
use chainkey_chains::solana::interface::install::Fault;
use chainkey_chains::solana::{FINALITY, SOL, Solana};
use chainkey_tests::wallet::interface::{
    Account, AllowList, Answer, Asset, Holdings, Intent, Limit, Policy, Proposal, Rules, Setback,
    SolTransfer, SplTransfer, Stage, Standing, TokenProgram, needs, tier,
};
use chainkey_tests::wallet::solana::SolanaPayments;
use chainkey_tests::wallet::{WalletCanister, person};
use chainkey_tests::world::{World, local_args};
use pocket_ic::common::rest::{CanisterHttpReply, CanisterHttpRequest};
use serde_json::json;
use std::time::Duration;

/// What a signature costs.
const FEE: u64 = 5_000;
const COIN: u64 = 1_000_000;
const DECIMALS: u8 = 6;
/// The most that a payment may cost beside its amount: both accounts that it may make, and fees.
const MAX_FEE: u64 = 5_000_000;

struct Scene<'a> {
    world: &'a World,
    wallet: WalletCanister<'a>,
    payments: SolanaPayments<'a>,
    /// Of wallet 1, index 0.
    own: String,
}

impl<'a> Scene<'a> {
    /// One member for up to two SOL, two for more and for tokens; at most 100 SOL a day. Ten SOL, final.
    fn new(world: &'a World) -> Self {
        Self::with(world, None)
    }

    fn with(world: &'a World, allow_list: Option<AllowList>) -> Self {
        let wallet = WalletCanister::install(world, &local_args()).expect("installs");
        let payments = SolanaPayments::install(world, &wallet).expect("installs");
        let most = u128::from(2 * SOL);
        let policy = Policy {
            assets: vec![Rules {
                asset: Asset::Sol,
                tiers: vec![tier(most, needs(1, 0)), tier(None, needs(2, 0))],
                limit: Some(Limit {
                    amount: u128::from(100 * SOL),
                    window_seconds: 86_400,
                }),
                allow_list,
            }],
            calls: None,
            highest: needs(2, 0),
        };
        let (ann, bob) = (person("ann"), person("bob"));
        wallet.create(ann, b"create", &[ann, bob], policy).unwrap();
        wallet.prepare_keys(ann).unwrap();
        let own = wallet.addresses(ann, 1, 0).unwrap().solana;
        payments.chain.airdrop(&own, 10 * SOL).unwrap();
        payments.advance(FINALITY);
        Self {
            world,
            wallet,
            payments,
            own,
        }
    }

    /// Proposes as Ann, and approves as Bob. The request's own name is left for carrying it out.
    fn propose(&self, request: &[u8], intent: &Intent) -> u64 {
        let ann = person("ann");
        let request = [b"propose ", request].concat();
        let id = self.wallet.propose(ann, &request, 1, intent).unwrap().id;
        self.wallet.approve(person("bob"), id).unwrap();
        id
    }

    /// Proposes, and carries out until it ends.
    fn pay(&self, request: &[u8], intent: &Intent) -> Proposal {
        let id = self.propose(request, intent);
        let ann = person("ann");
        self.payments.execute(ann, request, id).unwrap();
        self.payments.settle(ann, id).unwrap()
    }

    fn balance(&self, address: &str) -> u64 {
        self.payments.chain.balance(address).unwrap()
    }

    /// Lamports, and the value of the nonce account.
    fn holdings(&self) -> (u64, Option<String>) {
        let account = Account::Solana { index: 0 };
        match self.payments.refresh(person("bob"), 1, account).unwrap() {
            Holdings::Solana { balance, nonce, .. } => (balance, nonce),
            other => panic!("{other:?}"),
        }
    }

    fn tokens(&self, mint: &str) -> u64 {
        let account = Account::Spl {
            mint: mint.to_owned(),
            token_program: TokenProgram::Token,
            index: 0,
        };
        match self.payments.refresh(person("bob"), 1, account).unwrap() {
            Holdings::Spl {
                balance, decimals, ..
            } => {
                assert_eq!(decimals, DECIMALS);
                balance
            }
            other => panic!("{other:?}"),
        }
    }
}

fn transfer(to: &str, lamports: u64) -> Intent {
    transfer_from(0, to, lamports)
}

fn transfer_from(index: u32, to: &str, lamports: u64) -> Intent {
    Intent::SolTransfer(SolTransfer {
        from_index: index,
        to: to.to_owned(),
        lamports,
        off_curve: false,
        compute_unit_price: 1_000,
        max_fee: MAX_FEE,
    })
}

fn tokens(mint: &str, to: &str, amount: u64) -> Intent {
    Intent::SplTransfer(SplTransfer {
        from_index: 0,
        mint: mint.to_owned(),
        token_program: TokenProgram::Token,
        to: to.to_owned(),
        amount,
        decimals: DECIMALS,
        off_curve: false,
        compute_unit_price: 1_000,
        max_fee: MAX_FEE,
    })
}

/// An address on the curve that has nothing.
fn stranger(seed: u8) -> String {
    Owner::new(seed).address()
}

fn name(proposal: &Proposal) -> String {
    let work = proposal.solana.as_ref().expect("it has begun");
    work.transaction.clone().expect("a transaction")
}

#[test]
fn lamports_and_tokens_that_arrive_are_shown_when_they_are_final() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    assert_eq!(scene.holdings(), (10 * SOL, None));
    let mint = scene.payments.chain.create_mint(1, DECIMALS).unwrap();
    scene
        .payments
        .chain
        .mint(&mint, &scene.own, 7 * COIN)
        .unwrap();
    scene.payments.chain.airdrop(&scene.own, SOL).unwrap();
    scene.payments.advance(FINALITY - 1);
    assert_eq!(scene.holdings().0, 10 * SOL, "not yet");
    scene.payments.advance(1);
    assert_eq!(scene.holdings().0, 11 * SOL);
    assert_eq!(scene.tokens(&mint), 7 * COIN);
}

#[test]
fn a_first_payment_opens_the_nonce_account_and_a_second_uses_it() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let ann = person("ann");
    let to = stranger(2);
    let id = scene.propose(b"first", &transfer(&to, SOL));
    let opening = scene.payments.execute(ann, b"first", id).unwrap();
    assert_eq!(opening.stage, Stage::Sent);
    let work = opening.solana.clone().unwrap();
    assert!(work.opening.is_some() && work.transaction.is_none());
    assert_eq!(scene.balance(&to), 0, "the payment comes later");
    let first = scene.payments.settle(ann, id).unwrap();
    assert_eq!(
        (first.stage.clone(), scene.balance(&to)),
        (Stage::Confirmed, SOL)
    );
    let work = first.solana.clone().unwrap();
    let left = 10 * SOL - SOL - work.fee - work.rent;
    let (balance, nonce) = scene.holdings();
    assert_eq!(balance, left, "fees and rent are as they were planned");
    assert!(nonce.is_some());
    let rent = scene.balance(&work.nonce_account);
    assert_eq!(
        work.rent, rent,
        "the payee has an account from what it gets"
    );

    let second = scene.pay(b"second", &transfer(&to, SOL / 2));
    assert_eq!(second.stage, Stage::Confirmed);
    let work = second.solana.clone().unwrap();
    assert_eq!((work.opening.clone(), work.rent), (None, 0));
    assert_eq!(scene.balance(&to), SOL + SOL / 2);
    let moved = scene.holdings();
    assert_eq!(moved.0, left - SOL / 2 - work.fee);
    assert_ne!(moved.1, nonce, "the nonce has moved");
    assert!(work.fee >= FEE && work.slot.is_some());
    let list = scene.payments.chain.transactions_of(&to).unwrap();
    assert_eq!(list, [(name(&second), true), (name(&first), true)]);
}

#[test]
fn tokens_are_paid_and_the_payees_account_is_made() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let chain = &scene.payments.chain;
    let mint = chain.create_mint(1, DECIMALS).unwrap();
    chain.mint(&mint, &scene.own, 10 * COIN).unwrap();
    scene.payments.advance(FINALITY);
    let to = stranger(2);
    let paid = scene.pay(b"tokens", &tokens(&mint, &to, 4 * COIN));
    assert_eq!(paid.stage, Stage::Confirmed, "{:?}", paid.setback);
    assert_eq!(scene.tokens(&mint), 6 * COIN);
    // Minting nothing tells the payee's account, and changes nothing in it.
    let account = chain.mint(&mint, &to, 0).unwrap();
    assert_eq!(chain.tokens(&account).unwrap(), Some(4 * COIN));
    let work = paid.solana.clone().unwrap();
    assert_eq!(
        work.rent,
        scene.balance(&work.nonce_account) + scene.balance(&account)
    );
    assert_eq!(scene.holdings().0, 10 * SOL - work.fee - work.rent);

    let again = scene.pay(b"again", &tokens(&mint, &to, COIN));
    assert_eq!(again.solana.unwrap().rent, 0, "the account is there");
    assert_eq!(chain.tokens(&account).unwrap(), Some(5 * COIN));
    let more = scene.propose(b"more", &tokens(&mint, &to, 6 * COIN));
    let refused = scene
        .payments
        .execute(person("ann"), b"more", more)
        .unwrap();
    assert!(
        matches!(refused.setback, Some(Setback::NotPlanned(_))),
        "{refused:?}"
    );
    assert!(matches!(refused.stage, Stage::Open(_)));
}

#[test]
fn a_nonce_is_never_spent_by_two_payments() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let (ann, bob) = (person("ann"), person("bob"));
    let to = stranger(2);
    scene.pay(b"first", &transfer(&to, SOL));
    let second = scene.propose(b"second", &transfer(&to, SOL));
    let third = scene.propose(b"third", &transfer(&to, SOL));
    scene.payments.execute(ann, b"second", second).unwrap();
    let busy = scene.payments.execute(bob, b"third", third).unwrap();
    assert_eq!(busy.setback, Some(Setback::NonceInUse { proposal: second }));
    scene.payments.settle(ann, second).unwrap();
    scene.payments.execute(bob, b"third again", third).unwrap();
    let third = scene.payments.settle(bob, third).unwrap();
    assert_eq!(third.stage, Stage::Confirmed);
    assert_eq!(scene.balance(&to), 3 * SOL);
    // Whoever has the signed transaction may send it again, as often as he likes.
    let bytes = scene.wallet.signed_tx(ann, second).unwrap();
    let sent = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
    let settings = json!({ "encoding": "base64", "skipPreflight": true });
    let again = scene
        .payments
        .chain
        .rpc()
        .call("sendTransaction", json!([sent, settings]));
    again.expect("nodes pass it on");
    scene.payments.advance(FINALITY);
    assert_eq!(scene.balance(&to), 3 * SOL);
    assert_eq!(scene.payments.chain.transactions_of(&to).unwrap().len(), 3);
}

/// The chain, with something done before it is told of a transaction.
struct BeforeSending<'a, F>(&'a Solana, F);

impl<F: FnMut(&Solana)> Answers for BeforeSending<'_, F> {
    fn answer(&mut self, request: &CanisterHttpRequest) -> Option<Vec<CanisterHttpReply>> {
        let method = br#""method":"sendTransaction""#;
        let mut parts = request.body.windows(method.len());
        if parts.any(|part| part == method) {
            (self.1)(self.0);
        }
        (&mut &*self.0).answer(request)
    }
}

/// Carries a payment out with a fault in one method, and upgrades the wallet after each call.
fn survive(scene: &Scene<'_>, method: &str, fault: Fault, request: &[u8], intent: &Intent) {
    let ann = person("ann");
    let told = |answer: Answer<Proposal>| answer.unwrap_or_else(|error| panic!("{error:?}"));
    let id = scene.propose(request, intent);
    scene.payments.order(method, 2, fault);
    let mut last = told(scene.payments.execute(ann, request, id));
    for round in 0..12 {
        // The quota is by the minute.
        scene.world.network().advance_time(Duration::from_secs(60));
        scene
            .world
            .upgrade(scene.wallet.canister(), "wallet")
            .unwrap();
        if last.stage == Stage::Confirmed {
            return;
        }
        scene.payments.advance(FINALITY);
        last = match last.stage {
            Stage::Open(_) => {
                let request = [request, &[round]].concat();
                told(scene.payments.execute(ann, &request, id))
            }
            _ => told(scene.payments.resume(ann, id)),
        };
    }
    panic!("{method}, {fault:?}: {last:?}");
}

#[test]
fn whatever_fails_and_however_often_the_wallet_is_upgraded_a_payment_is_made_once() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let to = stranger(2);
    let methods = [
        "getAccountInfo",
        "getSlot",
        "getBlock",
        "sendTransaction",
        "getSignatureStatuses",
    ];
    let faults = [
        Fault::not_asked,
        Fault::no_answer,
        Fault::inconsistent,
        Fault::trap,
    ];
    let mut count = 0_u8;
    for fault in faults {
        for method in methods {
            count += 1;
            // Each from another account, which opens its nonce account first, and with another amount, so that none can pass for another.
            let index = u32::from(count);
            let own = scene.wallet.addresses(person("ann"), 1, index).unwrap();
            scene.payments.chain.airdrop(&own.solana, SOL).unwrap();
            scene.payments.advance(FINALITY);
            let intent = transfer_from(index, &to, 10 * COIN + u64::from(count));
            survive(&scene, method, fault, &[count], &intent);
        }
    }
    let expected: u64 = (1..=u64::from(count)).map(|one| 10 * COIN + one).sum();
    assert_eq!(scene.balance(&to), expected);
    let list = scene.payments.chain.transactions_of(&to).unwrap();
    assert_eq!(list.len(), usize::from(count));
    assert!(list.iter().all(|(_, succeeded)| *succeeded));
}

#[test]
fn an_opening_that_expires_gives_the_proposal_back() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let ann = person("ann");
    let to = stranger(2);
    let id = scene.propose(b"pay", &transfer(&to, SOL));
    scene.payments.order("sendTransaction", 1, Fault::not_asked);
    let unsent = scene.payments.execute(ann, b"pay", id).unwrap();
    assert!(
        matches!(unsent.setback, Some(Setback::NotBroadcast(_))),
        "{unsent:?}"
    );
    scene.payments.advance(300);
    let free = scene.payments.settle(ann, id).unwrap();
    assert_eq!(free.stage, Stage::Open(Standing::Ready));
    assert_eq!(free.setback, Some(Setback::NonceNotOpened));
    scene.payments.execute(ann, b"again", id).unwrap();
    let paid = scene.payments.settle(ann, id).unwrap();
    assert_eq!((paid.stage, scene.balance(&to)), (Stage::Confirmed, SOL));
}

#[test]
fn a_payment_that_fails_on_the_chain_ends_as_reverted_and_frees_the_nonce() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let ann = person("ann");
    let to = stranger(2);
    scene.pay(b"first", &transfer(&to, SOL));
    // The payee's account is there when the payment is planned, and is emptied before it is sent: then it would have too little to exist.
    let payee = Owner::new(3);
    let chain = &scene.payments.chain;
    chain.airdrop(&payee.address(), SOL).unwrap();
    scene.payments.advance(FINALITY);
    let empty = payee.transfer(chain, &to, SOL - FEE);
    let id = scene.propose(b"little", &transfer(&payee.address(), 1_000));
    let call = scene.payments.submit_execute(ann, b"little", id);
    let mut meanwhile = BeforeSending(chain, |chain: &Solana| {
        let params = json!([empty.base64, { "encoding": "base64" }]);
        chain.rpc().call("sendTransaction", params).unwrap();
    });
    let reply = await_call(scene.world.network(), &mut meanwhile, &call).unwrap();
    let refused: Answer<Proposal> = decode_one(&reply).unwrap();
    let refused = refused.unwrap();
    assert!(
        matches!(refused.setback, Some(Setback::SolanaRefused(_))),
        "{refused:?}"
    );
    let before = scene.holdings();
    let failed = scene.payments.settle(ann, id).unwrap();
    assert_eq!(failed.stage, Stage::Reverted);
    assert_eq!(chain.balance(&payee.address()).unwrap(), 0);
    let after = scene.holdings();
    let fee = failed.solana.unwrap().fee;
    assert_eq!(after.0, before.0 - fee, "only the fee has left");
    assert_ne!(after.1, before.1, "its nonce is spent");
    let had = scene.balance(&to);
    let next = scene.pay(b"next", &transfer(&to, SOL));
    assert_eq!(
        (next.stage, scene.balance(&to)),
        (Stage::Confirmed, had + SOL)
    );
}

#[test]
fn slots_without_blocks_do_not_stop_a_payment() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    // Slot 97 is open. The last final slot will be rounded down to 100, which has no block.
    scene.payments.advance(3);
    scene.payments.chain.skip().unwrap();
    scene.payments.advance(FINALITY);
    let paid = scene.pay(b"pay", &transfer(&stranger(2), SOL));
    assert_eq!(paid.stage, Stage::Confirmed, "{:?}", paid.setback);
}

#[test]
fn amounts_fees_and_destinations_are_held_against_the_policy() {
    let world = World::new().unwrap();
    let friend = stranger(2);
    let scene = Scene::with(
        &world,
        Some(AllowList {
            activation_seconds: 0,
            destinations: vec![friend.clone()],
        }),
    );
    let ann = person("ann");
    let propose = |request: &[u8], to: &str, lamports| {
        let intent = transfer(to, lamports);
        scene.wallet.propose(ann, request, 1, &intent).unwrap()
    };
    let just = propose(b"1", &friend, 2 * SOL - MAX_FEE);
    assert_eq!(just.stage, Stage::Open(Standing::Ready));
    let above = propose(b"2", &friend, 2 * SOL - MAX_FEE + 1);
    let two = Standing::NeedsApprovals {
        given: 1,
        quorum: 2,
    };
    assert_eq!(above.stage, Stage::Open(two));
    let enemy = propose(b"3", &stranger(3), SOL);
    assert!(
        matches!(enemy.stage, Stage::Open(Standing::Denied(_))),
        "{enemy:?}"
    );
    let greedy = propose(b"4", &friend, 101 * SOL);
    assert!(
        matches!(greedy.stage, Stage::Open(Standing::Denied(_))),
        "{greedy:?}"
    );
    for denied in [above.id, enemy.id, greedy.id] {
        let request = denied.to_be_bytes();
        let refused = scene.payments.execute(ann, &request, denied);
        assert!(refused.is_err(), "{refused:?}");
    }
    assert_eq!(scene.balance(&scene.own), 10 * SOL, "nothing was sent");
}
