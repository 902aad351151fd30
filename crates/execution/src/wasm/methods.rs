//! The entry points that a module exports under names the specification reserves.
//!
//! Source: interface specification, "Entry points". In: export names. Out: [`WasmMethod`].

/// An exported entry point.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WasmMethod {
    /// `canister_update <name>`.
    Update(String),
    /// `canister_query <name>`.
    Query(String),
    /// `canister_composite_query <name>`.
    CompositeQuery(String),
    /// An entry point that the system calls.
    System(SystemMethod),
}

/// An entry point that the system calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SystemMethod {
    /// The start function of the module.
    Start,
    /// `canister_init`.
    Init,
    /// `canister_pre_upgrade`.
    PreUpgrade,
    /// `canister_post_upgrade`.
    PostUpgrade,
    /// `canister_inspect_message`.
    InspectMessage,
    /// `canister_heartbeat`.
    Heartbeat,
    /// `canister_global_timer`.
    GlobalTimer,
    /// `canister_on_low_wasm_memory`.
    OnLowWasmMemory,
}

const UPDATE: &str = "canister_update ";
const QUERY: &str = "canister_query ";
const COMPOSITE_QUERY: &str = "canister_composite_query ";

/// Prefix of export names that the specification reserves.
pub(super) const RESERVED_PREFIX: &str = "canister_";

const SYSTEM_METHODS: [SystemMethod; 7] = [
    SystemMethod::Init,
    SystemMethod::PreUpgrade,
    SystemMethod::PostUpgrade,
    SystemMethod::InspectMessage,
    SystemMethod::Heartbeat,
    SystemMethod::GlobalTimer,
    SystemMethod::OnLowWasmMemory,
];

impl SystemMethod {
    /// The name under which the instrumented module exports it.
    pub fn export_name(self) -> &'static str {
        match self {
            SystemMethod::Start => "canister_start",
            SystemMethod::Init => "canister_init",
            SystemMethod::PreUpgrade => "canister_pre_upgrade",
            SystemMethod::PostUpgrade => "canister_post_upgrade",
            SystemMethod::InspectMessage => "canister_inspect_message",
            SystemMethod::Heartbeat => "canister_heartbeat",
            SystemMethod::GlobalTimer => "canister_global_timer",
            SystemMethod::OnLowWasmMemory => "canister_on_low_wasm_memory",
        }
    }
}

impl WasmMethod {
    /// The name under which the instrumented module exports it.
    pub fn export_name(&self) -> String {
        match self {
            WasmMethod::Update(name) => format!("{UPDATE}{name}"),
            WasmMethod::Query(name) => format!("{QUERY}{name}"),
            WasmMethod::CompositeQuery(name) => format!("{COMPOSITE_QUERY}{name}"),
            WasmMethod::System(method) => method.export_name().to_string(),
        }
    }

    /// Reads an export name; `None` if it names no entry point.
    pub fn from_export_name(export: &str) -> Option<Self> {
        if let Some(name) = export.strip_prefix(UPDATE) {
            return Some(WasmMethod::Update(name.to_string()));
        }
        if let Some(name) = export.strip_prefix(QUERY) {
            return Some(WasmMethod::Query(name.to_string()));
        }
        if let Some(name) = export.strip_prefix(COMPOSITE_QUERY) {
            return Some(WasmMethod::CompositeQuery(name.to_string()));
        }
        SYSTEM_METHODS
            .into_iter()
            .find(|method| method.export_name() == export)
            .map(WasmMethod::System)
    }

    /// The method name of an update, query or composite query.
    pub fn method_name(&self) -> Option<&str> {
        match self {
            WasmMethod::Update(name)
            | WasmMethod::Query(name)
            | WasmMethod::CompositeQuery(name) => Some(name),
            WasmMethod::System(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn export_names_are_read_back_as_written() {
        let methods = [
            WasmMethod::Update("a b".to_string()),
            WasmMethod::Query(String::new()),
            WasmMethod::CompositeQuery("q".to_string()),
            WasmMethod::System(SystemMethod::OnLowWasmMemory),
        ];
        for method in methods {
            assert_eq!(
                WasmMethod::from_export_name(&method.export_name()),
                Some(method)
            );
        }
        assert_eq!(WasmMethod::from_export_name("canister_start"), None);
        assert_eq!(WasmMethod::from_export_name("canister_query"), None);
    }
}
