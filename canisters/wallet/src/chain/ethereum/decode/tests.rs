//! What calls and typed data mean: those of another library, random ones, and those that are almost right.

use super::super::erc20;
use super::super::error::TypedDataError;
use super::super::interface::{
    allowance, allowance_batch, dai, eip2612, eip3009, erc20 as token, transfer, transfer_call,
    transfer_call_batch,
};
use super::super::quantity::Wei;
use super::super::tests::{address, bytes, random};
use super::super::typed_data::TypedData;
use super::Currency;
use super::{Meaning, PERMIT2, Spend, call, typed};
use crate::account::ethereum::EvmAddress;
use crate::asset::Amount;
use alloy_dyn_abi::{DynSolType, DynSolValue};
use alloy_primitives::aliases::{U48, U160};
use alloy_primitives::{Address, Bytes, FixedBytes, U256, keccak256};
use alloy_sol_types::{SolCall, SolStruct};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value as Json, json};

#[derive(Deserialize)]
struct ExpectedSpend {
    token: Option<String>,
    amount: String,
    to: String,
}

impl ExpectedSpend {
    fn spend(&self) -> Spend {
        let token = self.token.as_deref().map(address);
        Spend {
            asset: token.map_or(Currency::Native, Currency::Token),
            amount: Amount(self.amount.parse().unwrap()),
            to: address(&self.to),
        }
    }
}

fn meaning(spends: &[ExpectedSpend]) -> Meaning {
    Meaning::Spends(spends.iter().map(ExpectedSpend::spend).collect())
}

#[derive(Deserialize)]
struct Call {
    function: String,
    to: String,
    value: String,
    data: String,
    spends: Vec<ExpectedSpend>,
}

impl Call {
    fn meaning_of(&self, data: &[u8]) -> Meaning {
        call::meaning(address(&self.to), Wei(self.value.parse().unwrap()), data)
    }

    fn unknown(&self, data: &[u8]) -> Meaning {
        let sent = self.spends.iter().filter(|spend| spend.token.is_none());
        Meaning::Unknown {
            selector: data.first_chunk().copied(),
            at_least: sent.map(ExpectedSpend::spend).collect(),
        }
    }

    /// Whether the data is what the library writes for what it reads, by another way than the code under test.
    fn is_the_one_way(&self, data: &[u8]) -> bool {
        let read = self.parameters().abi_decode_params(&data[4..]);
        read.is_ok_and(|read| fits(&read) && read.abi_encode_params() == data[4..])
    }

    /// The parameters by another way than the code under test, which has them at compile time.
    fn parameters(&self) -> DynSolType {
        let start = self.function.find('(').unwrap();
        DynSolType::parse(&self.function[start..]).unwrap()
    }
}

/// The library keeps the high bits of a number when it has read its type from a text.
fn fits(value: &DynSolValue) -> bool {
    match value {
        DynSolValue::Uint(number, bits) => number.bit_len() <= *bits,
        DynSolValue::Tuple(items) | DynSolValue::Array(items) => items.iter().all(fits),
        _ => true,
    }
}

#[derive(Deserialize)]
struct Calls {
    cases: Vec<Call>,
}

fn calls() -> Vec<Call> {
    let text = include_str!("../../../../tests/vectors/evm-calls.json");
    serde_json::from_str::<Calls>(text).unwrap().cases
}

#[derive(Deserialize)]
struct Typed {
    note: String,
    data: Json,
    signing_hash: String,
    spends: Vec<ExpectedSpend>,
}

#[derive(Deserialize)]
struct TypeHash {
    name: String,
    encoded_type: String,
    type_hash: String,
}

#[derive(Deserialize)]
struct Cases<T> {
    cases: Vec<T>,
}

#[derive(Deserialize)]
struct TypedVectors {
    type_hashes: Cases<TypeHash>,
    decoded: Cases<Typed>,
}

fn typed_vectors() -> TypedVectors {
    let text = include_str!("../../../../tests/vectors/evm-typed-data.json");
    serde_json::from_str(text).unwrap()
}

fn parse(data: &Json) -> Result<TypedData, TypedDataError> {
    TypedData::parse(&data.to_string())
}

#[test]
fn calls_of_another_library_mean_what_the_contracts_say() {
    for case in calls() {
        let data = bytes(&case.data);
        let function = &case.function;
        assert_eq!(case.meaning_of(&data), meaning(&case.spends), "{function}");
        assert_eq!(keccak256(function)[..4], data[..4], "{function}");
    }
}

#[test]
fn the_transfer_that_is_built_is_the_one_of_another_library() {
    let case = &calls()[0];
    let spend = case.spends[0].spend();
    assert_eq!(erc20::transfer(spend.to, spend.amount), bytes(&case.data));
}

#[test]
fn a_plain_payment_spends_its_value() {
    let to = EvmAddress::new([1; 20]);
    let spend = Spend {
        asset: Currency::Native,
        amount: Amount(7),
        to,
    };
    assert_eq!(call::meaning(to, Wei(7), &[]), Meaning::Spends(vec![spend]));
    assert_eq!(call::meaning(to, Wei(0), &[]), Meaning::Spends(Vec::new()));
}

#[test]
fn an_unknown_call_still_spends_its_value() {
    let to = EvmAddress::new([1; 20]);
    let spend = Spend {
        asset: Currency::Native,
        amount: Amount(7),
        to,
    };
    for (data, selector) in [
        (vec![1, 2, 3], None),
        (vec![1, 2, 3, 4], Some([1, 2, 3, 4])),
        (vec![0; 100], Some([0; 4])),
    ] {
        let unknown = call::meaning(to, Wei(7), &data);
        let at_least = vec![spend.clone()];
        assert_eq!(unknown.spends(), at_least);
        assert_eq!(unknown, Meaning::Unknown { selector, at_least });
    }
}

#[test]
fn any_suffix_and_any_beginning_of_a_call_are_unknown() {
    for case in calls() {
        let data = bytes(&case.data);
        for length in 1..data.len() {
            let part = &data[..length];
            assert_eq!(
                case.meaning_of(part),
                case.unknown(part),
                "{}",
                case.function
            );
        }
        for more in [1, 28, 31, 32, 64] {
            let longer = [data.clone(), vec![0; more]].concat();
            assert_eq!(
                case.meaning_of(&longer),
                case.unknown(&longer),
                "{}",
                case.function
            );
        }
    }
}

#[test]
fn dirt_in_the_padding_of_an_address_or_a_truth_value_is_unknown() {
    // The first parameter of these is an address, or the offset of an array.
    for case in calls() {
        for place in 4..16 {
            let mut data = bytes(&case.data);
            data[place] ^= 1;
            assert_eq!(
                case.meaning_of(&data),
                case.unknown(&data),
                "{}",
                case.function
            );
        }
    }
    let case = calls().remove(7);
    assert_eq!(case.function, "setApprovalForAll(address,bool)");
    let mut data = bytes(&case.data);
    data[67] = 2;
    assert_eq!(case.meaning_of(&data), case.unknown(&data));
}

#[test]
fn a_second_way_to_write_the_same_call_is_unknown() {
    // Offsets that lead past a gap: other programs read the same call.
    let case = calls().remove(16);
    assert_eq!(
        case.function,
        "transferFrom((address,address,uint160,address)[])"
    );
    let data = bytes(&case.data);
    let mut moved = data[..4].to_vec();
    moved.extend(U256::from(64).to_be_bytes::<32>());
    moved.extend([0; 32]);
    moved.extend(&data[36..]);
    let read = case.parameters().abi_decode_params(&moved[4..]).unwrap();
    assert_eq!(
        read,
        case.parameters().abi_decode_params(&data[4..]).unwrap()
    );
    assert_eq!(case.meaning_of(&moved), case.unknown(&moved));
}

#[test]
fn functions_of_permit2_are_unknown_elsewhere_and_those_of_tokens_are_unknown_there() {
    for case in calls() {
        let data = bytes(&case.data);
        let permit2 = address(&case.to) == PERMIT2;
        let other = match permit2 {
            true => EvmAddress::new([1; 20]),
            false => PERMIT2,
        };
        let selector = data.first_chunk().copied();
        let answer = call::meaning(other, Wei(0), &data);
        let at_least = Vec::new();
        assert_eq!(
            answer,
            Meaning::Unknown { selector, at_least },
            "{}",
            case.function
        );
    }
}

#[test]
fn transfers_by_signature_with_lists_of_different_length_are_unknown() {
    let owner = Address::ZERO;
    let permitted = transfer_call_batch::TokenPermissions {
        token: owner,
        amount: U256::ONE,
    };
    let data = transfer_call_batch::permitTransferFromCall {
        permit: transfer_call_batch::PermitBatchTransferFrom {
            permitted: vec![permitted],
            nonce: U256::ZERO,
            deadline: U256::ZERO,
        },
        transferDetails: Vec::new(),
        owner,
        signature: Bytes::new(),
    }
    .abi_encode();
    let answer = call::meaning(PERMIT2, Wei(0), &data);
    assert!(matches!(answer, Meaning::Unknown { .. }));
}

#[test]
fn types_of_known_messages_have_the_published_hashes() {
    let known = [
        ("eip2612", eip2612::Permit::eip712_encode_type()),
        ("dai", dai::Permit::eip712_encode_type()),
        (
            "TransferWithAuthorization",
            eip3009::TransferWithAuthorization::eip712_encode_type(),
        ),
        (
            "ReceiveWithAuthorization",
            eip3009::ReceiveWithAuthorization::eip712_encode_type(),
        ),
        (
            "PermitSingle",
            allowance::PermitSingle::eip712_encode_type(),
        ),
        (
            "PermitBatch",
            allowance_batch::PermitBatch::eip712_encode_type(),
        ),
        (
            "PermitTransferFrom",
            transfer::PermitTransferFrom::eip712_encode_type(),
        ),
        (
            "PermitBatchTransferFrom",
            transfer::PermitBatchTransferFrom::eip712_encode_type(),
        ),
    ];
    let published = typed_vectors().type_hashes.cases;
    assert_eq!(published.len(), known.len());
    for (published, (name, known)) in published.iter().zip(known) {
        assert_eq!(
            (published.name.as_str(), &published.encoded_type),
            (name, &known.to_string())
        );
        assert_eq!(
            keccak256(known.as_bytes()).as_slice(),
            bytes(&published.type_hash)
        );
    }
}

#[test]
fn known_messages_mean_what_the_contracts_say() {
    for case in typed_vectors().decoded.cases {
        let data = parse(&case.data).unwrap();
        assert_eq!(
            data.signing_hash().0.as_slice(),
            bytes(&case.signing_hash),
            "{}",
            case.note
        );
        assert_eq!(
            typed::meaning(&data),
            meaning(&case.spends),
            "{}",
            case.note
        );
    }
}

fn assert_unknown(data: &Json, why: &str) {
    let read = parse(data).unwrap_or_else(|error| panic!("{why}: {error}"));
    let expected = Meaning::Unknown {
        selector: None,
        at_least: Vec::new(),
    };
    assert_eq!(typed::meaning(&read), expected, "{why}");
}

#[test]
fn a_domain_without_its_chain_or_contract_is_unknown() {
    for case in typed_vectors().decoded.cases {
        for member in ["chainId", "verifyingContract"] {
            let mut data = case.data.clone();
            data["domain"]
                .as_object_mut()
                .unwrap()
                .remove(member)
                .unwrap();
            let declared = data["types"]["EIP712Domain"].as_array_mut().unwrap();
            declared.retain(|declared| declared["name"] != member);
            assert_unknown(&data, &format!("{}, {member}", case.note));
        }
    }
}

#[test]
fn the_domain_of_permit2_is_exactly_its_own() {
    for case in typed_vectors().decoded.cases {
        let permit2 = case.note.starts_with("Permit2");
        let contract = |address: &str| {
            let mut data = case.data.clone();
            data["domain"]["verifyingContract"] = json!(address);
            data
        };
        let other = match permit2 {
            true => "0x0000000000225e31d15943971f47ad3022f714fa".to_owned(),
            false => PERMIT2.to_string(),
        };
        assert_unknown(&contract(&other), &case.note);
        if permit2 {
            let mut data = case.data.clone();
            data["domain"]["name"] = json!("Permit3");
            assert_unknown(&data, &case.note);
            let mut data = case.data.clone();
            data["domain"]["version"] = json!("1");
            let declared = data["types"]["EIP712Domain"].as_array_mut().unwrap();
            declared.insert(1, json!({"name": "version", "type": "string"}));
            assert_unknown(&data, &case.note);
        }
    }
}

/// Every change of a declared member that typed data can still be read with: another name, or one more member at the end.
#[test]
fn a_known_name_with_another_structure_is_unknown() {
    for case in typed_vectors().decoded.cases {
        let types = case.data["types"].as_object().unwrap();
        let unbound = |name: &String| *name == "EIP712Domain" || *name == "Order";
        for name in types.keys().filter(|name| !unbound(name)) {
            let members = types[name].as_array().unwrap();
            for (place, member) in members.iter().enumerate() {
                if member["name"] == "witness" {
                    continue;
                }
                let text = case.data.to_string();
                let old = format!("\"{}\"", member["name"].as_str().unwrap());
                let mut data: Json =
                    serde_json::from_str(&text.replace(&old, "\"other\"")).unwrap();
                data["domain"] = case.data["domain"].clone();
                data["types"]["EIP712Domain"] = types["EIP712Domain"].clone();
                assert_unknown(&data, &format!("{}, {name}, {place}", case.note));
            }
        }
        let primary = case.data["primaryType"].as_str().unwrap();
        let mut data = case.data.clone();
        let members = data["types"][primary].as_array_mut().unwrap();
        members.push(json!({"name": "more", "type": "uint8"}));
        data["message"]["more"] = json!(1);
        assert_unknown(&data, &format!("{}, one more", case.note));
        let mut data = case.data.clone();
        data["primaryType"] = json!("Approval");
        data["types"]["Approval"] = data["types"][primary].clone();
        assert_unknown(&data, &format!("{}, another name", case.note));
    }
}

#[test]
fn a_message_with_a_witness_needs_one() {
    for case in typed_vectors().decoded.cases {
        let primary = case.data["primaryType"].as_str().unwrap();
        if primary.contains("Witness") {
            let mut data = case.data.clone();
            data["types"][primary]
                .as_array_mut()
                .unwrap()
                .pop()
                .unwrap();
            data["message"]
                .as_object_mut()
                .unwrap()
                .remove("witness")
                .unwrap();
            assert_unknown(&data, &case.note);
        }
    }
}

#[test]
fn smaller_numbers_in_a_known_structure_are_another_structure() {
    let cases = typed_vectors().decoded.cases;
    let permit = cases.iter().find(|case| case.note == "EIP-2612").unwrap();
    let text = permit.data.to_string();
    let smaller = r#"{"name":"nonce","type":"uint64"}"#;
    let changed = text.replace(r#"{"name":"nonce","type":"uint256"}"#, smaller);
    assert_ne!(changed, text);
    assert_unknown(&serde_json::from_str(&changed).unwrap(), "uint64");
}

fn amounts() -> impl Strategy<Value = U256> {
    prop_oneof![
        any::<u128>().prop_map(U256::from),
        any::<[u8; 32]>().prop_map(U256::from_be_bytes),
        Just(U256::from(u128::MAX) + U256::ONE),
        Just(U256::MAX),
    ]
}

fn addresses() -> impl Strategy<Value = Address> {
    any::<[u8; 20]>().prop_map(Address::from)
}

fn of(asset: Address, amount: U256, to: Address) -> Spend {
    let most = U256::from(u128::MAX);
    Spend {
        asset: Currency::Token(EvmAddress::new(asset.into_array())),
        amount: Amount(amount.min(most).to::<u128>()),
        to: EvmAddress::new(to.into_array()),
    }
}

fn assert_spends(to: Address, data: &[u8], spends: &[Spend]) {
    let answer = call::meaning(EvmAddress::new(to.into_array()), Wei(0), data);
    assert_eq!(answer, Meaning::Spends(spends.to_vec()));
}

proptest! {
    #![proptest_config(random(256))]

    #[test]
    fn what_is_written_for_a_token_is_read_as_it_was(
        contract in addresses(), [from, to] in [addresses(), addresses()], amount in amounts(), yes in any::<bool>(),
        v in any::<u8>(), word in any::<[u8; 32]>(),
    ) {
        let (all, word) = (if yes { U256::MAX } else { U256::ZERO }, FixedBytes(word));
        let (deadline, nonce) = (U256::from_be_bytes(word.0), U256::from(v));
        let (r, s) = (word, word);
        let one = [of(contract, amount, to)];
        assert_spends(contract, &token::transferCall { to, amount }.abi_encode(), &one);
        assert_spends(contract, &token::transferFromCall { from, to, amount }.abi_encode(), &one);
        assert_spends(contract, &token::approveCall { spender: to, amount }.abi_encode(), &one);
        let more = token::increaseAllowanceCall { spender: to, addedValue: amount };
        assert_spends(contract, &more.abi_encode(), &one);
        let permit = eip2612::permitCall { owner: from, spender: to, value: amount, deadline, v, r, s };
        assert_spends(contract, &permit.abi_encode(), &one);
        let one = [of(contract, all, to)];
        let every = token::setApprovalForAllCall { operator: to, approved: yes };
        assert_spends(contract, &every.abi_encode(), &one);
        let permit = dai::permitCall { holder: from, spender: to, nonce, expiry: deadline, allowed: yes, v, r, s };
        assert_spends(contract, &permit.abi_encode(), &one);
    }

    #[test]
    fn what_is_written_for_permit2_is_read_as_it_was(
        tokens in vec((addresses(), amounts(), addresses()), 1..5), [owner, spender] in [addresses(), addresses()],
        signature in vec(any::<u8>(), 0..100),
    ) {
        let permit2 = Address::from(*PERMIT2.bytes());
        let signature = Bytes::from(signature);
        let small = |amount: U256| amount.wrapping_to::<U160>();
        let large = |amount: U256| U256::from(small(amount));
        let (first, amount, to) = tokens[0];
        let approve = allowance::approveCall { token: first, spender, amount: small(amount), expiration: U48::MAX };
        assert_spends(permit2, &approve.abi_encode(), &[of(first, large(amount), spender)]);
        let details = allowance::PermitDetails {
            token: first, amount: small(amount), expiration: U48::MAX, nonce: U48::ONE,
        };
        let permit = allowance::permitCall {
            owner,
            permitSingle: allowance::PermitSingle { details, spender, sigDeadline: U256::MAX },
            signature: signature.clone(),
        };
        assert_spends(permit2, &permit.abi_encode(), &[of(first, large(amount), spender)]);
        let details = tokens.iter().map(|(token, amount, _)| allowance_batch::PermitDetails {
            token: *token, amount: small(*amount), expiration: U48::MAX, nonce: U48::ONE,
        });
        let permit = allowance_batch::permitCall {
            owner,
            permitBatch: allowance_batch::PermitBatch { details: details.collect(), spender, sigDeadline: U256::MAX },
            signature: signature.clone(),
        };
        let to_spender: Vec<_> = tokens.iter().map(|(token, amount, _)| of(*token, large(*amount), spender)).collect();
        assert_spends(permit2, &permit.abi_encode(), &to_spender);
        let moved = allowance::transferFromCall { from: owner, to, amount: small(amount), token: first };
        assert_spends(permit2, &moved.abi_encode(), &[of(first, large(amount), to)]);
        let details = tokens.iter().map(|(token, amount, to)| allowance_batch::AllowanceTransferDetails {
            from: owner, to: *to, amount: small(*amount), token: *token,
        });
        let moved = allowance_batch::transferFromCall { transferDetails: details.collect() };
        let each: Vec<_> = tokens.iter().map(|(token, amount, to)| of(*token, large(*amount), *to)).collect();
        assert_spends(permit2, &moved.abi_encode(), &each);
        let permitted = transfer_call::TokenPermissions { token: first, amount: U256::MAX };
        let moved = transfer_call::permitTransferFromCall {
            permit: transfer_call::PermitTransferFrom { permitted, nonce: amount, deadline: amount },
            transferDetails: transfer_call::SignatureTransferDetails { to, requestedAmount: amount },
            owner,
            signature: signature.clone(),
        };
        assert_spends(permit2, &moved.abi_encode(), &[of(first, amount, to)]);
        let permitted = tokens.iter().map(|(token, ..)| transfer_call_batch::TokenPermissions {
            token: *token, amount: U256::MAX,
        });
        let details = tokens.iter().map(|(_, amount, to)| transfer_call_batch::SignatureTransferDetails {
            to: *to, requestedAmount: *amount,
        });
        let moved = transfer_call_batch::permitTransferFromCall {
            permit: transfer_call_batch::PermitBatchTransferFrom {
                permitted: permitted.collect(), nonce: amount, deadline: amount,
            },
            transferDetails: details.collect(),
            owner,
            signature,
        };
        let each: Vec<_> = tokens.iter().map(|(token, amount, to)| of(*token, *amount, *to)).collect();
        assert_spends(permit2, &moved.abi_encode(), &each);
    }

    #[test]
    fn a_changed_call_is_known_only_if_it_is_the_one_way_to_write_what_it_says(
        which in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), new in any::<u8>(),
    ) {
        let cases = calls();
        let case = which.get(&cases);
        let mut data = bytes(&case.data);
        let place = 4 + place.index(data.len() - 4);
        data[place] = new;
        let same = case.is_the_one_way(&data);
        match case.meaning_of(&data) {
            Meaning::Spends(_) => prop_assert!(same),
            unknown => {
                let lists = case.function.starts_with("permitTransferFrom(((address,uint256)[]");
                prop_assert!(!same || lists, "{}", case.function);
                prop_assert_eq!(unknown, case.unknown(&data));
            }
        }
    }

    #[test]
    fn random_data_behind_a_known_selector_is_known_only_if_it_is_the_one_way_to_write_what_it_says(
        which in any::<prop::sample::Index>(), words in vec(prop_oneof![
            Just([0; 32]), any::<u8>().prop_map(|last| U256::from(last).to_be_bytes::<32>()), any::<[u8; 32]>(),
        ], 0..24),
    ) {
        let cases = calls();
        let case = which.get(&cases);
        let data = [bytes(&case.data)[..4].to_vec(), words.concat()].concat();
        if let Meaning::Spends(_) = case.meaning_of(&data) {
            prop_assert!(case.is_the_one_way(&data));
        }
    }
}
