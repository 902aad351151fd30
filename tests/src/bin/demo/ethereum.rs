//! The step that shows payments and signatures on Ethereum, on an EVM of the demo's own: tokens move, and a contract accepts typed data.
//!
//! - In: the demo's network. It installs a wallet of its own, because the stand-in for the EVM RPC canister is named in that one's settings.
//! - Out: what the EVM and its contracts accepted.

use super::{Outcome, Verified, hold};
use chainkey_chains::ethereum::abi::call;
use chainkey_chains::ethereum::typed::Order;
use chainkey_chains::ethereum::{Address, ETHER};
use chainkey_tests::wallet::ethereum::EvmPayments;
use chainkey_tests::wallet::interface::{Erc20Transfer, Intent, Policy, Proposal, Stage, needs};
use chainkey_tests::wallet::{WalletCanister, person};
use chainkey_tests::world::{World, local_args};
use std::error::Error;

/// Ethereum itself, so that three providers are asked.
const CHAIN: u64 = 1;
/// A billionth of an ether, in wei.
const GWEI: u128 = 1_000_000_000;
/// What is paid of the wallet's tokens.
const AMOUNT: u128 = 2_500_000;
const TOKENS: u128 = 10_000_000;

/// A wallet of two members on an EVM.
pub struct OnEthereum<'a> {
    payments: EvmPayments<'a>,
    own: Address,
}

impl<'a> OnEthereum<'a> {
    /// Starts the EVM, makes the wallet, and gives it tokens and ether.
    pub fn new(world: &'a World) -> Result<Self, Box<dyn Error>> {
        let wallet = WalletCanister::install(world, &local_args())?;
        let payments = EvmPayments::install(world, &wallet, CHAIN)?;
        let (ann, bob) = (person("ann"), person("bob"));
        let policy = Policy::without_rules(needs(2, 0));
        wallet.create(ann, b"wallet", &[ann, bob], policy)?;
        wallet.prepare_keys(ann)?;
        let own = wallet.addresses(ann, 1, 0)?.evm.parse()?;
        payments.fund(own, TOKENS, ETHER)?;
        Ok(Self { payments, own })
    }

    /// Ann wishes, Bob approves, and Ann has it carried out.
    fn both(&mut self, request: &str, wish: &Intent) -> Result<Proposal, Box<dyn Error>> {
        let (ann, bob) = (person("ann"), person("bob"));
        let wallet = self.payments.wallet;
        let id = wallet.propose(ann, request.as_bytes(), 1, wish)?.id;
        wallet.approve(bob, id)?;
        let execution = format!("execute {request}");
        Ok(self.payments.execute(ann, execution.as_bytes(), id)?)
    }

    /// Tokens are paid in a transaction that the EVM carries out.
    pub fn token_payment(&mut self) -> Outcome {
        let receiver: Address = self
            .payments
            .wallet
            .addresses(person("ann"), 1, 1)?
            .evm
            .parse()?;
        let sent = self.both(
            "tokens",
            &Intent::Erc20Transfer(Erc20Transfer {
                chain_id: CHAIN,
                from_index: 0,
                contract: self.payments.token.to_string(),
                to: receiver.to_string(),
                amount: AMOUNT,
                gas_limit: 100_000,
                max_fee_per_gas: 40 * GWEI,
                max_priority_fee_per_gas: 2 * GWEI,
            }),
        )?;
        hold(sent.stage == Stage::Sent, || {
            format!("{:?}, {:?}", sent.stage, sent.setback)
        })?;
        // Once for the transaction, and once more until its block is final.
        self.payments.finalize()?;
        self.payments.finalize()?;
        let settled = self.payments.resume(person("bob"), sent.id)?;
        hold(settled.stage == Stage::Confirmed, || {
            format!("{:?}, {:?}", settled.stage, settled.setback)
        })?;
        let received = self.payments.tokens(receiver)?;
        hold(received == AMOUNT, || format!("{received} arrived"))?;
        let left = self.payments.tokens(self.own)?;
        hold(left == TOKENS - AMOUNT, || format!("{left} are left"))?;
        let mined = settled
            .evm
            .and_then(|work| work.mined)
            .ok_or("nothing was mined")?;
        let text = format!(
            "{} paid {AMOUNT} tokens to {receiver} in {}, final in block {} for {} wei; ann and bob approved",
            self.own, mined.hash, mined.block, mined.fee
        );
        Ok(Verified(text, "anvil"))
    }

    /// An order that the members signed is accepted by a contract.
    pub fn order(&mut self) -> Outcome {
        let order = Order {
            maker: self.own,
            item: "bread".to_owned(),
            amount: 3,
            nonce: 1,
        };
        let verifier = self.payments.verifier;
        let signed = self.both(
            "order",
            &Intent::Eip712 {
                from_index: 0,
                typed_data: order.typed_data(CHAIN, verifier).to_string(),
            },
        )?;
        let Stage::Signed { signature } = signed.stage else {
            return Err(format!("{:?}, {:?}", signed.stage, signed.setback).into());
        };
        let mined = self.payments.carry_out(verifier, &order.call(&signature))?;
        let question = [self.own.into(), order.item.as_str().into()];
        let question = call("ordered(address,string)", &question);
        let ordered = self.payments.evm.ask_number(verifier, &question)?;
        hold(ordered == order.amount, || format!("{ordered} are ordered"))?;
        let text = format!(
            "the contract {verifier} accepted an order of {} in block {}, signed as typed data; ann and bob approved",
            self.own, mined.block
        );
        Ok(Verified(text, "solc, anvil"))
    }
}
