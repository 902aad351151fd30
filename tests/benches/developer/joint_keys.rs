//! Joint keys as a canister's developer waits for them: the first use of a key, and signatures from a warm stock.
//!
//! Between measurements the nodes get time to fill their stock of presignatures, which they do on a thread of their own.

use std::time::Duration;

use candid::{CandidType, Encode, Principal};
use chainkey_tests::modules::{CERTIFIER, FORWARDER, forward, wasm};
use chainkey_tests::server::Server;
use criterion::Criterion;
use ic_management_canister_types as management;
use pocket_ic::{PocketIc, PocketIcBuilder};

use super::{start, sum, timed};

/// The names of these measurements.
pub const NAMES: [&str; 9] = [
    "first_ecdsa_signature_13",
    "first_ecdsa_signature_34",
    "sign_with_ecdsa_13",
    "sign_with_ecdsa_34",
    "sign_with_schnorr_13",
    "sign_with_schnorr_34",
    "vetkd_derive_key_13",
    "vetkd_derive_key_34",
    "instance_to_first_certificate_13",
];
/// Cycles attached to each request.
const CYCLES: u64 = 100_000_000_000;
/// Long enough to fill the stock.
const PAUSE: Duration = Duration::from_millis(1500);

/// A subnet that holds keys: its nodes, and the name of its keys.
#[derive(Clone, Copy)]
struct Holder {
    nodes: u32,
    key: &'static str,
    with: fn(PocketIcBuilder) -> PocketIcBuilder,
}

const HOLDERS: [Holder; 2] = [
    Holder {
        nodes: 13,
        key: "test_key_1",
        with: PocketIcBuilder::with_test_threshold_keys_subnet,
    },
    Holder {
        nodes: 34,
        key: "key_1",
        with: PocketIcBuilder::with_fiduciary_subnet,
    },
];

impl Holder {
    /// A network of this subnet, and a canister on it.
    fn network(self, server: &Server) -> (PocketIc, Principal) {
        let pic = (self.with)(server.builder()).build();
        let subnet = pic.topology().subnet_configs.keys().copied().next();
        let canister = pic.create_canister_on_subnet(None, None, subnet.expect("a subnet"));
        pic.add_cycles(canister, 1_000_000_000_000_000);
        pic.install_canister(canister, wasm(FORWARDER), vec![], None);
        (pic, canister)
    }

    fn ecdsa(self) -> (&'static str, Vec<u8>) {
        let arguments = management::SignWithEcdsaArgs {
            message_hash: vec![7; 32],
            derivation_path: vec![],
            key_id: management::EcdsaKeyId {
                curve: management::EcdsaCurve::Secp256k1,
                name: self.key.into(),
            },
        };
        ("sign_with_ecdsa", encoded(&arguments))
    }

    fn schnorr(self) -> (&'static str, Vec<u8>) {
        let arguments = management::SignWithSchnorrArgs {
            message: vec![7; 100],
            derivation_path: vec![],
            key_id: management::SchnorrKeyId {
                algorithm: management::SchnorrAlgorithm::Bip340secp256k1,
                name: self.key.into(),
            },
            aux: None,
        };
        ("sign_with_schnorr", encoded(&arguments))
    }

    fn vetkd(self) -> (&'static str, Vec<u8>) {
        let mut transport = [0; 48];
        transport[0] = 0xc0;
        let arguments = management::VetKDDeriveKeyArgs {
            input: b"input".to_vec(),
            context: b"context".to_vec(),
            // The identity: what it costs does not depend on the key.
            transport_public_key: transport.to_vec(),
            key_id: management::VetKDKeyId {
                curve: management::VetKDCurve::Bls12_381_G2,
                name: self.key.into(),
            },
        };
        ("vetkd_derive_key", encoded(&arguments))
    }
}

fn encoded(arguments: &impl CandidType) -> Vec<u8> {
    Encode!(arguments).expect("arguments")
}

fn ask(pic: &PocketIc, canister: Principal, (method, payload): &(&str, Vec<u8>)) {
    let call = forward(&[], CYCLES, method, payload);
    let reply = pic.update_call(canister, Principal::anonymous(), "forward", call);
    assert!(reply.expect(method).len() > 64);
}

/// All measurements of joint keys.
pub fn measure(c: &mut Criterion) {
    let server = start();
    for holder in HOLDERS {
        let nodes = holder.nodes;
        c.bench_function(&format!("first_ecdsa_signature_{nodes}"), |b| {
            b.iter_custom(|iterations| {
                sum(iterations, || {
                    let (pic, canister) = holder.network(&server);
                    timed(|| ask(&pic, canister, &holder.ecdsa()))
                })
            })
        });
        let (pic, canister) = holder.network(&server);
        for request in [holder.ecdsa(), holder.schnorr(), holder.vetkd()] {
            ask(&pic, canister, &request);
            c.bench_function(&format!("{}_{nodes}", request.0), |b| {
                b.iter_custom(|iterations| {
                    sum(iterations, || {
                        std::thread::sleep(PAUSE);
                        timed(|| ask(&pic, canister, &request))
                    })
                })
            });
        }
    }
    c.bench_function("instance_to_first_certificate_13", |b| {
        b.iter_custom(|iterations| {
            sum(iterations, || {
                timed(|| {
                    let pic = server.instance();
                    let canister = pic.create_canister();
                    pic.install_canister(canister, wasm(CERTIFIER), vec![5; 32], None);
                    let user = Principal::anonymous();
                    let certificate = pic.query_call(canister, user, "certificate", vec![]);
                    assert!(certificate.expect("a certificate").len() > 100);
                })
            })
        })
    });
}
