//! The JSON-RPC: results, commitments and errors, and the same over HTTP.

use super::{Chain, Commitment, FEE, FINALITY, GENESIS, SOL, funded, key, pay};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chainkey_solana::{rpc, server};
use serde_json::{Value, json};
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

fn ask(chain: &mut Chain, method: &str, params: Value) -> Value {
    let request = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
    let reply = rpc::answer(chain, request.to_string().as_bytes());
    let reply: Value = serde_json::from_slice(&reply).expect("JSON");
    assert_eq!(
        (&reply["id"], &reply["jsonrpc"]),
        (&json!(7), &json!("2.0"))
    );
    reply
}

fn result(chain: &mut Chain, method: &str, params: Value) -> Value {
    let reply = ask(chain, method, params);
    assert_eq!(reply["error"], Value::Null, "{reply}");
    reply["result"].clone()
}

fn error(chain: &mut Chain, method: &str, params: Value) -> (i64, String) {
    let error = ask(chain, method, params)["error"].clone();
    let text = error["message"].as_str().unwrap_or_default().to_owned();
    (error["code"].as_i64().unwrap_or_default(), text)
}

fn wire(transaction: &VersionedTransaction) -> String {
    STANDARD.encode(bincode::serialize(transaction).expect("encodes"))
}

#[test]
fn balances_are_those_of_the_commitment_that_is_asked_for() {
    let (mut chain, owner) = funded();
    let to = key(2).pubkey().to_string();
    let payment = pay(&chain, &owner, &key(2).pubkey(), SOL);
    let sent = result(
        &mut chain,
        "sendTransaction",
        json!([wire(&payment), { "encoding": "base64" }]),
    );
    assert_eq!(sent, json!(payment.signatures[0].to_string()));
    let seen = |chain: &mut Chain| {
        ["processed", "confirmed", "finalized"].map(|commitment| {
            let reply = result(
                chain,
                "getBalance",
                json!([to, { "commitment": commitment }]),
            );
            reply["value"].as_u64().expect("a number")
        })
    };
    assert_eq!(seen(&mut chain), [SOL, 0, 0]);
    chain.advance(1);
    assert_eq!(seen(&mut chain), [SOL, SOL, 0]);
    chain.advance(FINALITY - 1);
    assert_eq!(seen(&mut chain), [SOL, SOL, SOL]);
    let account = result(
        &mut chain,
        "getAccountInfo",
        json!([to, { "encoding": "base64" }]),
    );
    assert_eq!(account["value"]["data"], json!(["", "base64"]));
    assert_eq!(
        account["value"]["owner"],
        json!("11111111111111111111111111111111")
    );
    let nobody = key(4).pubkey().to_string();
    let none = result(&mut chain, "getAccountInfo", json!([nobody]));
    assert_eq!(none["value"], Value::Null);
}

#[test]
fn a_status_goes_from_processed_to_finalized() {
    let (mut chain, owner) = funded();
    let payment = pay(&chain, &owner, &key(2).pubkey(), SOL);
    let signature = payment.signatures[0].to_string();
    let status = |chain: &mut Chain| {
        let reply = result(chain, "getSignatureStatuses", json!([[signature]]));
        let status = reply["value"][0].clone();
        (
            status["confirmationStatus"].clone(),
            status["confirmations"].clone(),
        )
    };
    assert_eq!(status(&mut chain), (Value::Null, Value::Null));
    chain.submit(payment).expect("accepted");
    assert_eq!(status(&mut chain), (json!("processed"), json!(0)));
    chain.advance(5);
    assert_eq!(status(&mut chain), (json!("confirmed"), json!(5)));
    chain.advance(FINALITY);
    assert_eq!(status(&mut chain), (json!("finalized"), Value::Null));
}

#[test]
fn a_final_transaction_is_told_with_its_status() {
    let (mut chain, owner) = funded();
    let payment = pay(&chain, &owner, &key(2).pubkey(), SOL);
    let signature = payment.signatures[0].to_string();
    chain.submit(payment.clone()).expect("accepted");
    let settings = json!({ "encoding": "base64", "maxSupportedTransactionVersion": 0 });
    let asked = json!([signature, settings]);
    assert_eq!(
        result(&mut chain, "getTransaction", asked.clone()),
        Value::Null
    );
    chain.advance(FINALITY);
    let told = result(&mut chain, "getTransaction", asked);
    assert_eq!(told["transaction"], json!([wire(&payment), "base64"]));
    assert_eq!(told["version"], json!("legacy"));
    assert_eq!(told["meta"]["fee"], json!(FEE));
    assert_eq!(told["meta"]["status"], json!({ "Ok": null }));
    assert_eq!(told["meta"]["preBalances"], json!([10 * SOL, 0, 1]));
    let slot = told["slot"].as_u64().expect("a slot");
    let block = result(
        &mut chain,
        "getBlock",
        json!([slot, { "transactionDetails": "signatures", "rewards": false }]),
    );
    assert_eq!(block["signatures"], json!([signature]));
    assert_eq!(block["blockTime"], json!(GENESIS + slot as i64 * 2 / 5));
    let list = result(
        &mut chain,
        "getSignaturesForAddress",
        json!([key(2).pubkey().to_string(), { "limit": 5 }]),
    );
    assert_eq!(list[0]["signature"], json!(signature));
    assert_eq!(list.as_array().map(Vec::len), Some(1));
}

#[test]
fn blocks_that_are_not_there_have_the_errors_of_a_provider() {
    let (mut chain, _) = funded();
    chain.skip();
    let skipped = chain.slot(Commitment::Processed) - 1;
    let (code, _) = error(&mut chain, "getBlock", json!([skipped]));
    assert_eq!(code, -32_004);
    chain.advance(FINALITY);
    let (code, text) = error(&mut chain, "getBlock", json!([skipped]));
    assert_eq!(
        (
            code,
            text.starts_with(&format!("Slot {skipped} was skipped"))
        ),
        (-32_007, true)
    );
    let (code, _) = error(
        &mut chain,
        "getBlock",
        json!([1, { "commitment": "processed" }]),
    );
    assert_eq!(code, -32_602);
}

#[test]
fn a_preflight_says_what_is_wrong_and_without_one_nobody_does() {
    let (mut chain, owner) = funded();
    let greedy = wire(&pay(&chain, &owner, &key(2).pubkey(), 11 * SOL));
    let (code, text) = error(
        &mut chain,
        "sendTransaction",
        json!([greedy, { "encoding": "base64" }]),
    );
    assert_eq!(code, -32_002);
    assert!(
        text.starts_with("Transaction simulation failed: Error processing Instruction 0"),
        "{text}"
    );
    let payment = pay(&chain, &owner, &key(2).pubkey(), SOL);
    let (sent, settings) = (wire(&payment), json!({ "encoding": "base64" }));
    let first = result(&mut chain, "sendTransaction", json!([sent, settings]));
    // A finalized bank does not know it yet, a processed one does.
    assert_eq!(
        result(&mut chain, "sendTransaction", json!([sent, settings])),
        first
    );
    let newest = json!({ "encoding": "base64", "preflightCommitment": "processed" });
    let (code, text) = error(&mut chain, "sendTransaction", json!([sent, newest]));
    let known = "Transaction simulation failed: This transaction has already been processed";
    assert_eq!((code, text.as_str()), (-32_002, known));
    chain.advance(200);
    let (_, text) = error(&mut chain, "sendTransaction", json!([sent, settings]));
    assert_eq!(text, "Transaction simulation failed: Blockhash not found");
    let skip = json!({ "encoding": "base64", "skipPreflight": true });
    assert_eq!(
        result(&mut chain, "sendTransaction", json!([sent, skip])),
        first
    );
    let balance = result(
        &mut chain,
        "getBalance",
        json!([key(2).pubkey().to_string()]),
    );
    assert_eq!(balance["value"], json!(SOL), "made once");
}

#[test]
fn bad_requests_have_the_codes_of_json_rpc() {
    let (mut chain, _) = funded();
    assert_eq!(error(&mut chain, "getMoney", json!([])).0, -32_601);
    assert_eq!(error(&mut chain, "getBalance", json!(["x"])).0, -32_602);
    assert_eq!(error(&mut chain, "getBalance", json!({})).0, -32_602);
    assert_eq!(
        error(
            &mut chain,
            "sendTransaction",
            json!(["AAAA", { "encoding": "base64" }])
        )
        .0,
        -32_602
    );
    let none = error(
        &mut chain,
        "getTokenAccountBalance",
        json!([key(4).pubkey().to_string()]),
    );
    assert_eq!(
        none,
        (-32_602, "Invalid param: could not find account".to_owned())
    );
    let far = json!([{ "minContextSlot": 1_000_000 }]);
    assert_eq!(error(&mut chain, "getSlot", far).0, -32_016);
    let reply: Value = serde_json::from_slice(&rpc::answer(&mut chain, b"no")).expect("JSON");
    assert_eq!(reply["error"]["code"], json!(-32_700));
}

#[test]
fn tokens_slots_and_fees_are_asked_for_by_people() {
    let (mut chain, owner) = funded();
    let mint = result(&mut chain, "dev_createMint", json!([1, 6]));
    let to = owner.pubkey().to_string();
    let account = result(&mut chain, "dev_mint", json!([mint, to, 1_500_000]));
    let open = result(&mut chain, "dev_advance", json!([FINALITY]));
    assert_eq!(
        open,
        result(
            &mut chain,
            "getSlot",
            json!([{ "commitment": "processed" }])
        )
    );
    let held = result(&mut chain, "getTokenAccountBalance", json!([account]));
    let expected =
        json!({ "amount": "1500000", "decimals": 6, "uiAmount": 1.5, "uiAmountString": "1.5" });
    assert_eq!(held["value"], expected);
    let fees = result(&mut chain, "getRecentPrioritizationFees", json!([[to]]));
    let slots: Vec<u64> = fees
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|fee| fee["slot"].as_u64())
        .collect();
    assert!(slots.is_sorted() && slots.len() > 90, "{slots:?}");
    let rent = result(
        &mut chain,
        "getMinimumBalanceForRentExemption",
        json!([165]),
    );
    assert_eq!(rent, json!(2_039_280));
    let latest = result(&mut chain, "getLatestBlockhash", json!([]));
    let hash = chain.blockhash(Commitment::Finalized).to_string();
    assert_eq!(latest["value"]["blockhash"], json!(hash));
}

#[test]
fn the_server_answers_over_http() {
    let (chain, owner) = funded();
    let address = server::serve(0, Arc::new(Mutex::new(chain))).expect("a port");
    let ask = |method: &str, body: &str| {
        let mut stream = TcpStream::connect(address).expect("connects");
        let head = format!(
            "{method} / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("writes");
        stream.write_all(body.as_bytes()).expect("writes");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("reads");
        answer
    };
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "getBalance", "params": [owner.pubkey().to_string()] });
    let answer = ask("POST", &body.to_string());
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("\"value\":10000000000"), "{answer}");
    assert!(ask("GET", "").starts_with("HTTP/1.1 405 "));
}
