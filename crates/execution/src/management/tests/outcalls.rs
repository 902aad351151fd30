//! HTTP outcalls.

use super::*;
use crate::management::{
    OutcallAnswer, OutcallError, OutcallId, OutcallReject, Replication, answer_outcall,
};

fn request() -> types::HttpRequestArgs {
    types::HttpRequestArgs {
        url: "https://example.com/x".into(),
        max_response_bytes: Some(1_000),
        ..Default::default()
    }
}

fn response(body: &[u8]) -> OutcallAnswer {
    OutcallAnswer::Response(types::HttpRequestResult {
        status: 200_u32.into(),
        headers: vec![],
        body: body.to_vec(),
    })
}

fn open(world: &mut World, request: &types::HttpRequestArgs) -> OutcallId {
    let caller = world.canister(TRILLION);
    world.canister_call(caller, "http_request", request, TRILLION);
    assert!(world.responses().is_empty());
    let pending: Vec<OutcallId> = world
        .state
        .outcalls
        .pending()
        .map(|outcall| outcall.id)
        .collect();
    let [id] = pending.as_slice() else {
        panic!("one outcall is pending")
    };
    *id
}

#[test]
fn one_answer_for_all_nodes_becomes_the_reply_of_the_next_round() {
    let mut world = World::new();
    let id = open(&mut world, &request());
    answer_outcall(&mut world.state, id, vec![response(b"hi")]).expect("it waits");
    assert_eq!(world.state.outcalls.pending().count(), 0);
    world.advance(0);
    management::answer_waiting(&mut world.state);
    let responses = world.responses();
    let [(Payload::Reply(reply), refund)] = responses.as_slice() else {
        panic!("{responses:?}")
    };
    let reply: types::HttpRequestResult = candid::decode_one(reply).expect("decodes");
    assert_eq!(reply.body, b"hi");
    assert_eq!(*refund, Cycles(TRILLION - 59_649_200));
    assert_eq!(
        answer_outcall(&mut world.state, id, vec![response(b"")]),
        Err(OutcallError::Unknown(id))
    );
}

#[test]
fn nodes_have_to_agree_up_to_the_faulty_ones() {
    for (different, agreed) in [(4, true), (5, false)] {
        let mut world = World::new();
        let id = open(&mut world, &request());
        let answers = (0..13)
            .map(|i| response(if i < different { b"b" } else { b"a" }))
            .collect();
        answer_outcall(&mut world.state, id, answers).expect("it waits");
        management::answer_waiting(&mut world.state);
        match world.responses().as_slice() {
            [(Payload::Reply(_), _)] => assert!(agreed),
            [(Payload::Reject(reject), _)] => {
                assert!(!agreed);
                assert_eq!(reject.code, RejectCode::SysTransient);
                assert!(reject.message.starts_with("No consensus could be reached. Replicas had different responses. Details: request_id: 0, timeout: "));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_number_of_answers_must_fit() {
    let mut world = World::new();
    let id = open(&mut world, &request());
    let two = vec![response(b""), response(b"")];
    assert_eq!(
        answer_outcall(&mut world.state, id, two),
        Err(OutcallError::WrongNumber {
            given: 2,
            nodes: 13
        })
    );
}

#[test]
fn a_single_node_needs_no_agreement() {
    let mut world = World::new();
    let id = open(
        &mut world,
        &types::HttpRequestArgs {
            is_replicated: Some(false),
            ..request()
        },
    );
    assert!(matches!(
        world.state.outcalls.get(id).map(|o| o.replication),
        Some(Replication::One(_))
    ));
    answer_outcall(&mut world.state, id, vec![response(b"x")]).expect("it waits");
    management::answer_waiting(&mut world.state);
    assert!(matches!(
        world.responses().as_slice(),
        [(Payload::Reply(_), _)]
    ));
}

#[test]
fn a_reject_of_the_nodes_is_passed_on() {
    let mut world = World::new();
    let id = open(&mut world, &request());
    let reject = OutcallReject {
        code: RejectCode::SysFatal,
        message: "no route".into(),
    };
    answer_outcall(&mut world.state, id, vec![OutcallAnswer::Reject(reject)]).expect("it waits");
    management::answer_waiting(&mut world.state);
    let (code, message, _) = world.reject();
    assert_eq!((code, message.as_str()), (RejectCode::SysFatal, "no route"));
}

#[test]
fn an_outcall_times_out_after_a_minute() {
    let mut world = World::new();
    open(&mut world, &request());
    world.advance(60);
    management::answer_waiting(&mut world.state);
    assert!(world.responses().is_empty());
    world.advance(1);
    management::answer_waiting(&mut world.state);
    let (code, message, _) = world.reject();
    assert_eq!(
        (code, message.as_str()),
        (RejectCode::SysTransient, "Canister http request timed out")
    );
}

#[test]
fn version_two_charges_what_is_used() {
    let mut world = World::new();
    let id = open(
        &mut world,
        &types::HttpRequestArgs {
            pricing_version: Some(2),
            ..request()
        },
    );
    answer_outcall(&mut world.state, id, vec![response(b"")]).expect("it waits");
    management::answer_waiting(&mut world.state);
    let responses = world.responses();
    let [(Payload::Reply(reply), refund)] = responses.as_slice() else {
        panic!("{responses:?}")
    };
    let each = 1_000_000 + 50 * 21 + 140_000 * 13 + 800 * 169 + 780 * reply.len() as u128;
    assert_eq!(*refund, Cycles(TRILLION - 13 * each));
}

#[test]
fn bad_requests_are_refused_and_refunded() {
    let mut world = World::new();
    let caller = world.canister(TRILLION);
    let cases = [
        (
            types::HttpRequestArgs {
                max_response_bytes: Some(3_000_000),
                ..request()
            },
            TRILLION,
            "max_response_bytes expected to be in the range [0..2000000], got 3000000",
        ),
        (
            request(),
            1_000,
            "http_request request sent with 1_000 cycles, but 59_649_200 cycles are required.",
        ),
    ];
    for (request, cycles, text) in cases {
        world.canister_call(caller, "http_request", &request, cycles);
        let (code, message, refund) = world.reject();
        assert_eq!(
            (code, message.as_str(), refund),
            (RejectCode::CanisterReject, text, Cycles(cycles))
        );
    }
}

#[test]
fn urls_and_headers_have_their_limits() {
    let header = |name: usize, value: usize| types::HttpHeader {
        name: "n".repeat(name),
        value: "v".repeat(value),
    };
    let with_headers = |headers| types::HttpRequestArgs {
        headers,
        ..request()
    };
    let undecodable = "Error decoding candid: Fail to decode argument 0: Deserialize error: The ";
    let cases = [
        (
            types::HttpRequestArgs {
                url: "x".repeat(8_193),
                ..request()
            },
            "url size 8193 exceeds 8192".to_string(),
        ),
        (
            with_headers(vec![header(8_193, 0)]),
            "number of bytes to represent some http header name 8193 exceeds 8192".to_string(),
        ),
        (
            with_headers(vec![header(1, 8_193)]),
            "number of bytes to represent some http header value 8193 exceeds 8192".to_string(),
        ),
        (
            with_headers(vec![header(1, 1); 65]),
            format!("{undecodable}number of elements exceeds maximum allowed 64"),
        ),
        (
            with_headers(vec![header(1, 16_384)]),
            format!("{undecodable}single element data size exceeds maximum allowed 16384"),
        ),
        (
            with_headers(vec![header(1_000, 1_000); 25]),
            format!("{undecodable}total data size exceeds maximum allowed 49152"),
        ),
    ];
    for (request, text) in cases {
        let mut world = World::new();
        let caller = world.canister(TRILLION);
        world.canister_call(caller, "http_request", &request, TRILLION);
        let (code, message, refund) = world.reject();
        assert_eq!((code, message), (RejectCode::CanisterReject, text));
        assert_eq!(refund, Cycles(TRILLION));
    }
}
