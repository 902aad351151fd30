//! How much gas a transaction must allow so that nodes take it, and how much it may.
//!
//! - Specification: Yellow Paper, appendix G (21 000 for a transaction); EIP-7623 (10 for every token of data, a zero byte being one token and any other
//!   four, which is never less than the 4 and 16 of EIP-2028); EIP-7825 (at most 2^24). Arbitrum One takes what its blocks cost on Ethereum as
//!   gas beside that.
//! - Out: bounds, or why a limit is outside of them. A cancellation has the limit of what it cancels, so whatever is within them can be cancelled.
//! - Left out: what a contract uses, which only the chain can tell; it fails then, and is paid.

use super::error::TransactionError;
use super::quantity::{ChainId, Gas};

/// What every transaction takes at least.
const TRANSACTION: u64 = 21_000;

/// What a token of data takes at least.
const TOKEN: u64 = 10;

/// The most that a transaction may allow.
pub const MOST_GAS: Gas = Gas(1 << 24);

/// Arbitrum One.
const ARBITRUM: ChainId = ChainId(42_161);

/// What a transaction there allows beside that for Ethereum's part: some 2 300 units of Ethereum's gas for one without data, each at 200 times the price of
/// Arbitrum's own. What is not needed is not paid.
const FOR_ETHEREUM: u64 = 500_000;

/// The least that a transaction with this data must allow.
pub fn least_gas(chain: ChainId, data: &[u8]) -> Gas {
    let zeros = data.iter().filter(|byte| **byte == 0).count() as u64;
    let tokens = zeros + 4 * (data.len() as u64 - zeros);
    let own = TRANSACTION + TOKEN * tokens;
    Gas(match chain == ARBITRUM {
        true => own + FOR_ETHEREUM,
        false => own,
    })
}

/// Checks a limit.
///
/// # Errors
/// [`TransactionError::GasTooLow`], [`TransactionError::GasTooHigh`].
pub fn check_gas(chain: ChainId, data: &[u8], limit: Gas) -> Result<(), TransactionError> {
    let least = least_gas(chain, data);
    let gas = limit.0;
    if limit < least {
        let at_least = least.0;
        return Err(TransactionError::GasTooLow { gas, at_least });
    }
    if limit > MOST_GAS {
        let at_most = MOST_GAS.0;
        return Err(TransactionError::GasTooHigh { gas, at_most });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_and_what_a_chain_takes_besides_raise_the_least_gas() {
        let ethereum = ChainId(1);
        assert_eq!(least_gas(ethereum, &[]), Gas(21_000));
        // EIP-7623: ten for a zero byte, forty for another one.
        assert_eq!(least_gas(ethereum, &[0, 1, 0xff]), Gas(21_000 + 10 + 80));
        assert_eq!(least_gas(ARBITRUM, &[0]), Gas(521_010));
    }

    #[test]
    fn a_limit_is_refused_below_the_least_and_above_the_most_gas() {
        let check = |gas| check_gas(ChainId(1), &[1], Gas(gas));
        assert_eq!(check(21_040), Ok(()));
        assert_eq!(check(1 << 24), Ok(()));
        let (gas, at_least) = (21_039, 21_040);
        let too_low = TransactionError::GasTooLow { gas, at_least };
        assert_eq!(check(gas), Err(too_low));
        let (gas, at_most) = ((1 << 24) + 1, 1 << 24);
        let too_high = TransactionError::GasTooHigh { gas, at_most };
        assert_eq!(check(gas), Err(too_high));
    }

    #[test]
    fn the_longest_data_fits_into_the_most_gas() {
        let data = vec![1; super::super::transaction::MAX_DATA_BYTES];
        assert!(least_gas(ARBITRUM, &data) < MOST_GAS);
    }
}
