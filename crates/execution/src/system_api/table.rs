//! The table of all imports: name, contexts, cost, function.
//!
//! Source: interface specification, "Overview of imports" (letters of contexts as there; `*` is all but the start function). Where
//! the public network refuses less or more than the specification, the table follows the network. Signatures are those of
//! `wasm::SYSTEM_API_IMPORTS`, which has the same names.

use super::context::Contexts;
use super::system_call::SystemCall;
use super::*;
use crate::sandbox::{Context, Trap, trap};

/// What a call costs besides its fixed overhead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ByteCost {
    /// Nothing.
    None,
    /// One for each byte that this argument counts.
    Bytes(usize),
    /// Fifty for each byte that this argument counts: it leaves the sandbox.
    Transmitted(usize),
    /// One for each byte that these two arguments count.
    Both(usize, usize),
    /// A message of this many bytes that goes to the log and to the console.
    Logged(usize),
}

/// One import.
pub(super) struct Import {
    /// Name inside `ic0`.
    pub name: &'static str,
    /// Where it may be called.
    pub contexts: Contexts,
    /// Instructions for a call.
    pub overhead: u64,
    /// And for its bytes.
    pub bytes: ByteCost,
    /// What it does.
    pub run: fn(&mut SystemCall) -> Result<u64, Trap>,
}

const fn row(
    name: &'static str,
    contexts: &'static str,
    overhead: u64,
    bytes: ByteCost,
    run: fn(&mut SystemCall) -> Result<u64, Trap>,
) -> Import {
    Import {
        name,
        contexts: Contexts(contexts),
        overhead,
        bytes,
        run,
    }
}

use ByteCost::{Both, Bytes, Logged, None as Nothing, Transmitted};

const ANSWERING: &str = "U RQ NRQ CQ Ry Rt CRy CRt";
const CALLING: &str = "U CQ Ry Rt CRy CRt T";
const PAYING: &str = "U Ry Rt T";
const EVERYWHERE: &str = "s *";

/// Every import.
#[rustfmt::skip]
pub(super) const IMPORTS: &[Import] = &[
    row("msg_arg_data_size",                "I U RQ NRQ CQ Ry CRy F",   500, Nothing,        message::arg_data_size),
    row("msg_arg_data_copy",                "I U RQ NRQ CQ Ry CRy F",   500, Bytes(2),       message::arg_data_copy),
    row("msg_caller_size",                  "*",                        500, Nothing,        message::caller_size),
    row("msg_caller_copy",                  "*",                        500, Bytes(2),       message::caller_copy),
    row("msg_caller_info_data_size",        "*",                        500, Nothing,        message::caller_info_data_size),
    row("msg_caller_info_data_copy",        "*",                        500, Bytes(2),       message::caller_info_data_copy),
    row("msg_caller_info_signer_size",      "*",                        500, Nothing,        message::caller_info_signer_size),
    row("msg_caller_info_signer_copy",      "*",                        500, Bytes(2),       message::caller_info_signer_copy),
    row("msg_reject_code",                  "Ry Rt CRy CRt",            500, Nothing,        message::reject_code),
    row("msg_reject_msg_size",              "Rt CRt",                   500, Nothing,        message::reject_msg_size),
    row("msg_reject_msg_copy",              "Rt CRt",                   500, Bytes(2),       message::reject_msg_copy),
    row("msg_deadline",                     ANSWERING,                  500, Nothing,        message::deadline),
    row("msg_reply_data_append",            ANSWERING,                  500, Transmitted(1), reply::reply_data_append),
    row("msg_reply",                        ANSWERING,                  500, Nothing,        reply::reply),
    row("msg_reject",                       ANSWERING,                  500, Transmitted(1), reply::reject),
    row("msg_cycles_available",             "U RQ Ry Rt",               500, Nothing,        cycles::available),
    row("msg_cycles_available128",          "U RQ Ry Rt",               500, Nothing,        cycles::available128),
    row("msg_cycles_refunded",              "Ry Rt",                    500, Nothing,        cycles::refunded),
    row("msg_cycles_refunded128",           "Ry Rt",                    500, Nothing,        cycles::refunded128),
    row("msg_cycles_accept",                "U RQ Ry Rt",               500, Nothing,        cycles::accept),
    row("msg_cycles_accept128",             "U RQ Ry Rt",               500, Nothing,        cycles::accept128),
    row("cycles_burn128",                   "I G U RQ Ry Rt C T",       500, Nothing,        cycles::burn128),
    row("canister_self_size",               "*",                        500, Nothing,        identity::self_size),
    row("canister_self_copy",               "*",                        500, Bytes(2),       identity::self_copy),
    row("canister_cycle_balance",           "*",                        500, Nothing,        cycles::balance),
    row("canister_cycle_balance128",        "*",                        500, Nothing,        cycles::balance128),
    row("canister_liquid_cycle_balance128", "*",                        500, Nothing,        cycles::liquid_balance128),
    row("canister_status",                  "*",                        500, Nothing,        identity::status),
    row("canister_version",                 "*",                        500, Nothing,        identity::version),
    row("subnet_self_size",                 "*",                        500, Nothing,        identity::subnet_size),
    row("subnet_self_copy",                 "*",                        500, Bytes(2),       identity::subnet_copy),
    row("subnet_self_node_count",           "*",                        500, Nothing,        identity::subnet_node_count),
    row("msg_method_name_size",             "F",                        500, Nothing,        message::method_name_size),
    row("msg_method_name_copy",             "F",                        500, Bytes(2),       message::method_name_copy),
    row("accept_message",                   "F",                        500, Nothing,        reply::accept_message),
    row("call_new",                         CALLING,                  1_500, Both(1, 3),     calls::new),
    row("call_on_cleanup",                  CALLING,                    500, Nothing,        calls::on_cleanup),
    row("call_data_append",                 CALLING,                    500, Transmitted(1), calls::data_append),
    row("call_with_best_effort_response",   CALLING,                    500, Nothing,        calls::with_best_effort_response),
    row("call_cycles_add",                  PAYING,                     500, Nothing,        calls::cycles_add),
    row("call_cycles_add128",               PAYING,                     500, Nothing,        calls::cycles_add128),
    row("call_perform",                     CALLING,                  5_000, Nothing,        calls::perform),
    row("stable_size",                      EVERYWHERE,                   0, Nothing,        stable_memory::size32),
    row("stable_grow",                      EVERYWHERE,                 100, Nothing,        stable_memory::grow32),
    row("stable_write",                     EVERYWHERE,                  20, Bytes(2),       stable_memory::write32),
    row("stable_read",                      EVERYWHERE,                  20, Bytes(2),       stable_memory::read32),
    row("stable64_size",                    EVERYWHERE,                   0, Nothing,        stable_memory::size64),
    row("stable64_grow",                    EVERYWHERE,                 100, Nothing,        stable_memory::grow64),
    row("stable64_write",                   EVERYWHERE,                  20, Bytes(2),       stable_memory::write64),
    row("stable64_read",                    EVERYWHERE,                  20, Bytes(2),       stable_memory::read64),
    row("root_key_size",                    "I G U RQ Ry Rt C T",       500, Nothing,        identity::root_key_size),
    row("root_key_copy",                    "I G U RQ Ry Rt C T",       500, Bytes(2),       identity::root_key_copy),
    row("certified_data_set",               "I G U Ry Rt T",            500, Bytes(1),       certified_data::set),
    row("data_certificate_present",         "*",                        500, Nothing,        certified_data::certificate_present),
    row("data_certificate_size",            "NRQ CQ",                   500, Nothing,        certified_data::certificate_size),
    row("data_certificate_copy",            "NRQ CQ",                   500, Bytes(2),       certified_data::certificate_copy),
    row("time",                             "*",                        500, Nothing,        time::time),
    row("global_timer_set",                 "I G U Ry Rt C T",          500, Nothing,        time::global_timer_set),
    row("performance_counter",              EVERYWHERE,                 200, Nothing,        counters::performance_counter),
    row("is_controller",                    EVERYWHERE,               1_000, Bytes(1),       identity::is_controller),
    row("in_replicated_execution",          EVERYWHERE,                 500, Nothing,        identity::in_replicated_execution),
    row("cost_call",                        EVERYWHERE,                 500, Nothing,        cost::call),
    row("cost_create_canister",             EVERYWHERE,                 500, Nothing,        cost::create_canister),
    row("cost_http_request",                EVERYWHERE,                 500, Nothing,        cost::http_request),
    row("cost_http_request_v2",             EVERYWHERE,                 500, Nothing,        cost::http_request_v2),
    row("cost_sign_with_ecdsa",             EVERYWHERE,                 500, Bytes(1),       cost::sign_with_ecdsa),
    row("cost_sign_with_schnorr",           EVERYWHERE,                 500, Bytes(1),       cost::sign_with_schnorr),
    row("cost_vetkd_derive_key",            EVERYWHERE,                 500, Bytes(1),       cost::vetkd_derive_key),
    row("env_var_count",                    "*",                        500, Nothing,        environment_variables::count),
    row("env_var_name_size",                "*",                        500, Nothing,        environment_variables::name_size),
    row("env_var_name_copy",                "*",                        500, Bytes(3),       environment_variables::name_copy),
    row("env_var_name_exists",              "*",                        500, Nothing,        environment_variables::name_exists),
    row("env_var_value_size",               "*",                        500, Nothing,        environment_variables::value_size),
    row("env_var_value_copy",               "*",                        500, Bytes(4),       environment_variables::value_copy),
    row("debug_print",                      EVERYWHERE,                 100, Logged(1),      text::debug_print),
    row("trap",                             EVERYWHERE,                 500, Logged(1),      text::trap),
    row("mint_cycles128",                   PAYING,                       0, Nothing,        cycles::mint128),
];

/// The trap of a call in a context that does not allow it; `name` as messages have it.
pub(super) fn refused(name: &str, context: &Context) -> Trap {
    let message = format!("\"{name}\" cannot be executed in {} mode", context.name());
    let advice = "Check the ICP documentation to make sure APIs are being called in the correct message types.";
    trap::contract(
        message,
        advice,
        Some("calling-a-system-api-from-the-wrong-mode"),
    )
}

impl Import {
    /// The name in messages; two are written with a dot.
    pub fn name_in_messages(&self) -> String {
        match self.name {
            "root_key_copy" | "subnet_self_copy" => format!("ic0.{}", self.name),
            name => format!("ic0_{name}"),
        }
    }
}
