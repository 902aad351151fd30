//! The stand-in canister on a network, driven through the client: a canister pays for calls, the EVM answers the outcalls.

use super::{call, signed, two};
use candid::utils::ArgumentEncoder;
use candid::{CandidType, Deserialize, Nat, Principal, decode_one, encode_args, encode_one};
use chainkey_chains::ethereum::interface::{
    Block, BlockTag, CallArgs, ConsensusStrategy, EthMainnetService, Fault, FaultOrder, FeeHistory,
    FeeHistoryArgs, GetLogsArgs, GetLogsRpcConfig, GetTransactionCountArgs, HttpOutcallError,
    InitArgs, JsonRpcError, LogEntry, MultiRpcResult, NetworkUrl, Provider, ProviderError,
    RejectionCode, RpcApi, RpcConfig, RpcError, RpcResult, RpcService, RpcServices,
    SendRawTransactionStatus, TransactionReceipt, TransactionRequest, ValidationError,
};
use chainkey_chains::ethereum::{Address, Anvil, ETHER, outcalls};
use chainkey_tests::modules::{FORWARDER, forward, wasm};
use chainkey_tests::world::{World, canister_wasm};
use pocket_ic::{PocketIc, query_candid, update_candid, update_candid_as};
use std::time::{Duration, Instant};

const CYCLES: u64 = 1_000_000_000_000;

struct Scene {
    world: World,
    evm: Anvil,
    from: Address,
    to: Address,
    caller: Principal,
    standin: Principal,
}

impl Scene {
    fn new() -> Self {
        let world = World::new().expect("a world");
        let evm = Anvil::new().expect("an EVM");
        let (from, to) = two(&evm);
        let networks = vec![NetworkUrl {
            chain_id: 1,
            url: outcalls::provider("mainnet", evm.chain_id()),
        }];
        let (caller, standin) = install(world.network(), networks);
        Self {
            world,
            evm,
            from,
            to,
            caller,
            standin,
        }
    }

    fn network(&self) -> &PocketIc {
        self.world.network()
    }

    /// A call of the forwarder, which attaches the cycles.
    fn call_with<T>(
        &mut self,
        method: &str,
        arguments: impl ArgumentEncoder,
        cycles: u64,
    ) -> Result<T, String>
    where
        T: CandidType + for<'a> Deserialize<'a>,
    {
        let arguments = encode_args(arguments).expect("encodes");
        let call = forward(self.standin.as_slice(), cycles, method, &arguments);
        let network = self.world.network();
        let call = network.submit_call(self.caller, Principal::anonymous(), "forward", call);
        let call = call.expect("the call is taken");
        let reply = outcalls::await_call(network, &mut self.evm, &call);
        let reply = reply.map_err(|reject| reject.reject_message)?;
        Ok(decode_one(&reply).expect("decodes"))
    }

    fn call<T>(&mut self, method: &str, arguments: impl ArgumentEncoder) -> T
    where
        T: CandidType + for<'a> Deserialize<'a>,
    {
        let answer = self.call_with(method, arguments, CYCLES);
        answer.unwrap_or_else(|reject| panic!("{method}: {reject}"))
    }

    fn ask<T>(&self, method: &str, arguments: impl ArgumentEncoder) -> T
    where
        T: CandidType + for<'a> Deserialize<'a>,
    {
        let answer = query_candid(self.network(), self.standin, method, arguments);
        let (answer,): (T,) = answer.expect("an answer");
        answer
    }

    /// Three providers, all of them this EVM.
    fn three(&self) -> RpcServices {
        RpcServices::Custom {
            chain_id: self.evm.chain_id(),
            services: ["a", "b", "c"].map(|name| self.api(name)).into(),
        }
    }

    fn api(&self, name: &str) -> RpcApi {
        RpcApi {
            url: outcalls::provider(name, self.evm.chain_id()),
            headers: None,
        }
    }

    fn service(&self, name: &str) -> RpcService {
        RpcService::Custom(self.api(name))
    }

    /// How many transactions the first account has sent.
    fn count(&mut self, config: Option<RpcConfig>) -> MultiRpcResult<Nat> {
        let args = (self.three(), config, self.latest_count());
        self.call("eth_getTransactionCount", args)
    }

    fn latest_count(&self) -> GetTransactionCountArgs {
        GetTransactionCountArgs {
            address: self.from.to_string(),
            block: BlockTag::Latest,
        }
    }

    fn send(&mut self, raw: &str) -> MultiRpcResult<SendRawTransactionStatus> {
        let args = (self.three(), None::<RpcConfig>, raw);
        self.call("eth_sendRawTransaction", args)
    }

    /// Somebody fails, in everything.
    fn break_provider(&self, name: &str, fault: Fault) {
        let service = Some(self.service(name));
        self.order(vec![FaultOrder {
            service,
            method: None,
            fault,
        }]);
    }

    fn order(&self, faults: Vec<FaultOrder>) {
        let ordered: Result<(), _> =
            update_candid(self.network(), self.standin, "set_faults", (faults,));
        ordered.expect("the creator, who is anonymous, is the controller");
    }
}

/// The forwarder, and a stand-in.
fn install(network: &PocketIc, networks: Vec<NetworkUrl>) -> (Principal, Principal) {
    let (caller, standin) = (network.create_canister(), network.create_canister());
    network.add_cycles(caller, 1_000_000_000_000_000);
    network.install_canister(caller, wasm(FORWARDER), vec![], None);
    let module = canister_wasm("evm_rpc_standin").expect("built");
    let args = InitArgs {
        networks,
        ..InitArgs::default()
    };
    network.install_canister(standin, module, encode_one(args).expect("encodes"), None);
    (caller, standin)
}

/// What everybody agrees on.
fn agreed<T>(result: MultiRpcResult<T>) -> RpcResult<T> {
    match result {
        MultiRpcResult::Consistent(result) => result,
        MultiRpcResult::Inconsistent(all) => panic!("{} different answers", all.len()),
    }
}

fn two_of_three() -> Option<RpcConfig> {
    Some(RpcConfig {
        response_consensus: Some(ConsensusStrategy::Threshold {
            total: Some(3),
            min: 2,
        }),
        ..RpcConfig::default()
    })
}

#[test]
fn a_transaction_goes_over_the_stand_in_and_its_receipt_comes_back() {
    let mut scene = Scene::new();
    assert_eq!(agreed(scene.count(None)), Ok(Nat::from(0_u8)));
    let raw = signed(&scene.evm, scene.from, scene.to, ETHER, 0);
    let sent = agreed(scene.send(&raw)).expect("is taken");
    let SendRawTransactionStatus::Ok(Some(hash)) = sent else {
        panic!("{sent:?}");
    };
    // Thirteen nodes asked three providers, and all of that is one transaction.
    let waiting = scene.evm.waiting().expect("answers");
    assert_eq!(waiting, std::slice::from_ref(&hash));
    let args = (scene.three(), None::<RpcConfig>, hash.clone());
    let receipt: MultiRpcResult<Option<TransactionReceipt>> =
        scene.call("eth_getTransactionReceipt", args.clone());
    assert_eq!(agreed(receipt), Ok(None), "it is in no block");
    scene.evm.mine(1).expect("mines");
    let receipt = scene.call("eth_getTransactionReceipt", args);
    let receipt: Option<TransactionReceipt> = agreed(receipt).expect("answers");
    let receipt = receipt.expect("it is in a block");
    assert_eq!(receipt.status, Some(Nat::from(1_u8)));
    assert_eq!(receipt.block_number, Nat::from(1_u8));
    assert_eq!(receipt.transaction_hash, hash);
    assert_eq!(receipt.gas_used, Nat::from(21_000_u32));
    assert_eq!(receipt.from, scene.from.to_string());
    assert_eq!(receipt.to, Some(scene.to.to_string()));
    assert_eq!(receipt.r#type, "0x02");
    assert_eq!(agreed(scene.count(None)), Ok(Nat::from(1_u8)));
    let again = agreed(scene.send(&raw));
    assert_eq!(again, Ok(SendRawTransactionStatus::NonceTooLow));
}

#[test]
fn a_refused_transaction_is_told_in_the_words_of_the_evm_rpc_canister() {
    let mut scene = Scene::new();
    let (from, to) = (scene.from, scene.to);
    let raw = signed(&scene.evm, from, to, 1, 0);
    for _ in 0..2 {
        let sent = agreed(scene.send(&raw));
        assert!(matches!(sent, Ok(SendRawTransactionStatus::Ok(_))));
    }
    let poor = signed(&scene.evm, from, to, 10_001 * ETHER, 1);
    let refused = agreed(scene.send(&poor));
    assert_eq!(refused, Ok(SendRawTransactionStatus::InsufficientFunds));
    let nonsense = agreed(scene.send("0x02ab"));
    let Err(RpcError::JsonRpcError(error)) = nonsense else {
        panic!("{nonsense:?}");
    };
    assert_eq!(error.code, -32_602);
    let args = (scene.three(), None::<RpcConfig>, "02ab");
    let no_hex: Result<MultiRpcResult<SendRawTransactionStatus>, _> =
        scene.call_with("eth_sendRawTransaction", args, CYCLES);
    let reject = no_hex.expect_err("traps");
    assert!(reject.contains("hexadecimal text with 0x"), "{reject}");
}

#[test]
fn blocks_fees_logs_and_calls_are_those_of_the_chain() {
    let mut scene = Scene::new();
    let (from, to) = (scene.from, scene.to);
    let supply = [1_000.into()];
    let token = scene.evm.deploy(from, "Token", &supply).expect("a token");
    let transfer = call("transfer(address,uint256)", &[to.into(), 300.into()]);
    let moved = scene.evm.carry_out(from, Some(token), 0, &transfer);
    let moved = moved.expect("moves");
    let none = None::<RpcConfig>;
    let block: MultiRpcResult<Block> = scene.call(
        "eth_getBlockByNumber",
        (scene.three(), none.clone(), BlockTag::Latest),
    );
    let block = agreed(block).expect("a block");
    assert_eq!(block.number, Nat::from(moved.block));
    assert_eq!(block.gas_used, Nat::from(moved.gas_used));
    assert_eq!(block.transactions.len(), 1);
    let fees = FeeHistoryArgs {
        block_count: Nat::from(2_u8),
        newest_block: BlockTag::Latest,
        reward_percentiles: Some(vec![50]),
    };
    let fees: MultiRpcResult<FeeHistory> =
        scene.call("eth_feeHistory", (scene.three(), none.clone(), fees));
    let fees = agreed(fees).expect("fees");
    assert_eq!(fees.base_fee_per_gas.len(), 3);
    assert_eq!(
        fees.base_fee_per_gas.get(1),
        block.base_fee_per_gas.as_ref()
    );
    assert_eq!((fees.reward.len(), fees.gas_used_ratio.len()), (2, 2));
    let logs = GetLogsArgs {
        from_block: Some(BlockTag::Number(Nat::from(moved.block))),
        to_block: None,
        addresses: vec![token.to_string()],
        topics: None,
    };
    let args = (scene.three(), None::<GetLogsRpcConfig>, logs);
    let logs: MultiRpcResult<Vec<LogEntry>> = scene.call("eth_getLogs", args);
    let logs = agreed(logs).expect("logs");
    assert_eq!((logs.len(), logs[0].topics.len()), (1, 3));
    assert!(logs[0].data.ends_with("012c"), "{}", logs[0].data);
    let balance = call("balanceOf(address)", &[to.into()]);
    let args = CallArgs {
        transaction: TransactionRequest {
            to: Some(token.to_string()),
            input: Some(format!("0x{}", hex::encode(balance))),
            ..TransactionRequest::default()
        },
        block: None,
    };
    let has: MultiRpcResult<String> = scene.call("eth_call", (scene.three(), none, args));
    assert_eq!(agreed(has), Ok(format!("0x{:0>64}", "12c")));
}

#[test]
fn a_call_that_a_contract_refuses_is_an_error_of_the_node() {
    let mut scene = Scene::new();
    let spender = scene.evm.deploy(scene.from, "Spender", &[]);
    let fail = call("fail(uint256)", &[1.into()]);
    let args = CallArgs {
        transaction: TransactionRequest {
            to: Some(spender.expect("a contract").to_string()),
            input: Some(format!("0x{}", hex::encode(fail))),
            ..TransactionRequest::default()
        },
        block: Some(BlockTag::Latest),
    };
    let args = (scene.three(), None::<RpcConfig>, args);
    let refused: MultiRpcResult<String> = scene.call("eth_call", args);
    let Err(RpcError::JsonRpcError(JsonRpcError { code, message })) = agreed(refused) else {
        panic!("no error of the node");
    };
    assert_eq!(code, 3);
    assert!(message.contains("reverted"), "{message}");
}

#[test]
fn requests_that_the_caller_writes_are_passed_on() {
    let mut scene = Scene::new();
    let json = r#"{"jsonrpc":"2.0","id":5,"method":"eth_chainId"}"#;
    let args = (scene.three(), None::<RpcConfig>, json);
    let id: MultiRpcResult<String> = scene.call("multi_request", args);
    assert_eq!(agreed(id), Ok("0x7a69".to_owned()));
    let args = (scene.service("a"), json, 1_000_u64);
    let id: RpcResult<String> = scene.call("request", args);
    assert_eq!(
        id,
        Ok(r#"{"id":5,"jsonrpc":"2.0","result":"0x7a69"}"#.to_owned())
    );
    let args = (scene.three(), None::<RpcConfig>, "what");
    let refused: MultiRpcResult<String> = scene.call("multi_request", args);
    let Err(RpcError::ValidationError(ValidationError::Custom(text))) = agreed(refused) else {
        panic!("no request");
    };
    assert!(text.starts_with("Invalid JSON RPC request: "), "{text}");
}

#[test]
fn a_caller_pays_what_the_query_says_and_no_more() {
    let mut scene = Scene::new();
    let none = None::<RpcConfig>;
    let args = (scene.three(), none.clone(), scene.latest_count());
    let price: RpcResult<Nat> = scene.ask("eth_getTransactionCountCyclesCost", args.clone());
    let price = price.expect("a price");
    // 34 nodes, three outcalls: 10 M each for the canister's work alone.
    assert!(price > 3 * 34 * 10_000_000_u64, "{price}");
    let mine = scene.network().cycle_balance(scene.standin);
    agreed(scene.count(None)).expect("a count");
    let gain = scene.network().cycle_balance(scene.standin).abs_diff(mine);
    // What is left of the fee after the outcalls, less what the stand-in's own messages cost.
    assert!(gain < 3 * 34 * 10_000_000, "{gain}");
    let enough = u64::try_from(price.0.clone()).expect("fits");
    let exact: Result<MultiRpcResult<Nat>, _> =
        scene.call_with("eth_getTransactionCount", args.clone(), enough);
    assert_eq!(agreed(exact.expect("answers")), Ok(Nat::from(0_u8)));
    let few: Result<MultiRpcResult<Nat>, _> =
        scene.call_with("eth_getTransactionCount", args, enough - 1);
    let MultiRpcResult::Inconsistent(all) = few.expect("answers") else {
        panic!("all were paid");
    };
    let too_few: Vec<bool> = all
        .iter()
        .map(|(_, said)| {
            let error = said.as_ref().err();
            matches!(
                error,
                Some(RpcError::ProviderError(ProviderError::TooFewCycles { expected, received }))
                    if *received == expected.clone() - 1_u8
            )
        })
        .collect();
    assert_eq!(too_few, [false, false, true], "the last one is not paid");
    let args = (scene.three(), none, scene.latest_count());
    let nothing: Result<MultiRpcResult<Nat>, _> =
        scene.call_with("eth_getTransactionCount", args, 0);
    let nothing = agreed(nothing.expect("answers"));
    let error = ProviderError::TooFewCycles {
        expected: price / 3_u8,
        received: Nat::from(0_u8),
    };
    assert_eq!(nothing, Err(RpcError::ProviderError(error)));
}

#[test]
fn an_answer_that_is_longer_than_expected_is_asked_for_again() {
    let mut scene = Scene::new();
    let small = Some(RpcConfig {
        response_size_estimate: Some(100),
        ..RpcConfig::default()
    });
    let args = (scene.three(), small, BlockTag::Latest);
    let block: MultiRpcResult<Block> = scene.call("eth_getBlockByNumber", args);
    assert_eq!(agreed(block).expect("a block").number, Nat::from(0_u8));
    let json = r#"{"jsonrpc":"2.0","id":5,"method":"eth_accounts"}"#;
    let once: RpcResult<String> = scene.call("request", (scene.service("a"), json, 100_u64));
    let Err(RpcError::HttpOutcallError(HttpOutcallError::IcError { code, message })) = once else {
        panic!("{once:?}");
    };
    assert_eq!(code, RejectionCode::SysFatal);
    assert!(message.contains("size limit of 100 bytes"), "{message}");
}

#[test]
fn a_silent_provider_contradicts_unless_a_threshold_does_without_it() {
    let mut scene = Scene::new();
    scene.break_provider("b", Fault::Silent);
    let MultiRpcResult::Inconsistent(all) = scene.count(None) else {
        panic!("it was heard");
    };
    let names: Vec<RpcService> = all.iter().map(|(service, _)| service.clone()).collect();
    assert_eq!(names, ["a", "b", "c"].map(|name| scene.service(name)));
    let code = match &all[1].1 {
        Err(RpcError::HttpOutcallError(HttpOutcallError::IcError { code, .. })) => code,
        other => panic!("{other:?}"),
    };
    assert_eq!(*code, RejectionCode::SysTransient);
    let count = agreed(scene.count(two_of_three()));
    assert_eq!(count, Ok(Nat::from(0_u8)));
    scene.order(Vec::new());
    assert_eq!(agreed(scene.count(None)), Ok(Nat::from(0_u8)));
}

#[test]
fn a_provider_that_says_something_else_is_outvoted_and_three_opinions_are_none() {
    let mut scene = Scene::new();
    scene.break_provider("a", Fault::Result(r#""0x9""#.to_owned()));
    let inconsistent = scene.count(None);
    assert!(matches!(inconsistent, MultiRpcResult::Inconsistent(_)));
    let count = agreed(scene.count(two_of_three()));
    assert_eq!(count, Ok(Nat::from(0_u8)));
    let lie = |name: &str, said: &str| FaultOrder {
        service: Some(scene.service(name)),
        method: Some("eth_getTransactionCount".to_owned()),
        fault: Fault::Result(said.to_owned()),
    };
    scene.order(vec![lie("a", r#""0x8""#), lie("b", r#""0x9""#)]);
    let inconsistent = scene.count(two_of_three());
    assert!(matches!(inconsistent, MultiRpcResult::Inconsistent(_)));
    let json = r#"{"jsonrpc":"2.0","id":5,"method":"eth_chainId"}"#;
    let args = (scene.three(), None::<RpcConfig>, json);
    let id: MultiRpcResult<String> = scene.call("multi_request", args);
    assert!(agreed(id).is_ok(), "the lie is about another method");
}

#[test]
fn a_fault_of_all_is_one_error() {
    let mut scene = Scene::new();
    let all = |fault| {
        vec![FaultOrder {
            service: None,
            method: None,
            fault,
        }]
    };
    scene.order(all(Fault::Status(503)));
    let Err(RpcError::HttpOutcallError(HttpOutcallError::InvalidHttpJsonRpcResponse {
        status,
        parsing_error,
        ..
    })) = agreed(scene.count(None))
    else {
        panic!("they are well");
    };
    assert_eq!((status, parsing_error), (503, None));
    let busy = JsonRpcError {
        code: -32_005,
        message: "limit exceeded".to_owned(),
    };
    scene.order(all(Fault::Error(busy.clone())));
    let refused = agreed(scene.count(None));
    assert_eq!(refused, Err(RpcError::JsonRpcError(busy)));
    scene.order(all(Fault::Result("[]".to_owned())));
    let unreadable = agreed(scene.count(None));
    let Err(RpcError::HttpOutcallError(HttpOutcallError::InvalidHttpJsonRpcResponse {
        parsing_error: Some(reason),
        ..
    })) = unreadable
    else {
        panic!("{unreadable:?}");
    };
    assert_eq!(reason, "no number: []");
}

#[test]
fn a_transaction_arrives_although_nobody_says_so() {
    let mut scene = Scene::new();
    let (from, to) = (scene.from, scene.to);
    let every = |fault| {
        vec![FaultOrder {
            service: None,
            method: Some("eth_sendRawTransaction".to_owned()),
            fault,
        }]
    };
    scene.order(every(Fault::Lost));
    let raw = signed(&scene.evm, from, to, 1, 0);
    let lost = agreed(scene.send(&raw));
    assert!(matches!(lost, Err(RpcError::HttpOutcallError(_))));
    assert_eq!(scene.evm.waiting().expect("answers").len(), 1);
    scene.order(every(Fault::TrapAfter));
    let raw = signed(&scene.evm, from, to, 2, 1);
    let args = (scene.three(), None::<RpcConfig>, raw.clone());
    let trapped: Result<MultiRpcResult<SendRawTransactionStatus>, _> =
        scene.call_with("eth_sendRawTransaction", args.clone(), CYCLES);
    trapped.expect_err("traps");
    assert_eq!(scene.evm.waiting().expect("answers").len(), 2);
    scene.order(every(Fault::Trap));
    let raw = signed(&scene.evm, from, to, 3, 2);
    let trapped: Result<MultiRpcResult<SendRawTransactionStatus>, _> = scene.call_with(
        "eth_sendRawTransaction",
        (scene.three(), None::<RpcConfig>, raw),
        CYCLES,
    );
    trapped.expect_err("traps");
    assert_eq!(scene.evm.waiting().expect("answers").len(), 2);
}

#[test]
fn only_a_controller_orders_faults_and_an_upgrade_keeps_them() {
    let mut scene = Scene::new();
    let eve = Principal::self_authenticating(b"eve");
    let none = Vec::<FaultOrder>::new();
    let refused: Result<(), _> =
        update_candid_as(scene.network(), scene.standin, eve, "set_faults", (none,));
    let refused = refused.expect_err("is no controller").reject_message;
    assert!(refused.contains("only controllers"), "{refused}");
    scene.break_provider("a", Fault::Silent);
    let module = canister_wasm("evm_rpc_standin").expect("built");
    let upgraded = scene
        .network()
        .upgrade_canister(scene.standin, module, vec![], None);
    upgraded.expect("upgrades");
    let inconsistent = scene.count(None);
    assert!(matches!(inconsistent, MultiRpcResult::Inconsistent(_)));
}

#[test]
fn a_choice_that_cannot_be_asked_is_refused_before_anything_is_paid() {
    let mut scene = Scene::new();
    let none = None::<RpcConfig>;
    let count = scene.latest_count();
    let mut ask = |source, config| -> RpcResult<Nat> {
        let args = (source, config, count.clone());
        agreed(scene.call("eth_getTransactionCount", args))
    };
    let nobody = RpcServices::Custom {
        chain_id: 1,
        services: Vec::new(),
    };
    let not_found = Err(RpcError::ProviderError(ProviderError::ProviderNotFound));
    assert_eq!(ask(nobody.clone(), none.clone()), not_found);
    assert_eq!(
        ask(RpcServices::EthSepolia(None), none),
        not_found,
        "no URL"
    );
    let threshold = |total, min| {
        Some(RpcConfig {
            response_consensus: Some(ConsensusStrategy::Threshold { total, min }),
            ..RpcConfig::default()
        })
    };
    let main = RpcServices::EthMainnet(None);
    let cases = [
        (
            main.clone(),
            None,
            1,
            "total must be specified when using default providers",
        ),
        (main.clone(), Some(2), 3, "min 3 is greater than total 2"),
        (
            main.clone(),
            Some(7),
            3,
            "total 7 is greater than the number of all supported providers 6",
        ),
        (main, Some(2), 0, "min must be greater than 0"),
        (
            nobody,
            None,
            1,
            "min 1 is greater than the number of specified providers 0",
        ),
    ];
    for (source, total, min, text) in cases {
        let refused = ask(source, threshold(total, min));
        let error = ProviderError::InvalidRpcConfig(text.to_owned());
        assert_eq!(refused, Err(RpcError::ProviderError(error)));
    }
}

#[test]
fn named_providers_are_where_the_installation_says() {
    let mut scene = Scene::new();
    let json = r#"{"jsonrpc":"2.0","id":5,"method":"eth_chainId"}"#;
    let named = Some(vec![EthMainnetService::Alchemy, EthMainnetService::Ankr]);
    for source in [
        RpcServices::EthMainnet(None),
        RpcServices::EthMainnet(named),
    ] {
        let args = (source, None::<RpcConfig>, json);
        let id: MultiRpcResult<String> = scene.call("multi_request", args);
        assert_eq!(agreed(id), Ok("0x7a69".to_owned()));
    }
    let providers: Vec<Provider> = scene.ask("getProviders", ());
    assert_eq!(providers.len(), 6);
    assert!(providers.iter().all(|provider| provider.chain_id == 1));
    let numbers: Vec<(RpcService, u64)> = scene.ask("getServiceProviderMap", ());
    assert_eq!(numbers.len(), 26);
    let (_, ankr) = &numbers[1];
    let args = (RpcService::Provider(*ankr), json, 1_000_u64);
    let id: RpcResult<String> = scene.call("request", args);
    assert!(id.is_ok_and(|answer| answer.contains("0x7a69")));
    assert_eq!(scene.ask::<u32>("getNodesInSubnet", ()), 34);
    let keys = vec![(*ankr, Some("key".to_owned()))];
    let refused: Result<(), _> =
        update_candid(scene.network(), scene.standin, "updateApiKeys", (keys,));
    let refused = refused.expect_err("there are no keys").reject_message;
    assert!(refused.contains("unauthenticated provider: 1"), "{refused}");
}

#[test]
fn on_a_live_network_the_stand_in_asks_the_evm_itself() {
    let evm = Anvil::new().expect("an EVM");
    let world = World::new().expect("a world");
    let network = world.network();
    let (caller, standin) = install(network, Vec::new());
    network.auto_progress();
    let services = ["a", "b"].map(|name| RpcApi {
        url: format!("{}/?{name}", evm.url()),
        headers: None,
    });
    let source = RpcServices::Custom {
        chain_id: evm.chain_id(),
        services: services.into(),
    };
    let small = Some(RpcConfig {
        response_size_estimate: Some(1),
        ..RpcConfig::default()
    });
    let args = encode_args((source, small, BlockTag::Latest)).expect("encodes");
    let call = forward(standin.as_slice(), CYCLES, "eth_getBlockByNumber", &args);
    let call = network.submit_call(caller, Principal::anonymous(), "forward", call);
    let call = call.expect("the call is taken");
    let start = Instant::now();
    let reply = loop {
        if let Some(reply) = network.ingress_status(call.clone()) {
            break reply.expect("a block");
        }
        assert!(start.elapsed() < Duration::from_secs(60), "no answer");
        std::thread::sleep(Duration::from_millis(20));
    };
    network.stop_progress();
    let block: MultiRpcResult<Block> = decode_one(&reply).expect("decodes");
    assert_eq!(agreed(block).expect("a block").number, Nat::from(0_u8));
}
