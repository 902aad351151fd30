//! A subnet as people see it: nodes, ceremonies, keys with their stocks, blames, the ways of signatures. Nothing here is secret.
//!
//! In: the board, which is public, and the faults. Out: plain values that can be serialized. Leaves out: rendering, and every share.

use crate::board::Board;
use crate::ceremony::Dealings;
use crate::fault::{Condition, Faults};
use crate::message::CeremonyId;
use crate::request::KeyId;
use crate::trace::Trace;
use chainkey_algebra::Curve;
use chainkey_idkg::Kind;
use serde::Serialize;
use std::collections::BTreeSet;

/// A subnet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Overview {
    /// The number of the epoch.
    pub epoch: u64,
    /// The step of the broadcast that the last block ended.
    pub step: u64,
    /// How many nodes may be faulty.
    pub may_fail: usize,
    /// Its nodes.
    pub nodes: Vec<NodeView>,
    /// The subnet's public key for certificates, 96 bytes in hexadecimal digits, if it is made.
    pub certification_key: Option<String>,
    /// Keys in use.
    pub keys: Vec<KeyView>,
    /// Ceremonies that run, or whose result is in use.
    pub ceremonies: Vec<CeremonyView>,
    /// Who was blamed for what, the latest last.
    pub blames: Vec<BlameView>,
    /// The ways of the latest signatures and derived keys, the latest last.
    pub traces: Vec<TraceView>,
}

/// A node.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct NodeView {
    /// Its index.
    pub node: u16,
    /// Its public key, in hexadecimal digits.
    pub public_key: String,
    /// Whether it runs.
    pub condition: Condition,
    /// The side of a partition on which it is; 0 is the rest.
    pub group: usize,
}

/// A key in use.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct KeyView {
    /// Its name.
    pub key: KeyId,
    /// Its public key, in hexadecimal digits, if it is made.
    pub public_key: Option<String>,
    /// Presignatures that are ready.
    pub stock: usize,
}

/// A ceremony.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CeremonyView {
    /// Its number in the epoch.
    pub number: u64,
    /// The curve.
    pub curve: String,
    /// What is dealt.
    pub operation: &'static str,
    /// Whether commitments hide the values.
    pub masked: bool,
    /// Shares that determine a value.
    pub threshold: usize,
    /// Dealings that are needed.
    pub needed: usize,
    /// Dealers whose dealings hold in public.
    pub dealers: BTreeSet<u16>,
    /// Dealers against whom a complaint is justified.
    pub accused: BTreeSet<u16>,
    /// Whether it has come to its end.
    pub made: bool,
}

/// A blame.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct BlameView {
    /// The epoch.
    pub epoch: u64,
    /// The node, by its index in this epoch.
    pub node: u16,
    /// What it did.
    pub what: String,
}

/// The way of a request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TraceView {
    /// Its number.
    pub request: u64,
    /// The key.
    pub key: KeyId,
    /// Its way.
    pub trace: Trace,
}

/// Bytes as hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl CeremonyView {
    /// A ceremony in which no complaint is justified.
    pub(crate) fn of<C: Curve, K: Kind, S>(
        id: CeremonyId,
        dealings: &Dealings<C, K, S>,
        made: bool,
    ) -> Self {
        let params = &dealings.params;
        CeremonyView {
            number: id.0,
            curve: format!("{:?}", C::ID),
            operation: params.operation().name(),
            masked: K::SCALARS > 1,
            threshold: params.threshold().shares(),
            needed: params.needed_dealings(),
            dealers: dealings.verified.keys().map(|dealer| dealer.0).collect(),
            accused: BTreeSet::new(),
            made,
        }
    }
}

impl Overview {
    /// What the board and the faults show.
    pub fn of(board: &Board, faults: &Faults) -> Self {
        let committee = board.agenda.members.committee();
        let nodes = committee.members().zip(board.keys());
        let lanes = board.lanes.iter();
        let certification_key = board.certification.public_key();
        let blames = board.blames.iter();
        let traces = board.traces.iter();
        Overview {
            epoch: board.agenda.epoch,
            step: board.agenda.now.0,
            may_fail: committee.faulty(),
            nodes: nodes
                .map(|(node, key)| NodeView {
                    node: node.0,
                    public_key: hex(key.as_bytes()),
                    condition: faults.condition(node),
                    group: faults.group(node),
                })
                .collect(),
            certification_key: certification_key.map(|key| hex(&key.to_bytes())),
            keys: lanes
                .map(|(key, lane)| KeyView {
                    key: key.clone(),
                    public_key: lane.public_key(&board.curves).map(|bytes| hex(&bytes)),
                    stock: lane.stock(),
                })
                .collect(),
            ceremonies: board.curves.views(),
            blames: blames
                .map(|blame| BlameView {
                    epoch: blame.epoch,
                    node: blame.node.0,
                    what: blame.what.clone(),
                })
                .collect(),
            traces: traces.cloned().collect(),
        }
    }
}
