//! The steps that show the wallet: what it holds leaves only as its members have agreed.
//!
//! - In: the demo's network, with the wallet on it. Out: what the ledger and other libraries say about it.
//! - Each chain that the wallet pays on adds its step here.

use super::{Outcome, Verified, hold};
use candid::Principal;
use chainkey_tests::token::ledger::value::Value;
use chainkey_tests::token::{Token, token_args};
use chainkey_tests::wallet::interface::{
    Asset, Intent, KeyKind, Policy, Proposal, Rules, Stage, Standing, WalletError, needs, tier,
};
use chainkey_tests::wallet::{WalletCanister, person};
use chainkey_tests::world::World;
use std::error::Error;

/// What the wallet's first account has at the beginning, and what it pays.
const FUNDS: u64 = 500_000_000;
const AMOUNT: u64 = 150_000_000;

/// What the ledger takes for a transfer.
const FEE: u64 = 10_000;

/// A wallet of two members, and a ledger on which it has tokens.
pub struct TwoMembers<'a> {
    wallet: WalletCanister<'a>,
    token: Token<'a>,
    id: u64,
    ann: Principal,
    bob: Principal,
}

impl<'a> TwoMembers<'a> {
    /// Installs the ledger and makes the wallet: one member pays up to 1 token, two pay more, and two for everything else.
    pub fn new(world: &'a World, canister: Principal) -> Result<Self, Box<dyn Error>> {
        let wallet = WalletCanister::at(world.network(), canister);
        let (ann, bob) = (person("ann"), person("bob"));
        // The canister is the demo's own, and this is its first wallet.
        let id = 1;
        let funds = [(wallet.account(id, 0), FUNDS)];
        let token = Token::install(world, &token_args(&funds))?;
        let rules = Rules {
            asset: Asset::Icrc(token.canister()),
            tiers: vec![tier(100_000_000, needs(1, 0)), tier(None, needs(2, 0))],
            limit: None,
            allow_list: None,
        };
        let policy = Policy {
            assets: vec![rules],
            highest: needs(2, 0),
            calls: None,
        };
        let made = wallet.create(ann, b"wallet", &[ann, bob], policy)?;
        hold(made.id == id, || {
            format!("the wallet is number {}", made.id)
        })?;
        wallet.prepare_keys(ann)?;
        Ok(Self {
            wallet,
            token,
            id,
            ann,
            bob,
        })
    }

    /// One member wishes, it alone is refused, both together do it.
    fn both(&self, request: &str, wish: &Intent) -> Result<Proposal, Box<dyn Error>> {
        let (wallet, ann, bob) = (self.wallet, self.ann, self.bob);
        let wished = wallet.propose(ann, request.as_bytes(), self.id, wish)?;
        let execution = format!("execute {request}");
        let alone = wallet.execute(ann, execution.as_bytes(), wished.id);
        let needs = Standing::NeedsApprovals {
            given: 1,
            quorum: 2,
        };
        hold(alone == Err(WalletError::NotReady(needs)), || {
            format!("alone: {alone:?}")
        })?;
        wallet.approve(bob, wished.id)?;
        let done = wallet.execute(ann, execution.as_bytes(), wished.id)?;
        let approved = done.approvals.contains(&ann) && done.approvals.contains(&bob);
        hold(approved, || format!("approved by {:?}", done.approvals))?;
        Ok(done)
    }

    /// A payment above what one member may pay, read back from the ledger.
    pub fn icrc_payment(&self) -> Outcome {
        let account = self.wallet.addresses(self.ann, self.id, 0)?.icrc;
        let receiver = person("carol");
        let wish = Intent::IcrcTransfer {
            ledger: self.token.canister(),
            from_index: 0,
            to: receiver.to_text(),
            amount: AMOUNT.into(),
            max_fee: FEE.into(),
        };
        let paid = self.both("payment", &wish)?;
        let Stage::Transferred { block } = paid.stage else {
            return Err(format!("{:?}, {:?}", paid.stage, paid.setback).into());
        };
        let received = self.token.balance(receiver)?;
        hold(received == AMOUNT, || format!("{received} arrived"))?;
        let left = self.token.balance(self.wallet.account(self.id, 0))?;
        hold(left == FUNDS - AMOUNT - FEE, || format!("{left} is left"))?;
        let page = self.token.blocks(block, 1)?;
        let shown = page.blocks.first().map(|shown| &shown.block);
        let memo = shown.and_then(|shown| field(field(shown, "tx")?, "memo"));
        hold(memo == Some(&Value::blob(&paid.intent_digest)), || {
            format!("block {block} has the memo {memo:?}")
        })?;
        let text = format!(
            "{} paid {AMOUNT} in block {block}; ann and bob approved, ann alone was refused; the block's memo is the digest that they approved",
            account.text
        );
        Ok(Verified(text, "candid"))
    }

    /// A signature with a key that holds nothing.
    pub fn raw_signature(&self) -> Outcome {
        let message = [0x42; 32];
        let wish = Intent::RawSign {
            key: KeyKind::Ecdsa,
            index: 0,
            message: message.to_vec(),
        };
        let signed = self.both("signature", &wish)?;
        let Stage::Signed { signature } = signed.stage else {
            return Err(format!("{:?}, {:?}", signed.stage, signed.setback).into());
        };
        let key = self.wallet.raw_keys(self.ann, self.id, 0)?.ecdsa;
        let mut signature = secp256k1::ecdsa::Signature::from_compact(&signature)?;
        signature.normalize_s();
        let message = secp256k1::Message::from_digest(message);
        secp256k1::ecdsa::verify(
            &signature,
            message,
            &secp256k1::PublicKey::from_slice(&key)?,
        )?;
        let key = hex::encode(key);
        let text = format!("a signature of {key} verifies; ann and bob approved");
        Ok(Verified(text, "secp256k1"))
    }
}

fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Map(fields) => {
            let named = fields.iter().find(|(key, _)| key == name);
            named.map(|(_, value)| value)
        }
        _ => None,
    }
}
