//! A node's own randomness, which cannot be run backwards.
//!
//! In: a seed. Out: bytes, as from any generator. What is drawn and what follows come out of the oracle on the present key; the key is replaced at
//! every draw and erased, also when the node goes. So whoever reads a node's memory learns nothing of what was drawn before: not the coefficients of dealings,
//! not the encryption secrets of earlier epochs. The same seed gives the same bytes, so that a run can be repeated.
//! The caller must draw seeds from the system's randomness, and use each for one subnet. Leaves out: what the compiler keeps of intermediate values on the stack.

use chainkey_algebra::{Domain, Oracle};
use rand_core::{CryptoRng, RngCore, impls};
use zeroize::Zeroizing;

/// From which all randomness of a subnet's nodes is drawn; erased when dropped.
#[derive(Clone)]
pub struct Seed(Zeroizing<[u8; 32]>);

impl From<[u8; 32]> for Seed {
    fn from(bytes: [u8; 32]) -> Self {
        Seed(Zeroizing::new(bytes))
    }
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<redacted seed>")
    }
}

impl Seed {
    /// Another seed, for one purpose of one subnet: equal seeds of two subnets have nothing in common.
    pub(crate) fn for_purpose(&self, subnet: &[u8], purpose: &str, numbers: [u64; 2]) -> Self {
        let digest = Oracle::new(Domain::NodeRandomness)
            .bytes("seed", self.0.as_slice())
            .bytes("subnet", subnet)
            .bytes("purpose", purpose)
            .number("first", numbers[0])
            .number("second", numbers[1])
            .digest();
        Seed::from(digest)
    }

    /// The bytes, for what is not secret in the end.
    pub(crate) fn to_bytes(&self) -> [u8; 32] {
        *self.0
    }
}

/// A node's generator.
pub struct NodeRng {
    key: Zeroizing<[u8; 32]>,
}

impl NodeRng {
    /// A generator from a seed that nothing else uses.
    pub fn new(seed: Seed) -> Self {
        NodeRng { key: seed.0 }
    }

    /// A seed for another generator.
    pub fn seed(&mut self) -> Seed {
        let mut seed = Seed::from([0; 32]);
        self.fill_bytes(seed.0.as_mut_slice());
        seed
    }
}

impl RngCore for NodeRng {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        let mut stream = Oracle::new(Domain::NodeRandomness)
            .bytes("key", self.key.as_slice())
            .stream();
        let next = Zeroizing::new(stream.wide());
        self.key.copy_from_slice(&next[..32]);
        for part in bytes.chunks_mut(64) {
            let wide = Zeroizing::new(stream.wide());
            part.copy_from_slice(&wide[..part.len()]);
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for NodeRng {}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(rng: &mut NodeRng, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        rng.fill_bytes(&mut bytes);
        bytes
    }

    #[test]
    fn the_state_after_a_draw_holds_nothing_of_the_one_before() {
        let mut rng = NodeRng::new(Seed::from([7; 32]));
        let mut again = NodeRng::new(Seed::from([7; 32]));
        let first = drawn(&mut rng, 200);
        assert_eq!(drawn(&mut again, 200), first);
        assert_ne!(*rng.key, [7; 32]);
        // What an intruder takes away gives what follows (the control) and no part of what was.
        let mut taken = NodeRng::new(Seed::from(*rng.key));
        let after = drawn(&mut rng, 200);
        assert_eq!(drawn(&mut taken, 200), after);
        for part in first.chunks(32) {
            assert!(!after.windows(part.len()).any(|other| other == part));
            assert!(
                !taken
                    .key
                    .windows(8)
                    .any(|key| part.windows(8).any(|other| other == key))
            );
        }
    }

    #[test]
    fn equal_seeds_of_two_subnets_or_purposes_have_nothing_in_common_and_are_not_shown() {
        let seed = Seed::from([9; 32]);
        let of =
            |subnet: &[u8], purpose, numbers| seed.for_purpose(subnet, purpose, numbers).to_bytes();
        let one = of(b"a", "node", [0, 0]);
        assert_eq!(of(b"a", "node", [0, 0]), one);
        for other in [
            of(b"b", "node", [0, 0]),
            of(b"a", "newcomers", [0, 0]),
            of(b"a", "node", [1, 0]),
            of(b"a", "node", [0, 1]),
        ] {
            assert_ne!(other, one);
        }
        assert_eq!(format!("{seed:?}"), "<redacted seed>");
    }
}
