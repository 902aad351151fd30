//! The wallets in stable memory: the state that [`WalletEvent`]s change.
//!
//! - What it does: wallets by id, the index from a member to its wallets, the canister's own keys. Looking a wallet up, and listing the
//!   wallets of a member, costs the same however many wallets there are.
//! - Not state: whether the keys are being fetched. That lock is on the heap, and an upgrade opens it.
//! - The caller changes it only through the kit's log.

use crate::event::WalletEvent;
use crate::lock::Lock;
use crate::memory::Region;
use crate::root_key::CachedKeys;
use crate::wallet::{PolicyVersion, Wallet, WalletId};
use candid::Principal;
use canister_kit::certified::Samples;
use canister_kit::memory::{RegionMemory, Regions};
use canister_kit::stable::Memory;
use canister_kit::{Kit, Product, Stamp};
use ic_stable_structures::{StableBTreeMap, StableCell};

/// The kit with the wallets in it.
pub type WalletKit<M> = Kit<Wallets<M>, M>;

/// All wallets of the canister, and its keys.
pub struct Wallets<M: Memory> {
    wallets: StableBTreeMap<u64, Wallet, RegionMemory<M>>,
    memberships: StableBTreeMap<(Principal, u64), (), RegionMemory<M>>,
    keys: StableCell<CachedKeys, RegionMemory<M>>,
    fetching: Lock,
}

impl<M: Memory> Wallets<M> {
    /// Opens the wallets that the regions hold.
    pub fn open(regions: &Regions<M>) -> Self {
        Self {
            wallets: StableBTreeMap::init(Region::Wallets.open(regions)),
            memberships: StableBTreeMap::init(Region::Memberships.open(regions)),
            keys: StableCell::init(Region::RootKeys.open(regions), CachedKeys::default()),
            fetching: Lock::default(),
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
    pub fn get_for(&self, id: WalletId, member: Principal) -> Option<Wallet> {
        let wallet = self.get(id)?;
        wallet.members.contains(member).then_some(wallet)
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
    pub fn fetching(&self) -> &Lock {
        &self.fetching
    }
}

impl<M: Memory> Product for Wallets<M> {
    type Event = WalletEvent;

    fn apply(&mut self, stamp: Stamp, event: &WalletEvent) {
        match event {
            WalletEvent::WalletCreated {
                id,
                name,
                members,
                policy,
            } => {
                for member in members.iter() {
                    self.memberships.insert((member, id.number()), ());
                }
                let wallet = Wallet {
                    name: name.clone(),
                    members: members.clone(),
                    policy: policy.clone(),
                    policy_version: PolicyVersion::FIRST,
                    created_at: stamp.at,
                };
                self.wallets.insert(id.number(), wallet);
            }
            WalletEvent::RootKeyCached { key } => {
                let keys = self.keys.get().clone().with(key);
                self.keys.set(keys);
            }
        }
    }

    fn measure(&self, out: &mut Samples) {
        let wallets = self.wallets.len() as f64;
        out.gauge("wallet_wallets", "Wallets of the canister.", wallets);
        let missing = self.keys().missing().len() as f64;
        let help = "Keys of the canister that prepare_keys has still to fetch.";
        out.gauge("wallet_keys_missing", help, missing);
    }
}
