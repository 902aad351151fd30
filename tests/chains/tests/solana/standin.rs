//! The stand-in canister on a network, driven through the client: a canister pays for calls, the chain answers the outcalls.

use super::owner::{Owner, Signed};
use candid::utils::ArgumentEncoder;
use candid::{CandidType, Principal, decode_one, encode_args, encode_one};
use chainkey_chains::outcalls::{self, Answers};
use chainkey_chains::solana::interface::account::{
    AccountData, AccountEncoding, AccountInfo, TokenAmount,
};
use chainkey_chains::solana::interface::block::{ConfirmedBlock, PrioritizationFee};
use chainkey_chains::solana::interface::error::{
    HttpOutcallError, MultiRpcResult, ProviderError, RejectionCode, RpcError, RpcResult,
};
use chainkey_chains::solana::interface::install::{
    Fault, InstallArgs, Mode, Order, OverrideProvider, RegexSubstitution,
};
use chainkey_chains::solana::interface::params::{
    FirmCommitment, GetAccountInfoEncoding, GetAccountInfoParams, GetBalanceParams, GetBlockParams,
    GetSignatureStatusesParams, GetSignaturesForAddressParams, GetSlotParams,
    GetTokenAccountBalanceParams, GetTransactionParams, SendTransactionParams, TransactionDetails,
    TransactionEncoding,
};
use chainkey_chains::solana::interface::source::{
    ConsensusStrategy, GetRecentPrioritizationFeesRpcConfig, GetSlotRpcConfig, RpcConfig,
    RpcEndpoint, RpcSource, RpcSources, SolanaCluster,
};
use chainkey_chains::solana::interface::transaction::{
    ConfirmationStatus, ConfirmedTransactionStatusWithSignature,
    EncodedConfirmedTransactionWithStatusMeta, EncodedTransaction, TransactionStatus,
};
use chainkey_chains::solana::{SOL, Solana};
use chainkey_tests::modules::{FORWARDER, forward, wasm};
use chainkey_tests::world::{World, canister_wasm};
use pocket_ic::common::rest::{CanisterHttpReply, CanisterHttpRequest};
use pocket_ic::{PocketIc, query_candid, update_candid, update_candid_as};
use serde::de::DeserializeOwned;
use std::time::{Duration, Instant};

const CYCLES: u64 = 1_000_000_000_000;
const NO_CONFIG: Option<RpcConfig> = None;

struct Scene {
    world: World,
    chain: Solana,
    caller: Principal,
    standin: Principal,
}

impl Scene {
    fn new() -> Self {
        Self::with(|_| InstallArgs::default())
    }

    fn with(args: impl FnOnce(&Solana) -> InstallArgs) -> Self {
        let world = World::new().expect("a world");
        let chain = Solana::new().expect("a chain");
        let (caller, standin) = install(world.network(), &args(&chain));
        Self {
            world,
            chain,
            caller,
            standin,
        }
    }

    fn network(&self) -> &PocketIc {
        self.world.network()
    }

    /// A call of the forwarder, which attaches the cycles; something may be done to the chain's answers.
    fn call_through<T: CandidType + DeserializeOwned>(
        &self,
        method: &str,
        arguments: impl ArgumentEncoder,
        cycles: u64,
        change: impl FnMut(CanisterHttpReply) -> CanisterHttpReply,
    ) -> Result<MultiRpcResult<T>, String> {
        let arguments = encode_args(arguments).expect("encodes");
        let call = forward(self.standin.as_slice(), cycles, method, &arguments);
        let network = self.world.network();
        let call = network.submit_call(self.caller, Principal::anonymous(), "forward", call);
        let call = call.expect("the call is taken");
        let reply = outcalls::await_call(network, &mut Through(&self.chain, change), &call);
        let reply = reply.map_err(|reject| reject.reject_message)?;
        Ok(decode_one(&reply).expect("decodes"))
    }

    fn call_with<T: CandidType + DeserializeOwned>(
        &self,
        method: &str,
        arguments: impl ArgumentEncoder,
        cycles: u64,
    ) -> Result<MultiRpcResult<T>, String> {
        self.call_through(method, arguments, cycles, |reply| reply)
    }

    fn call<T: CandidType + DeserializeOwned>(
        &self,
        method: &str,
        arguments: impl ArgumentEncoder,
    ) -> MultiRpcResult<T> {
        let answer = self.call_with(method, arguments, CYCLES);
        answer.unwrap_or_else(|reject| panic!("{method}: {reject}"))
    }

    /// What all providers say.
    fn tell<T: CandidType + DeserializeOwned>(
        &self,
        method: &str,
        arguments: impl ArgumentEncoder,
    ) -> T {
        match self.call(method, arguments) {
            MultiRpcResult::Consistent(Ok(told)) => told,
            MultiRpcResult::Consistent(Err(error)) => panic!("{method}: {error:?}"),
            MultiRpcResult::Inconsistent(_) => panic!("{method}: inconsistent"),
        }
    }

    fn cost(&self, method: &str, arguments: impl ArgumentEncoder) -> RpcResult<u128> {
        let cost = query_candid(self.network(), self.standin, method, arguments);
        let (cost,): (RpcResult<u128>,) = cost.expect("an answer");
        cost
    }

    /// So many providers, all of them this chain.
    fn sources(&self, count: u8) -> RpcSources {
        let source = |number: u8| {
            RpcSource::Custom(RpcEndpoint {
                url: format!("{}/?provider={number}", self.chain.url()),
                headers: None,
            })
        };
        RpcSources::Custom((0..count).map(source).collect())
    }

    fn order(&self, fault: Fault) {
        let order = Some(Order {
            count: 1,
            method: None,
            fault,
        });
        let ordered: Result<(), _> =
            update_candid(self.network(), self.standin, "order_faults", (order,));
        ordered.expect("ordered");
    }

    fn send(&self, transaction: &Signed) -> MultiRpcResult<String> {
        let params = sending(transaction);
        self.call("sendTransaction", (self.sources(3), NO_CONFIG, params))
    }
}

/// The chain, with something done to its answers.
struct Through<'a, F>(&'a Solana, F);

impl<F: FnMut(CanisterHttpReply) -> CanisterHttpReply> Answers for Through<'_, F> {
    fn answer(&mut self, request: &CanisterHttpRequest) -> Option<Vec<CanisterHttpReply>> {
        let replies = self.0.answer(request)?;
        Some(replies.into_iter().map(&mut self.1).collect())
    }
}

/// The forwarder, and a stand-in.
fn install(network: &PocketIc, args: &InstallArgs) -> (Principal, Principal) {
    let (caller, standin) = (network.create_canister(), network.create_canister());
    for canister in [caller, standin] {
        network.add_cycles(canister, 1_000_000_000_000_000);
    }
    network.install_canister(caller, wasm(FORWARDER), vec![], None);
    let module = canister_wasm("sol_rpc_standin").expect("built");
    network.install_canister(standin, module, encode_one(args).expect("encodes"), None);
    (caller, standin)
}

/// The chain's URL for every other.
fn overriding(chain: &Solana) -> InstallArgs {
    InstallArgs {
        overrideProvider: Some(OverrideProvider {
            overrideUrl: Some(RegexSubstitution {
                pattern: ".*".to_owned(),
                replacement: chain.url().to_owned(),
            }),
        }),
        ..InstallArgs::default()
    }
}

fn balance_of(address: &str) -> GetBalanceParams {
    GetBalanceParams {
        pubkey: address.to_owned(),
        commitment: None,
        minContextSlot: None,
    }
}

fn sending(transaction: &Signed) -> SendTransactionParams {
    SendTransactionParams {
        transaction: transaction.base64.clone(),
        encoding: Some(TransactionEncoding::base64),
        skipPreflight: None,
        preflightCommitment: None,
        maxRetries: None,
        minContextSlot: None,
    }
}

fn block_at(slot: u64) -> GetBlockParams {
    GetBlockParams {
        slot,
        transactionDetails: None,
        commitment: Some(FirmCommitment::finalized),
        maxSupportedTransactionVersion: None,
        rewards: Some(false),
    }
}

fn timeout() -> RpcError {
    RpcError::HttpOutcallError(HttpOutcallError::IcError {
        code: RejectionCode::SysTransient,
        message: "Canister http request timed out".to_owned(),
    })
}

fn has_ten_sol(scene: &Scene) -> Owner {
    let owner = Owner::new(1);
    scene
        .chain
        .airdrop(&owner.address(), 10 * SOL)
        .expect("a gift");
    scene.chain.finalize().expect("final");
    owner
}

#[test]
fn a_canister_sends_a_transaction_and_sees_it_become_final() {
    let scene = Scene::new();
    let (owner, to) = (has_ten_sol(&scene), Owner::new(2).address());
    let payment = owner.transfer(&scene.chain, &to, SOL);
    let sent = MultiRpcResult::Consistent(Ok(payment.signature.clone()));
    // Three providers, and again: it is one transaction.
    assert_eq!(scene.send(&payment), sent);
    assert_eq!(scene.send(&payment), sent);
    let asked = GetSignatureStatusesParams {
        signatures: vec![payment.signature.clone()],
        searchTransactionHistory: None,
    };
    let status = |scene: &Scene| -> Option<ConfirmationStatus> {
        let arguments = (scene.sources(3), NO_CONFIG, asked.clone());
        let told: Vec<Option<TransactionStatus>> = scene.tell("getSignatureStatuses", arguments);
        let status = told.into_iter().next().flatten().expect("known");
        assert_eq!((status.err, status.status), (None, Ok(())));
        status.confirmationStatus
    };
    assert_eq!(status(&scene), Some(ConfirmationStatus::processed));
    scene.chain.advance(1).expect("a slot");
    assert_eq!(status(&scene), Some(ConfirmationStatus::confirmed));
    let arguments = (scene.sources(1), NO_CONFIG, balance_of(&to));
    assert_eq!(scene.tell::<u64>("getBalance", arguments.clone()), 0);
    scene.chain.finalize().expect("final");
    assert_eq!(status(&scene), Some(ConfirmationStatus::finalized));
    assert_eq!(scene.tell::<u64>("getBalance", arguments), SOL);
}

#[test]
fn blocks_transactions_and_their_lists_are_told() {
    let scene = Scene::new();
    let (owner, to) = (has_ten_sol(&scene), Owner::new(2).address());
    let payment = owner.transfer(&scene.chain, &to, SOL);
    scene.send(&payment);
    scene.chain.finalize().expect("final");
    let asked = GetTransactionParams {
        signature: payment.signature.clone(),
        commitment: None,
        maxSupportedTransactionVersion: Some(0),
        encoding: Some(TransactionEncoding::base64),
    };
    let arguments = (scene.sources(3), NO_CONFIG, asked);
    let told: Option<EncodedConfirmedTransactionWithStatusMeta> =
        scene.tell("getTransaction", arguments);
    let told = told.expect("known");
    let meta = told.transaction.meta.expect("a status");
    assert_eq!((meta.fee, meta.status), (5_000, Ok(())));
    assert!(
        matches!(&told.transaction.transaction, EncodedTransaction::binary(text, _) if *text == payment.base64)
    );
    let asked = GetBlockParams {
        transactionDetails: Some(TransactionDetails::signatures),
        ..block_at(told.slot)
    };
    let arguments = (scene.sources(3), NO_CONFIG, asked);
    let block: Option<ConfirmedBlock> = scene.tell("getBlock", arguments);
    let block = block.expect("a block");
    assert_eq!(block.signatures, Some(vec![payment.signature.clone()]));
    let asked = GetSignaturesForAddressParams {
        pubkey: to,
        commitment: None,
        minContextSlot: None,
        limit: Some(10),
        before: None,
        until: None,
    };
    let arguments = (scene.sources(3), NO_CONFIG, asked);
    let list: Vec<ConfirmedTransactionStatusWithSignature> =
        scene.tell("getSignaturesForAddress", arguments);
    assert_eq!((list.len(), &list[0].signature), (1, &payment.signature));
}

#[test]
fn slots_and_fees_are_rounded_and_a_slot_without_a_block_is_an_error() {
    let scene = Scene::new();
    scene.chain.advance(10).expect("slots");
    let newest = 64 + 1 + 10 - 32;
    let rounded = |rounding: Option<u64>| {
        rounding.map(|error| GetSlotRpcConfig {
            roundingError: Some(error),
            ..Default::default()
        })
    };
    for (rounding, expected) in [
        (None, newest / 20 * 20),
        (Some(10), newest / 10 * 10),
        (Some(0), newest),
    ] {
        let arguments = (scene.sources(3), rounded(rounding), None::<GetSlotParams>);
        assert_eq!(scene.tell::<u64>("getSlot", arguments), expected);
    }
    let config = GetRecentPrioritizationFeesRpcConfig {
        maxLength: Some(5),
        ..Default::default()
    };
    let arguments = (scene.sources(3), Some(config), None::<Vec<String>>);
    let fees: Vec<PrioritizationFee> = scene.tell("getRecentPrioritizationFees", arguments);
    let slots: Vec<u64> = fees.iter().map(|fee| fee.slot).collect();
    assert_eq!(slots, [56, 57, 58, 59, 60]);
    scene.chain.skip().expect("a slot without a block");
    scene.chain.finalize().expect("final");
    let arguments = (scene.sources(3), NO_CONFIG, block_at(75));
    let told: MultiRpcResult<Option<ConfirmedBlock>> = scene.call("getBlock", arguments);
    let MultiRpcResult::Consistent(Err(RpcError::JsonRpcError(error))) = told else {
        panic!("{told:?}");
    };
    assert_eq!(error.code, -32_007);
}

#[test]
fn accounts_of_tokens_are_told() {
    let scene = Scene::new();
    let owner = has_ten_sol(&scene);
    let mint = scene.chain.create_mint(1, 6).expect("a mint");
    let account = scene.chain.mint(&mint, &owner.address(), 1_500_000);
    let account = account.expect("minted");
    scene.chain.finalize().expect("final");
    let asked = GetTokenAccountBalanceParams {
        pubkey: account.clone(),
        commitment: None,
    };
    let arguments = (scene.sources(3), NO_CONFIG, asked);
    let held: TokenAmount = scene.tell("getTokenAccountBalance", arguments);
    assert_eq!(
        (held.amount.as_str(), held.uiAmount),
        ("1500000", Some(1.5))
    );
    let asked = |address: &str| GetAccountInfoParams {
        pubkey: address.to_owned(),
        commitment: None,
        encoding: Some(GetAccountInfoEncoding::base64),
        dataSlice: None,
        minContextSlot: None,
    };
    let arguments = (scene.sources(3), NO_CONFIG, asked(&account));
    let info: Option<AccountInfo> = scene.tell("getAccountInfo", arguments);
    let info = info.expect("an account");
    assert_eq!(info.owner, "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
    assert!(matches!(
        info.data,
        AccountData::binary(_, AccountEncoding::base64)
    ));
    let arguments = (scene.sources(3), NO_CONFIG, asked(&Owner::new(9).address()));
    assert_eq!(
        scene.tell::<Option<AccountInfo>>("getAccountInfo", arguments),
        None
    );
    let request =
        r#"{"jsonrpc":"2.0","id":9,"method":"getMinimumBalanceForRentExemption","params":[165]}"#;
    let arguments = (scene.sources(3), NO_CONFIG, request.to_owned());
    assert_eq!(scene.tell::<String>("jsonRequest", arguments), "2039280");
}

#[test]
fn what_a_node_refuses_comes_with_its_code() {
    let scene = Scene::new();
    let owner = has_ten_sol(&scene);
    let greedy = owner.transfer(&scene.chain, &Owner::new(2).address(), 20 * SOL);
    let told = scene.send(&greedy);
    let MultiRpcResult::Consistent(Err(RpcError::JsonRpcError(error))) = told else {
        panic!("{told:?}");
    };
    assert_eq!(error.code, -32_002);
    assert!(
        error.message.starts_with("Transaction simulation failed: "),
        "{}",
        error.message
    );
}

#[test]
fn sources_and_strategies_that_make_no_sense_are_refused_with_the_canisters_texts() {
    let scene = Scene::new();
    let config = |total, min| {
        Some(RpcConfig {
            responseConsensus: Some(ConsensusStrategy::Threshold { total, min }),
            ..RpcConfig::default()
        })
    };
    let address = Owner::new(2).address();
    let error = |sources, config: Option<RpcConfig>| {
        let told = scene.call::<u64>("getBalance", (sources, config, balance_of(&address)));
        match told {
            MultiRpcResult::Consistent(Err(RpcError::ProviderError(error))) => error,
            other => panic!("{other:?}"),
        }
    };
    let invalid = |text: &str| ProviderError::InvalidRpcConfig(text.to_owned());
    let none = error(RpcSources::Custom(Vec::new()), None);
    assert_eq!(none, invalid("No matching providers found"));
    let testnet = error(RpcSources::Default(SolanaCluster::Testnet), None);
    assert_eq!(
        testnet,
        ProviderError::UnsupportedCluster("Testnet".to_owned())
    );
    let mainnet = || RpcSources::Default(SolanaCluster::Mainnet);
    let least = error(mainnet(), config(Some(3), 0));
    assert_eq!(least, invalid("min must be greater than 0"));
    let unsaid = error(mainnet(), config(None, 2));
    assert_eq!(
        unsaid,
        invalid("total must be specified when using default providers")
    );
    let many = error(mainnet(), config(Some(7), 2));
    assert_eq!(
        many,
        invalid("total 7 is greater than the number of all supported providers 6")
    );
    let text =
        RpcError::ValidationError("Invalid JSON RPC request: no method of JSON-RPC 2.0".to_owned());
    let arguments = (scene.sources(1), NO_CONFIG, "{}".to_owned());
    let told = scene.call::<String>("jsonRequest", arguments);
    assert_eq!(told, MultiRpcResult::Consistent(Err(text)));
}

#[test]
fn clusters_are_asked_at_the_url_of_the_installation() {
    let scene = Scene::with(overriding);
    let owner = has_ten_sol(&scene);
    for cluster in [SolanaCluster::Mainnet, SolanaCluster::Devnet] {
        let arguments = (
            RpcSources::Default(cluster),
            NO_CONFIG,
            balance_of(&owner.address()),
        );
        assert_eq!(scene.tell::<u64>("getBalance", arguments), 10 * SOL);
    }
    let network = scene.network();
    let module = canister_wasm("sol_rpc_standin").expect("built");
    let nothing = encode_one(None::<InstallArgs>).expect("encodes");
    let upgraded = network.upgrade_canister(scene.standin, module, nothing, None);
    upgraded.expect("upgrades");
    let arguments = (
        RpcSources::Default(SolanaCluster::Mainnet),
        NO_CONFIG,
        balance_of(&owner.address()),
    );
    assert_eq!(scene.tell::<u64>("getBalance", arguments), 10 * SOL, "kept");
}

#[test]
fn a_call_costs_what_its_query_says_and_the_rest_comes_back() {
    let scene = Scene::new();
    let owner = has_ten_sol(&scene);
    let arguments = |scene: &Scene| (scene.sources(3), NO_CONFIG, balance_of(&owner.address()));
    let cost = scene
        .cost("getBalanceCyclesCost", arguments(&scene))
        .expect("a cost");
    let before = scene.network().cycle_balance(scene.caller);
    scene.tell::<u64>("getBalance", arguments(&scene));
    let paid = before - scene.network().cycle_balance(scene.caller);
    // Beside the price, the caller pays for its own messages.
    assert!(
        (cost..cost + 50_000_000).contains(&paid),
        "{paid}, not {cost}"
    );
    // On its subnet of 34 nodes that canister takes 1 731 769 600 for this; here the outcall is cheaper, the collateral the same.
    assert!((1_020_000_000..1_731_769_600).contains(&cost), "{cost}");

    let exact = u64::try_from(cost).expect("fits");
    let told = scene.call_with::<u64>("getBalance", arguments(&scene), exact - 1);
    let Ok(MultiRpcResult::Inconsistent(told)) = told else {
        panic!("{told:?}");
    };
    let poor = told.iter().filter(|(_, result)| {
        matches!(result, Err(RpcError::ProviderError(ProviderError::TooFewCycles { expected, received })) if received + 1 == *expected)
    });
    assert_eq!((told.len(), poor.count()), (3, 1));
    let refused = scene.call_with::<u64>("getBalance", arguments(&scene), 1_000);
    assert!(refused.expect_err("too few").contains("Not enough cycles"));
}

#[test]
fn nothing_is_paid_in_demo_mode() {
    let scene = Scene::with(|_| InstallArgs {
        mode: Some(Mode::Demo),
        ..InstallArgs::default()
    });
    let arguments = (
        scene.sources(3),
        NO_CONFIG,
        balance_of(&Owner::new(1).address()),
    );
    assert_eq!(scene.cost("getBalanceCyclesCost", arguments.clone()), Ok(0));
    let before = scene.network().cycle_balance(scene.caller);
    scene.tell::<u64>("getBalance", arguments);
    let paid = before - scene.network().cycle_balance(scene.caller);
    assert!(paid < 50_000_000, "{paid}");
}

#[test]
fn providers_that_differ_are_all_told_unless_enough_agree() {
    let scene = Scene::new();
    let owner = has_ten_sol(&scene);
    let config = |strategy| {
        Some(RpcConfig {
            responseSizeEstimate: None,
            responseConsensus: strategy,
        })
    };
    let ask = |strategy: Option<ConsensusStrategy>| {
        let mut count = 0;
        let one_is_busy = |reply: CanisterHttpReply| {
            count += 1;
            match count {
                2 => outcalls::reply(503, b"busy".to_vec()),
                _ => reply,
            }
        };
        let arguments = (
            scene.sources(3),
            config(strategy),
            balance_of(&owner.address()),
        );
        let told = scene.call_through::<u64>("getBalance", arguments, CYCLES, one_is_busy);
        told.expect("an answer")
    };
    let MultiRpcResult::Inconsistent(told) = ask(None) else {
        panic!("consistent");
    };
    let busy = RpcError::HttpOutcallError(HttpOutcallError::InvalidHttpJsonRpcResponse {
        status: 503,
        body: "busy".to_owned(),
        parsingError: None,
    });
    let results: Vec<RpcResult<u64>> = told.into_iter().map(|(_, result)| result).collect();
    assert_eq!(results, [Ok(10 * SOL), Ok(10 * SOL), Err(busy)]);
    let two = ConsensusStrategy::Threshold {
        total: Some(3),
        min: 2,
    };
    assert_eq!(ask(Some(two)), MultiRpcResult::Consistent(Ok(10 * SOL)));
}

#[test]
fn faults_come_on_order_of_a_controller_alone() {
    let scene = Scene::new();
    let (owner, to) = (has_ten_sol(&scene), Owner::new(2).address());
    let payment = owner.transfer(&scene.chain, &to, SOL);
    let lost = MultiRpcResult::Consistent(Err(timeout()));
    scene.order(Fault::not_asked);
    assert_eq!(scene.send(&payment), lost);
    assert_eq!(scene.chain.balance(&to).expect("a balance"), 0, "not sent");
    scene.order(Fault::no_answer);
    assert_eq!(scene.send(&payment), lost);
    assert_eq!(scene.chain.balance(&to).expect("a balance"), SOL, "sent");
    scene.order(Fault::inconsistent);
    let MultiRpcResult::Inconsistent(told) = scene.send(&payment) else {
        panic!("consistent");
    };
    assert_eq!(told.iter().filter(|(_, result)| result.is_ok()).count(), 2);
    scene.order(Fault::trap);
    let arguments = (scene.sources(1), NO_CONFIG, sending(&payment));
    let refused = scene.call_with::<String>("sendTransaction", arguments, CYCLES);
    assert!(refused.expect_err("traps").contains("a fault on order"));
    let order = None::<Order>;
    let stranger = Principal::self_authenticating(b"a stranger");
    let ordered: Result<(), _> = update_candid_as(
        scene.network(),
        scene.standin,
        stranger,
        "order_faults",
        (order,),
    );
    assert!(ordered.is_err());
}

#[test]
fn the_stand_in_asks_the_program_on_a_live_network() {
    let chain = Solana::with_slots_of(20).expect("a chain");
    let owner = Owner::new(1).address();
    chain.airdrop(&owner, 10 * SOL).expect("a gift");
    let world = World::new().expect("a world");
    let network = world.network();
    let (caller, standin) = install(network, &overriding(&chain));
    network.auto_progress();
    let start = Instant::now();
    let balance = loop {
        let arguments = (
            RpcSources::Default(SolanaCluster::Mainnet),
            NO_CONFIG,
            balance_of(&owner),
        );
        let arguments = encode_args(arguments).expect("encodes");
        let call = forward(standin.as_slice(), CYCLES, "getBalance", &arguments);
        let call = network.submit_call(caller, Principal::anonymous(), "forward", call);
        let call = call.expect("the call is taken");
        let reply = loop {
            if let Some(reply) = network.ingress_status(call.clone()) {
                break reply.expect("a reply");
            }
            assert!(start.elapsed() < Duration::from_secs(120), "no answer");
            std::thread::sleep(Duration::from_millis(20));
        };
        match decode_one(&reply).expect("decodes") {
            MultiRpcResult::Consistent(Ok(0)) => {}
            MultiRpcResult::Consistent(Ok(balance)) => break balance,
            // Slots pass while three are asked.
            MultiRpcResult::Inconsistent(_) => {}
            other => panic!("{other:?}"),
        }
        assert!(start.elapsed() < Duration::from_secs(120), "never final");
    };
    network.stop_progress();
    assert_eq!(balance, 10 * SOL);
}
