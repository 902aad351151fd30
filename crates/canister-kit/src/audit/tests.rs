//! The audit log as its reader sees it: pages of a kit, and attempts to deceive.

use super::*;
use crate::admission::Admission;
use crate::certified::{Branches, write_tree};
use crate::domain::Hash;
use crate::event::{KitEvent, Logged, NoEvent, Stamped};
use crate::kit::Kit;
use crate::memory::Regions;
use crate::product::NoProduct;
use crate::runtime::fake::{Fake, person};
use crate::{Environment, InitArgs, Service};
use ic_stable_structures::VectorMemory;
use serde_bytes::ByteBuf;

type PlainKit = Kit<NoProduct, VectorMemory>;

fn open(memory: &VectorMemory) -> PlainKit {
    let service = Service {
        name: "plain",
        version: "0.0.0",
        schema_version: 1,
    };
    Kit::open(&Regions::of(memory.clone()), service, NoProduct)
}

/// A kit whose log has `events` events, and the world in which it is certified.
fn with_events(events: u64, memory: &VectorMemory) -> (PlainKit, Fake) {
    let (world, mut kit) = (Fake::new(), open(memory));
    let args = InitArgs {
        environment: Environment::Local,
        key_name: "test_key_1".to_owned(),
        guardian: Some(person(1)),
        admission: Admission::Prepaid,
    };
    kit.install(&world, args).unwrap();
    for number in 1..events {
        kit.set_paused(&world, number % 2 == 1).unwrap();
    }
    kit.certify(&world);
    (kit, world)
}

fn pages(kit: &PlainKit, world: &Fake, limit: u32) -> Vec<AuditPage> {
    let mut pages = Vec::new();
    let mut next = 0;
    loop {
        let page = kit.audit_log(world, next, limit);
        next += page.events.len() as u64;
        let done = next == page.length;
        pages.push(page);
        if done {
            return pages;
        }
    }
}

fn certified(world: &Fake) -> Hash {
    world.certified.get().unwrap()
}

#[test]
fn a_log_in_pages_of_any_size_verifies_also_after_an_upgrade() {
    let memory = VectorMemory::default();
    let (kit, world) = with_events(25, &memory);
    for limit in [1, 7, 25, 1000, u32::MAX] {
        let head = verify_audit(&pages(&kit, &world, limit), &certified(&world)).unwrap();
        assert_eq!(head.length, 25);
    }
    let mut upgraded = open(&memory);
    upgraded.set_paused(&world, true).unwrap();
    upgraded.certify(&world);
    let head = verify_audit(&pages(&upgraded, &world, 10), &certified(&world)).unwrap();
    assert_eq!(head.length, 26);
}

#[test]
fn events_can_be_read_as_they_were_recorded() {
    let (kit, world) = with_events(2, &VectorMemory::default());
    let page = kit.audit_log(&world, 1, 1);
    let event: Stamped<Logged<NoEvent>> = minicbor::decode(&page.events[0]).unwrap();
    assert_eq!(event.by.0, person(1));
    assert_eq!(event.at, world.now.get());
    let paused = Logged::Kit(KitEvent::PauseSet { paused: true });
    assert_eq!(event.event, paused);
}

#[test]
fn a_page_beyond_the_end_has_no_events_and_still_the_certified_head() {
    let (kit, world) = with_events(3, &VectorMemory::default());
    let page = kit.audit_log(&world, u64::MAX, 5);
    assert_eq!((page.first, page.events.len(), page.length), (3, 0, 3));
    let head = certified_head(&page.witness, &certified(&world)).unwrap();
    assert_eq!(head.link.0[..], page.head[..]);
    assert_eq!(kit.audit_log(&world, 0, 0).events.len(), 0);
}

#[test]
fn the_certificate_is_that_of_the_query() {
    let (kit, world) = with_events(1, &VectorMemory::default());
    assert_eq!(kit.audit_log(&world, 0, 1).certificate, None);
    world.certificate.replace(Some(vec![1, 2, 3]));
    let page = kit.audit_log(&world, 0, 1);
    assert_eq!(page.certificate, Some(ByteBuf::from([1, 2, 3])));
}

#[test]
fn a_changed_missing_added_or_swapped_event_is_found() {
    let (kit, world) = with_events(6, &VectorMemory::default());
    let honest = pages(&kit, &world, 100);
    let data = certified(&world);
    verify_audit(&honest, &data).unwrap();
    let forge = |change: fn(&mut Vec<ByteBuf>)| {
        let mut page = honest[0].clone();
        change(&mut page.events);
        verify_audit(&[page], &data)
    };
    let forged = [
        forge(|events| events[3][5] ^= 1),
        forge(|events| drop(events.remove(2))),
        forge(|events| events.push(ByteBuf::from([0]))),
        forge(|events| events.swap(1, 2)),
        forge(|events| events.truncate(3)),
    ];
    for outcome in forged {
        assert!(matches!(outcome, Err(AuditError::OtherHead { .. })));
    }
}

#[test]
fn pages_that_do_not_join_are_found() {
    let (kit, world) = with_events(9, &VectorMemory::default());
    let data = certified(&world);
    let mut missing = pages(&kit, &world, 3);
    missing.remove(1);
    let gap = AuditError::Gap {
        expected: 3,
        first: 6,
    };
    assert_eq!(verify_audit(&missing, &data), Err(gap));
    let mut relinked = pages(&kit, &world, 3);
    relinked[1].before[0] ^= 1;
    let other = AuditError::OtherLink { index: 3 };
    assert_eq!(verify_audit(&relinked, &data), Err(other));
    assert_eq!(verify_audit(&[], &data), Err(AuditError::NoPage));
}

#[test]
fn a_witness_of_another_root_or_without_a_head_is_refused() {
    let (kit, world) = with_events(3, &VectorMemory::default());
    let mut page = kit.audit_log(&world, 0, 10);
    let data = certified(&world);
    let other = verify_audit(std::slice::from_ref(&page), &[7; 32]);
    assert_eq!(other, Err(AuditError::OtherRoot));
    // A tree of somebody's own, certified or not, shows no head where none is.
    let branches = Branches {
        head: Head::genesis(),
        pages: [1; 32],
        product: None,
    };
    let hidden = branches.page_witness(ic_certification::pruned([1; 32]));
    page.witness = ByteBuf::from(write_tree(&hidden));
    let outcome = verify_audit(std::slice::from_ref(&page), &hidden.digest());
    assert_eq!(outcome, Err(AuditError::NoHead));
    page.witness = ByteBuf::from([0xff]);
    let outcome = verify_audit(&[page], &data);
    assert!(matches!(outcome, Err(AuditError::Witness(_))));
}

#[test]
fn a_page_stays_below_its_size() {
    let mut log = EventLog::<minicbor::bytes::ByteVec, _>::open(
        VectorMemory::default(),
        VectorMemory::default(),
    );
    struct Nothing;
    impl crate::event::Replayed for Nothing {
        type Event = minicbor::bytes::ByteVec;
        fn apply(&mut self, _: crate::Stamp, _: &Self::Event) {}
    }
    let stamp = crate::Stamp::new(&Fake::new(), crate::encoding::Identity(person(1)));
    for _ in 0..5 {
        let large = vec![7; MAX_EVENT_BYTES - 100].into();
        log.record(&mut Nothing, stamp, large);
    }
    let page = AuditPage::of(&log, 0, 1000, None, Vec::new());
    assert_eq!(page.events.len(), 4);
    let encoded = candid::encode_one(&page).unwrap();
    assert!(encoded.len() < MAX_PAGE_BYTES + 1000, "{}", encoded.len());
}
