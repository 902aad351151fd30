//! What is planned for a payment, and each reason not to.

use super::stage::*;
use super::wire;
use crate::chain::solana::facts::About;
use crate::chain::solana::*;

fn refused(payment: &Payment, facts: &Facts) -> PlanError {
    plan(&own(), payment, facts, Lamports::ZERO).unwrap_err()
}

#[test]
fn a_payment_of_sol_spends_the_nonce_and_pays() {
    let payment = sol(70_000);
    let plan = paid(&payment);
    assert_eq!(plan.cost(), Lamports(5_002));
    assert_eq!(plan.rent(), Lamports::ZERO);
    let wire = wire::transaction(&signed(&plan).bytes);
    assert_eq!(wire.recent, VALUE);
    assert_eq!(wire.signers, [*own().bytes()]);
    assert_eq!(wire.calls.len(), 4);
    assert_eq!(wire.calls[0].data, [4, 0, 0, 0]);
    assert_eq!(wire.calls[3].accounts[1], *person(2).bytes());
    assert_eq!(wire.calls[3].data[4..], 70_000_u64.to_le_bytes());
    let checked = plan.check_payment(&payment, &own(), &Blockhash(VALUE), Lamports::ZERO);
    assert_eq!(checked, Ok(()));
}

#[test]
fn a_payment_of_tokens_creates_the_account_that_is_missing_and_counts_its_rent() {
    for (program, rent) in [
        (TokenProgram::Token, 2_039_280),
        (TokenProgram::Token2022, 2_074_080),
    ] {
        let payment = token(100, program);
        let there = paid(&payment);
        assert_eq!(there.cost(), Lamports(5_050));
        let mut facts = ready(&payment);
        let About::Token { to, .. } = &mut facts.about else {
            panic!("a token")
        };
        *to = None;
        let missing = paying(&payment, &facts);
        assert_eq!(missing.fee(), Lamports(5_150));
        assert_eq!(missing.rent(), Lamports(rent));
        let wire = wire::transaction(&signed(&missing).bytes);
        assert_eq!(wire.calls.len(), 5);
        let account = associated(&person(2), program, &person(9));
        assert_eq!(wire.calls[3].accounts[1], *account.bytes());
        assert_eq!(wire.calls[4].accounts[2], *account.bytes());

        // Somebody has sent lamports there before.
        let About::Token { to, .. } = &mut facts.about else {
            panic!("a token")
        };
        *to = Some(plain(1_000_000));
        let less = paying(&payment, &facts).rent();
        assert_eq!(less, Lamports(rent - 1_000_000));
    }
}

#[test]
fn the_first_payment_of_an_account_opens_its_nonce_account() {
    let payment = sol(70_000);
    let mut facts = ready(&payment);
    for (nonce, lamports) in [
        (None, 1_447_680),
        (Some(plain(900_000)), 547_680),
        (Some(plain(2_000_000)), 0),
    ] {
        facts.nonce = nonce;
        let next = plan(&own(), &payment, &facts, Lamports::ZERO);
        assert_eq!(next, Ok(Next::Open(Lamports(lamports))));
        let recent = Blockhash([3; 32]);
        let plan = opening(&own(), &payment, Lamports(lamports), recent);
        assert_eq!(plan.cost(), Lamports(5_002 + lamports));
        let wire = wire::transaction(&signed(&plan).bytes);
        assert_eq!(wire.recent, [3; 32]);
        assert_eq!(wire.signers, [*own().bytes()]);
        assert!(wire.writable.contains(nonce_account(&own()).bytes()));
        let checked = plan.check_opening(&payment, &own(), &recent, Lamports::ZERO);
        assert_eq!(checked, Ok(()));
    }
}

#[test]
fn what_has_another_authority_or_other_data_is_no_nonce_account() {
    let payment = sol(70_000);
    let mut facts = ready(&payment);
    let address = nonce_account(&own());
    let mut unopened = nonce(own(), VALUE);
    unopened.data[4] = 0;
    for other in [
        nonce(person(3), VALUE),
        unopened,
        mint(TokenProgram::Token, 6, &[]),
    ] {
        facts.nonce = Some(other);
        assert_eq!(refused(&payment, &facts), PlanError::Nonce(address));
    }
}

#[test]
fn everything_that_leaves_beside_the_amount_stays_below_the_highest_fee() {
    let what = *sol(70_000).what();
    let facts = ready(&sol(70_000));
    let mut unopened = facts.clone();
    unopened.nonce = None;
    let opening = 5_002 + 1_447_680;
    let (required, max_fee) = (Lamports(5_002 + opening), Lamports(5_001 + opening));
    let exact = payment(what, 1_000, required.0);
    assert!(plan(&own(), &exact, &unopened, Lamports::ZERO).is_ok());
    let short = payment(what, 1_000, max_fee.0);
    let expected = PlanError::FeeAboveCap { required, max_fee };
    assert_eq!(refused(&short, &unopened), expected);
    // What opening has cost counts for the payment after it.
    assert!(plan(&own(), &exact, &facts, Lamports(opening)).is_ok());
    assert!(plan(&own(), &exact, &facts, Lamports(opening + 1)).is_err());
}

#[test]
fn the_account_pays_amount_and_fees_and_keeps_nothing_or_enough() {
    let payment = sol(1_000_000);
    let mut facts = ready(&payment);
    let mut with = |lamports: u64| {
        facts.own = Some(plain(lamports));
        plan(&own(), &payment, &facts, Lamports::ZERO)
    };
    assert!(with(1_005_002).is_ok());
    assert!(with(1_005_002 + 890_880).is_ok());
    let (required, available) = (Lamports(1_005_002), Lamports(1_005_001));
    let short = Err(PlanError::InsufficientFunds {
        required,
        available,
    });
    assert_eq!(with(1_005_001), short);
    let at_least = Lamports(890_880);
    let left = Lamports(890_879);
    let odd = Err(PlanError::Remainder { left, at_least });
    assert_eq!(with(1_005_002 + 890_879), odd);
    facts.own = None;
    assert!(matches!(
        refused(&payment, &facts),
        PlanError::InsufficientFunds { .. }
    ));
    // Nothing is left at the end, but too little when the fee has been taken.
    let little = sol(70_000);
    let mut facts = ready(&little);
    facts.own = Some(plain(75_002));
    assert!(matches!(
        refused(&little, &facts),
        PlanError::Remainder { .. }
    ));
}

#[test]
fn a_destination_that_cannot_be_paid_in_sol_is_refused() {
    let little = sol(70_000);
    let mut facts = ready(&little);
    facts.about = About::Sol(None);
    let expected = PlanError::TooLittle {
        would_have: Lamports(70_000),
        at_least: Lamports(890_880),
    };
    assert_eq!(refused(&little, &facts), expected);
    assert!(plan(&own(), &sol(890_880), &facts, Lamports::ZERO).is_ok());
    let mut program = plain(10_000_000);
    program.executable = true;
    let account = tokens(TokenProgram::Token, person(9), person(2), 1, &[]);
    let mint = mint(TokenProgram::Token2022, 6, &[]);
    for to in [program, account, mint] {
        facts.about = About::Sol(Some(to));
        assert!(matches!(
            refused(&little, &facts),
            PlanError::Destination(_)
        ));
    }
}

fn with_token(
    program: TokenProgram,
    change: impl FnOnce(&mut Option<Account>, &mut Option<Account>, &mut Option<Account>),
) -> PlanError {
    let payment = token(100, program);
    let mut facts = ready(&payment);
    if let About::Token { mint, from, to } = &mut facts.about {
        change(mint, from, to);
    }
    refused(&payment, &facts)
}

#[test]
fn each_thing_that_is_wrong_with_mint_or_accounts_is_told() {
    let program = TokenProgram::Token2022;
    let of = |owner, amount| Some(tokens(program, person(9), owner, amount, &[]));
    assert_eq!(
        with_token(program, |mint, _, _| *mint = None),
        PlanError::NoMint
    );
    let other = with_token(program, |it, _, _| *it = Some(mint(program, 7, &[])));
    assert_eq!(other, PlanError::Decimals { mint: 7, intent: 6 });
    let stuck = with_token(program, |it, _, _| {
        *it = Some(mint(program, 6, &[(9, &[])]))
    });
    assert!(matches!(stuck, PlanError::Extension(_)));
    let few = PlanError::InsufficientTokens {
        required: 100,
        available: 99,
    };
    assert_eq!(with_token(program, |_, from, _| *from = of(own(), 99)), few);
    let none = with_token(program, |_, from, _| *from = None);
    assert!(matches!(none, PlanError::InsufficientTokens { .. }));
    let foreign = with_token(program, |_, from, _| *from = of(person(3), 500));
    assert!(matches!(foreign, PlanError::Source(_)));
    let given = with_token(program, |_, _, to| *to = of(person(3), 1));
    assert!(matches!(given, PlanError::Destination(_)));
    let freeze = |account: &mut Option<Account>| {
        if let Some(account) = account {
            account.data[108] = 2;
        }
    };
    let frozen = with_token(program, |_, from, _| freeze(from));
    assert_eq!(frozen, PlanError::Source("frozen"));
    let frozen = with_token(program, |_, _, to| freeze(to));
    assert_eq!(frozen, PlanError::Destination("frozen"));
    let memo = with_token(program, |_, _, to| {
        *to = Some(tokens(program, person(9), person(2), 1, &[(8, &[1])]));
    });
    assert!(matches!(memo, PlanError::Destination(_)));
    let odd = with_token(program, |_, _, to| {
        *to = Some(with_data(person(3), vec![1; 40]))
    });
    assert!(matches!(odd, PlanError::Destination(_)));
    let freezes = with_token(program, |it, _, to| {
        *it = Some(mint(program, 6, &[(6, &[2])]));
        *to = None;
    });
    assert!(matches!(freezes, PlanError::Destination(_)));
}

#[test]
fn a_destination_off_the_curve_is_refused_unless_the_payment_says_so() {
    let to = associated(&person(2), TokenProgram::Token, &person(9));
    let what = What::Sol {
        to,
        lamports: Lamports(1),
    };
    let pay = |off_curve| Payment::new(what, UnitPrice(0), Lamports(5_000), off_curve);
    assert_eq!(pay(false), Err(PaymentError::OffCurve));
    assert!(pay(true).is_ok());
    let short = Payment::new(what, UnitPrice(1), Lamports(5_000), true);
    let (fee, max_fee) = (Lamports(5_001), Lamports(5_000));
    assert_eq!(short, Err(PaymentError::FeeAboveCap { fee, max_fee }));
}

#[test]
fn answers_in_another_number_are_no_facts() {
    let payment = sol(1);
    let accounts = payment.accounts(&own());
    assert_eq!(accounts.len(), 4);
    assert_eq!(accounts[0], nonce_account(&own()));
    assert!(Facts::read(&payment, vec![None; 4]).is_some());
    for length in [0, 3, 5] {
        assert_eq!(Facts::read(&payment, vec![None; length]), None);
    }
    let payment = token(1, TokenProgram::Token);
    assert_eq!(payment.accounts(&own()).len(), 6);
    assert!(Facts::read(&payment, vec![None; 6]).is_some());
    assert_eq!(Facts::read(&payment, vec![None; 5]), None);
}
