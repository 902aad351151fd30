//! Durable nonces: used once, moved also by a transaction that fails, and of no age.

use super::{
    Chain, Commitment, FEE, FINALITY, MAX_AGE, SOL, funded, key, lamports, pay, signed, simulation,
};
use solana_hash::Hash;
use solana_keypair::Keypair;
use solana_nonce::state::State;
use solana_nonce::versions::Versions;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use solana_system_interface::instruction::{advance_nonce_account, create_nonce_account, transfer};
use solana_transaction::versioned::VersionedTransaction;
use solana_transaction_error::TransactionError;

/// A chain with a nonce account of the owner, one slot old.
fn with_nonce() -> (Chain, Keypair, Pubkey) {
    let (mut chain, owner) = funded();
    let nonce = key(9);
    let rent = chain.rent_exemption(State::size());
    let create = create_nonce_account(&owner.pubkey(), &nonce.pubkey(), &owner.pubkey(), rent);
    let blockhash = chain.blockhash(Commitment::Finalized);
    let made = chain.submit(signed(&create, &[&owner, &nonce], blockhash));
    assert_eq!(made.expect("accepted").outcome, Ok(()));
    (chain, owner, nonce.pubkey())
}

fn value(chain: &Chain, nonce: &Pubkey, commitment: Commitment) -> Option<Hash> {
    let account = chain.account(nonce, chain.slot(commitment))?;
    match bincode::deserialize::<Versions>(&account.data)
        .expect("a nonce")
        .state()
    {
        State::Initialized(data) => Some(data.blockhash()),
        State::Uninitialized => None,
    }
}

fn spend(
    chain: &Chain,
    owner: &Keypair,
    nonce: &Pubkey,
    to: &Pubkey,
    lamports: u64,
) -> VersionedTransaction {
    let instructions = [
        advance_nonce_account(nonce, &owner.pubkey()),
        transfer(&owner.pubkey(), to, lamports),
    ];
    let value = value(chain, nonce, Commitment::Processed).expect("a nonce");
    signed(&instructions, &[owner], value)
}

#[test]
fn a_nonce_is_used_once_however_old_it_is() {
    let (mut chain, owner, nonce) = with_nonce();
    let to = key(2).pubkey();
    let payment = spend(&chain, &owner, &nonce, &to, SOL);
    let rival = spend(&chain, &owner, &nonce, &to, 2 * SOL);
    chain.advance(3 * MAX_AGE);
    let before = value(&chain, &nonce, Commitment::Processed);
    assert_eq!(
        chain.submit(payment.clone()).expect("accepted").outcome,
        Ok(())
    );
    assert_ne!(value(&chain, &nonce, Commitment::Processed), before);
    assert_eq!(
        value(&chain, &nonce, Commitment::Confirmed),
        before,
        "not yet"
    );
    for passed in [0, 1, FINALITY, 2 * MAX_AGE] {
        chain.advance(passed);
        // The age is looked at before the signature, as in Agave.
        for used in [&payment, &rival] {
            let refused = simulation(chain.submit(used.clone()));
            assert_eq!(refused, TransactionError::BlockhashNotFound);
        }
    }
    assert_eq!(lamports(&chain, &to, Commitment::Processed), SOL);
    let next = spend(&chain, &owner, &nonce, &to, 3 * SOL);
    assert_eq!(chain.submit(next).expect("accepted").outcome, Ok(()));
    assert_eq!(lamports(&chain, &to, Commitment::Processed), 4 * SOL);
}

#[test]
fn a_nonce_moves_once_in_a_slot() {
    let (mut chain, owner, nonce) = with_nonce();
    let to = key(2).pubkey();
    let soon = spend(&chain, &owner, &nonce, &to, SOL);
    assert_eq!(
        simulation(chain.submit(soon.clone())),
        TransactionError::BlockhashNotFound
    );
    chain.advance(1);
    chain.submit(soon).expect("accepted");
    let next = spend(&chain, &owner, &nonce, &to, SOL);
    assert_eq!(
        simulation(chain.submit(next.clone())),
        TransactionError::BlockhashNotFound
    );
    chain.advance(1);
    chain.submit(next).expect("accepted");
}

#[test]
fn a_failed_transaction_pays_its_fee_and_uses_its_nonce() {
    let (mut chain, owner, nonce) = with_nonce();
    chain.advance(1);
    let before = (
        value(&chain, &nonce, Commitment::Processed),
        lamports(&chain, &owner.pubkey(), Commitment::Processed),
    );
    let greedy = spend(&chain, &owner, &nonce, &key(2).pubkey(), 100 * SOL);
    assert!(
        chain
            .submit(greedy.clone())
            .expect("in a block")
            .outcome
            .is_err()
    );
    assert_ne!(value(&chain, &nonce, Commitment::Processed), before.0);
    assert_eq!(
        lamports(&chain, &owner.pubkey(), Commitment::Processed),
        before.1 - FEE
    );
    chain.advance(1);
    assert_eq!(
        simulation(chain.submit(greedy)),
        TransactionError::BlockhashNotFound
    );
}

#[test]
fn only_its_authority_uses_a_nonce() {
    let (mut chain, owner, nonce) = with_nonce();
    let thief = key(5);
    chain
        .submit(pay(&chain, &owner, &thief.pubkey(), SOL))
        .expect("accepted");
    chain.advance(1);
    let theft = spend(&chain, &thief, &nonce, &key(6).pubkey(), SOL / 2);
    assert_eq!(
        simulation(chain.submit(theft)),
        TransactionError::BlockhashNotFound
    );
}

#[test]
fn a_preflight_sees_the_nonce_of_its_commitment() {
    let (mut chain, owner, nonce) = with_nonce();
    chain.advance(1);
    let payment = spend(&chain, &owner, &nonce, &key(2).pubkey(), SOL);
    let early = simulation(chain.preflight(&payment, Commitment::Finalized));
    assert_eq!(early, TransactionError::BlockhashNotFound);
    assert_eq!(chain.preflight(&payment, Commitment::Confirmed), Ok(()));
    chain.advance(FINALITY);
    assert_eq!(chain.preflight(&payment, Commitment::Finalized), Ok(()));
}
