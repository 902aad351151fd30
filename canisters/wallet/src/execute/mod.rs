//! Carrying a proposal out: from the policy's yes to a settled payment, through every interruption.
//!
//! - What it does: [`begin`] (for the method `execute`) asks the policy, closes the proposal's lock and begins a paid call; [`resume`] takes up
//!   what stopped. Both hand out a [`Run`], which [`drive`] carries on: it makes the call that the stage asks for, gives the answer back to
//!   [`carrier`], which records what follows of it, and so on until there is nothing more to do. The state is read anew after every call.
//! - What stands in a stage was recorded before the call that it stands for. So an interrupted run (a trap, a reject, an upgrade, an answer that
//!   never came) is resumed from the stage alone, with exactly the same transfer or message, never another one in its place.
//! - Resuming is not stopped by a pause. `execute` has paid for every signature that was reserved; what ledgers and chains are
//!   asked again is paid again.
//! - In: caller, request. Out: the proposal as it is then, or a [`WalletError`].

mod bitcoin;
#[cfg(test)]
mod bitcoin_life;
#[cfg(test)]
mod bitcoin_tests;
mod bump;
mod carrier;
mod ethereum;
#[cfg(test)]
mod ethereum_policy_tests;
#[cfg(test)]
mod ethereum_tests;
#[cfg(test)]
mod evm_tests;
mod icrc;
#[cfg(test)]
mod life;
mod raise;
#[cfg(test)]
mod raise_tests;
mod reserve;
mod settle;
mod solana;
#[cfg(test)]
mod solana_life;
#[cfg(test)]
mod solana_tests;
#[cfg(test)]
mod stuck_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_lost;

use crate::chain::bitcoin::FeeRate;
use crate::error::WalletError;
use crate::intent::Intent;
use crate::policy::Verdict;
use crate::prepare::root_keys;
use crate::proposal::{ProposalId, ProposalView, Receipt, Stage, Standing};
use crate::propose::{found, verdict, view};
use crate::root_key::KeyKind;
use crate::runtime::{LEDGER_CALL, Outside};
use crate::state::{Carried, WalletKit};
use bitcoin::Why;
use canister_kit::encoding::Cycles;
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use canister_kit::{Admitted, Begun, Caller, Paid, PaidCall};
use carrier::Carrier;
use icrc::LOOKS;
use raise::Raise;

pub use bitcoin::{Coins, asking_fee, most_of_asking};
pub use bump::{Wanted, bump};
pub use raise::{RaiseWanted, raise};

/// What carrying out costs beside signatures: calls to other canisters, instructions, and ten years of storing its events.
pub const COST: Cycles = Cycles(1_000_000_000);

/// Lends the kit between two calls to others.
pub trait Door {
    /// What the kit is kept in.
    type Memory: Memory;

    /// Lends the kit.
    fn change<R>(&self, use_it: impl FnOnce(&mut WalletKit<Self::Memory>) -> R) -> R;
}

/// The right to carry one proposal out. The lock opens when it is dropped.
pub struct Run {
    caller: Caller,
    id: ProposalId,
    /// The paid call, and what the signature of a message costs. Nothing for a run that was resumed.
    paid: Option<(Paid, Cycles)>,
    /// What was admitted beside it, and what that costs: the signatures of a transaction, and broadcasting it.
    further: Option<(Admitted, Cycles)>,
    /// What it has cost so far, beside those.
    spent: Cycles,
    /// How often it has asked a ledger for blocks.
    looks: u32,
    task: Task,
    _held: Carried,
}

/// What a run is for.
#[derive(Clone, Copy)]
enum Task {
    /// To carry a proposal on from its stage.
    CarryOn,
    /// To put a version with this rate in the place of a transaction on Bitcoin.
    Bump(FeeRate),
    /// To put another version in the place of a transaction on a chain of Ethereum's kind.
    Raise(Raise),
}

/// What became of the wish to carry a proposal out.
pub enum Started {
    /// It goes on with [`drive`].
    Run(Run),
    /// It has ended, now or earlier.
    Ended(ProposalView),
}

/// Begins to carry an open proposal out.
///
/// # Errors
/// [`WalletError::NoSuchProposal`], [`WalletError::NotOpen`], [`WalletError::NotReady`], [`WalletError::BeingCarriedOut`],
/// [`WalletError::KeysNotPrepared`], [`WalletError::KeyUnavailable`], and as [`WalletError::Refused`] every refusal of a call that pays.
pub fn begin<M: Memory>(
    kit: &mut WalletKit<M>,
    world: &impl Outside,
    caller: Caller,
    request_id: Vec<u8>,
    id: ProposalId,
) -> Result<Started, WalletError> {
    let (proposal, _) = kit.product().proposal_for(id, caller.principal())?;
    let (signature, rest) = fees(kit, world, &proposal.intent)?;
    let call = PaidCall {
        caller,
        method: "execute",
        arguments: &id.number().to_be_bytes(),
        request_id,
        most: signature.plus(rest),
        tokens: 1,
    };
    match kit.look_up(&call)? {
        Some(Begun::Unknown) => return again(kit, world, call, signature, id),
        Some(begun) => return found(kit, world, begun).map(Started::Ended),
        None => {}
    }
    if !proposal.is_open(world.now()) {
        return Err(WalletError::NotOpen);
    }
    let held = hold(kit, id)?;
    let approved = match verdict(kit, world, id) {
        Some(Verdict::Approved(approved)) => approved,
        Some(other) => return Err(WalletError::NotReady(Standing::from(&other))),
        None => return Err(WalletError::NoSuchProposal),
    };
    let paid = match kit.begin(world, call)? {
        Begun::New(paid) => paid,
        other => return found(kit, world, other).map(Started::Ended),
    };
    let run = Run::paid(caller, id, (paid, signature), held);
    match approved.intent() {
        Intent::PolicyChange(_) | Intent::MemberChange(_) => {
            reserve::done(kit, world, caller, approved, Receipt::Changed);
            end(kit, world, run);
            Ok(Started::Ended(view(kit, world, id)))
        }
        // What these need has still to be asked for; the policy is asked again after that.
        _ => Ok(Started::Run(run)),
    }
}

/// Takes up a request that was interrupted, and so gives its place in the journal back when it ends. Nothing is begun anew: a proposal that
/// is open is shown, and the request id may be used again.
fn again<M: Memory>(
    kit: &mut WalletKit<M>,
    world: &impl Outside,
    call: PaidCall<'_>,
    signature: Cycles,
    id: ProposalId,
) -> Result<Started, WalletError> {
    let held = hold(kit, id)?;
    let caller = call.caller;
    let paid = kit.resume(world, call)?;
    let run = Run::paid(caller, id, (paid, signature), held);
    let stage = kit.product().proposal(id).map(|proposal| proposal.stage);
    match stage {
        Some(Stage::Reserved(_) | Stage::Signing(_) | Stage::Sent { .. }) => Ok(Started::Run(run)),
        Some(Stage::Open | Stage::Ended(_)) | None => {
            end(kit, world, run);
            Ok(Started::Ended(view(kit, world, id)))
        }
    }
}

/// Takes up what stopped. Signatures were paid by whoever executed; asking ledgers and the Bitcoin canister again is paid by the caller's
/// admission each time.
///
/// # Errors
/// [`WalletError::NoSuchProposal`], [`WalletError::NothingToResume`], [`WalletError::BeingCarriedOut`], and as [`WalletError::Refused`] those
/// of the quota and of the admission.
pub fn resume<M: Memory>(
    kit: &mut WalletKit<M>,
    world: &impl Outside,
    caller: Caller,
    id: ProposalId,
) -> Result<Run, WalletError> {
    let (proposal, _) = kit.product().proposal_for(id, caller.principal())?;
    kit.take_quota(world, caller, 1)?;
    if matches!(proposal.stage, Stage::Open | Stage::Ended(_)) {
        return Err(WalletError::NothingToResume);
    }
    let held = hold(kit, id)?;
    let further = match (&proposal.stage, &proposal.intent, proposal.bitcoin()) {
        (Stage::Sent { .. }, Intent::BtcSend(send), Some(work)) => {
            let sending = bitcoin::sending_fee(world, send.network, work);
            let most = sending.plus(bitcoin::most_of_asking(world, send.network));
            Some((kit.admit_to_end(world, caller, most)?, sending))
        }
        (Stage::Signing(_) | Stage::Sent { .. }, ..) if proposal.evm().is_some() => {
            let versions = proposal.evm().map_or(0, |work| work.versions().count());
            let most = ethereum::most_of_settling(versions as u32);
            Some((kit.admit_to_end(world, caller, most)?, Cycles::ZERO))
        }
        (Stage::Sent { .. }, Intent::IcrcTransfer(_), _) => {
            let most = LEDGER_CALL.times(2 * LOOKS + 1);
            Some((kit.admit_to_end(world, caller, most)?, Cycles::ZERO))
        }
        (_, Intent::SolTransfer(_) | Intent::SplTransfer(_), _) => {
            let admitted = kit.admit_to_end(world, caller, solana::ASKING)?;
            Some((admitted, Cycles::ZERO))
        }
        _ => None,
    };
    Ok(Run {
        caller,
        id,
        paid: None,
        further,
        spent: Cycles::ZERO,
        looks: 0,
        task: Task::CarryOn,
        _held: held,
    })
}

/// Carries a proposal on until it has ended or something stops it; either is on record then.
pub async fn drive<D: Door>(door: &D, world: &impl Outside, mut run: Run) -> ProposalView {
    let (name, environment) = door.change(|kit| {
        let config = kit.config();
        (config.key_name.clone(), config.environment)
    });
    let task = run.task;
    let mut step = door.change(|kit| {
        let mut carrier = run.carrier(kit, world);
        match task {
            Task::CarryOn => carrier.first(),
            Task::Bump(rate) => carrier.ask_coins(Why::Bump(rate)),
            Task::Raise(raise) => carrier.first_of_raise(raise),
        }
    });
    while let Some(answer) = step.make(world, environment, &name).await {
        step = door.change(|kit| run.carrier(kit, world).after(answer));
    }
    door.change(|kit| {
        let id = run.id;
        end(kit, world, run);
        view(kit, world, id)
    })
}

impl Run {
    /// A run with a call that pays; beside it, what the signature of a message costs.
    fn paid(caller: Caller, id: ProposalId, paid: (Paid, Cycles), held: Carried) -> Self {
        Self {
            caller,
            id,
            paid: Some(paid),
            further: None,
            spent: COST,
            looks: 0,
            task: Task::CarryOn,
            _held: held,
        }
    }

    fn carrier<'a, M: Memory, W: Outside>(
        &'a mut self,
        kit: &'a mut WalletKit<M>,
        world: &'a W,
    ) -> Carrier<'a, M, W> {
        Carrier {
            kit,
            world,
            caller: self.caller,
            id: self.id,
            further: &mut self.further,
            spent: &mut self.spent,
            looks: &mut self.looks,
        }
    }
}

fn hold<M: Memory>(kit: &WalletKit<M>, id: ProposalId) -> Result<Carried, WalletError> {
    kit.product().lock(id)
}

/// What the signature of a message costs, and what else carrying an intent out can cost before it is known how many signatures there are.
fn fees<M: Memory>(
    kit: &WalletKit<M>,
    world: &impl Outside,
    intent: &Intent,
) -> Result<(Cycles, Cycles), WalletError> {
    let signature = |kind: KeyKind| {
        root_keys(kit)?;
        let fee = world.signature_fee(kind, &kit.config().key_name);
        fee.ok_or_else(|| WalletError::KeyUnavailable {
            key: kind,
            code: 0,
            message: "the network has no such key".to_owned(),
        })
    };
    match intent {
        Intent::RawSign(sign) => Ok((signature(sign.key)?, COST)),
        Intent::Eip191(_) | Intent::Eip712(_) => Ok((signature(KeyKind::Ecdsa)?, COST)),
        Intent::EvmTransfer(_) | Intent::Erc20Transfer(_) | Intent::EvmCall(_) => {
            let data = intent.evm().map_or(0, |request| request.data.len());
            let most = COST.plus(ethereum::most_of_executing());
            let most = most.plus(ethereum::storing(data));
            Ok((signature(KeyKind::Ecdsa)?, most))
        }
        Intent::BtcSend(send) => {
            signature(KeyKind::Ecdsa)?;
            signature(KeyKind::Bip340)?;
            let asking = bitcoin::most_of_asking(world, send.network);
            Ok((Cycles::ZERO, COST.plus(asking)))
        }
        // Asking for fee and log, and the transfer; the log is read only by runs that are resumed.
        Intent::IcrcTransfer(_) => Ok((Cycles::ZERO, COST.plus(LEDGER_CALL.times(3)))),
        Intent::SolTransfer(_) | Intent::SplTransfer(_) => {
            signature(KeyKind::Ed25519)?;
            Ok((Cycles::ZERO, COST.plus(solana::ASKING)))
        }
        Intent::PolicyChange(_) | Intent::MemberChange(_) => Ok((Cycles::ZERO, COST)),
    }
}

/// Ends what the run was admitted to. Where nothing happened, the proposal is open again, only what was asked has cost something, and the
/// request id may be used again; everywhere else the signatures, and broadcasting once, are paid, so that resuming need not pay them.
fn end<M: Memory>(kit: &mut WalletKit<M>, world: &impl Runtime, run: Run) {
    let proposal = kit.product().proposal(run.id);
    let nothing = proposal.is_none_or(|proposal| proposal.stage == Stage::Open);
    let happened = |cost| if nothing { Cycles::ZERO } else { cost };
    // A resumed run has no paid call, so what it asked is paid with the rest.
    let mut asked = run.spent;
    if let Some((paid, signature)) = run.paid {
        let cost = asked.plus(happened(signature));
        asked = Cycles::ZERO;
        match nothing {
            true => kit.withdraw(world, paid, cost),
            false => kit.finish(world, paid, run.id.number().to_be_bytes().to_vec(), cost),
        }
    }
    if let Some((admitted, most)) = run.further {
        kit.settle(world, admitted, asked.plus(happened(most)));
    }
}
