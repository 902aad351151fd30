//! The contexts in which canister code runs, by the letters of the specification.
//!
//! In: a [`Context`]. Out: its letters and the name that messages use. Leaves out: what may be called where (see `table`).

use crate::sandbox::{Context, Host, SystemTask};
use candid::Principal;

impl Context {
    /// The letters of the specification's table of imports.
    pub(crate) fn letters(&self) -> &'static str {
        match self {
            Context::Start => "s",
            Context::Init { .. } => "I",
            Context::PreUpgrade { .. } => "G",
            Context::Update(_) => "U",
            Context::ReplicatedQuery(_) => "RQ",
            Context::Query { .. } => "NRQ",
            Context::CompositeQuery { .. } => "CQ",
            Context::Callback { input, composite } => match (&input.answer, composite) {
                (Ok(_), false) => "Ry",
                (Err(_), false) => "Rt",
                (Ok(_), true) => "CRy",
                (Err(_), true) => "CRt",
            },
            Context::Cleanup {
                composite: false, ..
            } => "C",
            Context::Cleanup {
                composite: true, ..
            } => "CC",
            Context::Inspect { .. } => "F",
            Context::Task(_) => "T",
        }
    }

    /// The name that messages use.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Context::Task(SystemTask::Heartbeat) => "heartbeat",
            Context::Task(SystemTask::GlobalTimer) => "global timer",
            Context::Task(SystemTask::OnLowWasmMemory) => "on low Wasm memory",
            _ => match self.letters() {
                "s" => "start",
                "I" => "init",
                "G" => "pre upgrade",
                "U" => "update",
                "RQ" => "replicated query",
                "NRQ" => "non replicated query",
                "CQ" => "composite query",
                "Ry" => "reply callback",
                "Rt" => "reject callback",
                "CRy" => "composite reply callback",
                "CRt" => "composite reject callback",
                "C" => "cleanup",
                "CC" => "composite cleanup",
                _ => "inspect message",
            },
        }
    }
}

impl Host {
    /// Who called; nobody calls the start function.
    pub(crate) fn caller(&self) -> Option<Principal> {
        match &self.context {
            Context::Start => None,
            Context::Init { caller, .. }
            | Context::PreUpgrade { caller }
            | Context::Inspect { caller, .. }
            | Context::Cleanup { caller, .. } => Some(*caller),
            Context::Update(input)
            | Context::ReplicatedQuery(input)
            | Context::Query { input, .. }
            | Context::CompositeQuery { input, .. } => Some(input.caller),
            Context::Callback { input, .. } => Some(input.caller),
            Context::Task(_) => Some(Principal::management_canister()),
        }
    }
}

/// The letters of every context; a context's place here is its bit in a [`ContextMask`].
const LETTERS: [&str; 15] = [
    "s", "I", "G", "U", "RQ", "NRQ", "CQ", "Ry", "Rt", "CRy", "CRt", "C", "CC", "F", "T",
];

/// A set of contexts as bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ContextMask(u16);

impl ContextMask {
    /// The set that has only this context.
    pub fn of(context: &Context) -> ContextMask {
        let letters = context.letters();
        ContextMask::where_letters(|member| member == letters)
    }

    /// Whether all of `other` is in the set.
    pub fn contains(self, other: ContextMask) -> bool {
        self.0 & other.0 == other.0
    }

    fn where_letters(is_member: impl Fn(&str) -> bool) -> ContextMask {
        let bits = LETTERS.iter().enumerate();
        let bits = bits.map(|(bit, letters)| u16::from(is_member(letters)) << bit);
        ContextMask(bits.fold(0, |mask, bit| mask | bit))
    }
}

/// A set of contexts, written as their letters with spaces between; `*` stands for all but the start function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Contexts(pub &'static str);

impl Contexts {
    /// The set as bits.
    pub fn mask(self) -> ContextMask {
        let has = |letters: &str| self.0.split(' ').any(|member| member == letters);
        let all = has("*");
        ContextMask::where_letters(|letters| has(letters) || (all && letters != "s"))
    }
}
