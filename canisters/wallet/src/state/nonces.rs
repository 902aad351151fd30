//! The nonces of an account on a chain of Ethereum's kind: which one is next, and which ones proposals hold.
//!
//! - A nonce is held from before its transaction is signed until one transaction with it is final. No two proposals ever hold the same one.
//! - The next one is the larger of the chain's count and of what is on record, so that neither a node that lags nor a stranger's transaction makes
//!   one be used twice.
//! - Stored as CBOR with numbered fields, under wallet, chain and index.

use crate::account::path::AccountIndex;
use crate::chain::ethereum::quantity::{ChainId, Nonce};
use crate::proposal::ProposalId;
use crate::wallet::WalletId;
use minicbor::{Decode, Encode};
use std::collections::BTreeMap;

/// Most transactions of an account that are not final: fewer than nodes keep of one account (go-ethereum: 16).
pub const MAX_IN_FLIGHT: usize = 8;

/// The nonces of one account on one chain.
#[derive(Encode, Decode, Clone, Debug, Default, PartialEq, Eq)]
#[cbor(map)]
pub struct Nonces {
    /// The one after the last one that is reserved.
    #[n(0)]
    next: u64,
    #[n(1)]
    held: BTreeMap<u64, ProposalId>,
}

canister_kit::stored!(Nonces, "the nonces of an account");

/// An account on a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NonceKey {
    /// Whose.
    pub wallet: WalletId,
    /// On which chain.
    pub chain: ChainId,
    /// Which of the wallet's accounts.
    pub index: AccountIndex,
}

impl NonceKey {
    /// 8, 8 and 4 bytes, big endian.
    pub fn bytes(&self) -> Vec<u8> {
        let wallet = self.wallet.number().to_be_bytes();
        let (chain, index) = (self.chain.0.to_be_bytes(), self.index.0.to_be_bytes());
        [&wallet[..], &chain, &index].concat()
    }
}

impl Nonces {
    /// The next nonce, if the chain has counted so many transactions.
    pub fn next(&self, on_chain: Nonce) -> Nonce {
        Nonce(self.next.max(on_chain.0))
    }

    /// The proposals whose transactions are not final, by nonce.
    pub fn held(&self) -> impl Iterator<Item = (Nonce, ProposalId)> + '_ {
        self.held.iter().map(|(nonce, id)| (Nonce(*nonce), *id))
    }

    /// Whether there is room for one more.
    pub fn has_room(&self) -> bool {
        self.held.len() < MAX_IN_FLIGHT
    }

    /// Whether it is the last one that was reserved.
    pub fn is_last(&self, nonce: Nonce) -> bool {
        nonce.0.checked_add(1) == Some(self.next)
    }

    /// A proposal holds it from now on.
    pub fn reserve(&mut self, nonce: Nonce, id: ProposalId) {
        self.next = nonce.0.saturating_add(1);
        self.held.insert(nonce.0, id);
    }

    /// Nothing was signed with it. Only the last one can be used again; behind another one it would leave a gap, so its proposal keeps it.
    pub fn give_back(&mut self, nonce: Nonce) {
        if self.is_last(nonce) {
            self.held.remove(&nonce.0);
            self.next = nonce.0;
        }
    }

    /// A transaction with it is final.
    pub fn settle(&mut self, nonce: Nonce) {
        self.held.remove(&nonce.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: ProposalId = ProposalId::new(1);

    #[test]
    fn the_next_nonce_is_never_one_that_is_held_or_that_the_chain_has_seen() {
        let mut nonces = Nonces::default();
        assert_eq!(nonces.next(Nonce(4)), Nonce(4));
        nonces.reserve(Nonce(4), ONE);
        assert_eq!(nonces.next(Nonce(3)), Nonce(5), "a node that lags");
        assert_eq!(nonces.next(Nonce(9)), Nonce(9), "a stranger");
        nonces.settle(Nonce(4));
        assert_eq!(nonces.next(Nonce(4)), Nonce(5));
    }

    #[test]
    fn only_the_last_nonce_is_given_back() {
        let mut nonces = Nonces::default();
        nonces.reserve(Nonce(0), ONE);
        nonces.reserve(Nonce(1), ONE);
        nonces.give_back(Nonce(0));
        assert_eq!(
            nonces.held().count(),
            2,
            "a gap would hold the other one up"
        );
        nonces.give_back(Nonce(1));
        assert_eq!(nonces.next(Nonce(0)), Nonce(1));
        nonces.give_back(Nonce(0));
        assert_eq!(nonces, Nonces::default());
    }

    #[test]
    fn only_so_many_are_in_flight() {
        let mut nonces = Nonces::default();
        for nonce in 0..MAX_IN_FLIGHT as u64 {
            assert!(nonces.has_room());
            nonces.reserve(Nonce(nonce), ONE);
        }
        assert!(!nonces.has_room());
        nonces.settle(Nonce(0));
        assert!(nonces.has_room());
    }
}
