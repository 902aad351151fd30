//! The EVM of the tests: what it does to blocks and transactions, what its contracts do, the stand-in canister over it, and the wallet.

#[path = "ethereum/faults.rs"]
mod faults;
#[path = "ethereum/messages.rs"]
mod messages;
#[path = "ethereum/scene.rs"]
mod scene;
#[path = "ethereum/standin.rs"]
mod standin;
#[path = "ethereum/wallet.rs"]
mod wallet;

use chainkey_chains::ethereum::abi::call;
use chainkey_chains::ethereum::typed::{Order, Permit};
use chainkey_chains::ethereum::{Address, Anvil, ETHER, EvmError};
use chainkey_chains::rpc::RpcError;
use serde_json::json;
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The first accounts that the EVM signs for.
fn two(evm: &Anvil) -> (Address, Address) {
    let accounts = evm.accounts().expect("accounts");
    (accounts[0], accounts[1])
}

/// A signed transaction of one of the EVM's own accounts, in hexadecimal digits; it was not handed over.
fn signed(evm: &Anvil, from: Address, to: Address, wei: u128, nonce: u128) -> String {
    let transaction = json!({
        "from": from.to_string(),
        "to": to.to_string(),
        "value": format!("0x{wei:x}"),
        "nonce": format!("0x{nonce:x}"),
        "gas": "0x5208",
        "maxFeePerGas": "0xee6b2800",
        "maxPriorityFeePerGas": "0x1",
        "chainId": format!("0x{:x}", evm.chain_id()),
    });
    let signed = evm.rpc().call("eth_signTransaction", json!([transaction]));
    signed.expect("signs").as_str().expect("a text").to_owned()
}

#[test]
fn blocks_come_when_they_are_told_to_and_pay_by_the_rules() {
    let evm = Anvil::new().expect("an EVM");
    let (from, to) = two(&evm);
    evm.set_base_fee(7_000_000_000).expect("sets the fee");
    let before = evm.balance(from).expect("a balance");
    let hash = evm.send(from, Some(to), ETHER, &[]).expect("is taken");
    assert_eq!(evm.mined(&hash).expect("answers"), None);
    assert_eq!(evm.waiting().expect("answers"), [hash.as_str()]);
    evm.mine(3).expect("mines");
    assert_eq!(evm.height().expect("answers"), 3);
    let mined = evm.mined(&hash).expect("answers").expect("is mined");
    assert!(mined.succeeded);
    assert_eq!((mined.block, mined.gas_used), (1, 21_000));
    assert!(mined.gas_price >= 7_000_000_000, "{mined:?}");
    assert_eq!(evm.balance(to).expect("answers"), 10_001 * ETHER);
    let paid = ETHER + mined.gas_used * mined.gas_price;
    assert_eq!(evm.balance(from).expect("answers"), before - paid);
}

#[test]
fn a_reorganisation_takes_a_transaction_out_and_it_can_come_again() {
    let evm = Anvil::new().expect("an EVM");
    let (from, to) = two(&evm);
    let raw = signed(&evm, from, to, ETHER, 0);
    let send = || evm.rpc().call("eth_sendRawTransaction", json!([raw]));
    let hash = send()
        .expect("is taken")
        .as_str()
        .expect("a hash")
        .to_owned();
    evm.mine(2).expect("mines");
    assert!(evm.mined(&hash).expect("answers").is_some());
    evm.reorganise(2).expect("reorganises");
    assert_eq!(evm.height().expect("answers"), 2);
    assert_eq!(evm.mined(&hash).expect("answers"), None);
    assert_eq!(evm.nonce(from).expect("answers"), 0);
    assert_eq!(evm.waiting().expect("answers"), Vec::<String>::new());
    send().expect("is taken again");
    evm.mine(1).expect("mines");
    assert_eq!(
        evm.mined(&hash).expect("answers").map(|it| it.block),
        Some(3)
    );
}

#[test]
fn each_evm_has_its_own_port_and_chain_and_ends_with_its_handle() {
    let (one, other) = (Anvil::new(), Anvil::of_chain(10));
    let (one, other) = (one.expect("an EVM"), other.expect("an EVM"));
    assert_ne!(one.url(), other.url());
    let id = other.rpc().call("eth_chainId", json!([]));
    assert_eq!(id.expect("answers"), json!("0xa"));
    // A transaction for one chain is nothing on another.
    let (from, to) = two(&one);
    let raw = signed(&one, from, to, 1, 0);
    let refused = other.rpc().call("eth_sendRawTransaction", json!([raw]));
    assert!(
        matches!(refused, Err(RpcError::Refused { .. })),
        "{refused:?}"
    );
    let address = one.url().trim_start_matches("http://").to_owned();
    assert!(TcpStream::connect(&address).is_ok());
    drop(one);
    let start = Instant::now();
    while TcpStream::connect(&address).is_ok() {
        assert!(start.elapsed() < Duration::from_secs(5), "it lives on");
    }
}

/// Where [`an_evm_for_the_test_below`] says that its EVM is.
const TOLD: &str = "CHAINKEY_TEST_EVM_URL_FILE";

/// Does nothing unless the test below starts it, in a process of its own.
#[test]
fn an_evm_for_the_test_below() {
    if let Some(file) = std::env::var_os(TOLD) {
        let evm = Anvil::new().expect("an EVM");
        std::fs::write(file, evm.url()).expect("writes");
        std::thread::sleep(Duration::from_secs(60));
    }
}

#[test]
fn an_evm_does_not_outlive_a_test_that_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("url");
    let this = std::env::current_exe().expect("this test");
    let mut child = Command::new(this)
        .args(["--exact", "an_evm_for_the_test_below"])
        .env(TOLD, &file)
        .stdout(Stdio::null())
        .spawn()
        .expect("starts");
    let start = Instant::now();
    let address = loop {
        let url = std::fs::read_to_string(&file).unwrap_or_default();
        match url.strip_prefix("http://") {
            Some(address) if TcpStream::connect(address).is_ok() => break address.to_owned(),
            _ => assert!(start.elapsed() < Duration::from_secs(60), "no EVM"),
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    child.kill().expect("is killed");
    child.wait().expect("is dead");
    let start = Instant::now();
    while TcpStream::connect(&address).is_ok() {
        assert!(start.elapsed() < Duration::from_secs(10), "it lives on");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn the_token_moves_allows_and_refuses() {
    let evm = Anvil::new().expect("an EVM");
    let (from, to) = two(&evm);
    let token = evm.deploy(from, "Token", &[1_000.into()]).expect("a token");
    let spender = evm.deploy(from, "Spender", &[]).expect("a spender");
    let has = |who: Address| {
        let call = call("balanceOf(address)", &[who.into()]);
        evm.ask_number(token, &call).expect("a balance")
    };
    assert_eq!((has(from), has(to)), (1_000, 0));
    let transfer = call("transfer(address,uint256)", &[to.into(), 300.into()]);
    evm.carry_out(from, Some(token), 0, &transfer)
        .expect("moves");
    assert_eq!((has(from), has(to)), (700, 300));
    // Nobody takes what was not allowed.
    let take = call(
        "take(address,address,uint256)",
        &[token.into(), to.into(), 100.into()],
    );
    let refused = evm.carry_out(from, Some(spender), 0, &take);
    assert!(
        matches!(refused, Err(EvmError::NotCarriedOut(_))),
        "{refused:?}"
    );
    let approve = call("approve(address,uint256)", &[spender.into(), 150.into()]);
    evm.carry_out(to, Some(token), 0, &approve).expect("allows");
    evm.carry_out(from, Some(spender), 0, &take).expect("takes");
    assert_eq!((has(to), has(spender)), (200, 100));
    let refused = evm.carry_out(from, Some(spender), 0, &take);
    assert!(
        matches!(refused, Err(EvmError::NotCarriedOut(_))),
        "{refused:?}"
    );
}

#[test]
fn a_permit_and_an_order_that_the_evm_signs_itself_are_accepted_once() {
    let evm = Anvil::new().expect("an EVM");
    let (from, owner) = two(&evm);
    let token = evm
        .deploy(owner, "Token", &[1_000.into()])
        .expect("a token");
    let spender = evm.deploy(from, "Spender", &[]).expect("a spender");
    let verifier = evm.deploy(from, "Verifier", &[]).expect("a verifier");
    let permit = Permit {
        token,
        owner,
        spender,
        value: "250".to_owned(),
        nonce: 0,
        deadline: evm.time().expect("a time") + 3_600,
    };
    let signature = sign(&evm, owner, &permit.typed_data(evm.chain_id()));
    let take = permit.take(&signature);
    let carry_out = |to, call: &[u8]| evm.carry_out(from, Some(to), 0, call);
    carry_out(spender, &take).expect("takes");
    let has = call("balanceOf(address)", &[spender.into()]);
    assert_eq!(evm.ask_number(token, &has).expect("a balance"), 250);
    assert!(carry_out(spender, &take).is_err(), "its nonce is used");

    let order = Order {
        maker: owner,
        item: "bread".to_owned(),
        amount: 3,
        nonce: 7,
    };
    let signature = sign(&evm, owner, &order.typed_data(evm.chain_id(), verifier));
    let more = Order {
        amount: 4,
        ..order.clone()
    };
    assert!(
        carry_out(verifier, &more.call(&signature)).is_err(),
        "another amount"
    );
    carry_out(verifier, &order.call(&signature)).expect("is accepted");
    assert!(
        carry_out(verifier, &order.call(&signature)).is_err(),
        "used"
    );
    let ordered = call("ordered(address,string)", &[owner.into(), "bread".into()]);
    assert_eq!(evm.ask_number(verifier, &ordered).expect("a number"), 3);
}

fn sign(evm: &Anvil, by: Address, typed_data: &serde_json::Value) -> Vec<u8> {
    let params = json!([by.to_string(), typed_data]);
    let signature = evm
        .rpc()
        .call("eth_signTypedData_v4", params)
        .expect("signs");
    let digits = signature.as_str().expect("a text").trim_start_matches("0x");
    hex::decode(digits).expect("digits")
}
