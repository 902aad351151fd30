//! Who the members are, and the numbers of what they do.
//!
//! In: the members of the epoch. Out: names of transcripts, each given once. Part of what all nodes know.

use crate::broadcast::Step;
use crate::ceremony::Ceremony;
use crate::message::CeremonyId;
use chainkey_algebra::{Curve, Domain, Oracle};
use chainkey_idkg::published::{self, Published};
use chainkey_idkg::{IdkgError, Level, Members, TranscriptId};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The public facts from which ceremonies start.
pub struct Agenda {
    /// The subnet's id.
    pub subnet: Vec<u8>,
    /// The epoch of the members.
    pub epoch: u64,
    /// The members.
    pub members: Arc<Members>,
    /// The step that the last block ended.
    pub now: Step,
    next: u64,
}

impl Agenda {
    /// An agenda on which nothing stands yet.
    pub fn new(subnet: Vec<u8>, epoch: u64, members: Arc<Members>) -> Self {
        Agenda {
            subnet,
            epoch,
            members,
            now: Step::default(),
            next: 0,
        }
    }

    /// Puts a ceremony of the members on a board, if its parameters can be.
    pub fn begin<T: Ceremony>(
        &mut self,
        board: &mut BTreeMap<CeremonyId, T>,
        params: impl FnOnce(TranscriptId, &Arc<Members>) -> Result<T::Params, IdkgError>,
    ) -> Option<CeremonyId> {
        let (number, id) = self.next();
        let params = params(id, &self.members).ok()?;
        board.insert(number, T::new(params, self.now));
        Some(number)
    }

    /// The number and the name of the next ceremony.
    fn next(&mut self) -> (CeremonyId, TranscriptId) {
        let number = self.next;
        self.next += 1;
        let id = TranscriptId {
            subnet: self.subnet.clone(),
            epoch: self.epoch,
            number,
        };
        (CeremonyId(number), id)
    }

    /// Shares a test key whose secret is published, in the way that follows from its number: every node comes to the same.
    pub fn publish<C: Curve>(
        &mut self,
        level: Level,
        value: C::Scalar,
    ) -> Option<(CeremonyId, Published<C>)> {
        let (number, id) = self.next();
        let seed = Oracle::new(Domain::TranscriptParams)
            .bytes("published key of", &self.subnet)
            .number("epoch", self.epoch)
            .number("number", number.0)
            .digest();
        let mut rng = ChaCha20Rng::from_seed(seed);
        let published = published::share(id, &self.members, level, &[value], &mut rng);
        Some((number, published.ok()?))
    }
}
