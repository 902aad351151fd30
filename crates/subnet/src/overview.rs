//! A subnet as people see it. Nothing here is secret.
//!
//! In: the board, which is public, and the faults. Out: plain values that can be serialized. Leaves out: rendering, and every share.

use crate::board::Board;
use crate::ceremony::Dealings;
use crate::message::CeremonyId;
use crate::shares::Shares;
use chainkey_algebra::Curve;
use chainkey_idkg::Kind;
use chainkey_threshold_bls::PublicKey;
use chainkey_threshold_bls::beacon::Beacon;
use std::collections::BTreeSet;
use subnet_view::{
    BeaconView, BlameView, CeremonyView, Faults, KeyView, NodeView, Overview, Trace,
};

/// Bytes as hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A beacon, made in an epoch, with the key that it verifies with.
pub fn beacon(epoch: u64, beacon: &Beacon, key: &PublicKey) -> BeaconView {
    BeaconView {
        epoch,
        height: beacon.height,
        parent: hex(&beacon.parent.to_bytes()),
        message: hex(&beacon.message_bytes()),
        signature: hex(&beacon.signature.to_bytes()),
        hash: hex(&beacon.hash().to_bytes()),
        public_key: hex(&key.to_bytes()),
    }
}

/// A request's way at its end, with the nodes that took part.
pub fn signed_with<T>(mut trace: Trace, shares: &Shares<T>) -> Trace {
    trace.contributors = shares.kept().iter().map(|(node, _)| node.0).collect();
    trace.blamed = shares.refused().iter().map(|node| node.0).collect();
    trace
}

/// A ceremony in which no complaint is justified.
pub fn ceremony<C: Curve, K: Kind, S>(
    id: CeremonyId,
    dealings: &Dealings<C, K, S>,
    made: bool,
) -> CeremonyView {
    let params = &dealings.params;
    CeremonyView {
        number: id.0,
        curve: format!("{:?}", C::ID),
        operation: params.operation().name().to_owned(),
        masked: K::SCALARS > 1,
        threshold: params.threshold().shares(),
        needed: params.needed_dealings(),
        dealers: dealings.verified.keys().map(|dealer| dealer.0).collect(),
        accused: BTreeSet::new(),
        made,
    }
}

/// What the board and the faults show.
pub fn overview(board: &Board, faults: &Faults) -> Overview {
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
