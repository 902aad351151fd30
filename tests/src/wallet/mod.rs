//! The wallet as its members use it: one canister on a network, and a short method for each of its methods.
//!
//! - In: the client's handle on a network, who calls. Out: the canister's own answers, in the types of [`interface`].
//! - Whatever is not said is chosen here: the wallet is called "savings", proposals are open for 30 days and have the note "rent".
//! - Every method panics where the network rejects a call: the canister never rejects one, it answers with an error.
//! - Left out: verification of what it answers.

pub mod bitcoin;
pub mod ethereum;
pub mod interface;
mod policy;
pub mod solana;

use crate::world::{World, WorldError, guardian};
use candid::utils::ArgumentEncoder;
use candid::{CandidType, Decode, Principal, decode_one, encode_args};
use canister_kit::{InitArgs, Refusal};
use chainkey_chains::outcalls::{self, Answers};
use interface::{Addresses, Answer, Intent, Policy, Proposal, PublicKeys, Quote, RawKeys, Wallet};
use ledger::account::Account;
use pocket_ic::common::rest::RawMessageId;
use pocket_ic::{
    CanisterSettings, EnvironmentVariable, PocketIc, RejectResponse, query_candid_as,
    update_candid_as,
};
use serde::de::DeserializeOwned;

/// How long a proposal is open: 30 days in nanoseconds.
const OPEN: u64 = 30 * 86_400 * 1_000_000_000;

/// Somebody with this name.
pub fn person(name: &str) -> Principal {
    Principal::self_authenticating(name)
}

/// The element of 15 bytes under which a wallet has keys and accounts, after docs/wallet.md.
pub fn element(wallet: u64, chain: u8, purpose: u8, index: u32) -> Vec<u8> {
    let mut element = vec![1];
    element.extend_from_slice(&wallet.to_be_bytes());
    element.extend_from_slice(&[chain, purpose]);
    element.extend_from_slice(&index.to_be_bytes());
    element
}

/// The wallet's canister.
#[derive(Clone, Copy)]
pub struct WalletCanister<'a> {
    network: &'a PocketIc,
    canister: Principal,
}

impl<'a> WalletCanister<'a> {
    /// Creates a canister and installs the wallet in it.
    ///
    /// # Errors
    /// The module has not been built, or the canister refused the arguments.
    pub fn install(world: &'a World, args: &InitArgs) -> Result<Self, WorldError> {
        let canister = world.install("wallet", args)?;
        Ok(Self::at(world.network(), canister))
    }

    /// One that is installed already.
    pub fn at(network: &'a PocketIc, canister: Principal) -> Self {
        Self { network, canister }
    }

    /// Its id.
    pub fn canister(&self) -> Principal {
        self.canister
    }

    /// The account of a wallet on ledgers, by hand after docs/wallet.md.
    pub fn account(&self, wallet: u64, index: u32) -> Account {
        let mut subaccount = [0; 32];
        subaccount[17..].copy_from_slice(&element(wallet, 4, 1, index));
        Account {
            owner: self.canister,
            subaccount: Some(subaccount),
        }
    }

    /// Makes a wallet. The caller names the request; so for every method below that takes a request id.
    ///
    /// # Errors
    /// The canister's answer; so for every method below.
    pub fn create(
        &self,
        by: Principal,
        request_id: &[u8],
        members: &[Principal],
        policy: Policy,
    ) -> Answer<Wallet> {
        let arguments = (request_id.to_vec(), "savings", members.to_vec(), policy);
        self.tell(by, "create_wallet", arguments)
    }

    /// A wallet.
    ///
    /// # Errors
    /// The canister's.
    pub fn get(&self, by: Principal, id: u64) -> Answer<Wallet> {
        self.ask(by, "get", (id,))
    }

    /// The ids of the caller's wallets.
    pub fn list(&self, by: Principal) -> Vec<u64> {
        let wallets: Vec<Wallet> = self.ask(by, "list", (0_u64, 100_u32));
        wallets.iter().map(|wallet| wallet.id).collect()
    }

    /// Where a wallet receives.
    ///
    /// # Errors
    /// The canister's.
    pub fn addresses(&self, by: Principal, id: u64, index: u32) -> Answer<Addresses> {
        self.ask(by, "addresses", (id, index))
    }

    /// Has the keys fetched.
    ///
    /// # Errors
    /// The canister's.
    pub fn prepare_keys(&self, by: Principal) -> Answer<PublicKeys> {
        self.tell(by, "prepare_keys", ())
    }

    /// What the policy would say.
    ///
    /// # Errors
    /// The canister's.
    pub fn quote(&self, by: Principal, wallet: u64, intent: &Intent) -> Answer<Quote> {
        self.ask(by, "quote", (wallet, intent))
    }

    /// Proposes something for a wallet, for 30 days.
    ///
    /// # Errors
    /// The canister's.
    pub fn propose(
        &self,
        by: Principal,
        request_id: &[u8],
        wallet: u64,
        intent: &Intent,
    ) -> Answer<Proposal> {
        let expires_at = self.now() + OPEN;
        self.propose_until(by, request_id, wallet, intent, expires_at)
    }

    /// The same until a time; a request that is repeated must name the same one.
    ///
    /// # Errors
    /// The canister's.
    pub fn propose_until(
        &self,
        by: Principal,
        request_id: &[u8],
        wallet: u64,
        intent: &Intent,
        expires_at: u64,
    ) -> Answer<Proposal> {
        let arguments = (wallet, request_id.to_vec(), intent, expires_at, "rent");
        self.tell(by, "propose", arguments)
    }

    /// Reads a proposal and approves what it reads.
    ///
    /// # Errors
    /// The canister's.
    pub fn approve(&self, by: Principal, proposal: u64) -> Answer<Proposal> {
        let shown = self.proposal(by, proposal)?;
        self.approve_digest(by, proposal, &shown.intent_digest)
    }

    /// Approves a proposal with a digest.
    ///
    /// # Errors
    /// The canister's.
    pub fn approve_digest(&self, by: Principal, proposal: u64, digest: &[u8]) -> Answer<Proposal> {
        self.tell(by, "approve", (proposal, digest.to_vec()))
    }

    /// Rejects a proposal.
    ///
    /// # Errors
    /// The canister's.
    pub fn reject(&self, by: Principal, proposal: u64) -> Answer<Proposal> {
        self.tell(by, "reject", (proposal,))
    }

    /// Cancels a proposal.
    ///
    /// # Errors
    /// The canister's.
    pub fn cancel(&self, by: Principal, proposal: u64) -> Answer<Proposal> {
        self.tell(by, "cancel", (proposal,))
    }

    /// Carries a proposal out.
    ///
    /// # Errors
    /// The canister's.
    pub fn execute(&self, by: Principal, request_id: &[u8], proposal: u64) -> Answer<Proposal> {
        self.tell(by, "execute", (request_id.to_vec(), proposal))
    }

    /// Begins to carry a proposal out, and does not wait.
    pub fn submit_execute(&self, by: Principal, request_id: &[u8], proposal: u64) -> RawMessageId {
        self.submit(by, "execute", (request_id.to_vec(), proposal))
    }

    /// Calls a method, and does not wait.
    pub fn submit(
        &self,
        by: Principal,
        method: &str,
        arguments: impl ArgumentEncoder,
    ) -> RawMessageId {
        let arguments = encode_args(arguments).expect("the arguments encode");
        let submitted = self
            .network
            .submit_call(self.canister, by, method, arguments);
        submitted.expect("the message is taken")
    }

    /// Waits for what was begun.
    ///
    /// # Errors
    /// The canister's.
    pub fn wait<T: CandidType + DeserializeOwned>(&self, call: RawMessageId) -> Answer<T> {
        let reply = self.network.await_call(call).expect("a reply");
        Decode!(&reply, Answer<T>).expect("the answer decodes")
    }

    /// Takes up what stopped.
    ///
    /// # Errors
    /// The canister's.
    pub fn resume(&self, by: Principal, proposal: u64) -> Answer<Proposal> {
        self.tell(by, "resume", (proposal,))
    }

    /// A proposal.
    ///
    /// # Errors
    /// The canister's.
    pub fn proposal(&self, by: Principal, id: u64) -> Answer<Proposal> {
        self.ask(by, "proposal", (id,))
    }

    /// The ids of a wallet's proposals.
    ///
    /// # Errors
    /// The canister's.
    pub fn proposals(&self, by: Principal, wallet: u64) -> Answer<Vec<u64>> {
        self.ids(by, "proposals", wallet)
    }

    /// The ids of those that have not ended.
    ///
    /// # Errors
    /// The canister's.
    pub fn pending(&self, by: Principal, wallet: u64) -> Answer<Vec<u64>> {
        self.ids(by, "pending", wallet)
    }

    /// The signed transaction of a proposal.
    ///
    /// # Errors
    /// The canister's.
    pub fn signed_tx(&self, by: Principal, proposal: u64) -> Answer<Vec<u8>> {
        self.ask(by, "signed_tx", (proposal,))
    }

    /// The keys for raw signatures.
    ///
    /// # Errors
    /// The canister's.
    pub fn raw_keys(&self, by: Principal, wallet: u64, index: u32) -> Answer<RawKeys> {
        self.ask(by, "raw_keys", (wallet, index))
    }

    /// The guardian stops what pays, or lets it go on.
    ///
    /// # Errors
    /// The canister's.
    pub fn set_paused(&self, paused: bool) -> Result<(), Refusal> {
        self.tell(guardian(), "set_paused", (paused,))
    }

    /// The network's time, in nanoseconds since 1970.
    pub fn now(&self) -> u64 {
        self.network.get_time().as_nanos_since_unix_epoch()
    }

    /// Calls a method, and has a chain answer the outcalls that the call leads to.
    pub fn tell_over<T: CandidType + DeserializeOwned>(
        &self,
        chain: &mut impl Answers,
        by: Principal,
        method: &str,
        arguments: impl ArgumentEncoder,
    ) -> T {
        let call = self.submit(by, method, arguments);
        let reply = outcalls::await_call(self.network, chain, &call);
        decode_one(&reply.expect("an answer and no rejection")).expect("the answer decodes")
    }

    /// Sets the canister's environment variables, as the tools of a developer's network do.
    ///
    /// # Errors
    /// The network rejected the call.
    pub fn set_environment(&self, variables: &[(&str, &str)]) -> Result<(), WorldError> {
        let variables = variables.iter().map(|(name, value)| EnvironmentVariable {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        });
        let settings = CanisterSettings {
            environment_variables: Some(variables.collect()),
            ..CanisterSettings::default()
        };
        let network = self.network;
        network.update_canister_settings(self.canister, None, settings)?;
        Ok(())
    }

    fn ids(&self, by: Principal, method: &str, wallet: u64) -> Answer<Vec<u64>> {
        let answer: Answer<Vec<Proposal>> = self.ask(by, method, (wallet, 0_u64, 50_u32));
        Ok(answer?.iter().map(|proposal| proposal.id).collect())
    }

    fn ask<T: CandidType + DeserializeOwned>(
        &self,
        by: Principal,
        method: &str,
        arguments: impl ArgumentEncoder,
    ) -> T {
        one(query_candid_as(
            self.network,
            self.canister,
            by,
            method,
            arguments,
        ))
    }

    fn tell<T: CandidType + DeserializeOwned>(
        &self,
        by: Principal,
        method: &str,
        arguments: impl ArgumentEncoder,
    ) -> T {
        one(update_candid_as(
            self.network,
            self.canister,
            by,
            method,
            arguments,
        ))
    }
}

fn one<T>(answer: Result<(T,), RejectResponse>) -> T {
    let (answer,) = answer.expect("an answer and no rejection");
    answer
}
