//! How the canister is installed, and how a stand-in is told to fail.

use candid::{CandidType, Principal};
use serde::Deserialize;

#[derive(CandidType, Deserialize, Clone, Debug)]
pub struct RegexSubstitution {
    pub pattern: String,
    pub replacement: String,
}

#[derive(CandidType, Deserialize, Clone, Debug, Default)]
#[allow(non_snake_case)]
pub struct OverrideProvider {
    pub overrideUrl: Option<RegexSubstitution>,
}

#[derive(CandidType, Deserialize, Clone, Debug)]
pub enum LogFilter {
    ShowAll,
    HideAll,
    ShowPattern(String),
    HidePattern(String),
}

#[derive(CandidType, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Normal,
    Demo,
}

/// The installation arguments.
#[derive(CandidType, Deserialize, Clone, Debug, Default)]
#[allow(non_snake_case)]
pub struct InstallArgs {
    pub manageApiKeys: Option<Vec<Principal>>,
    pub overrideProvider: Option<OverrideProvider>,
    pub logFilter: Option<LogFilter>,
    pub numSubnetNodes: Option<u32>,
    pub mode: Option<Mode>,
}

/// How a request fails.
#[derive(CandidType, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(non_camel_case_types)]
pub enum Fault {
    /// No provider is asked; each is said to have timed out.
    not_asked,
    /// All providers are asked, and answer; each is said to have timed out.
    no_answer,
    /// All providers are asked; one is said to have timed out, and the answer is inconsistent whatever the strategy is.
    inconsistent,
    /// All providers are asked, and then this canister traps.
    trap,
}

/// An order.
#[derive(CandidType, Deserialize, Clone, Debug)]
pub struct Order {
    /// How many requests fail.
    pub count: u32,
    /// The method's name; any if nothing is said.
    pub method: Option<String>,
    pub fault: Fault,
}
