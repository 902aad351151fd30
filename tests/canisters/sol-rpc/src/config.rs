//! What the stand-in was told at installation: the installation arguments of the SOL RPC canister.
//!
//! - Kept as one Candid value in stable memory; an upgrade keeps it, and changes what its arguments name.
//! - Left out: API keys (providers have none here), the filter of a log (there is none), and every pattern of URLs but the one that stands for all.

use crate::interface::install::{InstallArgs, Mode};
use ic_cdk::storage::{stable_restore, stable_save};
use std::cell::RefCell;

/// The nodes of the subnet on which the SOL RPC canister is.
const FIDUCIARY: u32 = 34;

thread_local! {
    static KEPT: RefCell<InstallArgs> = RefCell::default();
}

pub(crate) fn install(args: InstallArgs) {
    if let Some(substitution) = args
        .overrideProvider
        .as_ref()
        .and_then(|it| it.overrideUrl.as_ref())
    {
        assert!(
            matches!(substitution.pattern.as_str(), ".*" | "^.*$"),
            "this stand-in knows only the pattern `.*`"
        );
    }
    stable_save((args.clone(),)).expect("stable memory can grow");
    KEPT.set(args);
}

pub(crate) fn reopen(changes: Option<InstallArgs>) {
    let (kept,): (InstallArgs,) = stable_restore().expect("the arguments can be read");
    let changes = changes.unwrap_or_default();
    install(InstallArgs {
        manageApiKeys: changes.manageApiKeys.or(kept.manageApiKeys),
        overrideProvider: changes.overrideProvider.or(kept.overrideProvider),
        logFilter: changes.logFilter.or(kept.logFilter),
        numSubnetNodes: changes.numSubnetNodes.or(kept.numSubnetNodes),
        mode: changes.mode.or(kept.mode),
    });
}

/// The URL that stands for all others, if one was given.
pub(crate) fn override_url() -> Option<String> {
    KEPT.with_borrow(|kept| {
        let substitution = kept.overrideProvider.as_ref()?.overrideUrl.as_ref()?;
        Some(substitution.replacement.clone())
    })
}

/// By how many nodes prices go.
pub(crate) fn nodes() -> u128 {
    KEPT.with_borrow(|kept| kept.numSubnetNodes.unwrap_or(FIDUCIARY).into())
}

/// Whether calls cost nothing.
pub(crate) fn is_demo() -> bool {
    KEPT.with_borrow(|kept| kept.mode == Some(Mode::Demo))
}
