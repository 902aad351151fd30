//! What only a development chain does: `requestAirdrop`, and our own `dev_advance`, `dev_skip`, `dev_createMint`, `dev_mint`.

use crate::chain::{Chain, Commitment, FaucetError};
use crate::rpc::Fault;
use crate::rpc::params::Params;
use serde_json::{Value, json};

/// Slots that one request may let pass.
const MAX_SLOTS: u64 = 10_000;

impl From<FaucetError> for Fault {
    fn from(error: FaucetError) -> Self {
        Self::internal(error.to_string())
    }
}

/// `[address, lamports]`: the signature.
pub(super) fn airdrop(chain: &mut Chain, params: &Params) -> Result<Value, Fault> {
    let signature = chain.airdrop(&params.pubkey(0)?, params.number(1)?)?;
    Ok(json!(signature.to_string()))
}

/// `[slots]`: the slot that is then open.
pub(super) fn advance(chain: &mut Chain, params: &Params) -> Result<Value, Fault> {
    let slots = params.number(0)?;
    if slots > MAX_SLOTS {
        return Err(Fault::params(format!("at most {MAX_SLOTS} slots")));
    }
    chain.advance(slots);
    Ok(json!(chain.slot(Commitment::Processed)))
}

/// `[]`: the slot that is then open; the one before has no block.
pub(super) fn skip(chain: &mut Chain) -> Result<Value, Fault> {
    chain.skip();
    Ok(json!(chain.slot(Commitment::Processed)))
}

/// `[number, decimals]`: the mint.
pub(super) fn create_mint(chain: &mut Chain, params: &Params) -> Result<Value, Fault> {
    let decimals = u8::try_from(params.number(1)?);
    let decimals = decimals.map_err(|_| Fault::params("at most 255 decimals"))?;
    let mint = chain.create_mint(params.number(0)?, decimals)?;
    Ok(json!(mint.to_string()))
}

/// `[mint, owner, amount]`: the owner's associated account.
pub(super) fn mint(chain: &mut Chain, params: &Params) -> Result<Value, Fault> {
    let account = chain.mint(&params.pubkey(0)?, &params.pubkey(1)?, params.number(2)?)?;
    Ok(json!(account.to_string()))
}
