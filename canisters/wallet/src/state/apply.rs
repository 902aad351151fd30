//! What each event changes.
//!
//! - It looks at nothing but the state and the event, and does not fail: whoever records an event has checked everything before. An event about
//!   something that is not there would be a bug, and traps.

use super::{NonceKey, Nonces, Wallets, coin_key, spent_key};
use crate::asset::{Amount, Asset};
use crate::chain::ethereum::quantity::Nonce;
use crate::effect::Effects;
use crate::event::WalletEvent;
use crate::intent::Intent;
use crate::members::Members;
use crate::policy::{Policy, Spent, Waiting, waiting_after};
use crate::proposal::{
    Approval, BitcoinWork, EvmWork, Missing, Outcome, Plan, Proposal, ProposalId, Receipt, Setback,
    SolanaWork, Stage,
};
use crate::wallet::{PolicyVersion, Wallet, WalletId};
use candid::Principal;
use canister_kit::Stamp;
use canister_kit::encoding::Timestamp;
use canister_kit::stable::Memory;
use std::collections::{BTreeMap, BTreeSet};

impl<M: Memory> Wallets<M> {
    pub(super) fn change(&mut self, stamp: Stamp, event: &WalletEvent) {
        match event {
            WalletEvent::WalletCreated {
                id,
                name,
                members,
                policy,
            } => {
                self.enlist(*id, members.iter());
                let wallet = Wallet {
                    name: name.clone(),
                    members: members.clone(),
                    policy: policy.clone(),
                    policy_version: PolicyVersion::FIRST,
                    created_at: stamp.at,
                    waiting: Waiting::new(),
                    joined: BTreeMap::new(),
                };
                self.wallets.insert(id.number(), wallet);
            }
            WalletEvent::RootKeyCached { key } => {
                let keys = self.keys.get().clone().with(key);
                self.keys.set(keys);
            }
            WalletEvent::Proposed {
                id,
                wallet,
                intent,
                expires_at,
                note,
            } => {
                let proposal = Proposal {
                    wallet: *wallet,
                    intent: intent.clone(),
                    proposed_by: stamp.by,
                    proposed_at: stamp.at,
                    expires_at: *expires_at,
                    note: note.clone(),
                    approvals: BTreeMap::new(),
                    rejections: BTreeSet::new(),
                    stage: Stage::Open,
                    setback: None,
                };
                let key = (wallet.number(), id.number());
                self.wallet_proposals.insert(key, ());
                self.unended.insert(key, ());
                let version = self.existing(*wallet).policy_version;
                self.proposals
                    .insert(id.number(), agreed(proposal, stamp, version));
            }
            WalletEvent::Approved { id, policy_version } => {
                self.revise(*id, |proposal| agreed(proposal, stamp, *policy_version));
            }
            WalletEvent::Rejected { id } => self.revise(*id, |mut proposal| {
                proposal.approvals.remove(&stamp.by);
                proposal.rejections.insert(stamp.by);
                proposal
            }),
            WalletEvent::Closed { id, outcome } => self.end(*id, outcome.clone()),
            carried => self.carry(stamp, carried),
        }
    }

    /// The events of carrying a proposal out.
    fn carry(&mut self, stamp: Stamp, event: &WalletEvent) {
        match event {
            WalletEvent::Reserved { id, plan } => {
                self.revise(*id, |mut proposal| {
                    proposal.stage = Stage::Reserved(plan.clone());
                    proposal.setback = None;
                    proposal
                });
                self.count(*id, |spent, amount| spent.reserve(*id, amount, stamp.at));
                self.hold_coins(*id);
                self.nonce(*id, |nonces, nonce| nonces.reserve(nonce, *id));
                self.hold_nonce(*id);
            }
            WalletEvent::SignatureMade { id, signature } => self.work(*id, |mut work| {
                work.signatures.push(*signature);
                work
            }),
            WalletEvent::TransactionSigned { id, transaction } => self.work(*id, |mut work| {
                work.signed = Some(transaction.clone());
                work
            }),
            WalletEvent::CoinsSeen { id, spent_at } => self.work(*id, |mut work| {
                work.spent_at = *spent_at;
                work
            }),
            WalletEvent::FeeBumped { id, plan } => {
                self.advance(*id, Stage::Signing);
                self.work(*id, |work| work.replaced_by(plan.clone()));
                self.hold_coins(*id);
            }
            WalletEvent::SigningBegun { id } => self.advance(*id, Stage::Signing),
            WalletEvent::Sent { id } => self.advance(*id, |plan| sent(plan, false, None)),
            WalletEvent::OutcomeLost { id } => self.advance(*id, |plan| sent(plan, true, None)),
            WalletEvent::Looking { id, next } => {
                self.advance(*id, |plan| sent(plan, true, Some(*next)));
            }
            WalletEvent::Stopped { id, setback } => self.revise(*id, |mut proposal| {
                proposal.setback = Some(setback.clone());
                proposal
            }),
            WalletEvent::Released { id, setback } => self.release(*id, setback, stamp.at),
            WalletEvent::Done { id, receipt } => {
                match receipt {
                    Receipt::Solana(work) if work.has_failed() => {
                        self.count(*id, |spent, _| spent.release(*id));
                        self.count_only(*id, Amount(work.cost().0.into()), stamp.at);
                    }
                    _ => self.count(*id, |spent, _| spent.settle(*id, stamp.at)),
                }
                self.let_coins_go(*id);
                self.nonce(*id, Nonces::settle);
                self.let_nonce_go(*id);
                self.end(*id, Outcome::Done(receipt.clone()));
                if *receipt == Receipt::Changed {
                    self.change_wallet(*id, stamp.at);
                }
            }
            evm => self.carry_on_evm(stamp, evm),
        }
    }

    /// Those of transactions on chains of Ethereum's kind alone.
    fn carry_on_evm(&mut self, stamp: Stamp, event: &WalletEvent) {
        match event {
            WalletEvent::EvmSigned { id, transaction } => self.evm_work(*id, |mut work| {
                work.current.signed = Some(transaction.clone());
                work
            }),
            WalletEvent::EvmReplaced { id, version } => {
                self.advance(*id, Stage::Signing);
                self.evm_work(*id, |work| work.replaced_by(version.clone()));
            }
            WalletEvent::SignatureInDoubt { id } => self.evm_work(*id, |mut work| {
                work.in_doubt = true;
                work
            }),
            WalletEvent::ReceiptMissing { id, unread } => self.evm_work(*id, |mut work| {
                work.missing = Some(Missing {
                    since: stamp.at,
                    unread: *unread,
                });
                work
            }),
            on_solana => self.carry_on_solana(on_solana),
        }
    }

    /// The events of carrying a payment on Solana out.
    fn carry_on_solana(&mut self, event: &WalletEvent) {
        match event {
            WalletEvent::SolanaPlanned { id, version } => {
                self.advance(*id, Stage::Signing);
                self.solana(*id, |work| work.followed_by(version.clone()));
            }
            WalletEvent::SolanaSigned { id, transaction } => self.solana(*id, |mut work| {
                work.current.id = Some(*transaction);
                work
            }),
            WalletEvent::SolanaMissing { id, since } => self.solana(*id, |mut work| {
                work.missing_since = *since;
                work
            }),
            // The functions above have taken the others.
            _ => {}
        }
    }

    /// What was begun surely has not happened.
    fn release(&mut self, id: ProposalId, setback: &Setback, now: Timestamp) {
        self.let_coins_go(id);
        self.nonce(id, Nonces::give_back);
        self.let_nonce_go(id);
        // An opening that expired has taken nothing.
        let left = match setback {
            Setback::NonceNotOpened => Amount(0),
            _ => self.solana_cost(id),
        };
        self.revise(id, |mut proposal| {
            proposal.stage = Stage::Open;
            proposal.setback = Some(setback.clone());
            proposal
        });
        self.count(id, |spent, _| spent.release(id));
        self.count_only(id, left, now);
    }

    fn enlist(&mut self, wallet: WalletId, members: impl Iterator<Item = Principal>) {
        for member in members {
            self.memberships.insert((member, wallet.number()), ());
        }
    }

    fn existing(&self, id: WalletId) -> Wallet {
        match self.get(id) {
            Some(wallet) => wallet,
            None => panic!("an event names wallet {}, which is not there", id.number()),
        }
    }

    fn revise(&mut self, id: ProposalId, change: impl FnOnce(Proposal) -> Proposal) {
        let Some(proposal) = self.proposal(id) else {
            panic!(
                "an event names proposal {}, which is not there",
                id.number()
            )
        };
        self.proposals.insert(id.number(), change(proposal));
    }

    /// The next stage, made of what is done; the setback of an earlier attempt is over.
    fn advance(&mut self, id: ProposalId, next: impl FnOnce(Plan) -> Stage) {
        self.revise(id, |mut proposal| {
            proposal.setback = None;
            proposal.stage = match proposal.stage {
                Stage::Reserved(plan) | Stage::Signing(plan) | Stage::Sent { plan, .. } => {
                    next(plan)
                }
                Stage::Open | Stage::Ended(_) => {
                    panic!("proposal {} is not being carried out", id.number())
                }
            };
            proposal
        });
    }

    fn end(&mut self, id: ProposalId, outcome: Outcome) {
        self.revise(id, |mut proposal| {
            proposal.stage = Stage::Ended(outcome);
            proposal.setback = None;
            proposal
        });
        if let Some(proposal) = self.proposal(id) {
            let key = (proposal.wallet.number(), id.number());
            self.unended.remove(&key);
        }
    }

    /// Changes what is being done for a proposal.
    fn plan(&mut self, id: ProposalId, change: impl FnOnce(&mut Plan)) {
        self.revise(id, |mut proposal| {
            let (Stage::Reserved(plan) | Stage::Signing(plan) | Stage::Sent { plan, .. }) =
                &mut proposal.stage
            else {
                panic!("proposal {} is not being carried out", id.number())
            };
            change(plan);
            proposal
        });
    }

    /// Changes the work on a transaction on Bitcoin.
    fn work(&mut self, id: ProposalId, change: impl FnOnce(BitcoinWork) -> BitcoinWork) {
        self.plan(id, |plan| {
            if let Plan::Bitcoin(work) = plan {
                **work = change((**work).clone());
            }
        });
    }

    /// Changes the work on a transaction on a chain of Ethereum's kind.
    fn evm_work(&mut self, id: ProposalId, change: impl FnOnce(EvmWork) -> EvmWork) {
        self.plan(id, |plan| {
            if let Plan::Evm(work) = plan {
                **work = change((**work).clone());
            }
        });
    }

    /// Changes the record of the nonces of a proposal's account, if it is a transaction on a chain of Ethereum's kind.
    fn nonce(&mut self, id: ProposalId, change: impl FnOnce(&mut Nonces, Nonce)) {
        let Some(proposal) = self.proposal(id) else {
            return;
        };
        let (Some(request), Some(work)) = (proposal.intent.evm(), proposal.evm()) else {
            return;
        };
        let key = NonceKey {
            wallet: proposal.wallet,
            chain: request.chain,
            index: request.from,
        };
        let mut nonces = self.nonces(&key);
        change(&mut nonces, work.nonce());
        self.nonces.insert(key.bytes(), nonces);
    }

    /// Changes the work on a payment on Solana.
    fn solana(&mut self, id: ProposalId, change: impl FnOnce(SolanaWork) -> SolanaWork) {
        self.plan(id, |plan| {
            if let Plan::Solana(work) = plan {
                **work = change((**work).clone());
            }
        });
    }

    /// The account on Solana whose nonce account a proposal spends.
    fn nonce_of(&self, id: ProposalId) -> Option<(u64, u32)> {
        let proposal = self.proposal(id)?;
        proposal.solana()?;
        let send = proposal.intent.solana()?;
        Some((proposal.wallet.number(), send.from.0))
    }

    fn hold_nonce(&mut self, id: ProposalId) {
        if let Some(nonce) = self.nonce_of(id) {
            self.solana_nonces.insert(nonce, id.number());
        }
    }

    fn let_nonce_go(&mut self, id: ProposalId) {
        if let Some(nonce) = self.nonce_of(id) {
            self.solana_nonces.remove(&nonce);
        }
    }

    /// What has left on Solana for a proposal whose payment has not.
    fn solana_cost(&self, id: ProposalId) -> Amount {
        let proposal = self.proposal(id);
        let work = proposal.as_ref().and_then(Proposal::solana);
        Amount(work.map_or(0, |work| work.cost().0.into()))
    }

    /// Counts for a limit of sol what has left for a proposal that counts no more otherwise.
    fn count_only(&mut self, id: ProposalId, left: Amount, now: Timestamp) {
        let (Some(proposal), true) = (self.proposal(id), left > Amount(0)) else {
            return;
        };
        let key = spent_key(proposal.wallet, &Asset::Sol);
        let mut spent = self.spent.get(&key).unwrap_or_default();
        spent.reserve(id, left, now);
        spent.settle(id, now);
        self.spent.insert(key, spent);
    }

    /// The coins that a proposal spends, with its wallet.
    fn coins_of(&self, id: ProposalId) -> Vec<Vec<u8>> {
        let Some(proposal) = self.proposal(id) else {
            return Vec::new();
        };
        let inputs = proposal.bitcoin().map(|work| work.plan.inputs());
        let coins = inputs.unwrap_or_default().iter();
        coins
            .map(|coin| coin_key(proposal.wallet, &coin.outpoint))
            .collect()
    }

    fn hold_coins(&mut self, id: ProposalId) {
        for coin in self.coins_of(id) {
            self.coins.insert(coin, id.number());
        }
    }

    fn let_coins_go(&mut self, id: ProposalId) {
        for coin in self.coins_of(id) {
            self.coins.remove(&coin);
        }
    }

    /// Changes the records of what leaves with a proposal.
    fn count(&mut self, id: ProposalId, change: impl Fn(&mut Spent, Amount)) {
        let Some(proposal) = self.proposal(id) else {
            return;
        };
        let wallet = self.existing(proposal.wallet);
        for spend in Effects::of(&proposal.intent, &wallet).spends {
            let key = spent_key(proposal.wallet, &spend.asset);
            let mut spent = self.spent.get(&key).unwrap_or_default();
            change(&mut spent, spend.amount);
            self.spent.insert(key, spent);
        }
    }

    fn change_wallet(&mut self, id: ProposalId, now: Timestamp) {
        let Some(proposal) = self.proposal(id) else {
            return;
        };
        let wallet = self.existing(proposal.wallet);
        let changed = match proposal.intent {
            Intent::PolicyChange(policy) => with_policy(wallet, policy, now),
            Intent::MemberChange(members) => {
                self.with_members(proposal.wallet, wallet, members, now)
            }
            _ => return,
        };
        self.wallets.insert(proposal.wallet.number(), changed);
    }

    fn with_members(
        &mut self,
        id: WalletId,
        wallet: Wallet,
        members: Members,
        now: Timestamp,
    ) -> Wallet {
        let mut joined = wallet.joined;
        for former in wallet.members.without(&members) {
            self.memberships.remove(&(former.0, id.number()));
            joined.remove(&former);
        }
        for new in members.without(&wallet.members) {
            joined.insert(new, now);
        }
        self.enlist(id, members.iter());
        Wallet {
            members,
            joined,
            ..wallet
        }
    }
}

fn agreed(mut proposal: Proposal, stamp: Stamp, policy_version: PolicyVersion) -> Proposal {
    let at = stamp.at;
    proposal.rejections.remove(&stamp.by);
    proposal
        .approvals
        .insert(stamp.by, Approval { at, policy_version });
    proposal
}

fn sent(plan: Plan, lost: bool, looking: Option<u64>) -> Stage {
    Stage::Sent {
        plan,
        lost,
        looking,
    }
}

fn with_policy(wallet: Wallet, policy: Policy, now: Timestamp) -> Wallet {
    let waiting = waiting_after(&wallet.policy, &wallet.waiting, &policy, now);
    Wallet {
        policy,
        policy_version: wallet.policy_version.next(),
        waiting,
        ..wallet
    }
}
