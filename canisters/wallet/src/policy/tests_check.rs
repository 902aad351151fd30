//! What a policy lets happen: each denial, and each verdict.

use super::*;
use crate::effect::Effects;
use crate::fake::person;
use crate::intent::{Intent, RawIntent};
use crate::members::Members;
use crate::name::Name;
use crate::proposal::{Approval, Note, Proposal, ProposalId, Stage, Standing};
use crate::root_key::KeyKind;
use crate::wallet::{PolicyVersion, Wallet, WalletId};
use candid::Principal;
use canister_kit::encoding::Identity;
use serde_bytes::ByteBuf;
use std::collections::BTreeMap;

pub fn ledger() -> Principal {
    Principal::from_slice(&[0, 0, 0, 0, 0, 0, 0, 9, 1, 1])
}

pub fn asset() -> Asset {
    Asset::Icrc(Identity(ledger()))
}

pub fn at(seconds: u64) -> Timestamp {
    Timestamp(seconds * Timestamp::SECOND)
}

pub fn needs(quorum: u32, delay_seconds: u64) -> RawRequirement {
    RawRequirement {
        quorum,
        delay_seconds,
    }
}

pub fn tier(up_to: Option<u128>, quorum: u32, delay: u64) -> RawTier {
    let needs = needs(quorum, delay);
    RawTier { up_to, needs }
}

pub fn limit(amount: u128, window_seconds: u64) -> Option<RawLimit> {
    Some(RawLimit {
        amount,
        window_seconds,
    })
}

pub fn list(activation_seconds: u64, people: &[u32]) -> Option<RawAllowList> {
    Some(RawAllowList {
        activation_seconds,
        destinations: people
            .iter()
            .map(|number| person(*number).to_text())
            .collect(),
    })
}

/// Tiers of 1, 2 and 3 approvals; a day's limit of 1000; two destinations.
pub fn raw() -> RawPolicy {
    let tiers = vec![
        tier(Some(100), 1, 0),
        tier(Some(200), 2, 0),
        tier(None, 3, 60),
    ];
    let rules = RawRules {
        asset: RawAsset::Icrc(ledger()),
        tiers,
        limit: limit(1_000, 86_400),
        allow_list: list(600, &[71, 72]),
    };
    RawPolicy {
        assets: vec![rules],
        highest: needs(3, 3_600),
        calls: None,
    }
}

pub fn checked(raw: &RawPolicy) -> Policy {
    Policy::parse(raw, 3, BitcoinNetwork::Regtest).unwrap()
}

fn members(numbers: &[u32]) -> Vec<Principal> {
    numbers.iter().map(|number| person(*number)).collect()
}

pub fn transfer(to: u32, amount: u128) -> RawIntent {
    RawIntent::IcrcTransfer {
        ledger: ledger(),
        from_index: 0,
        to: person(to).to_text(),
        amount,
        max_fee: 5,
    }
}

fn raw_sign() -> RawIntent {
    RawIntent::RawSign {
        key: KeyKind::Ecdsa,
        index: 0,
        message: ByteBuf::from([1; 32]),
    }
}

/// A proposal of a wallet of members 1, 2 and 3 at second 10 000, approved by nobody.
pub struct Case {
    pub wallet: Wallet,
    pub proposal: Proposal,
    pub spent: Spent,
    pub now: Timestamp,
}

impl Case {
    pub fn under(raw: &RawPolicy, intent: RawIntent) -> Self {
        let wallet = Wallet {
            name: Name::parse("house".to_owned()).unwrap(),
            members: Members::parse(&members(&[1, 2, 3])).unwrap(),
            policy: checked(raw),
            policy_version: PolicyVersion::FIRST.next(),
            created_at: at(0),
            waiting: Waiting::new(),
            joined: BTreeMap::new(),
        };
        let proposal = Proposal {
            wallet: WalletId::FIRST,
            intent: Intent::parse(intent, &wallet, canister_kit::Environment::Local).unwrap(),
            proposed_by: Identity(person(1)),
            proposed_at: at(9_000),
            expires_at: at(1_000_000),
            note: Note::parse(String::new()).unwrap(),
            approvals: BTreeMap::new(),
            rejections: BTreeSet::new(),
            stage: Stage::Open,
            setback: None,
        };
        Self {
            wallet,
            proposal,
            spent: Spent::default(),
            now: at(10_000),
        }
    }

    fn of(intent: RawIntent) -> Self {
        Self::under(&raw(), intent)
    }

    pub fn approved(self, who: u32, when: u64) -> Self {
        let version = self.wallet.policy_version;
        self.approved_under(who, when, version)
    }

    fn approved_under(mut self, who: u32, when: u64, policy_version: PolicyVersion) -> Self {
        let at = at(when);
        let approval = Approval { at, policy_version };
        self.proposal
            .approvals
            .insert(Identity(person(who)), approval);
        self
    }

    fn rejected(mut self, who: u32) -> Self {
        self.proposal.rejections.insert(Identity(person(who)));
        self
    }

    pub fn says(&self) -> Standing {
        let effects = Effects::of(&self.proposal.intent, &self.wallet);
        let asked = Asked {
            id: ProposalId::new(1),
            proposal: &self.proposal,
            wallet: &self.wallet,
            now: self.now,
        };
        let verdict = check(&asked, &effects, |_| self.spent.clone());
        if let Verdict::Approved(approved) = &verdict {
            assert_eq!(approved.proposal(), ProposalId::new(1));
            assert_eq!(approved.intent(), &self.proposal.intent);
        }
        Standing::from(&verdict)
    }
}

fn missing(given: u32, quorum: u32) -> Standing {
    Standing::NeedsApprovals { given, quorum }
}

#[test]
fn a_tier_reaches_up_to_its_bound_with_the_highest_fee_in_it() {
    for (amount, quorum) in [(1, 1), (95, 1), (96, 2), (195, 2), (196, 3)] {
        assert_eq!(
            Case::of(transfer(71, amount)).says(),
            missing(0, quorum),
            "{amount}"
        );
    }
}

#[test]
fn a_limit_counts_the_highest_fee_and_what_is_reserved_and_can_be_met_exactly() {
    let mut case = Case::of(transfer(71, 95)).approved(1, 9_000);
    case.spent.reserve(ProposalId::new(7), Amount(900), at(1));
    assert_eq!(case.says(), Standing::Ready);
    case.spent.reserve(ProposalId::new(8), Amount(1), at(1));
    let denial = Denial::OverLimit {
        asset: RawAsset::Icrc(ledger()),
        amount: 100,
        spent: 901,
        limit: 1_000,
        fits_at: Some(at(10_000 + 86_400).0),
    };
    assert_eq!(case.says(), Standing::Denied(vec![denial]));
    case.spent.settle(ProposalId::new(8), at(5_000));
    case.now = at(5_000 + 86_400);
    assert_eq!(
        case.says(),
        Standing::Ready,
        "what is open still counts, and fits"
    );
}

#[test]
fn what_is_above_a_limit_alone_never_fits() {
    for amount in [996, u128::MAX] {
        let Standing::Denied(denials) = Case::of(transfer(71, amount)).says() else {
            panic!("{amount}")
        };
        let [Denial::OverLimit { fits_at: None, .. }] = denials[..] else {
            panic!("{denials:?}")
        };
    }
}

#[test]
fn every_denial_of_a_payment_is_told_at_once() {
    let case = Case::of(transfer(73, 996)).approved(1, 1);
    let Standing::Denied(denials) = case.says() else {
        panic!("{:?}", case.says())
    };
    let not_listed = Denial::NotListed {
        asset: RawAsset::Icrc(ledger()),
        destination: person(73).to_text(),
    };
    assert!(matches!(denials[0], Denial::OverLimit { .. }));
    assert_eq!(denials[1..], [not_listed]);
}

#[test]
fn an_entry_counts_from_its_time_on() {
    let mut case = Case::of(transfer(72, 10)).approved(1, 9_000);
    let entry = Destination::parse(&asset(), &person(72).to_text(), BitcoinNetwork::Regtest);
    let entries = BTreeMap::from([(entry.unwrap(), at(10_001))]);
    case.wallet.waiting.insert(asset(), entries);
    let denial = Denial::NotActive {
        asset: RawAsset::Icrc(ledger()),
        destination: person(72).to_text(),
        active_from: at(10_001).0,
    };
    assert_eq!(case.says(), Standing::Denied(vec![denial]));
    case.now = at(10_001);
    assert_eq!(case.says(), Standing::Ready);
}

#[test]
fn what_has_no_rules_needs_the_highest_requirement() {
    let without = RawPolicy {
        assets: vec![],
        ..raw()
    };
    let changed = RawIntent::MemberChange(members(&[1, 2, 3, 4]));
    for intent in [transfer(99, 1), raw_sign(), changed] {
        let case = Case::under(&without, intent).approved(1, 1).approved(2, 2);
        assert_eq!(case.says(), missing(2, 3));
        let mut case = case.approved(3, 9_999);
        let until = at(9_999 + 3_600);
        assert_eq!(case.says(), Standing::Waits { until: until.0 });
        case.now = until;
        assert_eq!(case.says(), Standing::Ready);
    }
}

#[test]
fn only_approvals_of_members_under_the_policy_in_force_count() {
    let case = Case::of(transfer(71, 150)).approved(1, 9_000);
    assert_eq!(case.says(), missing(1, 2));
    let case = case.approved(4, 9_000);
    assert_eq!(case.says(), missing(1, 2), "4 is no member");
    let case = case.approved_under(2, 9_000, PolicyVersion::FIRST);
    assert_eq!(case.says(), missing(1, 2), "an earlier policy");
    let mut case = case.approved(2, 9_000);
    assert_eq!(case.says(), Standing::Ready);
    case.wallet.members = Members::parse(&members(&[1, 3])).unwrap();
    assert_eq!(case.says(), missing(1, 2), "2 is none any more");
    case.wallet.policy_version = case.wallet.policy_version.next();
    assert_eq!(case.says(), missing(0, 2));
}

#[test]
fn the_delay_runs_from_the_approval_that_completes_the_quorum() {
    let case = Case::of(transfer(71, 500))
        .approved(3, 9_990)
        .approved(1, 1)
        .approved(2, 5);
    assert_eq!(
        case.says(),
        Standing::Waits {
            until: at(10_050).0
        }
    );
    // A member more than the quorum makes nothing later.
    let mut four = Case::of(transfer(71, 150))
        .approved(1, 1)
        .approved(2, 2)
        .approved(3, 3);
    four.now = at(3);
    assert_eq!(four.says(), Standing::Ready);
}

#[test]
fn while_a_delay_runs_one_member_vetoes_and_without_one_it_takes_as_many_as_make_the_others_too_few()
 {
    let case = Case::of(transfer(71, 500))
        .approved(1, 1)
        .approved(2, 1)
        .approved(3, 9_990);
    assert_eq!(
        case.rejected(4).says(),
        Standing::Waits {
            until: at(10_050).0
        },
        "no member"
    );
    assert_eq!(
        Case::of(transfer(71, 500)).rejected(3).says(),
        Standing::Rejected
    );
    let two_of_three = Case::of(transfer(71, 150)).rejected(3);
    assert_eq!(two_of_three.says(), missing(0, 2));
    assert_eq!(two_of_three.rejected(2).says(), Standing::Rejected);
    let one_of_three = Case::of(transfer(71, 10)).rejected(3);
    assert_eq!(one_of_three.says(), missing(0, 1));
    let all_but_one = one_of_three.rejected(2);
    assert_eq!(
        all_but_one.says(),
        Standing::Rejected,
        "one would be enough"
    );
}

#[test]
fn whom_a_change_puts_out_has_no_veto_against_it_and_everybody_else_has() {
    let lower = RawPolicy {
        highest: needs(2, 3_600),
        calls: None,
        assets: vec![],
    };
    let out = RawIntent::MemberChange(members(&[1, 2]));
    let case = || {
        Case::under(&lower, out.clone())
            .approved(1, 1)
            .approved(2, 1)
    };
    assert_eq!(case().rejected(3).says(), Standing::Ready);
    assert_eq!(case().rejected(1).says(), Standing::Rejected);
    let other = RawIntent::MemberChange(members(&[1, 2, 3, 4]));
    assert_eq!(
        Case::under(&lower, other).rejected(3).says(),
        Standing::Rejected
    );
}

#[test]
fn no_change_puts_a_quorum_out_of_reach() {
    let unreachable = Denial::QuorumUnreachable {
        quorum: 3,
        members: 2,
    };
    let fewer = Case::of(RawIntent::MemberChange(members(&[1, 2])));
    assert_eq!(fewer.says(), Standing::Denied(vec![unreachable.clone()]));
    // The policy was proposed while there were three.
    let mut higher = Case::of(RawIntent::PolicyChange(raw()));
    higher.wallet.members = Members::parse(&members(&[1, 2])).unwrap();
    higher.wallet.policy = Policy::parse(
        &RawPolicy {
            assets: vec![],
            highest: needs(2, 3_600),
            calls: None,
        },
        2,
        BitcoinNetwork::Regtest,
    )
    .unwrap();
    assert_eq!(higher.says(), Standing::Denied(vec![unreachable]));
}

#[test]
fn a_change_that_loosens_nothing_needs_the_highest_quorum_and_no_delay() {
    let mut tighter = raw();
    tighter.assets[0].limit = limit(999, 86_400);
    let case = Case::of(RawIntent::PolicyChange(tighter.clone()));
    let case = case.approved(1, 10_000).approved(2, 10_000);
    assert_eq!(case.says(), missing(2, 3));
    assert_eq!(case.approved(3, 10_000).says(), Standing::Ready);
    tighter.assets[0].limit = limit(1_001, 86_400);
    let case = Case::of(RawIntent::PolicyChange(tighter))
        .approved(1, 1)
        .approved(2, 1);
    let until = at(10_000 + 3_600).0;
    assert_eq!(case.approved(3, 10_000).says(), Standing::Waits { until });
}
