//! The proofs of two operations: same value (ReshareOfMasked) and product (UnmaskedTimesMasked).
//!
//! Source: docs/protocols/idkg.md, section 4; sigma protocols after Schnorr and Okamoto, made non-interactive by the oracle.
//! - Same value: L = l G + l' H (the old commitment at the dealer) and A = l G (the new constant) hold the same value, since the dealer
//!   knows the logarithm l' of L - A to the base H.
//! - Product: K = k G, L = l G + l' H (the factors at the dealer) and P = k l G + r H (the new constant), since the dealer knows k and
//!   s = r - k l' with K = k G and P = k L + s H.
//!
//! The first messages are sent, not recomputed, so that the equations of many dealings are checked in one sum. One challenge serves the
//! whole batch. It is bound to the transcript, the dealer and the commitments of the dealing; the context binds the factors.

use crate::encryption::Binding;
use crate::equations::Equations;
use chainkey_algebra::codec::{CodecError, Reader, Writer};
use chainkey_algebra::{Curve, Domain, Oracle, Secret};
use rand_core::{CryptoRng, RngCore};

/// The proofs of a dealing, one per sharing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Proof<C: Curve> {
    /// Nothing to prove.
    None,
    SameValue(Vec<SameValue<C>>),
    Product(Vec<Product<C>>),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SameValue<C: Curve> {
    first: C::Point,
    response: C::Scalar,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Product<C: Curve> {
    first: [C::Point; 2],
    responses: [C::Scalar; 2],
}

/// The public points of a product, of one slot.
#[derive(Clone, Copy)]
pub(crate) struct ProductStatement<C: Curve> {
    /// The left factor's commitment at the dealer.
    pub(crate) left: C::Point,
    /// The right factor's.
    pub(crate) right: C::Point,
    /// The constant of the dealing.
    pub(crate) product: C::Point,
}

/// What the dealer knows of a product.
pub(crate) struct ProductWitness<C: Curve> {
    /// The left factor.
    pub(crate) left: Secret<C>,
    /// The mask of the product less the left factor times the right one's mask.
    pub(crate) mask: Secret<C>,
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
    witnesses: &[ProductWitness<C>],
    rng: &mut (impl RngCore + CryptoRng),
) -> Proof<C> {
    let mut nonces = Vec::with_capacity(witnesses.len());
    let mut first = Vec::with_capacity(2 * witnesses.len());
    for right in rights {
        let (left_nonce, mask_nonce) = (Secret::<C>::random(rng), Secret::<C>::random(rng));
        first.push(left_nonce.public());
        first.push(C::mul(right, left_nonce.expose()) + C::mul_second(mask_nonce.expose()));
        nonces.push((left_nonce, mask_nonce));
    }
    let challenge = challenge::<C>(Domain::Product, binding, commitments, &first);
    let proofs = nonces.iter().zip(witnesses).zip(first.chunks_exact(2));
    Proof::Product(
        proofs
            .map(|(((left_nonce, mask_nonce), witness), first)| Product {
                first: [first[0], first[1]],
                responses: [
                    challenge * witness.left.expose() + left_nonce.expose(),
                    challenge * witness.mask.expose() + mask_nonce.expose(),
                ],
            })
            .collect(),
    )
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
    proofs: &[Product<C>],
    statements: impl Iterator<Item = ProductStatement<C>>,
) {
    let first: Vec<C::Point> = proofs.iter().flat_map(|proof| proof.first).collect();
    let challenge = challenge::<C>(Domain::Product, binding, commitments, &first);
    // Where one left value multiplies all, its terms are put together.
    let mut left_term: Option<(C::Point, C::Scalar)> = None;
    for (proof, statement) in proofs.iter().zip(statements) {
        let (left_weight, product_weight) = (weight(), weight());
        let [left_response, mask_response] = proof.responses;
        equations
            .generator(left_weight * left_response)
            .term(-left_weight, proof.first[0])
            .second(product_weight * mask_response)
            .term(product_weight * left_response, statement.right)
            .term(-(product_weight * challenge), statement.product)
            .term(-product_weight, proof.first[1]);
        left_term = match left_term {
            Some((left, sum)) if left == statement.left => Some((left, sum + left_weight)),
            Some((left, sum)) => {
                equations.term(-(sum * challenge), left);
                Some((statement.left, left_weight))
            }
            None => Some((statement.left, left_weight)),
        };
    }
    if let Some((left, sum)) = left_term {
        equations.term(-(sum * challenge), left);
    }
}

impl<C: Curve> Proof<C> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Proof::None => 0,
            Proof::SameValue(proofs) => proofs.len(),
            Proof::Product(proofs) => proofs.len(),
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
            Proof::Product(proofs) => {
                writer.u8(2).length(proofs.len());
                for proof in proofs {
                    let [left, product] = &proof.first;
                    writer.point::<C>(left).point::<C>(product);
                    let [left, mask] = &proof.responses;
                    writer.scalar::<C>(left).scalar::<C>(mask);
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
                let proofs = (0..count).map(|_| {
                    Ok(Product {
                        first: [reader.point::<C>()?, reader.point::<C>()?],
                        responses: [reader.scalar::<C>()?, reader.scalar::<C>()?],
                    })
                });
                proofs.collect::<Result<_, _>>().map(Proof::Product)
            }
            tag => Err(CodecError::UnknownTag(tag)),
        }
    }
}
