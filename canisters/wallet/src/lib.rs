//! A multi-chain wallet under policies: the canister's entry points.
//!
//! - What it does: wallets with members and a policy ([`create`], [`read`]), and their addresses on every chain, derived from the canister's
//!   own keys ([`prepare`], [`account`]); proposals and who decides about them ([`propose`], [`mod@quote`]), and carrying them out
//!   ([`mod@execute`]); beside them the endpoints that every canister of the suite has (`canister_kit::canister!`).
//! - Interface: `candid/wallet.did`, which a test below compares with the code. docs/wallet.md tells how to use it.
//! - Stable memory: regions 0 to 9 as `canister_kit::memory` says, its own from 10 on in [`memory`].
//! - In and out: Candid. A refused installation or upgrade traps with the reason; a refused call answers `Err`.

use canister_kit::runtime::Replica;
use canister_kit::{Caller, InitArgs, Service};
use ic_cdk::{init, post_upgrade, query, update};

mod account;
mod asset;
mod chain;
mod create;
mod destination;
mod effect;
mod error;
mod event;
mod execute;
mod holdings;
mod intent;
mod members;
mod memory;
mod name;
mod policy;
mod prepare;
mod proposal;
mod propose;
mod quote;
mod read;
mod root_key;
mod runtime;
mod signing;
mod state;
mod wallet;

use account::Addresses;
use account::path::AccountIndex;
use create::NewWallet;
use error::WalletError;
use execute::{Door, RaiseWanted, Started, Wanted};
use holdings::{Holdings, RawAccount};
use intent::RawIntent;
use policy::RawPolicy;
use proposal::{ProposalId, ProposalView};
use propose::Wish;
use quote::Quote;
use read::RawKeys;
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

/// Proposes something, and approves it. Errors: NoSuchWallet, Intent, Note, Expiry, TooManyProposals, Refused. Cycles: 4 B of the caller's
/// admission. The wallet's members may call.
#[update]
fn propose(
    id: u64,
    request_id: Vec<u8>,
    intent: RawIntent,
    expires_at: u64,
    note: String,
) -> Result<ProposalView, WalletError> {
    let caller = Caller::of(&Replica)?;
    let wish = Wish::of(WalletId::new(id), request_id, intent, expires_at, note);
    kit::change(|kit| propose::propose(kit, &Replica, caller, wish))
}

/// Approves a proposal. Errors: NoSuchProposal, NotOpen, OtherDigest, Refused (Anonymous and the quota). Cycles: none. The wallet's members
/// may call.
#[update]
fn approve(proposal: u64, intent_digest: Vec<u8>) -> Result<ProposalView, WalletError> {
    let (caller, id) = (Caller::of(&Replica)?, ProposalId::new(proposal));
    kit::change(|kit| propose::approve(kit, &Replica, caller, id, &intent_digest))
}

/// Rejects a proposal. Errors: NoSuchProposal, NotOpen, Refused (Anonymous and the quota). Cycles: none. The wallet's members may call.
#[update]
fn reject(proposal: u64) -> Result<ProposalView, WalletError> {
    let (caller, id) = (Caller::of(&Replica)?, ProposalId::new(proposal));
    kit::change(|kit| propose::reject(kit, &Replica, caller, id))
}

/// Cancels a proposal. Errors: NoSuchProposal, NotOpen, NotProposer, Refused (Anonymous and the quota). Cycles: none. Its proposer may call.
#[update]
fn cancel(proposal: u64) -> Result<ProposalView, WalletError> {
    let (caller, id) = (Caller::of(&Replica)?, ProposalId::new(proposal));
    kit::change(|kit| propose::cancel(kit, &Replica, caller, id))
}

/// Carries a proposal out. Errors: NoSuchProposal, NotOpen, NotReady, BeingCarriedOut, KeysNotPrepared, KeyUnavailable, Refused. Cycles: 1 B and
/// the fee of each signature, of the caller's admission. The wallet's members may call.
#[update]
async fn execute(request_id: Vec<u8>, proposal: u64) -> Result<ProposalView, WalletError> {
    let (caller, id) = (Caller::of(&Replica)?, ProposalId::new(proposal));
    match kit::change(|kit| execute::begin(kit, &Replica, caller, request_id, id))? {
        Started::Ended(view) => Ok(view),
        Started::Run(run) => Ok(execute::drive(&Canister, &Replica, run).await),
    }
}

/// Takes up what stopped. Errors: NoSuchProposal, NothingToResume, BeingCarriedOut, Refused (Anonymous, quota, admission). Cycles: what asking
/// again costs, of the caller's admission. The wallet's members may call.
#[update]
async fn resume(proposal: u64) -> Result<ProposalView, WalletError> {
    let (caller, id) = (Caller::of(&Replica)?, ProposalId::new(proposal));
    let run = kit::change(|kit| execute::resume(kit, &Replica, caller, id))?;
    Ok(execute::drive(&Canister, &Replica, run).await)
}

/// Replaces a Bitcoin transaction by one with a higher fee. Errors: NoSuchProposal, NothingToBump, BeingCarriedOut, Refused. Cycles: as for
/// `execute`. The wallet's members may call.
#[update]
async fn bump_fee(
    request_id: Vec<u8>,
    proposal: u64,
    fee_rate: u64,
) -> Result<ProposalView, WalletError> {
    let caller = Caller::of(&Replica)?;
    let wanted = Wanted::of(ProposalId::new(proposal), request_id, fee_rate);
    match kit::change(|kit| execute::bump(kit, &Replica, caller, wanted))? {
        Started::Ended(view) => Ok(view),
        Started::Run(run) => Ok(execute::drive(&Canister, &Replica, run).await),
    }
}

/// Raises the fees of a transaction on a chain of Ethereum's kind. Errors: NoSuchProposal, NothingToBump, BeingCarriedOut, Refused. Cycles: as for
/// `execute`. The wallet's members may call.
#[update]
async fn bump_evm_fee(
    request_id: Vec<u8>,
    proposal: u64,
    max_fee_per_gas: u128,
    max_priority_fee_per_gas: u128,
) -> Result<ProposalView, WalletError> {
    let fees = (max_fee_per_gas, max_priority_fee_per_gas);
    let id = ProposalId::new(proposal);
    raise_evm(RaiseWanted::fees(id, request_id, fees)).await
}

/// Puts a transaction that does nothing in the place of one on a chain of Ethereum's kind. Errors: NoSuchProposal, NothingToBump, BeingCarriedOut,
/// Refused. Cycles: as for `execute`. The wallet's members may call.
#[update]
async fn cancel_evm(
    request_id: Vec<u8>,
    proposal: u64,
    max_fee_per_gas: u128,
    max_priority_fee_per_gas: u128,
) -> Result<ProposalView, WalletError> {
    let fees = (max_fee_per_gas, max_priority_fee_per_gas);
    let id = ProposalId::new(proposal);
    raise_evm(RaiseWanted::cancellation(id, request_id, fees)).await
}

async fn raise_evm(wanted: RaiseWanted) -> Result<ProposalView, WalletError> {
    let caller = Caller::of(&Replica)?;
    match kit::change(|kit| execute::raise(kit, &Replica, caller, wanted))? {
        Started::Ended(view) => Ok(view),
        Started::Run(run) => Ok(execute::drive(&Canister, &Replica, run).await),
    }
}

/// What an account holds on its chain. Errors: NoSuchWallet, KeysNotPrepared, Silent, Refused. Cycles: what the Bitcoin canister takes, of the
/// caller's admission; none for ledgers. The wallet's members may call.
#[update]
async fn refresh(id: u64, account: RawAccount) -> Result<Holdings, WalletError> {
    let (caller, id) = (Caller::of(&Replica)?, WalletId::new(id));
    let question = kit::change(|kit| holdings::begin(kit, &Replica, caller, id, account))?;
    let answer = question.ask(&Replica).await;
    kit::change(|kit| holdings::end(kit, &Replica, answer))
}

/// The signed transaction of a proposal. Errors: NoSuchProposal, NothingSigned. Cycles: none. The wallet's members may call.
#[query]
fn signed_tx(proposal: u64) -> Result<serde_bytes::ByteBuf, WalletError> {
    kit::read(|kit| read::signed_tx(kit, &Replica, ProposalId::new(proposal)))
}

/// A proposal. Errors: NoSuchProposal. Cycles: none. The wallet's members may call.
#[query]
fn proposal(id: u64) -> Result<ProposalView, WalletError> {
    kit::read(|kit| read::proposal(kit, &Replica, ProposalId::new(id)))
}

/// The proposals of a wallet from an id on. Errors: NoSuchWallet. Cycles: none. Its members may call.
#[query]
fn proposals(id: u64, from: u64, limit: u32) -> Result<Vec<ProposalView>, WalletError> {
    let (id, from) = (WalletId::new(id), ProposalId::new(from));
    kit::read(|kit| read::proposals(kit, &Replica, id, from, limit))
}

/// Those that have not ended. Errors: NoSuchWallet. Cycles: none. Its members may call.
#[query]
fn pending(id: u64, from: u64, limit: u32) -> Result<Vec<ProposalView>, WalletError> {
    let (id, from) = (WalletId::new(id), ProposalId::new(from));
    kit::read(|kit| read::pending(kit, &Replica, id, from, limit))
}

/// What the policy would say about an intent. Errors: NoSuchWallet, Intent. Cycles: none. The wallet's members may call.
#[query]
fn quote(id: u64, intent: RawIntent) -> Result<Quote, WalletError> {
    kit::read(|kit| quote::quote(kit, &Replica, WalletId::new(id), intent))
}

/// The keys for raw signatures. Errors: NoSuchWallet, KeysNotPrepared. Cycles: none. The wallet's members may call.
#[query]
fn raw_keys(id: u64, index: u32) -> Result<RawKeys, WalletError> {
    let (id, index) = (WalletId::new(id), AccountIndex(index));
    kit::read(|kit| read::raw_keys(kit, &Replica, id, index))
}

/// This canister's kit, between two calls to others.
struct Canister;

impl Door for Canister {
    type Memory = canister_kit::stable::DefaultMemoryImpl;

    fn change<R>(&self, use_it: impl FnOnce(&mut kit::CanisterKit) -> R) -> R {
        kit::change(use_it)
    }
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
