//! Higher fees for a transaction on a chain of Ethereum's kind that waits, or its cancellation.
//!
//! - What it does: below the highest fees that members have approved, any member may have another version signed, under the same nonce: the same
//!   transaction, or one that sends nothing to the account itself in its place. Of all versions at most one takes effect, so nothing more is counted by
//!   any limit; which one, the chain decides.
//! - Specification: [`crate::chain::ethereum::replacement`]: both fees rise by a tenth at least.
//! - The intent itself offers so little less than the approved fees, and has one version less, that its cancellation always has room.
//! - A transaction whose signature never came can be cancelled too, so that those behind it need not wait for it.
//! - It is a paid call: the version is signed anew. If the nonce is used already, nothing is signed.

use super::carrier::{Carrier, Step};
use super::ethereum::{Question, Why, most_of_raising, storing};
use super::{COST, Run, Started, Task, again, hold};
use crate::chain::ethereum::quantity::{Nonce, Wei};
use crate::chain::ethereum::replacement::{cancellation, replacement};
use crate::chain::ethereum::transaction::{Fees, RawTransaction, Transaction};
use crate::error::WalletError;
use crate::event::WalletEvent;
use crate::intent::EvmRequest;
use crate::proposal::{EvmVersion, EvmWork, MAX_VERSIONS, ProposalId, Setback, Stage};
use crate::propose::found;
use crate::root_key::KeyKind;
use crate::runtime::Outside;
use crate::state::WalletKit;
use canister_kit::encoding::{Cycles, to_cbor};
use canister_kit::stable::Memory;
use canister_kit::{Begun, Caller, PaidCall};

/// Another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raise {
    /// Whether it cancels the intent. Of a cancellation there are only higher versions.
    pub cancels: bool,
    /// Its fees.
    pub fees: Fees,
}

/// A wish for another version.
pub struct RaiseWanted {
    /// For which proposal.
    pub id: ProposalId,
    /// The caller's name for the request.
    pub request_id: Vec<u8>,
    /// What.
    pub raise: Raise,
}

impl RaiseWanted {
    /// For the same transaction with higher fees: the highest fee and the highest priority fee, in wei.
    pub fn fees(id: ProposalId, request_id: Vec<u8>, fees: (u128, u128)) -> Self {
        Self::of(id, request_id, fees, false)
    }

    /// For one that does nothing in its place.
    pub fn cancellation(id: ProposalId, request_id: Vec<u8>, fees: (u128, u128)) -> Self {
        Self::of(id, request_id, fees, true)
    }

    fn of(id: ProposalId, request_id: Vec<u8>, fees: (u128, u128), cancels: bool) -> Self {
        let (maximum, priority) = fees;
        let fees = Fees {
            max_priority_fee_per_gas: Wei(priority),
            max_fee_per_gas: Wei(maximum),
        };
        Self {
            id,
            request_id,
            raise: Raise { cancels, fees },
        }
    }
}

/// Begins to sign another version.
///
/// # Errors
/// [`WalletError::NoSuchProposal`], [`WalletError::NothingToBump`], [`WalletError::BeingCarriedOut`], and as [`WalletError::Refused`] every
/// refusal of a call that pays.
pub fn raise<M: Memory>(
    kit: &mut WalletKit<M>,
    world: &impl Outside,
    caller: Caller,
    wanted: RaiseWanted,
) -> Result<Started, WalletError> {
    let RaiseWanted {
        id,
        request_id,
        raise,
    } = wanted;
    let (proposal, _) = kit.product().proposal_for(id, caller.principal())?;
    let versions = proposal.evm().map_or(0, |work| work.versions().count());
    let request = proposal.intent.evm().filter(|_| !raise.cancels);
    let data = request.map_or(0, |request| request.data.len());
    let call = PaidCall {
        caller,
        method: match raise.cancels {
            true => "cancel_evm",
            false => "bump_evm_fee",
        },
        arguments: &to_cbor(&(id, raise.fees)),
        request_id,
        most: COST.plus(most_of_raising(versions)).plus(storing(data)),
        tokens: 1,
    };
    match kit.look_up(&call)? {
        Some(Begun::Unknown) => return again(kit, world, call, Cycles::ZERO, id),
        Some(begun) => return found(kit, world, begun).map(Started::Ended),
        None => {}
    }
    let waits = match proposal.stage {
        Stage::Sent { .. } => true,
        Stage::Signing(_) => raise.cancels,
        _ => false,
    };
    if proposal.evm().is_none() || !waits {
        return Err(WalletError::NothingToBump);
    }
    let held = hold(kit, id)?;
    match kit.begin(world, call)? {
        Begun::New(paid) => {
            let run = Run::paid(caller, id, (paid, Cycles::ZERO), held);
            let task = Task::Raise(raise);
            Ok(Started::Run(Run { task, ..run }))
        }
        other => found(kit, world, other).map(Started::Ended),
    }
}

/// The next version, or why there is none.
fn next(work: &EvmWork, request: &EvmRequest, raise: Raise) -> Result<EvmVersion, String> {
    // What nobody has the signature of, no node keeps.
    let newest = work.signed().next();
    let cancels = raise.cancels || newest.is_some_and(|(version, _)| version.cancels);
    // The intent leaves room for its cancellation, in fees and in number, so that no member can take that from the others.
    let (cap, most) = match cancels {
        true => (request.gas.fees, MAX_VERSIONS),
        false => (request.gas.fees.before_a_raise(), MAX_VERSIONS - 1),
    };
    if !raise.fees.within(&cap) {
        let (maximum, priority) = (cap.max_fee_per_gas.0, cap.max_priority_fee_per_gas.0);
        return Err(format!(
            "the fees are above {maximum} (maximum) and {priority} (priority); propose something else"
        ));
    }
    if work.earlier.len() + 1 >= most {
        return Err(format!("there are {most} versions already"));
    }
    let transaction = match newest {
        Some((version, _)) if cancels => {
            cancellation(&version.transaction, work.account, raise.fees)
        }
        Some((version, _)) => replacement(&version.transaction, raise.fees),
        None => {
            let raw = work.current.transaction.raw().clone();
            Transaction::check(RawTransaction {
                fees: raise.fees,
                to: work.account,
                value: Wei(0),
                data: Vec::new(),
                ..raw
            })
        }
    };
    Ok(EvmVersion {
        transaction: transaction.map_err(|error| error.to_string())?,
        cancels,
        signed: None,
    })
}

impl<M: Memory, W: Outside> Carrier<'_, M, W> {
    /// The first call for another version.
    pub(super) fn first_of_raise(&self, raise: Raise) -> Step {
        self.ask_evm(Question::Count(Why::Raise(raise)))
    }

    pub(super) fn after_count_to_raise(&mut self, raise: Raise, counted: Nonce) -> Step {
        let (Some((_, request)), Some(work)) = (self.evm_request(), self.evm_work()) else {
            return Step::Rest;
        };
        if counted > work.nonce() {
            return self.stop(Setback::NonceUsed);
        }
        let version = match next(&work, &request, raise) {
            Ok(version) => version,
            Err(reason) => return self.stop(Setback::NotPlanned(reason)),
        };
        if let Err(required) = self.cover_signature() {
            let required = required.0;
            return self.stop(Setback::SignaturesNotCovered { required });
        }
        let id = self.id;
        let data = version.transaction.raw().data.len();
        *self.spent = self.spent.plus(storing(data));
        self.record(WalletEvent::EvmReplaced { id, version });
        self.sign_evm()
    }

    /// Admits the caller to one signature.
    ///
    /// # Errors
    /// What it costs, if the caller's admission does not cover that.
    fn cover_signature(&mut self) -> Result<(), Cycles> {
        let name = self.kit.config().key_name.clone();
        let most = self.world.signature_fee(KeyKind::Ecdsa, &name);
        self.cover_fees(most.unwrap_or_default())
    }
}
