//! What the bytes of a dealing look like, before anything in them is decoded.
//!
//! Source: docs/protocols/idkg.md, step 5.1. A point costs much to decode, with its subgroup check some microseconds to a millisecond: whoever could
//! announce as many as it likes could keep all others busy. Here lengths are compared with the parameters, and bytes are only passed over. In: bytes,
//! parameters. Out: nothing but a verdict; [`crate::Dealing`] decodes afterwards.

use crate::encryption::Ephemeral;
use crate::error::{IdkgError, Shape};
use crate::kind::Kind;
use crate::params::{Operation, Params};
use chainkey_algebra::codec::{CodecError, Reader};
use chainkey_algebra::{Curve, NodeIndex};

const SCALAR_BYTES: usize = 32;

/// Refuses bytes that are not as long, in every part, as a dealing for these parameters is, or that are for others.
pub(crate) fn check<C: Curve, K: Kind>(
    params: &Params<C, K>,
    bytes: &[u8],
) -> Result<(), IdkgError> {
    let mut reader = Reader::new(bytes);
    for expected in [C::ID as u8, K::TAG] {
        let found = reader.u8()?;
        if found != expected {
            return Err(CodecError::UnknownTag(found).into());
        }
    }
    let context: [u8; 32] = reader.array()?;
    let dealer = NodeIndex(reader.u16()?);
    params.expect_dealer(dealer)?;
    if context != *params.context() {
        return Err(IdkgError::OtherTranscript { dealer });
    }
    let list = |reader: &mut Reader<'_>, shape, expected: usize, each: usize| {
        let found = reader.u32()? as usize;
        if found != expected {
            return Err(IdkgError::WrongShape {
                dealer,
                shape,
                expected,
                found,
            });
        }
        reader.raw(expected * each)?;
        Ok(())
    };
    let batch = params.batch();
    list(&mut reader, Shape::Batch, batch, 0)?;
    for _ in 0..batch {
        let coefficients = params.threshold().shares();
        list(
            &mut reader,
            Shape::Coefficients,
            coefficients,
            C::POINT_BYTES,
        )?;
    }
    let proof = C::POINT_BYTES + SCALAR_BYTES;
    let (tag, proofs, more) = match params.operation() {
        Operation::Random(_) | Operation::ReshareOfUnmasked(_) => (0, None, 0),
        Operation::ReshareOfMasked(_) => (1, Some(batch), 0),
        Operation::UnmaskedTimesMasked(left, _) => (2, Some(left.len()), proof),
    };
    if reader.u8()? != tag {
        return Err(IdkgError::BadProof { dealer });
    }
    if let Some(proofs) = proofs {
        list(&mut reader, Shape::Proofs, proofs, proof)?;
        reader.raw(more)?;
    }
    let receivers = params.receivers().committee().size();
    list(&mut reader, Shape::Receivers, receivers, 0)?;
    for _ in 0..receivers {
        let scalars = batch * K::SCALARS;
        list(&mut reader, Shape::Scalars, scalars, SCALAR_BYTES)?;
    }
    reader.raw(Ephemeral::BYTES)?;
    Ok(reader.finish()?)
}
