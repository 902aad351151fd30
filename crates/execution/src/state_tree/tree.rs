//! The hash tree of certificates: labels, leaves, and witnesses that show some paths and prune the rest.
//!
//! Source: interface specification, "Certification / Certificate". In: a tree of labels. Out: its root hash, and witnesses in CBOR. A
//! witness shows what is at each asked path, or proves that nothing is there by showing the labels beside the gap.
//! Leaves out: what the labels mean (`content`), signatures.

use minicbor::Encoder;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A 32-byte hash of a tree.
pub type Hash = [u8; 32];

/// A label or a value.
type Bytes = Vec<u8>;

/// Labels of one branch that shall be shown, each with the paths below it.
type Wanted<'a> = BTreeMap<Bytes, Vec<&'a [Bytes]>>;

/// A tree as it is meant: labels in order, values at the ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Tree {
    /// A value.
    Leaf(Bytes),
    /// Subtrees by their labels.
    Branch(BTreeMap<Bytes, Tree>),
}

impl Tree {
    /// A tree without labels.
    pub fn empty() -> Self {
        Tree::Branch(BTreeMap::new())
    }

    /// A subtree of labels and trees.
    pub fn branch<L: Into<Bytes>>(children: impl IntoIterator<Item = (L, Tree)>) -> Self {
        let children = children.into_iter();
        Tree::Branch(children.map(|(label, tree)| (label.into(), tree)).collect())
    }

    /// A value.
    pub fn leaf(value: impl Into<Bytes>) -> Self {
        Tree::Leaf(value.into())
    }
}

/// A tree with the hashes of all its parts, in the form of the specification: a branch is a balanced tree of forks over its
/// labels.
#[derive(Clone, Debug)]
pub struct HashTree {
    hash: Hash,
    node: Node,
}

#[derive(Clone, Debug)]
enum Node {
    Empty,
    Leaf(Bytes),
    Labeled(Bytes, Box<HashTree>),
    /// The lowest label of the right side decides where a label is looked for.
    Fork(Box<HashTree>, Bytes, Box<HashTree>),
}

fn tagged(tag: &str, parts: &[&[u8]]) -> Hash {
    let mut hash = Sha256::new();
    hash.update([tag.len() as u8]);
    hash.update(tag);
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

impl HashTree {
    /// Hashes a tree.
    pub fn new(tree: Tree) -> Self {
        match tree {
            Tree::Leaf(value) => HashTree {
                hash: tagged("ic-hashtree-leaf", &[&value]),
                node: Node::Leaf(value),
            },
            Tree::Branch(children) => {
                let labeled = children.into_iter().map(|(label, tree)| {
                    let subtree = HashTree::new(tree);
                    let hash = tagged("ic-hashtree-labeled", &[&label, &subtree.hash]);
                    let node = Node::Labeled(label.clone(), Box::new(subtree));
                    (label, HashTree { hash, node })
                });
                HashTree::balanced(labeled.collect())
            }
        }
    }

    fn balanced(mut labeled: Vec<(Bytes, HashTree)>) -> Self {
        match labeled.len() {
            0 => HashTree {
                hash: tagged("ic-hashtree-empty", &[]),
                node: Node::Empty,
            },
            1 => labeled.remove(0).1,
            count => {
                let right = labeled.split_off(count / 2);
                let border = right[0].0.clone();
                let (left, right) = (HashTree::balanced(labeled), HashTree::balanced(right));
                HashTree {
                    hash: tagged("ic-hashtree-fork", &[&left.hash, &right.hash]),
                    node: Node::Fork(Box::new(left), border, Box::new(right)),
                }
            }
        }
    }

    /// The hash that is signed.
    pub fn root_hash(&self) -> Hash {
        self.hash
    }

    /// A witness of these paths. A path to a branch shows all below it.
    pub fn witness(&self, paths: &[Vec<Bytes>]) -> Witness {
        let paths: Vec<&[Bytes]> = paths.iter().map(Vec::as_slice).collect();
        if paths.is_empty() {
            return Witness::Pruned(self.hash);
        }
        self.reveal(&paths)
    }

    /// Shows the paths, of which there is at least one, from here.
    fn reveal(&self, paths: &[&[Bytes]]) -> Witness {
        if paths.iter().any(|path| path.is_empty()) {
            return self.all();
        }
        let mut wanted: Wanted<'_> = BTreeMap::new();
        for path in paths {
            let label = &path[0];
            if self.contains(label) {
                wanted.entry(label.clone()).or_default().push(&path[1..]);
            } else {
                let neighbours = [self.below(label), self.above(label)];
                for neighbour in neighbours.into_iter().flatten() {
                    wanted.entry(neighbour.clone()).or_default();
                }
            }
        }
        self.reveal_labels(&wanted)
    }

    /// Shows labels of this branch with the paths below them; a label without paths is shown, but nothing below it.
    fn reveal_labels(&self, wanted: &Wanted<'_>) -> Witness {
        match &self.node {
            Node::Empty => Witness::Empty,
            // A path that goes on below a leaf: the leaf is the proof that it doesn't.
            Node::Leaf(value) => Witness::Leaf(value.clone()),
            Node::Labeled(label, subtree) => match wanted.get(label) {
                None => Witness::Pruned(self.hash),
                Some(paths) => {
                    let below = match paths.is_empty() {
                        true => Witness::Pruned(subtree.hash),
                        false => subtree.reveal(paths),
                    };
                    Witness::Labeled(label.clone(), Box::new(below))
                }
            },
            Node::Fork(..) if wanted.is_empty() => Witness::Pruned(self.hash),
            Node::Fork(left, border, right) => {
                let mut to_left = wanted.clone();
                let to_right = to_left.split_off(border);
                Witness::Fork(
                    Box::new(left.reveal_labels(&to_left)),
                    Box::new(right.reveal_labels(&to_right)),
                )
            }
        }
    }

    fn contains(&self, wanted: &Bytes) -> bool {
        match &self.node {
            Node::Empty | Node::Leaf(_) => false,
            Node::Labeled(label, _) => label == wanted,
            Node::Fork(_, border, right) if wanted >= border => right.contains(wanted),
            Node::Fork(left, ..) => left.contains(wanted),
        }
    }

    /// The highest label below this one.
    fn below(&self, limit: &Bytes) -> Option<&Bytes> {
        match &self.node {
            Node::Empty | Node::Leaf(_) => None,
            Node::Labeled(label, _) => Some(label).filter(|label| *label < limit),
            Node::Fork(left, _, right) => right.below(limit).or_else(|| left.below(limit)),
        }
    }

    /// The lowest label above this one.
    fn above(&self, limit: &Bytes) -> Option<&Bytes> {
        match &self.node {
            Node::Empty | Node::Leaf(_) => None,
            Node::Labeled(label, _) => Some(label).filter(|label| *label > limit),
            Node::Fork(left, _, right) => left.above(limit).or_else(|| right.above(limit)),
        }
    }

    fn all(&self) -> Witness {
        match &self.node {
            Node::Empty => Witness::Empty,
            Node::Leaf(value) => Witness::Leaf(value.clone()),
            Node::Labeled(label, subtree) => {
                Witness::Labeled(label.clone(), Box::new(subtree.all()))
            }
            Node::Fork(left, _, right) => {
                Witness::Fork(Box::new(left.all()), Box::new(right.all()))
            }
        }
    }
}

/// A tree of which parts may be pruned to their hashes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Witness {
    /// Nothing.
    Empty,
    /// Two sides.
    Fork(Box<Witness>, Box<Witness>),
    /// A label and what is below it.
    Labeled(Bytes, Box<Witness>),
    /// A value.
    Leaf(Bytes),
    /// Not shown.
    Pruned(Hash),
}

impl Witness {
    /// The root hash, which is the one of the tree that the witness was made of.
    pub fn root_hash(&self) -> Hash {
        match self {
            Witness::Empty => tagged("ic-hashtree-empty", &[]),
            Witness::Fork(left, right) => {
                tagged("ic-hashtree-fork", &[&left.root_hash(), &right.root_hash()])
            }
            Witness::Labeled(label, below) => {
                tagged("ic-hashtree-labeled", &[label, &below.root_hash()])
            }
            Witness::Leaf(value) => tagged("ic-hashtree-leaf", &[value]),
            Witness::Pruned(hash) => *hash,
        }
    }

    /// Writes the witness as CBOR, as certificates carry it.
    pub fn write(&self, encoder: &mut Encoder<&mut Vec<u8>>) {
        // Writing to a vector can't fail.
        let _ = match self {
            Witness::Empty => encoder.array(1).and_then(|e| e.u8(0)).map(|_| ()),
            Witness::Fork(left, right) => {
                let head = encoder.array(3).and_then(|e| e.u8(1)).map(|_| ());
                left.write(encoder);
                right.write(encoder);
                head
            }
            Witness::Labeled(label, below) => {
                let head = encoder.array(3).and_then(|e| e.u8(2)?.bytes(label));
                let head = head.map(|_| ());
                below.write(encoder);
                head
            }
            Witness::Leaf(value) => {
                let leaf = encoder.array(2).and_then(|e| e.u8(3)?.bytes(value));
                leaf.map(|_| ())
            }
            Witness::Pruned(hash) => {
                let pruned = encoder.array(2).and_then(|e| e.u8(4)?.bytes(hash));
                pruned.map(|_| ())
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    fn example() -> Tree {
        let leaf = |value: &str| Tree::leaf(value);
        Tree::branch([
            (
                "a",
                Tree::branch([("x", leaf("hello")), ("y", leaf("world"))]),
            ),
            ("b", leaf("good")),
            ("c", Tree::empty()),
            ("d", leaf("morning")),
        ])
    }

    fn path(labels: &[&str]) -> Vec<Bytes> {
        labels
            .iter()
            .map(|label| label.as_bytes().to_vec())
            .collect()
    }

    fn shown(witness: &Witness) -> Vec<Bytes> {
        match witness {
            Witness::Empty | Witness::Pruned(_) => Vec::new(),
            Witness::Fork(left, right) => [shown(left), shown(right)].concat(),
            Witness::Labeled(_, below) => shown(below),
            Witness::Leaf(value) => vec![value.clone()],
        }
    }

    #[test]
    fn every_witness_has_the_hash_of_its_tree() {
        let tree = HashTree::new(example());
        for paths in [
            vec![],
            vec![path(&[])],
            vec![path(&["a", "y"])],
            vec![path(&["a"]), path(&["d"])],
            vec![path(&["ax"])],
            vec![path(&["e", "x"]), path(&["0"])],
        ] {
            assert_eq!(tree.witness(&paths).root_hash(), tree.root_hash());
        }
    }

    #[test]
    fn a_witness_shows_what_was_asked_and_nothing_else() {
        let tree = HashTree::new(example());
        let values = |paths: &[Vec<Bytes>]| shown(&tree.witness(paths));
        assert_eq!(values(&[path(&["a", "y"])]), [b"world".to_vec()]);
        assert_eq!(
            values(&[path(&["a"])]),
            [b"hello".to_vec(), b"world".to_vec()]
        );
        assert_eq!(values(&[path(&["b"])]), [b"good".to_vec()]);
        assert!(values(&[]).is_empty());
    }

    #[test]
    fn absence_is_proved_by_the_labels_on_both_sides_of_the_gap() {
        fn labels(witness: &Witness) -> Vec<Bytes> {
            match witness {
                Witness::Fork(left, right) => [labels(left), labels(right)].concat(),
                Witness::Labeled(label, _) => vec![label.clone()],
                _ => Vec::new(),
            }
        }
        let tree = HashTree::new(example());
        let found = |label: &str| labels(&tree.witness(&[path(&[label])]));
        assert_eq!(found("bb"), [b"b".to_vec(), b"c".to_vec()]);
        assert_eq!(found("aa"), [b"a".to_vec(), b"b".to_vec()]);
        assert_eq!(found("z"), [b"d".to_vec()]);
        assert_eq!(found("0"), [b"a".to_vec()]);
    }
}
