//! The wallet with a Solana of the test's own, behind a SOL RPC canister.
//!
//! - What it does: [`SolanaPayments::connect`] tells the wallet, in the environment variables that a developer's network has, which canister to ask and which node
//!   that canister is to ask; the methods below make calls of the wallet, and have the outcalls that they lead to answered by the test.
//! - Only the client's public interface is used: outcalls are answered through its mock.
//! - In: a world with a wallet, an installed SOL RPC canister, whatever answers JSON-RPC. Out: the wallet's own answers.

use super::WalletCanister;
use super::interface::{Account, Answer, Holdings, Proposal};
use crate::world::{World, WorldError};
use candid::utils::ArgumentEncoder;
use candid::{CandidType, Principal, decode_one, encode_args};
use pocket_ic::common::rest::{
    CanisterHttpReply, CanisterHttpRequest, CanisterHttpResponse, MockCanisterHttpResponse,
};
use pocket_ic::{CanisterSettings, EnvironmentVariable, PocketIc};
use serde::de::DeserializeOwned;

/// Rounds until a call that is not answered is given up.
const PATIENCE: usize = 400;

/// A node's answers: from the body of a JSON-RPC request to that of its answer.
pub trait Node {
    /// Answers one request.
    fn answer(&mut self, request: &[u8]) -> Vec<u8>;
}

impl<F: FnMut(&[u8]) -> Vec<u8>> Node for F {
    fn answer(&mut self, request: &[u8]) -> Vec<u8> {
        self(request)
    }
}

/// The node, and the wallet that pays on its chain.
pub struct SolanaPayments<'a, N> {
    network: &'a PocketIc,
    wallet: Principal,
    url: String,
    /// The node.
    pub node: N,
}

impl<'a, N: Node> SolanaPayments<'a, N> {
    /// Tells a wallet of the canister that it is to ask, and of the node's URL, at which nothing has to listen.
    ///
    /// # Errors
    /// The network rejected a call.
    pub fn connect(
        world: &'a World,
        wallet: &WalletCanister<'_>,
        sol_rpc: Principal,
        url: &str,
        node: N,
    ) -> Result<Self, WorldError> {
        let network = world.network();
        let variable = |name: &str, value: String| EnvironmentVariable {
            name: name.to_owned(),
            value,
        };
        let settings = CanisterSettings {
            environment_variables: Some(vec![
                variable("PUBLIC_CANISTER_ID:sol_rpc", sol_rpc.to_text()),
                variable("SOL_RPC_URL", url.to_owned()),
            ]),
            ..CanisterSettings::default()
        };
        network.update_canister_settings(wallet.canister(), None, settings)?;
        network.add_cycles(wallet.canister(), 100_000_000_000_000);
        Ok(Self {
            network,
            wallet: wallet.canister(),
            url: url.to_owned(),
            node,
        })
    }

    /// Carries a proposal out.
    ///
    /// # Errors
    /// The canister's answer; so for every method below.
    pub fn execute(&mut self, by: Principal, request: &[u8], proposal: u64) -> Answer<Proposal> {
        self.tell(by, "execute", (request.to_vec(), proposal))
    }

    /// Takes up what stopped.
    ///
    /// # Errors
    /// The canister's.
    pub fn resume(&mut self, by: Principal, proposal: u64) -> Answer<Proposal> {
        self.tell(by, "resume", (proposal,))
    }

    /// What an account holds.
    ///
    /// # Errors
    /// The canister's.
    pub fn refresh(&mut self, by: Principal, wallet: u64, account: Account) -> Answer<Holdings> {
        self.tell(by, "refresh", (wallet, account))
    }

    /// Answers every outcall that waits and goes to the node; how many there were.
    pub fn answer_waiting(&mut self) -> usize {
        let waiting = self.network.get_canister_http();
        let mine = waiting.iter().filter(|it| it.url.starts_with(&self.url));
        let mine: Vec<&CanisterHttpRequest> = mine.collect();
        for request in &mine {
            let reply = CanisterHttpReply {
                status: 200,
                headers: Vec::new(),
                body: self.node.answer(&request.body),
            };
            self.network
                .mock_canister_http_response(MockCanisterHttpResponse {
                    subnet_id: request.subnet_id,
                    request_id: request.request_id,
                    response: CanisterHttpResponse::CanisterHttpReply(reply),
                    additional_responses: Vec::new(),
                });
        }
        mine.len()
    }

    fn tell<T: CandidType + DeserializeOwned>(
        &mut self,
        by: Principal,
        method: &str,
        arguments: impl ArgumentEncoder,
    ) -> T {
        let arguments = encode_args(arguments).expect("the arguments encode");
        let call = self.network.submit_call(self.wallet, by, method, arguments);
        let call = call.expect("the message is taken");
        for _ in 0..PATIENCE {
            if let Some(reply) = self.network.ingress_status(call.clone()) {
                let reply = reply.expect("an answer and no rejection");
                return decode_one(&reply).expect("the answer decodes");
            }
            self.network.tick();
            self.answer_waiting();
        }
        panic!("no answer to {method} after {PATIENCE} rounds");
    }
}
