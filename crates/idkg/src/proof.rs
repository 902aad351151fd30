//! The proofs of two operations: same value (ReshareOfMasked) and product (UnmaskedTimesMasked).
//!
//! Source: docs/protocols/idkg.md, section 4; sigma protocols after Schnorr and Okamoto, made non-interactive by the oracle.
//! - Same value: L = l G + l' H (the old commitment at the dealer) and A = l G (the new constant) hold the same value, since the dealer
//!   knows the logarithm l' of L - A to the base H.
//! - Product: K = k G, L = l G + l' H (the factors at the dealer) and P = k l G + r H (the new constant), since the dealer knows k and
//!   s = r - k l' with K = k G and P = k L + s H. Of a batch, the second equations are put together with weights hashed from the
//!   commitments, and a left factor that multiplies many is proved once.
//!
//! The first messages are sent, not recomputed, so that the equations of many dealings are checked in one sum. One challenge serves the
//! whole batch. It is bound to the transcript, the dealer and the commitments of the dealing; the context binds the factors.

use crate::encryption::Binding;
use crate::equations::Equations;
use chainkey_algebra::codec::{CodecError, Reader, Writer};
use chainkey_algebra::ff::Field;
use chainkey_algebra::{Curve, Domain, Oracle, Secret};
use rand_core::{CryptoRng, RngCore};

/// The proofs of a dealing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Proof<C: Curve> {
    /// Nothing to prove.
    None,
    SameValue(Vec<SameValue<C>>),
    Product(Box<Product<C>>),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SameValue<C: Curve> {
    first: C::Point,
    response: C::Scalar,
}

/// All products of a dealing: first messages and responses of each left factor and of the sum of the second equations.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Product<C: Curve> {
    lefts: Vec<(C::Point, C::Scalar)>,
    products: (C::Point, C::Scalar),
}

/// The public points of the products of a dealing.
pub(crate) struct ProductStatement<C: Curve> {
    /// The left factors' commitments at the dealer: one for each slot, or one for all.
    pub(crate) lefts: Vec<C::Point>,
    /// The right factors', one for each slot.
    pub(crate) rights: Vec<C::Point>,
    /// The constants of the dealing.
    pub(crate) products: Vec<C::Point>,
}

/// What the dealer knows of its products.
pub(crate) struct ProductWitness<C: Curve> {
    /// The left factors: one for each slot, or one for all.
    pub(crate) lefts: Vec<Secret<C>>,
    /// The masks of the products less left factor times right mask.
    pub(crate) masks: Vec<Secret<C>>,
}

/// Weights of the second equations, fixed by everything that they are about.
fn slot_weights<C: Curve>(
    binding: Binding<'_>,
    commitments: &[u8],
) -> impl Iterator<Item = C::Scalar> {
    let mut stream = Oracle::new(Domain::BatchWeights)
        .bytes("products in", binding.context)
        .number("dealer", u64::from(binding.dealer.0))
        .bytes("commitments", commitments)
        .stream();
    let others = std::iter::repeat_with(move || stream.weight::<C>());
    std::iter::once(C::Scalar::ONE).chain(others)
}

fn challenge<C: Curve>(
    domain: Domain,
    binding: Binding<'_>,
    commitments: &[u8],
    first: &[C::Point],
) -> C::Scalar {
    Oracle::new(domain)
        .bytes("context", binding.context)
        .number("dealer", u64::from(binding.dealer.0))
        .bytes("commitments", commitments)
        .points::<C>("first messages", first)
        .into_scalar::<C>()
}

/// Proves that each `mask` is the logarithm of old commitment less new constant, to the base H.
pub(crate) fn prove_same_values<C: Curve>(
    binding: Binding<'_>,
    commitments: &[u8],
    masks: &[&Secret<C>],
    rng: &mut (impl RngCore + CryptoRng),
) -> Proof<C> {
    let nonces: Vec<Secret<C>> = masks.iter().map(|_| Secret::random(rng)).collect();
    let first: Vec<C::Point> = nonces
        .iter()
        .map(|nonce| C::mul_second(nonce.expose()))
        .collect();
    let challenge = challenge::<C>(Domain::SameValue, binding, commitments, &first);
    let proofs = nonces.iter().zip(masks).zip(first);
    Proof::SameValue(
        proofs
            .map(|((nonce, mask), first)| SameValue {
                first,
                response: challenge * mask.expose() + nonce.expose(),
            })
            .collect(),
    )
}

/// Proves products; `rights` are the right factors' commitments at the dealer.
pub(crate) fn prove_products<C: Curve>(
    binding: Binding<'_>,
    commitments: &[u8],
    rights: &[C::Point],
    witness: &ProductWitness<C>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Proof<C> {
    let weights: Vec<C::Scalar> = slot_weights::<C>(binding, commitments)
        .take(rights.len())
        .collect();
    let nonces: Vec<Secret<C>> = witness.lefts.iter().map(|_| Secret::random(rng)).collect();
    let mask_nonce = Secret::<C>::random(rng);
    let mut first: Vec<C::Point> = nonces.iter().map(Secret::public).collect();
    let weighted = match &nonces[..] {
        [nonce] => C::mul(&C::msm_vartime(&weights, rights), nonce.expose()),
        several => {
            let terms = several.iter().zip(&weights).zip(rights);
            terms
                .map(|((nonce, weight), right)| C::mul(right, &(*nonce.expose() * weight)))
                .sum()
        }
    };
    first.push(weighted + C::mul_second(mask_nonce.expose()));
    let challenge = challenge::<C>(Domain::Product, binding, commitments, &first);
    let respond = |nonce: &Secret<C>, secret: &C::Scalar| challenge * secret + nonce.expose();
    let left_responses = nonces.iter().zip(&witness.lefts);
    let left_responses = left_responses.map(|(nonce, left)| respond(nonce, left.expose()));
    let masks = weights.iter().zip(&witness.masks);
    let mask = Secret::<C>::new(masks.map(|(weight, mask)| *weight * mask.expose()).sum());
    let products = (first[nonces.len()], respond(&mask_nonce, mask.expose()));
    Proof::Product(Box::new(Product {
        lefts: first.iter().copied().zip(left_responses).collect(),
        products,
    }))
}

/// Adds the equations of same-value proofs; `differences` are old commitments at the dealer less new constants.
pub(crate) fn add_same_values<C: Curve>(
    equations: &mut Equations<C>,
    mut weight: impl FnMut() -> C::Scalar,
    binding: Binding<'_>,
    commitments: &[u8],
    proofs: &[SameValue<C>],
    differences: impl Iterator<Item = C::Point>,
) {
    let first: Vec<C::Point> = proofs.iter().map(|proof| proof.first).collect();
    let challenge = challenge::<C>(Domain::SameValue, binding, commitments, &first);
    for (proof, difference) in proofs.iter().zip(differences) {
        let weight = weight();
        equations
            .second(weight * proof.response)
            .term(-(weight * challenge), difference)
            .term(-weight, proof.first);
    }
}

/// Adds the equations of product proofs.
pub(crate) fn add_products<C: Curve>(
    equations: &mut Equations<C>,
    mut weight: impl FnMut() -> C::Scalar,
    binding: Binding<'_>,
    commitments: &[u8],
    proof: &Product<C>,
    statement: &ProductStatement<C>,
) {
    let (of_products, mask_response) = proof.products;
    let mut first: Vec<C::Point> = proof.lefts.iter().map(|(first, _)| *first).collect();
    first.push(of_products);
    let challenge = challenge::<C>(Domain::Product, binding, commitments, &first);
    for ((first, response), left) in proof.lefts.iter().zip(&statement.lefts) {
        let weight = weight();
        equations
            .generator(weight * response)
            .term(-(weight * challenge), *left)
            .term(-weight, *first);
    }
    let weight = weight();
    equations
        .second(weight * mask_response)
        .term(-weight, of_products);
    let slots = slot_weights::<C>(binding, commitments)
        .zip(proof.lefts.iter().cycle())
        .zip(&statement.rights)
        .zip(&statement.products);
    for (((slot, (_, response)), right), product) in slots {
        let weight = weight * slot;
        equations
            .term(weight * response, *right)
            .term(-(weight * challenge), *product);
    }
}

impl<C: Curve> Proof<C> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Proof::None => 0,
            Proof::SameValue(proofs) => proofs.len(),
            Proof::Product(proof) => proof.lefts.len(),
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        match self {
            Proof::None => {
                writer.u8(0);
            }
            Proof::SameValue(proofs) => {
                writer.u8(1).length(proofs.len());
                for proof in proofs {
                    writer.point::<C>(&proof.first).scalar::<C>(&proof.response);
                }
            }
            Proof::Product(proof) => {
                writer.u8(2).length(proof.lefts.len());
                for (first, response) in proof.lefts.iter().chain([&proof.products]) {
                    writer.point::<C>(first).scalar::<C>(response);
                }
            }
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>, limit: usize) -> Result<Self, CodecError> {
        match reader.u8()? {
            0 => Ok(Proof::None),
            1 => {
                let count = reader.length(limit)?;
                let proofs = (0..count).map(|_| {
                    Ok(SameValue {
                        first: reader.point::<C>()?,
                        response: reader.scalar::<C>()?,
                    })
                });
                proofs.collect::<Result<_, _>>().map(Proof::SameValue)
            }
            2 => {
                let count = reader.length(limit)?;
                let lefts = (0..count).map(|_| Ok((reader.point::<C>()?, reader.scalar::<C>()?)));
                let lefts = lefts.collect::<Result<_, CodecError>>()?;
                let products = (reader.point::<C>()?, reader.scalar::<C>()?);
                Ok(Proof::Product(Box::new(Product { lefts, products })))
            }
            tag => Err(CodecError::UnknownTag(tag)),
        }
    }
}
