//! What an intent does, as far as a policy cares.
//!
//! - What it does: a pure function of an intent and the wallet: which assets leave at most, fees included, where to, and what kind of act it is.
//! - An amount is always the highest possible one: value plus highest fee, each in its own asset.
//! - The caller takes the effects anew for every decision: what a change of the policy loosens depends on the policy in force.

use crate::asset::{Amount, Asset};
use crate::chain::ethereum::decode::{self, Currency, Meaning, call, typed};
use crate::chain::ethereum::quantity::ChainId;
use crate::chain::ethereum::typed_data::TypedData;
use crate::chain::solana::What;
use crate::destination::Destination;
use crate::intent::{EvmRequest, Intent, SolanaSend};
use crate::policy::{Contract, Policy, Quorum, Selector, loosens};
use crate::wallet::Wallet;
use canister_kit::encoding::Identity;
use std::collections::{BTreeMap, BTreeSet};

/// What leaves of one asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spend {
    /// Which.
    pub asset: Asset,
    /// At most, the highest fee included.
    pub amount: Amount,
    /// Where to; nowhere if it is a fee alone.
    pub to: Vec<Destination>,
}

/// What kind of act an intent is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Class {
    /// Amounts leave.
    Payment,
    /// Nobody can tell what it means.
    Opaque,
    /// The rules themselves change.
    Change {
        /// Whether anything becomes possible that was not.
        loosens: bool,
        /// The members who would be none.
        puts_out: BTreeSet<Identity>,
        /// The largest quorum of the policy that would hold.
        quorum: Quorum,
        /// How many members there would be.
        members: u32,
    },
}

/// What an intent does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effects {
    /// What leaves, each asset once.
    pub spends: Vec<Spend>,
    /// What kind of act it is.
    pub class: Class,
}

impl Effects {
    /// The effects of an intent of a wallet.
    pub fn of(intent: &Intent, wallet: &Wallet) -> Self {
        match intent {
            Intent::IcrcTransfer(transfer) => Self::payment(vec![Spend {
                asset: Asset::Icrc(transfer.ledger),
                amount: transfer.amount.plus(transfer.max_fee),
                to: vec![Destination::Icrc(transfer.to)],
            }]),
            Intent::BtcSend(send) => {
                let (paid, fee) = (send.payment.amount().0, send.payment.max_fee().0);
                let to = send.payment.outputs().iter();
                Self::payment(vec![Spend {
                    asset: Asset::Btc,
                    amount: Amount(paid.into()).plus(Amount(fee.into())),
                    to: to
                        .map(|output| Destination::Bitcoin(send.network, output.to))
                        .collect(),
                }])
            }
            Intent::EvmTransfer(transfer) => Self::of_transaction(&transfer.into(), &wallet.policy),
            Intent::Erc20Transfer(transfer) => {
                Self::of_transaction(&transfer.into(), &wallet.policy)
            }
            Intent::EvmCall(call) => Self::of_transaction(&call.into(), &wallet.policy),
            Intent::SolTransfer(send) | Intent::SplTransfer(send) => Self::of_solana(send),
            Intent::Eip712(sign) => Self::of_typed_data(&sign.data()),
            Intent::Eip191(_) | Intent::RawSign(_) => Self::without_amounts(Class::Opaque),
            Intent::PolicyChange(policy) => Self::without_amounts(Class::Change {
                loosens: loosens(&wallet.policy, policy),
                puts_out: BTreeSet::new(),
                quorum: policy.highest().quorum,
                members: wallet.members.count(),
            }),
            // Who may veto changes with every member: also putting one out makes things possible.
            Intent::MemberChange(members) => Self::without_amounts(Class::Change {
                loosens: true,
                puts_out: wallet.members.without(members),
                quorum: wallet.policy.highest().quorum,
                members: members.count(),
            }),
        }
    }

    /// The amount, and all that may leave beside it, which is sol whatever is paid.
    fn of_solana(send: &SolanaSend) -> Self {
        let payment = &send.payment;
        let (to, beside) = (payment.what().to(), Amount(payment.max_fee().0.into()));
        let to = vec![Destination::Solana(to)];
        Self::payment(match *payment.what() {
            What::Sol { lamports, .. } => vec![Spend {
                asset: Asset::Sol,
                amount: Amount(lamports.0.into()).plus(beside),
                to,
            }],
            What::Token { mint, amount, .. } => vec![
                Spend {
                    asset: Asset::Sol,
                    amount: beside,
                    to: Vec::new(),
                },
                Spend {
                    asset: Asset::Spl(mint),
                    amount: Amount(amount.into()),
                    to,
                },
            ],
        })
    }

    /// A signature that lets somebody take tokens counts as their transfer. Whatever else it means, nobody can tell.
    fn of_typed_data(data: &TypedData) -> Self {
        let meaning = typed::meaning(data);
        let known = matches!(meaning, Meaning::Spends(_));
        let Some(chain) = data.domain().chain_id.filter(|_| known) else {
            return Self::without_amounts(Class::Opaque);
        };
        let spends = by_asset(chain, meaning.spends());
        // What moves nothing is no payment, whatever else it is good for.
        match spends.is_empty() {
            true => Self::without_amounts(Class::Opaque),
            false => Self::payment(spends.into_values().collect()),
        }
    }

    /// A transaction counts with its highest fee; with its value where it sends one; and with every token that it moves or lets somebody take. What
    /// cannot be read is opaque, unless the policy lists it: then it is a payment to the contract.
    fn of_transaction(request: &EvmRequest, policy: &Policy) -> Self {
        let (chain, contract) = (request.chain, request.to);
        let meaning = call::meaning(contract, request.value, &request.data);
        let mut spends = by_asset(chain, meaning.spends());
        let own = spends.entry(Asset::Eth(chain)).or_insert_with(|| Spend {
            asset: Asset::Eth(chain),
            amount: Amount(0),
            to: Vec::new(),
        });
        own.amount = own.amount.plus(request.highest_fee().into());
        let listed = match &meaning {
            // What is read but moves nothing is no payment: up to 32 KiB of anything, for which some chains take more than the gas.
            Meaning::Spends(spends) => request.data.is_empty() || spends.iter().any(is_of_token),
            Meaning::Unknown { selector, .. } => selector.is_some_and(|selector| {
                let address = contract;
                let listed = policy.lists_call(Contract { chain, address }, Selector(selector));
                listed && !call::reads(contract, selector)
            }),
        };
        if matches!(meaning, Meaning::Unknown { .. }) && listed {
            own.to = vec![Destination::Evm(contract)];
        }
        Self {
            spends: spends.into_values().collect(),
            class: match listed {
                true => Class::Payment,
                false => Class::Opaque,
            },
        }
    }

    fn payment(spends: Vec<Spend>) -> Self {
        Self {
            spends,
            class: Class::Payment,
        }
    }

    fn without_amounts(class: Class) -> Self {
        Self {
            spends: Vec::new(),
            class,
        }
    }

    /// Whether somebody would be no member any more.
    pub fn puts_out(&self, who: Identity) -> bool {
        match &self.class {
            Class::Change { puts_out, .. } => puts_out.contains(&who),
            Class::Payment | Class::Opaque => false,
        }
    }
}

fn is_of_token(spend: &decode::Spend) -> bool {
    matches!(spend.asset, Currency::Token(_))
}

/// What leaves on a chain, each asset once.
fn by_asset(chain: ChainId, known: &[decode::Spend]) -> BTreeMap<Asset, Spend> {
    let mut spends: BTreeMap<Asset, Spend> = BTreeMap::new();
    for spend in known {
        let asset = match spend.asset {
            Currency::Native => Asset::Eth(chain),
            Currency::Token(contract) => Asset::Erc20(chain, contract),
        };
        let all = spends.entry(asset.clone()).or_insert_with(|| Spend {
            asset,
            amount: Amount(0),
            to: Vec::new(),
        });
        all.amount = all.amount.plus(spend.amount);
        all.to.push(Destination::Evm(spend.to));
    }
    spends
}
