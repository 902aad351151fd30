//! Ids of subnets and nodes, from the seed.
//!
//! Until a subnet has a key, its id is the self-authenticating form of a hash of seed and place: 28 bytes and a final `02`.
//! In: seed, place. Out: principals. Leaves out: keys; when they come, the ids come from them.

use candid::Principal;
use chainkey_execution::ids::{NodeId, SubnetId};
use sha2::{Digest, Sha256};

/// What a hash is for.
#[derive(Clone, Copy, Debug)]
enum Purpose {
    Subnet,
    Node,
    Randomness,
    RepeatableNodes,
}

impl Purpose {
    fn tag(self) -> &'static [u8] {
        match self {
            Purpose::Subnet => b"chainkey/instance/subnet",
            Purpose::Node => b"chainkey/instance/node",
            Purpose::Randomness => b"chainkey/instance/randomness",
            Purpose::RepeatableNodes => b"chainkey/instance/nodes, repeatable, no secret",
        }
    }
}

fn derive(purpose: Purpose, seed: u64, subnet: u64, node: u64) -> [u8; 32] {
    let mut hasher = Sha256::new();
    let tag = purpose.tag();
    hasher.update([tag.len() as u8]);
    hasher.update(tag);
    for number in [seed, subnet, node] {
        hasher.update(number.to_be_bytes());
    }
    hasher.finalize().into()
}

/// What nodes draw from when a run is to be repeated: whoever knows the seed knows it.
pub fn repeatable_node_seed(seed: u64, index: u64, subnet: SubnetId) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(derive(Purpose::RepeatableNodes, seed, index, 0));
    hasher.update(subnet.0.as_slice());
    hasher.finalize().into()
}

fn self_authenticating(hash: [u8; 32]) -> Principal {
    let mut bytes = [0; 29];
    bytes[..28].copy_from_slice(&hash[..28]);
    bytes[28] = 2;
    Principal::from_slice(&bytes)
}

/// The id of the subnet that was created as number `index`.
pub fn subnet_id(seed: u64, index: u64) -> SubnetId {
    SubnetId(self_authenticating(derive(Purpose::Subnet, seed, index, 0)))
}

/// The id of the NNS subnet of the mainnet, `tdb26-jop6k-aogll-7ltgs-eruif-6kk7m-qpktf-gdiqx-mxtrf-vb5e6-eqe`.
pub fn mainnet_nns_id() -> SubnetId {
    const BYTES: [u8; 29] = [
        0xcf, 0xf2, 0x80, 0xe3, 0x2d, 0x7f, 0x5c, 0xcd, 0x22, 0x46, 0x88, 0x2f, 0x94, 0xaf, 0xb2,
        0x0f, 0x54, 0xca, 0x61, 0xa2, 0x17, 0x65, 0xe7, 0x12, 0xd4, 0x3d, 0x27, 0x89, 0x02,
    ];
    SubnetId(Principal::from_slice(&BYTES))
}

/// The ids of its first nodes.
pub fn node_ids(seed: u64, index: u64, count: u32) -> Vec<NodeId> {
    (0..u64::from(count))
        .map(|node| node_id(seed, index, node))
        .collect()
}

/// The id of the node that joined it as number `node`.
pub fn node_id(seed: u64, index: u64, node: u64) -> NodeId {
    NodeId(self_authenticating(derive(
        Purpose::Node,
        seed,
        index,
        node,
    )))
}

/// The seed of what looks random on that subnet and need not be secret.
pub fn subnet_seed(seed: u64, index: u64) -> [u8; 32] {
    derive(Purpose::Randomness, seed, index, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_look_self_authenticating_and_differ() {
        let subnets = (0..10).map(|index| subnet_id(1, index).0);
        let nodes = (0..10).flat_map(|index| node_ids(1, index, 13).into_iter().map(|id| id.0));
        let ids: BTreeSet<Principal> = subnets.chain(nodes).collect();
        assert_eq!(ids.len(), 10 + 130);
        assert!(
            ids.iter()
                .all(|id| id.as_slice().len() == 29 && id.as_slice()[28] == 2)
        );
    }

    #[test]
    fn the_seed_decides() {
        assert_eq!(subnet_id(7, 0), subnet_id(7, 0));
        assert_ne!(subnet_id(7, 0), subnet_id(8, 0));
    }
}
