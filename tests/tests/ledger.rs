//! The ledger of the tests, as a network runs it.
//!
//! - In: the module built by `make wasm`, and the server that [`chainkey_tests::world`] finds.
//! - The rules of ICRC-1 and ICRC-2 are checked by the test suite that the standards' authors publish (icrc1-test-suite); certificates
//!   by the official libraries against the root key.
//! - Only the client's public interface is used, so these tests hold on any server that speaks it.

use async_trait::async_trait;
use candid::utils::{ArgumentDecoder, ArgumentEncoder};
use candid::{Nat, Principal, decode_args, encode_args, encode_one};
use chainkey_tests::token::{Token, minter, token_args, transfer_to};
use chainkey_tests::world::{World, WorldError, canister_wasm};
use ic_cbor::{CertificateToCbor, HashTreeToCbor};
use ic_certificate_verification::VerifyCertificate;
use ic_certification::{Certificate, HashTree, LookupResult};
use ic_management_canister_types::CanisterInstallMode;
use icrc1_test_env::LedgerEnv;
use icrc1_test_suite::{TestResult, execute_tests, test_suite};
use ledger::account::Account;
use ledger::chain::DataCertificate;
use ledger::config::InitArgs;
use ledger::error::TransferError;
use ledger::fault::{Fault, FaultRefused};
use ledger::request::{ApproveArgs, TransferArgs, TransferFromArgs};
use ledger::value::{Value, leb128};
use pocket_ic::query_candid;
use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

/// How old a certificate may be: five minutes.
const FRESH: u128 = 300_000_000_000;

fn person(name: &str) -> Principal {
    Principal::self_authenticating(name)
}

/// The error type that the suite's trait asks for, by way of its alias for results.
trait Fails {
    type Error;
}

impl<T, E> Fails for Result<T, E> {
    type Error = E;
}

type SuiteError = <TestResult as Fails>::Error;

/// The suite's way to the ledger: one caller.
#[derive(Clone)]
struct Caller {
    world: Rc<World>,
    canister: Principal,
    principal: Principal,
    callers: Rc<Cell<u32>>,
}

#[async_trait(?Send)]
impl LedgerEnv for Caller {
    fn fork(&self) -> Self {
        self.callers.set(self.callers.get() + 1);
        Self {
            principal: person(&format!("caller {}", self.callers.get())),
            ..self.clone()
        }
    }

    fn principal(&self) -> Principal {
        self.principal
    }

    async fn time(&self) -> SystemTime {
        let now = self.world.network().get_time().as_nanos_since_unix_epoch();
        SystemTime::UNIX_EPOCH + Duration::from_nanos(now)
    }

    async fn query<Input, Output>(&self, method: &str, input: Input) -> Result<Output, SuiteError>
    where
        Input: ArgumentEncoder + std::fmt::Debug,
        Output: for<'a> ArgumentDecoder<'a>,
    {
        let network = self.world.network();
        let args = encode_args(input)?;
        let answer = network.query_call(self.canister, self.principal, method, args);
        Ok(decode_args(&answer.map_err(WorldError::from)?)?)
    }

    async fn update<Input, Output>(&self, method: &str, input: Input) -> Result<Output, SuiteError>
    where
        Input: ArgumentEncoder + std::fmt::Debug,
        Output: for<'a> ArgumentDecoder<'a>,
    {
        let network = self.world.network();
        let args = encode_args(input)?;
        let answer = network.update_call(self.canister, self.principal, method, args);
        Ok(decode_args(&answer.map_err(WorldError::from)?)?)
    }
}

/// Polls a future until it ends. Every call above blocks, so that nothing ever waits to be woken.
fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(answer) = future.as_mut().poll(&mut context) {
            return answer;
        }
    }
}

#[test]
fn the_published_test_suite_of_icrc_1_and_icrc_2_passes() {
    let world = Rc::new(World::new().unwrap());
    let principal = person("the suite");
    let args = token_args(&[(principal.into(), 1_000_000_000)]);
    let canister = Token::install(&world, &args).unwrap().canister();
    let caller = Caller {
        world: world.clone(),
        canister,
        principal,
        callers: Rc::default(),
    };
    let tests = run(test_suite(caller));
    assert_eq!(tests.len(), 16);
    assert!(run(execute_tests(tests)), "see the output above");
}

/// What the ledger certifies, verified: index and hash of the last block.
fn certified_tip(world: &World, token: &Token) -> (Vec<u8>, Vec<u8>) {
    let network = world.network();
    let (tip,): (Option<DataCertificate>,) =
        query_candid(network, token.canister(), "icrc3_get_tip_certificate", ()).unwrap();
    let tip = tip.unwrap();
    let certificate = <Certificate as CertificateToCbor>::from_cbor(&tip.certificate).unwrap();
    let now = u128::from(network.get_time().as_nanos_since_unix_epoch());
    let root_key = network.root_key().unwrap();
    let canister = token.canister();
    certificate
        .verify(canister.as_slice(), &root_key, &now, &FRESH)
        .unwrap();
    let tree = <HashTree as HashTreeToCbor>::from_cbor(&tip.hash_tree).unwrap();
    let path: [&[u8]; 3] = [b"canister", canister.as_slice(), b"certified_data"];
    assert_eq!(
        certificate.tree.lookup_path(&path),
        LookupResult::Found(&tree.digest()[..])
    );
    let leaf = |label: &str| match tree.lookup_path([label]) {
        LookupResult::Found(value) => value.to_vec(),
        other => panic!("{label}: {other:?}"),
    };
    (leaf("last_block_index"), leaf("last_block_hash"))
}

fn parent(block: &Value) -> Option<Vec<u8>> {
    let Value::Map(entries) = block else {
        panic!("{block:?} is no map");
    };
    entries.iter().find_map(|(name, value)| match value {
        Value::Blob(hash) if name == "phash" => Some(hash.to_vec()),
        _ => None,
    })
}

#[test]
fn the_certified_tip_proves_every_block_also_after_an_upgrade() {
    let world = World::with_root_key().unwrap();
    let (alice, bob) = (person("alice"), person("bob"));
    let token = Token::install(&world, &token_args(&[(alice.into(), 1_000_000)])).unwrap();
    token
        .transfer(alice, transfer_to(bob, 100_000))
        .unwrap()
        .unwrap();
    let approval = ApproveArgs {
        from_subaccount: None,
        spender: bob.into(),
        amount: 200_000_u64.into(),
        expected_allowance: None,
        expires_at: None,
        fee: None,
        memo: None,
        created_at_time: None,
    };
    token.approve(alice, approval).unwrap().unwrap();
    let spending = TransferFromArgs {
        spender_subaccount: None,
        from: alice.into(),
        to: minter().into(),
        amount: 50_000_u64.into(),
        fee: None,
        memo: None,
        created_at_time: None,
    };
    token.transfer_from(bob, spending).unwrap().unwrap();
    let tip = certified_tip(&world, &token);
    let page = token.blocks(0, 100).unwrap();
    assert_eq!(page.log_length, 4_u8);
    assert_eq!(tip.0, leb128(&3_u8.into()));
    let mut expected = Some(tip.1.clone());
    for numbered in page.blocks.iter().rev() {
        assert_eq!(Some(numbered.block.hash().to_vec()), expected);
        expected = parent(&numbered.block);
    }
    assert_eq!(expected, None);
    world.upgrade(token.canister(), "ledger").unwrap();
    assert_eq!(certified_tip(&world, &token), tip);
    assert_eq!(token.balance(alice).unwrap(), 830_000_u64);
    assert_eq!(token.allowance(alice, bob).unwrap().allowance, 150_000_u64);
}

/// A transfer that tells its time, as one does that will ask again.
fn timed(world: &World, to: Principal) -> TransferArgs {
    TransferArgs {
        created_at_time: Some(world.network().get_time().as_nanos_since_unix_epoch()),
        ..transfer_to(to, 1_000)
    }
}

#[test]
fn a_fault_on_order_is_seen_by_the_caller_and_ends_with_the_order() {
    let world = World::new().unwrap();
    let (alice, bob) = (person("alice"), person("bob"));
    let token = Token::install(&world, &token_args(&[(alice.into(), 1_000_000)])).unwrap();
    let order = |count, fault| {
        let by = Principal::anonymous();
        token
            .fail_next_transfers(by, count, fault)
            .unwrap()
            .unwrap();
    };
    let wish = timed(&world, bob);

    order(2, Fault::TemporarilyUnavailable);
    for _ in 0..2 {
        let answer = token.transfer(alice, wish.clone()).unwrap();
        assert_eq!(answer, Err(TransferError::TemporarilyUnavailable));
    }
    order(1, Fault::TrapBefore);
    let rejection = token.transfer(alice, wish.clone()).unwrap_err();
    assert!(
        rejection.to_string().contains("was not made"),
        "{rejection}"
    );
    assert_eq!(token.balance(bob).unwrap(), 0_u8);

    order(1, Fault::TrapAfter);
    let rejection = token.transfer(alice, wish.clone()).unwrap_err();
    assert!(rejection.to_string().contains("was made"), "{rejection}");
    assert_eq!(token.balance(bob).unwrap(), 1_000_u64);
    let duplicate_of = Nat::from(1_u8);
    let answer = token.transfer(alice, wish).unwrap();
    assert_eq!(answer, Err(TransferError::Duplicate { duplicate_of }));
    token.transfer(alice, transfer_to(bob, 1)).unwrap().unwrap();
}

#[test]
fn faults_are_ordered_by_controllers_only_and_only_where_the_installer_allowed_it() {
    let world = World::new().unwrap();
    let controller = Principal::anonymous();
    let token = Token::install(&world, &token_args(&[])).unwrap();
    let answer = token.fail_next_transfers(person("alice"), 1, Fault::TrapAfter);
    assert_eq!(answer.unwrap(), Err(FaultRefused::NotController));
    let args = InitArgs {
        fault_controls: false,
        ..token_args(&[])
    };
    let token = Token::install(&world, &args).unwrap();
    let answer = token.fail_next_transfers(controller, 1, Fault::TrapAfter);
    assert_eq!(answer.unwrap(), Err(FaultRefused::Disabled));
}

#[test]
fn an_installation_that_is_refused_leaves_the_canister_empty() {
    let world = World::new().unwrap();
    let args = token_args(&[(minter().into(), 1)]);
    let canister = world.network().create_canister();
    let arg = encode_one(&args).unwrap();
    let module = canister_wasm("ledger").unwrap();
    let mode = CanisterInstallMode::Install;
    let refusal = world.install_code(canister, mode, module, arg).unwrap_err();
    let text = refusal.to_string();
    assert!(
        text.contains("the minting account has no balance"),
        "{text}"
    );
    let status = world.network().canister_status(canister, None).unwrap();
    assert_eq!(status.module_hash, None);
}

#[test]
fn a_subaccount_that_is_no_subaccount_is_refused_and_not_dropped() {
    let world = World::new().unwrap();
    let alice = person("alice");
    let token = Token::install(&world, &token_args(&[(alice.into(), 1_000_000)])).unwrap();
    #[derive(candid::CandidType)]
    struct Loose {
        owner: Principal,
        subaccount: Option<Vec<u8>>,
    }
    let ask = |length| {
        let account = Loose {
            owner: alice,
            subaccount: Some(vec![0; length]),
        };
        let args = encode_one(account).unwrap();
        let network = world.network();
        network.query_call(token.canister(), alice, "icrc1_balance_of", args)
    };
    assert_eq!(
        candid::decode_one::<Nat>(&ask(32).unwrap()).unwrap(),
        1_000_000_u64
    );
    ask(31).unwrap_err();
    let zeros = Account {
        owner: alice,
        subaccount: Some([0; 32]),
    };
    assert_eq!(token.balance(zeros).unwrap(), 1_000_000_u64);
}
