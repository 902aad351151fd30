//! The timelock as everyone uses it: one canister on a network, a short method for each of its methods, and what clients do at their own
//! machine with the official library.
//!
//! - In: the client's handle on a network, who calls. Out: the canister's own answers, in the types of `candid/timelock.did`; texts that were encrypted
//!   and decrypted here.

use crate::handle::Handle;
use crate::world::{World, WorldError};
use candid::{CandidType, Principal};
use canister_kit::calls::CallError;
use canister_kit::{InitArgs, Refusal};
use ic_vetkeys::{DerivedPublicKey, IbeCiphertext, IbeIdentity, IbeSeed, VetKey};
use pocket_ic::PocketIc;
use rand_core::OsRng;
use serde::Deserialize;
use serde_bytes::ByteBuf;
use thiserror::Error;

/// Defines records and variants with what all of them derive.
macro_rules! candid_types {
    ($($item:item)*) => {
        $(
            #[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
            #[allow(missing_docs)] // The names and meanings of candid/timelock.did.
            $item
        )*
    };
}

candid_types! {
    pub struct Released {
        pub bucket: u64,
        pub vetkey: ByteBuf,
        pub released_at: u64,
    }

    pub struct Bucket {
        pub bucket: u64,
        pub opens_at: u64,
        pub identity: ByteBuf,
        pub public_key: ByteBuf,
        pub messages: u64,
        pub released: Option<Released>,
    }

    pub struct Sealed {
        pub id: u64,
        pub bucket: u64,
        pub opens_at: u64,
        pub by: Principal,
        pub sealed_at: u64,
        pub bytes: u64,
        pub hash: ByteBuf,
    }

    pub struct Opened {
        pub message: Sealed,
        pub ciphertext: ByteBuf,
        pub vetkey: ByteBuf,
    }

    #[derive(Error)]
    #[error("the timelock refuses: {self:?}")]
    pub enum TimelockError {
        Refused(Refusal),
        KeyNotPrepared,
        KeyBeingPrepared,
        KeyUnavailable(CallError),
        KeyMalformed,
        Time { after: u64, at_latest: u64 },
        Length { bytes: u64, at_least: u64, at_most: u64 },
        NoCiphertext,
        BucketFull { at_most: u64 },
        Full,
        NoSuchBucket,
        TooEarly { at: u64 },
        BeingReleased,
        AskedBefore { retry_at: u64 },
        NoSuchMessage,
        NotReleased { bucket: u64 },
    }
}

/// What the timelock answers.
pub type Answer<T> = Result<T, TimelockError>;

/// Encrypts to a bucket, offline.
///
/// # Panics
/// The bucket's public key is none.
pub fn encrypt(bucket: &Bucket, text: &[u8]) -> Vec<u8> {
    let key = DerivedPublicKey::deserialize(&bucket.public_key).expect("a public key");
    let identity = IbeIdentity::from_bytes(&bucket.identity);
    let seed = IbeSeed::random(&mut OsRng);
    IbeCiphertext::encrypt(&key, &identity, text, &seed).serialize()
}

/// Decrypts what a key opens.
///
/// # Errors
/// It does not open.
pub fn decrypt(ciphertext: &[u8], vetkey: &[u8]) -> Result<Vec<u8>, String> {
    let key = VetKey::deserialize(vetkey)?;
    IbeCiphertext::deserialize(ciphertext)?.decrypt(&key)
}

/// The timelock's canister.
#[derive(Clone, Copy)]
pub struct TimelockCanister<'a>(Handle<'a>);

impl<'a> TimelockCanister<'a> {
    /// Creates a canister with cycles and installs the timelock in it.
    ///
    /// # Errors
    /// The module has not been built, or the canister refused the arguments.
    pub fn install(world: &'a World, args: &InitArgs) -> Result<Self, WorldError> {
        let canister = world.install("timelock", args)?;
        world.network().add_cycles(canister, 100_000_000_000_000);
        Ok(Self::at(world.network(), canister))
    }

    /// One that is installed already.
    pub fn at(network: &'a PocketIc, canister: Principal) -> Self {
        Self(Handle { network, canister })
    }

    /// Its id.
    pub fn canister(&self) -> Principal {
        self.0.canister
    }

    /// The network's time, in nanoseconds since 1970.
    pub fn now(&self) -> u64 {
        self.0.now()
    }

    /// Has the key fetched.
    ///
    /// # Errors
    /// The canister's answer; so for every method below.
    pub fn prepare_key(&self, by: Principal) -> Answer<()> {
        self.0.tell(by, "prepare_key", ())
    }

    /// Where to seal to.
    ///
    /// # Errors
    /// The canister's.
    pub fn bucket_for(&self, time: u64) -> Answer<Bucket> {
        self.0.ask(Principal::anonymous(), "bucket_for", (time,))
    }

    /// Keeps a ciphertext until a time.
    ///
    /// # Errors
    /// The canister's.
    pub fn seal(
        &self,
        by: Principal,
        request: &[u8],
        opens_at: u64,
        ciphertext: &[u8],
    ) -> Answer<Sealed> {
        let blob = |bytes: &[u8]| ByteBuf::from(bytes.to_vec());
        let arguments = (blob(request), opens_at, blob(ciphertext));
        self.0.tell(by, "seal", arguments)
    }

    /// Encrypts a text to a time and has it kept; the request is named after the text.
    ///
    /// # Errors
    /// The canister's.
    pub fn seal_text(&self, by: Principal, opens_at: u64, text: &str) -> Answer<Sealed> {
        let ciphertext = encrypt(&self.bucket_for(opens_at)?, text.as_bytes());
        self.seal(by, text.as_bytes(), opens_at, &ciphertext)
    }

    /// A message without its ciphertext.
    ///
    /// # Errors
    /// The canister's.
    pub fn sealed(&self, id: u64) -> Answer<Sealed> {
        self.0.ask(Principal::anonymous(), "sealed", (id,))
    }

    /// Messages of a bucket.
    pub fn sealed_in(&self, bucket: u64) -> Vec<Sealed> {
        let arguments = (bucket, 0_u64, 100_u32);
        self.0.ask(Principal::anonymous(), "sealed_in", arguments)
    }

    /// Makes a bucket's key public.
    ///
    /// # Errors
    /// The canister's.
    pub fn release(&self, by: Principal, bucket: u64) -> Answer<Released> {
        self.0.tell(by, "release", (bucket,))
    }

    /// A message and what opens it.
    ///
    /// # Errors
    /// The canister's.
    pub fn open(&self, by: Principal, id: u64) -> Answer<Opened> {
        self.0.ask(by, "open", (id,))
    }
}
