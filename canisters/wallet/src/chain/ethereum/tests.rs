//! Transactions, signatures and messages: as Ethereum and another library have them, and for random keys.

use super::error::{SignatureError, TransactionError};
use super::hash::SigningHash;
use super::message::{MAX_MESSAGE_BYTES, personal};
use super::quantity::{ChainId, Gas, Nonce, Wei};
use super::replacement::{cancellation, replacement};
use super::signature::Signature;
use super::transaction::{Fees, MAX_DATA_BYTES, RawTransaction, SignedTransaction, Transaction};
use crate::account::ethereum::EvmAddress;
use data_encoding::HEXLOWER;
use k256::ecdsa::{RecoveryId, SigningKey};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::Deserialize;

/// Random cases that leave no file behind; a failing one is printed.
pub fn random(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

pub fn bytes(hex: &str) -> Vec<u8> {
    HEXLOWER.decode(hex.as_bytes()).unwrap()
}

pub fn address(text: &str) -> EvmAddress {
    EvmAddress::parse(text).unwrap()
}

fn hash(hex: &str) -> SigningHash {
    SigningHash(bytes(hex).try_into().unwrap())
}

#[derive(Deserialize)]
struct Cases<T> {
    cases: Vec<T>,
}

#[derive(Deserialize)]
struct TransactionCase {
    note: String,
    key: Option<String>,
    account: String,
    chain_id: u64,
    nonce: String,
    max_priority_fee_per_gas: String,
    max_fee_per_gas: String,
    gas_limit: String,
    to: String,
    value: String,
    data: String,
    signing_hash: String,
    signature: String,
    odd: bool,
    bytes: String,
    hash: String,
}

#[derive(Deserialize)]
struct OldExample {
    key: String,
    account: String,
    signing_hash: String,
    signature: String,
    odd: bool,
}

#[derive(Deserialize)]
struct Transactions {
    published: Cases<TransactionCase>,
    made: Cases<TransactionCase>,
    eip155: OldExample,
}

fn transactions() -> Transactions {
    serde_json::from_str(include_str!("../../../tests/vectors/evm-transactions.json")).unwrap()
}

impl TransactionCase {
    fn transaction(&self) -> Transaction {
        let wei = |text: &str| Wei(text.parse().unwrap());
        let raw = RawTransaction {
            chain_id: ChainId(self.chain_id),
            nonce: Nonce(self.nonce.parse().unwrap()),
            fees: Fees {
                max_priority_fee_per_gas: wei(&self.max_priority_fee_per_gas),
                max_fee_per_gas: wei(&self.max_fee_per_gas),
            },
            gas_limit: Gas(self.gas_limit.parse().unwrap()),
            to: address(&self.to),
            value: wei(&self.value),
            data: bytes(&self.data),
        };
        Transaction::check(raw).unwrap()
    }
}

/// The other signature of the same key and hash: with the group's order less s.
fn with_other_s(r_and_s: &[u8]) -> Vec<u8> {
    let given = k256::ecdsa::Signature::from_slice(r_and_s).unwrap();
    let (r, s) = given.split_scalars();
    let other = k256::ecdsa::Signature::from_scalars(r.to_bytes(), (-s).to_bytes());
    other.unwrap().to_bytes().to_vec()
}

#[test]
fn transactions_are_those_of_mainnet_and_of_another_library() {
    let Transactions {
        published, made, ..
    } = transactions();
    for case in published.cases.iter().chain(&made.cases) {
        let transaction = case.transaction();
        let (account, note) = (address(&case.account), &case.note);
        assert_eq!(
            transaction.signing_hash(),
            hash(&case.signing_hash),
            "{note}"
        );
        let given = bytes(&case.signature);
        for r_and_s in [given.clone(), with_other_s(&given)] {
            let signed = transaction.assemble(account, &r_and_s).unwrap();
            assert_eq!(signed.bytes(), bytes(&case.bytes), "{note}");
            assert_eq!(signed.hash().to_string(), case.hash, "{note}");
            let signature =
                Signature::of_account(account, &transaction.signing_hash(), &r_and_s).unwrap();
            assert_eq!(signature.y_is_odd(), case.odd, "{note}");
        }
    }
}

#[test]
fn accounts_of_the_vectors_are_those_of_their_keys() {
    for case in transactions().made.cases {
        let key = SigningKey::from_slice(&bytes(&case.key.unwrap())).unwrap();
        let public = key.verifying_key().to_encoded_point(true);
        assert_eq!(
            EvmAddress::of(public.as_bytes()).unwrap(),
            address(&case.account)
        );
    }
}

#[test]
fn the_signature_of_eip_155_is_its_accounts() {
    let example = transactions().eip155;
    let account = address(&example.account);
    let signature = Signature::of_account(
        account,
        &hash(&example.signing_hash),
        &bytes(&example.signature),
    )
    .unwrap();
    assert_eq!(signature.y_is_odd(), example.odd);
    let key = SigningKey::from_slice(&bytes(&example.key)).unwrap();
    let public = key.verifying_key().to_encoded_point(true);
    assert_eq!(EvmAddress::of(public.as_bytes()).unwrap(), account);
}

#[derive(Deserialize)]
struct MessageCase {
    message: String,
    signing_hash: String,
    signature: String,
}

#[derive(Deserialize)]
struct PublishedMessage {
    account: String,
    #[serde(flatten)]
    case: MessageCase,
}

#[derive(Deserialize)]
struct MadeMessages {
    account: String,
    cases: Vec<MessageCase>,
}

#[derive(Deserialize)]
struct Messages {
    published: PublishedMessage,
    made: MadeMessages,
}

#[test]
fn personal_messages_are_those_of_two_other_libraries() {
    let Messages { published, made } =
        serde_json::from_str(include_str!("../../../tests/vectors/evm-messages.json")).unwrap();
    let made_cases = made.cases.iter().map(|case| (&made.account, case));
    for (account, case) in made_cases.chain([(&published.account, &published.case)]) {
        let signing_hash = personal(&bytes(&case.message)).unwrap();
        assert_eq!(signing_hash, hash(&case.signing_hash));
        let expected = bytes(&case.signature);
        let signature = Signature::of_account(address(account), &signing_hash, &expected[..64]);
        assert_eq!(signature.unwrap().bytes().as_slice(), expected);
    }
}

#[test]
fn refuses_a_personal_message_that_is_too_long() {
    assert!(personal(&[0; MAX_MESSAGE_BYTES]).is_ok());
    let refused = personal(&[0; MAX_MESSAGE_BYTES + 1]).unwrap_err();
    assert_eq!(refused.bytes, 32_769);
}

fn plain() -> RawTransaction {
    RawTransaction {
        chain_id: ChainId(1),
        nonce: Nonce(7),
        fees: Fees {
            max_priority_fee_per_gas: Wei(100),
            max_fee_per_gas: Wei(1_000),
        },
        gas_limit: Gas(65_000),
        to: EvmAddress::new([1; 20]),
        value: Wei(5),
        data: vec![1, 2, 3],
    }
}

#[test]
fn the_maximum_cost_is_the_value_and_all_gas_at_the_maximum_fee() {
    let transaction = Transaction::check(plain()).unwrap();
    assert_eq!(transaction.maximum_cost(), Wei(65_000 * 1_000 + 5));
    let value = Wei(u128::MAX - 65_000_000);
    let most = RawTransaction { value, ..plain() };
    let cost = Transaction::check(most).unwrap().maximum_cost();
    assert_eq!(cost, Wei(u128::MAX));
}

#[test]
fn refuses_a_transaction_that_no_node_takes() {
    let fees = |priority, maximum| Fees {
        max_priority_fee_per_gas: Wei(priority),
        max_fee_per_gas: Wei(maximum),
    };
    let changed = |change: &dyn Fn(&mut RawTransaction)| {
        let mut raw = plain();
        change(&mut raw);
        Transaction::check(raw).unwrap_err()
    };
    assert_eq!(
        changed(&|raw| raw.chain_id = ChainId(0)),
        TransactionError::NoChain
    );
    assert_eq!(
        changed(&|raw| raw.nonce = Nonce(u64::MAX)),
        TransactionError::NonceTooLarge
    );
    assert_eq!(
        changed(&|raw| raw.fees = fees(1_001, 1_000)),
        TransactionError::PriorityAboveMaximum {
            priority: 1_001,
            maximum: 1_000
        }
    );
    assert_eq!(
        changed(&|raw| raw.value = Wei(u128::MAX - 65_000_000 + 1)),
        TransactionError::CostTooLarge
    );
    assert_eq!(
        changed(&|raw| raw.fees = fees(0, u128::MAX)),
        TransactionError::CostTooLarge
    );
    assert_eq!(
        changed(&|raw| raw.data = vec![0; MAX_DATA_BYTES + 1]),
        TransactionError::DataTooLong {
            bytes: 32_769,
            at_most: 32_768
        }
    );
}

#[test]
fn refuses_what_is_no_signature() {
    let transaction = Transaction::check(plain()).unwrap();
    let order = bytes("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    let one = [vec![0; 31], vec![1]].concat();
    let zero = vec![0; 32];
    for r_and_s in [
        [zero.clone(), one.clone()].concat(),
        [one.clone(), zero].concat(),
        [order.clone(), one.clone()].concat(),
        [one.clone(), order].concat(),
        one.clone(),
        [one.clone(), one.clone(), vec![27]].concat(),
        Vec::new(),
    ] {
        let refused = transaction.assemble(EvmAddress::new([1; 20]), &r_and_s);
        assert_eq!(refused, Err(SignatureError::Malformed));
    }
}

fn some_key() -> impl Strategy<Value = SigningKey> {
    any::<[u8; 32]>().prop_filter_map("a key", |bytes| SigningKey::from_slice(&bytes).ok())
}

fn account_of(key: &SigningKey) -> EvmAddress {
    EvmAddress::of(key.verifying_key().to_encoded_point(true).as_bytes()).unwrap()
}

prop_compose! {
    fn some_transaction()(
        chain in 1..=u64::MAX,
        nonce in 0..u64::MAX,
        (priority, more) in (0u128..1 << 60, 0u128..1 << 60),
        gas in 0u64..1 << 40,
        value in 0u128..1 << 120,
        to in any::<[u8; 20]>(),
        data in vec(any::<u8>(), 0..600),
    ) -> Transaction {
        let fees = Fees {
            max_priority_fee_per_gas: Wei(priority),
            max_fee_per_gas: Wei(priority + more),
        };
        Transaction::check(RawTransaction {
            chain_id: ChainId(chain),
            nonce: Nonce(nonce),
            fees,
            gas_limit: Gas(gas),
            to: EvmAddress::new(to),
            value: Wei(value),
            data,
        })
        .unwrap()
    }
}

/// One item of RLP at the beginning: whether it is a list, its content, and what follows. It accepts no second way to write an item.
fn item(bytes: &[u8]) -> (bool, &[u8], &[u8]) {
    let first = bytes[0];
    let (list, base) = (first >= 0xc0, if first >= 0xc0 { 0xc0 } else { 0x80 });
    if first < 0x80 {
        return (false, &bytes[..1], &bytes[1..]);
    }
    let short = usize::from(first - base);
    let (head, length) = match short <= 55 {
        true => (1, short),
        false => {
            let digits = &bytes[1..1 + short - 55];
            assert_ne!(digits[0], 0);
            let length = digits
                .iter()
                .fold(0, |sum, byte| sum * 256 + usize::from(*byte));
            assert!(length > 55);
            (1 + digits.len(), length)
        }
    };
    let content = &bytes[head..head + length];
    assert!(list || length != 1 || content[0] >= 0x80);
    (list, content, &bytes[head + length..])
}

fn integer(content: &[u8]) -> u128 {
    assert_ne!(content.first(), Some(&0));
    let step = |sum: u128, byte: &u8| sum.checked_mul(256).unwrap() + u128::from(*byte);
    content.iter().fold(0, step)
}

/// The fields of a signed transaction, read by another program than the one that wrote them.
fn fields(signed: &SignedTransaction) -> Vec<Vec<u8>> {
    let (kind, rest) = signed.bytes().split_first().unwrap();
    assert_eq!(*kind, 2);
    let (list, mut content, behind) = item(rest);
    assert!(list && behind.is_empty());
    let mut fields = Vec::new();
    while !content.is_empty() {
        let (list, field, rest) = item(content);
        assert_eq!(list, fields.len() == 8, "only the access list is a list");
        fields.push(field.to_vec());
        content = rest;
    }
    fields
}

proptest! {
    #![proptest_config(random(128))]

    #[test]
    fn every_signature_of_the_account_is_taken_with_its_parity(
        key in some_key(), transaction in some_transaction(), other in any::<bool>(),
    ) {
        let signing_hash = transaction.signing_hash();
        let (given, parity) = key.sign_prehash_recoverable(&signing_hash.0).unwrap();
        let small = given.normalize_s().unwrap_or(given);
        let odd = parity.is_y_odd() ^ (small != given);
        let mut r_and_s = given.to_bytes().to_vec();
        if other {
            r_and_s = with_other_s(&r_and_s);
        }
        let signed = transaction.assemble(account_of(&key), &r_and_s).unwrap();
        let fields = fields(&signed);
        prop_assert_eq!(fields.len(), 12);
        prop_assert_eq!(integer(&fields[9]), u128::from(odd));
        let (r, s) = small.split_bytes();
        let trimmed = |bytes: &[u8]| -> Vec<u8> {
            bytes.iter().copied().skip_while(|byte| *byte == 0).collect()
        };
        prop_assert_eq!(&fields[10], &trimmed(&r));
        prop_assert_eq!(&fields[11], &trimmed(&s));
        let raw = transaction.raw();
        let fees = raw.fees;
        let numbers = [
            u128::from(raw.chain_id.0), u128::from(raw.nonce.0), fees.max_priority_fee_per_gas.0,
            fees.max_fee_per_gas.0, u128::from(raw.gas_limit.0),
        ];
        for (field, number) in fields.iter().zip(numbers) {
            prop_assert_eq!(integer(field), number);
        }
        prop_assert_eq!(fields[5].as_slice(), raw.to.bytes());
        prop_assert_eq!(integer(&fields[6]), raw.value.0);
        prop_assert_eq!(&fields[7], &raw.data);
    }

    #[test]
    fn no_other_signature_is_taken(
        key in some_key(), stranger in some_key(), transaction in some_transaction(), place in 0..64usize, bit in 0..8u8,
    ) {
        let signing_hash = transaction.signing_hash();
        let (given, _): (k256::ecdsa::Signature, RecoveryId) =
            key.sign_prehash_recoverable(&signing_hash.0).unwrap();
        let mut r_and_s = given.to_bytes().to_vec();
        let of_stranger = transaction.assemble(account_of(&stranger), &r_and_s);
        let account = account_of(&stranger).to_string();
        prop_assert_eq!(of_stranger, Err(SignatureError::NotOfAccount { account }));
        r_and_s[place] ^= 1 << bit;
        prop_assert!(transaction.assemble(account_of(&key), &r_and_s).is_err());
    }

    #[test]
    fn a_transaction_is_stored_and_read_as_it_was(transaction in some_transaction()) {
        let stored = minicbor::to_vec(&transaction).unwrap();
        let read: Transaction = minicbor::decode(&stored).unwrap();
        prop_assert_eq!(read, transaction);
    }

    #[test]
    fn a_replacement_differs_in_fees_only_and_raises_both_by_a_tenth(
        previous in some_transaction(), (priority, maximum) in (0u128..1 << 62, 0u128..1 << 62),
    ) {
        let fees = Fees { max_priority_fee_per_gas: Wei(priority), max_fee_per_gas: Wei(maximum) };
        let old = previous.raw().fees;
        // In another way than the code: old * 11 <= new * 10.
        let enough = |old: Wei, new: u128| old.0 * 11 <= new * 10 && new > old.0;
        let raised = enough(old.max_priority_fee_per_gas, priority)
            && enough(old.max_fee_per_gas, maximum);
        let account = EvmAddress::new([9; 20]);
        let answers = [replacement(&previous, fees), cancellation(&previous, account, fees)];
        prop_assert_eq!(answers.each_ref().map(Result::is_ok), [raised && priority <= maximum; 2]);
        if let [Ok(replacement), Ok(cancellation)] = answers {
            let expected = RawTransaction { fees, ..previous.raw().clone() };
            prop_assert_eq!(replacement.raw(), &expected);
            let expected = RawTransaction { to: account, value: Wei(0), data: Vec::new(), ..expected };
            prop_assert_eq!(cancellation.raw(), &expected);
        }
    }

    #[test]
    fn the_least_raise_is_enough_and_one_less_is_not(previous in some_transaction()) {
        let least = previous.raw().fees.least_raise().unwrap();
        prop_assert!(replacement(&previous, least).is_ok());
        let expected = TransactionError::RaiseTooSmall {
            priority: least.max_priority_fee_per_gas.0,
            maximum: least.max_fee_per_gas.0,
        };
        let mut less = [least; 2];
        less[0].max_priority_fee_per_gas.0 -= 1;
        less[1].max_fee_per_gas.0 -= 1;
        for fees in less {
            prop_assert_eq!(replacement(&previous, fees), Err(expected.clone()));
            let refused = cancellation(&previous, EvmAddress::new([9; 20]), fees);
            prop_assert_eq!(refused, Err(expected.clone()));
        }
    }
}

#[test]
fn fees_near_the_largest_number_cannot_be_raised() {
    let largest = Fees {
        max_priority_fee_per_gas: Wei(0),
        max_fee_per_gas: Wei(u128::MAX),
    };
    assert_eq!(largest.least_raise(), Err(TransactionError::CostTooLarge));
}
