//! What simulations of a subnet share: subnets, requests, and the libraries of others that judge what comes out.

use chainkey_subnet::{
    Derivation, KeySource, Request, RequestId, StockTarget, Subnet, SubnetConfig, Work, path_scheme,
};
use key_path::{MASTER_CHAIN_CODE, derive};
use subnet_view::{BeaconView, KeyId, KeyScheme};

/// The schemes that sign.
pub const SCHEMES: [KeyScheme; 3] = [
    KeyScheme::EcdsaSecp256k1,
    KeyScheme::Bip340Secp256k1,
    KeyScheme::Ed25519,
];

/// Those, and keys that are derived.
pub const ALL: [KeyScheme; 4] = [
    KeyScheme::EcdsaSecp256k1,
    KeyScheme::Bip340Secp256k1,
    KeyScheme::Ed25519,
    KeyScheme::VetKd,
];

/// Rounds in which a request must be done, whatever up to f nodes do.
const MOST_ROUNDS: u64 = 12;

pub fn subnet(nodes: u16, seed: u64) -> Subnet {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    let config = SubnetConfig {
        id: b"a subnet".to_vec(),
        nodes,
        seed: bytes.into(),
        stock: StockTarget { low: 2, slots: 1 },
        keys: KeySource::default(),
    };
    Subnet::new(&config).unwrap()
}

pub fn key(scheme: KeyScheme) -> KeyId {
    KeyId {
        scheme,
        name: "key_1".into(),
    }
}

pub fn request(scheme: KeyScheme, id: u64) -> Request {
    let work = match scheme {
        KeyScheme::EcdsaSecp256k1 | KeyScheme::EcdsaSecp256r1 => Work::SignHash([id as u8; 32]),
        KeyScheme::VetKd => Work::DeriveKey {
            input: id.to_be_bytes().to_vec(),
            transport_key: transport().public_key().try_into().unwrap(),
        },
        _ => Work::SignMessage {
            message: id.to_be_bytes().to_vec(),
            merkle_root: None,
        },
    };
    Request {
        id: RequestId(id),
        key: key(scheme),
        derivation: Derivation {
            canister: vec![0, 0, 0, 0, 0, 0, 0, 7, 1, 1],
            path: vec![b"path".to_vec()],
        },
        work,
    }
}

/// The receiver of derived keys.
fn transport() -> ic_vetkeys::TransportSecretKey {
    ic_vetkeys::TransportSecretKey::from_seed(vec![7; 32]).unwrap()
}

fn check_derived_key(request: &Request, master: &[u8], encrypted: &[u8]) -> Result<(), String> {
    let Work::DeriveKey { input, .. } = &request.work else {
        return Err("no derived key".into());
    };
    let derivation = &request.derivation;
    let public = key_path::vetkd::derive(master, &derivation.canister, derivation.context());
    let public = public.map_err(text)?.public_key;
    let public = ic_vetkeys::DerivedPublicKey::deserialize(&public);
    let public = public.map_err(|error| format!("{error:?}"))?;
    let encrypted = ic_vetkeys::EncryptedVetKey::deserialize(encrypted)?;
    let key = encrypted.decrypt_and_verify(&transport(), &public, input);
    key.map(drop)
}

/// Judges a signature or a derived key by a library that nobody here wrote.
pub fn check_signature(request: &Request, master: &[u8], signature: &[u8]) -> Result<(), String> {
    if request.key.scheme == KeyScheme::VetKd {
        return check_derived_key(request, master, signature);
    }
    let path = request.derivation.full_path().map_err(text)?;
    let scheme = path_scheme(request.key.scheme).ok_or("no path")?;
    let public = derive(scheme, master, &MASTER_CHAIN_CODE, &path).map_err(text)?;
    let public = public.public_key;
    match &request.work {
        Work::SignHash(hash) => {
            let public = secp256k1::PublicKey::from_slice(&public).map_err(text)?;
            let signature = secp256k1::ecdsa::Signature::from_compact(signature).map_err(text)?;
            let message = secp256k1::Message::from_digest(*hash);
            secp256k1::ecdsa::verify(&signature, message, &public).map_err(text)
        }
        Work::SignMessage { message, .. } if request.key.scheme == KeyScheme::Ed25519 => {
            let public = public.try_into().map_err(|_| "32 bytes")?;
            let public = ed25519_dalek::VerifyingKey::from_bytes(&public).map_err(text)?;
            let signature = ed25519_dalek::Signature::from_slice(signature).map_err(text)?;
            public.verify_strict(message, &signature).map_err(text)
        }
        Work::SignMessage { message, .. } => {
            let public = public[1..].try_into().map_err(|_| "32 bytes")?;
            let public = secp256k1::XOnlyPublicKey::from_byte_array(public).map_err(text)?;
            let signature = signature.try_into().map_err(|_| "64 bytes")?;
            let signature = secp256k1::schnorr::Signature::from_byte_array(signature);
            secp256k1::schnorr::verify(&signature, message, &public).map_err(text)
        }
        Work::DeriveKey { .. } => Err("no signature".into()),
    }
}

pub fn certified(subnet: &mut Subnet, root: [u8; 32]) -> Result<Vec<u8>, String> {
    let key = subnet.public_key().map_err(text)?.to_bytes();
    let signature = subnet.certify(&root).map_err(text)?.to_bytes();
    let message = [b"\x0Dic-state-root".as_slice(), &root].concat();
    ic_verify_bls_signature::verify_bls_signature(&signature, &message, &key)
        .map_err(|()| "the certification does not verify")?;
    Ok(key.to_vec())
}

/// The next beacon, judged by the official library.
pub fn next_beacon(subnet: &mut Subnet) -> Result<BeaconView, String> {
    let beacon = subnet.next_beacon().map_err(text)?;
    let bytes = |digits: &str| hex::decode(digits).map_err(text);
    let signature = bytes(&beacon.signature)?;
    let (message, key) = (bytes(&beacon.message)?, bytes(&beacon.public_key)?);
    ic_verify_bls_signature::verify_bls_signature(&signature, &message, &key)
        .map_err(|()| "the beacon does not verify")?;
    Ok(beacon)
}

/// Has requests done that were submitted; each signature with its request.
pub fn finish(
    subnet: &mut Subnet,
    round: &mut u64,
    mut open: Vec<Request>,
) -> Result<Vec<(Request, Vec<u8>)>, String> {
    let mut done = Vec::new();
    for _ in 0..MOST_ROUNDS {
        if open.is_empty() {
            break;
        }
        *round += 1;
        subnet.refill();
        subnet.advance(*round);
        open.retain(
            |request| match subnet.take_result(&request.key, request.id) {
                Some(answer) => {
                    done.push((request.clone(), answer));
                    false
                }
                None => true,
            },
        );
    }
    if let Some(request) = open.first() {
        return Err(format!("{:?} did not come to an end", request.key));
    }
    let done = done.into_iter();
    let done = done.map(|(request, answer)| {
        let (signature, _) = answer.map_err(text)?;
        let master = subnet.master_key(&request.key).map_err(text)?;
        check_signature(&request, &master, &signature)?;
        Ok((request, signature))
    });
    done.collect()
}

/// Has one request of each scheme done; the ids count up from the first one.
pub fn sign(subnet: &mut Subnet, round: &mut u64, first: u64) -> Result<(), String> {
    let requests = ALL.into_iter().zip(first..);
    let requests: Vec<_> = requests.map(|(scheme, id)| request(scheme, id)).collect();
    for request in &requests {
        subnet.submit(request.clone());
    }
    finish(subnet, round, requests).map(drop)
}

/// An error as words.
pub fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
