//! What is to be paid, and what that may cost.
//!
//! - In: destinations with amounts, a fee rate, the highest fee. Out: a [`Payment`] that nodes would relay, or why not.
//! - Stored as CBOR: an output is {0: destination, 1: amount}; a payment is {0: outputs, 1: rate, 2: highest fee}.

use super::amount::{FeeRate, Satoshi};
use super::destination::Destination;
use super::error::PaymentError;
use minicbor::{Decode, Encode};

/// Most outputs of a payment, change not counted.
pub const MAX_OUTPUTS: usize = 100;

/// An amount for a destination.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(map)]
pub struct Output {
    /// Who gets it.
    #[n(0)]
    pub to: Destination,
    /// How much.
    #[n(1)]
    pub value: Satoshi,
}

/// A checked payment.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Payment {
    #[n(0)]
    outputs: Vec<Output>,
    #[n(1)]
    fee_rate: FeeRate,
    #[n(2)]
    max_fee: Satoshi,
}

impl Payment {
    /// Checks a payment. A destination may stand in it more than once.
    ///
    /// # Errors
    /// The first thing that is wrong with it, and where.
    pub fn new(
        outputs: Vec<Output>,
        fee_rate: FeeRate,
        max_fee: Satoshi,
    ) -> Result<Self, PaymentError> {
        if outputs.is_empty() {
            return Err(PaymentError::NoOutputs);
        }
        if outputs.len() > MAX_OUTPUTS {
            let outputs = outputs.len() as u64;
            return Err(PaymentError::TooManyOutputs { outputs });
        }
        for (output, Output { to, value }) in (0..).zip(&outputs) {
            let (value, at_least) = (*value, to.dust());
            if value < at_least {
                return Err(PaymentError::Dust {
                    output,
                    value,
                    at_least,
                });
            }
        }
        let sum: u128 = outputs
            .iter()
            .map(|output| u128::from(output.value.0))
            .sum();
        if sum > u128::from(Satoshi::SUPPLY.0) {
            return Err(PaymentError::MoreThanExists);
        }
        let payment = Self {
            outputs,
            fee_rate,
            max_fee,
        };
        payment.with_fees(fee_rate, max_fee)
    }

    /// The same outputs for other fees: what a replacement is checked against.
    ///
    /// # Errors
    /// [`PaymentError::RateTooLow`].
    pub fn with_fees(self, fee_rate: FeeRate, max_fee: Satoshi) -> Result<Self, PaymentError> {
        if fee_rate < FeeRate::RELAY {
            return Err(PaymentError::RateTooLow {
                rate: fee_rate,
                at_least: FeeRate::RELAY,
            });
        }
        Ok(Self {
            outputs: self.outputs,
            fee_rate,
            max_fee,
        })
    }

    /// The outputs, in the order in which they were given.
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// The outputs' amounts together; what a policy counts.
    pub fn amount(&self) -> Satoshi {
        Satoshi(self.outputs.iter().map(|output| output.value.0).sum())
    }

    /// The rate that the fee is to have at least.
    pub fn fee_rate(&self) -> FeeRate {
        self.fee_rate
    }

    /// The highest fee.
    pub fn max_fee(&self) -> Satoshi {
        self.max_fee
    }
}
