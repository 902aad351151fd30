//! The beacon as everyone uses it: one canister on a network, and a short method for each of its methods.
//!
//! - In: the client's handle on a network, who calls. Out: the canister's own answers, in the types of `candid/beacon.did`.

use crate::handle::Handle;
use crate::world::{World, WorldError};
use candid::{CandidType, Principal};
use canister_kit::calls::CallError;
use canister_kit::{InitArgs, Refusal};
use pocket_ic::PocketIc;
use pocket_ic::common::rest::RawMessageId;
use serde::Deserialize;
use serde_bytes::ByteBuf;
use std::time::Duration;
use thiserror::Error;

/// Defines records and variants with what all of them derive.
macro_rules! candid_types {
    ($($item:item)*) => {
        $(
            #[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
            #[allow(missing_docs)] // The names and meanings of candid/beacon.did.
            $item
        )*
    };
}

candid_types! {
    pub struct Drawn {
        pub at: u64,
        pub sequence: u64,
        pub signature: ByteBuf,
        pub randomness: ByteBuf,
    }

    pub struct Round {
        pub round: u64,
        pub drawn_from: u64,
        pub requests: u32,
        pub failures: u32,
        pub drawn: Option<Drawn>,
    }

    pub struct CertifiedRound {
        pub round: Round,
        pub certificate: Option<ByteBuf>,
        pub witness: Option<ByteBuf>,
    }

    #[derive(Error)]
    #[error("the beacon refuses: {self:?}")]
    pub enum BeaconError {
        Refused(Refusal),
        KeyNotPrepared,
        KeyUnavailable(CallError),
        KeyMalformed,
        NoSuchKey,
        LabelLength,
        RoundOutOfReach { first: u64, last: u64 },
        NoSuchRound,
        NotYet { at: u64 },
        BeingDrawn,
        TriedJustNow { at: u64 },
        NotDrawn(CallError),
    }
}

/// What the beacon answers.
pub type Answer<T> = Result<T, BeaconError>;

/// The beacon's canister.
#[derive(Clone, Copy)]
pub struct BeaconCanister<'a>(Handle<'a>);

impl<'a> BeaconCanister<'a> {
    /// Creates a canister with cycles, installs the beacon in it and has its key fetched.
    ///
    /// # Errors
    /// The module has not been built, or the canister refused the arguments.
    ///
    /// # Panics
    /// The key does not come.
    pub fn install(world: &'a World, args: &InitArgs) -> Result<Self, WorldError> {
        let canister = world.install("beacon", args)?;
        world.network().add_cycles(canister, 100_000_000_000_000);
        let beacon = Self::at(world.network(), canister);
        beacon.prepare_key(canister).expect("the key comes");
        Ok(beacon)
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
    pub fn prepare_key(&self, by: Principal) -> Answer<ByteBuf> {
        self.0.tell(by, "prepare_key", ())
    }

    /// The public key for rounds.
    ///
    /// # Errors
    /// The canister's.
    pub fn public_key(&self) -> Answer<ByteBuf> {
        self.0.ask(Principal::anonymous(), "public_key", ())
    }

    /// Asks for a round; the label is the request's id.
    ///
    /// # Errors
    /// The canister's.
    pub fn request(&self, by: Principal, id: &[u8], round: Option<u64>) -> Answer<Round> {
        let id = ByteBuf::from(id);
        self.0.tell(by, "request", (id.clone(), id, round))
    }

    /// Draws a round.
    ///
    /// # Errors
    /// The canister's.
    pub fn fulfil(&self, by: Principal, round: u64) -> Answer<Round> {
        self.0.tell(by, "fulfil", (round,))
    }

    /// Begins to draw a round.
    pub fn submit_fulfil(&self, by: Principal, round: u64) -> RawMessageId {
        self.0.submit(by, "fulfil", (round,))
    }

    /// What became of it.
    ///
    /// # Errors
    /// The canister's.
    pub fn wait(&self, begun: RawMessageId) -> Answer<Round> {
        self.0.wait(begun)
    }

    /// A round and its proof.
    ///
    /// # Errors
    /// The canister's.
    pub fn round(&self, round: u64) -> Answer<CertifiedRound> {
        self.0.ask(Principal::anonymous(), "round", (round,))
    }

    /// The latest round and its proof.
    ///
    /// # Errors
    /// The canister's.
    pub fn latest(&self) -> Answer<CertifiedRound> {
        self.0.ask(Principal::anonymous(), "latest", ())
    }

    /// Rounds that wait.
    pub fn waiting(&self) -> Vec<Round> {
        let all = (0_u64, 100_u32);
        self.0.ask(Principal::anonymous(), "waiting", all)
    }

    /// Lets the time of a round come.
    pub fn wait_for(&self, round: &Round) {
        let left = round.drawn_from.saturating_sub(self.now());
        self.0.network.advance_time(Duration::from_nanos(left));
        self.0.network.tick();
    }
}
