//! What is printed of the types that hold secrets: everything public, and of no secret scalar a trace.
//!
//! A scalar is looked for as hex and as a list of bytes, in both orders, and in the form in which its own type prints. In each test the secrets are
//! known by another way, and a positive control shows that the same search finds a scalar that is printed.

mod world;

use chainkey_algebra::{BlsG2, Curve, Ed25519, NodeIndex, Secp256k1, Secp256r1, Secret};
use chainkey_idkg::acknowledged::{Acknowledgement, HighDealing, HighParams};
use chainkey_idkg::{DealerInput, EncryptionSecret, Extraction, Kind, Masked, TranscriptShare};
use std::fmt::Debug;
use world::{World, id, rng};

/// Letters and digits only, in lower case: how it is laid out does not count.
fn plain(text: &str) -> String {
    let letters = text.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Both ways of printing.
fn printed(value: &impl Debug) -> String {
    plain(&format!("{value:?} {value:#?}"))
}

/// Whether the text has the scalar in any form.
fn shows<C: Curve>(text: &str, scalar: &C::Scalar) -> bool {
    let big = C::scalar_to_bytes(scalar);
    let mut little = big;
    little.reverse();
    let forms = [
        hex::encode(big),
        hex::encode(little),
        plain(&format!("{big:?}")),
        plain(&format!("{little:?}")),
        plain(&format!("{scalar:?}")),
    ];
    forms.iter().any(|form| text.contains(form))
}

/// Nothing of the secrets is in what the value prints, the public part is, and there is a mark for what was left out.
fn hides<C: Curve>(value: &impl Debug, secrets: &[C::Scalar], public: &impl Debug) {
    let text = printed(value);
    assert!(text.contains("redacted"), "{text}");
    assert!(text.contains(&plain(&format!("{public:?}"))), "{text}");
    for secret in secrets {
        assert!(!shows::<C>(&text, secret), "{text}");
        // Positive control: beside the secret the same search finds it.
        assert!(shows::<C>(&printed(&(value, secret)), secret));
        let bytes = C::scalar_to_bytes(secret);
        assert!(shows::<C>(&printed(&(value, bytes)), secret));
        assert!(shows::<C>(&printed(&(value, hex::encode(bytes))), secret));
    }
}

#[test]
fn an_encryption_secret_prints_its_epoch_and_public_key() {
    let secret = EncryptionSecret::generate(77, &mut rng(5));
    // The same randomness makes the same secret.
    let known = Secret::<Ed25519>::random(&mut rng(5));
    let key = ed25519_dalek::SigningKey::from_bytes(&[1; 32]).verifying_key();
    let registered = secret.register(&key, &mut rng(6)).encode();
    let public = known.public();
    assert_eq!(registered[8..40], Ed25519::point_to_bytes(&public));
    hides::<Ed25519>(&secret, &[*known.expose()], &public);
    assert!(printed(&secret).contains("epoch77"));
}

/// Every scalar of a node's shares.
fn scalars<C: Curve, K: Kind>(share: &TranscriptShare<C, K>) -> Vec<C::Scalar> {
    let scalars = share.shares().iter().flat_map(K::scalars);
    scalars.map(|scalar| *scalar.expose()).collect()
}

fn shares_of_transcripts_are_hidden<C: Curve>() {
    let world = World::new(4, 1);
    let masked = world.random::<C>(10, 2, Extraction::Sum);
    let unmasked = world.random_unmasked::<C>(11, 2, Extraction::Sum);
    let node = NodeIndex(2);
    let (left, right) = (unmasked.of(node), masked.of(node));
    let (of_left, of_right) = (scalars(left), scalars(right));
    assert_eq!((of_left.len(), of_right.len()), (2, 4));
    hides::<C>(left, &of_left, unmasked.transcript.digest());
    hides::<C>(right, &of_right, masked.transcript.digest());

    let all = [of_left.clone(), of_right.clone()].concat();
    let factors = DealerInput::Factors(left, right);
    hides::<C>(&factors, &all, masked.transcript.digest());
    let digest = unmasked.transcript.digest();
    hides::<C>(&DealerInput::Unmasked(left), &of_left, digest);
    let digest = masked.transcript.digest();
    hides::<C>(&DealerInput::Masked(right), &of_right, digest);
}

#[test]
fn shares_of_transcripts_and_what_dealers_put_in_are_hidden() {
    shares_of_transcripts_are_hidden::<Secp256k1>();
    shares_of_transcripts_are_hidden::<Secp256r1>();
    shares_of_transcripts_are_hidden::<Ed25519>();
    shares_of_transcripts_are_hidden::<BlsG2>();
}

/// The dealer's reveal, whose bytes are public, says what one receiver was dealt.
fn shares_of_dealings_are_hidden<C: Curve>() {
    let world = World::new(4, 2);
    let members = &world.members;
    let params = HighParams::<C, Masked>::random(id(20), members, members, 1).unwrap();
    let dealt = params.deal(NodeIndex(0), DealerInput::Nothing, &mut rng(21));
    let dealt = dealt.unwrap();
    let whole = printed(&dealt);
    let HighDealing { dealing, kept } = dealt;
    let public = dealing.verify(params.params()).unwrap();
    let acknowledgements: Vec<_> = (0..3)
        .map(|node| {
            let vouched = world.open_good(&public, NodeIndex(node)).vouch();
            let key = &world.signing[usize::from(node)];
            let signed = Acknowledgement::sign(NodeIndex(node), key, [vouched]);
            signed.verify(members).unwrap()
        })
        .collect();

    let print_of_kept = (printed(&kept), format!("{kept:?}"));
    let revealed = kept.reveal(&public, &acknowledgements);
    let revealed = revealed.map_err(|(_, error)| error).unwrap().encode();
    // It ends with the two scalars of the one receiver that did not acknowledge.
    let (rest, mask) = revealed.split_at(revealed.len() - 32);
    let value = &rest[rest.len() - 32..];
    let secrets = [value, mask].map(|bytes| C::scalar_from_bytes(bytes).unwrap());

    let opened = world.open_good(&public, NodeIndex(3));
    hides::<C>(&opened, &secrets, &public.commitments()[0]);
    for secret in &secrets {
        assert!(!shows::<C>(&print_of_kept.0, secret));
        assert!(!shows::<C>(&whole, secret));
    }
    let digest = format!("{:?}", public.digest());
    assert_eq!(print_of_kept.1, format!("<redacted shares of {digest}>"));
    assert!(whole.contains(&plain(&digest)));
}

#[test]
fn shares_of_dealings_and_what_dealers_keep_are_hidden() {
    shares_of_dealings_are_hidden::<Secp256k1>();
    shares_of_dealings_are_hidden::<Secp256r1>();
    shares_of_dealings_are_hidden::<Ed25519>();
    shares_of_dealings_are_hidden::<BlsG2>();
}
