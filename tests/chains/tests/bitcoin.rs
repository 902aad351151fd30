//! The regtest chain: what Bitcoin Core's consensus accepts and refuses, what its mempool takes, and the stand-in canister over it.
//!
//! The only binary of the tests that links the kernel; so all that needs it is here.

#[path = "bitcoin/owner.rs"]
mod owner;
#[path = "bitcoin/serving.rs"]
mod serving;
#[path = "bitcoin/standin.rs"]
mod standin;
#[path = "bitcoin/wallet.rs"]
mod wallet;

use bitcoin::absolute::LockTime;
use bitcoin::script::Builder;
use bitcoin::{Amount, Block, ScriptBuf, Sequence, Transaction, Witness, ecdsa};
use chainkey_chains::bitcoin::{ChainError, Regtest, Rejected, commit, work};
use owner::{Input, Owner, output_of, raw, unsigned};

const COIN: u64 = 100_000_000;
const SUBSIDY: u64 = 50 * COIN;
const FEE: u64 = 1_000;

/// A chain in which two coins of each kind can be spent.
fn funded() -> (Regtest, Owner) {
    let owner = Owner::new(1);
    let mut chain = Regtest::new().expect("a chain");
    for script in [owner.segwit(), owner.taproot()] {
        chain.mine(2, &script).expect("mines");
    }
    let nobody = Owner::new(9).segwit();
    chain.mine(100, &nobody).expect("mines");
    (chain, owner)
}

fn nobody() -> ScriptBuf {
    Owner::new(9).segwit()
}

/// Spends the oldest P2WPKH coin but for a fee.
fn payment(chain: &Regtest, owner: &Owner, fee: u64) -> (Transaction, Input) {
    let coin = owner.oldest(chain, &owner.segwit());
    let outputs = [(SUBSIDY - fee, Owner::new(2).taproot())];
    (owner.pay(std::slice::from_ref(&coin), &outputs), coin)
}

#[test]
fn blocks_name_their_height_and_commit_to_their_witnesses() {
    let (mut chain, owner) = funded();
    let (payment, _) = payment(&chain, &owner, FEE);
    chain.submit(&raw(&payment)).expect("accepted");
    chain.mine(1, &nobody()).expect("mines");
    assert_eq!(chain.tip().height, 105);
    for height in [1, 16, 17, 104, 105] {
        let block = chain.block(height).expect("a block");
        let named = Builder::new().push_int(i64::from(height)).into_script();
        let script = &block.txdata[0].input[0].script_sig;
        assert!(script.as_bytes().starts_with(named.as_bytes()), "{height}");
        assert!(block.check_merkle_root());
        assert!(block.check_witness_commitment());
    }
    let tip = chain.block(105).expect("the tip");
    assert_eq!(tip.bip34_block_height().ok(), Some(105));
    assert_eq!(tip.txdata[1], payment);
    assert_eq!(tip.txdata[0].output[0].value.to_sat(), SUBSIDY + FEE);
}

#[test]
fn the_subsidy_is_halved_after_150_blocks() {
    let mut chain = Regtest::new().expect("a chain");
    chain.mine(150, &nobody()).expect("mines");
    let reward = |height| {
        chain
            .block(height)
            .map(|block| block.txdata[0].output[0].value)
    };
    assert_eq!(reward(149), Some(Amount::from_sat(SUBSIDY)));
    assert_eq!(reward(150), Some(Amount::from_sat(SUBSIDY / 2)));
}

#[test]
fn coins_of_both_kinds_are_spent_by_one_transaction() {
    let (mut chain, owner) = funded();
    let inputs = [owner.segwit(), owner.taproot()].map(|script| owner.oldest(&chain, &script));
    let to = Owner::new(2);
    let outputs = [(30 * COIN, to.segwit()), (70 * COIN - FEE, to.taproot())];
    let payment = owner.pay(&inputs, &outputs);
    let txid = chain.submit(&raw(&payment)).expect("accepted");
    assert_eq!(chain.confirmations(&txid), Some(0));
    assert_eq!(chain.balance(&to.segwit(), 1), Amount::ZERO);
    chain.mine(1, &nobody()).expect("mines");
    assert_eq!(chain.confirmations(&txid), Some(1));
    assert!(chain.mempool().is_empty());
    assert_eq!(chain.balance(&to.segwit(), 1).to_sat(), 30 * COIN);
    assert_eq!(chain.balance(&to.taproot(), 1).to_sat(), 70 * COIN - FEE);
    assert_eq!(chain.balance(&owner.segwit(), 1).to_sat(), SUBSIDY);
    // And what was paid can be paid on.
    let coin = to.oldest(&chain, &to.taproot());
    let next = to.pay(&[coin], &[(70 * COIN - 2 * FEE, owner.segwit())]);
    chain.submit(&raw(&next)).expect("accepted");
    chain.mine(1, &nobody()).expect("mines");
    assert_eq!(chain.confirmations(&next.compute_txid()), Some(1));
}

#[test]
fn the_kernel_refuses_a_signature_of_somebody_else() {
    let (mut chain, owner) = funded();
    let inputs = [owner.segwit(), owner.taproot()].map(|script| owner.oldest(&chain, &script));
    let outputs = [(100 * COIN - FEE, nobody())];
    let good = owner.pay(&inputs, &outputs);
    let forged = Owner::new(2).pay(&inputs, &outputs);
    for input in [0, 1] {
        let mut bad = good.clone();
        bad.input[input].witness = forged.input[input].witness.clone();
        let refused = chain.submit(&raw(&bad));
        assert_eq!(refused, Err(Rejected::Script { input }));
    }
    let mut changed = good.clone();
    changed.output[0].value -= Amount::from_sat(1);
    let refused = chain.submit(&raw(&changed));
    assert_eq!(refused, Err(Rejected::Script { input: 0 }));
    assert!(chain.mempool().is_empty());
    chain.submit(&raw(&good)).expect("the good one is accepted");
}

#[test]
fn a_block_with_an_invalid_transaction_does_not_become_the_tip() {
    let (mut chain, owner) = funded();
    let (good, coin) = payment(&chain, &owner, FEE);
    let mut forged = good.clone();
    forged.input[0].witness = Owner::new(2).pay(&[coin], &[]).input[0].witness.clone();
    let before = chain.tip();
    let mut block = chain.next_block(&nobody());
    block.txdata.push(forged);
    commit(&mut block);
    work(&mut block);
    assert_eq!(verdict(&mut chain, &block), "Invalid, Consensus");
    assert_eq!(chain.tip(), before);
    assert_eq!(chain.balance(&owner.segwit(), 1).to_sat(), 2 * SUBSIDY);
    block.txdata[1] = good;
    commit(&mut block);
    work(&mut block);
    chain
        .give(&block)
        .expect("the same block with a good signature is accepted");
    assert_eq!(chain.tip().hash, block.block_hash());
}

#[test]
fn blocks_that_break_other_rules_do_not_become_the_tip() {
    let (mut chain, owner) = funded();
    let (payment, _) = payment(&chain, &owner, FEE);
    let before = chain.tip();
    let mut greedy = chain.next_block(&nobody());
    greedy.txdata[0].output[0].value += Amount::from_sat(1);
    commit(&mut greedy);
    let mut uncommitted = chain.next_block(&nobody());
    uncommitted.txdata.push(payment);
    uncommitted.header.merkle_root = uncommitted.compute_merkle_root().expect("a root");
    let mut wrong_height = chain.next_block(&nobody());
    let old = chain.block(3).expect("a block").txdata[0].clone();
    wrong_height.txdata[0].input[0].script_sig = old.input[0].script_sig.clone();
    commit(&mut wrong_height);
    let blocks = [
        (greedy, "Invalid, Consensus"),
        (uncommitted, "Invalid, Mutated"),
        (wrong_height, "Invalid, Consensus"),
    ];
    for (mut block, expected) in blocks {
        work(&mut block);
        assert_eq!(verdict(&mut chain, &block), expected);
        assert_eq!(chain.tip(), before);
    }
}

/// What the kernel says of a block that it refuses.
fn verdict(chain: &mut Regtest, block: &Block) -> String {
    match chain.give(block) {
        Err(ChainError::Refused { verdict, .. }) => verdict,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_known_transaction_is_accepted_again_and_changes_nothing() {
    let (mut chain, owner) = funded();
    let (payment, _) = payment(&chain, &owner, FEE);
    let raw = raw(&payment);
    let txid = chain.submit(&raw).expect("accepted");
    for _ in 0..12 {
        assert_eq!(chain.submit(&raw), Ok(txid));
    }
    assert_eq!(chain.mempool(), vec![txid]);
    chain.mine(1, &nobody()).expect("mines");
    assert_eq!(chain.submit(&raw), Ok(txid));
    assert!(chain.mempool().is_empty());
}

#[test]
fn a_second_spend_is_refused_unless_the_first_may_be_replaced() {
    let (mut chain, owner) = funded();
    let coin = owner.oldest(&chain, &owner.segwit());
    let mut first = unsigned(std::slice::from_ref(&coin), &[(SUBSIDY - FEE, nobody())]);
    first.input[0].sequence = Sequence::ENABLE_LOCKTIME_NO_RBF;
    owner.sign(&mut first, std::slice::from_ref(&coin));
    chain.submit(&raw(&first)).expect("accepted");
    let second = owner.pay(&[coin], &[(SUBSIDY - 100 * FEE, nobody())]);
    let conflict = first.compute_txid();
    let refused = chain.submit(&raw(&second));
    assert_eq!(refused, Err(Rejected::Conflict { conflict }));
    chain.mine(1, &nobody()).expect("mines");
    let refused = chain.submit(&raw(&second));
    assert!(
        matches!(refused, Err(Rejected::MissingOrSpent { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_replacement_that_pays_more_removes_what_it_replaces() {
    let (mut chain, owner) = funded();
    let to = Owner::new(2);
    let (first, coin) = payment(&chain, &owner, FEE);
    let child_of_first = to.pay(&[output_of(&first, 0)], &[(SUBSIDY - 3 * FEE, nobody())]);
    for transaction in [&first, &child_of_first] {
        chain.submit(&raw(transaction)).expect("accepted");
    }
    let replace = |fee| {
        owner.pay(
            std::slice::from_ref(&coin),
            &[(SUBSIDY - fee, to.taproot())],
        )
    };
    let least = Amount::from_sat(3 * FEE);
    // First and child pay 3 000 together; a replacement pays that and its own relay.
    let fee = Amount::from_sat(3 * FEE - 1);
    let refused = chain.submit(&raw(&replace(3 * FEE - 1)));
    assert_eq!(refused, Err(Rejected::InsufficientFee { fee, least }));
    let refused = chain.submit(&raw(&replace(3 * FEE)));
    assert!(
        matches!(refused, Err(Rejected::InsufficientRelayFee { .. })),
        "{refused:?}"
    );
    let better = replace(3 * FEE + 200);
    chain.submit(&raw(&better)).expect("accepted");
    assert_eq!(chain.mempool(), vec![better.compute_txid()]);
    assert_eq!(chain.confirmations(&first.compute_txid()), None);
    assert_eq!(chain.confirmations(&child_of_first.compute_txid()), None);
    chain.mine(1, &nobody()).expect("mines");
    assert_eq!(chain.confirmations(&better.compute_txid()), Some(1));
    assert_eq!(
        chain.balance(&to.taproot(), 1).to_sat(),
        SUBSIDY - 3 * FEE - 200
    );
}

#[test]
fn a_replacement_may_not_spend_what_it_replaces_or_new_unconfirmed_coins() {
    let (mut chain, owner) = funded();
    let to = Owner::new(2);
    let (first, coin) = payment(&chain, &owner, FEE);
    chain.submit(&raw(&first)).expect("accepted");
    let other = owner.oldest(&chain, &owner.taproot());
    let other = owner.pay(&[other], &[(SUBSIDY - FEE, owner.taproot())]);
    chain.submit(&raw(&other)).expect("accepted");
    let itself = owner.pay(
        &[coin.clone(), output_of(&first, 0)],
        &[(SUBSIDY, to.segwit())],
    );
    let conflict = first.compute_txid();
    let refused = chain.submit(&raw(&itself));
    assert_eq!(refused, Err(Rejected::SpendsConflict { conflict }));
    let unconfirmed = output_of(&other, 0);
    let outpoint = unconfirmed.outpoint;
    let new = owner.pay(&[coin, unconfirmed], &[(SUBSIDY, to.segwit())]);
    let refused = chain.submit(&raw(&new));
    assert_eq!(refused, Err(Rejected::NewUnconfirmed { outpoint }));
}

#[test]
fn what_nodes_do_not_relay_is_refused() {
    let (mut chain, owner) = funded();
    assert_eq!(chain.submit(&[1, 2, 3]), Err(Rejected::Malformed));
    let coin = owner.oldest(&chain, &owner.segwit());
    let mut submit = |outputs: &[(u64, ScriptBuf)]| {
        let transaction = owner.pay(std::slice::from_ref(&coin), outputs);
        (chain.submit(&raw(&transaction)), transaction.vsize() as u64)
    };
    for (script, least) in [(owner.segwit(), 294), (owner.taproot(), 330)] {
        let (refused, _) = submit(&[(COIN, owner.segwit()), (least - 1, script)]);
        let least = Amount::from_sat(least);
        assert_eq!(refused, Err(Rejected::Dust { output: 1, least }));
    }
    let (refused, size) = submit(&[(SUBSIDY - 100, owner.segwit())]);
    let (fee, least) = (Amount::from_sat(100), Amount::from_sat(size));
    assert_eq!(refused, Err(Rejected::BelowMinimumFee { fee, least }));
    let (refused, _) = submit(&[(SUBSIDY + 1, owner.segwit())]);
    assert!(
        matches!(refused, Err(Rejected::BelowOutputs { .. })),
        "{refused:?}"
    );
    let (refused, _) = submit(&[(COIN, ScriptBuf::from_bytes(vec![0x51])), (COIN, nobody())]);
    assert_eq!(refused, Err(Rejected::ScriptPubkey { output: 0 }));
    let (refused, _) = submit(&[]);
    assert_eq!(refused, Err(Rejected::Invalid));
}

#[test]
fn a_signature_with_the_high_s_is_not_relayed_although_a_block_may_hold_it() {
    let (mut chain, owner) = funded();
    let (mut payment, _) = payment(&chain, &owner, FEE);
    let witness = &payment.input[0].witness;
    let (signature, key) = (witness[0].to_vec(), witness[1].to_vec());
    let signature = ecdsa::Signature::from_slice(&signature).expect("a signature");
    let mut compact = signature.signature.serialize_compact();
    let high = negated(compact[32..].try_into().expect("32 bytes"));
    compact[32..].copy_from_slice(&high);
    let signature = bitcoin::secp256k1::ecdsa::Signature::from_compact(&compact);
    let signature = ecdsa::Signature::sighash_all(signature.expect("a signature"));
    payment.input[0].witness = Witness::from_slice(&[signature.serialize().to_vec(), key]);
    let refused = chain.submit(&raw(&payment));
    assert_eq!(refused, Err(Rejected::HighS { input: 0 }));
    let mut block = chain.next_block(&nobody());
    block.txdata.push(payment);
    commit(&mut block);
    work(&mut block);
    chain.give(&block).expect("policy is not consensus");
}

/// The order of secp256k1's group less this scalar.
fn negated(scalar: &[u8; 32]) -> [u8; 32] {
    let scalar = bitcoin::secp256k1::SecretKey::from_slice(scalar).expect("a scalar");
    scalar.negate().secret_bytes()
}

#[test]
fn coinbases_and_locked_transactions_wait_for_their_block() {
    let (mut chain, owner) = funded();
    chain.mine(1, &owner.taproot()).expect("mines");
    let young = chain.utxos(&owner.taproot(), 1)[0];
    let young = owner.pay(
        &[owner::input(&young, &owner.taproot())],
        &[(COIN, nobody())],
    );
    let refused = chain.submit(&raw(&young));
    assert!(
        matches!(refused, Err(Rejected::PrematureCoinbase { .. })),
        "{refused:?}"
    );
    let coin = owner.oldest(&chain, &owner.segwit());
    let mut locked = unsigned(std::slice::from_ref(&coin), &[(SUBSIDY - FEE, nobody())]);
    locked.lock_time = LockTime::from_consensus(chain.tip().height + 1);
    owner.sign(&mut locked, std::slice::from_ref(&coin));
    assert_eq!(chain.submit(&raw(&locked)), Err(Rejected::NonFinal));
    chain.mine(1, &nobody()).expect("mines");
    chain.submit(&raw(&locked)).expect("its block has come");
    let parent = output_of(&owner.pay(&[coin], &[(SUBSIDY - FEE, nobody())]), 0);
    chain.mine(1, &nobody()).expect("mines");
    let coin = owner.oldest(&chain, &owner.segwit());
    assert_ne!(coin.outpoint, parent.outpoint);
    let mut aged = unsigned(std::slice::from_ref(&coin), &[(SUBSIDY - FEE, nobody())]);
    let age = chain.confirmations(&coin.outpoint.txid).expect("confirmed");
    aged.input[0].sequence = Sequence::from_height(u16::try_from(age).expect("small") + 1);
    owner.sign(&mut aged, std::slice::from_ref(&coin));
    let refused = chain.submit(&raw(&aged));
    assert_eq!(refused, Err(Rejected::RelativeLock { input: 0 }));
    chain.mine(1, &nobody()).expect("mines");
    chain.submit(&raw(&aged)).expect("old enough");
    chain.mine(1, &nobody()).expect("mines");
    assert_eq!(chain.confirmations(&aged.compute_txid()), Some(1));
}

#[test]
fn chains_of_unconfirmed_transactions_end_at_25() {
    let (mut chain, owner) = funded();
    let (mut last, _) = payment(&chain, &owner, FEE);
    let to = Owner::new(2);
    for step in 2..=25 {
        chain.submit(&raw(&last)).expect("accepted");
        last = to.pay(
            &[output_of(&last, 0)],
            &[(SUBSIDY - step * FEE, to.taproot())],
        );
    }
    chain.submit(&raw(&last)).expect("the 25th is accepted");
    let next = to.pay(
        &[output_of(&last, 0)],
        &[(SUBSIDY - 26 * FEE, to.taproot())],
    );
    let txid = next.compute_txid();
    assert_eq!(
        chain.submit(&raw(&next)),
        Err(Rejected::TooLongChain { txid })
    );
    chain
        .mine(1, &nobody())
        .expect("one block holds all of them");
    assert_eq!(chain.block(105).expect("the tip").txdata.len(), 26);
}

#[test]
fn what_has_too_few_confirmations_is_not_seen_spends_included() {
    let (mut chain, owner) = funded();
    let (payment, coin) = payment(&chain, &owner, FEE);
    chain.submit(&raw(&payment)).expect("accepted");
    let to = Owner::new(2).taproot();
    chain.mine(1, &nobody()).expect("mines");
    assert_eq!(chain.balance(&owner.segwit(), 1).to_sat(), SUBSIDY);
    assert_eq!(chain.balance(&owner.segwit(), 2).to_sat(), 2 * SUBSIDY);
    let seen = chain.utxos(&owner.segwit(), 2);
    assert!(seen.iter().any(|seen| seen.outpoint == coin.outpoint));
    assert_eq!(chain.balance(&to, 0).to_sat(), SUBSIDY - FEE);
    assert_eq!(chain.balance(&to, 2), Amount::ZERO);
    chain.mine(1, &nobody()).expect("mines");
    assert_eq!(chain.balance(&to, 2).to_sat(), SUBSIDY - FEE);
}

#[test]
fn a_reorganisation_puts_transactions_back_and_drops_what_lost_its_coin() {
    let (mut chain, owner) = funded();
    let (payment, _) = payment(&chain, &owner, FEE);
    let txid = chain.submit(&raw(&payment)).expect("accepted");
    chain.mine(3, &nobody()).expect("mines");
    assert_eq!(chain.confirmations(&txid), Some(3));
    let old = chain.tip();
    chain.reorganise(3, &owner.taproot()).expect("reorganises");
    assert_eq!(chain.tip().height, old.height + 1);
    assert!(
        chain
            .headers(0, 200)
            .iter()
            .all(|header| header.block_hash() != old.hash)
    );
    assert_eq!(chain.confirmations(&txid), Some(0));
    assert_eq!(chain.balance(&owner.segwit(), 1).to_sat(), 2 * SUBSIDY);
    assert_eq!(chain.balance(&owner.taproot(), 1).to_sat(), 6 * SUBSIDY);
    chain.mine(1, &nobody()).expect("mines");
    assert_eq!(chain.confirmations(&txid), Some(1));
    let height = chain.tip().height;
    let refused = chain.reorganise(height + 1, &nobody());
    assert!(
        matches!(refused, Err(ChainError::TooShort { .. })),
        "{refused:?}"
    );
    // A spend of a coinbase of the branch that goes is gone with it.
    chain.mine(100, &owner.segwit()).expect("mines");
    let young = chain.utxos(&owner.segwit(), 100)[0];
    let young = owner.pay(
        &[owner::input(&young, &owner.segwit())],
        &[(COIN, nobody())],
    );
    let txid = chain.submit(&raw(&young)).expect("accepted");
    chain.reorganise(100, &nobody()).expect("reorganises");
    assert_eq!(chain.confirmations(&txid), None);
}

#[test]
fn fees_of_recent_transactions_are_seen_as_percentiles() {
    let (mut chain, owner) = funded();
    assert!(chain.fee_percentiles().is_empty());
    let (payment, _) = payment(&chain, &owner, 5_000);
    let rate = 5_000 * 1_000 / payment.vsize() as u64;
    chain.submit(&raw(&payment)).expect("accepted");
    assert!(chain.fee_percentiles().is_empty(), "only blocks count");
    chain.mine(1, &nobody()).expect("mines");
    assert_eq!(chain.fee_percentiles(), vec![rate; 101]);
}

#[test]
fn the_time_of_blocks_is_what_was_set_or_ten_minutes_later() {
    let mut chain = Regtest::new().expect("a chain");
    let genesis = chain.tip().time;
    chain.mine(1, &nobody()).expect("mines");
    assert_eq!(chain.tip().time, genesis + 600);
    chain.set_time(1_700_000_000);
    chain.mine(2, &nobody()).expect("mines");
    assert_eq!(chain.tip().time, 1_700_000_600);
    chain.set_time(0);
    chain.mine(1, &nobody()).expect("the median moves it");
}

#[test]
fn equal_steps_make_equal_chains() {
    let run = || {
        let (mut chain, owner) = funded();
        let (payment, _) = payment(&chain, &owner, FEE);
        chain.submit(&raw(&payment)).expect("accepted");
        chain.mine(1, &nobody()).expect("mines");
        chain.tip()
    };
    assert_eq!(run(), run());
}
