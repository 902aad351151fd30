//! What must hold after every step of a life on Bitcoin.
//!
//! - Every signature is over an input of a payment that the model has let begin, with that wallet's key. Every coin is spent by the versions of one
//!   payment only. Every version pays what was approved, to the satoshi, and at most the approved fee; the rest comes back.
//! - A payment begins when the model says so, and is shown as confirmed when a version of it is in a block.

use super::{Life, TO};
use crate::account::path::AccountIndex;
use crate::chain::bitcoin::OutPoint;
use crate::proposal::{BitcoinWork, ProposalId, StageView};
use crate::propose::view;
use bitcoin::{Address, ScriptBuf, Transaction};
use std::collections::BTreeMap;

/// What was seen before.
#[derive(Default)]
pub struct Watched {
    signed: usize,
    broadcast: usize,
    /// What may be signed: path and digest, and whose it is.
    inputs: BTreeMap<(Vec<u8>, Vec<u8>), u64>,
    /// Every version, and whose it is.
    versions: BTreeMap<String, u64>,
    /// Who spends a coin, and its value.
    coins: BTreeMap<OutPoint, (u64, u64)>,
}

fn ensure(holds: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    match holds {
        true => Ok(()),
        false => Err(why()),
    }
}

fn script(address: &str) -> ScriptBuf {
    let address: Address<_> = address.parse().expect("an address");
    address.assume_checked().script_pubkey()
}

impl Life<'_> {
    /// Looks at everything that is not over. `touched` may have begun in this step.
    pub(super) fn watch(&mut self, touched: Option<u64>) -> Result<(), String> {
        let open = self.payments.iter();
        let open = open.filter(|(_, payment)| payment.settled.is_none());
        for id in open.map(|(id, _)| *id).collect::<Vec<u64>>() {
            self.follow(id, touched)
                .map_err(|why| format!("payment {id}: {why}"))?;
        }
        self.new_signatures()?;
        self.new_transactions()
    }

    fn follow(&mut self, id: u64, touched: Option<u64>) -> Result<(), String> {
        let kit = self.scene.kit.borrow();
        let number = ProposalId::new(id);
        let stage = view(&kit, &self.scene.world, number).stage;
        let proposal = kit.product().proposal(number).ok_or("it is gone")?;
        drop(kit);
        let begun = self.payments[&id].begun;
        match stage {
            StageView::Open(_) | StageView::Expired => {
                return ensure(!begun, || format!("it was begun and is {stage:?}"));
            }
            StageView::Reserved | StageView::Signing | StageView::Sent | StageView::Confirmed => {}
            other => return Err(format!("it has become {other:?}")),
        }
        if !begun {
            ensure(touched == Some(id), || "it has begun by itself".to_owned())?;
            ensure(self.is_ready(id), || "begun, but not approved".to_owned())?;
            self.count("begun");
        }
        if let Some(work) = proposal.bitcoin() {
            self.reserved(id, work)?;
        }
        let (now, confirmed) = (self.now(), stage == StageView::Confirmed);
        if confirmed {
            let chain = self.scene.world.bitcoin.borrow();
            let ids = chain.mined.iter();
            let mut ids = ids.map(|(_, mined)| mined.compute_txid().to_string());
            let mined = ids.any(|txid| self.watched.versions.get(&txid) == Some(&id));
            ensure(mined, || "shown as confirmed, but in no block".to_owned())?;
        }
        if let Some(payment) = self.payments.get_mut(&id) {
            payment.begun = true;
            payment.settled = confirmed.then_some(now);
        }
        if confirmed {
            self.count("confirmed");
        }
        Ok(())
    }

    /// Notes what a payment spends, and that nobody else does.
    fn reserved(&mut self, id: u64, work: &BitcoinWork) -> Result<(), String> {
        let version = work.plan.txid().to_string();
        if self.watched.versions.insert(version, id).is_some() {
            return Ok(());
        }
        if !work.replaced.is_empty() {
            self.count("bumped");
        }
        let payment = self.payments[&id].clone();
        for coin in work.plan.inputs() {
            let value = (id, coin.value.0);
            let spent = *self.watched.coins.entry(coin.outpoint).or_insert(value);
            ensure(spent == value, || {
                format!("{:?} is also spent by {}", coin.outpoint, spent.0)
            })?;
        }
        let inputs = 0..work.plan.inputs().len();
        for next in inputs.filter_map(|input| work.plan.to_sign(input)) {
            let wallet = crate::wallet::WalletId::new(payment.wallet);
            let path = next.purpose.element(wallet, AccountIndex(0)).to_vec();
            let input = (path, next.sighash.to_vec());
            self.watched.inputs.insert(input, id);
        }
        let fee = work.plan.fee().0;
        ensure(fee <= payment.max_fee, || format!("a fee of {fee}"))
    }

    fn new_signatures(&mut self) -> Result<(), String> {
        let signed = self.scene.world.signed.borrow();
        for request in &signed[self.watched.signed..] {
            let input = (request.path.to_vec(), request.message.clone());
            let whose = self.watched.inputs.get(&input);
            let begun = whose.is_some_and(|id| self.payments[id].begun);
            ensure(begun, || format!("nobody approved {request:?}"))?;
        }
        self.watched.signed = signed.len();
        Ok(())
    }

    fn new_transactions(&mut self) -> Result<(), String> {
        let chain = self.scene.world.bitcoin.borrow();
        for transaction in &chain.seen[self.watched.broadcast..] {
            self.is_as_approved(transaction)?;
        }
        self.watched.broadcast = chain.seen.len();
        Ok(())
    }

    /// Whether a transaction that was broadcast does what its payment says, by its own bytes.
    fn is_as_approved(&self, transaction: &Transaction) -> Result<(), String> {
        let txid = transaction.compute_txid().to_string();
        let id = self.watched.versions.get(&txid);
        let id = *id.ok_or_else(|| format!("{txid} is nobody's"))?;
        let payment = &self.payments[&id];
        let mut spent = 0;
        for coin in crate::runtime::fake::inputs(transaction) {
            let (whose, value) = *self.watched.coins.get(&coin).ok_or("an unknown coin")?;
            ensure(whose == id, || {
                format!("{id} spends a coin of {whose}: {coin:?}")
            })?;
            spent += value;
        }
        let (to, own) = (
            script(TO),
            script(&self.own[payment.wallet as usize - 1].p2tr),
        );
        let outputs = &transaction.output;
        let paid = outputs.iter().filter(|output| output.script_pubkey == to);
        let paid: Vec<u64> = paid.map(|output| output.value.to_sat()).collect();
        ensure(paid == [payment.amount], || format!("{id} pays {paid:?}"))?;
        let known = |output: &bitcoin::TxOut| [&to, &own].contains(&&output.script_pubkey);
        ensure(outputs.iter().all(known), || {
            format!("{id} pays others: {outputs:?}")
        })?;
        let out: u64 = outputs.iter().map(|output| output.value.to_sat()).sum();
        ensure(spent <= out + payment.max_fee, || {
            format!("{id} spends {spent} and pays {out}")
        })
    }
}
