//! The parameters of a request: a list of values, of which the last may be a record of settings.

use crate::chain::{Chain, Commitment, Slot};
use crate::rpc::Fault;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use solana_pubkey::Pubkey;
use solana_signature::Signature;
use std::str::FromStr;

pub(super) struct Params(Vec<Value>);

impl Params {
    pub(super) fn new(list: Vec<Value>) -> Self {
        Self(list)
    }

    pub(super) fn at(&self, place: usize) -> &Value {
        self.0.get(place).unwrap_or(&Value::Null)
    }

    pub(super) fn number(&self, place: usize) -> Result<u64, Fault> {
        let number = self.at(place).as_u64();
        number.ok_or_else(|| Fault::params(format!("Invalid params: no number at {place}.")))
    }

    pub(super) fn text(&self, place: usize) -> Result<&str, Fault> {
        let text = self.at(place).as_str();
        text.ok_or_else(|| Fault::params(format!("Invalid params: no text at {place}.")))
    }

    pub(super) fn list(&self, place: usize) -> Result<&[Value], Fault> {
        let list = self.at(place).as_array();
        let list =
            list.ok_or_else(|| Fault::params(format!("Invalid params: no list at {place}.")));
        list.map(Vec::as_slice)
    }

    pub(super) fn pubkey(&self, place: usize) -> Result<Pubkey, Fault> {
        pubkey(self.text(place)?)
    }

    /// The last slot of the commitment that the record at `place` asks for.
    pub(super) fn slot(
        &self,
        chain: &Chain,
        place: usize,
        default: Commitment,
    ) -> Result<Slot, Fault> {
        let settings = self.at(place);
        let slot = chain.slot(commitment(&settings["commitment"], default)?);
        match settings["minContextSlot"].as_u64() {
            Some(least) if slot < least => Err(Fault::min_context_slot(slot)),
            _ => Ok(slot),
        }
    }
}

pub(super) fn commitment(value: &Value, default: Commitment) -> Result<Commitment, Fault> {
    match value.as_str() {
        None if value.is_null() => Ok(default),
        Some("processed") => Ok(Commitment::Processed),
        Some("confirmed") => Ok(Commitment::Confirmed),
        Some("finalized") => Ok(Commitment::Finalized),
        _ => Err(Fault::params("Invalid params: unknown commitment.")),
    }
}

/// A commitment for what only blocks have.
pub(super) fn firm(value: &Value) -> Result<Commitment, Fault> {
    match commitment(value, Commitment::Finalized)? {
        Commitment::Processed => Err(Fault::params(
            "Method does not support commitment below `confirmed`",
        )),
        firm => Ok(firm),
    }
}

pub(super) fn pubkey(text: &str) -> Result<Pubkey, Fault> {
    let key = Pubkey::from_str(text);
    key.map_err(|error| Fault::params(format!("Invalid param: {error:?}")))
}

pub(super) fn signature(text: &str) -> Result<Signature, Fault> {
    let signature = Signature::from_str(text);
    signature.map_err(|error| Fault::params(format!("Invalid param: {error:?}")))
}

/// How bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Base58,
    Base64,
}

impl Encoding {
    /// Base58 if nothing is said, as in the methods that have a default which is spoken here.
    pub(super) fn read(value: &Value) -> Result<Self, Fault> {
        match value.as_str() {
            None | Some("base58") => Ok(Self::Base58),
            Some("base64") => Ok(Self::Base64),
            Some(other) => Err(Fault::params(format!(
                "the encoding {other} is not spoken here"
            ))),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Base58 => "base58",
            Self::Base64 => "base64",
        }
    }

    pub(super) fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Base58 => bs58::encode(bytes).into_string(),
            Self::Base64 => STANDARD.encode(bytes),
        }
    }

    pub(super) fn decode(self, text: &str) -> Result<Vec<u8>, Fault> {
        match self {
            Self::Base58 => bs58::decode(text)
                .into_vec()
                .map_err(|error| Fault::params(format!("invalid base58 encoding: {error:?}"))),
            Self::Base64 => STANDARD
                .decode(text)
                .map_err(|error| Fault::params(format!("invalid base64 encoding: {error:?}"))),
        }
    }
}
