//! The bridge: pages, errors of the interface, and the loopback server.

use super::{COIN, FEE, Owner, Regtest, SUBSIDY, funded, nobody, owner, raw};
use candid::{CandidType, Deserialize, decode_one, encode_one};
use chainkey_chains::bitcoin::{bridge, server};
use ic_btc_interface::{
    GetBlockHeadersError, GetBlockHeadersRequest, GetBlockHeadersResponse, GetUtxosError,
    GetUtxosRequest, GetUtxosResponse, Network, NetworkInRequest, SendTransactionError,
    SendTransactionRequest, UtxosFilterInRequest,
};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

fn ask<Reply, Error>(
    chain: &mut Regtest,
    method: &str,
    request: &impl CandidType,
) -> Result<Reply, Error>
where
    Reply: CandidType + for<'a> Deserialize<'a>,
    Error: CandidType + for<'a> Deserialize<'a>,
{
    let body = encode_one(request).expect("encodes");
    let answer = bridge::answer(chain, &format!("https://a.b/{method}"), &body);
    assert_eq!(answer.status, 200);
    decode_one(&answer.body).expect("decodes")
}

fn utxos(
    chain: &mut Regtest,
    address: &str,
    filter: Option<UtxosFilterInRequest>,
) -> Result<GetUtxosResponse, GetUtxosError> {
    let request = GetUtxosRequest {
        address: address.to_owned(),
        network: NetworkInRequest::regtest,
        filter,
    };
    ask(chain, "bitcoin_get_utxos", &request)
}

#[test]
fn many_coins_come_in_pages_which_stay_with_their_block() {
    let (mut chain, owner) = funded();
    let to = Owner::new(2);
    let coin = owner.oldest(&chain, &owner.segwit());
    let outputs = vec![(COIN / 100, to.segwit()); 1_200];
    let payment = owner.pay(&[coin], &outputs);
    chain.submit(&raw(&payment)).expect("accepted");
    chain.mine(1, &to.segwit()).expect("mines");
    let address = to.segwit_address().to_string();
    let first = utxos(&mut chain, &address, None).expect("coins");
    assert_eq!((first.utxos.len(), first.tip_height), (1_000, 105));
    // What happens between the pages is not seen in them.
    chain.mine(1, &to.segwit()).expect("mines");
    let page = first.next_page.clone().expect("a page");
    let next = Some(UtxosFilterInRequest::page(page.clone()));
    let second = utxos(&mut chain, &address, next).expect("coins");
    assert_eq!(second.utxos.len(), 201);
    assert_eq!(second.next_page, None);
    assert_eq!(second.tip_block_hash, first.tip_block_hash);
    let mut all = [first.utxos, second.utxos].concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 1_201);
    // A page of a block that is gone is of no use.
    chain.reorganise(2, &nobody()).expect("reorganises");
    let gone = utxos(&mut chain, &address, Some(UtxosFilterInRequest::page(page)));
    assert!(
        matches!(gone, Err(GetUtxosError::UnknownTipBlockHash { .. })),
        "{gone:?}"
    );
}

#[test]
fn bad_requests_get_the_errors_of_the_interface() {
    let (mut chain, owner) = funded();
    assert_eq!(
        utxos(&mut chain, "x", None),
        Err(GetUtxosError::MalformedAddress)
    );
    let mainnet = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
    let expected = Network::Regtest;
    let wrong = GetUtxosError::AddressForWrongNetwork { expected };
    assert_eq!(utxos(&mut chain, mainnet, None), Err(wrong));
    let address = owner.segwit_address().to_string();
    let deep = Some(UtxosFilterInRequest::min_confirmations(106));
    let (given, max) = (106, 105);
    let too_deep = GetUtxosError::MinConfirmationsTooLarge { given, max };
    assert_eq!(utxos(&mut chain, &address, deep), Err(too_deep));
    let short = Some(UtxosFilterInRequest::page(vec![0; 3].into()));
    let malformed = utxos(&mut chain, &address, short);
    assert!(matches!(
        malformed,
        Err(GetUtxosError::MalformedPage { .. })
    ));
    assert_eq!(
        bridge::answer(&mut chain, "/bitcoin_get_utxos", b"x").status,
        400
    );
    assert_eq!(bridge::answer(&mut chain, "/what", b"").status, 404);
}

#[test]
fn a_view_of_fewer_blocks_names_its_own_tip() {
    let (mut chain, owner) = funded();
    let address = owner.segwit_address().to_string();
    let filter = Some(UtxosFilterInRequest::min_confirmations(101));
    let view = utxos(&mut chain, &address, filter).expect("coins");
    assert_eq!((view.tip_height, view.utxos.len()), (4, 2));
    assert_eq!(view.utxos[0].height, 2, "the highest block comes first");
    assert_eq!(view.utxos[0].value, SUBSIDY);
}

#[test]
fn headers_are_given_a_hundred_at_a_time() {
    let (mut chain, _) = funded();
    let network = NetworkInRequest::regtest;
    let request = |start_height, end_height| GetBlockHeadersRequest {
        start_height,
        end_height,
        network,
    };
    let mut ask = |request| -> Result<GetBlockHeadersResponse, GetBlockHeadersError> {
        ask(&mut chain, "bitcoin_get_block_headers", &request)
    };
    let all = ask(request(0, None)).expect("headers");
    assert_eq!((all.tip_height, all.block_headers.len()), (99, 100));
    assert!(all.block_headers.iter().all(|header| header.len() == 80));
    let some = ask(request(103, Some(104))).expect("headers");
    assert_eq!((some.tip_height, some.block_headers.len()), (104, 2));
    for (start, end) in [(105, None), (5, Some(4)), (5, Some(105))] {
        assert!(ask(request(start, end)).is_err());
    }
}

#[test]
fn sending_succeeds_whatever_the_network_says_of_it() {
    let (mut chain, owner) = funded();
    let coin = owner.oldest(&chain, &owner.segwit());
    let free = owner.pay(&[coin], &[(SUBSIDY, owner.segwit())]);
    let mut send = |transaction: Vec<u8>| {
        let network = NetworkInRequest::regtest;
        let request = SendTransactionRequest {
            transaction,
            network,
        };
        let body = encode_one(request).expect("encodes");
        let answer = bridge::answer(&mut chain, "bitcoin_send_transaction", &body);
        let result = decode_one::<Result<(), SendTransactionError>>(&answer.body);
        (result.expect("decodes"), answer.refused)
    };
    let (sent, refused) = send(raw(&free));
    assert_eq!(sent, Ok(()));
    assert!(refused.is_some_and(|reason| reason.starts_with("min relay fee not met")));
    let (sent, _) = send(vec![1, 2, 3]);
    assert_eq!(sent, Err(SendTransactionError::MalformedTransaction));
    assert!(chain.mempool().is_empty());
}

#[test]
fn the_server_answers_over_http() {
    let (chain, owner) = funded();
    let chain = Arc::new(Mutex::new(chain));
    let address = server::serve(0, Arc::clone(&chain)).expect("a port");
    let post = |path: &str, body: &[u8]| {
        let mut stream = TcpStream::connect(address).expect("connects");
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("writes");
        stream.write_all(body).expect("writes");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("reads");
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
        let body = answer.split_off(end.expect("a head") + 4);
        (String::from_utf8(answer).expect("text"), body)
    };
    let text = format!("2 {}", owner.taproot_address());
    let (head, body) = post("/mine", text.as_bytes());
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let tip = chain.lock().expect("a chain").tip();
    assert_eq!((tip.height, tip.hash.to_string().into_bytes()), (106, body));
    let (head, _) = post("/mine", b"5 nobody");
    assert!(head.starts_with("HTTP/1.1 400 "), "{head}");
    let coin = owner::input(
        &chain.lock().expect("a chain").utxos(&owner.taproot(), 101)[0],
        &owner.taproot(),
    );
    let payment = owner.pay(&[coin], &[(SUBSIDY - FEE, nobody())]);
    let request = SendTransactionRequest {
        transaction: raw(&payment),
        network: NetworkInRequest::regtest,
    };
    let (head, body) = post(
        "/bitcoin_send_transaction",
        &encode_one(request).expect("encodes"),
    );
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert!(!head.contains(bridge::REFUSED), "{head}");
    let sent = decode_one::<Result<(), SendTransactionError>>(&body);
    assert_eq!(sent.expect("decodes"), Ok(()));
    let waiting = chain.lock().expect("a chain").mempool();
    assert_eq!(waiting, vec![payment.compute_txid()]);
}
