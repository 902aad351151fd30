//! SPL tokens, by the token and the associated token account programs themselves.

use super::{Chain, Commitment, SOL, funded, key, lamports, signed};
use solana_keypair::Keypair;
use solana_program_pack::Pack;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use spl_associated_token_account_interface::address::get_associated_token_address;
use spl_associated_token_account_interface::instruction::create_associated_token_account_idempotent;
use spl_token_interface::instruction::transfer_checked;
use spl_token_interface::state::Account as TokenAccount;

const DECIMALS: u8 = 6;
const COIN: u64 = 1_000_000;

fn held(chain: &Chain, owner: &Pubkey, mint: &Pubkey) -> Option<u64> {
    let slot = chain.slot(Commitment::Processed);
    let account = chain.account(&get_associated_token_address(owner, mint), slot)?;
    Some(
        chain
            .tokens(&account, slot)
            .expect("a token account")
            .1
            .amount,
    )
}

/// Pays tokens, and makes the payee's account if there is none.
fn send(
    chain: &mut Chain,
    from: &Keypair,
    to: &Pubkey,
    mint: &Pubkey,
    amount: u64,
) -> Result<(), String> {
    let program = spl_token_interface::id();
    let account = |owner: &Pubkey| get_associated_token_address(owner, mint);
    let instructions = [
        create_associated_token_account_idempotent(&from.pubkey(), to, mint, &program),
        transfer_checked(
            &program,
            &account(&from.pubkey()),
            mint,
            &account(to),
            &from.pubkey(),
            &[],
            amount,
            DECIMALS,
        )
        .expect("the program's own id"),
    ];
    let blockhash = chain.blockhash(Commitment::Processed);
    let sent = chain.submit(signed(&instructions, &[from], blockhash));
    let sent = sent.map_err(|refused| refused.to_string())?;
    sent.outcome.clone().map_err(|error| error.to_string())
}

#[test]
fn a_token_payment_makes_the_payees_account_and_pays_its_rent() {
    let (mut chain, owner) = funded();
    let to = key(2).pubkey();
    let mint = chain.create_mint(1, DECIMALS).expect("a mint");
    chain
        .mint(&mint, &owner.pubkey(), 100 * COIN)
        .expect("minted");
    let before = lamports(&chain, &owner.pubkey(), Commitment::Processed);
    assert_eq!(held(&chain, &to, &mint), None);
    send(&mut chain, &owner, &to, &mint, 30 * COIN).expect("sent");
    assert_eq!(held(&chain, &to, &mint), Some(30 * COIN));
    assert_eq!(held(&chain, &owner.pubkey(), &mint), Some(70 * COIN));
    let paid = before - lamports(&chain, &owner.pubkey(), Commitment::Processed);
    assert_eq!(paid, super::FEE + chain.rent_exemption(TokenAccount::LEN));
    // The account stays: the next payment costs no rent.
    chain.advance(1);
    send(&mut chain, &owner, &to, &mint, COIN).expect("sent");
    let paid = before - lamports(&chain, &owner.pubkey(), Commitment::Processed) - paid;
    assert_eq!(paid, super::FEE);
}

#[test]
fn more_tokens_than_there_are_can_not_be_sent() {
    let (mut chain, owner) = funded();
    let mint = chain.create_mint(1, DECIMALS).expect("a mint");
    chain.mint(&mint, &owner.pubkey(), COIN).expect("minted");
    let to = key(2).pubkey();
    let refused = send(&mut chain, &owner, &to, &mint, 2 * COIN).expect_err("too much");
    assert!(refused.contains("custom program error: 0x1"), "{refused}");
    assert_eq!(held(&chain, &to, &mint), None, "all or nothing");
    assert_eq!(held(&chain, &owner.pubkey(), &mint), Some(COIN));
}

#[test]
fn tokens_of_another_are_not_sent() {
    let (mut chain, owner) = funded();
    let mint = chain.create_mint(1, DECIMALS).expect("a mint");
    chain.mint(&mint, &owner.pubkey(), COIN).expect("minted");
    let thief = key(5);
    chain.airdrop(&thief.pubkey(), SOL).expect("a gift");
    let program = spl_token_interface::id();
    let account = get_associated_token_address(&owner.pubkey(), &mint);
    chain.mint(&mint, &thief.pubkey(), 0).expect("an account");
    let theft = transfer_checked(
        &program,
        &account,
        &mint,
        &get_associated_token_address(&thief.pubkey(), &mint),
        &thief.pubkey(),
        &[],
        COIN,
        DECIMALS,
    );
    let blockhash = chain.blockhash(Commitment::Processed);
    let theft = signed(
        &[theft.expect("the program's own id")],
        &[&thief],
        blockhash,
    );
    let outcome = chain.submit(theft).expect("in a block").outcome.clone();
    // Error 4 of the token program is `OwnerMismatch`.
    assert!(
        outcome
            .expect_err("refused")
            .to_string()
            .contains("custom program error: 0x4")
    );
}
