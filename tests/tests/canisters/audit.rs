//! A canister's audit log as anyone verifies it: its certificate, its witness and its chain of links, against the root key.
//!
//! - In: a network with an NNS subnet, whose key is the root key. Out: the events.
//! - Certificate and witness are checked by the official libraries, the links by canister-kit.

use candid::Principal;
use canister_kit::audit::{AuditPage, verify_audit};
use chainkey_tests::world::World;
use ic_cbor::{CertificateToCbor, HashTreeToCbor};
use ic_certificate_verification::VerifyCertificate;
use ic_certification::{Certificate, HashTree, LookupResult};
use pocket_ic::query_candid;

/// How old a certificate may be: five minutes.
pub const FRESH: u128 = 300_000_000_000;

/// The 32 bytes that a canister certified, out of a certificate that the official library has verified.
fn certified_data(world: &World, canister: Principal, certificate: &[u8]) -> [u8; 32] {
    let network = world.network();
    let certificate = <Certificate as CertificateToCbor>::from_cbor(certificate).unwrap();
    let root_key = network.root_key().unwrap();
    let now = u128::from(network.get_time().as_nanos_since_unix_epoch());
    certificate
        .verify(canister.as_slice(), &root_key, &now, &FRESH)
        .unwrap();
    let path: [&[u8]; 3] = [b"canister", canister.as_slice(), b"certified_data"];
    match certificate.tree.lookup_path(&path) {
        LookupResult::Found(bytes) => bytes.try_into().unwrap(),
        other => panic!("no certified data: {other:?}"),
    }
}

/// The whole log in pages, the last one with its certificate.
fn audit_log(world: &World, canister: Principal, limit: u32) -> Vec<AuditPage> {
    let mut pages: Vec<AuditPage> = Vec::new();
    loop {
        let next = pages
            .last()
            .map_or(0, |page| page.first + page.events.len() as u64);
        if pages.last().is_some_and(|page| page.length == next) {
            return pages;
        }
        let (page,) = query_candid(world.network(), canister, "audit_log", (next, limit)).unwrap();
        pages.push(page);
    }
}

/// The events, asked for in pages and verified from the first to the root key.
pub fn verified_events(world: &World, canister: Principal, limit: u32) -> Vec<Vec<u8>> {
    let pages = audit_log(world, canister, limit);
    let last = pages.last().unwrap();
    let data = certified_data(world, canister, last.certificate.as_ref().unwrap());
    let witness = <HashTree as HashTreeToCbor>::from_cbor(&last.witness).unwrap();
    assert_eq!(witness.digest(), data);
    let head = verify_audit(&pages, &data).unwrap();
    // A log that was tampered with does not verify.
    let mut forged = pages.clone();
    forged[0].events[0][0] ^= 1;
    verify_audit(&forged, &data).unwrap_err();
    let events = pages.iter().flat_map(|page| &page.events);
    let events: Vec<Vec<u8>> = events.map(|event| event.to_vec()).collect();
    assert_eq!(events.len() as u64, head.length);
    events
}
