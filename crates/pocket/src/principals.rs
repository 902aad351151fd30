//! Principals, calls and results between the types of the API and those of an instance.
//!
//! In and out: values. Bytes that are no principal are refused with the texts that clients know.

use crate::reply::Refusal;
use candid::Principal;
use chainkey_execution::ids::{CanisterId, MessageId, SubnetId};
use chainkey_execution::message::CallerInfo;
use chainkey_instance::{CallResult, CanisterCall, EffectivePrincipal};
use pocket_ic::common::rest::{
    RawCanisterResult, RawEffectivePrincipal, RawPrincipalId, RawSenderInfo,
};
use pocket_ic::{ErrorCode, RejectCode, RejectResponse};
use serde::Deserialize;

fn principal(bytes: &[u8], what: &str) -> Result<Principal, Refusal> {
    Principal::try_from_slice(bytes).map_err(|_| Refusal::Unreadable(format!("Bad {what}")))
}

/// A canister's id.
pub fn canister(bytes: &[u8]) -> Result<CanisterId, Refusal> {
    principal(bytes, "canister id").map(CanisterId::new)
}

/// An id in a path, as text.
pub fn named(text: &str) -> Result<Principal, Refusal> {
    Principal::from_text(text)
        .map_err(|error| Refusal::Unreadable(format!("`{text}` is not an id: {error}")))
}

/// A subnet's id.
pub fn subnet(bytes: &[u8]) -> Result<Principal, Refusal> {
    principal(bytes, "subnet id")
}

/// A sender.
pub fn sender(bytes: &[u8]) -> Result<Principal, Refusal> {
    principal(bytes, "sender principal")
}

/// A node's id.
pub fn node(bytes: &[u8]) -> Result<Principal, Refusal> {
    principal(bytes, "node id")
}

/// The id of a call.
pub fn message(bytes: &[u8]) -> Result<MessageId, Refusal> {
    <[u8; 32]>::try_from(bytes)
        .map(MessageId)
        .map_err(|_| Refusal::Unreadable("Bad message id".into()))
}

/// Where a call shall go.
pub fn effective(raw: Option<&RawEffectivePrincipal>) -> Result<EffectivePrincipal, Refusal> {
    Ok(match raw {
        None | Some(RawEffectivePrincipal::None) => EffectivePrincipal::None,
        Some(RawEffectivePrincipal::SubnetId(bytes)) => {
            EffectivePrincipal::Subnet(SubnetId(subnet(bytes)?))
        }
        Some(RawEffectivePrincipal::CanisterId(bytes)) => EffectivePrincipal::Canister(
            principal(bytes, "effective canister id").map(CanisterId::new)?,
        ),
    })
}

/// Reads base64 text where it stands in the body: a module is large, and each copy of it counts.
mod base64_text {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use serde::Deserializer;
    use serde::de::{Error, Visitor};

    struct Text;

    impl Visitor<'_> for Text {
        type Value = Vec<u8>;

        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("a string")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Vec<u8>, E> {
            BASE64_STANDARD.decode(text).map_err(E::custom)
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        from.deserialize_str(Text)
    }
}

/// A call or query as it travels; what may be left out has a default.
#[derive(Deserialize, Debug)]
pub struct ReadCall {
    #[serde(deserialize_with = "base64_text::deserialize")]
    sender: Vec<u8>,
    #[serde(deserialize_with = "base64_text::deserialize")]
    canister_id: Vec<u8>,
    effective_principal: Option<RawEffectivePrincipal>,
    method: String,
    #[serde(deserialize_with = "base64_text::deserialize")]
    payload: Vec<u8>,
    sender_info: Option<RawSenderInfo>,
}

impl TryFrom<ReadCall> for CanisterCall {
    type Error = Refusal;

    fn try_from(read: ReadCall) -> Result<Self, Refusal> {
        let caller_info = match &read.sender_info {
            Some(raw) => Some(CallerInfo {
                data: raw.info.clone(),
                signer: principal(&raw.signer, "signer of sender_info")?,
            }),
            None => None,
        };
        Ok(CanisterCall {
            sender: sender(&read.sender)?,
            receiver: canister(&read.canister_id)?,
            effective: effective(read.effective_principal.as_ref())?,
            caller_info,
            method: read.method,
            payload: read.payload,
        })
    }
}

/// The id of a call as it travels: the whole, or only the base64 text of the id.
#[derive(Deserialize, Debug)]
#[serde(untagged)]
pub enum ReadMessageId {
    /// As it was answered.
    Whole {
        /// Where the call went.
        effective_principal: Option<RawEffectivePrincipal>,
        /// The id.
        message_id: ReadBytes,
    },
    /// The id only.
    Id(ReadBytes),
}

/// Bytes as base64 text.
#[derive(Deserialize, Debug)]
pub struct ReadBytes(#[serde(deserialize_with = "base64_text::deserialize")] pub Vec<u8>);

impl ReadMessageId {
    /// Where it went and its id.
    pub fn resolve(&self) -> Result<(EffectivePrincipal, MessageId), Refusal> {
        match self {
            ReadMessageId::Whole {
                effective_principal,
                message_id,
            } => Ok((
                effective(effective_principal.as_ref())?,
                message(&message_id.0)?,
            )),
            ReadMessageId::Id(id) => Ok((EffectivePrincipal::None, message(&id.0)?)),
        }
    }
}

/// A principal as it travels: as a record, or only its base64 text.
#[derive(Deserialize, Debug)]
#[serde(untagged)]
pub enum ReadPrincipal {
    /// As the API has it.
    Record(RawPrincipalId),
    /// The bytes only.
    Bytes(ReadBytes),
}

impl ReadPrincipal {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            ReadPrincipal::Record(record) => &record.principal_id,
            ReadPrincipal::Bytes(bytes) => &bytes.0,
        }
    }
}

/// A reject as it travels.
pub fn reject(rejected: chainkey_instance::CallRejected) -> Result<RejectResponse, Refusal> {
    let code = rejected.error.code;
    let unknown = |_| Refusal::Internal(format!("{code} is not a code that clients know"));
    Ok(RejectResponse {
        reject_code: RejectCode::try_from(code.reject_code() as u64).map_err(unknown)?,
        reject_message: rejected.error.message,
        error_code: ErrorCode::try_from(code as u64).map_err(unknown)?,
        certified: rejected.certified,
    })
}

/// A result as it travels.
pub fn result(result: CallResult) -> Result<RawCanisterResult, Refusal> {
    Ok(match result {
        Ok(data) => RawCanisterResult::Ok(data),
        Err(rejected) => RawCanisterResult::Err(reject(rejected)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_may_leave_out_the_effective_principal() {
        let text = r#"{"sender":"BA==","canister_id":"","method":"m","payload":"","effective_principal":null}"#;
        let call = CanisterCall::try_from(serde_json::from_str::<ReadCall>(text).unwrap()).unwrap();
        assert_eq!(call.sender, Principal::anonymous());
        assert_eq!(call.receiver, CanisterId::MANAGEMENT);
        assert_eq!(call.effective, EffectivePrincipal::None);
    }

    #[test]
    fn a_message_id_may_be_only_its_base64_text() {
        let text = format!("\"{}\"", "A".repeat(43) + "=");
        let read: ReadMessageId = serde_json::from_str(&text).unwrap();
        let (effective, id) = read.resolve().unwrap();
        assert_eq!(
            (effective, id),
            (EffectivePrincipal::None, MessageId([0; 32]))
        );
    }

    #[test]
    fn bytes_that_are_no_principal_are_refused_by_name() {
        let refusal = canister(&[0; 30]).unwrap_err();
        assert_eq!(refusal, Refusal::Unreadable("Bad canister id".into()));
    }
}
