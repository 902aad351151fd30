//! The id of a call: the representation-independent hash of its content.
//!
//! Source: interface specification, "Request id" and "HTTPS interface: call". In: the content. Out: 32 bytes.

use candid::Principal;
use chainkey_execution::ids::{MessageId, Time};
use sha2::{Digest, Sha256};

/// How long before its expiry a call may be submitted, in nanoseconds.
pub const MAX_INGRESS_EXPIRY: u64 = 5 * 60 * 1_000_000_000;

/// The content of a call.
#[derive(Clone, Copy, Debug)]
pub struct CallContent<'a> {
    /// Whom.
    pub canister: Principal,
    /// The method.
    pub method: &'a str,
    /// The argument.
    pub arg: &'a [u8],
    /// Who calls.
    pub sender: Principal,
    /// When it expires.
    pub ingress_expiry: Time,
    /// Makes otherwise equal calls different.
    pub nonce: Option<&'a [u8]>,
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn leb128(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// The id of a call with this content.
pub fn request_id(content: &CallContent<'_>) -> MessageId {
    let expiry = leb128(content.ingress_expiry.0);
    let mut fields: Vec<([u8; 32], [u8; 32])> = vec![
        (hash(b"request_type"), hash(b"call")),
        (hash(b"canister_id"), hash(content.canister.as_slice())),
        (hash(b"method_name"), hash(content.method.as_bytes())),
        (hash(b"arg"), hash(content.arg)),
        (hash(b"sender"), hash(content.sender.as_slice())),
        (hash(b"ingress_expiry"), hash(&expiry)),
    ];
    if let Some(nonce) = content.nonce {
        fields.push((hash(b"nonce"), hash(nonce)));
    }
    fields.sort();
    let mut hasher = Sha256::new();
    for (name, value) in fields {
        hasher.update(name);
        hasher.update(value);
    }
    MessageId(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the interface specification, "Request id".
    #[test]
    fn the_id_of_the_specifications_example_is_the_specifications() {
        let content = CallContent {
            canister: Principal::from_slice(&[0, 0, 0, 0, 0, 0, 0x04, 0xd2]),
            method: "hello",
            arg: b"DIDL\x00\xfd*",
            sender: Principal::anonymous(),
            ingress_expiry: Time(1_685_570_400_000_000_000),
            nonce: None,
        };
        assert_eq!(
            hex::encode(request_id(&content).0),
            "1d1091364d6bb8a6c16b203ee75467d59ead468f523eb058880ae8ec80e2b101"
        );
    }

    #[test]
    fn the_nonce_makes_equal_calls_different() {
        let content = |nonce| CallContent {
            canister: Principal::management_canister(),
            method: "m",
            arg: b"",
            sender: Principal::anonymous(),
            ingress_expiry: Time(1),
            nonce: Some(nonce),
        };
        assert_ne!(request_id(&content(b"1")), request_id(&content(b"2")));
    }
}
