//! A higher fee for a payment on Bitcoin that waits to be confirmed.
//!
//! - What it does: below the highest fee that members have approved, any member may have the transaction replaced; above it takes another
//!   proposal. The new version spends all that the old one spends and pays the same outputs, so nothing more is counted by any limit.
//! - Specification: BIP-125; [`crate::chain::bitcoin::Plan::bump`].
//! - It is a paid call: every input is signed anew.

use super::bitcoin::{Coins, most_of_asking, unspent};
use super::carrier::{Carrier, Step};
use super::{COST, Run, Started, Task, again, hold};
use crate::chain::bitcoin::{Bump, FeeRate};
use crate::error::WalletError;
use crate::event::WalletEvent;
use crate::intent::Intent;
use crate::proposal::{ProposalId, Setback, Stage};
use crate::propose::found;
use crate::runtime::{BitcoinFacts, Outside};
use crate::state::WalletKit;
use canister_kit::encoding::{Cycles, to_cbor};
use canister_kit::stable::Memory;
use canister_kit::{Begun, Caller, PaidCall};

/// A wish for a higher fee.
pub struct Wanted {
    /// For which proposal.
    pub id: ProposalId,
    /// The caller's name for the request.
    pub request_id: Vec<u8>,
    /// The new rate.
    pub rate: FeeRate,
}

impl Wanted {
    /// As it came; the rate in milli-satoshi for each virtual byte.
    pub fn of(id: ProposalId, request_id: Vec<u8>, fee_rate: u64) -> Self {
        Self {
            id,
            request_id,
            rate: FeeRate(fee_rate),
        }
    }
}

/// Begins to replace a transaction.
///
/// # Errors
/// [`WalletError::NoSuchProposal`], [`WalletError::NothingToBump`], [`WalletError::BeingCarriedOut`], and as [`WalletError::Refused`] every
/// refusal of a call that pays.
pub fn bump<M: Memory>(
    kit: &mut WalletKit<M>,
    world: &impl Outside,
    caller: Caller,
    wanted: Wanted,
) -> Result<Started, WalletError> {
    let Wanted {
        id,
        request_id,
        rate,
    } = wanted;
    let (proposal, _) = kit.product().proposal_for(id, caller.principal())?;
    let Intent::BtcSend(send) = &proposal.intent else {
        return Err(WalletError::NothingToBump);
    };
    let most = COST.plus(most_of_asking(world, send.network));
    let call = PaidCall {
        caller,
        method: "bump_fee",
        arguments: &to_cbor(&(id, rate)),
        request_id,
        most,
        tokens: 1,
    };
    match kit.look_up(&call)? {
        Some(Begun::Unknown) => return again(kit, world, call, Cycles::ZERO, id),
        Some(begun) => return found(kit, world, begun).map(Started::Ended),
        None => {}
    }
    if !matches!(proposal.stage, Stage::Sent { .. }) {
        return Err(WalletError::NothingToBump);
    }
    let held = hold(kit, id)?;
    match kit.begin(world, call)? {
        Begun::New(paid) => {
            let run = Run::paid(caller, id, (paid, Cycles::ZERO), held);
            let task = Task::Bump(rate);
            Ok(Started::Run(Run { task, ..run }))
        }
        other => found(kit, world, other).map(Started::Ended),
    }
}

impl<M: Memory, W: Outside> Carrier<'_, M, W> {
    pub(super) fn after_coins_to_bump(
        &mut self,
        rate: FeeRate,
        coins: &Coins<BitcoinFacts>,
    ) -> Step {
        let (Some((wallet, send)), Some(work)) = (self.send(), self.work()) else {
            return Step::Rest;
        };
        let Some(signed) = &work.signed else {
            return Step::Rest;
        };
        if !coins.are_all() {
            return self.stop(Setback::TooManyCoins);
        }
        if !unspent(&work, coins) {
            let reason = "its coins are spent: it is confirmed; resume to settle it";
            return self.stop(Setback::NotPlanned(reason.to_owned()));
        }
        let max_fee = send.payment.max_fee();
        let wanted = Bump {
            fee_rate: rate,
            max_fee,
        };
        let bumped = work.plan.bump(signed, wanted, &self.free(wallet, coins));
        let bumped = bumped.map_err(|error| error.to_string());
        let payment = send.payment.clone().with_fees(rate, max_fee);
        let payment = payment.map_err(|error| error.to_string());
        let checked = bumped.and_then(|plan| self.checked(plan, &payment?, wallet, &send));
        let plan = match checked {
            Ok(plan) => plan,
            Err(reason) => return self.stop(Setback::NotPlanned(reason)),
        };
        let network = send.network;
        if let Err(required) = self.cover(&work.replaced_by(plan.clone()), network) {
            let required = required.0;
            return self.stop(Setback::SignaturesNotCovered { required });
        }
        let id = self.id;
        self.record(WalletEvent::FeeBumped { id, plan });
        self.sign_input()
    }
}
