//! The wallet with an EVM of its own: Foundry's anvil, contracts on it, and the stand-in for the EVM RPC canister.
//!
//! - What it does: [`EvmPayments::install`] installs the stand-in and tells the wallet its id in the environment variable that a developer's
//!   network has; the methods below make calls of the wallet and answer the outcalls that they lead to from the chain.
//! - Only the client's public interface is used: outcalls are answered through its mock.
//! - In: a world with a wallet. Out: the wallet's own answers, and what the chain says.

use super::WalletCanister;
use super::interface::{Account, Answer, Holdings, Proposal};
use crate::world::{World, WorldError, canister_wasm};
use candid::utils::ArgumentEncoder;
use candid::{CandidType, Principal, encode_one};
use chainkey_chains::ethereum::abi::call;
use chainkey_chains::ethereum::interface::{FaultOrder, InitArgs, NetworkUrl};
use chainkey_chains::ethereum::{Address, Anvil, EvmError, Mined, outcalls};
use ic_management_canister_types::CanisterInstallMode;
use pocket_ic::{PocketIc, update_candid};
use serde::de::DeserializeOwned;
use thiserror::Error;

/// How many tokens there are in the beginning, all of them the payer's.
pub const SUPPLY: u128 = 1_000_000_000;

/// How many blocks anvil holds to be not final: two epochs.
const FINAL: u64 = 64;

/// Why there is no EVM for a wallet.
#[derive(Error, Debug)]
pub enum EvmPaymentsError {
    /// The network's part failed.
    #[error(transparent)]
    World(#[from] WorldError),
    /// The EVM's part failed.
    #[error(transparent)]
    Evm(#[from] EvmError),
}

/// The chain with three contracts on it, and the wallet that pays on it.
pub struct EvmPayments<'a> {
    network: &'a PocketIc,
    /// The wallet.
    pub wallet: WalletCanister<'a>,
    /// The stand-in.
    pub standin: Principal,
    /// The chain.
    pub evm: Anvil,
    /// An account of the EVM's, which pays for what the wallet does not.
    pub payer: Address,
    /// An ERC-20 with permits.
    pub token: Address,
    /// A contract that takes what it is allowed to take.
    pub spender: Address,
    /// A contract that records what somebody signed.
    pub verifier: Address,
}

impl<'a> EvmPayments<'a> {
    /// Starts an EVM with a chain id, makes the contracts, installs the stand-in, and tells a wallet of it.
    ///
    /// # Errors
    /// A module has not been built, the EVM is not installed, or the network rejected a call.
    pub fn install(
        world: &'a World,
        wallet: &WalletCanister<'_>,
        chain_id: u64,
    ) -> Result<Self, EvmPaymentsError> {
        let evm = Anvil::of_chain(chain_id)?;
        let payer = *evm.accounts()?.first().ok_or_else(nobody)?;
        let (token, spender, verifier) = (
            evm.deploy(payer, "Token", &[SUPPLY.into()])?,
            evm.deploy(payer, "Spender", &[])?,
            evm.deploy(payer, "Verifier", &[])?,
        );
        let network = world.network();
        let standin = network.create_canister();
        let url = outcalls::provider("named", chain_id);
        let args = InitArgs {
            networks: vec![NetworkUrl {
                chain_id,
                url: url.clone(),
            }],
            ..InitArgs::default()
        };
        let module = canister_wasm("evm_rpc_standin")?;
        let arg = encode_one(&args).expect("the arguments encode");
        world.install_code(standin, CanisterInstallMode::Install, module, arg)?;
        wallet.set_environment(&[
            ("PUBLIC_CANISTER_ID:evm_rpc", &standin.to_text()),
            (&format!("EVM_RPC_URL:{chain_id}"), &url),
        ])?;
        network.add_cycles(wallet.canister(), 100_000_000_000_000);
        Ok(Self {
            network,
            wallet: WalletCanister::at(network, wallet.canister()),
            standin,
            evm,
            payer,
            token,
            spender,
            verifier,
        })
    }

    /// Gives an address tokens and ether.
    ///
    /// # Errors
    /// The EVM's; so for every method below that names none.
    pub fn fund(&self, address: Address, tokens: u128, wei: u128) -> Result<(), EvmError> {
        self.evm.set_balance(address, wei)?;
        let fund = call(
            "transfer(address,uint256)",
            &[address.into(), tokens.into()],
        );
        self.carry_out(self.token, &fund).map(drop)
    }

    /// How many tokens an address has.
    ///
    /// # Errors
    /// The EVM's.
    pub fn tokens(&self, of: Address) -> Result<u128, EvmError> {
        let call = call("balanceOf(address)", &[of.into()]);
        self.evm.ask_number(self.token, &call)
    }

    /// The payer calls a contract, in the next block.
    ///
    /// # Errors
    /// The EVM's; the contract refuses.
    pub fn carry_out(&self, contract: Address, call: &[u8]) -> Result<Mined, EvmError> {
        self.evm.carry_out(self.payer, Some(contract), 0, call)
    }

    /// Has providers fail from now on; none any more if the list is empty.
    ///
    /// # Panics
    /// The network rejected the call.
    pub fn order(&self, faults: &[FaultOrder]) {
        let arguments = (faults.to_vec(),);
        let ordered: Result<(), _> =
            update_candid(self.network, self.standin, "set_faults", arguments);
        ordered.expect("the creator is the controller");
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

    /// Replaces a transaction by the same one with higher fees: the highest fee, and the highest priority fee, in wei.
    ///
    /// # Errors
    /// The canister's.
    pub fn bump(
        &mut self,
        by: Principal,
        request: &[u8],
        proposal: u64,
        fees: (u128, u128),
    ) -> Answer<Proposal> {
        let arguments = (request.to_vec(), proposal, fees.0, fees.1);
        self.tell(by, "bump_evm_fee", arguments)
    }

    /// Replaces a transaction by one that does nothing.
    ///
    /// # Errors
    /// The canister's.
    pub fn cancel(
        &mut self,
        by: Principal,
        request: &[u8],
        proposal: u64,
        fees: (u128, u128),
    ) -> Answer<Proposal> {
        let arguments = (request.to_vec(), proposal, fees.0, fees.1);
        self.tell(by, "cancel_evm", arguments)
    }

    /// What an account holds.
    ///
    /// # Errors
    /// The canister's.
    pub fn refresh(&mut self, by: Principal, wallet: u64, account: Account) -> Answer<Holdings> {
        self.tell(by, "refresh", (wallet, account))
    }

    /// Mines until everything that was mined before is final.
    ///
    /// # Errors
    /// The EVM's.
    pub fn finalize(&self) -> Result<(), EvmError> {
        self.evm.mine(FINAL)
    }

    fn tell<T: CandidType + DeserializeOwned>(
        &mut self,
        by: Principal,
        method: &str,
        arguments: impl ArgumentEncoder,
    ) -> T {
        self.wallet.tell_over(&mut self.evm, by, method, arguments)
    }
}

fn nobody() -> EvmError {
    EvmError::NoContract("an account".to_owned())
}
