//! What a signature of typed data allows.
//!
//! - Specification: EIP-2612 and DAI's contract for `Permit`; EIP-3009; Permit2 for its own structures, with and without a witness.
//! - Exact: the primary type's `encodeType`, which spells out its members and all structures in them, is the standard's; the domain has a chain and a
//!   contract, and for Permit2 is the one of Permit2.
//! - A witness is one more member at the end, of any type, which only binds the spender further.

use super::super::interface::{allowance, allowance_batch, dai, eip2612, eip3009, transfer};
use super::super::typed_data::{Domain, Structure, TypedData, Value};
use super::{Meaning, PERMIT2, Spend, all_or_nothing};
use crate::account::ethereum::EvmAddress;
use alloy_primitives::U256;
use alloy_sol_types::SolStruct;

/// What whoever has a signature of typed data may take. For which chain, the domain tells.
pub fn meaning(data: &TypedData) -> Meaning {
    allowed(data).map_or(
        Meaning::Unknown {
            selector: None,
            at_least: Vec::new(),
        },
        Meaning::Spends,
    )
}

fn allowed(data: &TypedData) -> Option<Vec<Spend>> {
    let domain = data.domain();
    let (Some(contract), Some(_)) = (domain.verifying_contract, domain.chain_id) else {
        return None;
    };
    match contract == PERMIT2 {
        true => is_permit2(domain).then(|| by_permit2(data)).flatten(),
        false => by_token(contract, data).map(|spend| vec![spend]),
    }
}

fn by_token(token: EvmAddress, data: &TypedData) -> Option<Spend> {
    let (written, members) = (data.encoded_type(), data.message());
    // Who gets it, and how much, stand at the same place in these three.
    let with_amount = [
        eip2612::Permit::eip712_encode_type(),
        eip3009::TransferWithAuthorization::eip712_encode_type(),
        eip3009::ReceiveWithAuthorization::eip712_encode_type(),
    ];
    let amount = if with_amount.iter().any(|known| known == written) {
        amount(members, 2)?
    } else if written == dai::Permit::eip712_encode_type() {
        all_or_nothing(amount(members, 4)? == U256::ONE)
    } else {
        return None;
    };
    Some(Spend::of_token(token, amount, address(members, 1)?))
}

/// `EIP712Domain(string name,uint256 chainId,address verifyingContract)`, the name being `Permit2`.
fn is_permit2(domain: &Domain) -> bool {
    domain.name.as_deref() == Some("Permit2")
        && domain.version.is_none()
        && domain.salt.is_none()
        && domain.chain_id.is_some()
        && domain.verifying_contract == Some(PERMIT2)
}

/// Every structure of Permit2 begins with one token's permission, or a list of them, and then the spender.
fn by_permit2(data: &TypedData) -> Option<Vec<Spend>> {
    let members = data.message();
    let spender = address(members, 1)?;
    let spend = |permission: &Value| match permission {
        // Of both structures the first two members are token and amount.
        Value::Structure(permission) => {
            let (token, amount) = (address(permission, 0)?, amount(permission, 1)?);
            Some(Spend::of_token(token, amount, spender))
        }
        _ => None,
    };
    match (is_known(data).then(|| members.get(0)).flatten())? {
        Value::List(permissions) => permissions.iter().map(spend).collect(),
        permission => spend(permission).map(|spend| vec![spend]),
    }
}

fn is_known(data: &TypedData) -> bool {
    let written = data.encoded_type();
    match data.primary_type() {
        "PermitSingle" => written == allowance::PermitSingle::eip712_encode_type(),
        "PermitBatch" => written == allowance_batch::PermitBatch::eip712_encode_type(),
        "PermitTransferFrom" => written == transfer::PermitTransferFrom::eip712_encode_type(),
        "PermitBatchTransferFrom" => {
            written == transfer::PermitBatchTransferFrom::eip712_encode_type()
        }
        "PermitWitnessTransferFrom" => {
            has_witness::<transfer::PermitTransferFrom>("PermitWitnessTransferFrom", data)
        }
        "PermitBatchWitnessTransferFrom" => {
            has_witness::<transfer::PermitBatchTransferFrom>("PermitBatchWitnessTransferFrom", data)
        }
        _ => false,
    }
}

/// Whether the type has the members of another one, one more, and a name of its own, and the same permissions.
fn has_witness<S: SolStruct>(name: &str, data: &TypedData) -> bool {
    let own = S::eip712_root_type();
    let members = own
        .strip_prefix(S::NAME)
        .and_then(|own| own.strip_suffix(')'));
    let expected = members.map(|members| format!("{name}{members},"));
    let declared = data.declared(name);
    let (Some(expected), Some(declared)) = (expected, declared) else {
        return false;
    };
    let permissions = transfer::TokenPermissions::eip712_root_type();
    let one_more = declared.strip_prefix(&expected);
    one_more.is_some_and(|witness| !witness.contains(','))
        && data.declared(transfer::TokenPermissions::NAME) == Some(permissions.into_owned())
}

fn address(structure: &Structure, place: usize) -> Option<EvmAddress> {
    match structure.get(place)? {
        Value::Word(word) => word[12..].try_into().ok().map(EvmAddress::new),
        _ => None,
    }
}

fn amount(structure: &Structure, place: usize) -> Option<U256> {
    match structure.get(place)? {
        Value::Word(word) => Some(U256::from_be_bytes(*word)),
        _ => None,
    }
}
