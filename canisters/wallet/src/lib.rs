//! A multi-chain wallet under policies: the canister's entry points.
//!
//! - What it does: today it can be installed, upgraded and asked for its `info`; nothing more.
//! - Interface: `candid/wallet.did`, which a test below compares with the code.
//! - In and out: Candid. A refused installation or upgrade traps with the reason.
//! - Left out: everything that makes it a product; ARCHITECTURE.md says what comes next.

mod memory;
mod state;

use canister_kit::{Info, InitArgs, Service};
use ic_cdk::{init, post_upgrade, query, trap};

canister_kit::candid_metadata!("../../../candid/wallet.did");

/// What this code says about itself.
const SERVICE: Service = Service {
    name: env!("CARGO_PKG_NAME"),
    version: env!("CARGO_PKG_VERSION"),
    schema_version: memory::SCHEMA_VERSION,
};

#[init]
fn init(args: InitArgs) {
    state::config(|config| config.install(args, &SERVICE))
        .unwrap_or_else(|refusal| trap(refusal.to_string()));
}

#[post_upgrade]
fn post_upgrade() {
    state::config(|config| config.resume(&SERVICE))
        .unwrap_or_else(|refusal| trap(refusal.to_string()));
}

/// Which code runs, where, and with which key. Errors: none. Cycles: none. Anyone may call.
#[query]
fn info() -> Info {
    state::config(|config| config.info(&SERVICE))
        .unwrap_or_else(|refusal| trap(refusal.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use candid_parser::utils::{CandidSource, service_equal};
    use canister_kit::Environment;

    candid::export_service!();

    const CANDID: &str = include_str!("../../../candid/wallet.did");

    #[test]
    fn the_exported_interface_equals_the_candid_file() {
        let exported = __export_service();
        service_equal(CandidSource::Text(&exported), CandidSource::Text(CANDID))
            .unwrap_or_else(|difference| panic!("{difference}\n{exported}"));
    }

    #[test]
    fn info_tells_what_init_stored_also_after_an_upgrade() {
        init(InitArgs {
            environment: Environment::Production,
            key_name: "key_1".to_owned(),
        });
        let installed = info();
        post_upgrade();
        assert_eq!(info(), installed);
        assert_eq!(installed.name, "wallet");
        assert_eq!(installed.key_name, "key_1");
    }
}
