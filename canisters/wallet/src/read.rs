//! What members may read of their wallets.
//!
//! - In: who asks. Out: wallets and addresses, for members only; whoever is none learns nothing, not even whether there is such a wallet.
//! - Reading changes nothing and costs the same however many wallets there are.

#[cfg(test)]
mod tests;

use crate::account::Addresses;
use crate::account::bitcoin::BitcoinNetwork;
use crate::account::path::AccountIndex;
use crate::error::WalletError;
use crate::prepare::root_keys;
use crate::state::WalletKit;
use crate::wallet::{WalletId, WalletView};
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;

/// Most wallets of one answer.
pub const MAX_LISTED: u32 = 50;

/// A wallet of the caller.
///
/// # Errors
/// [`WalletError::NoSuchWallet`].
pub fn get<M: Memory>(
    kit: &WalletKit<M>,
    world: &impl Runtime,
    id: WalletId,
) -> Result<WalletView, WalletError> {
    let wallet = kit.product().get_for(id, world.caller());
    let wallet = wallet.ok_or(WalletError::NoSuchWallet)?;
    Ok(WalletView::of(id, &wallet))
}

/// Wallets of the caller from an id on, at most [`MAX_LISTED`].
pub fn list<M: Memory>(
    kit: &WalletKit<M>,
    world: &impl Runtime,
    from: WalletId,
    limit: u32,
) -> Vec<WalletView> {
    let at_most = limit.min(MAX_LISTED) as usize;
    let ids = kit.product().list(world.caller(), from, at_most);
    let view = |id| Some(WalletView::of(id, &kit.product().get(id)?));
    ids.into_iter().filter_map(view).collect()
}

/// Where a wallet of the caller receives.
///
/// # Errors
/// [`WalletError::NoSuchWallet`] or [`WalletError::KeysNotPrepared`].
pub fn addresses<M: Memory>(
    kit: &WalletKit<M>,
    world: &impl Runtime,
    id: WalletId,
    index: AccountIndex,
) -> Result<Addresses, WalletError> {
    get(kit, world, id)?;
    let keys = root_keys(kit)?;
    let network = BitcoinNetwork::of(kit.config().environment);
    Ok(Addresses::of(&keys, network, world.canister(), id, index)?)
}
