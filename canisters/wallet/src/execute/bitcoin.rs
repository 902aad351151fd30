//! A payment on Bitcoin between two calls: planning, signing input by input, broadcasting, and settling.
//!
//! - What it does: plans out of the account's coins with [`CONFIRMATIONS`] that no other proposal has reserved; reserves what the plan spends; asks for one
//!   signature after the other, each verified and recorded as it comes; broadcasts; and ends when the coins have been spent for
//!   [`CONFIRMATIONS`] blocks.
//! - The plan is checked a second time against the payment before anything is reserved, with keys that are derived anew
//!   ([`crate::chain::bitcoin::Plan::check_against`]).
//! - Only the wallet can spend the coins, and all versions of a transaction spend the same ones. So coins that are spent mean that one of the
//!   versions was confirmed, and which one does not matter to whom was to be paid: all pay the same outputs.
//! - Broadcasting again is harmless, and is done whenever the coins are found unspent.

use super::carrier::{Carrier, Step};
use crate::account::Addresses;
use crate::account::bitcoin::BitcoinNetwork;
use crate::account::path::{AccountIndex, Purpose};
use crate::chain::bitcoin::{
    AccountKeys, Payment, Plan as Transaction, Satoshi, Utxo, UtxoKind, plan,
};
use crate::event::WalletEvent;
use crate::intent::{BtcSend, Intent};
use crate::prepare::root_keys;
use crate::proposal::{BitcoinWork, Plan, Receipt, Setback, Signature, Stage};
use crate::root_key::KeyKind;
use crate::runtime::{BitcoinFacts, CallError, Coin, MAX_PAGES, Outside};
use crate::signing::SigningRequest;
use crate::wallet::WalletId;
use canister_kit::Environment;
use canister_kit::encoding::Cycles;
use canister_kit::stable::Memory;

/// For how many blocks coins have been spent when a payment is settled: what most recipients wait for.
pub const CONFIRMATIONS: u32 = 6;

/// Something of both addresses of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coins<T> {
    /// Of the one that is a key's hash.
    pub p2wpkh: T,
    /// Of the Taproot one.
    pub p2tr: T,
}

/// What coins are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// To plan a payment.
    Plan,
    /// To see whether it is confirmed.
    Settle,
    /// To plan a version with this rate.
    Bump(crate::chain::bitcoin::FeeRate),
}

/// A call to the Bitcoin canister.
pub enum Ask {
    /// The coins of an account.
    Coins {
        /// Its addresses.
        addresses: Coins<String>,
        /// What for.
        why: Why,
    },
    /// To broadcast a transaction.
    Broadcast(Vec<u8>),
}

/// What a call to the Bitcoin canister brought.
pub enum Told {
    /// To [`Ask::Coins`].
    Coins(Why, Result<Coins<BitcoinFacts>, CallError>),
    /// To [`Ask::Broadcast`].
    Broadcast(Result<(), CallError>),
}

impl Ask {
    /// Makes the call.
    pub async fn make(self, world: &impl Outside, environment: Environment) -> Told {
        match self {
            Self::Coins { addresses, why } => {
                Told::Coins(why, addresses.ask(world, environment).await)
            }
            Self::Broadcast(bytes) => Told::Broadcast(world.broadcast(environment, &bytes).await),
        }
    }
}

/// What asking for the coins of an account costs, with so many pages.
pub fn asking_fee(world: &impl Outside, network: BitcoinNetwork, pages: u32) -> Cycles {
    world.coins_fee(network).times(pages)
}

/// The same at most.
pub fn most_of_asking(world: &impl Outside, network: BitcoinNetwork) -> Cycles {
    asking_fee(world, network, 2 * MAX_PAGES)
}

/// What broadcasting a transaction costs at most. Of its bytes some count a quarter only, so it has at most four for each virtual one.
pub fn sending_fee(world: &impl Outside, network: BitcoinNetwork, work: &BitcoinWork) -> Cycles {
    let bytes = work.signed.as_ref().map(|signed| signed.bytes.len());
    let most = usize::try_from(work.plan.size().0).unwrap_or(usize::MAX);
    world.sending_fee(network, bytes.unwrap_or(most.saturating_mul(4)))
}

impl Coins<String> {
    /// Asks for the coins of both addresses.
    ///
    /// # Errors
    /// The Bitcoin canister's silence.
    pub async fn ask(
        &self,
        world: &impl Outside,
        environment: Environment,
    ) -> Result<Coins<BitcoinFacts>, CallError> {
        Ok(Coins {
            p2wpkh: world.coins(environment, &self.p2wpkh).await?,
            p2tr: world.coins(environment, &self.p2tr).await?,
        })
    }
}

impl From<Addresses> for Coins<String> {
    fn from(addresses: Addresses) -> Self {
        Self {
            p2wpkh: addresses.p2wpkh,
            p2tr: addresses.p2tr,
        }
    }
}

impl Coins<BitcoinFacts> {
    /// All coins as plans take them.
    fn utxos(&self) -> Vec<Utxo> {
        let of = |facts: &BitcoinFacts, kind| {
            let utxo = move |coin: &Coin| Utxo {
                outpoint: coin.outpoint,
                value: Satoshi(coin.value),
                kind,
            };
            // Anybody can send a coin of nothing, and nobody can spend it.
            let coins = facts.coins.iter().filter(|coin| coin.value > 0);
            coins.map(utxo).collect::<Vec<_>>()
        };
        let mut utxos = of(&self.p2wpkh, UtxoKind::P2wpkh);
        utxos.extend(of(&self.p2tr, UtxoKind::P2tr));
        utxos
    }

    /// The coins that are deep enough to be spent: what they come from will not vanish in a reorganisation.
    fn deep(&self) -> Self {
        let tip = self.tip_height();
        let deep = |facts: &BitcoinFacts| {
            let coins = facts.coins.iter().copied();
            let deep = coins.filter(|coin| tip.saturating_sub(coin.height) + 1 >= CONFIRMATIONS);
            BitcoinFacts {
                coins: deep.collect(),
                ..facts.clone()
            }
        };
        Self {
            p2wpkh: deep(&self.p2wpkh),
            p2tr: deep(&self.p2tr),
        }
    }

    /// Whether these are all coins of the account.
    pub fn are_all(&self) -> bool {
        self.p2wpkh.complete && self.p2tr.complete
    }

    /// The tip under which both were told at least.
    pub fn tip_height(&self) -> u32 {
        self.p2wpkh.tip_height.min(self.p2tr.tip_height)
    }

    /// How many pages they were.
    pub fn pages(&self) -> u32 {
        self.p2wpkh.pages + self.p2tr.pages
    }
}

impl<M: Memory, W: Outside> Carrier<'_, M, W> {
    /// The call that the stage of a payment asks for.
    pub(super) fn first_of_bitcoin(&mut self, stage: &Stage) -> Step {
        match stage {
            Stage::Open => self.ask_coins(Why::Plan),
            Stage::Reserved(_) => {
                self.record(WalletEvent::SigningBegun { id: self.id });
                self.sign_input()
            }
            Stage::Signing(_) => self.sign_input(),
            Stage::Sent { .. } => self.ask_coins(Why::Settle),
            Stage::Ended(_) => Step::Rest,
        }
    }

    /// Records what follows of an answer.
    pub(super) fn after_bitcoin(&mut self, told: Told) -> Step {
        match told {
            Told::Coins(why, coins) => self.after_coins(why, coins),
            Told::Broadcast(outcome) => self.after_broadcast(outcome),
        }
    }

    pub(super) fn ask_coins(&self, why: Why) -> Step {
        let Some((wallet, send)) = self.send() else {
            return Step::Rest;
        };
        let Ok(roots) = root_keys(self.kit) else {
            return Step::Rest;
        };
        let canister = self.world.canister();
        match Addresses::of(&roots, send.network, canister, wallet, send.from) {
            Ok(addresses) => Step::Bitcoin(Ask::Coins {
                addresses: addresses.into(),
                why,
            }),
            Err(_) => Step::Rest,
        }
    }

    fn after_coins(&mut self, why: Why, coins: Result<Coins<BitcoinFacts>, CallError>) -> Step {
        let coins = match coins {
            Ok(coins) => coins,
            Err(error) => return self.stop(Setback::BitcoinSilent(error)),
        };
        if let Some((_, send)) = self.send() {
            let asked = asking_fee(self.world, send.network, coins.pages());
            *self.spent = self.spent.plus(asked);
        }
        match why {
            Why::Plan => self.after_coins_to_plan(&coins),
            Why::Settle => self.after_coins_to_settle(&coins),
            Why::Bump(rate) => self.after_coins_to_bump(rate, &coins),
        }
    }

    fn after_coins_to_plan(&mut self, coins: &Coins<BitcoinFacts>) -> Step {
        let Some((wallet, send)) = self.send() else {
            return Step::Rest;
        };
        let Some(keys) = self.account_keys(wallet, send.from) else {
            return Step::Rest;
        };
        // Members, policy, history and reservations may have changed during the call.
        let Some(approved) = self.approved() else {
            return Step::Rest;
        };
        let free = self.free(wallet, coins);
        let planned = plan(&send.payment, &free, &keys).map_err(|error| error.to_string());
        let checked = planned.and_then(|plan| self.checked(plan, &send.payment, wallet, &send));
        let transaction = match checked {
            Ok(transaction) => transaction,
            Err(reason) => return self.stop(Setback::NotPlanned(reason)),
        };
        let work = BitcoinWork::new(transaction);
        if let Err(required) = self.cover(&work, send.network) {
            let required = required.0;
            return self.stop(Setback::SignaturesNotCovered { required });
        }
        self.reserve(approved, Plan::Bitcoin(Box::new(work)))
    }

    /// The plan, if it does what the payment says.
    pub(super) fn checked(
        &self,
        plan: Transaction,
        payment: &Payment,
        wallet: WalletId,
        send: &BtcSend,
    ) -> Result<Transaction, String> {
        let keys = self.account_keys(wallet, send.from);
        let keys = keys.ok_or_else(|| "the wallet's keys are not prepared".to_owned())?;
        match plan.check_against(payment, &keys) {
            Ok(()) => Ok(plan),
            Err(mismatch) => Err(mismatch.to_string()),
        }
    }

    /// The coins that are deep enough, and that no proposal has reserved.
    pub(super) fn free(&self, wallet: WalletId, coins: &Coins<BitcoinFacts>) -> Vec<Utxo> {
        let state = self.kit.product();
        let mut utxos = coins.deep().utxos();
        utxos.retain(|coin| state.reserved_for(wallet, &coin.outpoint).is_none());
        utxos
    }

    /// Admits the caller to the signatures of a transaction, and to broadcasting it.
    ///
    /// # Errors
    /// What they cost, if the caller's admission does not cover that.
    pub(super) fn cover(
        &mut self,
        work: &BitcoinWork,
        network: BitcoinNetwork,
    ) -> Result<(), Cycles> {
        let name = self.kit.config().key_name.clone();
        let fees = work.plan.inputs().iter().map(|coin| {
            let kind: KeyKind = coin.kind.purpose().kind();
            self.world.signature_fee(kind, &name).unwrap_or_default()
        });
        let signatures = fees.fold(Cycles::ZERO, Cycles::plus);
        self.cover_fees(signatures.plus(sending_fee(self.world, network, work)))
    }

    /// Asks for the signature of the next input; broadcasts when there are all.
    pub(super) fn sign_input(&mut self) -> Step {
        let Some((wallet, send)) = self.send() else {
            return Step::Rest;
        };
        let Some(work) = self.work() else {
            return Step::Rest;
        };
        if let Some(next) = work.plan.to_sign(work.signatures.len()) {
            let message = next.sighash.to_vec();
            let request = SigningRequest::new(wallet, next.purpose, send.from, message);
            return Step::Sign(request);
        }
        let signatures: Vec<&[u8]> = work.signatures.iter().map(|it| &it.0[..]).collect();
        match work.plan.assemble(&signatures) {
            Ok(transaction) => {
                let (id, bytes) = (self.id, transaction.bytes.clone());
                self.record(WalletEvent::TransactionSigned { id, transaction });
                self.record(WalletEvent::Sent { id });
                Step::Bitcoin(Ask::Broadcast(bytes))
            }
            Err(_) => self.stop(Setback::BadSignature),
        }
    }

    pub(super) fn after_input(
        &mut self,
        work: &BitcoinWork,
        signature: Result<Vec<u8>, CallError>,
    ) -> Step {
        let signature = match signature {
            Ok(signature) => signature,
            Err(error) => return self.stop(Setback::NotSigned(error)),
        };
        let next = work.plan.to_sign(work.signatures.len());
        let checked = next.map(|next| {
            let fits = work.plan.check_signature(&next, &signature);
            (fits, <[u8; 64]>::try_from(&signature[..]))
        });
        match checked {
            Some((Ok(()), Ok(bytes))) => {
                let (id, signature) = (self.id, Signature(bytes));
                self.record(WalletEvent::SignatureMade { id, signature });
                self.sign_input()
            }
            _ => self.stop(Setback::BadSignature),
        }
    }

    fn after_broadcast(&mut self, outcome: Result<(), CallError>) -> Step {
        match outcome {
            Ok(()) => self.stop(Setback::Unconfirmed),
            Err(error) => self.stop(Setback::NotBroadcast(error)),
        }
    }

    fn after_coins_to_settle(&mut self, coins: &Coins<BitcoinFacts>) -> Step {
        let Some(work) = self.work() else {
            return Step::Rest;
        };
        if !coins.are_all() {
            return self.stop(Setback::TooManyCoins);
        }
        let (id, tip) = (self.id, coins.tip_height());
        if unspent(&work, coins) {
            if work.spent_at.is_some() {
                // The chain has taken the block back.
                self.record(WalletEvent::CoinsSeen { id, spent_at: None });
            }
            return match work.signed {
                Some(signed) => Step::Bitcoin(Ask::Broadcast(signed.bytes)),
                None => Step::Rest,
            };
        }
        // The change tells the height, also after a reorganisation; without it, when the coins were first seen to be gone.
        let since = confirmed_at(&work, coins).or(work.spent_at).unwrap_or(tip);
        let spent_at = Some(since);
        if spent_at != work.spent_at {
            self.record(WalletEvent::CoinsSeen { id, spent_at });
        }
        match tip.saturating_sub(since) + 1 >= CONFIRMATIONS {
            true => match self.work() {
                Some(work) => self.done(Receipt::Bitcoin(Box::new(work))),
                None => Step::Rest,
            },
            false => self.stop(Setback::Unconfirmed),
        }
    }

    /// The work on the transaction, if there is any.
    pub(super) fn work(&self) -> Option<BitcoinWork> {
        self.proposal()?.plan()?.bitcoin().cloned()
    }

    pub(super) fn send(&self) -> Option<(WalletId, BtcSend)> {
        let proposal = self.proposal()?;
        match proposal.intent {
            Intent::BtcSend(send) => Some((proposal.wallet, send)),
            _ => None,
        }
    }

    fn account_keys(&self, wallet: WalletId, index: AccountIndex) -> Option<AccountKeys> {
        let roots = root_keys(self.kit).ok()?;
        let key = |purpose: Purpose| purpose.key(&roots, wallet, index).ok();
        AccountKeys::new(&key(Purpose::P2wpkh)?, &key(Purpose::P2tr)?).ok()
    }
}

/// Whether all coins of a transaction are there to be spent. If one is not, a version of the transaction has spent it: an earlier version may have
/// fewer coins than a later one.
pub fn unspent(work: &BitcoinWork, coins: &Coins<BitcoinFacts>) -> bool {
    let utxos = coins.utxos();
    let there = |input: &Utxo| utxos.iter().any(|coin| coin.outpoint == input.outpoint);
    work.plan.inputs().iter().all(there)
}

/// The height of the block with this version or an earlier one, if its change tells.
fn confirmed_at(work: &BitcoinWork, coins: &Coins<BitcoinFacts>) -> Option<u32> {
    let is_ours = |coin: &&Coin| {
        let id = coin.outpoint.txid;
        id == work.plan.txid() || work.replaced.contains(&id)
    };
    coins
        .p2tr
        .coins
        .iter()
        .find(is_ours)
        .map(|coin| coin.height)
}
