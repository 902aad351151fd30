//! JSON-RPC over HTTP, on the loopback interface.
//!
//! - In: a method, its parameters. Out: its result. Specification: jsonrpc.org/specification, ethereum.github.io/execution-apis.
//! - Proxies of the environment are not used.

use super::EvmError;
use reqwest::blocking::Client;
use serde_json::{Value, json};

/// A node's address, and connections to it.
#[derive(Debug)]
pub struct Rpc {
    client: Client,
    url: String,
}

impl Rpc {
    pub(super) fn new(port: u16) -> Result<Self, EvmError> {
        Ok(Self {
            client: Client::builder().no_proxy().build()?,
            url: format!("http://127.0.0.1:{port}"),
        })
    }

    /// Where the node listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Posts bytes; answers the status and the bytes that come back.
    ///
    /// # Errors
    /// The node does not answer.
    pub fn post(&self, body: Vec<u8>) -> Result<(u16, Vec<u8>), EvmError> {
        let request = self.client.post(&self.url);
        let request = request.header("content-type", "application/json");
        let answer = request.body(body).send()?;
        Ok((answer.status().as_u16(), answer.bytes()?.to_vec()))
    }

    /// Calls a method; answers its result.
    ///
    /// # Errors
    /// The node does not answer, or refuses.
    pub fn call(&self, method: &str, params: Value) -> Result<Value, EvmError> {
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let (_, body) = self.post(request.to_string().into_bytes())?;
        let mut answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        match answer.get_mut("result") {
            Some(result) => Ok(result.take()),
            None => Err(EvmError::Refused {
                method: method.to_owned(),
                error: answer["error"].take(),
            }),
        }
    }
}
