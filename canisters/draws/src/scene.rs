//! A canister for unit tests: the kit with draws over plain memory, in a world that the test sets.
//!
//! - It exists only under `#[cfg(test)]`. Signatures are made with PocketIC's published secret.

use crate::create;
use crate::draw::DrawId;
use crate::enter::{self, Wish};
use crate::error::DrawsError;
use crate::fake::person;
use crate::runtime::fake::Around;
use crate::seeding::{self, Door};
use crate::shape::{DrawView, Entrants, EntryView, Kind, NewDraw, Source};
use crate::signer;
use crate::state::{Draws, DrawsKit};
use crate::world::{World, at_once};
use crate::{close, finalize, read};
use canister_kit::encoding::Timestamp;
use canister_kit::memory::Regions;
use canister_kit::stable::DefaultMemoryImpl;
use canister_kit::{Admission, Caller, Environment, InitArgs, Kit};
use draw_proof::DrawProofError;
use draw_proof::verify::{TrustAnchor, Verdict, verify};
use serde_bytes::ByteBuf;
use std::cell::RefCell;

/// A canister and its world.
pub struct Scene {
    pub world: World<Around>,
    pub memory: DefaultMemoryImpl,
    pub kit: RefCell<DrawsKit<DefaultMemoryImpl>>,
}

fn open(memory: &DefaultMemoryImpl) -> DrawsKit<DefaultMemoryImpl> {
    let regions = Regions::of(memory.clone());
    Kit::open(&regions, crate::SERVICE, Draws::open(&regions))
}

/// A draw of a day, entered by its creator.
pub fn wish(scene: &Scene, kind: Kind, source: Source) -> NewDraw {
    NewDraw {
        title: "A draw".to_owned(),
        kind,
        entrants: Entrants::Creator { most_weight: 10 },
        most_entries: 5000,
        closes_at: scene.world.fake.now.get().after(Timestamp::DAY).0,
        source: Some(source),
    }
}

/// An entry of nobody.
pub fn ticket(label: u32) -> EntryView {
    EntryView {
        who: None,
        label: ByteBuf::from(label.to_be_bytes()),
        weight: 1 + u64::from(label) % 10,
    }
}

impl Scene {
    /// Installed for everyone below a large budget.
    pub fn new() -> Self {
        let (world, memory) = (World::default(), DefaultMemoryImpl::default());
        let args = InitArgs {
            environment: Environment::Local,
            key_name: signer::KEY_NAME.to_owned(),
            guardian: Some(person(50)),
            admission: Admission::Open {
                cycles_per_day: 10_000_000_000_000,
            },
        };
        let mut kit = open(&memory);
        kit.install(&world, args).unwrap();
        Self {
            world,
            memory,
            kit: RefCell::new(kit),
        }
    }

    pub fn call_as(&self, number: u32) -> Caller {
        self.world.fake.call_as(person(number));
        Caller::of(&self.world).unwrap()
    }

    /// A person makes a draw; nothing if the call was lost.
    pub fn create(
        &self,
        by: u32,
        request_id: u8,
        wish: NewDraw,
    ) -> Option<Result<DrawView, DrawsError>> {
        let caller = self.call_as(by);
        let id = vec![request_id];
        let begun = create::begin(&mut self.kit.borrow_mut(), &self.world, caller, id, wish);
        match begun {
            Err(error) => Some(Err(error)),
            Ok(create::Started::Done(view)) => Some(Ok(view)),
            Ok(create::Started::Run(creation)) => {
                let end = |answered| create::end(&mut self.kit.borrow_mut(), &self.world, answered);
                at_once(creation.run(&self.world, end))
            }
        }
    }

    /// A draw of person 1 with tickets from 0 on, open.
    pub fn made(&self, kind: Kind, source: Source, tickets: u32) -> u64 {
        let made = self.create(1, 1, wish(self, kind, source)).unwrap();
        let id = made.unwrap().id;
        let all: Vec<EntryView> = (0..tickets).map(ticket).collect();
        for (request_id, batch) in (100..).zip(all.chunks(enter::MAX_BATCH)) {
            self.enter_batch(1, request_id, id, batch.to_vec()).unwrap();
        }
        id
    }

    pub fn enter(
        &self,
        by: u32,
        request_id: u8,
        draw: u64,
        label: &[u8],
    ) -> Result<DrawView, DrawsError> {
        let caller = self.call_as(by);
        let label = ByteBuf::from(label);
        let wish = Wish::own(caller, vec![request_id], DrawId(draw), label);
        enter::enter(&mut self.kit.borrow_mut(), &self.world, caller, wish)
    }

    pub fn enter_batch(
        &self,
        by: u32,
        request_id: u8,
        draw: u64,
        entries: Vec<EntryView>,
    ) -> Result<DrawView, DrawsError> {
        let caller = self.call_as(by);
        let wish = Wish::batch(vec![request_id], DrawId(draw), entries);
        enter::enter(&mut self.kit.borrow_mut(), &self.world, caller, wish)
    }

    /// The closing time of a draw comes.
    pub fn wait_for_close(&self, draw: u64) {
        let at = self.get(draw).closes_at;
        self.world.fake.now.set(Timestamp(at));
    }

    pub fn close(&self, by: u32, draw: u64) -> Option<Result<DrawView, DrawsError>> {
        let caller = self.call_as(by);
        let id = DrawId(draw);
        let begun = close::begin(&mut self.kit.borrow_mut(), &self.world, caller, id);
        match begun {
            Err(error) => Some(Err(error)),
            Ok(close::Started::Done(view)) => Some(Ok(view)),
            Ok(close::Started::Run(closing)) => {
                let end = |answered| close::end(&mut self.kit.borrow_mut(), &self.world, answered);
                at_once(closing.run(&self.world, end))
            }
        }
    }

    pub fn draw(&self, by: u32, draw: u64) -> Option<Result<DrawView, DrawsError>> {
        let caller = self.call_as(by);
        let id = DrawId(draw);
        let begun = seeding::begin(&mut self.kit.borrow_mut(), &self.world, caller, id);
        match begun {
            Err(error) => Some(Err(error)),
            Ok(seeding::Started::Done(view)) => Some(Ok(view)),
            Ok(seeding::Started::Run(run)) => at_once(seeding::drive(self, &self.world, run)),
        }
    }

    pub fn finalize(&self, by: u32, draw: u64, steps: u32) -> Result<DrawView, DrawsError> {
        let caller = self.call_as(by);
        let id = DrawId(draw);
        finalize::finalize(&mut self.kit.borrow_mut(), &self.world, caller, id, steps)
    }

    /// From the close to the end.
    pub fn end(&self, draw: u64) -> DrawView {
        self.wait_for_close(draw);
        self.close(2, draw).unwrap().unwrap();
        self.world.fake.pass(Timestamp::DAY);
        self.draw(3, draw).unwrap().unwrap();
        loop {
            let view = self.finalize(4, draw, finalize::MAX_STEPS).unwrap();
            if view.digest.is_some() {
                return view;
            }
        }
    }

    pub fn get(&self, draw: u64) -> DrawView {
        read::get(&self.kit.borrow(), DrawId(draw)).unwrap()
    }

    pub fn outcome(&self, draw: u64) -> Vec<u32> {
        let kit = self.kit.borrow();
        read::outcome(&kit, DrawId(draw), 0, u32::MAX).unwrap()
    }

    /// All parts of the transcript.
    pub fn transcript(&self, draw: u64) -> Vec<u8> {
        let kit = self.kit.borrow();
        let part = |part| read::result(&kit, &self.world, DrawId(draw), part).unwrap();
        let parts = part(0).parts;
        (0..parts).flat_map(|number| part(number).bytes).collect()
    }

    pub fn verdict(&self, draw: u64) -> Result<Verdict, DrawProofError> {
        let anchor = TrustAnchor::Given(signer::master().to_vec());
        verify(&self.transcript(draw), &anchor)
    }

    /// The code is exchanged.
    pub fn upgrade(&self) {
        let kit = open(&self.memory);
        kit.reopen().unwrap();
        *self.kit.borrow_mut() = kit;
    }
}

impl Door for Scene {
    type Memory = DefaultMemoryImpl;

    fn change<R>(&self, use_it: impl FnOnce(&mut DrawsKit<DefaultMemoryImpl>) -> R) -> R {
        use_it(&mut self.kit.borrow_mut())
    }
}
