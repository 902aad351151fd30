//! The tree that commits to a list, and grows leaf by leaf.
//!
//! Source: docs/protocols/draws.md, steps 6 and 7; the shape is that of RFC 6962, section 2.1. In: leaves. Out: roots and proofs. Adding a leaf and taking the root cost
//! as many hashes as the number of leaves has bits.
//!
//! How a node is made of two is a parameter: the beacon certifies its rounds in a tree of this shape whose nodes are those of the network's hash trees.

use crate::domain::{Domain, Hash};
use crate::error::DrawProofError;
use minicbor::{Decode, Encode};

/// How a node is made of its children.
pub type Join = fn(&Hash, &Hash) -> Hash;

/// A node of the tree of entries (step 6).
pub fn node(left: &Hash, right: &Hash) -> Hash {
    Domain::Node.hash(&[left, right])
}

/// The tops of the complete trees over some leaves: all that is needed to add more.
#[derive(Encode, Decode, Clone, Debug, Default, PartialEq, Eq)]
#[cbor(map)]
pub struct Peaks {
    #[n(0)]
    count: u64,
    /// Largest tree first.
    #[n(1)]
    tops: Vec<HashBytes>,
}

/// A hash in a stored record.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(transparent)]
struct HashBytes(#[cbor(n(0), with = "minicbor::bytes")] Hash);

/// A complete tree that was finished by adding a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Complete {
    /// Its height: 0 for a leaf.
    pub level: u32,
    /// Its number among those of this height.
    pub index: u64,
    /// Its top.
    pub top: Hash,
}

impl Peaks {
    /// How many leaves there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Adds a leaf; every complete tree that it finishes, smallest first, for whoever keeps them for proofs.
    pub fn push(&mut self, leaf: Hash, join: Join) -> Vec<Complete> {
        let mut index = self.count;
        let mut top = leaf;
        let mut finished = Vec::new();
        for level in 0.. {
            finished.push(Complete { level, index, top });
            if index & 1 == 0 {
                break;
            }
            // One top for each bit that is set, so there is one here.
            match self.tops.pop() {
                Some(left) => top = join(&left.0, &top),
                None => break,
            }
            index >>= 1;
        }
        self.tops.push(HashBytes(top));
        self.count += 1;
        finished
    }

    /// The top of the whole tree; nothing without leaves.
    pub fn top(&self, join: Join) -> Option<Hash> {
        let mut tops = self.tops.iter().rev();
        let last = tops.next()?.0;
        Some(tops.fold(last, |right, left| join(&left.0, &right)))
    }

    /// The root that commits to the entries and their number (step 6).
    pub fn root(&self) -> Hash {
        let top = self.top(node).unwrap_or_else(|| Domain::Empty.hash(&[]));
        root(self.count, &top)
    }
}

fn root(count: u64, top: &Hash) -> Hash {
    Domain::Root.hash(&[&count.to_be_bytes(), top])
}

/// A sibling on the way from a leaf to the top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sibling {
    /// Whether it stands on the left.
    pub on_the_left: bool,
    /// The top of its tree.
    pub top: Hash,
}

/// The siblings of a leaf, from the leaf up. `complete` tells the top of a complete tree (height, number among those of this height); a proof takes as many of them as
/// the number of leaves has bits, twice at most.
///
/// Nothing if there is no such leaf.
pub fn prove(
    count: u64,
    index: u64,
    join: Join,
    complete: &mut impl FnMut(u32, u64) -> Hash,
) -> Option<Vec<Sibling>> {
    if index >= count {
        return None;
    }
    // The range [first, first + size) is narrowed down to the leaf; what is cut off is its sibling.
    let (mut first, mut size) = (0, count);
    let mut siblings = Vec::new();
    while size > 1 {
        let left = 1 << (u64::BITS - 1 - (size - 1).leading_zeros());
        if index < first + left {
            let top = range(first + left, size - left, join, complete);
            siblings.push(Sibling {
                on_the_left: false,
                top,
            });
            size = left;
        } else {
            let top = range(first, left, join, complete);
            siblings.push(Sibling {
                on_the_left: true,
                top,
            });
            first += left;
            size -= left;
        }
    }
    siblings.reverse();
    Some(siblings)
}

/// The top over `size` leaves from a multiple of a larger power of two on.
fn range(first: u64, size: u64, join: Join, complete: &mut impl FnMut(u32, u64) -> Hash) -> Hash {
    let level = u64::BITS - 1 - size.leading_zeros();
    let left = complete(level, first >> level);
    match size - (1 << level) {
        0 => left,
        rest => join(&left, &range(first + (1 << level), rest, join, complete)),
    }
}

/// The top that a leaf and its siblings lead to.
pub fn climb(leaf: Hash, siblings: &[Sibling], join: Join) -> Hash {
    siblings
        .iter()
        .fold(leaf, |top, sibling| match sibling.on_the_left {
            true => join(&sibling.top, &top),
            false => join(&top, &sibling.top),
        })
}

/// Checks that a leaf is the one at a place under the root of so many entries.
///
/// # Errors
/// [`DrawProofError::EntryProof`], also for siblings on other sides than the place says.
pub fn check(
    root_hash: &Hash,
    count: u64,
    index: u64,
    leaf: Hash,
    siblings: &[Sibling],
) -> Result<(), DrawProofError> {
    let expected = prove(count, index, node, &mut |_, _| [0; 32]);
    let expected = expected.ok_or(DrawProofError::EntryProof)?;
    let sides = |list: &[Sibling]| -> Vec<bool> {
        list.iter().map(|sibling| sibling.on_the_left).collect()
    };
    let fits = sides(&expected) == sides(siblings)
        && root(count, &climb(leaf, siblings, node)) == *root_hash;
    match fits {
        true => Ok(()),
        false => Err(DrawProofError::EntryProof),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6962's definition, by recursion.
    fn by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Domain::Empty.hash(&[]),
            [leaf] => *leaf,
            _ => {
                let left = leaves.len().next_power_of_two() / 2;
                node(
                    &by_definition(&leaves[..left]),
                    &by_definition(&leaves[left..]),
                )
            }
        }
    }

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count)
            .map(|index| Domain::Leaf.hash(&[&index.to_be_bytes()]))
            .collect()
    }

    #[test]
    fn a_tree_that_grows_has_the_root_of_the_definition_at_every_size() {
        let all = leaves(70);
        let mut peaks = Peaks::default();
        for count in 0..=all.len() {
            assert_eq!(peaks.count(), count as u64);
            let expected = root(count as u64, &by_definition(&all[..count]));
            assert_eq!(peaks.root(), expected, "{count} leaves");
            if let Some(leaf) = all.get(count) {
                peaks.push(*leaf, node);
            }
        }
    }

    #[test]
    fn every_leaf_has_a_proof_and_no_other_leaf_place_or_size_passes_with_it() {
        for count in [1, 2, 3, 5, 8, 13, 31, 64, 65] {
            let all = leaves(count);
            let mut peaks = Peaks::default();
            for leaf in &all {
                peaks.push(*leaf, node);
            }
            let root = peaks.root();
            let mut complete = |level: u32, index: u64| {
                let first = (index << level) as usize;
                by_definition(&all[first..first + (1 << level)])
            };
            for index in 0..count {
                let siblings = prove(count, index, node, &mut complete).unwrap();
                let leaf = all[index as usize];
                assert_eq!(check(&root, count, index, leaf, &siblings), Ok(()));
                let refused = Err(DrawProofError::EntryProof);
                assert_eq!(check(&root, count, index, [7; 32], &siblings), refused);
                assert_eq!(check(&root, count + 1, index, leaf, &siblings), refused);
                assert_eq!(check(&root, count, count, leaf, &siblings), refused);
                if count > 1 {
                    let other = (index + 1) % count;
                    assert_eq!(check(&root, count, other, leaf, &siblings), refused);
                    let fewer = &siblings[..siblings.len() - 1];
                    assert_eq!(check(&root, count, index, leaf, fewer), refused);
                }
            }
            assert_eq!(prove(count, count, node, &mut complete), None);
        }
    }

    #[test]
    fn what_adding_a_leaf_finishes_is_every_complete_tree_once() {
        let all = leaves(100);
        let mut peaks = Peaks::default();
        let finished: Vec<Complete> = all
            .iter()
            .flat_map(|leaf| peaks.push(*leaf, node))
            .collect();
        for tree in &finished {
            let first = (tree.index << tree.level) as usize;
            let expected = by_definition(&all[first..first + (1 << tree.level)]);
            assert_eq!(tree.top, expected);
        }
        let expected: u64 = (0..7).map(|level| 100 >> level).sum();
        assert_eq!(finished.len() as u64, expected);
    }
}
