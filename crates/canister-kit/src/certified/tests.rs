//! The pages as a gateway sees them: verified by ic-response-verification against a certificate that a root key of this
//! test signs.

use super::tree::write_tree;
use crate::admission::Admission;
use crate::encoding::Timestamp;
use crate::kit::Kit;
use crate::memory::Regions;
use crate::product::NoProduct;
use crate::runtime::fake::{Fake, person};
use crate::{Environment, InitArgs, Refusal, Service};
use ic_certification::{fork, labeled, leaf};
use ic_http_certification::{HttpRequest, HttpResponse, StatusCode};
use ic_response_verification::verify_request_response_pair;
use ic_stable_structures::VectorMemory;
use ic_verify_bls_signature::PrivateKey;

type PlainKit = Kit<NoProduct, VectorMemory>;

/// The DER of a BLS key up to its 96 bytes (IC interface specification, "Certificate").
const DER_PREFIX: &str =
    "308182301d060d2b0601040182dc7c0503010201060c2b0601040182dc7c05030201036100";

/// A network's root key.
struct Root(PrivateKey);

impl Root {
    fn new() -> Self {
        let mut bytes = [0; 32];
        bytes[31] = 42;
        Self(PrivateKey::deserialize(&bytes).unwrap())
    }

    fn der(&self) -> Vec<u8> {
        let mut der = hex::decode(DER_PREFIX).unwrap();
        der.extend_from_slice(&self.0.public_key().serialize());
        der
    }

    /// A certificate over the certified data that were set last.
    fn certify(&self, world: &Fake) {
        let data = world.certified.get().unwrap();
        let canister = labeled(
            world.canister.as_slice(),
            labeled("certified_data", leaf(data)),
        );
        let tree = fork(
            labeled("canister", canister),
            labeled("time", leaf(leb128(world.now.get().0))),
        );
        let message = [&b"\x0dic-state-root"[..], &tree.digest()].concat();
        let signature = self.0.sign(&message).serialize();
        // {"tree": tree, "signature": signature}
        let mut bytes = vec![0xd9, 0xd9, 0xf7, 0xa2, 0x64];
        bytes.extend_from_slice(b"tree");
        bytes.extend_from_slice(&write_tree(&tree)[3..]);
        bytes.push(0x69);
        bytes.extend_from_slice(b"signature");
        bytes.extend_from_slice(&[0x58, 48]);
        bytes.extend_from_slice(&signature);
        world.certificate.replace(Some(bytes));
    }

    /// Whether a gateway believes the answer.
    fn believes(&self, world: &Fake, url: &str, response: HttpResponse<'static>) -> bool {
        verify_request_response_pair(
            HttpRequest::get(url).build(),
            response,
            world.canister.as_slice(),
            u128::from(world.now.get().0),
            u128::from(5 * 60 * Timestamp::SECOND),
            &self.der(),
            2,
        )
        .is_ok_and(|verified| verified.response.is_some())
    }
}

fn leb128(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

fn installed(world: &Fake) -> PlainKit {
    let service = Service {
        name: "plain",
        version: "1.2.3",
        schema_version: 1,
    };
    let regions = Regions::of(VectorMemory::default());
    let mut kit = Kit::open(&regions, service, NoProduct);
    let args = InitArgs {
        environment: Environment::Local,
        key_name: "test_key_1".to_owned(),
        guardian: Some(person(1)),
        admission: Admission::Open {
            cycles_per_day: 1_000_000,
        },
    };
    kit.install(world, args).unwrap();
    kit.certify(world);
    kit
}

fn get(kit: &PlainKit, world: &Fake, url: &str) -> HttpResponse<'static> {
    kit.http(world, &HttpRequest::get(url).build())
}

fn body(response: &HttpResponse<'_>) -> String {
    String::from_utf8(response.body().to_vec()).unwrap()
}

#[test]
fn a_gateway_believes_every_page_and_the_absence_of_others() {
    let (world, root) = (Fake::new(), Root::new());
    let kit = installed(&world);
    root.certify(&world);
    let pages = [
        ("/", StatusCode::OK),
        ("/metrics", StatusCode::OK),
        ("/metrics?format=text", StatusCode::OK),
        ("/nothing", StatusCode::NOT_FOUND),
        ("/metrics/deeper/path", StatusCode::NOT_FOUND),
        ("/metrics/", StatusCode::NOT_FOUND),
    ];
    for (url, status) in pages {
        let response = get(&kit, &world, url);
        assert_eq!(response.status_code(), status, "{url}");
        assert!(root.believes(&world, url, response), "{url}");
    }
}

#[test]
fn a_gateway_does_not_believe_a_changed_body_or_another_pages_answer() {
    let (world, root) = (Fake::new(), Root::new());
    let kit = installed(&world);
    root.certify(&world);
    let honest = get(&kit, &world, "/metrics");
    let forged = HttpResponse::builder()
        .with_status_code(honest.status_code())
        .with_headers(honest.headers().to_vec())
        .with_body(b"canister_paused 0\n".as_slice())
        .build();
    assert!(!root.believes(&world, "/metrics", forged));
    assert!(!root.believes(&world, "/", honest));
    // The absence of a page that is there.
    let missing = get(&kit, &world, "/nothing");
    assert!(!root.believes(&world, "/metrics", missing));
}

#[test]
fn a_gateway_does_not_believe_another_root_key_or_data_that_were_not_certified() {
    let (world, root) = (Fake::new(), Root::new());
    let mut kit = installed(&world);
    root.certify(&world);
    let other = Root(PrivateKey::deserialize(&[1; 32]).unwrap());
    assert!(!other.believes(&world, "/", get(&kit, &world, "/")));
    // A change that was not certified anew shows: the witness no longer leads to the certified root.
    kit.set_paused(&world, true).unwrap();
    assert!(!root.believes(&world, "/", get(&kit, &world, "/")));
    kit.certify(&world);
    root.certify(&world);
    assert!(root.believes(&world, "/", get(&kit, &world, "/")));
}

#[test]
fn pages_show_the_canister_as_the_last_change_left_it() {
    let world = Fake::new();
    let mut kit = installed(&world);
    let before = body(&get(&kit, &world, "/metrics"));
    let at = world.now.get().0 / 1_000_000;
    assert!(before.contains(&format!("canister_paused 0 {at}\n")));
    assert!(before.contains("canister_budget_left 1000000 "));
    assert!(
        before.contains("canister_info{name=\"plain\",version=\"1.2.3\",environment=\"Local\"")
    );
    assert!(body(&get(&kit, &world, "/")).contains("active"));
    world.pass(Timestamp::SECOND);
    let refused = kit.set_paused(world.call_as(person(9)), true);
    assert_eq!(refused, Err(Refusal::NotGuardian));
    kit.set_paused(world.call_as(person(1)), true).unwrap();
    kit.certify(&world);
    let after = body(&get(&kit, &world, "/metrics"));
    assert!(after.contains(&format!("canister_paused 1 {}\n", at + 1000)));
    assert!(after.contains("canister_refusals{reason=\"not_guardian\"} 1 "));
    assert!(after.contains("canister_audit_events 2 "));
    assert!(body(&get(&kit, &world, "/")).contains("paused"));
}

#[test]
fn a_refused_update_certifies_nothing_anew() {
    let world = Fake::new();
    let mut kit = installed(&world);
    world.certified.set(None);
    let refused = kit.set_paused(world.call_as(person(9)), true);
    assert_eq!(refused, Err(Refusal::NotGuardian));
    kit.certify(&world);
    assert_eq!(world.certified.get(), None);
    kit.set_paused(world.call_as(person(1)), true).unwrap();
    kit.certify(&world);
    assert!(world.certified.get().is_some());
}

#[test]
fn an_answer_in_an_update_has_no_certificate() {
    let world = Fake::new();
    let kit = installed(&world);
    let response = get(&kit, &world, "/");
    let has = |name: &str| {
        let mut headers = response.headers().iter();
        headers.any(|(header, _)| header.eq_ignore_ascii_case(name))
    };
    assert!(has("ic-certificateexpression"));
    assert!(!has("ic-certificate"));
}

#[test]
fn a_url_that_is_none_is_a_bad_request() {
    let world = Fake::new();
    let kit = installed(&world);
    let response = get(&kit, &world, "http://[");
    assert_eq!(response.status_code(), StatusCode::BAD_REQUEST);
}
