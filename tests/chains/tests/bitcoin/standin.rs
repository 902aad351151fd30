//! The stand-in canister on a network, driven through the client: a canister pays for calls, the test answers the outcalls.

use super::{FEE, Owner, Regtest, SUBSIDY, funded, nobody, raw};
use candid::{CandidType, Deserialize, Principal, decode_one, encode_one};
use chainkey_chains::bitcoin::standin::InitArgs;
use chainkey_chains::bitcoin::{outcalls, server};
use chainkey_tests::modules::{FORWARDER, forward, wasm};
use chainkey_tests::world::{World, canister_wasm};
use ic_btc_interface::{
    Config, Fees, Flag, GetBalanceRequest, GetBlockHeadersRequest, GetBlockHeadersResponse,
    GetCurrentFeePercentilesRequest, GetUtxosRequest, GetUtxosResponse, NetworkInRequest,
    SendTransactionRequest, SetConfigRequest, UtxosFilterInRequest,
};
use pocket_ic::{PocketIc, query_candid, update_candid};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const CYCLES: u64 = 10_000_000_000;
const NETWORK: NetworkInRequest = NetworkInRequest::regtest;

struct Scene {
    world: World,
    chain: Regtest,
    owner: Owner,
    caller: Principal,
    standin: Principal,
}

impl Scene {
    fn new() -> Self {
        let world = World::new().expect("a world");
        let (caller, standin) = install(world.network(), outcalls::BASE.to_owned());
        let (chain, owner) = funded();
        Self {
            world,
            chain,
            owner,
            caller,
            standin,
        }
    }

    fn network(&self) -> &PocketIc {
        self.world.network()
    }

    /// A call of the forwarder, which attaches the cycles.
    fn call_with<Reply>(
        &mut self,
        method: &str,
        request: &impl CandidType,
        cycles: u64,
    ) -> Result<Reply, String>
    where
        Reply: CandidType + for<'a> Deserialize<'a>,
    {
        let request = encode_one(request).expect("encodes");
        let call = forward(self.standin.as_slice(), cycles, method, &request);
        let network = self.world.network();
        let call = network.submit_call(self.caller, Principal::anonymous(), "forward", call);
        let call = call.expect("the call is taken");
        let reply = outcalls::await_call(network, &mut self.chain, &call);
        let reply = reply.map_err(|reject| reject.reject_message)?;
        Ok(decode_one(&reply).expect("decodes"))
    }

    fn call<Reply>(&mut self, method: &str, request: &impl CandidType) -> Result<Reply, String>
    where
        Reply: CandidType + for<'a> Deserialize<'a>,
    {
        self.call_with(method, request, CYCLES)
    }

    fn balance_of(&mut self, address: &str) -> Result<u64, String> {
        let request = GetBalanceRequest {
            address: address.to_owned(),
            network: NETWORK,
            min_confirmations: None,
        };
        self.call("bitcoin_get_balance", &request)
    }
}

/// The forwarder, and a stand-in that asks this bridge.
fn install(network: &PocketIc, bridge: String) -> (Principal, Principal) {
    let (caller, standin) = (network.create_canister(), network.create_canister());
    for canister in [caller, standin] {
        network.add_cycles(canister, 1_000_000_000_000_000);
    }
    network.install_canister(caller, wasm(FORWARDER), vec![], None);
    let module = canister_wasm("bitcoin_standin").expect("built");
    let args = InitArgs { bridge, fees: None };
    network.install_canister(standin, module, encode_one(args).expect("encodes"), None);
    (caller, standin)
}

#[test]
fn a_canister_pays_over_the_stand_in() {
    let mut scene = Scene::new();
    let address = scene.owner.segwit_address().to_string();
    assert_eq!(scene.balance_of(&address), Ok(2 * SUBSIDY));
    let request = GetUtxosRequest {
        address: address.clone(),
        network: NETWORK,
        filter: Some(UtxosFilterInRequest::min_confirmations(1)),
    };
    let coins: GetUtxosResponse = scene.call("bitcoin_get_utxos", &request).expect("coins");
    assert_eq!((coins.utxos.len(), coins.tip_height), (2, 104));
    let coin = scene.owner.oldest(&scene.chain, &scene.owner.segwit());
    let oldest = coins.utxos.last().expect("a coin");
    assert_eq!(
        oldest.outpoint.txid.to_string(),
        coin.outpoint.txid.to_string()
    );
    let to = Owner::new(2);
    let payment = scene.owner.pay(&[coin], &[(SUBSIDY - FEE, to.taproot())]);
    let request = SendTransactionRequest {
        transaction: raw(&payment),
        network: NETWORK,
    };
    for _ in 0..2 {
        scene
            .call::<()>("bitcoin_send_transaction", &request)
            .expect("sent");
    }
    assert_eq!(scene.chain.mempool(), vec![payment.compute_txid()]);
    scene.chain.mine(1, &nobody()).expect("mines");
    let address = to.taproot_address().to_string();
    assert_eq!(scene.balance_of(&address), Ok(SUBSIDY - FEE));
    let request = GetCurrentFeePercentilesRequest { network: NETWORK };
    let fees: Vec<u64> = scene
        .call("bitcoin_get_current_fee_percentiles", &request)
        .expect("fees");
    assert_eq!(fees, scene.chain.fee_percentiles());
    assert_eq!(fees.len(), 101);
    let request = GetBlockHeadersRequest {
        start_height: 105,
        end_height: None,
        network: NETWORK,
    };
    let headers: GetBlockHeadersResponse = scene
        .call("bitcoin_get_block_headers", &request)
        .expect("headers");
    let tip = bitcoin::consensus::serialize(&scene.chain.headers(105, 105)[0]);
    assert_eq!(headers.block_headers, vec![tip]);
}

#[test]
fn errors_are_those_of_the_bitcoin_canister() {
    let mut scene = Scene::new();
    let refused = scene.balance_of("nowhere");
    assert_eq!(
        refused,
        Err("get_balance failed: MalformedAddress".to_owned())
    );
    let request = SendTransactionRequest {
        transaction: vec![1, 2, 3],
        network: NETWORK,
    };
    let refused = scene.call::<()>("bitcoin_send_transaction", &request);
    let expected = "send_transaction failed: MalformedTransaction".to_owned();
    assert_eq!(refused, Err(expected));
    let request = GetCurrentFeePercentilesRequest {
        network: NetworkInRequest::mainnet,
    };
    let method = "bitcoin_get_current_fee_percentiles";
    let refused = scene
        .call::<Vec<u64>>(method, &request)
        .expect_err("another network");
    assert!(
        refused.contains("Network must be regtest. Found mainnet"),
        "{refused}"
    );
    let request = GetCurrentFeePercentilesRequest { network: NETWORK };
    let refused = scene.call_with::<Vec<u64>>(method, &request, 99_999_999);
    let refused = refused.expect_err("too few cycles");
    let expected = "Received 99999999 cycles. 100000000 cycles are required.";
    assert!(refused.contains(expected), "{refused}");
}

#[test]
fn the_fees_are_mainnets_and_what_is_left_comes_back() {
    let mut scene = Scene::new();
    let before = scene.network().cycle_balance(scene.caller);
    let address = scene.owner.segwit_address().to_string();
    scene.balance_of(&address).expect("a balance");
    let paid = before - scene.network().cycle_balance(scene.caller);
    let fee = Fees::mainnet().get_balance;
    // Beside the fee, the caller pays for its own messages.
    assert!((fee..fee + 50_000_000).contains(&paid), "{paid}");
}

#[test]
fn the_configuration_survives_an_upgrade_and_can_close_the_interface() {
    let mut scene = Scene::new();
    let config: (Config,) =
        query_candid(scene.network(), scene.standin, "get_config", ()).expect("a configuration");
    assert_eq!(config.0.fees, Fees::mainnet());
    let closed = SetConfigRequest {
        api_access: Some(Flag::Disabled),
        ..SetConfigRequest::default()
    };
    let set: Result<(), _> = update_candid(scene.network(), scene.standin, "set_config", (closed,));
    set.expect("the creator, who is anonymous, is the controller");
    let module = canister_wasm("bitcoin_standin").expect("built");
    scene
        .network()
        .upgrade_canister(scene.standin, module, vec![], None)
        .expect("upgrades");
    let address = scene.owner.segwit_address().to_string();
    let refused = scene.balance_of(&address).expect_err("closed");
    assert!(refused.contains("Bitcoin API is disabled"), "{refused}");
}

#[test]
fn on_a_live_network_the_stand_in_asks_the_loopback_server() {
    let (chain, owner) = funded();
    let address = server::serve(0, Arc::new(Mutex::new(chain))).expect("a port");
    let world = World::new().expect("a world");
    let network = world.network();
    let (caller, standin) = install(network, format!("http://{address}"));
    network.auto_progress();
    let request = GetBalanceRequest {
        address: owner.taproot_address().to_string(),
        network: NETWORK,
        min_confirmations: Some(1),
    };
    let request = encode_one(request).expect("encodes");
    let call = forward(standin.as_slice(), CYCLES, "bitcoin_get_balance", &request);
    let call = network.submit_call(caller, Principal::anonymous(), "forward", call);
    let call = call.expect("the call is taken");
    let start = Instant::now();
    let reply = loop {
        if let Some(reply) = network.ingress_status(call.clone()) {
            break reply.expect("a balance");
        }
        assert!(start.elapsed() < Duration::from_secs(60), "no answer");
        std::thread::sleep(Duration::from_millis(20));
    };
    network.stop_progress();
    assert_eq!(decode_one::<u64>(&reply).expect("decodes"), 2 * SUBSIDY);
}
