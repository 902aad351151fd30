//! The functions a canister may import from `ic0`, with their signatures: the one table of the whole System API.
//!
//! Source: interface specification, "Overview of imports", as of ic0 1.2.0. In: a name and the address width of the module's
//! memory. Out: the signature. Which function may be called in which context is decided by the System API table, which has one
//! entry for each entry here.
//!
//! A letter stands for a type: `I` an address or length as wide as the memory's addresses, `i` i32, `l` i64.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use wasmparser::ValType;

/// The only module that canisters may import from.
pub const SYSTEM_API_MODULE: &str = "ic0";

/// Width of the addresses of a module's memory; a module without memory counts as 32 bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AddressWidth {
    /// wasm32.
    Bits32,
    /// wasm64.
    Bits64,
}

impl AddressWidth {
    /// The Wasm type of an address.
    pub fn value_type(self) -> ValType {
        match self {
            AddressWidth::Bits32 => ValType::I32,
            AddressWidth::Bits64 => ValType::I64,
        }
    }
}

/// Which modules may import a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// Modules of either address width.
    Always,
    /// Only modules with 32-bit addresses.
    Only32Bit,
}

/// One importable function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportSignature {
    /// Name inside the module `ic0`.
    pub name: &'static str,
    parameters: &'static str,
    results: &'static str,
    /// Which modules may import it.
    pub availability: Availability,
}

impl ImportSignature {
    /// Parameter types for modules of this width.
    pub fn parameters(&self, width: AddressWidth) -> Vec<ValType> {
        value_types(self.parameters, width)
    }

    /// Result types for modules of this width.
    pub fn results(&self, width: AddressWidth) -> Vec<ValType> {
        value_types(self.results, width)
    }

    fn is_offered_to(&self, width: AddressWidth) -> bool {
        self.availability == Availability::Always || width == AddressWidth::Bits32
    }
}

fn value_types(letters: &str, width: AddressWidth) -> Vec<ValType> {
    letters
        .bytes()
        .map(|letter| match letter {
            b'I' => width.value_type(),
            b'i' => ValType::I32,
            _ => ValType::I64,
        })
        .collect()
}

const fn always(
    name: &'static str,
    parameters: &'static str,
    results: &'static str,
) -> ImportSignature {
    ImportSignature {
        name,
        parameters,
        results,
        availability: Availability::Always,
    }
}

const fn only_32_bit(
    name: &'static str,
    parameters: &'static str,
    results: &'static str,
) -> ImportSignature {
    ImportSignature {
        name,
        parameters,
        results,
        availability: Availability::Only32Bit,
    }
}

/// Every importable function, in the order of the specification.
pub const SYSTEM_API_IMPORTS: &[ImportSignature] = &[
    always("msg_arg_data_size", "", "I"),
    always("msg_arg_data_copy", "III", ""),
    always("msg_caller_size", "", "I"),
    always("msg_caller_copy", "III", ""),
    always("msg_caller_info_data_size", "", "I"),
    always("msg_caller_info_data_copy", "III", ""),
    always("msg_caller_info_signer_size", "", "I"),
    always("msg_caller_info_signer_copy", "III", ""),
    always("msg_reject_code", "", "i"),
    always("msg_reject_msg_size", "", "I"),
    always("msg_reject_msg_copy", "III", ""),
    always("msg_deadline", "", "l"),
    always("msg_reply_data_append", "II", ""),
    always("msg_reply", "", ""),
    always("msg_reject", "II", ""),
    always("msg_cycles_available128", "I", ""),
    always("msg_cycles_refunded128", "I", ""),
    always("msg_cycles_accept128", "llI", ""),
    always("cycles_burn128", "llI", ""),
    always("canister_self_size", "", "I"),
    always("canister_self_copy", "III", ""),
    always("canister_cycle_balance128", "I", ""),
    always("canister_liquid_cycle_balance128", "I", ""),
    always("canister_status", "", "i"),
    always("canister_version", "", "l"),
    always("subnet_self_size", "", "I"),
    always("subnet_self_copy", "III", ""),
    always("subnet_self_node_count", "", "i"),
    always("msg_method_name_size", "", "I"),
    always("msg_method_name_copy", "III", ""),
    always("accept_message", "", ""),
    always("call_new", "IIIIIIII", ""),
    always("call_on_cleanup", "II", ""),
    always("call_data_append", "II", ""),
    always("call_with_best_effort_response", "i", ""),
    always("call_cycles_add128", "ll", ""),
    always("call_perform", "", "i"),
    always("stable64_size", "", "l"),
    always("stable64_grow", "l", "l"),
    always("stable64_write", "lll", ""),
    always("stable64_read", "lll", ""),
    always("root_key_size", "", "I"),
    always("root_key_copy", "III", ""),
    always("certified_data_set", "II", ""),
    always("data_certificate_present", "", "i"),
    always("data_certificate_size", "", "I"),
    always("data_certificate_copy", "III", ""),
    always("time", "", "l"),
    always("global_timer_set", "l", "l"),
    always("performance_counter", "i", "l"),
    always("is_controller", "II", "i"),
    always("in_replicated_execution", "", "i"),
    always("cost_call", "llI", ""),
    always("cost_create_canister", "I", ""),
    always("cost_http_request", "llI", ""),
    always("cost_http_request_v2", "III", ""),
    always("cost_sign_with_ecdsa", "IIiI", "i"),
    always("cost_sign_with_schnorr", "IIiI", "i"),
    always("cost_vetkd_derive_key", "IIiI", "i"),
    always("env_var_count", "", "I"),
    always("env_var_name_size", "I", "I"),
    always("env_var_name_copy", "IIII", ""),
    always("env_var_name_exists", "II", "i"),
    always("env_var_value_size", "II", "I"),
    always("env_var_value_copy", "IIIII", ""),
    always("debug_print", "II", ""),
    always("trap", "II", ""),
    // Not in the specification: for the cycles minting canister, and refused at run time to all others.
    always("mint_cycles128", "llI", ""),
    only_32_bit("msg_cycles_available", "", "l"),
    only_32_bit("msg_cycles_refunded", "", "l"),
    only_32_bit("msg_cycles_accept", "l", "l"),
    only_32_bit("canister_cycle_balance", "", "l"),
    only_32_bit("call_cycles_add", "l", ""),
    only_32_bit("stable_size", "", "i"),
    only_32_bit("stable_grow", "i", "i"),
    only_32_bit("stable_write", "iii", ""),
    only_32_bit("stable_read", "iii", ""),
];

static BY_NAME: LazyLock<BTreeMap<&'static str, &'static ImportSignature>> = LazyLock::new(|| {
    SYSTEM_API_IMPORTS
        .iter()
        .map(|import| (import.name, import))
        .collect()
});

/// The importable function of this name, if modules of this width may import it.
pub fn import_signature(name: &str, width: AddressWidth) -> Option<&'static ImportSignature> {
    BY_NAME
        .get(name)
        .copied()
        .filter(|import| import.is_offered_to(width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_listed_once() {
        assert_eq!(BY_NAME.len(), SYSTEM_API_IMPORTS.len());
    }

    #[test]
    fn only_known_letters_stand_for_types() {
        for import in SYSTEM_API_IMPORTS {
            assert!(
                import
                    .parameters
                    .bytes()
                    .chain(import.results.bytes())
                    .all(|letter| b"Iil".contains(&letter))
            );
        }
    }

    #[test]
    fn the_32_bit_stable_memory_api_is_not_offered_to_wasm64() {
        assert!(import_signature("stable_size", AddressWidth::Bits32).is_some());
        assert!(import_signature("stable_size", AddressWidth::Bits64).is_none());
        let append = import_signature("msg_reply_data_append", AddressWidth::Bits64)
            .expect("offered to both");
        assert_eq!(
            append.parameters(AddressWidth::Bits64),
            [ValType::I64, ValType::I64]
        );
    }
}
