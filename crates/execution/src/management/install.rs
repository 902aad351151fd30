//! Installing code. Methods: install_code, install_chunked_code.
//!
//! Source: interface specification, "install_code"; recorded order of checks, charges and texts. Order: prepay, check the mode,
//! compile, run, swap in or discard, give back what was not used. The fee of a message is kept in any case.

use super::access::{controlled, existing};
use super::allocation::{cannot_grow, reserve_for_growth};
use super::chunks::{MAX_CHUNK_BYTES, join_chunks};
use super::code::Installation;
use super::long_installation::{Finished, finish, hold};
use super::refusal::{Unpaid, advised, cannot_pay, contract_violation, not_found};
use super::{Invocation, Reply, wire};
use crate::canister::{
    Canister, ChangeOrigin, CyclesUse, DeploymentMode, HistoryChange, HistoryEntry, Installed,
};
use crate::cycles::fees::Width;
use crate::entry::failure;
use crate::error::{ErrorCode, UserError};
use crate::ids::CanisterId;
use crate::memory::StableMemory;
use crate::sandbox::{WasmState, fresh_state};
use crate::subnet::SubnetState;
use crate::wasm::{CompiledModule, WasmError, declared_width, failed_compilation_cost};
use candid::Principal;
use ic_management_canister_types as types;
use std::sync::Arc;
use types::{CanisterInstallMode as Mode, WasmMemoryPersistence as Persistence};

/// The custom section by which a module says that it wants its heap kept over upgrades.
const PERSISTENCE_SECTION: &str = "enhanced-orthogonal-persistence";

/// Where the module comes from.
enum Source {
    /// With the call.
    Module(Vec<u8>),
    /// From a chunk store.
    Chunks {
        store: CanisterId,
        list: Vec<types::ChunkHash>,
        hash: [u8; 32],
    },
}

struct Deployment {
    mode: Mode,
    source: Source,
    arg: Arc<[u8]>,
    caller: Principal,
    origin: ChangeOrigin,
}

/// install_code
pub(super) fn install_code(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::InstallCodeArgs = call.decode()?;
    let id = CanisterId::new(arguments.canister_id);
    controlled(state, id, call.caller())?;
    let deployment = Deployment {
        mode: arguments.mode,
        source: Source::Module(arguments.wasm_module),
        arg: arguments.arg.into(),
        caller: call.caller(),
        origin: call.change_origin(arguments.sender_canister_version),
    };
    deploy(state, call, id, deployment)
}

/// install_chunked_code
pub(super) fn install_chunked_code(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::InstallChunkedCodeArgs = call.decode()?;
    let id = CanisterId::new(arguments.target_canister);
    let caller = call.caller();
    let hash = <[u8; 32]>::try_from(arguments.wasm_module_hash.as_slice()).map_err(|_| {
        contract_violation(format!(
            "Invalid wasm hash {:?}",
            arguments.wasm_module_hash
        ))
    })?;
    controlled(state, id, caller)?;
    let store = CanisterId::new(
        arguments
            .store_canister
            .unwrap_or(arguments.target_canister),
    );
    check_store(state, id, store, caller)?;
    let deployment = Deployment {
        mode: arguments.mode,
        source: Source::Chunks {
            store,
            list: arguments.chunk_hashes_list,
            hash,
        },
        arg: arguments.arg.into(),
        caller,
        origin: call.change_origin(arguments.sender_canister_version),
    };
    deploy(state, call, id, deployment)
}

/// Whoever installs from another canister's store has to control that one as well, or be it.
fn check_store(
    state: &SubnetState,
    target: CanisterId,
    store: CanisterId,
    caller: Principal,
) -> Result<(), UserError> {
    if existing(state, store).is_err() {
        return Err(contract_violation(format!(
            "InstallChunkedCode Error: Store canister {store} was not found on subnet {} of target canister {target}",
            state.id()
        )));
    }
    if caller != store.principal() {
        controlled(state, store, caller)?;
    }
    Ok(())
}

/// Installs; the canister stays as it was if anything fails, but for the fee and the log.
fn deploy(
    state: &mut SubnetState,
    call: &mut Invocation,
    id: CanisterId,
    deployment: Deployment,
) -> Result<Reply, UserError> {
    let fees = state.fees.clone();
    let width = width_of(state, &deployment.source);
    let canister = state.canisters.get_mut(&id).ok_or_else(|| not_found(id))?;
    let limit = state.config.instructions.install;
    let prepaid = fees.execution(limit, width);
    canister
        .can_pay(&fees, prepaid, &deployment.caller)
        .map_err(|error| cannot_pay(Unpaid::Installation, error))?;
    canister.charge(prepaid, CyclesUse::Instructions);
    let balance_before = canister.balance;
    let mut installation = Installation {
        canister: canister.clone(),
        caller: deployment.caller,
        prepaid,
        limit,
        used: 0,
        records: Vec::new(),
    };
    let result = run(state, &mut installation, deployment);
    let unused = fees.instructions(limit - installation.used, width);
    let is_long = installation.used > state.config.instructions.install_slice;
    let finished = Finished {
        result,
        installation,
        balance_before,
        unused: unused.min(prepaid),
    };
    if is_long {
        let cycles = std::mem::take(&mut call.cycles);
        hold(state, id, call.origin.clone(), cycles, finished);
        return Ok(Reply::Later);
    }
    finish(state, id, finished).map(|()| Reply::Now(wire::nothing()))
}

fn run(
    state: &mut SubnetState,
    work: &mut Installation,
    deployment: Deployment,
) -> Result<(), UserError> {
    let id = work.canister.id;
    check_mode(&work.canister, deployment.mode)?;
    let wasm: Arc<[u8]> = module_bytes(state, work, deployment.source)?.into();
    let module = state.engine.compile(&wasm).map_err(|error| {
        work.count(failed_compilation_cost(&wasm));
        invalid_module(id, &error)
    })?;
    check_persistence(work.canister.module(), &module, deployment.mode)?;
    let before = work.canister.memory_usage();
    if let Mode::Upgrade(flags) = deployment.mode
        && !flags
            .and_then(|flags| flags.skip_pre_upgrade)
            .unwrap_or(false)
    {
        work.pre_upgrade(state)?;
    }
    work.count_compilation(state, module.hash, module.compilation_cost);
    let keep_heap = keeps_heap(deployment.mode);
    let installed = Installed { module, wasm };
    replace_code(state, work, installed, deployment.mode, keep_heap)?;
    record(state, work, deployment.mode, deployment.origin);
    work.start(state)?;
    match deployment.mode {
        Mode::Upgrade(_) => work.post_upgrade(state, deployment.arg)?,
        Mode::Install | Mode::Reinstall => work.init(state, deployment.arg)?,
    }
    check_growth(state, work, before)
}

fn check_mode(canister: &Canister, mode: Mode) -> Result<(), UserError> {
    match (mode, &canister.installed) {
        (Mode::Install, Some(_)) => Err(advised(
            ErrorCode::CanisterNonEmpty,
            format!(
                "Canister {} cannot be installed because the canister is not empty. Try installing with mode='reinstall' instead.",
                canister.id
            ),
            "Check that you want to overwrite the canister and, if so, use mode='reinstall'.",
            "canister-not-empty",
        )),
        (Mode::Upgrade(_), None) => Err(failure::no_module(canister.id)),
        _ => Ok(()),
    }
}

/// The width of the new code, by which its installation is charged.
fn width_of(state: &SubnetState, source: &Source) -> Width {
    match source {
        Source::Module(module) => declared_width(module),
        Source::Chunks { store, list, hash } => {
            let joined = existing(state, *store).and_then(|store| join_chunks(store, list, hash));
            joined.map_or(Width::Wasm32, |module| declared_width(&module))
        }
    }
}

fn module_bytes(
    state: &SubnetState,
    work: &mut Installation,
    source: Source,
) -> Result<Vec<u8>, UserError> {
    match source {
        Source::Module(module) => Ok(module),
        Source::Chunks { store, list, hash } => {
            work.count((list.len() * MAX_CHUNK_BYTES) as u64);
            join_chunks(existing(state, store)?, &list, &hash)
        }
    }
}

/// The error for a module that can't be installed.
pub(super) fn invalid_module(canister: CanisterId, error: &WasmError) -> UserError {
    let code = match error {
        WasmError::Instantiation(_) => ErrorCode::CanisterWasmEngineError,
        WasmError::Invalid(_) | WasmError::Instrumentation(_) => ErrorCode::CanisterInvalidWasm,
    };
    UserError::new(code, format!("Error from Canister {canister}: {error}"))
}

fn persistence(mode: Mode) -> Option<Persistence> {
    match mode {
        Mode::Upgrade(Some(flags)) => flags.wasm_memory_persistence,
        _ => None,
    }
}

fn keeps_heap(mode: Mode) -> bool {
    persistence(mode) == Some(Persistence::Keep)
}

/// The heap is kept only by agreement: the new module supports it, and whoever replaces such a module says what is to be.
fn check_persistence(
    old: Option<&Arc<CompiledModule>>,
    new: &CompiledModule,
    mode: Mode,
) -> Result<(), UserError> {
    let supports =
        |module: &CompiledModule| module.custom_sections.contains_key(PERSISTENCE_SECTION);
    match (mode, persistence(mode)) {
        (Mode::Upgrade(_), None) if old.is_some_and(|old| supports(old)) => {
            Err(contract_violation(
                "Missing upgrade option: Enhanced orthogonal persistence requires the `wasm_memory_persistence` upgrade option.",
            ))
        }
        (_, Some(Persistence::Keep)) if !supports(new) => Err(contract_violation(
            "Invalid upgrade option: The `wasm_memory_persistence: opt Keep` upgrade option requires that the new canister module supports enhanced orthogonal persistence.",
        )),
        _ => Ok(()),
    }
}

/// Puts the new code in place, with the state that its mode leaves it.
fn replace_code(
    state: &SubnetState,
    work: &mut Installation,
    installed: Installed,
    mode: Mode,
    keep_heap: bool,
) -> Result<(), UserError> {
    work.reset_hooks();
    let old = std::mem::take(&mut work.canister.wasm_state);
    let stable = match mode {
        Mode::Upgrade(_) => old.stable,
        Mode::Install | Mode::Reinstall => {
            work.canister.certified_data.clear();
            work.canister.log.clear();
            StableMemory::default()
        }
    };
    let fresh = fresh_state(&installed.module, stable).map_err(|trap| work.trapped(state, trap))?;
    work.canister.wasm_state = if keep_heap {
        WasmState {
            heap: old.heap,
            ..fresh
        }
    } else {
        fresh
    };
    work.canister.installed = Some(installed);
    Ok(())
}

/// A canister must be able to hold what it has become.
fn check_growth(
    state: &SubnetState,
    work: &mut Installation,
    before: u64,
) -> Result<(), UserError> {
    let after = work.canister.memory_usage();
    if after <= before {
        return Ok(());
    }
    let held = |usage: u64| usage.max(work.canister.settings.memory_allocation);
    let added = held(after) - held(before);
    reserve_for_growth(state, &mut work.canister, added)?;
    let canister = &work.canister;
    let threshold = canister.freezing_threshold(&state.fees);
    // What was prepaid and not used will be given back.
    let unused = state
        .fees
        .instructions(work.limit - work.used, canister.width());
    let balance = canister.balance + unused;
    if balance >= threshold {
        return Ok(());
    }
    Err(cannot_grow(after - before, threshold - balance))
}

fn record(state: &SubnetState, work: &mut Installation, mode: Mode, origin: ChangeOrigin) {
    let canister = &mut work.canister;
    canister.version += 1;
    canister.installed_at = Some(state.time);
    let Some(module) = canister.module() else {
        return;
    };
    let change = HistoryChange::CodeDeployment {
        mode: match mode {
            Mode::Install => DeploymentMode::Install,
            Mode::Reinstall => DeploymentMode::Reinstall,
            Mode::Upgrade(_) => DeploymentMode::Upgrade,
        },
        module_hash: module.hash,
    };
    canister.history.push(HistoryEntry {
        time: state.time,
        version: canister.version,
        origin,
        change,
    });
}
