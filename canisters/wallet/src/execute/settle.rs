//! What became of a transaction on a chain of Ethereum's kind that was sent.
//!
//! - What it does: asks for the last final block, then for the receipt of every version, the last one first. A receipt in a final block ends the proposal;
//!   without any receipt the last version is sent again, which is harmless.
//! - Final is what the chain's own tag `finalized` says, not a number of blocks: blocks are worth different things on different chains, and all that the
//!   wallet knows have the tag. It is asked before the receipts, so that no block counts as final that was only at the height of a final one.
//! - Where a node says that the nonce is used, or a receipt does not read, and the nonce is finally used, the receipts are asked once more. If none is told
//!   then, one of the versions has most likely landed all the same: providers lose receipts, and some are too long to be read. So nothing is concluded for
//!   [`PATIENCE`], and then only if a later look finds the same. The proposal ends then without a known outcome, and nothing is signed for it again.

use super::carrier::{Carrier, Step};
use super::ethereum::{Look, Question};
use crate::chain::ethereum::hash::TransactionHash;
use crate::event::WalletEvent;
use crate::proposal::{EvmEnd, EvmWork, Missing, Receipt, Setback};
use crate::runtime::{Charged, EvmReceipt, Outside, Sending, Silence};
use canister_kit::encoding::Timestamp;
use canister_kit::stable::Memory;

/// How long a receipt is missing before that is an end: a day. What providers lose or hold back for a while is back by then.
pub const PATIENCE: u64 = Timestamp::DAY;

impl Missing {
    /// When this is an end.
    fn until(&self) -> Timestamp {
        self.since.after(PATIENCE)
    }
}

impl<M: Memory, W: Outside> Carrier<'_, M, W> {
    pub(super) fn after_send(&mut self, sending: Charged<Sending>) -> Step {
        *self.spent = self.spent.plus(sending.cost);
        match sending.answer {
            Ok(Sending::Taken) => self.stop(Setback::NotFinal),
            Ok(Sending::NonceTooLow) => self.ask_evm(Question::FinalCount(Setback::NonceUsed)),
            Ok(Sending::NonceTooHigh) => self.stop(Setback::EarlierMissing),
            Ok(Sending::InsufficientFunds) => self.stop(Setback::InsufficientFunds),
            Err(Silence::Silent(error)) => self.stop(Setback::NotTaken(error)),
            Err(Silence::Differ) => self.stop(Setback::ProvidersDiffer),
        }
    }

    /// Looks once more if the nonce is finally used. Where that is because a receipt does not read, the next look comes only when it has been so for long.
    pub(super) fn after_final_count(&mut self, otherwise: Setback, count: u64) -> Step {
        let Some(work) = self.evm_work() else {
            return Step::Rest;
        };
        let is_over = |missing: Missing| missing.until() <= self.world.now();
        let again = otherwise == Setback::NonceUsed || work.missing.is_some_and(is_over);
        if count > work.nonce().0 && again {
            return self.ask_evm(Question::Finalized { used: true });
        }
        if count > work.nonce().0 && work.missing.is_none() {
            let (id, unread) = (self.id, true);
            self.record(WalletEvent::ReceiptMissing { id, unread });
        }
        self.stop(otherwise)
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
            return self.without_receipt(work, look.unread);
        }
        match &work.current.signed {
            Some(signed) => self.ask_evm(Question::Send(signed.bytes().to_vec())),
            None => Step::Rest,
        }
    }

    pub(super) fn after_receipt(&mut self, look: Look, told: Charged<Option<EvmReceipt>>) -> Step {
        *self.spent = self.spent.plus(told.cost);
        let place = look.place + 1;
        let receipt = match told.answer {
            Ok(Some(receipt)) => receipt,
            Ok(None) => return self.look_for_receipt(Look { place, ..look }),
            Err(_) if look.used => {
                let unread = true;
                return self.look_for_receipt(Look {
                    place,
                    unread,
                    ..look
                });
            }
            Err(silence) => return self.ask_evm(Question::FinalCount(silence.into())),
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

    /// The nonce is finally used, and no receipt was told: an end only if that was so long ago already. That there is none is worth more than that
    /// one does not read, so it has to be told twice.
    fn without_receipt(&mut self, work: EvmWork, unread: bool) -> Step {
        let now = self.world.now();
        let until = match work.missing.filter(|before| unread || !before.unread) {
            Some(before) => before.until(),
            None => {
                let id = self.id;
                self.record(WalletEvent::ReceiptMissing { id, unread });
                now.after(PATIENCE)
            }
        };
        if until > now {
            return self.stop(Setback::ReceiptMissing { until: until.0 });
        }
        let end = match unread {
            true => EvmEnd::Unread,
            false => EvmEnd::Superseded,
        };
        self.end_evm(work, end)
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
