//! `/verify_signature`: whether a canister signature is right.
//!
//! Source: interface specification, "Canister signatures". In: message, signature, the canister's key in DER, the root key in
//! DER. Out: `{"Ok": null}` or `{"Err": text}`.

use crate::body::{Body, arguments};
use crate::reply::{self, Refusal};
use axum::response::Response;
use ic_signature_verification::verify_canister_sig;
use pocket_ic::common::rest::RawVerifyCanisterSigArg;

/// The DER prefix of a BLS key: `SEQUENCE { SEQUENCE { OID, OID }, BIT STRING }` before the 96 bytes.
const BLS_KEY_BYTES: usize = 96;

/// The DER prefix of a canister's key, up to the length of the bit string.
const CANISTER_KEY_OID: [u8; 12] = [
    0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xb8, 0x43, 0x01, 0x02,
];

/// Answers with the verdict.
pub async fn handle(body: Body) -> Result<Response, Refusal> {
    let raw: RawVerifyCanisterSigArg = arguments(&body.0)?;
    let verdict: Result<(), String> = tokio::task::spawn_blocking(move || verify(&raw))
        .await
        .map_err(|error| Refusal::Internal(error.to_string()))?;
    Ok(reply::ok(&verdict))
}

fn verify(raw: &RawVerifyCanisterSigArg) -> Result<(), String> {
    let key = canister_key(&raw.pubkey).ok_or("the public key is not a canister's key in DER")?;
    let root = raw
        .root_pubkey
        .len()
        .checked_sub(BLS_KEY_BYTES)
        .map(|start| &raw.root_pubkey[start..])
        .ok_or("the root public key is not a BLS key in DER")?;
    verify_canister_sig(&raw.msg, &raw.sig, key, root)
}

/// The content of the bit string: the length of the canister's id, the id and the seed.
fn canister_key(der: &[u8]) -> Option<&[u8]> {
    let oid = der
        .windows(CANISTER_KEY_OID.len())
        .position(|window| window == CANISTER_KEY_OID)?;
    let bits = der.get(oid + CANISTER_KEY_OID.len()..)?;
    match bits {
        [0x03, length, 0x00, key @ ..] if usize::from(*length) == key.len() + 1 => Some(key),
        _ => None,
    }
}
