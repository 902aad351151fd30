//! How a canister admits callers: what the installer chooses, and what is stored.
//!
//! - In: [`Admission`], the raw choice in the arguments of `init`. Out: [`Mode`], checked, and the first entries
//!   of the allow-list.
//! - The mode is fixed at installation; only the entries of the list and the balances change later.

use crate::encoding::{Cycles, Identity};
use candid::{CandidType, Principal};
use minicbor::{Decode, Encode};
use serde::Deserialize;
use std::collections::BTreeSet;
use thiserror::Error;

/// How many principals the arguments of `init` may allow; a guardian adds more later.
pub const MAX_FIRST_ALLOWED: usize = 100;

/// Who may make calls that pay, as the installer says.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Only the principals of a list, which a guardian can change.
    AllowList(Vec<Principal>),
    /// Who has paid cycles in advance, with `deposit`.
    Prepaid,
    /// Everyone, as long as all together stay below a budget.
    Open {
        /// What the canister spends for callers in one day (UTC).
        cycles_per_day: u128,
    },
}

/// Who may make calls that pay, as it is stored.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The principals of the list.
    #[n(0)]
    AllowList,
    /// Principals with a balance.
    #[n(1)]
    Prepaid,
    /// Everyone, below a budget for each day.
    #[n(2)]
    Open {
        /// What may be spent in one day (UTC).
        #[n(0)]
        per_day: Cycles,
    },
}

impl Admission {
    /// Checks the installer's choice.
    ///
    /// # Errors
    /// A list that is too long or has the anonymous principal, or a budget of nothing.
    pub fn check(self) -> Result<(Mode, BTreeSet<Identity>), AdmissionError> {
        let mode = match self {
            Self::AllowList(list) => return Ok((Mode::AllowList, allowed(list)?)),
            Self::Prepaid => Mode::Prepaid,
            Self::Open { cycles_per_day: 0 } => return Err(AdmissionError::NoBudget),
            Self::Open { cycles_per_day } => Mode::Open {
                per_day: Cycles(cycles_per_day),
            },
        };
        Ok((mode, BTreeSet::new()))
    }
}

fn allowed(list: Vec<Principal>) -> Result<BTreeSet<Identity>, AdmissionError> {
    if list.len() > MAX_FIRST_ALLOWED {
        return Err(AdmissionError::LongList { length: list.len() });
    }
    if list.contains(&Principal::anonymous()) {
        return Err(AdmissionError::AnonymousAllowed);
    }
    Ok(list.into_iter().map(Identity).collect())
}

/// Why a choice of admission is refused.
#[derive(Error, Clone, Debug, PartialEq, Eq)]
pub enum AdmissionError {
    /// More principals than [`MAX_FIRST_ALLOWED`].
    #[error(
        "the allow-list has {length} entries, at most {MAX_FIRST_ALLOWED} are allowed at first"
    )]
    LongList {
        /// How many there were.
        length: usize,
    },
    /// Everyone can be the anonymous principal.
    #[error("the allow-list has the anonymous principal, which everyone can be")]
    AnonymousAllowed,
    /// A canister that may spend nothing serves nobody.
    #[error("a budget of 0 cycles per day admits nobody")]
    NoBudget,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::fake::person;

    #[test]
    fn choices_that_admit_everyone_or_nobody_by_mistake_are_refused() {
        let anonymous = Admission::AllowList(vec![Principal::anonymous()]);
        assert_eq!(anonymous.check(), Err(AdmissionError::AnonymousAllowed));
        let nothing = Admission::Open { cycles_per_day: 0 };
        assert_eq!(nothing.check(), Err(AdmissionError::NoBudget));
        let long = Admission::AllowList((0..101).map(person).collect());
        assert_eq!(long.check(), Err(AdmissionError::LongList { length: 101 }));
        let twice = Admission::AllowList(vec![person(1), person(1)]);
        assert_eq!(twice.check().unwrap().1.len(), 1);
    }
}
