//! The wallet with a Solana of its own: a chain on Agave's runtime, and the stand-in for the SOL RPC canister.
//!
//! - What it does: [`SolanaPayments::install`] installs the stand-in, and tells the wallet in the environment variables that a developer's network has
//!   which canister to ask, and which node that canister is to ask; the methods below make calls of the wallet and have the chain answer the
//!   outcalls that they lead to.
//! - Only the client's public interface is used: outcalls are answered through its mock.
//! - In: a world with a wallet. Out: the wallet's own answers.

use super::WalletCanister;
use super::interface::{Account, Answer, Holdings, Proposal, Stage};
use crate::world::{World, WorldError, canister_wasm};
use candid::utils::ArgumentEncoder;
use candid::{CandidType, Principal, decode_one, encode_args, encode_one};
use chainkey_chains::outcalls::{answer_waiting, await_call};
use chainkey_chains::solana::interface::install::{Fault, InstallArgs, Order};
use chainkey_chains::solana::{FINALITY, Solana};
use ic_management_canister_types::CanisterInstallMode;
use pocket_ic::common::rest::RawMessageId;
use pocket_ic::{CanisterSettings, EnvironmentVariable, PocketIc, update_candid};
use serde::de::DeserializeOwned;

/// How often what stopped is taken up again before it is given up.
const PATIENCE: usize = 20;

/// The chain, and the wallet that pays on it.
pub struct SolanaPayments<'a> {
    network: &'a PocketIc,
    wallet: Principal,
    standin: Principal,
    /// The chain.
    pub chain: Solana,
}

impl<'a> SolanaPayments<'a> {
    /// Installs the stand-in, and tells a wallet of it.
    ///
    /// # Errors
    /// A module has not been built, or the network rejected a call.
    ///
    /// # Panics
    /// Where the chain does not start.
    pub fn install(world: &'a World, wallet: &WalletCanister<'_>) -> Result<Self, WorldError> {
        let network = world.network();
        let chain = Solana::new().unwrap_or_else(|error| panic!("{error}"));
        let standin = network.create_canister();
        network.add_cycles(standin, 1_000_000_000_000_000);
        let module = canister_wasm("sol_rpc_standin")?;
        let arg = encode_one(InstallArgs::default()).expect("the arguments encode");
        world.install_code(standin, CanisterInstallMode::Install, module, arg)?;
        let variable = |name: &str, value: String| EnvironmentVariable {
            name: name.to_owned(),
            value,
        };
        let settings = CanisterSettings {
            environment_variables: Some(vec![
                variable("PUBLIC_CANISTER_ID:sol_rpc", standin.to_text()),
                variable("SOL_RPC_URL", chain.url().to_owned()),
            ]),
            ..CanisterSettings::default()
        };
        network.update_canister_settings(wallet.canister(), None, settings)?;
        network.add_cycles(wallet.canister(), 100_000_000_000_000);
        Ok(Self {
            network,
            wallet: wallet.canister(),
            standin,
            chain,
        })
    }

    /// Orders that the next so many requests of a method to the SOL RPC canister fail.
    ///
    /// # Panics
    /// Where the stand-in refuses, as in all that is not the wallet's.
    pub fn order(&self, method: &str, count: u32, fault: Fault) {
        let order = Some(Order {
            count,
            method: Some(method.to_owned()),
            fault,
        });
        let ordered: Result<(), _> =
            update_candid(self.network, self.standin, "order_faults", (order,));
        ordered.expect("the stand-in takes orders");
    }

    /// Carries a proposal out, as far as one call goes.
    ///
    /// # Errors
    /// The canister's answer; so for every method below.
    pub fn execute(&self, by: Principal, request: &[u8], proposal: u64) -> Answer<Proposal> {
        self.tell(by, "execute", (request.to_vec(), proposal))
    }

    /// The same without waiting for the answer.
    pub fn submit_execute(&self, by: Principal, request: &[u8], proposal: u64) -> RawMessageId {
        self.submit(by, "execute", (request.to_vec(), proposal))
    }

    /// The answer to it.
    ///
    /// # Errors
    /// The canister's.
    pub fn wait(&self, call: &RawMessageId) -> Answer<Proposal> {
        let reply = await_call(self.network, &mut &self.chain, call);
        decode_one(&reply.expect("an answer and no rejection")).expect("the answer decodes")
    }

    /// Has the chain answer the outcalls that wait; how many there were.
    pub fn answer_waiting(&self) -> usize {
        answer_waiting(self.network, &mut &self.chain)
    }

    /// Takes up what stopped.
    ///
    /// # Errors
    /// The canister's.
    pub fn resume(&self, by: Principal, proposal: u64) -> Answer<Proposal> {
        self.tell(by, "resume", (proposal,))
    }

    /// Takes a proposal up again, each time when all that was sent is final, until it has ended or is open again.
    ///
    /// # Errors
    /// The canister's.
    ///
    /// # Panics
    /// It has not ended after twenty times.
    pub fn settle(&self, by: Principal, proposal: u64) -> Answer<Proposal> {
        let mut last = None;
        for _ in 0..PATIENCE {
            self.advance(FINALITY);
            let resumed = self.resume(by, proposal)?;
            match resumed.stage {
                Stage::Reserved | Stage::Signing | Stage::Sent => last = Some(resumed),
                _ => return Ok(resumed),
            }
        }
        panic!("a payment does not end: {last:?}");
    }

    /// What an account holds.
    ///
    /// # Errors
    /// The canister's.
    pub fn refresh(&self, by: Principal, wallet: u64, account: Account) -> Answer<Holdings> {
        self.tell(by, "refresh", (wallet, account))
    }

    /// Lets slots pass.
    ///
    /// # Panics
    /// The chain does not answer, as in all that is the chain's.
    pub fn advance(&self, slots: u64) {
        self.chain.advance(slots).expect("slots pass");
    }

    fn tell<T: CandidType + DeserializeOwned>(
        &self,
        by: Principal,
        method: &str,
        arguments: impl ArgumentEncoder,
    ) -> T {
        let call = self.submit(by, method, arguments);
        let reply = await_call(self.network, &mut &self.chain, &call);
        decode_one(&reply.expect("an answer and no rejection")).expect("the answer decodes")
    }

    fn submit(&self, by: Principal, method: &str, arguments: impl ArgumentEncoder) -> RawMessageId {
        let arguments = encode_args(arguments).expect("the arguments encode");
        let call = self.network.submit_call(self.wallet, by, method, arguments);
        call.expect("the message is taken")
    }
}
