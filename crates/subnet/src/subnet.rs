//! The subnet: nodes, the broadcast between them, and the loop that moves them on.
//!
//! In: requests and rounds of execution, faults. Out: public keys, signatures, randomness. A step is: every node that takes part says what it has to
//! say, the broadcast orders it, the board takes the block. Nothing happens while nothing is asked for. Rounds, which every asker counts for itself,
//! decide when requests move, and nothing else: whatever rounds a caller names, no nonce comes of randomness that was asked for before its request was
//! bound. The caller must use one subnet from one thread at a time.

use crate::board::Board;
use crate::broadcast::Broadcast;
use crate::epoch::Epoch;
use crate::handover::Handover;
use crate::key_source::KeySource;
use crate::membership::{Member, Membership, MembershipError};
use crate::message::RequestId;
use crate::node::Node;
use crate::overview;
use crate::randomness::{NodeRng, Seed};
use crate::request::{Derivation, Request, path_scheme};
use crate::signing::{Answer, StockTarget};
use crate::tape::Purpose;
use crate::waiting::{Asked, Asker};
use chainkey_algebra::{Committee, CommitteeError, NodeIndex};
use chainkey_idkg::{IdkgError, Members};
use chainkey_threshold_bls::{PublicKey, Signature};
use key_path::{KeyPathError, MASTER_CHAIN_CODE, derive, vetkd};
use std::collections::BTreeMap;
use subnet_view::{BeaconView, Condition, FaultChange, FaultError, Faults, KeyId, Overview};

/// Steps after which a goal is given up for this time.
const MOST_STEPS: u32 = 400;

/// How a subnet is made.
#[derive(Clone, Debug)]
pub struct SubnetConfig {
    /// Its id, in bytes; bound into everything that is signed between nodes.
    pub id: Vec<u8>,
    /// Its nodes: 3f + 1.
    pub nodes: u16,
    /// From which all nodes' randomness is drawn, each node's by itself.
    pub seed: Seed,
    /// How many presignatures are kept ready.
    pub stock: StockTarget,
    /// Where master keys come from.
    pub keys: KeySource,
}

/// Why a subnet does not do what it should.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SubnetError {
    /// The number of nodes can't be.
    #[error(transparent)]
    Committee(#[from] CommitteeError),
    /// The nodes' keys can't be.
    #[error(transparent)]
    Members(#[from] IdkgError),
    /// The next committee can't be.
    #[error(transparent)]
    Membership(#[from] MembershipError),
    /// Not all keys came over to the next committee; the old one goes on.
    #[error(
        "the handover stopped with {arrived} of {keys} keys: too few old or new members take part; the old committee goes on, try again"
    )]
    HandoverStopped {
        /// Keys that the next committee has.
        arrived: usize,
        /// Keys that it should have.
        keys: usize,
    },
    /// The path or the key can't be derived along.
    #[error(transparent)]
    Path(#[from] KeyPathError),
    /// Fewer nodes take part than are needed, or they don't come to an end.
    #[error(
        "the subnet stands still: {taking_part} of {nodes} nodes take part, {needed} are needed; restart nodes or heal the partition"
    )]
    Stalled {
        /// Nodes that take part.
        taking_part: usize,
        /// All nodes.
        nodes: usize,
        /// 2f + 1.
        needed: usize,
    },
}

/// A subnet of nodes.
pub struct Subnet {
    epoch: Epoch,
    faults: Faults,
    /// The rounds in which those who ask are.
    rounds: BTreeMap<Asker, u64>,
    stock: StockTarget,
    keys: KeySource,
    /// The number of the last epoch that began, be it only to be aborted: the names of its transcripts are used up.
    last_epoch: u64,
    /// From which nodes that join draw their randomness.
    newcomers: NodeRng,
}

impl Subnet {
    /// A subnet whose nodes have just joined; no key is made yet.
    pub fn new(config: &SubnetConfig) -> Result<Self, SubnetError> {
        let committee = Committee::new(config.nodes)?;
        let epoch = 0;
        let mut nodes = Vec::new();
        let mut keys = Vec::new();
        for index in committee.members() {
            let (node, key) = Node::join(&config.id, index, epoch, &config.seed)?;
            nodes.push(node);
            keys.push(key);
        }
        let members = Members::new(keys)?;
        let order = config.seed.for_purpose(&config.id, "broadcast", [0; 2]);
        let newcomers = config.seed.for_purpose(&config.id, "newcomers", [0; 2]);
        let board = Board::new(config.id.clone(), epoch, members, config.stock, config.keys);
        let broadcast = Broadcast::new(committee, order.to_bytes());
        Ok(Subnet {
            epoch: Epoch::new(committee, nodes, board, broadcast),
            faults: Faults::default(),
            rounds: BTreeMap::new(),
            stock: config.stock,
            keys: config.keys,
            last_epoch: epoch,
            newcomers: NodeRng::new(newcomers),
        })
    }

    /// The number of the epoch.
    pub fn epoch(&self) -> u64 {
        self.epoch.board.agenda.epoch
    }

    /// Hands all keys over to the next committee: public keys stay, old shares are erased, presignatures are purged, and requests in flight are bound
    /// anew. If it does not come to an end, the old epoch goes on as if nothing had been, and it can be tried again. Faults of
    /// members that stay go along with them.
    pub fn reshare(&mut self, plan: &Membership) -> Result<(), SubnetError> {
        let next_faults = plan.next_faults(&self.faults);
        let next = self.next_epoch(plan)?;
        let order = self.newcomers.seed().to_bytes();
        let mut handover = Handover::begin(&mut self.epoch, next, order);
        for _ in 0..MOST_STEPS {
            let (arrived, keys) = handover.progress(&self.epoch.board);
            if arrived == keys {
                handover.finish(&mut self.epoch);
                self.faults = next_faults;
                return Ok(());
            }
            if !handover.step(&mut self.epoch, &self.faults, &next_faults) {
                break;
            }
        }
        let (arrived, keys) = handover.progress(&self.epoch.board);
        Err(SubnetError::HandoverStopped { arrived, keys })
    }

    fn next_epoch(&mut self, plan: &Membership) -> Result<Epoch, SubnetError> {
        let committee = plan.committee(self.epoch.committee)?;
        self.last_epoch += 1;
        let number = self.last_epoch;
        let subnet = self.epoch.board.agenda.subnet.clone();
        let mut nodes = Vec::new();
        let mut keys = Vec::new();
        for (place, member) in committee.members().zip(plan.members()) {
            let (node, key) = match member {
                Member::Stays(old) => self.epoch.nodes[usize::from(old.0)].stay(place, number)?,
                Member::Joins => {
                    let seed = self.newcomers.seed();
                    Node::join(&subnet, place, number, &seed)?
                }
            };
            nodes.push(node);
            keys.push(key);
        }
        let members = Members::new(keys)?;
        let board = Board::new(subnet, number, members, self.stock, self.keys);
        let broadcast = Broadcast::new(committee, self.newcomers.seed().to_bytes());
        Ok(Epoch::new(committee, nodes, board, broadcast))
    }

    /// The committee.
    pub fn committee(&self) -> Committee {
        self.epoch.committee
    }

    /// What is wrong at the moment.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The same, to change.
    pub fn faults_mut(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// Changes what is wrong.
    ///
    /// # Errors
    /// A node that is not there, or a rule that can't be; nothing changes then.
    pub fn change_faults(&mut self, change: FaultChange) -> Result<(), FaultError> {
        let nodes = self.epoch.committee.size() as u16;
        self.faults = self.faults.after(change, nodes)?;
        Ok(())
    }

    /// Whether too few nodes take part for anything to be ordered.
    pub fn stands_still(&self) -> bool {
        let participants = self.epoch.broadcast.participants(&self.faults);
        participants.is_empty()
    }

    /// Nodes that were blamed in this epoch, and for what, the latest last.
    pub fn blames(&self) -> impl Iterator<Item = (NodeIndex, &str)> {
        let blames = self.epoch.board.blames.iter();
        let epoch = self.epoch();
        let of_epoch = blames.filter(move |blame| blame.epoch == epoch);
        of_epoch.map(|blame| (blame.node, blame.what.as_str()))
    }

    /// Everything that people may want to see, and nothing secret.
    pub fn overview(&self) -> Overview {
        overview::overview(&self.epoch.board, &self.faults)
    }

    /// One step, for tests in which something happens in the middle of a ceremony.
    #[cfg(test)]
    pub(crate) fn step_for_tests(&mut self) {
        self.epoch.step(&self.faults);
    }

    /// The nodes themselves, for tests that show what several of them could do together.
    #[cfg(test)]
    pub(crate) fn for_tests(&mut self) -> (&Board, &mut [Node]) {
        (&self.epoch.board, &mut self.epoch.nodes)
    }

    /// The certification key's point.
    #[cfg(test)]
    pub(crate) fn certification_key_for_tests(&self) -> Vec<u8> {
        let key = self.epoch.board.certification.public_key();
        key.map(|key| key.to_bytes().to_vec()).unwrap_or_default()
    }

    /// Presignatures that are ready for a key.
    pub fn stock(&self, key: &KeyId) -> usize {
        self.epoch
            .board
            .lanes
            .get(key)
            .map_or(0, |lane| lane.stock())
    }

    /// A key's master public key, made at its first use.
    pub fn master_key(&mut self, key: &KeyId) -> Result<Vec<u8>, SubnetError> {
        self.epoch.board.use_key(key);
        self.run_until(|board| board.public_key(key).is_some());
        self.epoch
            .board
            .public_key(key)
            .ok_or_else(|| self.stalled())
    }

    /// Makes a key and some presignatures, so that the next request is bound at once. Gives up silently if the nodes can't now.
    pub fn prepare(&mut self, key: &KeyId) {
        self.epoch.board.use_key(key);
        self.run_until(|board| board.lanes.get(key).is_none_or(|lane| lane.stock() > 0));
    }

    /// The key that a canister has below a master key, with its chain code (none for vetKD).
    pub fn derived_key(
        &mut self,
        key: &KeyId,
        derivation: &Derivation,
    ) -> Result<(Vec<u8>, Vec<u8>), SubnetError> {
        let master = self.master_key(key)?;
        Ok(match path_scheme(key.scheme) {
            Some(scheme) => {
                let path = derivation.full_path()?;
                let derived = derive(scheme, &master, &MASTER_CHAIN_CODE, &path)?;
                (derived.public_key, derived.chain_code.to_vec())
            }
            None => {
                let canister = &derivation.canister;
                let derived = vetkd::derive(&master, canister, derivation.context())?;
                (derived.public_key.to_vec(), Vec::new())
            }
        })
    }

    /// Takes a request of the subnet's own current round.
    pub fn submit(&mut self, request: Request) {
        self.submit_of(&Asker::default(), request);
    }

    /// Takes a request of somebody's current round.
    pub fn submit_of(&mut self, asker: &Asker, request: Request) {
        let asker = asker.clone();
        self.epoch.board.submit(Asked { asker, request });
    }

    /// Moves on to a round of the subnet's own: what was asked for before is bound, and signed with randomness that nobody knew until then.
    pub fn advance(&mut self, round: u64) {
        self.advance_of(&Asker::default(), round);
    }

    /// Moves somebody on to a round; others stay in theirs. A round that is not later than the asker's last only lets the nodes go on.
    pub fn advance_of(&mut self, asker: &Asker, round: u64) {
        let last = self.rounds.entry(asker.clone()).or_default();
        if round > *last {
            *last = round;
            self.epoch.board.end_round(asker);
        }
        self.run_until(|board| !board.is_signing());
    }

    /// What came of a request, once; a result with how it came about.
    pub fn take_result(&mut self, key: &KeyId, id: RequestId) -> Option<Answer> {
        self.epoch.board.take_result(key, id)
    }

    /// 32 bytes for one purpose in a round of the subnet's own, of a tape that was not wanted before the round was first named here.
    pub fn random_bytes(&mut self, round: u64, purpose: &[u8]) -> Result<[u8; 32], SubnetError> {
        let height = self.epoch.board.tape_of(round);
        let purpose = Purpose::Round(round, purpose);
        self.run_until(|board| board.tape.draw(height, purpose).is_some());
        let bytes = self.epoch.board.tape.draw(height, purpose);
        bytes.ok_or_else(|| self.stalled())
    }

    /// The next value of the random beacon.
    pub fn next_beacon(&mut self) -> Result<BeaconView, SubnetError> {
        let height = self.epoch.board.beacon.height();
        self.epoch.board.beacon.want_next();
        self.run_until(|board| board.beacon.height() > height);
        let made = self.epoch.board.beacon.last();
        let made = made.filter(|(beacon, _)| beacon.height > height);
        let (beacon, key) = made.ok_or_else(|| self.stalled())?;
        Ok(overview::beacon(self.epoch(), beacon, key))
    }

    /// The number of the last tape that was wanted; a trace names the numbers between which a request was bound and signed.
    pub fn latest_tape(&self) -> u64 {
        self.epoch.board.tape.latest().0
    }

    /// The subnet's public key, by which it certifies, made at its first use.
    pub fn public_key(&mut self) -> Result<PublicKey, SubnetError> {
        self.epoch.board.certification.use_key();
        self.run_until(|board| board.certification.public_key().is_some());
        let key = self.epoch.board.certification.public_key();
        key.cloned().ok_or_else(|| self.stalled())
    }

    /// The same if it is made already.
    pub fn known_public_key(&self) -> Option<PublicKey> {
        self.epoch.board.certification.public_key().cloned()
    }

    /// The nodes' signature on the root hash of a state.
    pub fn certify(&mut self, root_hash: &[u8; 32]) -> Result<Signature, SubnetError> {
        let number = self.epoch.board.certification.want(root_hash);
        self.run_until(|board| board.certification.made(number).is_some());
        let signature = self.epoch.board.certification.made(number);
        signature.copied().ok_or_else(|| self.stalled())
    }

    /// Fills the stocks of all keys in use.
    pub fn refill(&mut self) {
        self.run_until(|board| board.lanes.values().all(|lane| lane.is_stocked()));
    }

    fn stalled(&self) -> SubnetError {
        SubnetError::Stalled {
            taking_part: self.epoch.broadcast.participants(&self.faults).len(),
            nodes: self.epoch.committee.size(),
            needed: self.epoch.committee.high().shares(),
        }
    }

    /// Steps until the board is as it should be, or nothing can be done about it now.
    fn run_until(&mut self, goal: impl Fn(&Board) -> bool) {
        for _ in 0..MOST_STEPS {
            if goal(&self.epoch.board) || !self.epoch.step(&self.faults) {
                return;
            }
        }
    }

    /// Whether a node runs, is off, or is silent.
    pub fn condition(&self, node: NodeIndex) -> Condition {
        self.faults.condition(node)
    }
}
