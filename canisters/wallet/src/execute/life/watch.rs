//! What must hold after every step.
//!
//! - Every transfer of a ledger belongs to one proposal, which is paid once, with what it says, and only after the model has let it begin; every
//!   signature too. What is open again was surely not paid. In no window more has left than its limit.
//! - A proposal is shown as the model has it, and its stage moves only as it may.

use super::chain::Chain;
use super::model::{Begun, NO_POLICY, Phase, Proposal, Reason, SECOND, Says, Spent, Want, loosens};
use super::{ETHER, LEDGERS, Life, ledger};
use crate::account::icrc::IcrcAccount;
use crate::account::path::{AccountIndex, Purpose};
use crate::fake::person;
use crate::policy::Denial;
use crate::proposal::{ProposalId, ProposalView, Setback, StageView, Standing};
use crate::propose::view;
use crate::runtime::fake::Made;
use crate::signing::SigningRequest;
use crate::wallet::{WalletId, WalletView};
use std::collections::{BTreeMap, BTreeSet};

/// A transfer that a ledger has made, or a transaction in a block.
#[derive(Clone, Copy)]
pub struct Paid {
    pub proposal: u64,
    pub wallet: u64,
    pub asset: usize,
    pub at: u64,
    pub amount: u128,
}

/// What was seen before.
#[derive(Default)]
pub struct Watched {
    made: [usize; LEDGERS],
    pub chain: Chain,
    signed: usize,
    paid: Vec<Paid>,
    begun: u64,
    stages: BTreeMap<u64, StageView>,
    steps: u64,
}

impl From<&Standing> for Says {
    fn from(standing: &Standing) -> Self {
        let reason = |denial: &Denial| match denial {
            Denial::OverLimit { spent, fits_at, .. } => Reason::OverLimit {
                spent: *spent,
                fits_at: *fits_at,
            },
            Denial::NotListed { .. } => Reason::NotListed,
            Denial::NotActive { active_from, .. } => Reason::NotActive(*active_from),
            Denial::QuorumUnreachable { .. } => Reason::Unreachable,
        };
        match standing {
            Standing::Ready => Self::Ready,
            Standing::NeedsApprovals { given, quorum } => Self::Needs {
                given: *given,
                quorum: *quorum,
            },
            Standing::Waits { until } => Self::Waits(*until),
            Standing::Rejected => Self::Rejected,
            Standing::Denied(denials) => Self::Denied(denials.iter().map(reason).collect()),
        }
    }
}

pub fn ensure(holds: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    match holds {
        true => Ok(()),
        false => Err(why()),
    }
}

impl Life<'_> {
    /// Compares everything that a step may have changed, and now and then everything.
    pub(super) fn watch(&mut self, touched: Vec<u64>) -> Result<(), String> {
        self.watched.steps += 1;
        let all = self.watched.steps.is_multiple_of(100);
        let touched = match all {
            true => {
                let last = self.proposals.keys().rev().take(200).copied();
                last.chain(touched).collect::<BTreeSet<u64>>()
            }
            false => touched.into_iter().collect(),
        };
        let touched: Vec<u64> = touched.into_iter().collect();
        let shown = |id: &u64| (*id, self.shown(*id));
        let views: Vec<(u64, ProposalView)> = touched.iter().map(shown).collect();
        for (id, view) in &views {
            self.digests.insert(view.intent_digest.to_vec(), *id);
        }
        let mut paid = self.new_transfers(&touched)?;
        self.new_signatures(&touched)?;
        let mined = self.new_transactions()?;
        self.watched.paid.extend(&mined);
        paid.extend(mined);
        for (id, view) in &views {
            self.follow(*id, view)
                .map_err(|why| format!("proposal {id}: {why}"))?;
        }
        for payment in paid {
            self.windows_hold(payment)?;
        }
        // A step may have changed what others need.
        for (id, _) in &views {
            self.compare(*id)
                .map_err(|why| format!("proposal {id}: {why}"))?;
        }
        if all {
            self.compare_wallets()?;
        }
        Ok(())
    }

    fn shown(&self, id: u64) -> ProposalView {
        view(
            &self.scene.kit.borrow(),
            &self.scene.world,
            ProposalId::new(id),
        )
    }

    /// Whether a proposal may be worked on: it was begun, or may begin in this step.
    pub(super) fn may_happen(&self, id: u64, touched: &[u64]) -> bool {
        let proposal = &self.proposals[&id];
        let in_time = self.now() < proposal.expires_at;
        match proposal.phase {
            Phase::Begun => true,
            Phase::Open => touched.contains(&id) && in_time && self.says(id) == Says::Ready,
            _ => false,
        }
    }

    fn new_transfers(&mut self, touched: &[u64]) -> Result<Vec<Paid>, String> {
        let mut new = Vec::new();
        for asset in 0..LEDGERS {
            let from = self.watched.made[asset];
            let made: Vec<Made> = self
                .scene
                .world
                .with_ledger(ledger(asset), |ledger| ledger.made[from..].to_vec());
            self.watched.made[asset] += made.len();
            for made in made {
                let memo = made.transfer.memo.clone().unwrap_or_default();
                let id = *self
                    .digests
                    .get(memo.as_slice())
                    .ok_or("a transfer of nobody")?;
                ensure(self.may_happen(id, touched), || {
                    format!("{id} was not approved: {made:?}")
                })?;
                let proposal = self.proposals.get_mut(&id).ok_or("no such proposal")?;
                proposal.paid += 1;
                let fee = made.transfer.fee.unwrap_or(u128::MAX / 2);
                ensure(proposal.paid == 1, || {
                    format!("{id} is paid twice: {made:?}")
                })?;
                ensure(is_as_wanted(proposal, asset, &made), || {
                    format!("{id} is {made:?}")
                })?;
                new.push(Paid {
                    proposal: id,
                    wallet: proposal.wallet,
                    asset,
                    at: made.at.0,
                    amount: made.transfer.amount + fee,
                });
            }
        }
        self.watched.paid.extend(&new);
        Ok(new)
    }

    fn new_signatures(&mut self, touched: &[u64]) -> Result<(), String> {
        let signed = self.scene.world.signed.borrow();
        let new: Vec<SigningRequest> = signed[self.watched.signed..].to_vec();
        self.watched.signed = signed.len();
        drop(signed);
        for request in new {
            if self.signs_transaction(&request, touched)? {
                continue;
            }
            let of = |proposal: &&Proposal| proposal.want == Want::Sign(request.message.clone());
            let found = self.proposals.iter().find(|(_, proposal)| of(proposal));
            let (&id, proposal) = found.ok_or("a signature that nobody wanted")?;
            let wallet = WalletId::new(proposal.wallet);
            let path = Purpose::Raw(request.kind()).element(wallet, AccountIndex(0));
            ensure(request.path == path, || {
                format!("{id} is signed by another key")
            })?;
            ensure(self.may_happen(id, touched), || {
                format!("{id} was not approved: {request:?}")
            })?;
            if let Some(proposal) = self.proposals.get_mut(&id) {
                proposal.signed += 1;
            }
        }
        Ok(())
    }

    /// Follows a proposal to the stage that is shown, if it may be there.
    fn follow(&mut self, id: u64, view: &ProposalView) -> Result<(), String> {
        let proposal = self.proposals[&id].clone();
        let before = self.watched.stages.insert(id, view.stage.clone());
        let stage = &view.stage;
        let moved = self.is_on_its_way(id, before.as_ref(), stage);
        let ends = || format!("{before:?} became {stage:?}, {:?}", view.setback);
        match (proposal.phase, stage) {
            (Phase::Open, StageView::Open(_)) => Ok(()),
            (Phase::Open, StageView::Expired) => {
                let passed = !matches!(before, Some(StageView::Expired));
                if passed {
                    self.count("expired");
                }
                ensure(self.now() >= proposal.expires_at, ends)
            }
            (Phase::Open, StageView::Reserved | StageView::Signing | StageView::Sent) => {
                self.begin(id)
            }
            (
                Phase::Open,
                StageView::Transferred { .. }
                | StageView::Signed { .. }
                | StageView::Confirmed
                | StageView::Replaced,
            ) => {
                self.begin(id)?;
                self.end(id, stage)
            }
            (Phase::Open, StageView::Changed) => {
                self.begin(id)?;
                self.changed(id);
                Ok(())
            }
            (Phase::Begun, StageView::Reserved | StageView::Signing | StageView::Sent) => {
                if let Some(Setback::OutcomeLost(_)) = view.setback {
                    self.count("sent and not known");
                }
                ensure(moved, ends)
            }
            (
                Phase::Begun,
                StageView::Transferred { .. }
                | StageView::Signed { .. }
                | StageView::Confirmed
                | StageView::Replaced,
            ) => {
                self.count("begun and ended in different steps");
                self.end(id, stage)
            }
            (Phase::Begun, StageView::Open(_) | StageView::Expired) => self.released(id, view),
            (
                Phase::Done,
                StageView::Transferred { .. }
                | StageView::Signed { .. }
                | StageView::Confirmed
                | StageView::Replaced
                | StageView::Changed,
            )
            | (Phase::Rejected, StageView::Rejected)
            | (Phase::Cancelled, StageView::Cancelled)
            | (Phase::Expired, StageView::Expired) => {
                let same = before.is_none_or(|before| rank(Some(&before)) < 4 || before == *stage);
                ensure(same, || format!("an end became {stage:?}"))
            }
            _ => Err(format!("{:?} became {stage:?}", proposal.phase)),
        }
    }

    /// Whether a stage may come after another one: only another version of a transaction is signed after one was sent.
    fn is_on_its_way(&self, id: u64, before: Option<&StageView>, stage: &StageView) -> bool {
        let signed_again =
            self.is_ether(id) && (before, stage) == (Some(&StageView::Sent), &StageView::Signing);
        rank(before) <= rank(Some(stage)) || signed_again
    }

    /// It begins in this step: the policy must let it.
    fn begin(&mut self, id: u64) -> Result<(), String> {
        let (now, says) = (self.now(), self.says(id));
        let proposal = &self.proposals[&id];
        ensure(says == Says::Ready, || {
            format!("begun, but the model says {says:?}")
        })?;
        ensure(now < proposal.expires_at, || {
            "begun after its time".to_owned()
        })?;
        self.quorum_of_members(id)?;
        let proposal = self.proposals[&id].clone();
        let mut useless = BTreeSet::new();
        let wallet = self.wallets.get_mut(&proposal.wallet).ok_or("no wallet")?;
        for (who, (_, version)) in &proposal.approvals {
            if !wallet.members.contains(who) {
                useless.insert("approval that does not count: former member");
            } else if *version != wallet.version {
                useless.insert("approval that does not count: former policy");
            }
        }
        let mut limit = None;
        if let Want::Pay {
            asset,
            amount,
            max_fee,
            ..
        } = proposal.want
        {
            let rules = wallet.rules(asset);
            let of_asset = rules.and_then(|rules| rules.limit.as_ref());
            limit = of_asset.map(|limit| (limit.amount, limit.window_seconds * SECOND));
            wallet.spent.push(Spent {
                proposal: id,
                asset,
                amount: amount + max_fee,
                settled: None,
            });
        }
        self.watched.begun += 1;
        let order = self.watched.begun;
        if let Some(proposal) = self.proposals.get_mut(&id) {
            proposal.phase = Phase::Begun;
            proposal.begun = Some(Begun { order, limit });
        }
        useless.into_iter().for_each(|what| self.count(what));
        Ok(())
    }

    /// The approvals alone, counted once more in the shortest way.
    fn quorum_of_members(&self, id: u64) -> Result<(), String> {
        let proposal = &self.proposals[&id];
        let wallet = &self.wallets[&proposal.wallet];
        let needs = wallet.needs(&proposal.want);
        let latest = self.now() - needs.delay_seconds * SECOND;
        let counts = |(who, (at, version)): &(&u32, &(u64, u64))| {
            wallet.members.contains(who) && *version == wallet.version && *at <= latest
        };
        let given = proposal.approvals.iter().filter(counts).count();
        ensure(given >= needs.quorum as usize, || {
            format!("{given} of {needs:?}")
        })
    }

    fn end(&mut self, id: u64, stage: &StageView) -> Result<(), String> {
        let now = self.now();
        let proposal = self.proposals.get_mut(&id).ok_or("no proposal")?;
        proposal.phase = Phase::Done;
        let (wallet, paid, signed) = (proposal.wallet, proposal.paid, proposal.signed);
        match (&proposal.want, stage) {
            (Want::Pay { asset, .. }, StageView::Transferred { block }) => {
                let asset = *asset;
                ensure(paid == 1, || {
                    "shown as paid, but no ledger has paid".to_owned()
                })?;
                let made = |ledger: &mut crate::runtime::fake::FakeLedger| {
                    ledger.made[*block as usize].transfer.memo.clone()
                };
                let memo = self.scene.world.with_ledger(ledger(asset), made);
                let whose = memo.and_then(|memo| self.digests.get(memo.as_slice()).copied());
                ensure(whose == Some(id), || {
                    format!("block {block} is of {whose:?}")
                })?;
                self.settle(id, wallet, now)?;
                self.count("transferred");
            }
            (Want::Pay { asset: ETHER, .. }, StageView::Confirmed | StageView::Replaced) => {
                let cancelled = self.watched.chain.cancelled.contains(&id);
                let confirmed = *stage == StageView::Confirmed;
                ensure((paid == 1, cancelled) == (confirmed, !confirmed), || {
                    format!("shown as {stage:?}, but paid {paid} times")
                })?;
                self.settle(id, wallet, now)?;
                self.count(match confirmed {
                    true => "confirmed",
                    false => "replaced",
                });
            }
            (Want::Sign(_), StageView::Signed { .. }) => {
                ensure(signed > 0, || {
                    "shown as signed, but nobody has signed".to_owned()
                })?;
                self.count("signed");
            }
            (want, _) => return Err(format!("{want:?} ended as {stage:?}")),
        }
        Ok(())
    }

    /// From now on it counts for one window.
    fn settle(&mut self, id: u64, wallet: u64, now: u64) -> Result<(), String> {
        let wallet = self.wallets.get_mut(&wallet).ok_or("no wallet")?;
        for spent in &mut wallet.spent {
            if spent.proposal == id {
                spent.settled = Some(now);
            }
        }
        Ok(())
    }

    fn released(&mut self, id: u64, view: &ProposalView) -> Result<(), String> {
        let proposal = self.proposals.get_mut(&id).ok_or("no proposal")?;
        let paid = proposal.paid + proposal.signed;
        ensure(paid == 0, || {
            format!("open again, but it has happened: {:?}", view.setback)
        })?;
        let surely = matches!(
            view.setback,
            Some(
                Setback::LedgerRefused(_)
                    | Setback::NotReached(_)
                    | Setback::NeverHappened
                    | Setback::NotSigned(_)
            )
        );
        ensure(surely, || {
            format!("open again because of {:?}", view.setback)
        })?;
        proposal.phase = Phase::Open;
        proposal.begun = None;
        let wallet = proposal.wallet;
        if let Some(wallet) = self.wallets.get_mut(&wallet) {
            wallet.spent.retain(|spent| spent.proposal != id);
        }
        self.count(match view.setback {
            Some(Setback::NeverHappened) => "released: never happened",
            _ => "released",
        });
        Ok(())
    }

    /// What people approved who are put out never counts again, also if they come back.
    fn cross_out(&mut self, change: u64, out: &[u32]) {
        let wallet = self.proposals[&change].wallet;
        let same = self.proposals.values_mut().filter(|it| it.wallet == wallet);
        for proposal in same {
            for (_, given) in proposal
                .approvals
                .iter_mut()
                .filter(|(who, _)| out.contains(who))
            {
                given.1 = NO_POLICY;
            }
        }
    }

    /// Another policy, or other members.
    fn changed(&mut self, id: u64) {
        let now = self.now();
        let proposal = self.proposals[&id].clone();
        let mut told = vec![];
        if let Some(wallet) = self.wallets.get_mut(&proposal.wallet) {
            match &proposal.want {
                Want::Policy(policy) => {
                    told.push("policy changed");
                    if loosens(&wallet.policy, policy) {
                        told.push("policy loosened");
                    }
                    wallet.change_policy(policy, now);
                }
                Want::Members(members) => {
                    told.push("members changed");
                    let out: Vec<u32> = wallet.members.difference(members).copied().collect();
                    wallet.members = members.clone();
                    self.cross_out(id, &out);
                }
                Want::Pay { .. } | Want::Sign(_) => {}
            }
        }
        if let Some(proposal) = self.proposals.get_mut(&id) {
            proposal.phase = Phase::Done;
        }
        told.into_iter().for_each(|what| self.count(what));
    }

    /// For every window that ends with a payment: what has left in it is at most the limit that was in force when the last of it was begun.
    fn windows_hold(&mut self, last: Paid) -> Result<(), String> {
        let order = |paid: &Paid| {
            self.proposals[&paid.proposal]
                .begun
                .map_or(0, |begun| begun.order)
        };
        let own = self.watched.paid.iter().rev();
        let own: Vec<Paid> = own
            .filter(|paid| (paid.wallet, paid.asset) == (last.wallet, last.asset))
            .copied()
            .collect();
        for newest in &own {
            let begun = self.proposals[&newest.proposal].begun;
            let Some((limit, window)) = begun.and_then(|begun| begun.limit) else {
                continue;
            };
            let inside = |paid: &&Paid| paid.at + window > last.at && order(paid) <= order(newest);
            if newest.at + window <= last.at {
                continue;
            }
            let sum: u128 = own.iter().filter(inside).map(|paid| paid.amount).sum();
            ensure(sum <= limit, || {
                format!("{sum} left in a window of {limit}")
            })?;
        }
        let view = self.shown(last.proposal);
        if matches!(view.stage, StageView::Sent) {
            self.count("made, but the answer lost");
        }
        Ok(())
    }

    /// Whether a proposal is shown as the model has it.
    fn compare(&self, id: u64) -> Result<(), String> {
        let (view, proposal) = (self.shown(id), &self.proposals[&id]);
        let people = |who: &mut dyn Iterator<Item = u32>| who.map(person).collect::<Vec<_>>();
        let approvals = people(&mut proposal.approvals.keys().copied());
        ensure(view.approvals == approvals, || {
            format!("approvals {:?}", proposal.approvals)
        })?;
        let rejections = people(&mut proposal.rejections.iter().copied());
        ensure(view.rejections == rejections, || {
            format!("rejections {:?}", proposal.rejections)
        })?;
        if let StageView::Open(standing) = &view.stage {
            let (shown, says) = (Says::from(standing), self.says(id));
            ensure(shown == says, || {
                format!("shown as {shown:?}, but the model says {says:?}")
            })?;
            ensure(proposal.paid == 0, || "open, but paid".to_owned())?;
        }
        Ok(())
    }

    fn compare_wallets(&self) -> Result<(), String> {
        let kit = self.scene.kit.borrow();
        for (id, wallet) in &self.wallets {
            let number = WalletId::new(*id);
            let stored = kit.product().get(number).ok_or("no wallet")?;
            let view = WalletView::of(number, &stored);
            let members: Vec<_> = wallet.members.iter().map(|who| person(*who)).collect();
            let same = (view.members, view.policy_version) == (members, wallet.version);
            ensure(same, || format!("wallet {id}: {wallet:?}"))?;
            ensure(view.policy == wallet.policy, || {
                format!("wallet {id}: {wallet:?}")
            })?;
            for who in 1..=super::PEOPLE as u32 {
                let listed = kit.product().list(person(who), number, 1).contains(&number);
                ensure(listed == wallet.members.contains(&who), || {
                    format!("{who} of {id}")
                })?;
            }
        }
        Ok(())
    }
}

/// Stages in the order in which they come.
fn rank(stage: Option<&StageView>) -> u8 {
    match stage {
        None | Some(StageView::Open(_)) => 0,
        Some(StageView::Reserved) => 1,
        Some(StageView::Signing) => 2,
        Some(StageView::Sent) => 3,
        Some(_) => 4,
    }
}

fn is_as_wanted(proposal: &Proposal, number: usize, made: &Made) -> bool {
    let Want::Pay {
        asset,
        to,
        amount,
        max_fee,
    } = proposal.want
    else {
        return false;
    };
    let wallet = WalletId::new(proposal.wallet);
    let from = IcrcAccount::of(made.owner, wallet, AccountIndex(0)).subaccount;
    let transfer = &made.transfer;
    asset == number
        && transfer.to.owner == person(to)
        && transfer.to.subaccount.is_none()
        && transfer.amount == amount
        && transfer.fee.is_some_and(|fee| fee <= max_fee)
        && transfer.from_subaccount.as_deref().map(Vec::as_slice) == Some(&from)
}
