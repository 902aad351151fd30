//! What each method does: asks every provider at once and makes one answer of what they say.
//!
//! - In: whom to ask and how to agree, and a [`Request`]. Out: the interface's answers; or what a call would cost.
//! - All outcalls of a call are under way together, so a provider that does not answer costs no more time than it takes to give it up.

use crate::answer::Answer;
use crate::interface::{
    ConsensusStrategy, MultiRpcResult, RpcConfig, RpcError, RpcResult, RpcService, RpcServices,
    SendRawTransactionStatus,
};
use crate::outcall::{Question, unreadable};
use crate::reduce::reduce;
use crate::request::{self, Request};
use crate::{providers, status};
use serde_json::Value;
use sha3::{Digest, Keccak256};
use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// The longest answer that a caller may expect.
const MOST: u64 = 2_000_000 - 2 * 1_024;

thread_local! {
    static NEXT_ID: Cell<u64> = const { Cell::new(0) };
}

/// An id of its own for each request, as long as every other one, so that all cost the same.
fn next_id() -> Value {
    let id = NEXT_ID.get();
    NEXT_ID.set(id + 1);
    format!("{id:020}").into()
}

/// A call that has not begun.
pub(crate) struct Inquiry {
    questions: Vec<Question>,
    strategy: ConsensusStrategy,
}

impl Inquiry {
    /// # Errors
    /// Nobody is left to ask, or the strategy does not fit.
    ///
    /// # Panics
    /// The caller expects nothing, or more than fits in an outcall; the EVM RPC canister traps too.
    pub(crate) fn new(
        source: RpcServices,
        config: Option<RpcConfig>,
        request: &Request,
    ) -> RpcResult<Self> {
        let config = config.unwrap_or_default();
        let strategy = config.response_consensus;
        let strategy = strategy.unwrap_or(ConsensusStrategy::Equality);
        let services = providers::choose(source, &strategy).map_err(RpcError::ProviderError)?;
        let most = config.response_size_estimate.unwrap_or(request.estimate);
        assert!((1..=MOST).contains(&most), "a response of {most} bytes");
        let questions = services.into_iter().map(|service| Question {
            service,
            method: request.method.clone(),
            params: request.params.clone(),
            id: next_id(),
            most,
        });
        Ok(Self {
            questions: questions.collect(),
            strategy,
        })
    }

    /// What the call costs if no answer is longer than expected.
    ///
    /// # Errors
    /// A provider is unknown.
    pub(crate) fn price(&self) -> RpcResult<u128> {
        self.questions.iter().map(Question::price).sum()
    }

    async fn ask<T: Clone + PartialEq>(
        self,
        read: impl Fn(&Value) -> Result<T, String>,
    ) -> MultiRpcResult<T> {
        let services: Vec<RpcService> = self
            .questions
            .iter()
            .map(|one| one.service.clone())
            .collect();
        let answers = self.questions.into_iter().map(Question::ask_until_it_fits);
        let answers = all(answers).await.into_iter().map(|result| {
            let result = result?;
            let wrong = |reason| unreadable(200, &result.to_string(), Some(reason));
            read(&result).map_err(wrong)
        });
        reduce(services.into_iter().zip(answers).collect(), &self.strategy)
    }
}

/// Asks, and reads the answers.
pub(crate) async fn ask<T: Answer>(
    source: RpcServices,
    config: Option<RpcConfig>,
    request: RpcResult<Request>,
) -> MultiRpcResult<T> {
    let inquiry = request.and_then(|request| Inquiry::new(source, config, &request));
    match inquiry {
        Ok(inquiry) => inquiry.ask(T::read).await,
        Err(error) => MultiRpcResult::Consistent(Err(error)),
    }
}

/// What a call would cost.
///
/// # Errors
/// Those that the call would have before it asks.
pub(crate) fn price(
    source: RpcServices,
    config: Option<RpcConfig>,
    request: RpcResult<Request>,
) -> RpcResult<u128> {
    Inquiry::new(source, config, &request?)?.price()
}

/// Hands a transaction over.
pub(crate) async fn send(
    source: RpcServices,
    config: Option<RpcConfig>,
    transaction: String,
) -> MultiRpcResult<SendRawTransactionStatus> {
    let hash = hash(&transaction);
    let request = request::send_raw_transaction(&transaction);
    match Inquiry::new(source, config, &request) {
        Ok(inquiry) => {
            let read = |result: &Value| {
                let status = status::read(result, hash.clone());
                status.ok_or_else(|| "no status of a transaction".to_owned())
            };
            inquiry.ask(read).await
        }
        Err(error) => MultiRpcResult::Consistent(Err(error)),
    }
}

/// Asks what the caller wrote; what is no text in the answer stays JSON.
pub(crate) async fn multi_request(
    source: RpcServices,
    config: Option<RpcConfig>,
    json: String,
) -> MultiRpcResult<String> {
    let inquiry = Request::raw(&json).and_then(|it| Inquiry::new(source, config, &it));
    match inquiry {
        Ok(inquiry) => inquiry.ask(text).await,
        Err(error) => MultiRpcResult::Consistent(Err(error)),
    }
}

/// # Errors
/// The EVM RPC canister reads only results that are texts.
fn text(result: &Value) -> Result<String, String> {
    let text = result.as_str().map(str::to_owned);
    text.ok_or_else(|| format!("invalid type: expected a string, found {result}"))
}

/// One provider, asked what the caller wrote; answers the whole answer.
pub(crate) async fn request(service: RpcService, json: &str, most: u64) -> RpcResult<String> {
    let answer = written(service, json, most)?.ask().await?;
    Ok(answer.to_string())
}

/// What that costs.
///
/// # Errors
/// It is no request, or there is no such provider.
pub(crate) fn request_price(service: RpcService, json: &str, most: u64) -> RpcResult<u128> {
    written(service, json, most)?.price()
}

fn written(service: RpcService, json: &str, most: u64) -> RpcResult<Question> {
    let written = request::parse(json)?;
    Ok(Question {
        service,
        method: written.method,
        params: written.params,
        id: written.id,
        most,
    })
}

/// The hash of a transaction with or without a type; none of what is neither.
fn hash(transaction: &str) -> Option<String> {
    let bytes = hex::decode(transaction.strip_prefix("0x")?).ok()?;
    let kind = bytes.first()?;
    let known = (1..=4).contains(kind) || *kind >= 0xc0;
    known.then(|| format!("0x{}", hex::encode(Keccak256::digest(&bytes))))
}

/// Lets all run together and waits for the last; the answers stand in the order of the questions.
async fn all<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut running: Vec<Pin<Box<_>>> = futures.map(Box::pin).collect();
    let mut done: Vec<Option<T>> = running.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (future, done) in running.iter_mut().zip(&mut done) {
            if done.is_none()
                && let Poll::Ready(answer) = future.as_mut().poll(context)
            {
                *done = Some(answer);
            }
        }
        match done.iter().all(Option::is_some) {
            true => Poll::Ready(done.drain(..).flatten().collect()),
            false => Poll::Pending,
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_is_named_by_the_hash_of_its_bytes() {
        // Keccak-256 of the one byte 0xc0, an empty list.
        let empty = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347";
        assert_eq!(hash("0xc0").as_deref(), Some(empty));
        assert_eq!(hash("0x"), None);
        assert_eq!(hash("0x7f01"), None);
    }
}
