//! Transactions that do not do what was approved: each is found by the second look.

use super::stage::*;
use crate::account::solana::SolanaAddress;
use crate::chain::solana::error::BadSignature;
use crate::chain::solana::facts::About;
use crate::chain::solana::instruction::{Instruction, transfer};
use crate::chain::solana::*;
use ed25519_dalek::Signer;

fn check(plan: &Plan, payment: &Payment) -> Result<(), Mismatch> {
    plan.check_payment(payment, &own(), &Blockhash(VALUE), Lamports::ZERO)
}

/// A plan with other instructions.
fn forged(plan: &Plan, change: impl FnOnce(&mut Vec<Instruction>)) -> Plan {
    let message = Message::read(plan.message()).unwrap();
    let mut acts = message.instructions().unwrap();
    change(&mut acts);
    let message = Message::of(own(), &acts, message.recent).encode();
    Plan {
        message,
        ..plan.clone()
    }
}

#[test]
fn what_was_planned_passes() {
    for payment in [
        sol(5),
        token(5, TokenProgram::Token),
        token(5, TokenProgram::Token2022),
    ] {
        assert_eq!(check(&paid(&payment), &payment), Ok(()));
    }
}

#[test]
fn another_payment_does_not_pass() {
    let good = paid(&sol(70_000));
    assert_eq!(check(&good, &sol(70_001)), Err(Mismatch::Act));
    assert_eq!(
        check(&good, &token(70_000, TokenProgram::Token)),
        Err(Mismatch::Act)
    );
    let other = payment(*sol(70_000).what(), 2_000, 10_000_000);
    assert_eq!(check(&good, &other), Err(Mismatch::Fee));
    let what = What::Sol {
        to: person(3),
        lamports: Lamports(70_000),
    };
    let elsewhere = payment(what, 1_000, 10_000_000);
    assert_eq!(check(&good, &elsewhere), Err(Mismatch::Act));
    let cheap = payment(*sol(70_000).what(), 1_000, 5_002);
    assert_eq!(check(&good, &cheap), Ok(()));
    let before = good.check_payment(&cheap, &own(), &Blockhash(VALUE), Lamports(1));
    assert_eq!(before, Err(Mismatch::AboveCap));
}

#[test]
fn another_account_or_nonce_does_not_pass() {
    let (payment, good) = (sol(70_000), paid(&sol(70_000)));
    let other = good.check_payment(&payment, &person(3), &Blockhash(VALUE), Lamports::ZERO);
    assert_eq!(other, Err(Mismatch::Payer));
    let other = good.check_payment(&payment, &own(), &Blockhash([8; 32]), Lamports::ZERO);
    assert_eq!(other, Err(Mismatch::Nonce));
}

#[test]
fn further_missing_or_turned_instructions_do_not_pass() {
    let payment = sol(70_000);
    let good = paid(&payment);
    let with = |change: &dyn Fn(&mut Vec<Instruction>)| check(&forged(&good, change), &payment);
    assert_eq!(with(&|_| {}), Ok(()));
    let more = with(&|acts| acts.push(transfer(own(), person(4), Lamports(1))));
    assert_eq!(more, Err(Mismatch::Act));
    assert_eq!(
        with(&|acts| {
            acts.pop();
        }),
        Err(Mismatch::Act)
    );
    assert_eq!(
        with(&|acts| {
            acts.remove(0);
        }),
        Err(Mismatch::Nonce)
    );
    assert_eq!(with(&|acts| acts.swap(0, 3)), Err(Mismatch::Nonce));
    assert_eq!(with(&|acts| acts.swap(1, 2)), Err(Mismatch::Fee));
    assert_eq!(with(&|acts| acts.truncate(2)), Err(Mismatch::Nonce));
    let twice = with(&|acts| {
        let again = acts[3].clone();
        acts.push(again);
    });
    assert_eq!(twice, Err(Mismatch::Act));
    // Withdrawing from the nonce account instead of advancing it.
    assert_eq!(with(&|acts| acts[0].data[0] = 5), Err(Mismatch::Nonce));
    // Another signer.
    let signs = with(&|acts| acts[3].accounts[1].signer = true);
    assert_eq!(signs, Err(Mismatch::Payer));
}

#[test]
fn another_place_amount_or_mint_of_a_token_does_not_pass() {
    let payment = token(5, TokenProgram::Token);
    let mut facts = ready(&payment);
    if let About::Token { to, .. } = &mut facts.about {
        *to = None;
    }
    let good = paying(&payment, &facts);
    assert_eq!(check(&good, &payment), Ok(()));
    let with = |change: &dyn Fn(&mut Vec<Instruction>)| check(&forged(&good, change), &payment);
    for place in 0..6 {
        let changed = with(&|acts| acts[3].accounts[place].address = SolanaAddress::new([9; 32]));
        // The first one signs.
        let expected = [Mismatch::Payer, Mismatch::Act][place.min(1)];
        assert_eq!(changed, Err(expected), "{place}");
    }
    for place in 0..4 {
        let changed = with(&|acts| acts[4].accounts[place].address = SolanaAddress::new([9; 32]));
        // The last one signs.
        let expected = [Mismatch::Act, Mismatch::Payer][place / 3];
        assert_eq!(changed, Err(expected), "{place}");
    }
    for place in 0..10 {
        let changed = with(&|acts| acts[4].data[place] ^= 1);
        assert_eq!(changed, Err(Mismatch::Act), "{place}");
    }
    let program = TokenProgram::Token2022.address();
    assert_eq!(with(&|acts| acts[4].program = program), Err(Mismatch::Act));
    // It pays a rent that it has not planned, or the other way round.
    let mut rent = paid(&payment);
    rent.rent = Lamports(1);
    assert_eq!(check(&rent, &payment), Err(Mismatch::Fee));
}

#[test]
fn an_opening_does_nothing_else() {
    let (payment, recent) = (sol(70_000), Blockhash([3; 32]));
    let good = opening(&own(), &payment, Lamports(1_447_680), recent);
    let check = |plan: &Plan| plan.check_opening(&payment, &own(), &recent, Lamports::ZERO);
    assert_eq!(check(&good), Ok(()));
    let with = |change: &dyn Fn(&mut Vec<Instruction>)| check(&forged(&good, change));
    let to = with(&|acts| acts[2].accounts[1].address = person(3));
    assert_eq!(to, Err(Mismatch::Act));
    let more = with(&|acts| acts[2].data[4] ^= 1);
    assert_eq!(more, Err(Mismatch::Act));
    // Another authority, another room, another base.
    for (act, place) in [(4, 4), (3, 4), (3, 40), (3, 68), (3, 76)] {
        let changed = with(&|acts| acts[act].data[place] ^= 1);
        assert_eq!(changed, Err(Mismatch::Act), "{act} {place}");
    }
    let also = with(&|acts| acts.push(transfer(own(), person(3), Lamports(1))));
    assert_eq!(also, Err(Mismatch::Act));
    assert_eq!(check(&paid(&payment)), Err(Mismatch::Nonce));
}

#[test]
fn what_is_no_message_does_not_pass() {
    let payment = sol(70_000);
    let good = paid(&payment);
    for length in [0, 1, 3, 40, good.message().len() - 1] {
        let cut = Plan {
            message: good.message()[..length].to_vec(),
            ..good.clone()
        };
        assert_eq!(check(&cut, &payment), Err(Mismatch::Unreadable), "{length}");
    }
    let long = Plan {
        message: [good.message(), &[0]].concat(),
        ..good.clone()
    };
    assert_eq!(check(&long, &payment), Err(Mismatch::Unreadable));
    // The same length in more bytes than it needs.
    let mut padded = good.message().to_vec();
    assert!(padded[3] < 0x80);
    padded[3] |= 0x80;
    padded.insert(4, 0);
    let padded = Plan {
        message: padded,
        ..good.clone()
    };
    assert_eq!(check(&padded, &payment), Err(Mismatch::Unreadable));
}

#[test]
fn only_the_accounts_own_signature_goes_into_a_transaction() {
    let plan = paid(&sol(70_000));
    let good = key(1).sign(plan.message()).to_bytes();
    let signed = plan.assemble(&own(), &good).unwrap();
    assert_eq!(signed.id, TransactionId(good));
    assert_eq!(signed, plan.with_signature(TransactionId(good)));
    let mut turned = good;
    turned[40] ^= 1;
    let others = key(2).sign(plan.message()).to_bytes();
    let another = key(1).sign(paid(&sol(70_001)).message()).to_bytes();
    for wrong in [&turned[..], &others, &another, &good[..63], &[0; 64], &[]] {
        assert_eq!(plan.assemble(&own(), wrong), Err(BadSignature));
    }
    // A key of small order, for which strict verification takes nothing.
    let mut identity = [0; 32];
    identity[0] = 1;
    let weak = SolanaAddress::new(identity);
    let mut signature = [0; 64];
    signature[0] = 1;
    assert_eq!(plan.assemble(&weak, &signature), Err(BadSignature));
}
