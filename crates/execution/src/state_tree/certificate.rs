//! Certificates: a witness, the nodes' signature on its root, and for other subnets than the root its delegation.
//!
//! Source: interface specification, "Certificate" and "Delegation". In: a tree and paths. Out: self-described CBOR. Leaves
//! out: making signatures (`ChainKeys`).

use super::content::{SELF_DESCRIBED, leb128, subnet_entry};
use super::tree::{HashTree, Tree};
use crate::chain_keys::{ChainKeyError, ChainKeys};
use crate::ids::{SubnetId, Time};
use crate::subnet::RoutingTable;
use candid::Principal;
use minicbor::Encoder;
use std::sync::Arc;

/// The root subnet's word for another subnet's key and canisters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delegation {
    /// The subnet.
    pub subnet: Principal,
    /// The root's certificate of the subnet's public key and canister ranges; CBOR, self-described.
    pub certificate: Arc<[u8]>,
}

/// A tree whose root the nodes signed.
#[derive(Clone, Debug)]
pub struct CertifiedTree {
    tree: HashTree,
    signature: [u8; 48],
    delegation: Option<Delegation>,
}

impl CertifiedTree {
    /// Has the subnet's nodes sign the tree.
    pub fn new(keys: &dyn ChainKeys, subnet: SubnetId, tree: Tree) -> Result<Self, ChainKeyError> {
        let tree = HashTree::new(tree);
        Ok(CertifiedTree {
            signature: keys.certify(subnet, tree.root_hash())?,
            delegation: keys.delegation(subnet)?,
            tree,
        })
    }

    /// The certificate of these paths, in self-described CBOR.
    pub fn certificate(&self, paths: &[Vec<Vec<u8>>]) -> Arc<[u8]> {
        encode(&self.tree, paths, &self.signature, self.delegation.as_ref()).into()
    }
}

fn encode(
    tree: &HashTree,
    paths: &[Vec<Vec<u8>>],
    signature: &[u8; 48],
    delegation: Option<&Delegation>,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes);
    // Writing to a vector can't fail, here and below.
    let entries = 2 + u64::from(delegation.is_some());
    let _ = encoder
        .tag(SELF_DESCRIBED)
        .and_then(|e| e.map(entries)?.str("tree"))
        .map(|_| ());
    tree.witness(paths).write(&mut encoder);
    let _ = encoder
        .str("signature")
        .and_then(|e| e.bytes(signature))
        .map(|_| ());
    if let Some(delegation) = delegation {
        let _ = encoder
            .str("delegation")
            .and_then(|e| {
                e.map(2)?
                    .str("subnet_id")?
                    .bytes(delegation.subnet.as_slice())
            })
            .and_then(|e| e.str("certificate")?.bytes(&delegation.certificate))
            .map(|_| ());
    }
    bytes
}

/// The part of the root's tree that speaks for one subnet: `/subnet/<id>/{public_key, canister_ranges}` and `/time`.
pub fn delegation_tree(
    keys: &dyn ChainKeys,
    routing: &RoutingTable,
    subnet: SubnetId,
    time: Time,
) -> Option<Tree> {
    let record = routing.subnets.get(&subnet)?;
    let entry = subnet_entry(keys, subnet, record);
    Some(Tree::branch([
        ("subnet", Tree::branch([(subnet.0.as_slice(), entry)])),
        ("time", Tree::leaf(leb128(time.0))),
    ]))
}
