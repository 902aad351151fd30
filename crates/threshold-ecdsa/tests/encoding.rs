//! Shares as bytes: one encoding each, anything else refused.

mod dealer;

use chainkey_algebra::{CurveId, DecodeError, Secp256k1, codec::CodecError};
use chainkey_threshold_ecdsa::{EcdsaError, SignatureShare};
use dealer::Dealer;
use proptest::prelude::*;

#[test]
fn a_share_has_162_bytes_and_round_trips() {
    let mut dealer = Dealer::<Secp256k1>::new(4, 1);
    let (session, shares) = dealer.signed([1; 32]);
    for share in shares {
        let bytes = share.encode();
        assert_eq!(bytes.len(), SignatureShare::<Secp256k1>::BYTES);
        assert_eq!(bytes.len(), 162);
        assert_eq!(bytes[2..34], session.id().0);
        assert_eq!(SignatureShare::decode(&bytes), Ok(share));
    }
}

#[test]
fn refuses_other_lengths_and_scalars_that_are_not_reduced() {
    let mut dealer = Dealer::<Secp256k1>::new(4, 2);
    let bytes = dealer.signed([1; 32]).1[0].encode();
    let decode = SignatureShare::<Secp256k1>::decode;
    for length in 0..bytes.len() {
        assert!(decode(&bytes[..length]).is_err());
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert_eq!(decode(&longer), Err(CodecError::TooLong(1).into()));
    for place in [34, 66, 98, 130] {
        let mut unreduced = bytes.clone();
        unreduced[place..place + 32].fill(0xff);
        let error = DecodeError::ScalarNotReduced(CurveId::Secp256k1);
        let error = EcdsaError::Encoding(CodecError::Element(error));
        assert_eq!(decode(&unreduced), Err(error));
    }
}

proptest! {
    #[test]
    fn no_bytes_make_decoding_panic_and_what_decodes_is_canonical(
        bytes in proptest::collection::vec(any::<u8>(), 0..200)
    ) {
        if let Ok(share) = SignatureShare::<Secp256k1>::decode(&bytes) {
            prop_assert_eq!(share.encode(), bytes);
        }
    }
}

#[test]
fn secrets_are_not_printed() {
    let mut dealer = Dealer::<Secp256k1>::new(4, 3);
    let part = dealer.presignature().part(chainkey_algebra::NodeIndex(0));
    let printed = format!("{part:?}");
    assert_eq!(printed.matches("<redacted>").count(), 6);
}
