//! What became of a transaction on a chain of Ethereum's kind that was sent.
//!
//! - What it does: asks for the last final block, then for the receipt of every version, the last one first. A receipt in a final block ends the proposal;
//!   without any receipt the last version is sent again, which is harmless.
//! - Final is what the chain's own tag `finalized` says, not a number of blocks: blocks are worth different things on different chains, and all that the
//!   wallet knows have the tag. It is asked before the receipts, so that no block counts as final that was only at the height of a final one.
//! - Where a node says that the nonce is used, and the nonce is finally used, the receipts are asked once more: if there is still none, a stranger
//!   has used it. The proposal ends then, and nothing is signed for it again.

use super::carrier::{Carrier, Step};
use super::ethereum::{Look, Question};
use crate::chain::ethereum::hash::TransactionHash;
use crate::proposal::{EvmEnd, EvmWork, Receipt, Setback};
use crate::runtime::{Charged, EvmReceipt, Outside, Sending, Silence};
use canister_kit::stable::Memory;

impl<M: Memory, W: Outside> Carrier<'_, M, W> {
    pub(super) fn after_send(&mut self, sending: Charged<Sending>) -> Step {
        *self.spent = self.spent.plus(sending.cost);
        match sending.answer {
            Ok(Sending::Taken) => self.stop(Setback::NotFinal),
            Ok(Sending::NonceTooLow) => self.ask_evm(Question::FinalCount),
            Ok(Sending::NonceTooHigh) => self.stop(Setback::EarlierMissing),
            Ok(Sending::InsufficientFunds) => self.stop(Setback::InsufficientFunds),
            Err(Silence::Silent(error)) => self.stop(Setback::NotTaken(error)),
            Err(Silence::Differ) => self.stop(Setback::ProvidersDiffer),
        }
    }

    pub(super) fn after_final_count(&mut self, count: u64) -> Step {
        match self.evm_work() {
            Some(work) if count > work.nonce().0 => {
                self.ask_evm(Question::Finalized { used: true })
            }
            Some(_) => self.stop(Setback::NonceUsed),
            None => Step::Rest,
        }
    }

    /// Looks for the receipt of a version; behind the last one, there is none.
    pub(super) fn look_for_receipt(&mut self, look: Look) -> Step {
        let Some(work) = self.evm_work() else {
            return Step::Rest;
        };
        if let Some((_, signed)) = work.signed().nth(look.place) {
            return self.ask_evm(Question::Receipt(look, signed.hash()));
        }
        if look.used {
            return self.end_evm(work, EvmEnd::Superseded);
        }
        match &work.current.signed {
            Some(signed) => self.ask_evm(Question::Send(signed.bytes().to_vec())),
            None => Step::Rest,
        }
    }

    pub(super) fn after_receipt(&mut self, look: Look, receipt: Option<EvmReceipt>) -> Step {
        let Some(receipt) = receipt else {
            let place = look.place + 1;
            return self.look_for_receipt(Look { place, ..look });
        };
        if receipt.block > look.finalized {
            return self.stop(Setback::NotFinal);
        }
        let Some(work) = self.evm_work() else {
            return Step::Rest;
        };
        match mined(&work, look.place, receipt) {
            Some(end) => self.end_evm(work, end),
            None => Step::Rest,
        }
    }

    fn end_evm(&mut self, work: EvmWork, end: EvmEnd) -> Step {
        let end = Some(end);
        self.done(Receipt::Evm(Box::new(EvmWork { end, ..work })))
    }
}

fn mined(work: &EvmWork, place: usize, receipt: EvmReceipt) -> Option<EvmEnd> {
    let (version, signed) = work.signed().nth(place)?;
    let hash: TransactionHash = signed.hash();
    Some(EvmEnd::Mined {
        hash,
        cancels: version.cancels,
        block: receipt.block,
        succeeded: receipt.succeeded,
        fee: receipt.fee,
    })
}
