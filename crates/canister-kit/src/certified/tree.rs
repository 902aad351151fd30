//! The tree whose root is the canister's certified data.
//!
//! - What it does: three branches, in the order of their labels: "audit_log" (the head of the log), "http_expr"
//!   (the pages, as the HTTP gateway protocol wants them) and "product" (what a canister certifies of its own; left
//!   out where there is nothing). A witness shows one branch and the others' hashes.
//! - Specification: IC interface specification, "Certification" (hash trees in CBOR: `[0]`, `[1 left right]`,
//!   `[2 label tree]`, `[3 value]`, `[4 hash]`, self-described); HTTP gateway protocol specification, "Response
//!   verification".
//! - Reading takes bytes from anyone: depth and size are bounded.

use crate::audit::Head;
use crate::domain::Hash;
use ic_certification::hash_tree::HashTreeNode;
use ic_certification::{HashTree, fork, labeled, leaf, pruned};
use minicbor::data::Tag;
use minicbor::{Decoder, Encoder};
use thiserror::Error;

/// Label of the log's head.
pub const AUDIT_LABEL: &str = "audit_log";

/// Label of what a canister certifies of its own.
pub const PRODUCT_LABEL: &str = "product";

/// The tag before CBOR that describes itself.
const SELF_DESCRIBED: Tag = Tag::new(55799);

/// How deep a tree may be that somebody sends.
const MAX_DEPTH: usize = 128;

/// The three branches.
#[derive(Clone, Debug)]
pub struct Branches {
    /// The end of the audit log.
    pub head: Head,
    /// Root of the tree of pages, its label included.
    pub pages: Hash,
    /// Root of the canister's own tree, its label not included.
    pub product: Option<Hash>,
}

impl Branches {
    /// The certified data.
    pub fn root(&self) -> Hash {
        self.join(self.audit(), self.product_hash()).digest()
    }

    /// The log's head, shown; the rest as hashes.
    pub fn audit_witness(&self) -> HashTree {
        self.join(self.audit(), self.product_hash())
    }

    /// A witness of the tree of pages; the rest as hashes.
    pub fn page_witness(&self, pages: HashTree) -> HashTree {
        let audit = pruned(self.audit().digest());
        match self.product_hash() {
            Some(product) => fork(audit, fork(pages, product)),
            None => fork(audit, pages),
        }
    }

    /// A witness of the canister's own tree, under its label; the rest as hashes.
    pub fn product_witness(&self, own: HashTree) -> HashTree {
        self.join(
            pruned(self.audit().digest()),
            Some(labeled(PRODUCT_LABEL, own)),
        )
    }

    fn join(&self, audit: HashTree, product: Option<HashTree>) -> HashTree {
        match product {
            Some(product) => fork(audit, fork(pruned(self.pages), product)),
            None => fork(audit, pruned(self.pages)),
        }
    }

    fn audit(&self) -> HashTree {
        labeled(AUDIT_LABEL, leaf(self.head.to_bytes()))
    }

    fn product_hash(&self) -> Option<HashTree> {
        let own = self.product?;
        Some(pruned(labeled(PRODUCT_LABEL, pruned(own)).digest()))
    }
}

/// A tree as clients read it.
pub fn write_tree(tree: &HashTree) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut out = Encoder::new(&mut bytes);
    let written = out
        .tag(SELF_DESCRIBED)
        .and_then(|out| node(out, tree.as_ref()));
    match written {
        Ok(()) => bytes,
        // A vector takes every write.
        Err(error) => panic!("a tree does not encode: {error}"),
    }
}

type Written = Result<(), minicbor::encode::Error<core::convert::Infallible>>;

fn node(out: &mut Encoder<&mut Vec<u8>>, tree: &HashTreeNode<Vec<u8>>) -> Written {
    match tree {
        HashTreeNode::Empty() => out.array(1)?.u8(0)?.ok(),
        HashTreeNode::Fork(children) => {
            out.array(3)?.u8(1)?;
            node(out, &children.0)?;
            node(out, &children.1)
        }
        HashTreeNode::Labeled(label, child) => {
            out.array(3)?.u8(2)?.bytes(label.as_bytes())?;
            node(out, child)
        }
        HashTreeNode::Leaf(value) => out.array(2)?.u8(3)?.bytes(value)?.ok(),
        HashTreeNode::Pruned(hash) => out.array(2)?.u8(4)?.bytes(hash)?.ok(),
    }
}

/// Reads a tree that somebody sent.
///
/// # Errors
/// Bytes that are no tree, or one deeper than 128 levels.
pub fn read_tree(bytes: &[u8]) -> Result<HashTree, CertifiedTreeError> {
    let mut from = Decoder::new(bytes);
    if from.probe().tag().is_ok_and(|tag| tag == SELF_DESCRIBED) {
        from.tag()?;
    }
    let tree = read_node(&mut from, MAX_DEPTH)?;
    match from.position() == bytes.len() {
        true => Ok(tree),
        false => Err(CertifiedTreeError::Shape),
    }
}

fn read_node(from: &mut Decoder<'_>, depth: usize) -> Result<HashTree, CertifiedTreeError> {
    let depth = depth.checked_sub(1).ok_or(CertifiedTreeError::Depth)?;
    let length = from.array()?.ok_or(CertifiedTreeError::Shape)?;
    Ok(match (from.u8()?, length) {
        (0, 1) => ic_certification::empty(),
        (1, 3) => {
            let left = read_node(from, depth)?;
            fork(left, read_node(from, depth)?)
        }
        (2, 3) => {
            let label = from.bytes()?.to_vec();
            labeled(label, read_node(from, depth)?)
        }
        (3, 2) => leaf(from.bytes()?),
        (4, 2) => {
            let hash: Result<Hash, _> = from.bytes()?.try_into();
            pruned(hash.map_err(|_| CertifiedTreeError::Shape)?)
        }
        _ => return Err(CertifiedTreeError::Shape),
    })
}

/// Why bytes are no hash tree.
#[derive(Error, Clone, Debug, PartialEq, Eq)]
pub enum CertifiedTreeError {
    /// The bytes are not the CBOR that is expected.
    #[error("the hash tree is not well-formed: {0}")]
    Cbor(String),
    /// The CBOR is no hash tree.
    #[error("this is no hash tree")]
    Shape,
    /// The tree is deeper than this code follows.
    #[error("the hash tree is deeper than {MAX_DEPTH} levels")]
    Depth,
}

impl From<minicbor::decode::Error> for CertifiedTreeError {
    fn from(error: minicbor::decode::Error) -> Self {
        Self::Cbor(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ic_cbor::HashTreeToCbor;
    use ic_certification::{LookupResult, SubtreeLookupResult};

    fn branches(product: Option<Hash>) -> Branches {
        let pages = labeled("http_expr", leaf("pages"));
        Branches {
            head: Head::genesis().next(b"event"),
            pages: pages.digest(),
            product,
        }
    }

    #[test]
    fn every_witness_has_the_certified_root_and_shows_its_branch() {
        let own = labeled("round", leaf("7"));
        for product in [None, Some(own.digest())] {
            let all = branches(product);
            let audit = all.audit_witness();
            assert_eq!(audit.digest(), all.root());
            let found = audit.lookup_path([AUDIT_LABEL]);
            assert_eq!(found, LookupResult::Found(&all.head.to_bytes()));
            let pages = all.page_witness(labeled("http_expr", leaf("pages")));
            assert_eq!(pages.digest(), all.root());
            let found = pages.lookup_path(["http_expr"]);
            assert_eq!(found, LookupResult::Found(b"pages"));
        }
        let all = branches(Some(own.digest()));
        let product = all.product_witness(own);
        assert_eq!(product.digest(), all.root());
        let found = product.lookup_subtree(["product", "round"]);
        assert_eq!(found, SubtreeLookupResult::Found(leaf("7")));
    }

    #[test]
    fn the_official_library_reads_what_is_written_and_so_do_we() {
        let tree = fork(
            labeled("a", fork(leaf("x"), ic_certification::empty())),
            pruned([7; 32]),
        );
        let bytes = write_tree(&tree);
        let theirs = <HashTree as HashTreeToCbor>::from_cbor(&bytes).unwrap();
        assert_eq!(theirs, tree);
        assert_eq!(read_tree(&bytes), Ok(tree));
    }

    #[test]
    fn refuses_bytes_that_are_no_tree() {
        let good = write_tree(&labeled("a", leaf("x")));
        assert!(read_tree(&good[..good.len() - 1]).is_err());
        assert!(read_tree(&[&good[..], &[0]].concat()).is_err());
        assert!(read_tree(&[0x82, 4, 0x41, 1]).is_err());
        assert!(read_tree(&[0x81, 9]).is_err());
        let mut deep = [0x83, 2, 0x41, b'a'].repeat(129);
        deep.extend_from_slice(&[0x81, 0]);
        assert_eq!(read_tree(&deep), Err(CertifiedTreeError::Depth));
    }
}
