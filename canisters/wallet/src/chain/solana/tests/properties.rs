//! What holds for all messages and payments.

use super::stage::*;
use super::wire::{self, Call};
use crate::account::solana::SolanaAddress;
use crate::chain::solana::facts::About;
use crate::chain::solana::instruction::{Instruction, Meta};
use crate::chain::solana::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Few addresses, so that they repeat.
fn addresses() -> impl Strategy<Value = SolanaAddress> {
    (0..12_u8).prop_map(|number| SolanaAddress::new([number; 32]))
}

fn metas() -> impl Strategy<Value = Meta> {
    (addresses(), any::<bool>(), any::<bool>()).prop_map(|(address, signer, writable)| Meta {
        address,
        signer,
        writable,
    })
}

fn acts() -> impl Strategy<Value = Instruction> {
    let parts = (
        addresses(),
        prop::collection::vec(metas(), 0..10),
        prop::collection::vec(any::<u8>(), 0..200),
    );
    parts.prop_map(|(program, accounts, data)| Instruction {
        program,
        accounts,
        data,
    })
}

fn messages() -> impl Strategy<Value = (SolanaAddress, Vec<Instruction>, [u8; 32])> {
    let acts = prop::collection::vec(acts(), 0..6);
    (addresses(), acts, any::<[u8; 32]>())
}

fn called(act: &Instruction) -> Call {
    Call {
        program: *act.program.bytes(),
        accounts: act.accounts.iter().map(|it| *it.address.bytes()).collect(),
        data: act.data.clone(),
    }
}

fn payments() -> impl Strategy<Value = Payment> {
    let programs = prop_oneof![Just(TokenProgram::Token), Just(TokenProgram::Token2022)];
    let amounts = (0..40_u32, any::<u64>());
    let amounts = amounts.prop_map(|(bits, seed)| 1_000_000 + seed % (1 << bits));
    (any::<bool>(), amounts, programs, 0..5_000_000_u64).prop_map(
        |(of_sol, amount, program, price)| {
            let what = match of_sol {
                true => *sol(amount).what(),
                false => *token(amount % 5_000 + 1, program).what(),
            };
            payment(what, price, 10_000_000)
        },
    )
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn another_reader_reads_from_a_message_what_was_written((payer, acts, recent) in messages()) {
        let message = Message::of(payer, &acts, Blockhash(recent));
        let bytes = message.encode();
        let signers = usize::from(message.signers());
        let mut raw = vec![signers as u8];
        raw.resize(1 + 64 * signers, 0);
        raw.extend(&bytes);
        let read = wire::transaction(&raw);
        prop_assert_eq!(&read.message, &bytes);
        prop_assert_eq!(read.recent, recent);
        prop_assert_eq!(read.accounts[0], *payer.bytes());
        prop_assert_eq!(&read.calls, &acts.iter().map(called).collect::<Vec<_>>());
        let all = acts.iter().flat_map(|act| &act.accounts);
        let with = |wanted: fn(&Meta) -> bool| {
            let found = all.clone().filter(|meta| wanted(meta));
            let mut found: BTreeSet<[u8; 32]> = found.map(|meta| *meta.address.bytes()).collect();
            found.insert(*payer.bytes());
            found
        };
        let [signing, changed] = [&read.signers, &read.writable].map(|of| BTreeSet::from_iter(of.clone()));
        prop_assert_eq!(signing, with(|meta| meta.signer));
        prop_assert_eq!(changed, with(|meta| meta.writable));
        let once: BTreeSet<[u8; 32]> = read.accounts.iter().copied().collect();
        prop_assert_eq!(once.len(), read.accounts.len());
    }

    #[test]
    fn a_message_reads_as_it_was_written_and_nothing_else_reads((payer, acts, recent) in messages(), at in any::<prop::sample::Index>()) {
        let message = Message::of(payer, &acts, Blockhash(recent));
        let bytes = message.encode();
        prop_assert_eq!(Message::read(&bytes), Some(message.clone()));
        prop_assert_eq!(Message::read(&bytes[..at.index(bytes.len())]), None);
        let resolved = message.instructions().unwrap();
        prop_assert_eq!(Message::of(payer, &resolved, Blockhash(recent)), message);
    }

    #[test]
    fn reading_bytes_of_anybody_gives_nothing_or_what_writes_the_same(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Some(message) = Message::read(&bytes) {
            prop_assert_eq!(message.encode(), bytes);
            let _ = message.instructions();
        }
    }

    #[test]
    fn every_plan_passes_the_second_look_and_fits_into_a_transaction(
        payment in payments(),
        there in any::<bool>(),
        opened in any::<bool>(),
        lamports in 0..3_000_000_000_000_u64,
    ) {
        let mut facts = ready(&payment);
        facts.own = Some(plain(lamports));
        if !opened {
            facts.nonce = None;
        }
        if let (About::Token { to, .. } | About::Sol(to), false) = (&mut facts.about, there) {
            *to = None;
        }
        let (plan, left) = match plan(&own(), &payment, &facts, Lamports::ZERO) {
            Err(_) => return Ok(()),
            Ok(Next::Pay(plan, value)) => {
                prop_assert_eq!(plan.check_payment(&payment, &own(), &value, Lamports::ZERO), Ok(()));
                let paid = match *payment.what() {
                    What::Sol { lamports, .. } => lamports,
                    What::Token { .. } => Lamports::ZERO,
                };
                let left = lamports - plan.cost().plus(paid).0;
                (plan, left)
            }
            Ok(Next::Open(rent)) => {
                let recent = Blockhash([5; 32]);
                let plan = opening(&own(), &payment, rent, recent);
                prop_assert_eq!(plan.check_opening(&payment, &own(), &recent, Lamports::ZERO), Ok(()));
                let left = lamports - plan.cost().0;
                (plan, left)
            }
        };
        prop_assert!(plan.cost() <= payment.max_fee());
        prop_assert!(left == 0 || left >= 890_880);
        let bytes = signed(&plan).bytes;
        prop_assert!(bytes.len() <= 1_232);
        let read = wire::transaction(&bytes);
        prop_assert_eq!(read.signers, [*own().bytes()]);
    }
}
