//! A canister for unit tests: the kit with messages over plain memory, in a world whose network derives with a known key.
//!
//! - It exists only under `#[cfg(test)]`. Keys are real: the official library encrypts to them and decrypts with them.

use crate::bucket::{Bucket, CONTEXT};
use crate::error::TimelockError;
use crate::event::TimelockEvent;
use crate::fake::{Fake, person};
use crate::message::SealedView;
use crate::prepare;
use crate::read::{self, BucketView, OpenedView};
use crate::release::{self, Release, ReleasedView, Started};
use crate::seal::{self, Wish};
use crate::state::{Messages, TimelockKit};
use candid::Principal;
use canister_kit::calls::CallError;
use canister_kit::encoding::{Cycles, Timestamp};
use canister_kit::event::Stamped;
use canister_kit::memory::Regions;
use canister_kit::runtime::Runtime;
use canister_kit::stable::DefaultMemoryImpl;
use canister_kit::vetkd::VetKeys;
use canister_kit::{Admission, Caller, Environment, InitArgs, KeyName, Kit, Logged, Product};
use ic_bls12_381::hash_to_curve::{ExpandMsgXmd, HashToCurve};
use ic_bls12_381::{G1Affine, G1Projective, G2Affine, Scalar};
use ic_vetkeys::{DerivedPublicKey, IbeCiphertext, IbeIdentity, IbeSeed, VetKey};
use serde_bytes::ByteBuf;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// What a key costs here.
pub const FEE: Cycles = Cycles(26_153_846_153);

/// The world as a test sets it.
pub struct World {
    pub world: Fake,
    /// What the network answers instead of a key.
    pub error: RefCell<Option<CallError>>,
    /// Derives keys of another input than it is asked for.
    pub lies: Cell<bool>,
    /// The inputs that keys were derived for.
    pub derived: RefCell<Vec<Vec<u8>>>,
}

/// The secret key of the canister, without a context.
fn own() -> Scalar {
    Scalar::from(1_234_567_890)
}

fn public(secret: Scalar) -> [u8; 96] {
    G2Affine::from(G2Affine::generator() * secret).to_compressed()
}

fn secret(context: &[u8]) -> Scalar {
    let mut delta = key_path::vetkd::context_tweak(&public(own()), context);
    delta.reverse();
    own() + Scalar::from_bytes(&delta).unwrap()
}

impl Runtime for World {
    fn now(&self) -> Timestamp {
        self.world.now()
    }

    fn caller(&self) -> Principal {
        self.world.caller()
    }

    fn canister(&self) -> Principal {
        self.world.canister()
    }

    fn is_controller(&self, principal: Principal) -> bool {
        self.world.is_controller(principal)
    }

    fn balance(&self) -> Cycles {
        self.world.balance()
    }

    fn attached(&self) -> Cycles {
        self.world.attached()
    }

    fn accept(&self, at_most: Cycles) -> Cycles {
        self.world.accept(at_most)
    }

    fn certify(&self, root: &[u8; 32]) {
        self.world.certify(root);
    }

    fn certificate(&self) -> Option<Vec<u8>> {
        self.world.certificate()
    }
}

impl VetKeys for World {
    fn vetkd_fee(&self, _: &KeyName) -> Option<Cycles> {
        Some(FEE)
    }

    async fn vetkd_public_key(&self, context: &[u8], _: &KeyName) -> Result<Vec<u8>, CallError> {
        assert!(context.is_empty(), "the canister's own key is asked for");
        Ok(public(own()).to_vec())
    }

    async fn published_vetkey(
        &self,
        context: &[u8],
        input: &[u8],
        _: &KeyName,
    ) -> Result<[u8; 48], CallError> {
        if let Some(error) = &*self.error.borrow() {
            return Err(error.clone());
        }
        self.derived.borrow_mut().push(input.to_vec());
        let input = match self.lies.get() {
            true => b"something else",
            false => input,
        };
        let secret = secret(context);
        let message = [&public(secret)[..], input].concat();
        let tag = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_AUG_";
        let hashed =
            <G1Projective as HashToCurve<ExpandMsgXmd<sha2::Sha256>>>::hash_to_curve(message, tag);
        Ok(G1Affine::from(hashed * secret).to_compressed())
    }
}

/// A canister and its world.
pub struct Scene {
    pub world: World,
    pub memory: DefaultMemoryImpl,
    pub kit: RefCell<TimelockKit<DefaultMemoryImpl>>,
}

fn open(memory: &DefaultMemoryImpl) -> TimelockKit<DefaultMemoryImpl> {
    let regions = Regions::of(memory.clone());
    Kit::open(&regions, crate::SERVICE, Messages::open(&regions))
}

impl Scene {
    /// Installed for everyone, below a large budget, with the key prepared.
    pub fn new() -> Self {
        let scene = Self::unprepared();
        scene.prepare().unwrap();
        scene
    }

    pub fn unprepared() -> Self {
        let args = InitArgs {
            environment: Environment::Local,
            key_name: "test_key_1".to_owned(),
            guardian: Some(person(50)),
            admission: Admission::Open {
                cycles_per_day: 1_000_000_000_000_000,
            },
        };
        let world = World {
            world: Fake::new(),
            error: RefCell::default(),
            lies: Cell::new(false),
            derived: RefCell::default(),
        };
        let memory = DefaultMemoryImpl::default();
        let mut kit = open(&memory);
        kit.install(&world, args).unwrap();
        Self {
            world,
            memory,
            kit: RefCell::new(kit),
        }
    }

    pub fn call_as(&self, number: u32) -> Caller {
        self.world.world.call_as(person(number));
        Caller::of(&self.world).unwrap()
    }

    pub fn prepare(&self) -> Result<(), TimelockError> {
        let caller = self.call_as(1);
        let begun = prepare::begin(&mut self.kit.borrow_mut(), &self.world, caller)?;
        let fetched = now(begun.run(&self.world))?;
        prepare::keep(&mut self.kit.borrow_mut(), &self.world, fetched)
    }

    /// The time in so many nanoseconds.
    pub fn after(&self, nanoseconds: u64) -> Timestamp {
        self.world.now().after(nanoseconds)
    }

    pub fn pass_to(&self, time: Timestamp) {
        self.world.world.now.set(time);
    }

    pub fn bucket_for(&self, time: Timestamp) -> BucketView {
        read::bucket_for(&self.kit.borrow(), time).unwrap()
    }

    /// What anyone does offline: encrypts a text to a time.
    pub fn encrypt(&self, time: Timestamp, text: &[u8]) -> Vec<u8> {
        let bucket = self.bucket_for(time);
        let key = DerivedPublicKey::deserialize(&bucket.public_key).unwrap();
        let identity = IbeIdentity::from_bytes(&bucket.identity);
        let seed = IbeSeed::from_bytes(&[7; 32]).unwrap();
        IbeCiphertext::encrypt(&key, &identity, text, &seed).serialize()
    }

    pub fn seal_bytes(
        &self,
        by: u32,
        request: &[u8],
        time: Timestamp,
        ciphertext: Vec<u8>,
    ) -> Result<SealedView, TimelockError> {
        let caller = self.call_as(by);
        let (request, ciphertext) = (ByteBuf::from(request.to_vec()), ByteBuf::from(ciphertext));
        let wish = Wish::of(request, time.0, ciphertext);
        seal::seal(&mut self.kit.borrow_mut(), &self.world, caller, wish)
    }

    /// Seals a text; the request is named after it.
    pub fn seal(&self, by: u32, time: Timestamp, text: &str) -> Result<SealedView, TimelockError> {
        let ciphertext = self.encrypt(time, text.as_bytes());
        self.seal_bytes(by, text.as_bytes(), time, ciphertext)
    }

    pub fn begin(&self, by: Principal, bucket: u64) -> Result<Started, TimelockError> {
        self.world.world.call_as(by);
        let bucket = Bucket::new(bucket);
        release::begin(&mut self.kit.borrow_mut(), &self.world, bucket)
    }

    pub fn end(&self, begun: Release) -> Result<ReleasedView, TimelockError> {
        let told = now(begun.run(&self.world));
        release::end(&mut self.kit.borrow_mut(), &self.world, told)
    }

    pub fn release(&self, by: Principal, bucket: u64) -> Result<ReleasedView, TimelockError> {
        match self.begin(by, bucket)? {
            Started::Ended(view) => Ok(view),
            Started::Run(begun) => self.end(begun),
        }
    }

    pub fn open(&self, id: u64) -> Result<OpenedView, TimelockError> {
        self.world.world.call_as(Principal::anonymous());
        read::open(&self.kit.borrow(), &self.world, id)
    }

    /// What everyone does with an opened message.
    pub fn decrypt(&self, opened: &OpenedView) -> Result<Vec<u8>, String> {
        let ciphertext = IbeCiphertext::deserialize(&opened.ciphertext)?;
        ciphertext.decrypt(&VetKey::deserialize(&opened.vetkey)?)
    }

    pub fn upgrade(&self) {
        let kit = open(&self.memory);
        kit.reopen().unwrap();
        *self.kit.borrow_mut() = kit;
    }

    pub fn events(&self) -> u64 {
        self.kit.borrow().audit_log(&self.world, 0, 0).length
    }

    /// Replaying the log gives the state.
    pub fn holds_together(&self) {
        let mut replayed = Messages::open(&Regions::of(DefaultMemoryImpl::default()));
        let page = self.kit.borrow().audit_log(&self.world, 0, 1000);
        assert_eq!(page.events.len() as u64, page.length);
        for bytes in &page.events {
            let stamped: Stamped<Logged<TimelockEvent>> = minicbor::decode(bytes).unwrap();
            let stamp = stamped.stamp();
            if let Logged::Product(event) = stamped.event {
                replayed.apply(stamp, &event);
            }
        }
        let kit = self.kit.borrow();
        let state = kit.product();
        assert_eq!(replayed.totals(), state.totals());
        for id in 1..state.next_message() {
            let message = state.message(id);
            assert_eq!(replayed.message(id), message);
            let bucket = message.unwrap().bucket;
            assert_eq!(replayed.bucket(bucket), state.bucket(bucket));
            let listed = state.sealed_in(bucket, 0, 1000);
            assert_eq!(replayed.sealed_in(bucket, 0, 1000), listed);
        }
        assert_eq!(state.blobs().used(), state.totals().blocks);
        let public = public(secret(CONTEXT));
        let key = state.totals().key.unwrap();
        assert_eq!(key.of_context(CONTEXT), public);
    }
}

/// Runs what never waits, because the fake world answers at once.
pub fn now<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("the fake world answers at once"),
    }
}
