//! Whether a policy lets an act happen now: the one place where [`Approved`] is made.
//!
//! - What it does: [`check`] is a pure function of what is asked, the wallet as it is now, who has agreed, and what has left already. It answers
//!   with [`Approved`], with what is still missing, or with why not.
//! - Agreement counts only if whoever gave it has been a member ever since, and gave it under the policy that is in force now.
//! - A payment needs what the strictest of its parts needs, each part in its own asset: the amount and, where the chain takes it in another one,
//!   the highest possible fee. What nobody can put an amount on needs the highest requirement.
//! - All members but one can always reject, also where one member's approval is enough.
//! - The delay runs from the approval that completed the quorum. While it runs, one member's rejection is a veto; whom a change of the
//!   members puts out has none.
//! - The caller records what it does with an [`Approved`] in the same message, and awaits nothing in between.

use super::{Quorum, Requirement};
use crate::asset::{Asset, RawAsset};
use crate::effect::{Class, Effects, Spend};
use crate::intent::Intent;
use crate::proposal::{Proposal, ProposalId};
use crate::wallet::Wallet;
use candid::CandidType;
use canister_kit::encoding::Timestamp;
use serde::Deserialize;

/// An act that the policy lets happen now. Only [`check`] makes one, and only for the wallet as it is in this message.
#[must_use = "record what it permits in the same message"]
pub struct Approved {
    proposal: ProposalId,
    intent: Intent,
}

impl Approved {
    /// Which proposal.
    pub fn proposal(&self) -> ProposalId {
        self.proposal
    }

    /// What may be done.
    pub fn intent(&self) -> &Intent {
        &self.intent
    }
}

/// What is asked of a policy.
pub struct Asked<'a> {
    /// Which proposal.
    pub id: ProposalId,
    /// The same.
    pub proposal: &'a Proposal,
    /// The wallet as it is now.
    pub wallet: &'a Wallet,
    /// The time of the message.
    pub now: Timestamp,
}

/// Why a policy does not let an act happen, whoever agrees.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The limit of an asset would be passed.
    OverLimit {
        /// Which asset.
        asset: RawAsset,
        /// What would leave, the highest possible fee included.
        amount: u128,
        /// What has left already in the window.
        spent: u128,
        /// The limit.
        limit: u128,
        /// When it fits, if nothing else is paid; nothing where it is above the limit alone.
        fits_at: Option<u64>,
    },
    /// The destination is not on the asset's allow-list.
    NotListed {
        /// Which asset.
        asset: RawAsset,
        /// Where to.
        destination: String,
    },
    /// The destination is on the allow-list, and counts later.
    NotActive {
        /// Which asset.
        asset: RawAsset,
        /// Where to.
        destination: String,
        /// From when on.
        active_from: u64,
    },
    /// The policy, the one in force or the one to come, asks for more approvals than there would be members.
    QuorumUnreachable {
        /// The quorum.
        quorum: u32,
        /// How many members there would be.
        members: u32,
    },
}

/// What a policy says.
pub enum Verdict {
    /// It may happen now.
    Approved(Approved),
    /// Members have still to approve.
    NeedsApprovals {
        /// How many count so far.
        given: u32,
        /// How many it needs.
        quorum: u32,
    },
    /// Enough have approved, and it waits for a veto.
    Waits {
        /// Until when.
        until: Timestamp,
    },
    /// A member has vetoed, or so many have rejected that the others are too few.
    Rejected,
    /// Rules that no approval overrides.
    Denied(Vec<Denial>),
}

/// Asks the policy.
pub fn check(
    asked: &Asked<'_>,
    effects: &Effects,
    spent: impl Fn(&Asset) -> super::Spent,
) -> Verdict {
    let needs = requirement(asked.wallet, effects);
    if rejected(asked, effects, needs) {
        return Verdict::Rejected;
    }
    let denials = denials(asked.wallet, effects, asked.now, spent);
    if !denials.is_empty() {
        return Verdict::Denied(denials);
    }
    let quorum = needs.quorum.0;
    let mut times = counted(asked);
    times.sort_unstable();
    let Some(complete) = times.get(quorum.saturating_sub(1) as usize) else {
        let given = times.len() as u32;
        return Verdict::NeedsApprovals { given, quorum };
    };
    let until = needs.delay.after(*complete);
    if until > asked.now {
        return Verdict::Waits { until };
    }
    Verdict::Approved(Approved {
        proposal: asked.id,
        intent: asked.proposal.intent.clone(),
    })
}

/// What an act with these effects needs of a wallet.
pub fn requirement(wallet: &Wallet, effects: &Effects) -> Requirement {
    let highest = wallet.policy.highest();
    match &effects.class {
        Class::Opaque | Class::Change { loosens: true, .. } => highest,
        Class::Change { loosens: false, .. } => Requirement {
            delay: super::Seconds(0),
            ..highest
        },
        Class::Payment => effects
            .spends
            .iter()
            .map(|spend| wallet.policy.needs(&spend.asset, spend.amount))
            .fold(LEAST, Requirement::stricter),
    }
}

/// What every act needs.
const LEAST: Requirement = Requirement {
    quorum: Quorum(1),
    delay: super::Seconds(0),
};

/// When the approvals were given that count now.
fn counted(asked: &Asked<'_>) -> Vec<Timestamp> {
    let wallet = asked.wallet;
    let approvals = asked.proposal.approvals.iter();
    approvals
        .filter(|(who, given)| {
            given.policy_version == wallet.policy_version && wallet.had_as_member(**who, given.at)
        })
        .map(|(_, given)| given.at)
        .collect()
}

fn rejected(asked: &Asked<'_>, effects: &Effects, needs: Requirement) -> bool {
    let members = &asked.wallet.members;
    let against = asked.proposal.rejections.iter();
    let against = against
        .filter(|who| members.contains(who.0) && !effects.puts_out(**who))
        .count() as u32;
    let waits = needs.delay > super::Seconds(0);
    let left = members.count().saturating_sub(against);
    let all_others = against > 0 && left <= 1;
    (waits && against > 0) || all_others || left < needs.quorum.0
}

/// Why the rules of a wallet deny an act with these effects now, whoever approves; nothing if they do not.
pub fn denials(
    wallet: &Wallet,
    effects: &Effects,
    now: Timestamp,
    spent: impl Fn(&Asset) -> super::Spent,
) -> Vec<Denial> {
    let mut denials = Vec::new();
    if let Class::Change {
        quorum, members, ..
    } = effects.class
        && quorum.0 > members
    {
        let quorum = quorum.0;
        denials.push(Denial::QuorumUnreachable { quorum, members });
    }
    for spend in &effects.spends {
        denials.extend(over_limit(wallet, spend, now, &spent));
        denials.extend(not_listed(wallet, spend, now));
    }
    denials
}

fn over_limit(
    wallet: &Wallet,
    spend: &Spend,
    now: Timestamp,
    spent: impl Fn(&Asset) -> super::Spent,
) -> Option<Denial> {
    let limit = wallet.policy.rules(&spend.asset)?.limit()?;
    let record = spent(&spend.asset);
    let already = record.within(limit.window, now);
    let sum = already.0.checked_add(spend.amount.0);
    if sum.is_some_and(|sum| sum <= limit.amount.0) {
        return None;
    }
    let fits = record.fits_at(limit.amount, spend.amount, limit.window, now);
    Some(Denial::OverLimit {
        asset: (&spend.asset).into(),
        amount: spend.amount.0,
        spent: already.0,
        limit: limit.amount.0,
        fits_at: fits.map(|time| time.0),
    })
}

fn not_listed(wallet: &Wallet, spend: &Spend, now: Timestamp) -> Vec<Denial> {
    let rules = wallet.policy.rules(&spend.asset);
    let Some(list) = rules.and_then(super::Rules::allow_list) else {
        return Vec::new();
    };
    let waiting = wallet.waiting.get(&spend.asset);
    let denial = |destination| {
        let asset = RawAsset::from(&spend.asset);
        let text = ToString::to_string(destination);
        if !list.destinations.contains(destination) {
            let destination = text;
            return Some(Denial::NotListed { asset, destination });
        }
        let from = *waiting?.get(destination)?;
        (from > now).then_some(Denial::NotActive {
            asset,
            destination: text,
            active_from: from.0,
        })
    };
    spend.to.iter().filter_map(denial).collect()
}

impl Requirement {
    /// At least as strict as both.
    fn stricter(self, other: Self) -> Self {
        Self {
            quorum: self.quorum.max(other.quorum),
            delay: self.delay.max(other.delay),
        }
    }
}
