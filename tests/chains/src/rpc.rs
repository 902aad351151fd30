//! JSON-RPC over HTTP, on the loopback interface.
//!
//! - In: a method, its parameters. Out: its result. Specification: jsonrpc.org/specification.
//! - Proxies of the environment are not used.

use reqwest::blocking::Client;
use serde_json::{Value, json};
use thiserror::Error;

/// Why a node did not do what it was asked.
#[derive(Debug, Error)]
pub enum RpcError {
    /// It could not be asked.
    #[error("the node can't be asked: {0}")]
    Unreachable(#[from] reqwest::Error),
    /// It refused.
    #[error("{method}: {error}")]
    Refused {
        /// The JSON-RPC method.
        method: String,
        /// Code, message and data.
        error: Value,
    },
}

/// A node's address, and connections to it.
#[derive(Debug)]
pub struct Rpc {
    client: Client,
    url: String,
}

impl Rpc {
    pub(crate) fn new(url: String) -> Result<Self, RpcError> {
        Ok(Self {
            client: Client::builder().no_proxy().build()?,
            url,
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
    pub fn post(&self, body: Vec<u8>) -> Result<(u16, Vec<u8>), RpcError> {
        let request = self.client.post(&self.url);
        let request = request.header("content-type", "application/json");
        let answer = request.body(body).send()?;
        Ok((answer.status().as_u16(), answer.bytes()?.to_vec()))
    }

    /// Calls a method; answers its result.
    ///
    /// # Errors
    /// The node does not answer, or refuses.
    pub fn call(&self, method: &str, params: Value) -> Result<Value, RpcError> {
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let (_, body) = self.post(request.to_string().into_bytes())?;
        let mut answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        match answer.get_mut("result") {
            Some(result) => Ok(result.take()),
            None => Err(RpcError::Refused {
                method: method.to_owned(),
                error: answer["error"].take(),
            }),
        }
    }
}
