//! What may happen on a chain of Ethereum's kind, and what must hold there after every step.
//!
//! - A nonce belongs to one proposal from its first signature on. Everything that is signed or sent under it is what that proposal says, or nothing
//!   sent to the account itself, with a fee of at most the approved one, and only after the model has let the proposal begin.

use super::dice::Dice;
use super::model::{Phase, Want};
use super::watch::{Paid, ensure};
use super::{ETHER, GAS, Life, Op, destination};
use crate::account::ethereum::EvmAddress;
use crate::account::path::{AccountIndex, Purpose};
use crate::proposal::ProposalId;
use crate::runtime::fake::{Fate, Seen};
use crate::signing::SigningRequest;
use crate::wallet::WalletId;
use std::collections::{BTreeMap, BTreeSet};

/// What was seen before.
#[derive(Default)]
pub struct Chain {
    sent: usize,
    mined: usize,
    /// Whose a wallet's nonce is.
    nonces: BTreeMap<(u64, u64), u64>,
    /// Proposals whose cancellation is in a block.
    pub cancelled: BTreeSet<u64>,
}

impl Dice {
    /// What happens to the calls of one run that pays on a chain: two or three questions, a signature, and sending.
    pub fn fates_of_a_chain(&mut self) -> Vec<Fate> {
        let mut fates = vec![Fate::Answered; self.below(6) as usize];
        if self.percent(60) {
            let fate = match self.percent(20) {
                true => Fate::Differ,
                false => self.fate(),
            };
            fates.push(match self.percent(20) && fate != Fate::Differ {
                true => Fate::Slow(Box::new(fate)),
                false => fate,
            });
        }
        fates
    }
}

impl Life<'_> {
    pub(super) fn is_ether(&self, id: u64) -> bool {
        let want = &self.proposals[&id].want;
        matches!(want, Want::Pay { asset: ETHER, .. })
    }

    /// What happens to the calls for a proposal.
    pub(super) fn fates(&mut self, id: u64) -> Vec<Fate> {
        match self.is_ether(id) {
            true => self.dice.fates_of_a_chain(),
            false => self.dice.fates(),
        }
    }

    fn wish_to_raise(&mut self, id: u64) -> Op {
        Op::Raise {
            by: self.somebody(self.proposals[&id].wallet),
            id,
            cancels: self.dice.percent(40),
            fee: self.dice.one_of(&[9, 12, 15, 20, 30, 31]),
            fates: self.fates(id),
        }
    }

    /// To resume, or to raise the fees of a transaction.
    pub(super) fn wish_to_go_on(&mut self, id: u64) -> Op {
        match self.is_ether(id) && self.dice.percent(30) {
            true => self.wish_to_raise(id),
            false => Op::Resume {
                by: self.somebody(self.proposals[&id].wallet),
                id,
                fates: self.fates(id),
            },
        }
    }

    pub(super) fn upgrade_or_fee(&mut self) -> Op {
        match self.dice.percent(60) {
            true => Op::Upgrade,
            false => Op::BaseFee(self.dice.one_of(&[1, 4, 4, 10, 25])),
        }
    }

    pub(super) fn blocks(&mut self) -> Op {
        Op::Mine {
            blocks: self.dice.one_of(&[1, 1, 70]),
            earlier: self.dice.percent(25),
        }
    }

    /// A wallet's account has enough for everything.
    pub(super) fn fund(&mut self, wallet: u64) {
        let kit = self.scene.kit.borrow();
        let (id, index) = (WalletId::new(wallet), AccountIndex(0));
        let all = crate::read::addresses(&kit, &self.scene.world, id, index).unwrap();
        let account = EvmAddress::parse(&all.evm).unwrap();
        self.scene
            .world
            .evm
            .borrow_mut()
            .give(account, u128::MAX / 8);
        self.accounts.insert(account, wallet);
    }

    /// Whether a signature is of a transaction; then what it signs must be right.
    pub(super) fn signs_transaction(
        &mut self,
        request: &SigningRequest,
        touched: &[u64],
    ) -> Result<bool, String> {
        let path = |wallet: &u64| Purpose::Evm.element(WalletId::new(*wallet), AccountIndex(0));
        let wallets: Vec<u64> = self.wallets.keys().copied().collect();
        let Some(wallet) = wallets.into_iter().find(|it| path(it) == request.path) else {
            return Ok(false);
        };
        let (id, nonce) = self
            .signed_nonce(wallet, request, touched)
            .ok_or("a signature of no version of any transaction")?;
        ensure(self.may_happen(id, touched), || {
            format!("{id} was not approved: {request:?}")
        })?;
        let holder = *self
            .watched
            .chain
            .nonces
            .entry((wallet, nonce))
            .or_insert(id);
        ensure(holder == id, || {
            format!("{id} signs with nonce {nonce}, which is {holder}'s")
        })?;
        if let Some(proposal) = self.proposals.get_mut(&id) {
            proposal.signed += 1;
        }
        Ok(true)
    }

    fn signed_nonce(
        &self,
        wallet: u64,
        request: &SigningRequest,
        touched: &[u64],
    ) -> Option<(u64, u64)> {
        let kit = self.scene.kit.borrow();
        let mine = self.proposals.iter().filter(|(id, proposal)| {
            let begun = proposal.phase == Phase::Begun || touched.contains(id);
            proposal.wallet == wallet && begun
        });
        mine.filter_map(|(id, _)| {
            let stored = kit.product().proposal(ProposalId::new(*id))?;
            let work = stored.evm()?;
            let signs = work
                .versions()
                .any(|version| version.transaction.signing_hash().0[..] == request.message[..]);
            signs.then_some((*id, work.nonce().0))
        })
        .next()
    }

    /// Whose a transaction is, and whether it cancels, if it says what it may.
    fn meaning(&self, seen: &Seen) -> Result<(u64, bool), String> {
        let wallet = *self.accounts.get(&seen.from).ok_or("a stranger's")?;
        let nonce = (wallet, seen.raw.nonce.0);
        let id = *self
            .watched
            .chain
            .nonces
            .get(&nonce)
            .ok_or("a nonce of nobody")?;
        let proposal = &self.proposals[&id];
        let Want::Pay {
            asset: ETHER,
            to,
            amount,
            max_fee,
        } = proposal.want
        else {
            return Err(format!("{id} wants no Ether to be paid"));
        };
        let raw = &seen.raw;
        ensure(proposal.wallet == wallet && raw.data.is_empty(), || {
            format!("{id}: {seen:?}")
        })?;
        let fee = raw.fees.max_fee_per_gas.0 * u128::from(raw.gas_limit.0);
        ensure(raw.gas_limit.0 == GAS && fee <= max_fee, || {
            format!("{id} may cost {max_fee}: {seen:?}")
        })?;
        let pays = EvmAddress::parse(&destination(ETHER, to)) == Some(raw.to);
        match (
            pays && raw.value.0 == amount,
            raw.to == seen.from && raw.value.0 == 0,
        ) {
            (true, false) => Ok((id, false)),
            (false, true) => Ok((id, true)),
            _ => Err(format!("{id} is neither paid nor cancelled by {seen:?}")),
        }
    }

    /// What was sent and what is in blocks since the last step; what of it has left.
    pub(super) fn new_transactions(&mut self) -> Result<Vec<Paid>, String> {
        let chain = self.scene.world.evm.borrow();
        let sent: Vec<Seen> = chain.sent[self.watched.chain.sent..].to_vec();
        let mined: Vec<Seen> = chain.mined[self.watched.chain.mined..]
            .iter()
            .map(|(seen, _)| seen.clone())
            .collect();
        let fee = u128::from(GAS) * chain.base_fee;
        drop(chain);
        self.watched.chain.sent += sent.len();
        self.watched.chain.mined += mined.len();
        for seen in &sent {
            let (id, _) = self.meaning(seen)?;
            let phase = self.proposals[&id].phase;
            ensure(matches!(phase, Phase::Begun | Phase::Open), || {
                format!("{id} is {phase:?} and sent")
            })?;
        }
        let mut new = Vec::new();
        for seen in mined {
            let (id, cancels) = self.meaning(&seen)?;
            let at = self.now();
            if cancels {
                self.watched.chain.cancelled.insert(id);
                self.count("cancellation mined");
            } else if let Some(proposal) = self.proposals.get_mut(&id) {
                proposal.paid += 1;
            }
            let proposal = &self.proposals[&id];
            let once = proposal.paid <= 1 && (proposal.paid == 0) == cancels;
            ensure(once, || format!("{id} has two transactions: {seen:?}"))?;
            new.push(Paid {
                proposal: id,
                wallet: proposal.wallet,
                asset: ETHER,
                at,
                amount: seen.raw.value.0 + fee,
            });
        }
        Ok(new)
    }
}
