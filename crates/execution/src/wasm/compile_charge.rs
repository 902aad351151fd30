//! What the network charges for compiling a module, in instructions.
//!
//! The charge counts the instructions of the module as the public network instruments it: its own, the metering, and helper
//! functions that it adds for stable memory. Our modules look different, so this is a model of theirs, fitted to recorded charges.
//! In: the instrumentation's count and the module's imports. Out: the charge. A module that fails to compile is charged by its
//! size instead (`failed_compilation_cost`).

use super::imports::SYSTEM_API_MODULE;
use super::limits::COMPILE_COST_PER_INSTRUCTION;
use super::sections::Sections;

/// Functions and globals that the network adds to every module.
const ADDED_TO_EVERY_MODULE: u64 = 72;

/// Length of the function that takes the place of an import of the stable memory API.
fn replacement_length(import: &str) -> u64 {
    match import {
        "stable_size" => 10,
        "stable64_size" => 2,
        "stable_grow" => 24,
        "stable64_grow" => 21,
        "stable_read" => 106,
        "stable64_read" => 119,
        "stable_write" => 91,
        "stable64_write" => 107,
        _ => 0,
    }
}

/// The charge for compiling a module with this many instructions (see `Instrumented::network_instructions`).
pub(super) fn compilation_charge(sections: &Sections, network_instructions: u64) -> u64 {
    let mut replaced: Vec<&str> = sections
        .imports
        .iter()
        .filter(|import| import.module == SYSTEM_API_MODULE)
        .map(|import| import.name)
        .collect();
    // An import that appears twice is replaced once.
    replaced.sort_unstable();
    replaced.dedup();
    let replacements: u64 = replaced.into_iter().map(replacement_length).sum();
    (network_instructions + replacements + ADDED_TO_EVERY_MODULE) * COMPILE_COST_PER_INSTRUCTION
}
