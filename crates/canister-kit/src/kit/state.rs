//! Everything that events change: the kit's own state and the canister's.

use crate::admission::Accounts;
use crate::config::{Config, ConfigStore};
use crate::event::{KitEvent, Logged, Replayed, Stamp};
use crate::memory::{Region, RegionMemory, Regions};
use crate::product::Product;
use ic_stable_structures::Memory;

/// The state that the log of a canister describes.
pub struct State<P: Product, M: Memory> {
    /// Configuration and pause switch.
    pub config: ConfigStore<RegionMemory<M>>,
    /// List, balances and budget.
    pub accounts: Accounts<RegionMemory<M>>,
    /// The canister's own.
    pub product: P,
}

impl<P: Product, M: Memory> State<P, M> {
    /// Opens the kit's part in its regions.
    pub fn open(regions: &Regions<M>, product: P) -> Self {
        Self {
            config: ConfigStore::open(regions.open(Region::Config)),
            accounts: Accounts::open(regions.open(Region::Accounts), regions.open(Region::Budget)),
            product,
        }
    }

    /// The configuration.
    ///
    /// # Panics
    /// If `init` has not stored one; no other entry point runs before it.
    pub fn config(&self) -> &Config {
        match self.config.get() {
            Ok(config) => config,
            Err(error) => panic!("{error}"),
        }
    }

    fn apply_kit(&mut self, event: &KitEvent) {
        self.config.apply(event);
        let mode = self.config().admission;
        self.accounts.apply(mode, event);
    }
}

impl<P: Product, M: Memory> Replayed for State<P, M> {
    type Event = Logged<P::Event>;

    fn apply(&mut self, stamp: Stamp, event: &Self::Event) {
        match event {
            Logged::Kit(event) => self.apply_kit(event),
            Logged::Product(event) => self.product.apply(stamp, event),
        }
    }
}
