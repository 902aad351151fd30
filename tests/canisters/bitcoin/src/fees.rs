//! What a call must carry and what it pays, with the Bitcoin canister's texts.

use ic_cdk::api::{call_context_instruction_counter, msg_cycles_accept, msg_cycles_available};

/// Traps unless the call carries so many cycles that were not yet taken.
pub(crate) fn require(cycles: u128) {
    let available = msg_cycles_available();
    assert!(
        available >= cycles,
        "Received {available} cycles. {cycles} cycles are required."
    );
}

/// Takes so many cycles of the call; traps if it does not carry them.
pub(crate) fn charge(cycles: u128) {
    require(cycles);
    let taken = msg_cycles_accept(cycles);
    assert!(taken == cycles, "Accepting cycles must succeed");
}

/// Takes the part of a fee that grows with the instructions of this call, at most `most`.
pub(crate) fn charge_by_instructions(base: u128, per_ten: u128, most: u128) {
    let work = u128::from(call_context_instruction_counter() / 10) * per_ten;
    charge(base.saturating_add(work).min(most));
}
