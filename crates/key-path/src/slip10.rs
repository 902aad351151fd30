//! Derivation on secp256k1 and secp256r1.
//!
//! Source: BIP-32 and SLIP-10, with byte strings of any length in place of 32-bit indices (interface specification, `ecdsa_public_key`).
//! docs/protocols/key-derivation.md, steps 1 to 5. In: a compressed public key. Out: the derived key.

use crate::derive::Derived;
use crate::path::Path;
use hmac::{Hmac, Mac};
use k256::elliptic_curve::ops::MulByGenerator;
use k256::elliptic_curve::sec1::{FromEncodedPoint, ModulusSize, ToEncodedPoint};
use k256::elliptic_curve::{
    AffinePoint, CurveArithmetic, FieldBytes, FieldBytesSize, PrimeField, ProjectivePoint,
    PublicKey, Scalar,
};
use sha2::Sha512;

/// Bytes of a compressed point.
const COMPRESSED: usize = 33;

/// Derives along the path; `None` if the bytes are not a compressed public key.
pub fn derive<C>(bytes: &[u8], chain_code: &[u8; 32], path: &Path) -> Option<Derived>
where
    C: CurveArithmetic,
    AffinePoint<C>: FromEncodedPoint<C> + ToEncodedPoint<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let bytes: &[u8; COMPRESSED] = bytes.try_into().ok()?;
    let mut key = PublicKey::<C>::from_sec1_bytes(bytes).ok()?;
    let mut chain_code = *chain_code;
    let mut tweak = Scalar::<C>::from(0);
    for element in path.elements() {
        let step = child(&key, |data| hmac(&chain_code, data, element));
        key = step.key;
        chain_code = step.chain_code;
        tweak += step.tweak;
    }
    let mut tweak_bytes = [0; 32];
    tweak_bytes.copy_from_slice(tweak.to_repr().as_ref());
    Some(Derived {
        public_key: key.to_encoded_point(true).as_bytes().to_vec(),
        chain_code,
        tweak: tweak_bytes,
    })
}

fn hmac(chain_code: &[u8; 32], data: &[u8], element: &[u8]) -> [u8; 64] {
    // HMAC takes keys of every length.
    let hmac = Hmac::<Sha512>::new_from_slice(chain_code).expect("HMAC takes any key");
    let hmac = hmac.chain_update(data).chain_update(element);
    hmac.finalize().into_bytes().into()
}

/// One step down.
struct Step<C: CurveArithmetic> {
    key: PublicKey<C>,
    chain_code: [u8; 32],
    tweak: Scalar<C>,
}

/// One child of a key. `prf` is HMAC keyed with the chain code, with the element behind the data that it is given: the compressed key at
/// first. Where the left half is not below the order, or leads to the point at infinity, SLIP-10 goes on with 0x01 and the right half.
fn child<C>(parent: &PublicKey<C>, mut prf: impl FnMut(&[u8]) -> [u8; 64]) -> Step<C>
where
    C: CurveArithmetic,
    AffinePoint<C>: FromEncodedPoint<C> + ToEncodedPoint<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let mut data = parent.to_encoded_point(true).as_bytes().to_vec();
    loop {
        let output = prf(&data);
        let (left, right) = output.split_at(32);
        if let Some((key, tweak)) = shifted(parent, left) {
            let mut chain_code = [0; 32];
            chain_code.copy_from_slice(right);
            return Step {
                key,
                chain_code,
                tweak,
            };
        }
        data = [&[1], right].concat();
    }
}

/// The key moved by a tweak; `None` if the tweak is not below the order or the sum is the point at infinity.
fn shifted<C>(key: &PublicKey<C>, tweak: &[u8]) -> Option<(PublicKey<C>, Scalar<C>)>
where
    C: CurveArithmetic,
{
    let repr = FieldBytes::<C>::clone_from_slice(tweak);
    let tweak: Scalar<C> = Option::from(Scalar::<C>::from_repr(repr))?;
    let sum = key.to_projective() + ProjectivePoint::<C>::mul_by_generator(&tweak);
    let key = PublicKey::from_affine(sum.into()).ok()?;
    Some((key, tweak))
}

#[cfg(test)]
mod tests {
    use super::*;
    use k256::Secp256k1;
    use p256::NistP256;

    fn output(left: [u8; 32], right: u8) -> [u8; 64] {
        let mut output = [right; 64];
        output[..32].copy_from_slice(&left);
        output
    }

    fn goes_on_with_the_right_half<C>(order: [u8; 32])
    where
        C: CurveArithmetic,
        AffinePoint<C>: FromEncodedPoint<C> + ToEncodedPoint<C>,
        FieldBytesSize<C>: ModulusSize,
    {
        let mut one = [0; 32];
        one[31] = 1;
        let generator = || ProjectivePoint::<C>::mul_by_generator(&Scalar::<C>::from(1));
        let parent = PublicKey::<C>::from_affine((-generator()).into()).unwrap();
        // The order itself; all ones; 1, which takes -G to infinity; then 3, which is good.
        let mut three = one;
        three[31] = 3;
        let outputs = [
            output(order, 7),
            output([0xff; 32], 8),
            output(one, 9),
            output(three, 10),
        ];
        let mut asked = Vec::new();
        let step = child(&parent, |data| {
            asked.push(data.to_vec());
            outputs[asked.len() - 1]
        });
        let retry = |right: u8| [&[1][..], &[right; 32]].concat();
        let compressed = parent.to_encoded_point(true).as_bytes().to_vec();
        assert_eq!(asked, [compressed, retry(7), retry(8), retry(9)]);
        assert_eq!(step.chain_code, [10; 32]);
        assert!(step.tweak == Scalar::<C>::from(3));
        assert!(step.key.to_projective() == generator() + generator());
    }

    #[test]
    fn a_left_half_that_is_no_tweak_is_answered_by_the_next_one_as_in_slip_10() {
        let order = |hex: &str| <[u8; 32]>::try_from(hex::decode(hex).unwrap()).unwrap();
        goes_on_with_the_right_half::<Secp256k1>(order(
            "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        ));
        goes_on_with_the_right_half::<NistP256>(order(
            "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        ));
    }
}
