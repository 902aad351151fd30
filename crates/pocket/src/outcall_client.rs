//! Real HTTP for the outcalls of live instances.
//!
//! Source: interface specification, `http_request`. In: outcalls that wait. Out: their answers, the same for every node, handed
//! to the instance. Leaves out: agreement between nodes that see different answers, which one machine cannot show.

use crate::slots::{Cost, Hosted};
use chainkey_execution::error::RejectCode;
use chainkey_execution::ids::SubnetId;
use chainkey_execution::management::{OutcallAnswer, OutcallReject};
use chainkey_instance::{OutcallAnswers, PendingOutcall};
use ic_management_canister_types::{HttpHeader, HttpMethod, HttpRequestArgs, HttpRequestResult};
use std::collections::BTreeSet;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes of a response where the canister does not say.
const MAX_RESPONSE_BYTES: u64 = 2_000_000;

/// The outcalls of one instance that were begun.
#[derive(Default)]
pub struct Outcalls {
    client: Option<reqwest::Client>,
    begun: BTreeSet<(SubnetId, u64)>,
}

impl Outcalls {
    /// Begins the requests that were not begun yet.
    pub fn make(&mut self, hosted: &Arc<Hosted>, pending: Vec<PendingOutcall>) {
        let still: BTreeSet<(SubnetId, u64)> = pending
            .iter()
            .map(|outcall| (outcall.subnet, outcall.number))
            .collect();
        self.begun.retain(|outcall| still.contains(outcall));
        for outcall in pending {
            if self.begun.insert((outcall.subnet, outcall.number)) {
                let client = self.client.get_or_insert_with(client);
                tokio::spawn(serve(client.clone(), Arc::downgrade(hosted), outcall));
            }
        }
    }
}

/// A client that, as the nodes of the mainnet, follows no redirection.
fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap_or_default()
}

async fn serve(client: reqwest::Client, hosted: Weak<Hosted>, outcall: PendingOutcall) {
    let request = request(&client, outcall.request);
    let first = match tokio::time::timeout(TIMEOUT, request).await {
        Ok(Ok(response)) => OutcallAnswer::Response(response),
        Ok(Err(reject)) => OutcallAnswer::Reject(reject),
        Err(_) => OutcallAnswer::Reject(transient("Request timed out")),
    };
    let answers = OutcallAnswers {
        subnet: outcall.subnet.0,
        number: outcall.number,
        first,
        others: Vec::new(),
    };
    if let Some(hosted) = hosted.upgrade() {
        // The outcall may have timed out meanwhile; then nobody waits for this.
        let answer =
            move |instance: &mut chainkey_instance::Instance| Ok(instance.answer_outcall(answers)?);
        let _ = hosted.run(Cost::Long, answer).await;
    }
}

fn transient(error: impl std::fmt::Display) -> OutcallReject {
    OutcallReject {
        code: RejectCode::SysTransient,
        message: error.to_string(),
    }
}

fn fatal(message: String) -> OutcallReject {
    OutcallReject {
        code: RejectCode::SysFatal,
        message,
    }
}

async fn request(
    client: &reqwest::Client,
    arguments: HttpRequestArgs,
) -> Result<HttpRequestResult, OutcallReject> {
    let most = arguments.max_response_bytes.unwrap_or(MAX_RESPONSE_BYTES);
    let mut builder = client.request(method(arguments.method), &arguments.url);
    for header in arguments.headers {
        builder = builder.header(header.name, header.value);
    }
    let sent = builder.body(arguments.body.unwrap_or_default()).send();
    let mut response = sent
        .await
        .map_err(|error| transient(format!("Error({error})")))?;
    let status = response.status().as_u16().into();
    let headers: Vec<HttpHeader> = response
        .headers()
        .iter()
        .map(|(name, value)| HttpHeader {
            name: name.to_string(),
            value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
        })
        .collect();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(transient)? {
        body.extend_from_slice(&chunk);
        if body.len() as u64 > most {
            return Err(fatal(format!(
                "Http body exceeds size limit of {most} bytes."
            )));
        }
    }
    Ok(HttpRequestResult {
        status,
        headers,
        body,
    })
}

fn method(method: HttpMethod) -> reqwest::Method {
    match method {
        HttpMethod::GET => reqwest::Method::GET,
        HttpMethod::HEAD => reqwest::Method::HEAD,
        HttpMethod::POST => reqwest::Method::POST,
        HttpMethod::PUT => reqwest::Method::PUT,
        HttpMethod::DELETE => reqwest::Method::DELETE,
        HttpMethod::PATCH => reqwest::Method::PATCH,
    }
}
