//! Draws as everyone uses them: one canister on a network, a short method for each of its methods, and the transcript verified offline.
//!
//! - In: the client's handle on a network, who calls. Out: the canister's own answers, in the types of `candid/draws.did`; verdicts of `draw-proof`.

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
            #[allow(missing_docs)] // The names and meanings of candid/draws.did.
            $item
        )*
    };
}

candid_types! {
    pub enum Kind {
        Raffle { winners: u32 },
        Shuffle,
        Dice { count: u32, sides: u32 },
        Lottery { count: u32, highest: u32 },
    }

    pub enum Entrants {
        Anyone { each: u32 },
        Creator { most_weight: u64 },
    }

    pub enum Source {
        Vrf,
        RawRand,
        VrfAndRawRand,
        Beacon { canister: Principal, round: u64 },
    }

    pub struct NewDraw {
        pub title: String,
        pub kind: Kind,
        pub entrants: Entrants,
        pub most_entries: u32,
        pub closes_at: u64,
        pub source: Option<Source>,
    }

    pub struct Entry {
        pub who: Option<Principal>,
        pub label: ByteBuf,
        pub weight: u64,
    }

    pub enum Stage {
        Open,
        Closed,
        Drawn,
        Final,
    }

    pub struct Moment {
        pub at: u64,
        pub total_changes: u64,
        pub last_install: Option<u64>,
        pub module_hash: Option<ByteBuf>,
    }

    pub struct Draw {
        pub id: u64,
        pub title: String,
        pub spec: ByteBuf,
        pub spec_hash: ByteBuf,
        pub stage: Stage,
        pub closes_at: u64,
        pub entries: u32,
        pub root: ByteBuf,
        pub moments: Vec<Moment>,
        pub attempts: u32,
        pub seed: Option<ByteBuf>,
        pub given: u32,
        pub digest: Option<ByteBuf>,
    }

    pub struct TranscriptPart {
        pub bytes: ByteBuf,
        pub parts: u32,
    }

    pub struct EntryProof {
        pub entry: Entry,
        pub entries: u32,
        pub root: ByteBuf,
        pub siblings: Vec<Sibling>,
    }

    pub struct Sibling {
        pub on_the_left: bool,
        pub top: ByteBuf,
    }

    #[derive(Error)]
    #[error("the canister refuses: {self:?}")]
    pub enum DrawsError {
        Refused(Refusal),
        Spec(String),
        ClosingTime { after: u64, at_latest: u64 },
        NoSuchKey,
        NoSuchDraw,
        Entry(String),
        BatchLength,
        OtherEntrants,
        ClosedForEntries,
        Full { left: u32 },
        TooManyOfOne { each: u32 },
        NotYet { at: u64 },
        NotClosed,
        NotDrawn,
        NotFinal,
        BeingWorkedOn,
        TriedJustNow { at: u64 },
        Silent(CallError),
        OutOfRange,
    }
}

/// What the canister answers.
pub type Answer<T> = Result<T, DrawsError>;

/// An entry of nobody.
pub fn ticket(number: u32) -> Entry {
    Entry {
        who: None,
        label: ByteBuf::from(number.to_be_bytes()),
        weight: 1 + u64::from(number) % 10,
    }
}

/// The canister of draws.
#[derive(Clone, Copy)]
pub struct DrawsCanister<'a>(Handle<'a>);

impl<'a> DrawsCanister<'a> {
    /// Creates a canister with cycles and installs the draws in it.
    ///
    /// # Errors
    /// The module has not been built, or the canister refused the arguments.
    pub fn install(world: &'a World, args: &InitArgs) -> Result<Self, WorldError> {
        let canister = world.install("draws", args)?;
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

    /// A draw that closes in an hour, entered by its creator.
    pub fn wish(&self, kind: Kind, source: Source) -> NewDraw {
        NewDraw {
            title: "A draw of the tests".to_owned(),
            kind,
            entrants: Entrants::Creator { most_weight: 10 },
            most_entries: 100_000,
            closes_at: self.0.now() + 3_600_000_000_000,
            source: Some(source),
        }
    }

    /// Makes a draw.
    ///
    /// # Errors
    /// The canister's answer; so for every method below.
    pub fn create(&self, by: Principal, request_id: &[u8], wish: NewDraw) -> Answer<Draw> {
        let id = ByteBuf::from(request_id);
        self.0.tell(by, "create", (id, wish))
    }

    /// Enters the caller.
    ///
    /// # Errors
    /// The canister's.
    pub fn enter(&self, by: Principal, request_id: &[u8], draw: u64) -> Answer<Draw> {
        let id = ByteBuf::from(request_id);
        self.0.tell(by, "enter", (id.clone(), draw, id))
    }

    /// Enters others.
    ///
    /// # Errors
    /// The canister's.
    pub fn enter_batch(
        &self,
        by: Principal,
        request_id: &[u8],
        draw: u64,
        entries: Vec<Entry>,
    ) -> Answer<Draw> {
        let id = ByteBuf::from(request_id);
        self.0.tell(by, "enter_batch", (id, draw, entries))
    }

    /// Makes a draw with tickets from 0 on; the title is the request's id.
    ///
    /// # Errors
    /// The canister's.
    pub fn made(&self, by: Principal, wish: NewDraw, tickets: u32) -> Answer<u64> {
        let id = self.create(by, wish.title.clone().as_bytes(), wish)?.id;
        let all: Vec<Entry> = (0..tickets).map(ticket).collect();
        for (number, batch) in all.chunks(1000).enumerate() {
            let request_id = format!("batch {id} {number}");
            self.enter_batch(by, request_id.as_bytes(), id, batch.to_vec())?;
        }
        Ok(id)
    }

    /// Fixes the entries.
    ///
    /// # Errors
    /// The canister's.
    pub fn close(&self, by: Principal, draw: u64) -> Answer<Draw> {
        self.0.tell(by, "close", (draw,))
    }

    /// Makes the seed.
    ///
    /// # Errors
    /// The canister's.
    pub fn draw(&self, by: Principal, draw: u64) -> Answer<Draw> {
        self.0.tell(by, "draw", (draw,))
    }

    /// Begins to make the seed.
    pub fn submit_draw(&self, by: Principal, draw: u64) -> RawMessageId {
        self.0.submit(by, "draw", (draw,))
    }

    /// What became of it.
    ///
    /// # Errors
    /// The canister's.
    pub fn wait(&self, begun: RawMessageId) -> Answer<Draw> {
        self.0.wait(begun)
    }

    /// Works the outcome out, in at most so many steps.
    ///
    /// # Errors
    /// The canister's.
    pub fn finalize(&self, by: Principal, draw: u64, max_steps: u32) -> Answer<Draw> {
        self.0.tell(by, "finalize", (draw, max_steps))
    }

    /// A draw.
    ///
    /// # Errors
    /// The canister's.
    pub fn get(&self, draw: u64) -> Answer<Draw> {
        self.0.ask(Principal::anonymous(), "get", (draw,))
    }

    /// That an entry is under the root.
    ///
    /// # Errors
    /// The canister's.
    pub fn entry_proof(&self, draw: u64, index: u32) -> Answer<EntryProof> {
        let arguments = (draw, index);
        self.0.ask(Principal::anonymous(), "entry_proof", arguments)
    }

    /// The whole transcript.
    ///
    /// # Errors
    /// The canister's.
    pub fn transcript(&self, draw: u64) -> Answer<Vec<u8>> {
        let part = |part: u32| -> Answer<TranscriptPart> {
            self.0.ask(Principal::anonymous(), "result", (draw, part))
        };
        let parts = part(0)?.parts;
        let mut bytes = Vec::new();
        for number in 0..parts {
            bytes.extend_from_slice(&part(number)?.bytes);
        }
        Ok(bytes)
    }

    /// Lets the closing time of a draw come.
    ///
    /// # Errors
    /// The canister's.
    pub fn wait_for_close(&self, draw: u64) -> Answer<()> {
        let left = self.get(draw)?.closes_at.saturating_sub(self.0.now());
        self.pass(Duration::from_nanos(left));
        Ok(())
    }

    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        self.0.network.advance_time(time);
        self.0.network.tick();
    }

    /// Finalizes to the end; in how many messages.
    ///
    /// # Errors
    /// The canister's.
    pub fn finish(&self, by: Principal, draw: u64) -> Answer<u32> {
        let mut messages = 1;
        while self.finalize(by, draw, u32::MAX)?.stage != Stage::Final {
            messages += 1;
        }
        Ok(messages)
    }

    /// From the closing time to the end.
    ///
    /// # Errors
    /// The canister's.
    pub fn end(&self, by: Principal, draw: u64) -> Answer<Vec<u8>> {
        self.wait_for_close(draw)?;
        self.close(by, draw)?;
        self.draw(by, draw)?;
        self.finish(by, draw)?;
        self.transcript(draw)
    }
}
