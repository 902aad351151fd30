//! Tokens, what the policy counts of payments on Solana, and what is refused.

use super::*;

#[test]
fn tokens_are_paid_into_an_account_that_is_created_for_them() {
    let scene = opened();
    let (token, account) = with_tokens(&scene, 5_000);
    let place = associated(&to(), TokenProgram::Token, &token);
    for (id, number, left) in [(3, 2, 4_000), (4, 3, 3_000)] {
        let sent = pay(&scene, id, send_token(token, 1_000)).unwrap();
        assert_eq!(sent.stage, StageView::Sent, "{:?}", sent.setback);
        let rent = sent.solana.unwrap().rent;
        assert_eq!(rent, if number == 2 { 2_039_280 } else { 0 });
        advance(&scene);
        assert_eq!(resume(&scene, number).stage, StageView::Confirmed);
        let chain = scene.world.solana.borrow();
        assert_eq!(
            (chain.tokens(&account), chain.tokens(&place)),
            (left, 5_000 - left)
        );
    }
    let more = pay(&scene, 5, send_token(token, 3_001)).unwrap();
    assert!(matches!(more.setback, Some(Setback::NotPlanned(_))));
    let elsewhere = pay(&scene, 6, send_token(to(), 1)).unwrap();
    assert!(matches!(elsewhere.setback, Some(Setback::NotPlanned(_))));
}

#[test]
fn what_cannot_be_paid_is_not_planned_and_reserves_nothing() {
    let scene = opened();
    for (id, lamports) in [(3, 2_000_000_000), (4, 997_000_000)] {
        let open = pay(&scene, id, send(lamports)).unwrap();
        assert!(matches!(open.setback, Some(Setback::NotPlanned(_))));
        assert!(matches!(open.stage, StageView::Open(_)));
    }
    assert_eq!(pay(&scene, 5, send(AMOUNT)).unwrap().stage, StageView::Sent);
}

#[test]
fn a_payment_counts_with_everything_that_may_leave_beside_it() {
    let scene = scene();
    let of_sol = quote(&scene, send(AMOUNT)).spends;
    assert_eq!(of_sol.len(), 1);
    assert_eq!(of_sol[0].asset, RawAsset::Sol);
    assert_eq!(of_sol[0].amount, u128::from(AMOUNT) + 5_000_000);
    assert_eq!(of_sol[0].destinations, [to().to_string()]);
    let token = SolanaAddress::new([9; 32]);
    let spends = quote(&scene, send_token(token, 70)).spends;
    let pairs: Vec<_> = spends
        .iter()
        .map(|it| (it.asset.clone(), it.amount))
        .collect();
    let spl = RawAsset::Spl(token.to_string());
    assert_eq!(pairs, [(RawAsset::Sol, 5_000_000), (spl, 70)]);
    assert!(spends[0].destinations.is_empty());
    assert_eq!(spends[1].destinations, [to().to_string()]);
}

#[test]
fn an_intent_that_cannot_be_right_is_refused() {
    let scene = scene();
    let refuse = |intent: RawIntent| match scene.propose(1, 9, 1, intent) {
        Err(WalletError::Intent(error)) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(refuse(send(0)), IntentError::NothingSent);
    assert_eq!(refuse(send_token(to(), 0)), IntentError::NothingSent);
    let pda = associated(&to(), TokenProgram::Token, &to()).to_string();
    let change = |text: &str, allowed: bool| {
        let mut intent = send(AMOUNT);
        if let RawIntent::SolTransfer(transfer) = &mut intent {
            transfer.to = text.to_owned();
            transfer.off_curve = allowed;
        }
        intent
    };
    let off_curve = crate::chain::solana::PaymentError::OffCurve;
    assert_eq!(refuse(change(&pda, false)), IntentError::Solana(off_curve));
    let short = "1".repeat(31);
    assert_eq!(
        refuse(change(&short, true)),
        IntentError::BadDestination(short.clone())
    );
    let stated = change(&pda, true);
    let proposed = scene.propose(1, 10, 1, stated.clone()).unwrap();
    assert_eq!(proposed.intent, stated, "shown as it was written");
    let token = send_token(to(), 5);
    let proposed = scene.propose(1, 11, 1, token.clone()).unwrap();
    assert_eq!(proposed.intent, token);
}

#[test]
fn a_signature_that_is_not_the_keys_is_not_broadcast() {
    let scene = opened();
    let mut plan = scene.propose(1, 3, 1, send(AMOUNT)).unwrap();
    scene.world.forges.set(true);
    plan = scene.execute(1, 150, plan.id).unwrap().unwrap();
    assert_eq!(plan.setback, Some(Setback::BadSignature));
    assert_eq!(plan.stage, StageView::Signing);
    assert!(scene.world.solana.borrow().seen.is_empty());
    scene.world.forges.set(false);
    let ended = carry_on(&scene, 2, "forged");
    assert_eq!(ended.stage, StageView::Confirmed);
}

#[test]
fn members_read_the_signed_transaction_and_what_the_account_holds() {
    let scene = opened();
    let sent = pay(&scene, 3, send(AMOUNT)).unwrap();
    let bytes = {
        let kit = scene.kit.borrow();
        crate::read::signed_tx(&kit, &scene.world, ProposalId::new(sent.id)).unwrap()
    };
    let wire = crate::chain::solana::tests::wire::transaction(&bytes);
    assert_eq!(wire, scene.world.solana.borrow().seen[0]);
    let id = bs58::encode(wire.signatures[0]).into_string();
    assert_eq!(sent.solana.unwrap().transaction, Some(id));
    let (token, account) = with_tokens(&scene, 77);
    let ask = |account: RawAccount| {
        let caller = scene.call_as(1);
        let begun = holdings::begin(
            &mut scene.kit.borrow_mut(),
            &scene.world,
            caller,
            WalletId::FIRST,
            account,
        );
        let answer = now(begun?.ask(&scene.world));
        holdings::end(&mut scene.kit.borrow_mut(), &scene.world, answer)
    };
    let Ok(Holdings::Solana(held)) = ask(RawAccount::Solana { index: 0 }) else {
        panic!("sol")
    };
    let own = own(&scene, 0);
    assert_eq!(held.balance, 1_000_000_000 - 1_000_000 - FEE - OPENING);
    assert_eq!(held.nonce_account, nonce_account(&own).to_string());
    assert!(held.nonce.is_some());
    assert_eq!(held.nonce_balance, 1_447_680);
    let mint = token.to_string();
    let spl = |mint: String, index| RawAccount::Spl {
        mint,
        token_program: TokenProgram::Token,
        index,
    };
    let Ok(Holdings::Spl(held)) = ask(spl(mint.clone(), 0)) else {
        panic!("a token")
    };
    assert_eq!((held.balance, held.decimals), (77, 6));
    assert_eq!(held.token_account, account.to_string());
    let Ok(Holdings::Spl(held)) = ask(spl(mint, 1)) else {
        panic!("a token")
    };
    assert_eq!(held.balance, 0, "there is no account yet");
    let none = ask(spl(to().to_string(), 0));
    assert!(matches!(none, Err(WalletError::Silent(_))));
    let malformed = ask(spl("x".to_owned(), 0));
    assert!(matches!(malformed, Err(WalletError::Intent(_))));
}

#[test]
fn an_executor_who_cannot_pay_the_signatures_reserves_nothing() {
    // Enough for the wallet, the proposal and for asking, and not for two signatures.
    let scene = Scene::with_budget(Environment::Local, 70_000_000_000);
    let scene = prepared(scene, policy());
    let proposal = scene.propose(1, 2, 1, send(AMOUNT)).unwrap();
    let open = scene.execute(1, 3, proposal.id).unwrap().unwrap();
    assert!(matches!(open.stage, StageView::Open(_)));
    assert!(matches!(
        open.setback,
        Some(Setback::SignaturesNotCovered { .. })
    ));
}
