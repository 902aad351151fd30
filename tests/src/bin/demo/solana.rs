//! The step that shows a payment of tokens on Solana, on a chain whose transactions Agave's own runtime and the real SPL programs carry out.
//!
//! - In: the demo's network. It installs a wallet of its own, because the stand-in for the SOL RPC canister is named in that one's settings.
//! - Out: what the runtime did.

use super::{Outcome, Verified, hold};
use chainkey_tests::wallet::interface::{Intent, Policy, SplTransfer, Stage, TokenProgram, needs};
use chainkey_tests::wallet::solana::SolanaPayments;
use chainkey_tests::wallet::{WalletCanister, person};
use chainkey_tests::world::{World, local_args};

const SOL: u64 = 1_000_000_000;
const DECIMALS: u8 = 6;
const MINTED: u64 = 10_000_000;
const PAID: u64 = 4_000_000;

/// Tokens go to an owner who had no account of them, with the wallet's durable nonce.
pub fn solana_payment(world: &World) -> Outcome {
    let wallet = WalletCanister::install(world, &local_args())?;
    let payments = SolanaPayments::install(world, &wallet)?;
    let (ann, bob) = (person("ann"), person("bob"));
    let policy = Policy::without_rules(needs(2, 0));
    wallet.create(ann, b"wallet", &[ann, bob], policy)?;
    wallet.prepare_keys(ann)?;
    let own = wallet.addresses(ann, 1, 0)?.solana;
    let payee = wallet.addresses(ann, 1, 1)?.solana;
    let chain = &payments.chain;
    chain.airdrop(&own, SOL)?;
    let mint = chain.create_mint(1, DECIMALS)?;
    let account = chain.mint(&mint, &own, MINTED)?;
    chain.finalize()?;

    let wish = Intent::SplTransfer(SplTransfer {
        from_index: 0,
        mint: mint.clone(),
        token_program: TokenProgram::Token,
        to: payee.clone(),
        amount: PAID,
        decimals: DECIMALS,
        off_curve: false,
        compute_unit_price: 1_000,
        max_fee: 5_000_000,
    });
    let id = wallet.propose(ann, b"payment", 1, &wish)?.id;
    wallet.approve(bob, id)?;
    payments.execute(ann, b"execute", id)?;
    let settled = payments.settle(bob, id)?;
    hold(settled.stage == Stage::Confirmed, || {
        format!("{:?}, {:?}", settled.stage, settled.setback)
    })?;
    let left = chain.tokens(&account)?;
    hold(left == Some(MINTED - PAID), || format!("{left:?} is left"))?;
    // Minting nothing tells the payee's account.
    let received = chain.mint(&mint, &payee, 0)?;
    let got = chain.tokens(&received)?;
    hold(got == Some(PAID), || format!("{got:?} arrived"))?;
    let work = settled.solana.ok_or("no transaction")?;
    let spent = work.fee + work.rent;
    let balance = chain.balance(&own)?;
    hold(balance == SOL - spent, || {
        format!("{balance} lamports are left")
    })?;
    let text = format!(
        "{own} paid {PAID} of the token {mint} to {payee}, whose account was made, in {}; ann and bob approved; fees and rents were the {spent} lamports that were planned",
        work.transaction.unwrap_or_default(),
    );
    Ok(Verified(text, "litesvm"))
}
