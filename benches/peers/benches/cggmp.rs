//! Presigning with `cggmp24`: 5 signers of 13, at its own security level of 128 bits, in its own simulator.
//!
//! Keys come from its trusted dealer (feature `spof`), which its documentation gives for tests and which takes pregenerated primes. They are primes of the
//! right size, but not safe ones: to find those takes half an hour, and what presigning costs depends on their size alone. The
//! eight nodes that do not sign have the primes of the first. "multiexp": with the tables that the library offers to precompute, which are not counted.
//! The integers are those of its default features, `num-bigint`; with its other backend, GMP in C, it is faster.

use crate::measure::Figures;
use cggmp24::backend::Integer;
use cggmp24::key_share::KeyShare;
use cggmp24::security_level::{SecurityLevel, SecurityLevel128};
use cggmp24::signing::{DataToSign, Presignature};
use cggmp24::supported_curves::Secp256k1;
use cggmp24::{ExecutionId, PregeneratedPrimes, trusted_dealer};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};

const NODES: u16 = 13;
const SIGNERS: u16 = 5;

/// Measures one run without and one with tables.
pub fn measure(figures: &mut Figures) {
    let name = |tables: bool| match tables {
        false => "cggmp24_presignature_5_of_13",
        true => "cggmp24_presignature_multiexp_5_of_13",
    };
    let wanted = [false, true]
        .map(name)
        .iter()
        .any(|name| figures.wanted(name));
    if !wanted {
        return;
    }
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let primes = primes(&mut rng);
    for tables in [false, true] {
        let keys = trusted_dealer::builder::<Secp256k1, SecurityLevel128>(NODES)
            .set_threshold(Some(SIGNERS))
            .set_pregenerated_primes(primes.clone())
            .enable_multiexp(tables)
            .generate_shares(&mut rng)
            .expect("the primes have the right size");
        figures.once(name(tables), || presign(&keys, rng.next_u64()));
    }
}

/// For each node two for its Paillier key and two for its ring of commitments.
fn primes(rng: &mut ChaCha20Rng) -> Vec<PregeneratedPrimes<SecurityLevel128>> {
    let mut of_signers: Vec<_> = (0..SIGNERS)
        .map(|_| {
            let four = [(); 4].map(|()| prime(rng));
            PregeneratedPrimes::try_from(four).expect("they have the right size")
        })
        .collect();
    let others = usize::from(NODES - SIGNERS);
    of_signers.extend(vec![of_signers[0].clone(); others]);
    of_signers
}

/// A prime that leaves 3 modulo 4 and whose two highest bits are set, so that products of two have full length.
fn prime(rng: &mut ChaCha20Rng) -> Integer {
    let bits = SecurityLevel128::RSA_PRIME_BITLEN;
    loop {
        let mut found = Integer::random_bits(bits, rng);
        for bit in [0, 1, bits - 1, bits - 2] {
            found.set_bit(bit, true);
        }
        let small = (3..2000u32).step_by(2).any(|d| found.mod_u(d) == 0);
        if !small && found.is_probably_prime(25, rng) != cggmp24::backend::IsPrime::No {
            return found;
        }
    }
}

/// One presigning; that its result signs is checked by the library when it is combined.
fn presign(keys: &[KeyShare<Secp256k1, SecurityLevel128>], seed: u64) {
    let signers: Vec<u16> = (0..SIGNERS).collect();
    let made = round_based::sim::run(SIGNERS, |index, party| {
        let signers = &signers;
        async move {
            let mut rng = ChaCha20Rng::seed_from_u64(seed ^ u64::from(index));
            let id = ExecutionId::new(b"one presigning");
            let key = &keys[usize::from(index)];
            cggmp24::signing(id, index, signers, key)
                .generate_presignature(&mut rng, party)
                .await
        }
    });
    let made = made.expect("the simulator runs").expect_ok().into_vec();
    let (presignatures, public): (Vec<Presignature<_>>, Vec<_>) = made.into_iter().unzip();
    let message = DataToSign::digest::<sha2::Sha256>(b"message");
    let shares: Vec<_> = presignatures
        .into_iter()
        .map(|presignature| presignature.issue_partial_signature(message))
        .collect();
    let signature = cggmp24::PartialSignature::combine(&shares, &public[0], message);
    assert!(signature.is_some());
}
