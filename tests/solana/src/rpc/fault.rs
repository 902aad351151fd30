//! Errors of the JSON-RPC: codes and texts that clients see, as Agave's RPC node has them.

use crate::chain::{Refused, Slot};
use serde_json::{Value, json};

/// An error as it is answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    code: i64,
    message: String,
    data: Value,
}

impl Fault {
    fn new(code: i64, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            data: Value::Null,
        }
    }

    pub(super) fn parse() -> Self {
        Self::new(-32_700, "Parse error")
    }

    pub(super) fn invalid_request() -> Self {
        Self::new(-32_600, "Invalid request")
    }

    pub(super) fn method() -> Self {
        Self::new(-32_601, "Method not found")
    }

    pub(super) fn params(message: impl Into<String>) -> Self {
        Self::new(-32_602, message)
    }

    /// What this chain leaves out or can't do, where a real one would.
    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(-32_603, message)
    }

    pub(super) fn block_not_available(slot: Slot) -> Self {
        Self::new(-32_004, format!("Block not available for slot {slot}"))
    }

    pub(super) fn skipped(slot: Slot) -> Self {
        let text =
            format!("Slot {slot} was skipped, or missing due to ledger jump to recent snapshot");
        Self::new(-32_007, text)
    }

    pub(super) fn transaction_version(version: u8) -> Self {
        let text = format!(
            "Transaction version ({version}) is not supported by the requesting client. Please try the request again with the \
             following configuration parameter: \"maxSupportedTransactionVersion\": {version}"
        );
        Self::new(-32_015, text)
    }

    pub(super) fn min_context_slot(slot: Slot) -> Self {
        Self {
            data: json!({ "contextSlot": slot }),
            ..Self::new(-32_016, "Minimum context slot has not been reached")
        }
    }

    pub(super) fn json(self) -> Value {
        match self.data {
            Value::Null => json!({ "code": self.code, "message": self.message }),
            data => json!({ "code": self.code, "message": self.message, "data": data }),
        }
    }
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        let text = refused.to_string();
        match refused {
            Refused::Unreadable(_) => Self::params(text),
            Refused::Signature => Self::new(-32_003, text),
            Refused::Simulation { error, logs } => Self {
                data: json!({
                    "accounts": null, "err": error, "innerInstructions": null, "logs": logs,
                    "replacementBlockhash": null, "returnData": null, "unitsConsumed": 0,
                }),
                ..Self::new(-32_002, text)
            },
        }
    }
}
