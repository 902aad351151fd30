//! The kernel: Bitcoin Core's block validation and script interpreter, through the crate `bitcoinkernel`.
//!
//! - In: blocks and transactions of the library `bitcoin`, passed on as bytes. Out: the active chain, verdicts.
//! - The kernel says "new block" of an invalid one too, so its answer is not asked: only the chain counts.
//! - Databases are in memory, block files in a temporary folder; both go with the value.

use crate::bitcoin::error::ChainError;
use bitcoin::hashes::Hash;
use bitcoin::{Block, BlockHash, Transaction, TxOut};
use bitcoinkernel::prelude::*;
use bitcoinkernel::{
    ChainType, ChainstateManager, Context, ContextBuilder, KernelError, PrecomputedTransactionData,
    ScriptPubkey, TxCheckResult, VERIFY_ALL, ValidationMode,
};
use std::sync::{Arc, Mutex, Once, PoisonError};
use tempfile::TempDir;

/// What the kernel said of the last block that it checked as a whole.
type LastVerdict = Arc<Mutex<Option<String>>>;

/// An open kernel. The order of the fields is that in which they must go.
pub(super) struct Kernel {
    chainstate: ChainstateManager,
    _context: Context,
    _folder: TempDir,
    verdict: LastVerdict,
}

impl Kernel {
    /// A new chain with regtest's rules.
    pub(super) fn open() -> Result<Self, ChainError> {
        // Without a listener the kernel collects its log in memory.
        static SILENCE: Once = Once::new();
        SILENCE.call_once(bitcoinkernel::disable_logging);
        let folder = tempfile::Builder::new().prefix("regtest-").tempdir()?;
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let (context, verdict) = context()?;
        let chainstate = ChainstateManager::builder(&context, &path("data"), &path("data/blocks"))?
            .block_tree_db_in_memory(true)
            .chainstate_db_in_memory(true)
            .worker_threads(0)
            .build()?;
        chainstate.import_blocks()?;
        Ok(Self {
            chainstate,
            _context: context,
            _folder: folder,
            verdict,
        })
    }

    /// Hands a block over and answers what was said about it, for people; whether it was accepted is seen from the chain.
    pub(super) fn process(&self, block: &Block) -> Result<String, ChainError> {
        *self.verdict.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let bytes = bitcoin::consensus::serialize(block);
        let result = self
            .chainstate
            .process_block(&bitcoinkernel::Block::new(&bytes)?);
        let verdict = self.verdict.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(verdict.clone().unwrap_or_else(|| format!("{result:?}")))
    }

    /// The height of the active chain.
    pub(super) fn height(&self) -> u32 {
        u32::try_from(self.chainstate.active_chain().height()).unwrap_or_default()
    }

    /// The hash of a block of the active chain.
    pub(super) fn hash_at(&self, height: u32) -> Result<BlockHash, ChainError> {
        let entry = self.chainstate.active_chain().at_height(height as usize);
        let entry = entry.ok_or(KernelError::OutOfBounds)?;
        Ok(BlockHash::from_byte_array(entry.block_hash().to_bytes()))
    }

    /// A block of the active chain, from the kernel's files.
    pub(super) fn block_at(&self, height: u32) -> Result<Block, ChainError> {
        let entry = self.chainstate.active_chain().at_height(height as usize);
        let entry = entry.ok_or(KernelError::OutOfBounds)?;
        let bytes = self
            .chainstate
            .read_block_data(&entry)?
            .consensus_encode()?;
        Ok(bitcoin::consensus::deserialize(&bytes)?)
    }
}

fn context() -> Result<(Context, LastVerdict), KernelError> {
    let verdict = LastVerdict::default();
    let heard = Arc::clone(&verdict);
    let context = ContextBuilder::new()
        .chain_type(ChainType::Regtest)
        .with_block_checked_validation(
            move |_: bitcoinkernel::Block, state: bitcoinkernel::BlockValidationStateRef<'_>| {
                let text = match state.mode() {
                    ValidationMode::Valid => "valid".to_owned(),
                    mode => format!("{mode:?}, {:?}", state.result()),
                };
                *heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
            },
        )
        .build()?;
    Ok((context, verdict))
}

/// Whether Bitcoin Core's checks without context find nothing: sizes, values, inputs named twice.
pub(super) fn well_formed(transaction: &Transaction) -> bool {
    let bytes = bitcoin::consensus::serialize(transaction);
    let transaction = bitcoinkernel::Transaction::new(&bytes);
    transaction.is_ok_and(|transaction| transaction.check() == TxCheckResult::Valid)
}

/// The first input whose script is not satisfied, with all rules of consensus; `spent` has one output for each input.
pub(super) fn unsatisfied_input(
    transaction: &Transaction,
    spent: &[TxOut],
) -> Result<Option<usize>, KernelError> {
    let bytes = bitcoin::consensus::serialize(transaction);
    let transaction = bitcoinkernel::Transaction::new(&bytes)?;
    let outputs = spent.iter().map(kernel_output);
    let outputs = outputs.collect::<Result<Vec<_>, KernelError>>()?;
    let data = PrecomputedTransactionData::new(&transaction, &outputs)?;
    Ok(outputs.iter().enumerate().find_map(|(input, output)| {
        let (script, value) = (output.script_pubkey(), Some(output.value()));
        let flags = Some(VERIFY_ALL);
        let verified = bitcoinkernel::verify(&script, value, &transaction, input, flags, &data);
        verified.err().map(|_| input)
    }))
}

fn kernel_output(output: &TxOut) -> Result<bitcoinkernel::TxOut, KernelError> {
    let script = ScriptPubkey::new(output.script_pubkey.as_bytes())?;
    let value = i64::try_from(output.value.to_sat()).map_err(|_| KernelError::OutOfBounds)?;
    Ok(bitcoinkernel::TxOut::new(&script, value))
}
