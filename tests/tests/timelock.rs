//! The timelock through the client: sealed, not opened early by anyone, opened in time by everyone, paid for by whoever sealed.
//!
//! - In: the modules built by `make wasm`, and the server that [`chainkey_tests::world`] finds.
//! - Only the client's public interface is used, so these tests hold on any server that speaks it. The official library encrypts and decrypts; the
//!   network's nodes derive the keys.

use candid::Principal;
use canister_kit::{Admission, InitArgs, Refusal};
use chainkey_tests::timelock::{TimelockCanister, TimelockError, decrypt, encrypt};
use chainkey_tests::wallet::person;
use chainkey_tests::world::{World, guardian, local_args};
use ic_vetkeys::{DerivedPublicKey, verify_bls_signature};
use std::time::Duration;

const MINUTE: u64 = 60_000_000_000;

fn anonymous() -> Principal {
    Principal::anonymous()
}

/// A network with the timelock on it.
struct Scene {
    world: World,
    canister: Principal,
}

impl Scene {
    fn new() -> Self {
        let world = World::new().unwrap();
        let timelock = TimelockCanister::install(&world, &local_args()).unwrap();
        timelock.prepare_key(person("ann")).unwrap();
        let canister = timelock.canister();
        Self { world, canister }
    }

    fn timelock(&self) -> TimelockCanister<'_> {
        TimelockCanister::at(self.world.network(), self.canister)
    }

    fn go_to(&self, time: u64) {
        let ahead = time - self.timelock().now();
        self.world
            .network()
            .advance_time(Duration::from_nanos(ahead));
        // Queries see the time of the last block.
        self.world.network().tick();
    }

    fn upgrade(&self) {
        self.world.upgrade(self.canister, "timelock").unwrap();
    }
}

#[test]
fn a_message_is_opened_by_nobody_before_its_time_and_by_everyone_after_it() {
    let scene = Scene::new();
    let (ann, timelock) = (person("ann"), scene.timelock());
    let time = timelock.now() + 10 * MINUTE;
    let bucket = timelock.bucket_for(time).unwrap();
    assert!((time..time + MINUTE).contains(&bucket.opens_at));
    let ciphertext = encrypt(&bucket, b"in ten minutes");
    let sealed = timelock.seal(ann, b"1", time, &ciphertext).unwrap();
    assert_eq!((sealed.id, sealed.opens_at), (1, bucket.opens_at));
    assert_eq!(
        timelock.sealed_in(bucket.bucket),
        std::slice::from_ref(&sealed)
    );
    scene.upgrade();
    let at = sealed.opens_at;
    for time in [timelock.now() + MINUTE, at - 1_000_000_000] {
        scene.go_to(time);
        // The one who sealed, the controller of the client's canisters, the guardian, a stranger.
        for by in [ann, anonymous(), guardian(), person("eve")] {
            let early = TimelockError::TooEarly { at };
            assert_eq!(timelock.release(by, bucket.bucket), Err(early.clone()));
            assert_eq!(timelock.open(by, 1), Err(early));
        }
        assert_eq!(timelock.bucket_for(time).unwrap().released, None);
    }
    scene.go_to(at);
    scene.upgrade();
    let number = bucket.bucket;
    let unreleased = TimelockError::NotReleased { bucket: number };
    assert_eq!(timelock.open(ann, 1), Err(unreleased));
    let released = timelock.release(anonymous(), number).unwrap();
    scene.upgrade();
    for by in [anonymous(), person("eve")] {
        let opened = timelock.open(by, 1).unwrap();
        assert_eq!(opened.vetkey, released.vetkey);
        let text = decrypt(&opened.ciphertext, &opened.vetkey).unwrap();
        assert_eq!(text, b"in ten minutes");
    }
    assert_eq!(timelock.release(ann, number), Ok(released.clone()));
    // Everyone can check that the key is the bucket's.
    let key = DerivedPublicKey::deserialize(&bucket.public_key).unwrap();
    assert!(verify_bls_signature(
        &key,
        &bucket.identity,
        &released.vetkey
    ));
}

#[test]
fn nobody_makes_the_canister_pay_for_buckets_that_nobody_sealed_to() {
    let scene = Scene::new();
    let (ann, timelock) = (person("ann"), scene.timelock());
    let sealed = timelock
        .seal_text(ann, timelock.now() + MINUTE, "one")
        .unwrap();
    scene.go_to(sealed.opens_at + 100 * MINUTE);
    let network = scene.world.network();
    let before = network.cycle_balance(scene.canister);
    for bucket in sealed.bucket - 50..sealed.bucket + 50 {
        if bucket != sealed.bucket {
            let refused = timelock.release(anonymous(), bucket);
            assert_eq!(refused, Err(TimelockError::NoSuchBucket));
        }
    }
    let spent = before - network.cycle_balance(scene.canister);
    assert!(spent < 10_000_000_000, "{spent} cycles, less than one key");
    // Of many calls for a bucket that is paid for, one pays.
    for _ in 0..5 {
        timelock.release(anonymous(), sealed.bucket).unwrap();
    }
    let spent = before - network.cycle_balance(scene.canister);
    assert!(spent < 50_000_000_000, "{spent} cycles, less than two keys");
}

#[test]
fn only_who_is_admitted_seals_and_pays_for_the_key() {
    let world = World::new().unwrap();
    let (ann, eve) = (person("ann"), person("eve"));
    let args = InitArgs {
        admission: Admission::AllowList(vec![ann]),
        ..local_args()
    };
    let timelock = TimelockCanister::install(&world, &args).unwrap();
    timelock.prepare_key(eve).unwrap();
    let time = timelock.now() + 10 * MINUTE;
    let refused = timelock.seal_text(eve, time, "eve's");
    assert_eq!(refused, Err(TimelockError::Refused(Refusal::NotAllowed)));
    let refused = timelock.seal_text(anonymous(), time, "nobody's");
    assert_eq!(refused, Err(TimelockError::Refused(Refusal::Anonymous)));
    let ciphertext = encrypt(&timelock.bucket_for(time).unwrap(), b"ann's");
    for _ in 0..2 {
        let sealed = timelock.seal(ann, b"1", time, &ciphertext);
        assert_eq!(sealed.unwrap().id, 1);
    }
    // Sealed again it is another ciphertext, and so another request.
    let other = encrypt(&timelock.bucket_for(time).unwrap(), b"ann's");
    let reused = timelock.seal(ann, b"1", time, &other);
    assert_eq!(
        reused,
        Err(TimelockError::Refused(Refusal::RequestIdReused))
    );
    let past = timelock.seal(
        ann,
        b"2",
        timelock.now() - MINUTE,
        &encrypt(&timelock.bucket_for(0).unwrap(), b"x"),
    );
    assert!(matches!(past, Err(TimelockError::Time { .. })));
    let nonsense = timelock.seal(ann, b"3", time, &[0; 200]);
    assert_eq!(nonsense, Err(TimelockError::NoCiphertext));
}

#[test]
fn the_key_of_one_minute_opens_no_other() {
    let scene = Scene::new();
    let (ann, timelock) = (person("ann"), scene.timelock());
    let now = timelock.now();
    let soon = timelock.seal_text(ann, now + MINUTE, "soon").unwrap();
    let time = now + 60 * MINUTE;
    let ciphertext = encrypt(&timelock.bucket_for(time).unwrap(), b"late");
    timelock.seal(ann, b"late", time, &ciphertext).unwrap();
    scene.go_to(soon.opens_at);
    let released = timelock.release(anonymous(), soon.bucket).unwrap();
    assert!(decrypt(&ciphertext, &released.vetkey).is_err());
    let opened = timelock.open(ann, soon.id).unwrap();
    assert_eq!(
        decrypt(&opened.ciphertext, &opened.vetkey).unwrap(),
        b"soon"
    );
}
