//! The System API: what canister code may import from `ic0`.
//!
//! Source: interface specification, "System API", as of ic0 1.2.0. [`table`] lists every import with the contexts that may call it,
//! its cost and its function; the functions lie in one file per group. In: the arguments of a call and the host of the execution.
//! Out: a value, a changed host, or a trap that ends the execution. Signatures are those of `wasm::SYSTEM_API_IMPORTS`.

mod calls;
mod certified_data;
mod context;
mod cost;
mod counters;
mod cycles;
mod environment_variables;
mod identity;
mod linking;
mod message;
mod reply;
mod stable_memory;
mod system_call;
mod table;
mod text;
mod time;

pub(crate) use calls::CallInPreparation;
pub(crate) use context::ContextMask;
pub(crate) use linking::{Linked, linked};

/// The letters of the contexts that may call an import.
#[cfg(test)]
pub(crate) fn contexts_of(import: &str) -> Option<&'static str> {
    table::IMPORTS
        .iter()
        .find(|row| row.name == import)
        .map(|row| row.contexts.0)
}

/// The names of all imports.
#[cfg(test)]
pub(crate) fn import_names() -> impl Iterator<Item = &'static str> {
    table::IMPORTS.iter().map(|row| row.name)
}
