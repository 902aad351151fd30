//! What a call spends.
//!
//! - Specification: Solidity's contract ABI, and the declarations in `super::super::interface`.
//! - Exact: a call that was read is written again, and both are the same bytes; so there is nothing behind it, no dirt in the padding, no
//!   offset elsewhere, and no second way to write what was shown.

use super::super::interface::{
    allowance, allowance_batch, dai, eip2612, erc20, transfer_call, transfer_call_batch,
};
use super::super::quantity::Wei;
use super::{Currency, Meaning, PERMIT2, Spend, all_or_nothing, evm};
use crate::account::ethereum::EvmAddress;
use crate::asset::Amount;
use alloy_primitives::U256;
use alloy_sol_types::SolCall;

/// What a transaction spends that sends a value and data to somebody. Fees come on top.
pub fn meaning(to: EvmAddress, value: Wei, data: &[u8]) -> Meaning {
    let mut spends = Vec::new();
    if value > Wei(0) {
        spends.push(Spend {
            asset: Currency::Native,
            amount: Amount::from(value),
            to,
        });
    }
    if data.is_empty() {
        return Meaning::Spends(spends);
    }
    let selector = data.first_chunk().copied();
    match selector.and_then(|selector| of_function(to, selector, data)) {
        Some(more) => {
            spends.extend(more);
            Meaning::Spends(spends)
        }
        None => Meaning::Unknown {
            selector,
            at_least: spends,
        },
    }
}

/// Whether what a function spends can be read. A call of such a function that is not exactly encoded is not to be trusted, whoever vouches for it.
pub fn reads(to: EvmAddress, selector: [u8; 4]) -> bool {
    match to == PERMIT2 {
        true => PERMIT2_SELECTORS.contains(&selector),
        false => TOKEN_SELECTORS.contains(&selector),
    }
}

/// Those of [`of_token`].
const TOKEN_SELECTORS: [[u8; 4]; 7] = [
    erc20::transferCall::SELECTOR,
    erc20::transferFromCall::SELECTOR,
    erc20::approveCall::SELECTOR,
    erc20::increaseAllowanceCall::SELECTOR,
    erc20::setApprovalForAllCall::SELECTOR,
    eip2612::permitCall::SELECTOR,
    dai::permitCall::SELECTOR,
];

/// Those of [`of_permit2`].
const PERMIT2_SELECTORS: [[u8; 4]; 7] = [
    allowance::approveCall::SELECTOR,
    allowance::permitCall::SELECTOR,
    allowance::transferFromCall::SELECTOR,
    allowance_batch::permitCall::SELECTOR,
    allowance_batch::transferFromCall::SELECTOR,
    transfer_call::permitTransferFromCall::SELECTOR,
    transfer_call_batch::permitTransferFromCall::SELECTOR,
];

fn of_function(to: EvmAddress, selector: [u8; 4], data: &[u8]) -> Option<Vec<Spend>> {
    match to == PERMIT2 {
        true => of_permit2(selector, data),
        false => of_token(to, selector, data).map(|spend| vec![spend]),
    }
}

fn of_token(token: EvmAddress, selector: [u8; 4], data: &[u8]) -> Option<Spend> {
    let (amount, to) = match selector {
        erc20::transferCall::SELECTOR => {
            let call: erc20::transferCall = exact(data)?;
            (call.amount, call.to)
        }
        erc20::transferFromCall::SELECTOR => {
            let call: erc20::transferFromCall = exact(data)?;
            (call.amount, call.to)
        }
        erc20::approveCall::SELECTOR => {
            let call: erc20::approveCall = exact(data)?;
            (call.amount, call.spender)
        }
        erc20::increaseAllowanceCall::SELECTOR => {
            let call: erc20::increaseAllowanceCall = exact(data)?;
            (call.addedValue, call.spender)
        }
        erc20::setApprovalForAllCall::SELECTOR => {
            let call: erc20::setApprovalForAllCall = exact(data)?;
            (all_or_nothing(call.approved), call.operator)
        }
        eip2612::permitCall::SELECTOR => {
            let call: eip2612::permitCall = exact(data)?;
            (call.value, call.spender)
        }
        dai::permitCall::SELECTOR => {
            let call: dai::permitCall = exact(data)?;
            (all_or_nothing(call.allowed), call.spender)
        }
        _ => return None,
    };
    Some(Spend::of_token(token, amount, evm(to)))
}

fn of_permit2(selector: [u8; 4], data: &[u8]) -> Option<Vec<Spend>> {
    match selector {
        allowance::approveCall::SELECTOR => {
            let call: allowance::approveCall = exact(data)?;
            let amount = U256::from(call.amount);
            let spend = Spend::of_token(evm(call.token), amount, evm(call.spender));
            Some(vec![spend])
        }
        allowance::permitCall::SELECTOR => {
            let permit = exact::<allowance::permitCall>(data)?.permitSingle;
            let amount = U256::from(permit.details.amount);
            let token = evm(permit.details.token);
            Some(vec![Spend::of_token(token, amount, evm(permit.spender))])
        }
        allowance::transferFromCall::SELECTOR => {
            let call: allowance::transferFromCall = exact(data)?;
            let amount = U256::from(call.amount);
            let spend = Spend::of_token(evm(call.token), amount, evm(call.to));
            Some(vec![spend])
        }
        allowance_batch::permitCall::SELECTOR => {
            let permit = exact::<allowance_batch::permitCall>(data)?.permitBatch;
            let spender = evm(permit.spender);
            let each = permit.details.iter().map(|details| {
                Spend::of_token(evm(details.token), U256::from(details.amount), spender)
            });
            Some(each.collect())
        }
        allowance_batch::transferFromCall::SELECTOR => {
            let call: allowance_batch::transferFromCall = exact(data)?;
            let each = call.transferDetails.iter().map(|details| {
                let amount = U256::from(details.amount);
                Spend::of_token(evm(details.token), amount, evm(details.to))
            });
            Some(each.collect())
        }
        transfer_call::permitTransferFromCall::SELECTOR => {
            let call: transfer_call::permitTransferFromCall = exact(data)?;
            let (token, details) = (call.permit.permitted.token, call.transferDetails);
            let spend = Spend::of_token(evm(token), details.requestedAmount, evm(details.to));
            Some(vec![spend])
        }
        transfer_call_batch::permitTransferFromCall::SELECTOR => {
            let call: transfer_call_batch::permitTransferFromCall = exact(data)?;
            let (permitted, details) = (call.permit.permitted, call.transferDetails);
            let each = permitted.iter().zip(&details).map(|(permitted, details)| {
                let amount = details.requestedAmount;
                Spend::of_token(evm(permitted.token), amount, evm(details.to))
            });
            // The contract refuses lists of different length.
            (permitted.len() == details.len()).then(|| each.collect())
        }
        _ => None,
    }
}

fn exact<C: SolCall>(data: &[u8]) -> Option<C> {
    let call = C::abi_decode_validate(data).ok()?;
    (call.abi_encode() == data).then_some(call)
}
