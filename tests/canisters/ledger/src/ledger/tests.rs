//! Installation, upgrades, and the ledger beside a plain model of it.

use super::Ledger;
use crate::account::Account;
use crate::block::Operation;
use crate::book::Book;
use crate::config::{InitArgs, InitError, MAX_MEMO_BYTES, standards};
use crate::memory::Regions;
use crate::request::Metadatum;
use crate::scene::{FEE, START, Scene, account, approval, args, from_to, to};
use crate::tokens::Tokens;
use candid::Nat;
use canister_kit::encoding::Timestamp;
use ic_stable_structures::VectorMemory;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn install(args: &InitArgs) -> Result<(), InitError> {
    Ledger::open(VectorMemory::default()).install(Timestamp(START), args)
}

#[test]
fn an_installed_ledger_tells_what_it_was_given() {
    let scene = Scene::new();
    let config = scene.ledger.config();
    assert_eq!((config.symbol.as_str(), config.decimals), ("TST", 8));
    assert_eq!(
        (scene.balance(1), scene.supply(), scene.blocks()),
        (1_000, 2_000, 2)
    );
    let metadata = config.metadata();
    let find = |key: &str| metadata.iter().find(|(it, _)| it == key).unwrap().1.clone();
    assert_eq!(find("icrc1:fee"), Metadatum::Nat(FEE.into()));
    assert_eq!(find("icrc1:name"), Metadatum::Text("Test".to_owned()));
    let longest = Metadatum::Nat(MAX_MEMO_BYTES.into());
    assert_eq!(find("icrc1:max_memo_length"), longest);
    let names: Vec<String> = standards().into_iter().map(|it| it.name).collect();
    assert_eq!(names, ["ICRC-1", "ICRC-2", "ICRC-3"]);
}

#[test]
fn refuses_arguments_that_do_not_fit() {
    let minting = InitArgs {
        initial_balances: vec![(account(0), 1_u8.into())],
        ..args()
    };
    assert_eq!(install(&minting), Err(InitError::MintingBalance));
    let much = InitArgs {
        initial_balances: vec![(account(1), Tokens::MOST.into()), (account(2), 1_u8.into())],
        ..args()
    };
    assert_eq!(install(&much), Err(InitError::Supply));
    let dear = InitArgs {
        fee: Nat::from(Tokens::MOST) + 1_u8,
        ..args()
    };
    assert_eq!(install(&dear), Err(InitError::Fee));
}

#[test]
fn an_upgrade_keeps_everything_and_is_no_second_installation() {
    let mut scene = Scene::new();
    let wish = crate::request::TransferArgs {
        created_at_time: Some(scene.now),
        ..to(3, 100)
    };
    scene.transfer(1, wish.clone()).unwrap();
    scene.approve(1, approval(2, 7)).unwrap();
    let tip = scene.ledger.chain().tip();
    scene.ledger = Ledger::open(scene.memory.clone());
    scene.ledger.reopen().unwrap();
    assert_eq!(scene.ledger.chain().tip(), tip);
    assert_eq!((scene.balance(1), scene.balance(3)), (880, 100));
    assert_eq!(scene.allowance(1, 2).0, 7_u8);
    scene.transfer(1, wish).unwrap_err();
    let again = scene.ledger.install(Timestamp(START), &args());
    assert_eq!(again, Err(InitError::AlreadyInstalled));
    let empty = Ledger::open(VectorMemory::default());
    assert_eq!(empty.reopen(), Err(InitError::NotInstalled));
}

/// What happens in the model: who does it, to whom, how much.
#[derive(Clone, Debug)]
enum Step {
    Transfer(u8, u8, u64),
    TransferFrom(u8, u8, u8, u64),
    Approve(u8, u8, u64, Option<u64>),
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = || 0_u8..4;
    let amount = || prop_oneof![0_u64..30, 0_u64..1_200];
    let step = prop_oneof![
        (who(), who(), amount()).prop_map(|(by, to, n)| Step::Transfer(by, to, n)),
        (who(), who(), who(), amount())
            .prop_map(|(by, from, to, n)| Step::TransferFrom(by, from, to, n)),
        (who(), who(), amount(), proptest::option::of(0_u64..20))
            .prop_map(|(by, to, n, end)| Step::Approve(by, to, n, end)),
        (1_u64..10).prop_map(Step::Wait),
    ];
    proptest::collection::vec(step, 1..60)
}

/// The plain model: four people, the first of whom mints; amounts are whole numbers below zero never.
#[derive(Clone, Debug, Default)]
struct Model {
    balances: BTreeMap<u8, i128>,
    allowances: BTreeMap<(u8, u8), (i128, Option<u64>)>,
    now: u64,
}

impl Model {
    fn allowance(&self, from: u8, spender: u8) -> i128 {
        match self.allowances.get(&(from, spender)) {
            Some((amount, end)) if end.is_none_or(|end| end > self.now) => *amount,
            _ => 0,
        }
    }

    /// Whether the step is one that a ledger makes, and the model after it.
    fn step(&self, step: &Step) -> Option<Self> {
        let mut after = self.clone();
        match *step {
            Step::Wait(time) => after.now += time,
            Step::Transfer(by, to, amount) => after.give(by, to, amount.into())?,
            Step::TransferFrom(by, from, to, amount) => {
                let amount = i128::from(amount);
                let fee = if from == 0 || to == 0 {
                    0
                } else {
                    i128::from(FEE)
                };
                if by != from {
                    let left = after.allowance(from, by) - amount - fee;
                    let end = after.allowances.get(&(from, by)).and_then(|it| it.1);
                    after.allowances.insert((from, by), (left, end));
                    (left >= 0).then_some(())?;
                }
                after.give(from, to, amount)?;
            }
            Step::Approve(by, to, amount, end) => {
                let end = end.map(|end| after.now + end);
                let allowed = by != to && by != 0 && end.is_none_or(|end| end > after.now);
                allowed.then_some(())?;
                after.take(by, FEE.into())?;
                after.allowances.insert((by, to), (amount.into(), end));
            }
        }
        Some(after)
    }

    fn take(&mut self, from: u8, amount: i128) -> Option<()> {
        let left = self.balances.entry(from).or_default();
        *left -= amount;
        (*left >= 0).then_some(())
    }

    fn give(&mut self, from: u8, to: u8, amount: i128) -> Option<()> {
        match (from, to) {
            (0, 0) => return None,
            (0, to) => *self.balances.entry(to).or_default() += amount,
            (from, 0) => {
                let whole = self.balances.get(&from).copied().unwrap_or_default();
                let large = amount > 0 && (amount >= i128::from(FEE) || amount == whole);
                large.then_some(())?;
                self.take(from, amount)?;
            }
            (from, to) => {
                self.take(from, amount + i128::from(FEE))?;
                *self.balances.entry(to).or_default() += amount;
            }
        }
        Some(())
    }
}

fn make(scene: &mut Scene, step: &Step) -> bool {
    match *step {
        Step::Transfer(by, receiver, amount) => scene.transfer(by, to(receiver, amount)).is_ok(),
        Step::TransferFrom(by, from, to, amount) => {
            scene.transfer_from(by, from_to(from, to, amount)).is_ok()
        }
        Step::Approve(by, to, amount, end) => {
            let wish = crate::request::ApproveArgs {
                expires_at: end.map(|end| scene.now + end),
                ..approval(to, amount)
            };
            scene.approve(by, wish).is_ok()
        }
        Step::Wait(time) => {
            scene.now += time;
            true
        }
    }
}

fn agree(scene: &Scene, model: &Model) -> Result<(), TestCaseError> {
    let mut sum = 0;
    for who in 0..4 {
        let expected = model.balances.get(&who).copied().unwrap_or_default();
        prop_assert_eq!(scene.balance(who) as i128, expected, "balance of {}", who);
        sum += expected;
        for spender in 0..4 {
            let expected = Nat::from(model.allowance(who, spender) as u128);
            prop_assert_eq!(scene.allowance(who, spender).0, expected);
        }
    }
    prop_assert_eq!(scene.supply() as i128, sum);
    Ok(())
}

/// Books made of the blocks alone.
fn replayed(scene: &Scene) -> Book<VectorMemory> {
    let mut book = Book::open(&Regions::of(VectorMemory::default()));
    for index in 0..scene.blocks() {
        let block = scene.ledger.chain().get(index).unwrap();
        if let Operation::Move(movement) = &block.operation {
            book.afford(movement, block.fee, block.at).unwrap();
        }
        book.apply(&block.operation, block.fee);
    }
    book
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_does_what_a_plain_model_does_and_its_blocks_tell_the_same(steps in steps()) {
        let mut scene = Scene::new();
        let mut model = Model {
            balances: BTreeMap::from([(1, 1_000), (2, 1_000)]),
            now: START,
            ..Model::default()
        };
        for step in &steps {
            let blocks = scene.blocks();
            let made = make(&mut scene, step);
            let expected = model.step(step);
            prop_assert_eq!(made, expected.is_some(), "{:?}", step);
            let block = made && !matches!(step, Step::Wait(_));
            prop_assert_eq!(scene.blocks(), blocks + u64::from(block));
            model = expected.unwrap_or(model);
            agree(&scene, &model)?;
        }
        let book = replayed(&scene);
        prop_assert_eq!(book.supply(), scene.ledger.book().supply());
        for who in 0..4 {
            let of: Account = account(who);
            prop_assert_eq!(book.balance(&of), scene.ledger.book().balance(&of));
        }
    }
}
