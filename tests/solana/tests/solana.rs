//! The chain: what the runtime and the rules of slots make of transactions, and what the JSON-RPC says of it.

#[path = "solana/nonces.rs"]
mod nonces;
#[path = "solana/rpc.rs"]
mod rpc;
#[path = "solana/tokens.rs"]
mod tokens;

use chainkey_solana::chain::{Chain, Commitment, FINALITY, MAX_AGE, Refused};
use solana_hash::Hash;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_message::Message;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use solana_system_interface::instruction::transfer;
use solana_transaction::Transaction;
use solana_transaction::versioned::VersionedTransaction;
use solana_transaction_error::TransactionError;

const SOL: u64 = 1_000_000_000;
/// The fee of a signature, in lamports.
const FEE: u64 = 5_000;
const GENESIS: i64 = 1_700_000_000;

fn key(seed: u8) -> Keypair {
    Keypair::new_from_array([seed; 32])
}

/// A chain on which the first key has ten SOL, final.
fn funded() -> (Chain, Keypair) {
    let mut chain = Chain::new(GENESIS);
    let owner = key(1);
    chain.airdrop(&owner.pubkey(), 10 * SOL).expect("a gift");
    chain.advance(FINALITY);
    (chain, owner)
}

fn signed(
    instructions: &[Instruction],
    signers: &[&Keypair],
    blockhash: Hash,
) -> VersionedTransaction {
    let message = Message::new(instructions, Some(&signers[0].pubkey()));
    Transaction::new(signers, message, blockhash).into()
}

fn pay(chain: &Chain, from: &Keypair, to: &Pubkey, lamports: u64) -> VersionedTransaction {
    let blockhash = chain.blockhash(Commitment::Finalized);
    signed(
        &[transfer(&from.pubkey(), to, lamports)],
        &[from],
        blockhash,
    )
}

fn lamports(chain: &Chain, address: &Pubkey, commitment: Commitment) -> u64 {
    let account = chain.account(address, chain.slot(commitment));
    account.map_or(0, |account| account.lamports)
}

fn simulation(refused: Result<impl Sized, Refused>) -> TransactionError {
    match refused.map(drop) {
        Err(Refused::Simulation { error, .. }) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_transfer_moves_lamports_and_becomes_final_as_slots_pass() {
    let (mut chain, owner) = funded();
    let to = key(2).pubkey();
    let payment = pay(&chain, &owner, &to, SOL);
    let signature = payment.signatures[0];
    let sent = chain.submit(payment).expect("accepted");
    assert_eq!((sent.outcome.clone(), sent.meta.fee), (Ok(()), FEE));
    assert_eq!(sent.pre, [10 * SOL, 0, 1]);
    assert_eq!(sent.post, [9 * SOL - FEE, SOL, 1]);
    for (passed, commitment) in [
        (0, Commitment::Processed),
        (1, Commitment::Confirmed),
        (31, Commitment::Finalized),
    ] {
        if commitment != Commitment::Processed {
            assert_eq!(lamports(&chain, &to, commitment), 0, "{commitment:?}");
        }
        chain.advance(passed);
        assert_eq!(lamports(&chain, &to, commitment), SOL, "{commitment:?}");
    }
    assert_eq!(
        lamports(&chain, &owner.pubkey(), Commitment::Finalized),
        9 * SOL - FEE
    );
    let slot = chain.processed(&signature).expect("processed").slot;
    assert_eq!(chain.block(slot).expect("a block").signatures, [signature]);
}

#[test]
fn a_transaction_that_is_sent_twice_is_made_once() {
    let (mut chain, owner) = funded();
    let to = key(2).pubkey();
    let payment = pay(&chain, &owner, &to, SOL);
    chain.submit(payment.clone()).expect("accepted");
    for _ in 0..3 {
        let again = simulation(chain.submit(payment.clone()));
        assert_eq!(again, TransactionError::AlreadyProcessed);
        chain.advance(40);
    }
    assert_eq!(lamports(&chain, &to, Commitment::Processed), SOL);
}

#[test]
fn a_blockhash_is_refused_after_150_blocks() {
    let (mut chain, owner) = funded();
    let to = key(2).pubkey();
    let blockhash = chain.blockhash(Commitment::Confirmed);
    let payment = |lamports| {
        signed(
            &[transfer(&owner.pubkey(), &to, lamports)],
            &[&owner],
            blockhash,
        )
    };
    chain.advance(MAX_AGE - 1);
    // Slots without a block don't count.
    chain.skip();
    chain.advance(1);
    chain.submit(payment(SOL)).expect("still young");
    chain.advance(1);
    let old = simulation(chain.submit(payment(2 * SOL)));
    assert_eq!(old, TransactionError::BlockhashNotFound);
    let unknown = signed(
        &[transfer(&owner.pubkey(), &to, SOL)],
        &[&owner],
        Hash::default(),
    );
    assert_eq!(
        simulation(chain.submit(unknown)),
        TransactionError::BlockhashNotFound
    );
    assert_eq!(lamports(&chain, &to, Commitment::Processed), SOL);
}

#[test]
fn a_signature_of_another_key_is_refused() {
    let (mut chain, owner) = funded();
    let mut payment = pay(&chain, &owner, &key(2).pubkey(), SOL);
    payment.signatures[0] = key(3).sign_message(&payment.message.serialize());
    assert_eq!(
        chain.submit(payment.clone()).map(drop),
        Err(Refused::Signature)
    );
    assert_eq!(
        chain.preflight(&payment, Commitment::Processed),
        Err(Refused::Signature)
    );
}

#[test]
fn a_payer_without_the_fee_is_refused_and_a_payment_without_cover_costs_its_fee() {
    let (mut chain, owner) = funded();
    let poor = pay(&chain, &key(7), &owner.pubkey(), 1);
    assert_eq!(
        simulation(chain.submit(poor)),
        TransactionError::AccountNotFound
    );
    let greedy = pay(&chain, &owner, &key(2).pubkey(), 11 * SOL);
    let preflight = simulation(chain.preflight(&greedy, Commitment::Finalized));
    assert!(matches!(
        preflight,
        TransactionError::InstructionError(0, _)
    ));
    let failed = chain.submit(greedy).expect("in a block");
    assert!(failed.outcome.is_err());
    assert_eq!(
        lamports(&chain, &owner.pubkey(), Commitment::Processed),
        10 * SOL - FEE
    );
}

#[test]
fn an_account_below_the_rent_exemption_can_not_be_made() {
    let (mut chain, owner) = funded();
    let least = chain.rent_exemption(0);
    assert_eq!(least, 890_880);
    let dust = pay(&chain, &owner, &key(2).pubkey(), least - 1);
    let failed = chain.submit(dust).expect("in a block");
    let expected = TransactionError::InsufficientFundsForRent { account_index: 1 };
    assert_eq!(failed.outcome, Err(expected));
    let enough = pay(&chain, &owner, &key(2).pubkey(), least);
    assert_eq!(chain.submit(enough).expect("in a block").outcome, Ok(()));
}

#[test]
fn equal_calls_make_equal_chains() {
    let run = || {
        let (mut chain, owner) = funded();
        chain
            .submit(pay(&chain, &owner, &key(2).pubkey(), SOL))
            .expect("accepted");
        chain.advance(3);
        (
            chain.slot(Commitment::Processed),
            chain.blockhash(Commitment::Processed),
        )
    };
    assert_eq!(run(), run());
}
