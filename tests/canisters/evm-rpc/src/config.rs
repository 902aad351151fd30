//! What the stand-in was told at installation, and the faults that its controllers order.
//!
//! - In: [`InitArgs`], `set_faults`. Out: where named networks are, what calls pay for, who fails.
//! - Kept as one Candid value in stable memory, written at each change; an upgrade keeps it.

use crate::interface::{Fault, FaultOrder, InitArgs, RpcService};
use candid::{CandidType, Deserialize};
use ic_cdk::api::{is_controller, msg_caller};
use ic_cdk::storage::{stable_restore, stable_save};
use std::cell::RefCell;

/// How many nodes a call pays the processing fee for, if the installation does not say: as many as the EVM RPC canister's subnet has.
const NODES: u32 = 34;

#[derive(CandidType, Deserialize, Clone)]
struct Kept {
    args: InitArgs,
    faults: Vec<FaultOrder>,
}

thread_local! {
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

fn get() -> Kept {
    KEPT.with_borrow(Clone::clone).expect("installed")
}

fn keep(kept: Kept) {
    stable_save((kept.clone(),)).expect("stable memory can grow");
    KEPT.set(Some(kept));
}

pub(crate) fn install(args: InitArgs) {
    let faults = Vec::new();
    keep(Kept { args, faults });
}

pub(crate) fn reopen() {
    let (kept,) = stable_restore().expect("the configuration can be read");
    KEPT.set(Some(kept));
}

/// Replaces the faults that were ordered; traps for anybody but a controller.
pub(crate) fn order(faults: Vec<FaultOrder>) {
    assert!(
        is_controller(&msg_caller()),
        "only controllers can order faults"
    );
    keep(Kept { faults, ..get() });
}

/// Whether calls cost nothing.
pub(crate) fn is_demo() -> bool {
    get().args.demo.unwrap_or(false)
}

/// How many nodes a call pays the processing fee for.
pub(crate) fn nodes() -> u32 {
    get().args.nodes_in_subnet.unwrap_or(NODES)
}

/// Where the named providers of a chain are.
pub(crate) fn url_of(chain_id: u64) -> Option<String> {
    let networks = get().args.networks;
    let mut networks = networks.into_iter();
    let named = networks.find(|network| network.chain_id == chain_id)?;
    Some(named.url)
}

/// The first fault that was ordered for this provider and this method.
pub(crate) fn fault(service: &RpcService, method: &str) -> Option<Fault> {
    let mut faults = get().faults.into_iter();
    let ordered = faults.find(|order| {
        let this_service = order.service.as_ref().is_none_or(|one| one == service);
        let this_method = order.method.as_ref().is_none_or(|one| one == method);
        this_service && this_method
    })?;
    Some(ordered.fault)
}
