//! A multi-chain wallet under policies: the canister's entry points.
//!
//! - What it does: wallets with members and a policy ([`create`], [`read`]), and their addresses on every chain, derived from the canister's
//!   own keys ([`prepare`], [`account`]); beside them the endpoints that every canister of the suite has (`canister_kit::canister!`).
//! - Interface: `candid/wallet.did`, which a test below compares with the code. docs/wallet.md tells how to use it.
//! - Stable memory: regions 0 to 9 as `canister_kit::memory` says, its own from 10 on in [`memory`].
//! - In and out: Candid. A refused installation or upgrade traps with the reason; a refused call answers `Err`.
//! - Left out: everything that signs.

use canister_kit::runtime::Replica;
use canister_kit::{Caller, InitArgs, Service};
use ic_cdk::{init, post_upgrade, query, update};

mod account;
mod asset;
mod create;
mod error;
mod event;
mod lock;
mod members;
mod memory;
mod name;
mod policy;
mod prepare;
mod read;
mod root_key;
mod runtime;
mod state;
mod wallet;

use account::Addresses;
use account::path::AccountIndex;
use create::NewWallet;
use error::WalletError;
use policy::RawPolicy;
use root_key::PublicKeys;
use state::Wallets;
use wallet::{WalletId, WalletView};

canister_kit::candid_metadata!("../../../candid/wallet.did");

/// What this code says about itself.
const SERVICE: Service = Service {
    name: env!("CARGO_PKG_NAME"),
    version: env!("CARGO_PKG_VERSION"),
    schema_version: 1,
};

canister_kit::canister! {
    service: SERVICE,
    product: Wallets<DefaultMemoryImpl>,
    open: Wallets::open,
}

#[init]
fn init(args: InitArgs) {
    kit::install(args);
}

#[post_upgrade]
fn post_upgrade() {
    kit::reopen();
}

/// Makes a wallet. Errors: Refused, Name, Members, Policy. Cycles: 1 B of the caller's admission. Who is one of its members may call.
#[update]
fn create_wallet(
    request_id: Vec<u8>,
    name: String,
    members: Vec<candid::Principal>,
    policy: RawPolicy,
) -> Result<WalletView, WalletError> {
    let caller = Caller::of(&Replica)?;
    let wish = NewWallet::of(request_id, name, members, policy);
    kit::change(|kit| create::create(kit, &Replica, caller, wish))
}

/// A wallet. Errors: NoSuchWallet. Cycles: none. Its members may call.
#[query]
fn get(id: u64) -> Result<WalletView, WalletError> {
    kit::read(|kit| read::get(kit, &Replica, WalletId::new(id)))
}

/// The caller's wallets from an id on. Errors: none. Cycles: none. Anyone may call, about itself only.
#[query]
fn list(from: u64, limit: u32) -> Vec<WalletView> {
    kit::read(|kit| read::list(kit, &Replica, WalletId::new(from), limit))
}

/// Where a wallet receives. Errors: NoSuchWallet, KeysNotPrepared. Cycles: none. Its members may call.
#[query]
fn addresses(id: u64, index: u32) -> Result<Addresses, WalletError> {
    let (id, index) = (WalletId::new(id), AccountIndex(index));
    kit::read(|kit| read::addresses(kit, &Replica, id, index))
}

/// Fetches and keeps the canister's own keys. Errors: Refused, KeysBeingPrepared, KeyUnavailable, KeyMalformed, KeyChanged. Cycles: none.
/// Anyone but the anonymous principal may call.
#[update]
async fn prepare_keys() -> Result<PublicKeys, WalletError> {
    let caller = Caller::of(&Replica)?;
    let preparation = kit::change(|kit| prepare::begin(kit, &Replica, caller))?;
    let keep = |fetched| kit::change(|kit| prepare::keep(kit, &Replica, fetched));
    preparation.run(&Replica, keep).await?;
    kit::read(prepare::public_keys)
}

#[cfg(test)]
#[path = "../../../crates/canister-kit/src/runtime/fake.rs"]
mod fake;

#[cfg(test)]
mod scene;

#[cfg(test)]
mod tests {
    use super::*;
    use candid_parser::utils::{CandidSource, service_equal};
    use canister_kit::memory::Regions;
    use canister_kit::stable::DefaultMemoryImpl;
    use canister_kit::{Admission, Environment, Kit};

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
        let (world, memory) = (fake::Fake::new(), DefaultMemoryImpl::default());
        let open = || {
            let regions = Regions::of(memory.clone());
            Kit::open(&regions, SERVICE, Wallets::open(&regions))
        };
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
        assert_eq!(installed.name, "wallet");
        assert_eq!(installed.key_name, "key_1");
    }
}
