//! The wallets in stable memory: the state that [`WalletEvent`]s change.
//!
//! - What it does: wallets by id, the index from a member to its wallets, the canister's own keys, proposals, what has left, reserved
//!   coins, and nonces. Looking something up, and listing the wallets of a member or the proposals of a wallet, costs the same however many there are.
//! - Not state: which keys and proposals are being worked on. Those locks are on the heap, and an upgrade opens them.
//! - The caller changes it only through the kit's log. `apply` is in the module of the same name.

mod apply;
mod nonces;

#[cfg(test)]
pub use nonces::MAX_IN_FLIGHT;
pub use nonces::{NonceKey, Nonces};

use crate::account::path::AccountIndex;
use crate::asset::Asset;
use crate::chain::bitcoin::OutPoint;
use crate::error::WalletError;
use crate::event::WalletEvent;
use crate::memory::Region;
use crate::policy::Spent;
use crate::proposal::{Proposal, ProposalId};
use crate::root_key::CachedKeys;
use crate::wallet::{Wallet, WalletId};
use candid::Principal;
use canister_kit::certified::Samples;
use canister_kit::encoding::to_cbor;
use canister_kit::memory::{RegionMemory, Regions};
use canister_kit::stable::Memory;
use canister_kit::{Guard, Guards, Kit, Product, Refusal, Stamp};
use ic_stable_structures::{StableBTreeMap, StableCell};

/// The kit with the wallets in it.
pub type WalletKit<M> = Kit<Wallets<M>, M>;

/// The lock of a proposal that is being carried out.
pub type Carried = Guard<(WalletId, ProposalId)>;

/// Most proposals of a wallet that are being carried out at once.
pub const MAX_CARRIED: usize = 20;

/// All wallets of the canister, and its keys.
pub struct Wallets<M: Memory> {
    wallets: StableBTreeMap<u64, Wallet, RegionMemory<M>>,
    memberships: StableBTreeMap<(Principal, u64), (), RegionMemory<M>>,
    keys: StableCell<CachedKeys, RegionMemory<M>>,
    proposals: StableBTreeMap<u64, Proposal, RegionMemory<M>>,
    wallet_proposals: StableBTreeMap<(u64, u64), (), RegionMemory<M>>,
    unended: StableBTreeMap<(u64, u64), (), RegionMemory<M>>,
    spent: StableBTreeMap<Vec<u8>, Spent, RegionMemory<M>>,
    coins: StableBTreeMap<Vec<u8>, u64, RegionMemory<M>>,
    nonces: StableBTreeMap<Vec<u8>, Nonces, RegionMemory<M>>,
    solana_nonces: StableBTreeMap<(u64, u32), u64, RegionMemory<M>>,
    fetching: Guards<()>,
    carrying: Guards<(WalletId, ProposalId)>,
}

impl<M: Memory> Wallets<M> {
    /// Opens the wallets that the regions hold.
    pub fn open(regions: &Regions<M>) -> Self {
        Self {
            wallets: StableBTreeMap::init(Region::Wallets.open(regions)),
            memberships: StableBTreeMap::init(Region::Memberships.open(regions)),
            keys: StableCell::init(Region::RootKeys.open(regions), CachedKeys::default()),
            proposals: StableBTreeMap::init(Region::Proposals.open(regions)),
            wallet_proposals: StableBTreeMap::init(Region::WalletProposals.open(regions)),
            unended: StableBTreeMap::init(Region::Unended.open(regions)),
            spent: StableBTreeMap::init(Region::Spent.open(regions)),
            coins: StableBTreeMap::init(Region::Coins.open(regions)),
            nonces: StableBTreeMap::init(Region::Nonces.open(regions)),
            solana_nonces: StableBTreeMap::init(Region::SolanaNonces.open(regions)),
            fetching: Guards::new(1),
            carrying: Kit::<Self, M>::guards(),
        }
    }

    /// The id of the next wallet.
    pub fn next_id(&self) -> WalletId {
        let last = self.wallets.last_key_value();
        last.map_or(WalletId::FIRST, |(last, _)| WalletId::new(last).next())
    }

    /// A wallet.
    pub fn get(&self, id: WalletId) -> Option<Wallet> {
        self.wallets.get(&id.number())
    }

    /// A wallet, for a member of it only.
    ///
    /// # Errors
    /// [`WalletError::NoSuchWallet`], also for whoever is no member.
    pub fn get_for(&self, id: WalletId, member: Principal) -> Result<Wallet, WalletError> {
        let wallet = self.get(id);
        let wallet = wallet.filter(|wallet| wallet.members.contains(member));
        wallet.ok_or(WalletError::NoSuchWallet)
    }

    /// The wallets of a member from an id on, in order, at most so many.
    pub fn list(&self, member: Principal, from: WalletId, at_most: usize) -> Vec<WalletId> {
        let from = (member, from.number());
        let keys = self.memberships.keys_range(from..);
        keys.take_while(|(whose, _)| *whose == member)
            .take(at_most)
            .map(|(_, id)| WalletId::new(id))
            .collect()
    }

    /// The canister's own keys that are cached.
    pub fn keys(&self) -> &CachedKeys {
        self.keys.get()
    }

    /// The lock of whoever fetches keys.
    pub fn fetching(&self) -> &Guards<()> {
        &self.fetching
    }

    /// Locks a proposal for whoever carries it out. A wallet's members together carry out at most [`MAX_CARRIED`] of it at once, so that
    /// they never keep the members of all other wallets waiting.
    ///
    /// # Errors
    /// [`WalletError::NoSuchProposal`], [`WalletError::BeingCarriedOut`], and as [`WalletError::Refused`] that too many are.
    pub fn lock(&self, id: ProposalId) -> Result<Carried, WalletError> {
        let proposal = self.proposal(id).ok_or(WalletError::NoSuchProposal)?;
        let is_own = |(wallet, _): &(WalletId, ProposalId)| *wallet == proposal.wallet;
        let held = self
            .carrying
            .hold_own((proposal.wallet, id), MAX_CARRIED, is_own);
        held.map_err(|refusal| match refusal {
            Refusal::Busy => WalletError::BeingCarriedOut,
            other => other.into(),
        })
    }

    /// The id of the next proposal.
    pub fn next_proposal(&self) -> ProposalId {
        let last = self.proposals.last_key_value();
        ProposalId::new(last.map_or(1, |(last, _)| last + 1))
    }

    /// A proposal.
    pub fn proposal(&self, id: ProposalId) -> Option<Proposal> {
        self.proposals.get(&id.number())
    }

    /// A proposal and its wallet, for a member of that wallet only.
    ///
    /// # Errors
    /// [`WalletError::NoSuchProposal`], also for whoever is no member.
    pub fn proposal_for(
        &self,
        id: ProposalId,
        member: Principal,
    ) -> Result<(Proposal, Wallet), WalletError> {
        let none = WalletError::NoSuchProposal;
        let Some(proposal) = self.proposal(id) else {
            return Err(none);
        };
        let wallet = self.get_for(proposal.wallet, member);
        wallet.map(|wallet| (proposal, wallet)).map_err(|_| none)
    }

    /// The proposals of a wallet from an id on, in order, at most so many.
    pub fn proposals_of(
        &self,
        wallet: WalletId,
        from: ProposalId,
        at_most: usize,
    ) -> Vec<ProposalId> {
        from_on(&self.wallet_proposals, wallet, from, at_most)
    }

    /// Those of them that have not ended.
    pub fn unended_of(
        &self,
        wallet: WalletId,
        from: ProposalId,
        at_most: usize,
    ) -> Vec<ProposalId> {
        from_on(&self.unended, wallet, from, at_most)
    }

    /// What has left of an asset of a wallet.
    pub fn spent(&self, wallet: WalletId, asset: &Asset) -> Spent {
        self.spent
            .get(&spent_key(wallet, asset))
            .unwrap_or_default()
    }

    /// The nonces of an account.
    pub fn nonces(&self, key: &NonceKey) -> Nonces {
        self.nonces.get(&key.bytes()).unwrap_or_default()
    }

    /// Which proposal a coin of a wallet is reserved for.
    pub fn reserved_for(&self, wallet: WalletId, coin: &OutPoint) -> Option<ProposalId> {
        self.coins.get(&coin_key(wallet, coin)).map(ProposalId::new)
    }

    /// Which proposal spends the nonce account of a wallet's account on Solana.
    pub fn spends_nonce(&self, wallet: WalletId, index: AccountIndex) -> Option<ProposalId> {
        let key = (wallet.number(), index.0);
        self.solana_nonces.get(&key).map(ProposalId::new)
    }
}

fn from_on<M: Memory>(
    index: &StableBTreeMap<(u64, u64), (), M>,
    wallet: WalletId,
    from: ProposalId,
    at_most: usize,
) -> Vec<ProposalId> {
    let range = (wallet.number(), from.number())..=(wallet.number(), u64::MAX);
    let keys = index.keys_range(range).take(at_most);
    keys.map(|(_, id)| ProposalId::new(id)).collect()
}

/// The wallet's id, 8 bytes big endian, and the coin: 32 bytes and 4 big endian.
fn coin_key(wallet: WalletId, coin: &OutPoint) -> Vec<u8> {
    let wallet = wallet.number().to_be_bytes();
    [&wallet[..], &coin.txid.0, &coin.vout.to_be_bytes()].concat()
}

/// The wallet's id, 8 bytes big endian, and the asset in CBOR.
fn spent_key(wallet: WalletId, asset: &Asset) -> Vec<u8> {
    [wallet.number().to_be_bytes().to_vec(), to_cbor(asset)].concat()
}

impl<M: Memory> Product for Wallets<M> {
    type Event = WalletEvent;

    fn apply(&mut self, stamp: Stamp, event: &WalletEvent) {
        self.change(stamp, event);
    }

    fn measure(&self, out: &mut Samples) {
        let wallets = self.wallets.len() as f64;
        out.gauge("wallet_wallets", "Wallets of the canister.", wallets);
        let missing = self.keys().missing().len() as f64;
        let help = "Keys of the canister that prepare_keys has still to fetch.";
        out.gauge("wallet_keys_missing", help, missing);
        let proposals = self.proposals.len() as f64;
        let help = "Proposals that were ever made.";
        out.gauge("wallet_proposals", help, proposals);
        let unended = self.unended.len() as f64;
        let help = "Proposals that have not ended.";
        out.gauge("wallet_proposals_unended", help, unended);
    }
}
