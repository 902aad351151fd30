//! The tree over drawn rounds that the canister certifies.
//!
//! - What it does: every drawn round is a leaf, in the order of drawing, in a tree that grows without being built again (`draw_proof::merkle`), with the nodes of the network's hash trees.
//! - Specification: IC interface specification, "Certification"; docs/protocols/draws.md, steps 6 and 7 for the shape.
//! - The paths below "product": "latest" has the number of the latest round (8 bytes, big endian); "rounds", then the sequence number (8 bytes, big endian), has round
//!   (8 bytes, big endian), randomness (32 bytes) and signature (48 bytes).

use crate::round::Drawn;
use canister_kit::domain::Hash;
use draw_proof::beacon::Round;
use draw_proof::merkle::Sibling;
use ic_certification::{HashTree, empty, fork, labeled, leaf, pruned};

/// A node of two tops.
pub fn join(left: &Hash, right: &Hash) -> Hash {
    fork(pruned(*left), pruned(*right)).digest()
}

/// A round as a leaf, with its label.
pub fn round_leaf(round: Round, drawn: &Drawn) -> HashTree {
    let value = [
        &round.0.to_be_bytes()[..],
        &drawn.randomness,
        &drawn.signature,
    ]
    .concat();
    labeled(drawn.sequence.to_be_bytes(), leaf(value))
}

/// The leaf and its siblings, the rest as hashes.
pub fn path(round_leaf: HashTree, siblings: &[Sibling]) -> HashTree {
    siblings
        .iter()
        .fold(round_leaf, |tree, sibling| match sibling.on_the_left {
            true => fork(pruned(sibling.top), tree),
            false => fork(tree, pruned(sibling.top)),
        })
}

/// The whole tree over some tree of rounds.
pub fn whole(latest: Option<u64>, rounds: Option<HashTree>) -> HashTree {
    let latest = match latest {
        Some(round) => leaf(round.to_be_bytes()),
        None => empty(),
    };
    fork(
        labeled("latest", latest),
        labeled("rounds", rounds.unwrap_or_else(empty)),
    )
}
