//! Masked and unmasked sharings as types: what is committed by Pedersen can't be taken for what is committed by Feldman.

use crate::params::LARGEST_BATCH;
use chainkey_algebra::codec::{CodecError, Reader, Writer};
use chainkey_algebra::commitment::{
    PedersenCommitment, PedersenShare, SimpleCommitment, SimpleShare,
};
use chainkey_algebra::ff::Field;
use chainkey_algebra::{Curve, NodeIndex, Polynomial, Secret};
use std::fmt::Debug;

mod sealed {
    pub trait Sealed {}
}

/// How values are committed to: [`Masked`] or [`Unmasked`].
pub trait Kind: sealed::Sealed + 'static + Copy + Debug + Send + Sync {
    /// The commitment to one sharing.
    type Commitment<C: Curve>: Clone + PartialEq + Eq + Debug + Send + Sync;
    /// A node's share of one sharing.
    type Share<C: Curve>: Clone + Debug + Send + Sync;

    /// Scalars that make a share: the value, and its mask if there is one.
    const SCALARS: usize;
    /// What stands for the kind in everything hashed.
    const TAG: u8;

    /// A commitment of points; `None` without any.
    fn from_points<C: Curve>(points: Vec<C::Point>) -> Option<Self::Commitment<C>>;
    /// The points of a commitment, the constant term's first.
    fn points<C: Curve>(commitment: &Self::Commitment<C>) -> &[C::Point];
    /// The commitment to a node's share.
    fn at<C: Curve>(commitment: &Self::Commitment<C>, node: NodeIndex) -> C::Point;
    /// The sum of commitments times public factors.
    fn combine<C: Curve>(
        terms: &[(C::Scalar, &Self::Commitment<C>)],
    ) -> Option<Self::Commitment<C>>;
    /// The sum of commitments.
    fn sum<C: Curve>(terms: &[&Self::Commitment<C>]) -> Option<Self::Commitment<C>>;
    /// The commitment to [`Kind::SCALARS`] polynomials.
    fn commit<C: Curve>(polynomials: &[Polynomial<C>]) -> Self::Commitment<C>;
    /// The point of a share: its scalars times the generators.
    fn open<C: Curve>(share: &Self::Share<C>) -> C::Point;
    /// A share out of its scalars, taken from an iterator.
    fn share<C: Curve>(scalars: &mut dyn Iterator<Item = Secret<C>>) -> Option<Self::Share<C>>;
    /// The scalars of a share.
    fn scalars<C: Curve>(share: &Self::Share<C>) -> Vec<&Secret<C>>;
}

/// Pedersen's commitment: nothing of the value is public.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Masked;

/// Feldman's commitment: the value times the generator is public.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unmasked;

impl sealed::Sealed for Masked {}
impl sealed::Sealed for Unmasked {}

impl Kind for Masked {
    type Commitment<C: Curve> = PedersenCommitment<C>;
    type Share<C: Curve> = PedersenShare<C>;
    const SCALARS: usize = 2;
    const TAG: u8 = 2;

    fn from_points<C: Curve>(points: Vec<C::Point>) -> Option<PedersenCommitment<C>> {
        PedersenCommitment::from_points(points)
    }
    fn points<C: Curve>(commitment: &PedersenCommitment<C>) -> &[C::Point] {
        commitment.points()
    }
    fn at<C: Curve>(commitment: &PedersenCommitment<C>, node: NodeIndex) -> C::Point {
        commitment.at(node)
    }
    fn combine<C: Curve>(
        terms: &[(C::Scalar, &PedersenCommitment<C>)],
    ) -> Option<PedersenCommitment<C>> {
        PedersenCommitment::combine(terms)
    }
    fn sum<C: Curve>(terms: &[&PedersenCommitment<C>]) -> Option<PedersenCommitment<C>> {
        PedersenCommitment::sum(terms.iter().copied())
    }
    fn commit<C: Curve>(polynomials: &[Polynomial<C>]) -> PedersenCommitment<C> {
        PedersenCommitment::to(&polynomials[0], &polynomials[1])
    }
    fn open<C: Curve>(share: &PedersenShare<C>) -> C::Point {
        share.commit()
    }
    fn share<C: Curve>(scalars: &mut dyn Iterator<Item = Secret<C>>) -> Option<PedersenShare<C>> {
        let value = scalars.next()?;
        let mask = scalars.next()?;
        Some(PedersenShare { value, mask })
    }
    fn scalars<C: Curve>(share: &PedersenShare<C>) -> Vec<&Secret<C>> {
        vec![&share.value, &share.mask]
    }
}

impl Kind for Unmasked {
    type Commitment<C: Curve> = SimpleCommitment<C>;
    type Share<C: Curve> = SimpleShare<C>;
    const SCALARS: usize = 1;
    const TAG: u8 = 1;

    fn from_points<C: Curve>(points: Vec<C::Point>) -> Option<SimpleCommitment<C>> {
        SimpleCommitment::from_points(points)
    }
    fn points<C: Curve>(commitment: &SimpleCommitment<C>) -> &[C::Point] {
        commitment.points()
    }
    fn at<C: Curve>(commitment: &SimpleCommitment<C>, node: NodeIndex) -> C::Point {
        commitment.at(node)
    }
    fn combine<C: Curve>(
        terms: &[(C::Scalar, &SimpleCommitment<C>)],
    ) -> Option<SimpleCommitment<C>> {
        SimpleCommitment::combine(terms)
    }
    fn sum<C: Curve>(terms: &[&SimpleCommitment<C>]) -> Option<SimpleCommitment<C>> {
        SimpleCommitment::sum(terms.iter().copied())
    }
    fn commit<C: Curve>(polynomials: &[Polynomial<C>]) -> SimpleCommitment<C> {
        SimpleCommitment::to(&polynomials[0])
    }
    fn open<C: Curve>(share: &SimpleShare<C>) -> C::Point {
        share.commit()
    }
    fn share<C: Curve>(scalars: &mut dyn Iterator<Item = Secret<C>>) -> Option<SimpleShare<C>> {
        scalars.next().map(|value| SimpleShare { value })
    }
    fn scalars<C: Curve>(share: &SimpleShare<C>) -> Vec<&Secret<C>> {
        vec![&share.value]
    }
}

/// The sum of shares times public factors, in constant time; what is added up on the way is erased. `None` where a share is missing.
pub(crate) fn combine_shares<'a, C: Curve, K: Kind>(
    terms: impl Iterator<Item = Option<(C::Scalar, &'a K::Share<C>)>>,
) -> Option<K::Share<C>> {
    let zero = || Secret::new(C::Scalar::ZERO);
    let mut sums: Vec<Secret<C>> = (0..K::SCALARS).map(|_| zero()).collect();
    for term in terms {
        let (factor, share) = term?;
        for (sum, scalar) in sums.iter_mut().zip(K::scalars(share)) {
            *sum = Secret::new(factor * scalar.expose() + sum.expose());
        }
    }
    K::share(&mut sums.into_iter())
}

/// The shares that scalars make, one after the other; scalars left over at the end make none.
pub(crate) fn shares_of<C: Curve, K: Kind>(scalars: Vec<Secret<C>>) -> Vec<K::Share<C>> {
    let mut scalars = scalars.into_iter();
    std::iter::from_fn(|| K::share(&mut scalars)).collect()
}

/// Shares in the clear, as a list of their scalars.
pub(crate) fn write_shares<C: Curve, K: Kind>(writer: &mut Writer, shares: &[K::Share<C>]) {
    let scalars: Vec<_> = shares.iter().flat_map(K::scalars).collect();
    writer.length(scalars.len());
    for scalar in scalars {
        writer.scalar::<C>(scalar.expose());
    }
}

/// Reads what [`write_shares`] writes.
pub(crate) fn read_shares<C: Curve, K: Kind>(
    reader: &mut Reader<'_>,
) -> Result<Vec<K::Share<C>>, CodecError> {
    let count = reader.length(LARGEST_BATCH * K::SCALARS)?;
    match count % K::SCALARS {
        0 => {}
        // They would make no share: there would be two encodings.
        over => return Err(CodecError::TooLong(32 * over)),
    }
    let scalars = (0..count).map(|_| reader.scalar::<C>().map(Secret::new));
    Ok(shares_of::<C, K>(scalars.collect::<Result<_, _>>()?))
}
