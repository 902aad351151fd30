//! Raffles, lotteries and shuffles with public proofs: the canister's entry points.
//!
//! - What it does: today it has the endpoints that every canister of the suite has (`canister_kit::canister!`); nothing more.
//! - Interface: `candid/draws.did`, which a test below compares with the code.
//! - Stable memory: regions 0 to 9 as `canister_kit::memory` says; none of its own yet.
//! - In and out: Candid. A refused installation or upgrade traps with the reason.
//! - Left out: everything that makes it a product; ARCHITECTURE.md says what comes next.

use canister_kit::{InitArgs, NoProduct, Service};
use ic_cdk::{init, post_upgrade};

canister_kit::candid_metadata!("../../../candid/draws.did");

/// What this code says about itself.
const SERVICE: Service = Service {
    name: env!("CARGO_PKG_NAME"),
    version: env!("CARGO_PKG_VERSION"),
    schema_version: 1,
};

canister_kit::canister! {
    service: SERVICE,
    product: NoProduct,
    open: |_| NoProduct,
}

#[init]
fn init(args: InitArgs) {
    kit::install(args);
}

#[post_upgrade]
fn post_upgrade() {
    kit::reopen();
}

#[cfg(test)]
#[path = "../../../crates/canister-kit/src/runtime/fake.rs"]
mod fake;

#[cfg(test)]
mod tests {
    use super::*;
    use candid_parser::utils::{CandidSource, service_equal};
    use canister_kit::memory::Regions;
    use canister_kit::stable::DefaultMemoryImpl;
    use canister_kit::{Admission, Environment, Kit};

    candid::export_service!();

    const CANDID: &str = include_str!("../../../candid/draws.did");

    #[test]
    fn the_exported_interface_equals_the_candid_file() {
        let exported = __export_service();
        service_equal(CandidSource::Text(&exported), CandidSource::Text(CANDID))
            .unwrap_or_else(|difference| panic!("{difference}\n{exported}"));
    }

    #[test]
    fn info_tells_what_init_stored_also_after_an_upgrade() {
        let (world, memory) = (fake::Fake::new(), DefaultMemoryImpl::default());
        let open = || Kit::open(&Regions::of(memory.clone()), SERVICE, NoProduct);
        let args = InitArgs {
            environment: Environment::Production,
            key_name: "key_1".to_owned(),
            guardian: None,
            admission: Admission::Prepaid,
        };
        let mut kit = open();
        kit.install(&world, args).unwrap();
        let installed = kit.info();
        let upgraded = open();
        upgraded.reopen().unwrap();
        assert_eq!(upgraded.info(), installed);
        assert_eq!(installed.name, "draws");
        assert_eq!(installed.key_name, "key_1");
    }
}
