//! Creation of canisters, and cycles for them.
//!
//! Methods: create_canister, provisional_create_canister_with_cycles, provisional_top_up_canister, deposit_cycles. Source:
//! interface specification; recorded texts. Ids are taken in order from the subnet's last range; ids in use are left out.

use super::allocation::Demand;
use super::refusal::{advised, bad_argument, not_found};
use super::settings::SettingsChange;
use super::{Invocation, Reply, wire};
use crate::canister::{Canister, ChangeOrigin, CyclesUse, HistoryChange, HistoryEntry, Settings};
use crate::cycles::Cycles;
use crate::error::{ErrorCode, UserError};
use crate::ids::{CanisterId, CanisterRange};
use crate::subnet::SubnetState;
use candid::{Nat, Principal};
use ic_management_canister_types as types;
use num_traits::ToPrimitive;
use std::collections::BTreeSet;

/// Cycles of a canister made with `provisional_create_canister_with_cycles` that names no amount.
const PROVISIONAL_CYCLES: Cycles = Cycles(100_000_000_000_000);
/// The Candid encoding of no arguments at all.
const NO_ARGUMENTS: &[u8] = b"DIDL\0\0";

/// The next free id of the subnet's last range (the one that ids are allocated from); `None` if it is used up.
pub fn allocate_canister_id(state: &mut SubnetState) -> Option<CanisterId> {
    let range = allocation_range(state)?;
    let first = range.start.number()?;
    loop {
        let id = CanisterId::from_number(first.checked_add(state.created)?);
        if !range.contains(&id) {
            return None;
        }
        state.created += 1;
        if !state.canisters.contains_key(&id) {
            return Some(id);
        }
    }
}

/// The ids that the subnet gives to canisters that were not created with an id of their own.
fn allocation_range(state: &SubnetState) -> Option<CanisterRange> {
    let record = state.routing.subnets.get(&state.id())?;
    record.ranges.last().copied()
}

/// The argument of create_canister, which may be absent.
fn create_arguments(payload: &[u8]) -> Result<types::CreateCanisterArgs, UserError> {
    if payload == NO_ARGUMENTS {
        return Ok(types::CreateCanisterArgs::default());
    }
    wire::decode(payload)
}

/// `sender_canister_version` of create_canister.
pub(super) fn version_of_create(payload: &[u8]) -> Result<Option<u64>, UserError> {
    Ok(create_arguments(payload)?.sender_canister_version)
}

/// create_canister
pub(super) fn create_canister(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments = create_arguments(&call.payload)?;
    check_sender_subnet(state, call.caller())?;
    let fee = state.fees.canister_creation();
    let Some(balance) = call.cycles.checked_sub(fee) else {
        return Err(too_few_cycles(call.cycles, fee));
    };
    let origin = call.change_origin(arguments.sender_canister_version);
    let plan = Plan::new(state, call.caller(), arguments.settings, balance)?;
    let id = allocate_canister_id(state).ok_or_else(out_of_ids)?;
    let canister = plan.build(state, id, origin);
    state.canisters.insert(id, canister);
    if let Some(canister) = state.canisters.get_mut(&id) {
        *canister
            .consumed
            .entry(CyclesUse::CanisterCreation)
            .or_default() += fee;
    }
    call.cycles = Cycles::ZERO;
    Ok(created(id))
}

/// provisional_create_canister_with_cycles
pub(super) fn provisional_create_canister_with_cycles(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::ProvisionalCreateCanisterWithCyclesArgs = call.decode()?;
    let balance = match arguments.amount {
        Some(amount) => amount_of(&amount)?,
        None => PROVISIONAL_CYCLES,
    };
    let origin = call.change_origin(arguments.sender_canister_version);
    let plan = Plan::new(state, call.caller(), arguments.settings, balance)?;
    let id = match arguments.specified_id {
        Some(id) => free_id(state, CanisterId::new(id))?,
        None => allocate_canister_id(state).ok_or_else(out_of_ids)?,
    };
    let canister = plan.build(state, id, origin);
    state.canisters.insert(id, canister);
    Ok(created(id))
}

/// provisional_top_up_canister
pub(super) fn provisional_top_up_canister(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::ProvisionalTopUpCanisterArgs = call.decode()?;
    let amount = amount_of(&arguments.amount)?;
    add_cycles(state, CanisterId::new(arguments.canister_id), amount)
}

/// deposit_cycles
pub(super) fn deposit_cycles(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::DepositCyclesArgs = call.decode()?;
    let reply = add_cycles(state, CanisterId::new(arguments.canister_id), call.cycles)?;
    call.cycles = Cycles::ZERO;
    Ok(reply)
}

fn add_cycles(state: &mut SubnetState, id: CanisterId, amount: Cycles) -> Result<Reply, UserError> {
    let canister = state.canisters.get_mut(&id).ok_or_else(|| not_found(id))?;
    canister.balance += amount;
    Ok(Reply::Now(wire::nothing()))
}

fn created(id: CanisterId) -> Reply {
    Reply::Now(wire::encode(&types::CanisterIdRecord {
        canister_id: id.principal(),
    }))
}

fn amount_of(amount: &Nat) -> Result<Cycles, UserError> {
    amount.0.to_u128().map(Cycles).ok_or_else(|| {
        bad_argument(format!(
            "The amount of cycles {amount} is out of range of [0..2^128-1]"
        ))
    })
}

/// A canister that has been checked and can be made.
struct Plan {
    balance: Cycles,
    reserved: Cycles,
    settings: Settings,
    environment_variables_hash: Option<[u8; 32]>,
}

impl Plan {
    fn new(
        state: &SubnetState,
        caller: Principal,
        settings: Option<types::CanisterSettings>,
        balance: Cycles,
    ) -> Result<Self, UserError> {
        let change = SettingsChange::parse(settings.unwrap_or_default())?;
        let defaults = Settings::new(BTreeSet::from([caller]));
        let reserved = change.check(state, Demand::of_new(&defaults, balance))?;
        Ok(Plan {
            balance: balance - reserved,
            reserved,
            settings: change.applied_to(&defaults),
            environment_variables_hash: change.environment_hash(),
        })
    }

    fn build(self, state: &SubnetState, id: CanisterId, origin: ChangeOrigin) -> Canister {
        let controllers = BTreeSet::clone(&self.settings.controllers);
        let mut canister = Canister::new(id, self.settings, self.balance, state.time);
        canister.reserved_balance = self.reserved;
        canister.history.push(HistoryEntry {
            time: state.time,
            version: canister.version,
            origin,
            change: HistoryChange::Creation {
                controllers,
                environment_variables_hash: self.environment_variables_hash,
            },
        });
        canister
    }
}

/// Canisters are created for canisters of the same subnet and of the root subnet only.
fn check_sender_subnet(state: &SubnetState, caller: Principal) -> Result<(), UserError> {
    match state.routing.host(CanisterId::new(caller)) {
        Some(subnet) if subnet != state.id() && subnet != state.routing.root => {
            Err(super::refusal::contract_violation(format!(
                "Incorrect sender subnet id: {subnet}. Sender should be on the same subnet or on the NNS subnet."
            )))
        }
        _ => Ok(()),
    }
}

/// An id that a user asked for, if it may be given.
fn free_id(state: &SubnetState, id: CanisterId) -> Result<CanisterId, UserError> {
    let subnet = state.id();
    if state.routing.host(id) != Some(subnet) {
        return Err(UserError::new(
            ErrorCode::CanisterNotHostedBySubnet,
            format!(
                "Unsuccessful validation of specified ID: Specified CanisterId {id} is not hosted by subnet {subnet}."
            ),
        ));
    }
    if allocation_range(state).is_some_and(|range| range.contains(&id)) {
        return Err(UserError::new(
            ErrorCode::InvalidManagementPayload,
            format!(
                "The `specified_id` {id} is invalid because it belongs to the canister allocation ranges of the test environment.\nUse a `specified_id` that matches a canister ID on the ICP mainnet and a test environment that supports canister creation with `specified_id` (e.g., PocketIC)."
            ),
        ));
    }
    if state.canisters.contains_key(&id) {
        return Err(UserError::new(
            ErrorCode::CanisterIdAlreadyExists,
            format!("Unsuccessful canister creation: canister id {id} already exists."),
        ));
    }
    Ok(id)
}

fn out_of_ids() -> UserError {
    advised(
        ErrorCode::SubnetOversubscribed,
        "Could not create canister. Subnet has surpassed its canister ID allocation.",
        "Try creating the canister on another subnet.",
        "subnet-out-of-canister-ids",
    )
}

fn too_few_cycles(sent: Cycles, required: Cycles) -> UserError {
    advised(
        ErrorCode::InsufficientCyclesForCreateCanister,
        format!(
            "Creating a canister requires a fee of {required} that is deducted from the canister's initial balance but only {sent} cycles were received with the create_canister request."
        ),
        "Try sending more cycles with the request.",
        "create-canister-not-enough-cycles",
    )
}
