//! The subnet: nodes, the broadcast between them, and the loop that moves them on.
//!
//! In: requests and rounds of execution, faults. Out: public keys, signatures, randomness. A step is: every node that takes part says what it has to
//! say, the broadcast orders it, the board takes the block. Nothing happens while nothing is asked for. The caller must submit requests of a round
//! before it moves on to the next, and must use one subnet from one thread at a time.

use crate::board::Board;
use crate::broadcast::Broadcast;
use crate::fault::{Condition, Faults};
use crate::liar::Liar;
use crate::message::RequestId;
use crate::node::Node;
use crate::request::{KeyId, Request};
use crate::signing::StockTarget;
use crate::trace::Trace;
use chainkey_algebra::{Committee, CommitteeError, Domain, NodeIndex, Oracle};
use chainkey_idkg::{IdkgError, Members};
use chainkey_threshold_bls::{PublicKey, Signature};

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
    pub seed: [u8; 32],
    /// How many presignatures are kept ready.
    pub stock: StockTarget,
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
    committee: Committee,
    nodes: Vec<Node>,
    board: Board,
    broadcast: Broadcast,
    liar: Liar,
    faults: Faults,
    round: u64,
}

impl Subnet {
    /// A subnet whose nodes have just joined; no key is made yet.
    pub fn new(config: &SubnetConfig) -> Result<Self, SubnetError> {
        let committee = Committee::new(config.nodes)?;
        let epoch = 0;
        let mut nodes = Vec::new();
        let mut keys = Vec::new();
        for index in committee.members() {
            let (node, key) = Node::join(index, epoch, &config.seed)?;
            nodes.push(node);
            keys.push(key);
        }
        let members = Members::new(keys)?;
        let order = Oracle::new(Domain::NodeRandomness)
            .bytes("seed", config.seed)
            .bytes("broadcast", &config.id)
            .digest();
        Ok(Subnet {
            committee,
            nodes,
            board: Board::new(config.id.clone(), epoch, members, config.stock),
            broadcast: Broadcast::new(committee, order),
            liar: Liar::default(),
            faults: Faults::default(),
            round: 0,
        })
    }

    /// The committee.
    pub fn committee(&self) -> Committee {
        self.committee
    }

    /// What is wrong at the moment.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The same, to change.
    pub fn faults_mut(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// Nodes that were blamed, and for what, the latest last.
    pub fn blames(&self) -> impl Iterator<Item = (NodeIndex, &str)> {
        let blames = self.board.blames.iter();
        blames.map(|blame| (blame.node, blame.what.as_str()))
    }

    /// Presignatures that are ready for a key.
    pub fn stock(&self, key: &KeyId) -> usize {
        self.board.lanes.get(key).map_or(0, |lane| lane.stock())
    }

    /// A key's master public key, made at its first use.
    pub fn master_key(&mut self, key: &KeyId) -> Result<Vec<u8>, SubnetError> {
        self.board.use_key(key);
        self.run_until(|board| board.public_key(key).is_some());
        self.board.public_key(key).ok_or_else(|| self.stalled())
    }

    /// Makes a key and some presignatures, so that the next request is bound at once. Gives up silently if the nodes can't now.
    pub fn prepare(&mut self, key: &KeyId) {
        self.board.use_key(key);
        self.run_until(|board| board.lanes.get(key).is_none_or(|lane| lane.stock() > 0));
    }

    /// Takes a request of the current round.
    pub fn submit(&mut self, request: Request) {
        self.board.submit(request);
    }

    /// Moves on to a round: what waits is bound, and what was bound before is signed with this round's randomness.
    pub fn advance(&mut self, round: u64) {
        if round > self.round {
            self.board.end_round(self.round);
            self.round = round;
        }
        self.board.begin_round(round);
        self.run_until(|board| board.lanes.values().all(|lane| !lane.is_signing(round)));
    }

    /// A result, once; with how it came about.
    pub fn take_result(&mut self, key: &KeyId, id: RequestId) -> Option<(Vec<u8>, Trace)> {
        self.board.take_result(key, id)
    }

    /// 32 bytes of a round's randomness for one purpose.
    pub fn random_bytes(&mut self, round: u64, purpose: &[u8]) -> Result<[u8; 32], SubnetError> {
        self.board.tape.want(round);
        self.run_until(|board| board.tape.draw(round, purpose).is_some());
        let bytes = self.board.tape.draw(round, purpose);
        bytes.ok_or_else(|| self.stalled())
    }

    /// The subnet's public key, by which it certifies, made at its first use.
    pub fn public_key(&mut self) -> Result<PublicKey, SubnetError> {
        self.board.certification.use_key();
        self.run_until(|board| board.certification.public_key().is_some());
        let key = self.board.certification.public_key();
        key.cloned().ok_or_else(|| self.stalled())
    }

    /// The same if it is made already.
    pub fn known_public_key(&self) -> Option<PublicKey> {
        self.board.certification.public_key().cloned()
    }

    /// The nodes' signature on the root hash of a state.
    pub fn certify(&mut self, root_hash: &[u8; 32]) -> Result<Signature, SubnetError> {
        let number = self.board.certification.want(root_hash);
        self.run_until(|board| board.certification.made(number).is_some());
        let signature = self.board.certification.made(number);
        signature.copied().ok_or_else(|| self.stalled())
    }

    /// Fills the stocks of all keys in use.
    pub fn refill(&mut self) {
        self.run_until(|board| board.lanes.values().all(|lane| lane.is_idle()));
    }

    fn stalled(&self) -> SubnetError {
        SubnetError::Stalled {
            taking_part: self.broadcast.participants(&self.faults).len(),
            nodes: self.committee.size(),
            needed: self.committee.high().shares(),
        }
    }

    /// Steps until the board is as it should be, or nothing can be done about it now.
    fn run_until(&mut self, goal: impl Fn(&Board) -> bool) {
        for _ in 0..MOST_STEPS {
            if goal(&self.board) || !self.step() {
                return;
            }
        }
    }

    /// One step of all nodes. False if too few take part.
    fn step(&mut self) -> bool {
        let participants = self.broadcast.participants(&self.faults);
        if participants.is_empty() {
            self.broadcast.pause();
            return false;
        }
        let now = self.broadcast.step();
        for index in participants {
            let node = &mut self.nodes[usize::from(index.0)];
            let said = node.act(&self.board, now);
            let mut payloads = Vec::with_capacity(said.len());
            for payload in said {
                let broadcast = &mut self.broadcast;
                let happens = |percent| broadcast.happens(percent);
                payloads.push(self.liar.tell(index, payload, &self.faults, happens));
            }
            let outgoing = self.broadcast.carry(index, payloads, &self.faults);
            for (delay, payloads) in outgoing {
                let envelope = node.seal(payloads, &self.board.agenda);
                self.broadcast.send(envelope, delay);
            }
        }
        let block = self.broadcast.block();
        self.board
            .take_block(&block, self.broadcast.step(), self.round);
        true
    }

    /// Whether a node runs, is off, or is silent.
    pub fn condition(&self, node: NodeIndex) -> Condition {
        self.faults.condition(node)
    }
}
