//! Small canisters in the text format, for tests that drive a server from outside.

/// A counter of 32 bits. `inc` adds one and answers the value (4 bytes LE), `read` answers it, init sets it to the first 4 bytes of
/// its argument if there are any; an upgrade keeps it in stable memory; `print` logs its argument; `trap` traps after adding one.
pub const COUNTER: &str = r#"(module
  (import "ic0" "msg_reply" (func $msg_reply))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_arg_data_size" (func $arg_size (result i32)))
  (import "ic0" "msg_arg_data_copy" (func $arg_copy (param i32 i32 i32)))
  (import "ic0" "stable_grow" (func $stable_grow (param i32) (result i32)))
  (import "ic0" "stable_size" (func $stable_size (result i32)))
  (import "ic0" "stable_write" (func $stable_write (param i32 i32 i32)))
  (import "ic0" "stable_read" (func $stable_read (param i32 i32 i32)))
  (import "ic0" "debug_print" (func $print (param i32 i32)))
  (memory 1)
  (func $add (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))))
  (func $answer (call $append (i32.const 0) (i32.const 4)) (call $msg_reply))
  (func (export "canister_init")
    (if (i32.ge_u (call $arg_size) (i32.const 4))
      (then (call $arg_copy (i32.const 0) (i32.const 0) (i32.const 4)))))
  (func (export "canister_pre_upgrade")
    (if (i32.eqz (call $stable_size)) (then (drop (call $stable_grow (i32.const 1)))))
    (call $stable_write (i32.const 0) (i32.const 0) (i32.const 4)))
  (func (export "canister_post_upgrade") (call $stable_read (i32.const 0) (i32.const 0) (i32.const 4)))
  (func (export "canister_update inc") (call $add) (call $answer))
  (func (export "canister_query read") (call $answer))
  (func (export "canister_update print")
    (call $arg_copy (i32.const 100) (i32.const 0) (call $arg_size))
    (call $print (i32.const 100) (call $arg_size)) (call $answer))
  (func (export "canister_update trap") (call $add) unreachable))"#;

/// Passes a call on: the argument is one byte length of the callee, the callee, 8 bytes LE cycles, one byte length of the method, the
/// method and the payload. `forward` answers what the callee answers; a reject becomes a reject with the same message.
pub const FORWARDER: &str = r#"(module
  (import "ic0" "msg_reply" (func $msg_reply))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_reject" (func $reject (param i32 i32)))
  (import "ic0" "msg_reject_msg_size" (func $reject_size (result i32)))
  (import "ic0" "msg_reject_msg_copy" (func $reject_copy (param i32 i32 i32)))
  (import "ic0" "msg_arg_data_size" (func $arg_size (result i32)))
  (import "ic0" "msg_arg_data_copy" (func $arg_copy (param i32 i32 i32)))
  (import "ic0" "call_new" (func $call_new (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "ic0" "call_data_append" (func $call_append (param i32 i32)))
  (import "ic0" "call_cycles_add128" (func $call_cycles (param i64 i64)))
  (import "ic0" "call_perform" (func $call_perform (result i32)))
  (memory 64)
  (table funcref (elem $replied $rejected))
  (func $replied (param i32)
    (call $arg_copy (i32.const 0) (i32.const 0) (call $arg_size))
    (call $append (i32.const 0) (call $arg_size)) (call $msg_reply))
  (func $rejected (param i32)
    (call $reject_copy (i32.const 0) (i32.const 0) (call $reject_size))
    (call $reject (i32.const 0) (call $reject_size)))
  (func (export "canister_update forward") (local $callee i32) (local $method i32) (local $head i32)
    (call $arg_copy (i32.const 0) (i32.const 0) (call $arg_size))
    (local.set $callee (i32.load8_u (i32.const 0)))
    (local.set $method (i32.load8_u offset=9 (local.get $callee)))
    (local.set $head (i32.add (i32.const 10) (i32.add (local.get $callee) (local.get $method))))
    (call $call_new (i32.const 1) (local.get $callee)
      (i32.add (i32.const 10) (local.get $callee)) (local.get $method)
      (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
    (call $call_append (local.get $head) (i32.sub (call $arg_size) (local.get $head)))
    (call $call_cycles (i64.const 0) (i64.load offset=1 (local.get $callee)))
    (if (call $call_perform) (then unreachable))))"#;

/// Certifies the argument of its init; `certificate` answers the certificate that a query sees.
pub const CERTIFIER: &str = r#"(module
  (import "ic0" "msg_reply" (func $msg_reply))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_arg_data_copy" (func $arg_copy (param i32 i32 i32)))
  (import "ic0" "msg_arg_data_size" (func $arg_size (result i32)))
  (import "ic0" "certified_data_set" (func $certify (param i32 i32)))
  (import "ic0" "data_certificate_size" (func $size (result i32)))
  (import "ic0" "data_certificate_copy" (func $copy (param i32 i32 i32)))
  (memory 1)
  (func (export "canister_init")
    (call $arg_copy (i32.const 0) (i32.const 0) (call $arg_size))
    (call $certify (i32.const 0) (call $arg_size)))
  (func (export "canister_query certificate")
    (call $copy (i32.const 0) (i32.const 0) (call $size))
    (call $append (i32.const 0) (call $size))
    (call $msg_reply)))"#;

/// The bytes of a module.
pub fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the modules of this file assemble")
}

/// The argument of [`FORWARDER`]'s `forward`.
pub fn forward(callee: &[u8], cycles: u64, method: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![callee.len() as u8];
    bytes.extend(callee);
    bytes.extend(cycles.to_le_bytes());
    bytes.push(method.len() as u8);
    bytes.extend(method.as_bytes());
    bytes.extend(payload);
    bytes
}

/// A module of about 640 kB of plausible code: functions that compute, branch, loop and touch memory, all reachable. The salt
/// changes a constant of each function, so that each salt is another module for every cache. `run` answers 4 bytes.
pub fn large(salt: u32) -> Vec<u8> {
    use std::fmt::Write;
    const FUNCTIONS: u32 = 1184;
    const ROUNDS: u32 = 7;
    let mut text = String::from(
        r#"(module (import "ic0" "msg_reply" (func $msg_reply))
        (import "ic0" "msg_reply_data_append" (func $append (param i32 i32))) (memory 2)"#,
    );
    for f in 0..FUNCTIONS {
        let _ = write!(
            text,
            "(func $f{f} (param $a i32) (param $b i64) (result i32) (local $i i32) (local $x f64)"
        );
        for r in 0..ROUNDS {
            let constant = f
                .wrapping_mul(2_654_435_761)
                .wrapping_add(salt)
                .wrapping_add(r);
            let next = (f + 1) % FUNCTIONS;
            let _ = write!(
                text,
                "(local.set $a (i32.xor (i32.mul (local.get $a) (i32.const {constant})) (i32.load offset={o} (i32.and (local.get $a) (i32.const 0xfff8)))))
                (local.set $b (i64.add (i64.rotl (local.get $b) (i64.const {r})) (i64.extend_i32_u (local.get $a))))
                (if (i32.lt_u (local.get $a) (i32.const {constant})) (then (i64.store offset={o} (i32.and (local.get $a) (i32.const 0xfff8)) (local.get $b)))
                 (else (local.set $x (f64.add (local.get $x) (f64.convert_i64_s (local.get $b))))))",
                o = 8 * r,
            );
            if r == 0 && next > f {
                let _ = write!(
                    text,
                    "(if (i32.eq (local.get $i) (i32.const 77)) (then (local.set $a (call $f{next} (local.get $a) (local.get $b)))))"
                );
            }
        }
        let _ = write!(
            text,
            "(loop $l (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (local.get $i) (i32.const 3))))
            (i32.add (local.get $a) (i32.trunc_sat_f64_s (local.get $x))))"
        );
    }
    text.push_str(
        r#"(func (export "canister_update run") (i32.store (i32.const 0) (call $f0 (i32.const 7) (i64.const 9)))
        (call $append (i32.const 0) (i32.const 4)) (call $msg_reply)))"#,
    );
    wasm(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_modules_assemble_and_the_large_one_has_640_kb() {
        wasm(COUNTER);
        wasm(FORWARDER);
        let (one, two) = (large(1), large(2));
        assert!(
            (620_000..660_000).contains(&one.len()),
            "{} bytes",
            one.len()
        );
        assert_ne!(one, two);
    }
}
