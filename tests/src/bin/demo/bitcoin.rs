//! The step that shows a payment on Bitcoin, on a regtest chain that Bitcoin Core's own kernel judges.
//!
//! - In: the demo's network. It installs a wallet of its own, because the stand-in for the Bitcoin canister is named in that one's settings.
//! - Out: what the kernel accepted.

use super::{Outcome, Verified, hold};
use chainkey_tests::wallet::bitcoin::{BitcoinPayments, script_of};
use chainkey_tests::wallet::interface::{BtcOutput, Intent, Policy, Stage, needs};
use chainkey_tests::wallet::{WalletCanister, person};
use chainkey_tests::world::{World, local_args};

/// Half a bitcoin, in satoshi.
const HALF: u64 = 50_000_000;

/// Coins at both addresses of a wallet are spent in one payment, whose fee is bumped before it is mined.
pub fn bitcoin_payment(world: &World) -> Outcome {
    let wallet = WalletCanister::install(world, &local_args())?;
    let mut payments = BitcoinPayments::install(world, &wallet)?;
    let (ann, bob) = (person("ann"), person("bob"));
    let policy = Policy::without_rules(needs(2, 0));
    wallet.create(ann, b"wallet", &[ann, bob], policy)?;
    wallet.prepare_keys(ann)?;
    let own = wallet.addresses(ann, 1, 0)?;
    let other = wallet.addresses(ann, 1, 1)?;
    payments.fund(&[&own.p2wpkh, &own.p2tr])?;

    // More than one coin has, so that both kinds are spent.
    let outputs = [(&other.p2wpkh, 150 * HALF), (&other.p2tr, HALF)];
    let output = |(address, amount): &(&String, u64)| BtcOutput {
        address: (*address).clone(),
        amount: *amount,
    };
    let wish = Intent::BtcSend {
        from_index: 0,
        outputs: outputs.iter().map(output).collect(),
        fee_rate: 1_000,
        max_fee: 50_000,
    };
    let id = wallet.propose(ann, b"payment", 1, &wish)?.id;
    wallet.approve(bob, id)?;
    let sent = payments.execute(ann, b"execute", id)?;
    hold(payments.confirmations(&sent) == Some(0), || {
        format!("{:?}, {:?}", sent.stage, sent.setback)
    })?;
    let bumped = payments.bump_fee(bob, b"bump", id, 5_000)?;
    payments.mine(6)?;
    hold(payments.confirmations(&bumped) == Some(6), || {
        format!("{:?}, {:?}", bumped.stage, bumped.setback)
    })?;
    let settled = payments.resume(ann, id)?;
    hold(settled.stage == Stage::Confirmed, || {
        format!("{:?}, {:?}", settled.stage, settled.setback)
    })?;
    for (address, amount) in outputs {
        let got = payments.chain.balance(&script_of(address), 6).to_sat();
        hold(got == amount, || format!("{address} got {got}"))?;
    }
    let work = bumped.bitcoin.ok_or("no transaction")?;
    let text = format!(
        "{} and {} paid two outputs in {}, which replaced {} with a higher fee of {} satoshi; ann and bob approved; six blocks with it were accepted",
        own.p2wpkh,
        own.p2tr,
        work.txid,
        work.replaced.concat(),
        work.fee
    );
    Ok(Verified(text, "bitcoinkernel"))
}
