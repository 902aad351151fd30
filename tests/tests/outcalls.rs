//! HTTP outcalls through the unmodified client: mocked by a test, transformed by the canister, and made for real in live mode.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use candid::{Func, Principal, decode_one, encode_one};
use chainkey_tests::modules::{FORWARDER, forward, wasm};
use chainkey_tests::oracle::replay::{caught, silence_caught_panics};
use chainkey_tests::server::{Server, ServerConfig};
use ic_management_canister_types::{
    HttpHeader, HttpRequestArgs, HttpRequestResult, TransformArgs, TransformContext, TransformFunc,
};
use pocket_ic::common::rest::{
    CanisterHttpHeader, CanisterHttpReply, CanisterHttpRequest, CanisterHttpResponse,
    MockCanisterHttpResponse, RawMessageId,
};
use pocket_ic::{PocketIc, RejectCode, RejectResponse};

const CYCLES: u64 = 100_000_000_000;
const CONTEXT: &[u8] = b"some context";

fn server() -> Server {
    Server::start(&ServerConfig::default()).expect("the server starts")
}

fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("\\{byte:02x}")).collect()
}

/// [`FORWARDER`] with three queries: `constant` answers one response to every one, `reflect` answers its argument, `trap` traps.
fn module() -> String {
    let constant = encode_one(result(b"transformed")).expect("encodes");
    let queries = format!(
        r#"(data (i32.const 500000) "{}")
        (func (export "canister_query constant")
            (call $append (i32.const 500000) (i32.const {})) (call $msg_reply))
        (func (export "canister_query reflect")
            (call $arg_copy (i32.const 0) (i32.const 0) (call $arg_size))
            (call $append (i32.const 0) (call $arg_size)) (call $msg_reply))
        (func (export "canister_query trap") unreachable))"#,
        text(&constant),
        constant.len()
    );
    let open = FORWARDER.trim_end().strip_suffix(')').expect("a module");
    format!("{open}{queries}")
}

fn canister(pic: &PocketIc) -> Principal {
    let canister = pic.create_canister();
    pic.install_canister(canister, wasm(&module()), vec![], None);
    canister
}

fn request(url: &str, transform: Option<(Principal, &str)>) -> HttpRequestArgs {
    HttpRequestArgs {
        url: url.to_string(),
        max_response_bytes: Some(1_000),
        transform: transform.map(|(principal, method)| TransformContext {
            function: TransformFunc(Func {
                principal,
                method: method.to_string(),
            }),
            context: CONTEXT.to_vec(),
        }),
        ..HttpRequestArgs::default()
    }
}

fn submit(pic: &PocketIc, canister: Principal, request: &HttpRequestArgs) -> RawMessageId {
    let argument = encode_one(request).expect("encodes");
    let call = forward(&[], CYCLES, "http_request", &argument);
    pic.submit_call(canister, Principal::anonymous(), "forward", call)
        .expect("the call is taken")
}

/// Submits an outcall and runs rounds until it waits for its answer.
fn pending(
    pic: &PocketIc,
    canister: Principal,
    request: &HttpRequestArgs,
) -> (RawMessageId, CanisterHttpRequest) {
    let message = submit(pic, canister, request);
    pic.tick();
    pic.tick();
    let mut waiting = pic.get_canister_http();
    assert_eq!(waiting.len(), 1);
    (message, waiting.remove(0))
}

fn result(body: &[u8]) -> HttpRequestResult {
    HttpRequestResult {
        status: 200_u16.into(),
        headers: vec![HttpHeader {
            name: "a".to_string(),
            value: "b".to_string(),
        }],
        body: body.to_vec(),
    }
}

fn response(body: &[u8]) -> CanisterHttpResponse {
    CanisterHttpResponse::CanisterHttpReply(CanisterHttpReply {
        status: 200,
        headers: vec![CanisterHttpHeader {
            name: "a".to_string(),
            value: "b".to_string(),
        }],
        body: body.to_vec(),
    })
}

fn answer(pic: &PocketIc, to: &CanisterHttpRequest, bodies: &[&[u8]]) {
    let mut responses = bodies.iter().map(|body| response(body));
    pic.mock_canister_http_response(MockCanisterHttpResponse {
        subnet_id: to.subnet_id,
        request_id: to.request_id,
        response: responses.next().expect("a response"),
        additional_responses: responses.collect(),
    });
}

/// One mocked outcall with this transform.
fn transformed(method: &str) -> Result<Vec<u8>, RejectResponse> {
    let server = server();
    let pic = server.instance();
    let canister = canister(&pic);
    let request = request("https://example.com/price", Some((canister, method)));
    let (message, waiting) = pending(&pic, canister, &request);
    answer(&pic, &waiting, &[b"42"]);
    assert!(pic.get_canister_http().is_empty());
    pic.await_call(message)
}

#[test]
fn an_outcall_is_answered_by_a_mock() {
    let server = server();
    let pic = server.instance();
    let canister = canister(&pic);
    let request = request("https://example.com/price", None);
    let (message, waiting) = pending(&pic, canister, &request);
    assert_eq!(waiting.url, "https://example.com/price");
    assert_eq!(waiting.max_response_bytes, Some(1_000));
    answer(&pic, &waiting, &[b"42"]);
    let reply = pic.await_call(message).expect("the outcall succeeds");
    assert_eq!(
        decode_one::<HttpRequestResult>(&reply).unwrap(),
        result(b"42")
    );
    assert!(pic.get_canister_http().is_empty());
}

#[test]
fn an_outcall_without_agreement_is_rejected() {
    let server = server();
    let pic = server.instance();
    let canister = canister(&pic);
    let request = request("https://example.com/price", None);
    let (message, waiting) = pending(&pic, canister, &request);
    let bodies: Vec<[u8; 1]> = (0..13).map(|node| [node]).collect();
    let bodies: Vec<&[u8]> = bodies.iter().map(<[u8; 1]>::as_slice).collect();
    answer(&pic, &waiting, &bodies);
    let reject = pic.await_call(message).expect_err("no agreement");
    assert!(reject.reject_message.contains("No consensus"), "{reject}");
}

#[test]
fn a_transform_makes_different_responses_agree() {
    let server = server();
    let pic = server.instance();
    let canister = canister(&pic);
    let request = request("https://example.com/price", Some((canister, "constant")));
    let (message, waiting) = pending(&pic, canister, &request);
    let bodies: Vec<[u8; 1]> = (0..13).map(|node| [node]).collect();
    let bodies: Vec<&[u8]> = bodies.iter().map(<[u8; 1]>::as_slice).collect();
    answer(&pic, &waiting, &bodies);
    let reply = pic.await_call(message).expect("the outcall succeeds");
    let reply: HttpRequestResult = decode_one(&reply).unwrap();
    assert_eq!(reply, result(b"transformed"));
}

#[test]
fn a_transform_gets_the_response_and_its_context() {
    let reply = transformed("reflect").expect("the outcall succeeds");
    let argument: TransformArgs = decode_one(&reply).unwrap();
    assert_eq!(argument.response, result(b"42"));
    assert_eq!(argument.context, CONTEXT);
}

#[test]
fn a_transform_that_traps_or_is_missing_rejects_the_outcall() {
    for (method, expected) in [
        ("trap", "trapped"),
        ("missing", "no query method 'missing'"),
    ] {
        let reject = transformed(method).expect_err("no response");
        assert_eq!(reject.reject_code, RejectCode::CanisterReject);
        assert!(reject.reject_message.contains(expected), "{reject}");
    }
}

#[test]
fn a_transform_of_another_canister_is_refused() {
    let server = server();
    let pic = server.instance();
    let canister = canister(&pic);
    let other = Principal::anonymous();
    let message = submit(
        &pic,
        canister,
        &request("https://a.b", Some((other, "constant"))),
    );
    let reject = pic.await_call(message).expect_err("refused");
    let expected = format!("transform principal id expected to be {canister}, got {other}");
    assert_eq!(reject.reject_message, expected);
}

#[test]
fn a_wrong_number_of_answers_is_refused_and_the_outcall_waits_on() {
    silence_caught_panics();
    let server = server();
    let pic = server.instance();
    let canister = canister(&pic);
    let (message, waiting) = pending(&pic, canister, &request("https://a.b", None));
    let text = caught(|| answer(&pic, &waiting, &[b"1", b"1"])).expect_err("refused");
    assert!(
        text.contains("InvalidMockCanisterHttpResponses((2, 13))"),
        "{text}"
    );
    assert_eq!(pic.get_canister_http().len(), 1);
    answer(&pic, &waiting, &[b"1"]);
    assert!(pic.await_call(message).is_ok());
}

/// Answers one HTTP request with `body`; its address, and the request as it came.
fn one_answer(body: &'static str) -> (SocketAddr, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let serving = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut request = Vec::new();
        let mut buffer = [0; 1_024];
        while !request.ends_with(b"\r\n\r\n") {
            let read = stream.read(&mut buffer).expect("a request");
            assert!(read > 0, "the request ends early");
            request.extend_from_slice(&buffer[..read]);
        }
        let head = format!(
            "HTTP/1.1 418 I'm a teapot\r\nx-kind: tea\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("writes");
        stream.write_all(body.as_bytes()).expect("writes");
        String::from_utf8_lossy(&request).into_owned()
    });
    (address, serving)
}

fn answer_in_time(pic: &PocketIc, message: &RawMessageId) -> Result<Vec<u8>, RejectResponse> {
    let start = Instant::now();
    loop {
        if let Some(result) = pic.ingress_status(message.clone()) {
            return result;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "no answer");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_live_network_makes_real_requests() {
    let server = server();
    let pic = server.instance();
    let canister = canister(&pic);
    pic.auto_progress();
    let (address, serving) = one_answer("the body");
    let mut request = request(&format!("http://{address}/path?query"), None);
    request.headers = vec![HttpHeader {
        name: "x-asked-by".to_string(),
        value: "a canister".to_string(),
    }];
    let message = submit(&pic, canister, &request);
    let reply = answer_in_time(&pic, &message).expect("a response");
    let reply: HttpRequestResult = decode_one(&reply).unwrap();
    assert_eq!(reply.status, candid::Nat::from(418_u16));
    assert_eq!(reply.body, b"the body");
    let kind = reply.headers.iter().find(|header| header.name == "x-kind");
    assert_eq!(kind.map(|header| header.value.as_str()), Some("tea"));
    let asked = serving.join().expect("one request came");
    assert!(asked.starts_with("GET /path?query HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains("x-asked-by: a canister\r\n"), "{asked}");
    pic.stop_progress();
}

#[test]
fn a_live_network_rejects_responses_that_are_too_large_or_do_not_come() {
    let server = server();
    let pic = server.instance();
    let canister = canister(&pic);
    pic.auto_progress();
    let (address, _) = one_answer("four");
    let mut small = request(&format!("http://{address}/"), None);
    small.max_response_bytes = Some(3);
    let message = submit(&pic, canister, &small);
    let reject = answer_in_time(&pic, &message).expect_err("too large");
    assert!(
        reject
            .reject_message
            .contains("exceeds size limit of 3 bytes"),
        "{reject}"
    );
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let nobody = format!("http://{}/", free.expect("a port"));
    let message = submit(&pic, canister, &request(&nobody, None));
    assert!(answer_in_time(&pic, &message).is_err());
    pic.stop_progress();
}
