//! The steps that show joint keys at work, also while nodes fail.
//!
//! - In: the demo's network. Out: what other libraries verified.
//! - Steps that break nodes need a server that shows them; on another one they say so and count as held.

use super::{Outcome, Verified, hold};
use chainkey_control::view::{Misbehaviour, Resharing};
use chainkey_control::{ChainKeyNodes, ControlError, SubnetNodes};
use chainkey_tests::signer::Signer;
use ic_management_canister_types::{SchnorrAlgorithm, SignWithEcdsaResult};
use pocket_ic::PocketIc;
use pocket_ic::common::rest::RawMessageId;
use std::error::Error;

/// What the steps share.
pub struct JointKeys<'a> {
    network: &'a PocketIc,
    signer: Signer<'a>,
    /// The nodes that hold the keys; none where the server shows no nodes.
    holder: Option<SubnetNodes>,
}

impl<'a> JointKeys<'a> {
    /// Installs a canister that asks for signatures, and finds the nodes.
    pub fn new(network: &'a PocketIc) -> Result<Self, Box<dyn Error>> {
        let reports = match network.nodes().reports() {
            Err(ControlError::Refused { status: 404, .. }) => Vec::new(),
            reports => reports?,
        };
        let holds = |kind: &str| kind == "testthresholdkeys" || kind == "ii";
        let kind = reports
            .iter()
            .map(|report| report.kind.as_str())
            .find(|kind| holds(kind));
        let holder = kind.map(|kind| network.nodes().of_kind(kind)).transpose()?;
        Ok(JointKeys {
            network,
            signer: Signer::install(network),
            holder,
        })
    }

    /// An ECDSA signature, verified by the C library.
    pub fn ecdsa(&self) -> Outcome {
        let id = self.signer.submit_hash([1; 32], vec![]);
        self.verify_ecdsa(id, 1)?;
        let text = "a signature on secp256k1 verifies under the canister's key";
        Ok(Verified(text.into(), "secp256k1"))
    }

    /// Schnorr signatures of both kinds.
    pub fn schnorr(&self) -> Outcome {
        let message = b"a message of any length";
        let sign = |algorithm| self.signer.sign_message(algorithm, None, message, vec![]);
        let (public, signature) = sign(SchnorrAlgorithm::Bip340secp256k1)?;
        let public = secp256k1::XOnlyPublicKey::from_byte_array(public[1..].try_into()?)?;
        let signature = secp256k1::schnorr::Signature::from_byte_array(signature[..].try_into()?);
        secp256k1::schnorr::verify(&signature, message, &public)?;
        let (public, signature) = sign(SchnorrAlgorithm::Ed25519)?;
        let public = ed25519_dalek::VerifyingKey::from_bytes(&public[..].try_into()?)?;
        let signature = ed25519_dalek::Signature::from_slice(&signature)?;
        public.verify_strict(message, &signature)?;
        let text = "a BIP-340 and an Ed25519 signature verify";
        Ok(Verified(text.into(), "secp256k1, ed25519-dalek"))
    }

    /// An encrypted key that only the holder of the transport key opens.
    pub fn vetkd(&self) -> Outcome {
        let public = self.signer.vetkd_public_key(b"demo")?;
        let public = ic_vetkeys::DerivedPublicKey::deserialize(&public)
            .map_err(|error| format!("{error:?}"))?;
        let secret = ic_vetkeys::TransportSecretKey::from_seed(vec![7; 32])?;
        let encrypted = self
            .signer
            .derive_key(b"demo", b"input", secret.public_key())?;
        let encrypted = ic_vetkeys::EncryptedVetKey::deserialize(&encrypted)?;
        encrypted.decrypt_and_verify(&secret, &public, b"input")?;
        let text = "the encrypted key opens with the transport key and verifies";
        Ok(Verified(text.into(), "ic-vetkeys"))
    }

    /// Random bytes of the tape.
    pub fn randomness(&self) -> Outcome {
        let (first, second) = (self.signer.random_bytes()?, self.signer.random_bytes()?);
        hold(first.len() == 32 && first != second, || {
            "they repeat".into()
        })?;
        let text = "two draws of 32 bytes differ";
        Ok(Verified(text.into(), "pocket-ic"))
    }

    /// Signatures although as many nodes lie as may.
    pub fn while_nodes_lie(&self) -> Outcome {
        let Some(holder) = &self.holder else {
            return Ok(no_nodes());
        };
        let faulty: Vec<u16> = (0..holder.report()?.overview.may_fail as u16).collect();
        holder.lie(faulty.clone(), Misbehaviour::WrongValue)?;
        let id = self.signer.submit_hash([2; 32], vec![]);
        self.verify_ecdsa(id, 2)?;
        let overview = holder.heal()?.overview;
        let blamed = |node: &u16| overview.blames.iter().any(|blame| blame.node == *node);
        hold(faulty.iter().any(blamed), || "no liar was blamed".into())?;
        let nodes = overview.nodes.len();
        let text = format!(
            "with {} of {nodes} nodes lying, the signature verifies",
            faulty.len()
        );
        Ok(Verified(text, "secp256k1"))
    }

    /// Nothing is signed while one node more is gone, and all is when it returns.
    pub fn while_too_many_are_gone(&self) -> Outcome {
        let Some(holder) = &self.holder else {
            return Ok(no_nodes());
        };
        let gone: Vec<u16> = (0..=holder.report()?.overview.may_fail as u16).collect();
        holder.crash(gone.clone())?;
        let id = self.signer.submit_hash([3; 32], vec![]);
        for _ in 0..10 {
            self.network.tick();
        }
        let early = self.network.ingress_status(id.clone());
        hold(early.is_none(), || format!("answered early: {early:?}"))?;
        holder.heal()?;
        self.verify_ecdsa(id, 3)?;
        let count = gone.len();
        let text = format!(
            "with {count} nodes gone nothing was signed; after their return the signature verifies"
        );
        Ok(Verified(text, "secp256k1"))
    }

    /// The same key in the hands of other nodes.
    pub fn after_resharing(&self) -> Outcome {
        let Some(holder) = &self.holder else {
            return Ok(no_nodes());
        };
        let before = self.signer.ecdsa_public_key(vec![])?;
        holder.reshare(&Resharing::Replace(vec![0, 1]))?;
        let after = self.signer.ecdsa_public_key(vec![])?;
        hold(before == after, || "the key changed".into())?;
        let id = self.signer.submit_hash([4; 32], vec![]);
        self.verify_ecdsa(id, 4)?;
        let text = "two nodes were replaced, the key is the same, and a new signature verifies";
        Ok(Verified(text.into(), "secp256k1"))
    }

    fn verify_ecdsa(&self, id: RawMessageId, byte: u8) -> Result<(), Box<dyn Error>> {
        let key = self.signer.ecdsa_public_key(vec![])?;
        let key = secp256k1::PublicKey::from_slice(&key)?;
        let signed: SignWithEcdsaResult = self.signer.wait(id)?;
        let signature = secp256k1::ecdsa::Signature::from_compact(&signed.signature)?;
        let message = secp256k1::Message::from_digest([byte; 32]);
        secp256k1::ecdsa::verify(&signature, message, &key)?;
        Ok(())
    }
}

fn no_nodes() -> Verified {
    Verified("not tried: this server shows no nodes".into(), "none")
}
