//! What the stand-in was told at installation and by its controllers.
//!
//! - In: [`InitArgs`], `set_config`. Out: the Bitcoin canister's configuration, and where the bridge is.
//! - Kept as one Candid value in stable memory, written at each change; an upgrade keeps it.

use candid::{CandidType, Deserialize};
use ic_btc_interface::{Config, Fees, Flag, NetworkInRequest, SetConfigRequest};
use ic_cdk::api::{is_controller, msg_caller};
use ic_cdk::storage::{stable_restore, stable_save};
use std::cell::RefCell;

/// What the stand-in must be told at installation.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct InitArgs {
    /// Where the chain answers, without a slash at the end.
    pub bridge: String,
    /// What calls cost; mainnet's fees if nothing is said.
    pub fees: Option<Fees>,
}

/// All that is kept.
#[derive(CandidType, Deserialize, Clone)]
pub(crate) struct Kept {
    pub(crate) bridge: String,
    pub(crate) fees: Fees,
    pub(crate) api_access: Flag,
}

impl Kept {
    /// The rest is as the Bitcoin canister has it on regtest by default.
    pub(crate) fn config(self) -> Config {
        Config {
            fees: self.fees,
            api_access: self.api_access,
            ..Config::default()
        }
    }
}

thread_local! {
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

/// What is in force.
///
/// # Panics
/// Nothing was installed, which cannot be.
pub(crate) fn get() -> Kept {
    KEPT.with_borrow(Clone::clone).expect("installed")
}

pub(crate) fn install(args: InitArgs) {
    keep(Kept {
        bridge: args.bridge,
        fees: args.fees.unwrap_or_else(Fees::mainnet),
        api_access: Flag::Enabled,
    });
}

pub(crate) fn reopen() {
    let (kept,) = stable_restore().expect("the configuration can be read");
    KEPT.set(Some(kept));
}

/// Changes fees and access; traps for anybody but a controller, and for what a stand-in does not have.
pub(crate) fn change(request: SetConfigRequest) {
    assert!(
        is_controller(&msg_caller()),
        "only controllers can set the config"
    );
    let SetConfigRequest {
        fees,
        api_access,
        stability_threshold: None,
        syncing: None,
        disable_api_if_not_fully_synced: None,
        watchdog_canister: None,
        burn_cycles: None,
        lazily_evaluate_fee_percentiles: None,
    } = request
    else {
        panic!("this stand-in has only fees and api_access to set");
    };
    let mut kept = get();
    kept.fees = fees.unwrap_or(kept.fees);
    kept.api_access = api_access.unwrap_or(kept.api_access);
    keep(kept);
}

fn keep(kept: Kept) {
    stable_save((kept.clone(),)).expect("stable memory can grow");
    KEPT.set(Some(kept));
}

/// Traps with the Bitcoin canister's texts if it does not serve this request.
pub(crate) fn require_service(network: NetworkInRequest) {
    let config = get().config();
    assert!(
        config.api_access == Flag::Enabled,
        "Bitcoin API is disabled"
    );
    let found = ic_btc_interface::Network::from(network);
    assert!(
        found == config.network,
        "Network must be {}. Found {found}",
        config.network
    );
}
