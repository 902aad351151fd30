//! The certified state: the tree of the specification, its witnesses, and certificates signed by the subnet's nodes.
//!
//! Source: interface specification, "Certification". The nodes sign the root only when something asks for a certificate. In: the state of a
//! subnet, paths. Out: certificates that verify against the root key alone. The signature comes through `ChainKeys`.

mod certificate;
mod content;
mod tree;

pub use certificate::{CertifiedTree, Delegation, delegation_tree};
pub use content::{leb128, of};
pub use tree::{Hash, HashTree, Tree, Witness};
