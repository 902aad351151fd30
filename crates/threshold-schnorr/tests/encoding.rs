//! Shares as bytes: one encoding each, anything else refused.

mod dealer;

use chainkey_algebra::{CurveId, DecodeError, codec::CodecError};
use chainkey_threshold_schnorr::{Bip340, Ed25519, Scheme, SchnorrError, SignatureShare};
use dealer::Dealer;
use proptest::prelude::*;

fn a_share_round_trips<S: Scheme>(id: CurveId) {
    let mut dealer = Dealer::<S>::new(4, 1);
    let (session, shares) = dealer.signed(b"message");
    for share in shares {
        let bytes = share.encode();
        assert_eq!(bytes.len(), SignatureShare::<S>::BYTES);
        assert_eq!(bytes.len(), 66);
        assert_eq!(bytes[2..34], session.id().0);
        for length in 0..bytes.len() {
            assert!(SignatureShare::<S>::decode(&bytes[..length]).is_err());
        }
        let mut longer = bytes.clone();
        longer.push(0);
        let refused = SignatureShare::<S>::decode(&longer).unwrap_err();
        assert_eq!(refused, CodecError::TooLong(1).into());
        let mut unreduced = bytes.clone();
        unreduced[34..].fill(0xff);
        let error = CodecError::Element(DecodeError::ScalarNotReduced(id));
        let refused = SignatureShare::<S>::decode(&unreduced).unwrap_err();
        assert_eq!(refused, SchnorrError::Encoding(error));
        assert_eq!(SignatureShare::decode(&bytes), Ok(share));
    }
}

#[test]
fn a_share_has_66_bytes_and_one_encoding() {
    a_share_round_trips::<Bip340>(CurveId::Secp256k1);
    a_share_round_trips::<Ed25519>(CurveId::Ed25519);
}

proptest! {
    #[test]
    fn no_bytes_make_decoding_panic_and_what_decodes_is_canonical(
        bytes in proptest::collection::vec(any::<u8>(), 0..80)
    ) {
        if let Ok(share) = SignatureShare::<Ed25519>::decode(&bytes) {
            prop_assert_eq!(share.encode(), bytes);
        }
    }

    #[test]
    fn no_signature_makes_verification_panic(
        nonce in any::<[u8; 32]>(), s in any::<[u8; 32]>(), key in any::<[u8; 32]>()
    ) {
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&nonce);
        signature[32..].copy_from_slice(&s);
        if let Ok(key) = Bip340::key_from_bytes(&key) {
            prop_assert!(Bip340::verify(&key, b"message", &signature).is_err());
        }
        if let Ok(key) = Ed25519::key_from_bytes(&key) {
            prop_assert!(Ed25519::verify(&key, b"message", &signature).is_err());
        }
    }
}

#[test]
fn secrets_are_not_printed() {
    let mut dealer = Dealer::<Bip340>::new(4, 3);
    let part = dealer.deal().part(chainkey_algebra::NodeIndex(0));
    assert_eq!(format!("{part:?}").matches("<redacted>").count(), 1);
    let key = format!("{:?}", dealer.key_shares[0]);
    assert_eq!(key.matches("<redacted>").count(), 1);
}
