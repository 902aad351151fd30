//! What a key is derived along: a canister's id, then the caller's own elements.

use crate::error::KeyPathError;

/// The most elements that a caller's path may have (interface specification, `ecdsa_public_key`).
pub const LONGEST_PATH: usize = 255;

/// A derivation path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Path {
    elements: Vec<Vec<u8>>,
}

impl Path {
    /// The path from a master key: the canister's id as bytes, then the caller's path of at most [`LONGEST_PATH`] elements.
    pub fn of_canister(
        canister_id: &[u8],
        path: impl IntoIterator<Item = Vec<u8>>,
    ) -> Result<Path, KeyPathError> {
        let mut below = Path::below(path)?;
        below.elements.insert(0, canister_id.to_vec());
        Ok(below)
    }

    /// The path from a key that is already a canister's own: the caller's path of at most [`LONGEST_PATH`] elements.
    pub fn below(path: impl IntoIterator<Item = Vec<u8>>) -> Result<Path, KeyPathError> {
        let elements: Vec<Vec<u8>> = path.into_iter().collect();
        if elements.len() > LONGEST_PATH {
            return Err(KeyPathError::PathTooLong(elements.len()));
        }
        Ok(Path { elements })
    }

    /// Every element, the canister's id first if there is one.
    pub fn elements(&self) -> impl Iterator<Item = &[u8]> {
        self.elements.iter().map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_255_elements_is_taken_and_one_of_256_refused() {
        let path = |length| Path::of_canister(&[1], vec![vec![7]; length]);
        assert_eq!(path(255).unwrap().elements().count(), 256);
        assert_eq!(path(256), Err(KeyPathError::PathTooLong(256)));
    }
}
