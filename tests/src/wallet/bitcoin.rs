//! The wallet with a Bitcoin network of its own: a regtest chain that Bitcoin Core's kernel judges, and the stand-in for the Bitcoin canister.
//!
//! - What it does: [`BitcoinPayments::install`] installs the stand-in and tells the wallet its id in the environment variable that a developer's
//!   network has; the methods below make calls of the wallet and answer the outcalls that they lead to from the chain.
//! - Only the client's public interface is used: outcalls are answered through its mock.
//! - In: a world with a wallet. Out: the wallet's own answers.

use super::WalletCanister;
use super::interface::{Account, Answer, Holdings, Proposal};
use crate::world::{World, WorldError, canister_wasm};
use bitcoin::{Address, ScriptBuf, Txid};
use candid::utils::ArgumentEncoder;
use candid::{CandidType, Principal, encode_one};
use chainkey_chains::bitcoin::standin::InitArgs;
use chainkey_chains::bitcoin::{ChainError, Regtest, outcalls};
use ic_management_canister_types::CanisterInstallMode;
use serde::de::DeserializeOwned;

/// Blocks until a coinbase can be spent.
const MATURITY: u32 = 100;

/// The chain, and the wallet that pays on it.
pub struct BitcoinPayments<'a> {
    wallet: WalletCanister<'a>,
    /// The chain.
    pub chain: Regtest,
}

/// A script of an address of the regtest network.
///
/// # Panics
/// If it is none.
pub fn script_of(address: &str) -> ScriptBuf {
    let address: Address<_> = address.parse().expect("an address");
    address.assume_checked().script_pubkey()
}

/// A script that nobody spends from, for blocks that are mined for their height.
pub fn nobody() -> ScriptBuf {
    ScriptBuf::new_op_return(b"nobody")
}

impl<'a> BitcoinPayments<'a> {
    /// Installs the stand-in, and tells a wallet of it.
    ///
    /// # Errors
    /// A module has not been built, or the network rejected a call.
    ///
    /// # Panics
    /// Where the kernel does not start.
    pub fn install(world: &'a World, wallet: &WalletCanister<'_>) -> Result<Self, WorldError> {
        let network = world.network();
        let standin = network.create_canister();
        network.add_cycles(standin, 1_000_000_000_000_000);
        let args = InitArgs {
            bridge: outcalls::BASE.to_owned(),
            fees: None,
        };
        let module = canister_wasm("bitcoin_standin")?;
        let arg = encode_one(&args).expect("the arguments encode");
        world.install_code(standin, CanisterInstallMode::Install, module, arg)?;
        wallet.set_environment(&[("PUBLIC_CANISTER_ID:bitcoin", &standin.to_text())])?;
        network.add_cycles(wallet.canister(), 100_000_000_000_000);
        Ok(Self {
            wallet: WalletCanister::at(network, wallet.canister()),
            chain: Regtest::new().expect("a chain"),
        })
    }

    /// Mines a coin of 50 bitcoin for each address, and so many blocks on top that it can be spent.
    ///
    /// # Errors
    /// Those of the chain.
    pub fn fund(&mut self, addresses: &[&str]) -> Result<(), ChainError> {
        for address in addresses {
            self.chain.mine(1, &script_of(address))?;
        }
        self.mine(MATURITY)
    }

    /// Mines blocks with what waits.
    ///
    /// # Errors
    /// Those of the chain.
    pub fn mine(&mut self, blocks: u32) -> Result<(), ChainError> {
        self.chain.mine(blocks, &nobody()).map(drop)
    }

    /// How many blocks have confirmed a proposal's transaction; nothing if the chain does not know it.
    pub fn confirmations(&self, proposal: &Proposal) -> Option<u32> {
        let txid: Txid = proposal.bitcoin.as_ref()?.txid.parse().ok()?;
        self.chain.confirmations(&txid)
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

    /// Replaces a transaction by one with a higher fee.
    ///
    /// # Errors
    /// The canister's.
    pub fn bump_fee(
        &mut self,
        by: Principal,
        request: &[u8],
        proposal: u64,
        fee_rate: u64,
    ) -> Answer<Proposal> {
        self.tell(by, "bump_fee", (request.to_vec(), proposal, fee_rate))
    }

    /// What an account holds.
    ///
    /// # Errors
    /// The canister's.
    pub fn refresh(&mut self, by: Principal, wallet: u64, index: u32) -> Answer<Holdings> {
        self.tell(by, "refresh", (wallet, Account::Bitcoin { index }))
    }

    fn tell<T: CandidType + DeserializeOwned>(
        &mut self,
        by: Principal,
        method: &str,
        arguments: impl ArgumentEncoder,
    ) -> T {
        self.wallet
            .tell_over(&mut self.chain, by, method, arguments)
    }
}
