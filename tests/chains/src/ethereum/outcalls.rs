//! The EVM behind the client's mock of outcalls: what goes to a provider of its chain is passed on to it.
//!
//! - A provider's URL is `https://<name>.chain-<chain id>.invalid`, with any name: all are answered by the one EVM. The name can't exist
//!   (RFC 6761).
//! - A transaction is handed over once for each node of the subnet, as on the public network: the first node is told its hash, the others
//!   that it is known.

use super::Anvil;
use crate::outcalls::{Answers, reply};
use pocket_ic::common::rest::{CanisterHttpReply, CanisterHttpRequest};

pub use crate::outcalls::{answer_waiting, await_call};

/// How many nodes an application subnet of the client has.
const NODES: usize = 13;

/// The URL of a provider of a chain when a test answers for it.
pub fn provider(name: &str, chain_id: u64) -> String {
    format!("https://{name}.{}", host(chain_id))
}

fn host(chain_id: u64) -> String {
    format!("chain-{chain_id}.invalid")
}

impl Answers for Anvil {
    fn answer(&mut self, request: &CanisterHttpRequest) -> Option<Vec<CanisterHttpReply>> {
        let asked = request.url.strip_prefix("https://")?;
        let asked = asked.split(['/', '?']).next()?;
        if !asked.ends_with(&format!(".{}", host(self.chain_id()))) {
            return None;
        }
        let times = match is_sending(&request.body) {
            true => NODES,
            false => 1,
        };
        let each = (0..times).map(|_| {
            let (status, body) = self.rpc().post(request.body.clone()).ok()?;
            Some(reply(status, body))
        });
        // Where the EVM does not answer, the outcall waits.
        each.collect()
    }
}

fn is_sending(body: &[u8]) -> bool {
    let request: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    request["method"] == "eth_sendRawTransaction"
}
