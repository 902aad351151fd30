//! An amount of cycles.
//!
//! In and out: u128. All arithmetic saturates or says that it failed; nothing wraps.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Sub, SubAssign};

/// An amount of cycles. Addition and multiplication saturate at `u128::MAX`, subtraction at zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Cycles(pub u128);

impl Cycles {
    /// No cycles.
    pub const ZERO: Cycles = Cycles(0);

    /// Whether there are none.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// `self - other`, or `None` if there is not enough.
    pub fn checked_sub(self, other: Cycles) -> Option<Cycles> {
        self.0.checked_sub(other.0).map(Cycles)
    }

    /// Takes at most `amount` out of `self` and returns what was taken.
    pub fn take(&mut self, amount: Cycles) -> Cycles {
        let taken = (*self).min(amount);
        *self -= taken;
        taken
    }

    /// The upper and the lower 64 bits.
    pub const fn high_low(self) -> (u64, u64) {
        ((self.0 >> 64) as u64, self.0 as u64)
    }

    /// From the upper and the lower 64 bits.
    pub const fn from_high_low(high: u64, low: u64) -> Cycles {
        Cycles(((high as u128) << 64) | low as u128)
    }
}

impl Add for Cycles {
    type Output = Cycles;
    fn add(self, other: Cycles) -> Cycles {
        Cycles(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Cycles {
    fn add_assign(&mut self, other: Cycles) {
        *self = *self + other;
    }
}

impl Sub for Cycles {
    type Output = Cycles;
    fn sub(self, other: Cycles) -> Cycles {
        Cycles(self.0.saturating_sub(other.0))
    }
}

impl SubAssign for Cycles {
    fn sub_assign(&mut self, other: Cycles) {
        *self = *self - other;
    }
}

impl Mul<u64> for Cycles {
    type Output = Cycles;
    fn mul(self, factor: u64) -> Cycles {
        Cycles(self.0.saturating_mul(factor as u128))
    }
}

impl Sum for Cycles {
    fn sum<I: Iterator<Item = Cycles>>(amounts: I) -> Cycles {
        amounts.fold(Cycles::ZERO, Add::add)
    }
}

impl fmt::Display for Cycles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                f.write_str("_")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Cycles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
