//! What members may read of their wallets.
//!
//! - In: who asks. Out: wallets, addresses, keys and proposals, for members only; whoever is none learns nothing, not even whether there
//!   is such a wallet.
//! - Reading changes nothing and costs the same however many wallets there are.

#[cfg(test)]
mod tests;

use crate::account::Addresses;
use crate::account::bitcoin::BitcoinNetwork;
use crate::account::path::{AccountIndex, Purpose};
use crate::error::WalletError;
use crate::prepare::root_keys;
use crate::proposal::{ProposalId, ProposalView};
use crate::propose::view;
use crate::root_key::KeyKind;
use crate::state::WalletKit;
use crate::wallet::{WalletId, WalletView};
use candid::CandidType;
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use serde::Deserialize;
use serde_bytes::ByteBuf;

/// Most wallets, or proposals, of one answer.
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
    let wallet = kit.product().get_for(id, world.caller())?;
    Ok(WalletView::of(id, &wallet))
}

/// Wallets of the caller from an id on, at most [`MAX_LISTED`].
pub fn list<M: Memory>(
    kit: &WalletKit<M>,
    world: &impl Runtime,
    from: WalletId,
    limit: u32,
) -> Vec<WalletView> {
    let ids = kit.product().list(world.caller(), from, bounded(limit));
    let view = |id| Some(WalletView::of(id, &kit.product().get(id)?));
    ids.into_iter().filter_map(view).collect()
}

fn bounded(limit: u32) -> usize {
    limit.min(MAX_LISTED) as usize
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
    kit.product().get_for(id, world.caller())?;
    let keys = root_keys(kit)?;
    let network = BitcoinNetwork::of(kit.config().environment);
    Ok(Addresses::of(&keys, network, world.canister(), id, index)?)
}

/// A proposal of a wallet of the caller.
///
/// # Errors
/// [`WalletError::NoSuchProposal`].
pub fn proposal<M: Memory>(
    kit: &WalletKit<M>,
    world: &impl Runtime,
    id: ProposalId,
) -> Result<ProposalView, WalletError> {
    kit.product().proposal_for(id, world.caller())?;
    Ok(view(kit, world, id))
}

/// Proposals of a wallet of the caller from an id on, at most [`MAX_LISTED`].
///
/// # Errors
/// [`WalletError::NoSuchWallet`].
pub fn proposals<M: Memory>(
    kit: &WalletKit<M>,
    world: &impl Runtime,
    wallet: WalletId,
    from: ProposalId,
    limit: u32,
) -> Result<Vec<ProposalView>, WalletError> {
    kit.product().get_for(wallet, world.caller())?;
    let ids = kit.product().proposals_of(wallet, from, bounded(limit));
    Ok(ids.into_iter().map(|id| view(kit, world, id)).collect())
}

/// Those of them that have not ended.
///
/// # Errors
/// [`WalletError::NoSuchWallet`].
pub fn pending<M: Memory>(
    kit: &WalletKit<M>,
    world: &impl Runtime,
    wallet: WalletId,
    from: ProposalId,
    limit: u32,
) -> Result<Vec<ProposalView>, WalletError> {
    kit.product().get_for(wallet, world.caller())?;
    let ids = kit.product().unended_of(wallet, from, bounded(limit));
    Ok(ids.into_iter().map(|id| view(kit, world, id)).collect())
}

/// The signed transaction of a proposal, the last version of it, ready to be broadcast.
///
/// # Errors
/// [`WalletError::NoSuchProposal`] or [`WalletError::NothingSigned`].
pub fn signed_tx<M: Memory>(
    kit: &WalletKit<M>,
    world: &impl Runtime,
    id: ProposalId,
) -> Result<ByteBuf, WalletError> {
    let (proposal, _) = kit.product().proposal_for(id, world.caller())?;
    let bitcoin = proposal.bitcoin().and_then(|work| work.signed.as_ref());
    let evm = proposal.evm().and_then(|work| work.signed().next());
    let bytes = bitcoin.map(|signed| signed.bytes.as_slice());
    let bytes = bytes.or(evm.map(|(_, signed)| signed.bytes()));
    let solana = proposal.solana().and_then(|work| work.current.signed());
    let bytes = bytes.map(<[u8]>::to_vec).or(solana.map(|it| it.bytes));
    bytes.map(ByteBuf::from).ok_or(WalletError::NothingSigned)
}

/// The public keys of a wallet for raw signatures, which hold nothing.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RawKeys {
    /// 33 bytes, compressed.
    pub ecdsa: ByteBuf,
    /// 33 bytes, compressed; verifiers of BIP-340 take the last 32.
    pub bip340: ByteBuf,
    /// 32 bytes.
    pub ed25519: ByteBuf,
}

/// The keys for raw signatures of a wallet of the caller.
///
/// # Errors
/// [`WalletError::NoSuchWallet`] or [`WalletError::KeysNotPrepared`].
pub fn raw_keys<M: Memory>(
    kit: &WalletKit<M>,
    world: &impl Runtime,
    id: WalletId,
    index: AccountIndex,
) -> Result<RawKeys, WalletError> {
    kit.product().get_for(id, world.caller())?;
    let roots = root_keys(kit)?;
    let key = |kind| Purpose::Raw(kind).key(&roots, id, index).map(ByteBuf::from);
    Ok(RawKeys {
        ecdsa: key(KeyKind::Ecdsa)?,
        bip340: key(KeyKind::Bip340)?,
        ed25519: key(KeyKind::Ed25519)?,
    })
}
