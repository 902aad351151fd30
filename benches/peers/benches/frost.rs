//! FROST by the Zcash Foundation: `frost-secp256k1-tr` and `frost-ed25519`, both through `frost-core`.
//!
//! - "commit": round 1 (nonces and commitments) of t signers. "sign": round 2 of t signers and the aggregation, which verifies the
//!   signature: what is left to do when nonces are in stock.
//! - "dkg": its key generation, all three parts of all n participants. Its shares travel in the clear through channels that the caller has to provide,
//!   and only the receiver can check them; ours are encrypted and publicly verifiable, and those costs are in our figure.

use crate::measure::Figures;
use frost_core::keys::dkg;
use frost_core::keys::{IdentifierList, KeyPackage, PublicKeyPackage, generate_with_dealer};
use frost_core::round1::{self, SigningCommitments, SigningNonces};
use frost_core::{Ciphersuite, Identifier, SigningPackage, aggregate, round2};
use frost_ed25519::Ed25519Sha512;
use frost_secp256k1_tr::Secp256K1Sha256TR;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::collections::BTreeMap;

type ByNode<C, T> = BTreeMap<Identifier<C>, T>;
type Keys<C> = (ByNode<C, KeyPackage<C>>, PublicKeyPackage<C>);

/// Measures signing with 2 of 4, 5 of 13 and 12 of 34, and key generation for the same.
pub fn measure(figures: &mut Figures) {
    for (needed, nodes) in [(2, 4), (5, 13), (12, 34)] {
        signing::<Secp256K1Sha256TR>(figures, "frost_secp256k1_tr", needed, nodes);
        signing::<Ed25519Sha512>(figures, "frost_ed25519", needed, nodes);
        let name = format!("frost_secp256k1_tr_dkg_{needed}_of_{nodes}");
        figures.of(&name, || {
            generation::<Secp256K1Sha256TR>(needed, nodes).expect("everybody is honest")
        });
    }
}

/// The signers, their keys, and the public key.
fn signers<C: Ciphersuite>(
    needed: u16,
    nodes: u16,
    rng: &mut ChaCha20Rng,
) -> Result<Keys<C>, frost_core::Error<C>> {
    let all = IdentifierList::Default;
    let (shares, public) = generate_with_dealer::<C, _>(nodes, needed, all, rng)?;
    let few = shares.into_iter().take(usize::from(needed));
    let keys = few.map(|(node, share)| Ok((node, KeyPackage::try_from(share)?)));
    Ok((keys.collect::<Result<_, frost_core::Error<C>>>()?, public))
}

type Committed<C> = (
    ByNode<C, SigningNonces<C>>,
    ByNode<C, SigningCommitments<C>>,
);

fn commit<C: Ciphersuite>(keys: &ByNode<C, KeyPackage<C>>, rng: &mut ChaCha20Rng) -> Committed<C> {
    keys.iter()
        .map(|(node, key)| {
            let (nonces, commitments) = round1::commit(key.signing_share(), rng);
            ((*node, nonces), (*node, commitments))
        })
        .unzip()
}

fn sign<C: Ciphersuite>(
    keys: &ByNode<C, KeyPackage<C>>,
    public: &PublicKeyPackage<C>,
    (nonces, commitments): Committed<C>,
) -> Result<frost_core::Signature<C>, frost_core::Error<C>> {
    let package = SigningPackage::new(commitments, &[1; 32]);
    let mut shares = BTreeMap::new();
    for (node, key) in keys {
        shares.insert(*node, round2::sign(&package, &nonces[node], key)?);
    }
    aggregate(&package, &shares, public)
}

fn signing<C: Ciphersuite>(figures: &mut Figures, library: &str, needed: u16, nodes: u16) {
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    let (keys, public) = signers::<C>(needed, nodes, rng).expect("the sizes are right");
    let which = format!("{needed}_of_{nodes}");
    figures.of(&format!("{library}_commit_{which}"), || commit(&keys, rng));
    figures.prepared(
        &format!("{library}_sign_{which}"),
        1,
        || commit(&keys, rng),
        |committed| sign(&keys, &public, committed).expect("everybody is honest"),
    );
}

fn generation<C: Ciphersuite>(
    needed: u16,
    nodes: u16,
) -> Result<ByNode<C, KeyPackage<C>>, frost_core::Error<C>> {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let (mut first_secrets, mut first) = (BTreeMap::new(), BTreeMap::new());
    for number in 1..=nodes {
        let node = Identifier::<C>::try_from(number)?;
        let (secret, package) = dkg::part1(node, nodes, needed, &mut rng)?;
        first_secrets.insert(node, secret);
        first.insert(node, package);
    }
    let of_others = |node: &Identifier<C>| {
        let mut others = first.clone();
        others.remove(node);
        others
    };
    let mut second_secrets = BTreeMap::new();
    let mut second: ByNode<C, ByNode<C, dkg::round2::Package<C>>> = BTreeMap::new();
    for (node, secret) in first_secrets {
        let (secret, packages) = dkg::part2(secret, &of_others(&node))?;
        second_secrets.insert(node, secret);
        for (receiver, package) in packages {
            second.entry(receiver).or_default().insert(node, package);
        }
    }
    let mut keys = BTreeMap::new();
    for (node, secret) in &second_secrets {
        let (key, _) = dkg::part3(secret, &of_others(node), &second[node])?;
        keys.insert(*node, key);
    }
    Ok(keys)
}
