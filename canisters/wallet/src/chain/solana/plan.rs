//! A transaction that is ready to be signed.
//!
//! - What it does: decides from what the chain tells whether a payment can be made, whether the nonce account has to be opened first, and what
//!   everything costs together; builds the messages of both transactions.
//! - In: an account's address, a payment, [`Facts`]. Out: [`Next`], always the same for the same input.
//! - Stored as CBOR: {0: message, 1: fee, 2: rent}. The message is kept as its bytes, so that what is signed stays the same whatever code comes later.
//! - The caller guarantees that one nonce value is planned with for one payment only, and that the facts are final.

use super::amount::{Lamports, Units};
use super::derive::nonce_account;
use super::error::PlanError;
use super::facts::{About, Account, Facts};
use super::instruction::{
    Instruction, advance_nonce, allocate_nonce, create_associated, initialize_nonce, transfer,
    transfer_checked, unit_limit, unit_price,
};
use super::message::{Blockhash, Message};
use super::payment::{Payment, What};
use super::program::{SYSTEM, TokenProgram};
use super::state::{Mint, NONCE_BYTES, Rent, TokenAccount};
use crate::account::solana::SolanaAddress;
use minicbor::{Decode, Encode};

/// The limit of compute units of opening a nonce account, which takes 750.
pub const OPENING: Units = Units(2_000);

/// A transaction without its signature.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Plan {
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub(super) message: Vec<u8>,
    #[n(1)]
    pub(super) fee: Lamports,
    #[n(2)]
    pub(super) rent: Lamports,
}

impl Plan {
    fn of(own: SolanaAddress, acts: &[Instruction], recent: Blockhash, cost: Cost) -> Self {
        Self {
            message: Message::of(own, acts, recent).encode(),
            fee: cost.fee,
            rent: cost.rent,
        }
    }

    /// What is signed.
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// The fee of its signature, and for priority.
    pub fn fee(&self) -> Lamports {
        self.fee
    }

    /// What accounts that it creates get.
    pub fn rent(&self) -> Lamports {
        self.rent
    }

    /// What leaves beside the amount.
    pub fn cost(&self) -> Lamports {
        self.fee.plus(self.rent)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cost {
    fee: Lamports,
    rent: Lamports,
}

impl Cost {
    fn together(self) -> Lamports {
        self.fee.plus(self.rent)
    }
}

/// What comes next for a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The nonce account has to be opened, with so many lamports.
    Open(Lamports),
    /// The payment, with this value of the nonce account.
    Pay(Plan, Blockhash),
}

/// Plans the next transaction of a payment, for which earlier ones have cost something already.
///
/// # Errors
/// Funds, cost, or what else stands in the way.
pub fn plan(
    own: &SolanaAddress,
    payment: &Payment,
    facts: &Facts,
    before: Lamports,
) -> Result<Next, PlanError> {
    let rent = facts.rent.ok_or(PlanError::Rent)?;
    let creates = about(own, payment, facts, &rent)?;
    let what = payment.what();
    let paying = Cost {
        fee: payment.price().fee(what.limit(creates.is_some())),
        rent: creates.unwrap_or(Lamports::ZERO),
    };
    let state = facts.nonce_state();
    let (opening, topped_up) = match (&state, &facts.nonce) {
        (Some(state), _) if state.authority == *own => (None, Lamports::ZERO),
        (None, nonce) if nonce.as_ref().is_none_or(is_empty) => {
            let lamports = nonce.as_ref().map_or(Lamports::ZERO, |it| it.lamports);
            let rent = rent.least(NONCE_BYTES as u64).less(lamports);
            let fee = payment.price().fee(OPENING);
            (Some(rent), Cost { fee, rent }.together())
        }
        _ => return Err(PlanError::Nonce(nonce_account(own))),
    };
    let beside = topped_up.plus(paying.together());
    let max_fee = payment.max_fee();
    let required = before.plus(beside);
    if required > max_fee {
        return Err(PlanError::FeeAboveCap { required, max_fee });
    }
    affordable(facts, &rent, what, beside, paying.fee)?;
    Ok(match (opening, state) {
        (None, Some(state)) => {
            let acts = acts(own, payment, creates.is_some());
            let plan = Plan::of(*own, &acts, state.value, paying);
            Next::Pay(plan, state.value)
        }
        (rent, _) => Next::Open(rent.unwrap_or(Lamports::ZERO)),
    })
}

/// The transaction that opens an account's nonce account.
pub fn opening(
    own: &SolanaAddress,
    payment: &Payment,
    lamports: Lamports,
    recent: Blockhash,
) -> Plan {
    let nonce = nonce_account(own);
    let acts = [
        unit_limit(OPENING),
        unit_price(payment.price()),
        transfer(*own, nonce, lamports),
        allocate_nonce(nonce, *own),
        initialize_nonce(nonce, *own),
    ];
    let cost = Cost {
        fee: payment.price().fee(OPENING),
        rent: lamports,
    };
    Plan::of(*own, &acts, recent, cost)
}

/// The instructions of a payment.
fn acts(own: &SolanaAddress, payment: &Payment, creates: bool) -> Vec<Instruction> {
    let mut acts = vec![
        advance_nonce(nonce_account(own), *own),
        unit_limit(payment.what().limit(creates)),
        unit_price(payment.price()),
    ];
    match *payment.what() {
        What::Sol { to, lamports } => acts.push(transfer(*own, to, lamports)),
        What::Token {
            to,
            amount,
            decimals,
            ..
        } => {
            let places = (payment.place(own), payment.place(&to));
            if let (Some(from), Some(place)) = places {
                if creates {
                    acts.push(create_associated(*own, &place));
                }
                acts.push(transfer_checked(&from, place.account, amount, decimals));
            }
        }
    }
    acts
}

/// Whether an address has no more than lamports.
fn is_empty(account: &Account) -> bool {
    account.owner == SYSTEM && account.space == 0
}

/// Whether the account can pay so much beside the amount, and what is left is nothing or enough.
fn affordable(
    facts: &Facts,
    rent: &Rent,
    what: &What,
    beside: Lamports,
    fee: Lamports,
) -> Result<(), PlanError> {
    let own = facts.own.as_ref();
    let available = own.map_or(Lamports::ZERO, |own| own.lamports);
    let required = beside.plus(what.lamports());
    if available < required {
        return Err(PlanError::InsufficientFunds {
            required,
            available,
        });
    }
    let at_least = rent.least(0);
    // The chain looks once when it has taken the fee, and once at the end.
    for left in [available.less(fee), available.less(required)] {
        if left != Lamports::ZERO && left < at_least {
            return Err(PlanError::Remainder { left, at_least });
        }
    }
    Ok(())
}

/// Looks at whom is paid. Out: the rent of the destination's account, if that has to be created.
fn about(
    own: &SolanaAddress,
    payment: &Payment,
    facts: &Facts,
    rent: &Rent,
) -> Result<Option<Lamports>, PlanError> {
    match (payment.what(), &facts.about) {
        (What::Sol { lamports, .. }, About::Sol(to)) => {
            about_sol(*lamports, to.as_ref(), rent).map(|()| None)
        }
        (What::Token { .. }, About::Token { mint, from, to }) => {
            let accounts = [mint, from, to].map(Option::as_ref);
            about_token(own, payment, accounts, rent)
        }
        _ => Err(PlanError::NoMint),
    }
}

fn about_sol(lamports: Lamports, to: Option<&Account>, rent: &Rent) -> Result<(), PlanError> {
    let (has, space) = to.map_or((Lamports::ZERO, 0), |to| (to.lamports, to.space));
    if let Some(to) = to {
        let tokens = [TokenProgram::Token, TokenProgram::Token2022];
        if to.executable {
            return Err(PlanError::Destination("a program"));
        }
        if tokens.iter().any(|program| program.address() == to.owner) {
            let reason = "a mint or an account of a token; name the owner instead";
            return Err(PlanError::Destination(reason));
        }
    }
    let (would_have, at_least) = (has.plus(lamports), rent.least(space));
    match would_have < at_least {
        true => Err(PlanError::TooLittle {
            would_have,
            at_least,
        }),
        false => Ok(()),
    }
}

fn about_token(
    own: &SolanaAddress,
    payment: &Payment,
    [mint, from, to]: [Option<&Account>; 3],
    rent: &Rent,
) -> Result<Option<Lamports>, PlanError> {
    let What::Token {
        mint: address,
        program,
        to: owner,
        amount,
        decimals,
    } = *payment.what()
    else {
        return Err(PlanError::NoMint);
    };
    let mint = mint.and_then(|mint| Mint::read(mint, program));
    let mint = mint.ok_or(PlanError::NoMint)?;
    if mint.decimals != decimals {
        return Err(PlanError::Decimals {
            mint: mint.decimals,
            intent: decimals,
        });
    }
    if let Some(obstacle) = mint.obstacle {
        return Err(PlanError::Extension(obstacle));
    }
    let read = |account: &Account| TokenAccount::read(account, program);
    let source = from.and_then(read).unwrap_or(TokenAccount {
        mint: address,
        owner: *own,
        amount: 0,
        frozen: false,
        asks_for_memo: false,
    });
    match source {
        TokenAccount { owner, .. } if owner != *own => {
            return Err(PlanError::Source("another owner's"));
        }
        TokenAccount { frozen: true, .. } => return Err(PlanError::Source("frozen")),
        TokenAccount { amount: has, .. } if has < amount => {
            return Err(PlanError::InsufficientTokens {
                required: amount,
                available: has,
            });
        }
        _ => {}
    }
    let Some(place) = to.filter(|place| !is_empty(place)) else {
        if mint.freezes_new {
            return Err(PlanError::Destination("frozen when it is created"));
        }
        let has = to.map_or(Lamports::ZERO, |to| to.lamports);
        return Ok(Some(rent.least(mint.account_bytes).less(has)));
    };
    match read(place) {
        Some(place) if place.mint != address || place.owner != owner => {
            Err(PlanError::Destination("given to another owner"))
        }
        Some(TokenAccount { frozen: true, .. }) => Err(PlanError::Destination("frozen")),
        Some(TokenAccount {
            asks_for_memo: true,
            ..
        }) => Err(PlanError::Destination("one that asks for a memo")),
        Some(_) => Ok(None),
        None => Err(PlanError::Destination("no account of the token")),
    }
}
