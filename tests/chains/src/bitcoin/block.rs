//! Making blocks: which transactions come in, the coinbase, the commitments, the proof of work.
//!
//! - Sources: BIP-34 (height in the coinbase), BIP-141 (commitment to witnesses), the parameters of regtest: 50 coins, halved every
//!   150 blocks, and a target that every second hash meets.
//! - In: the mempool; the parent's hash, a time, where the reward goes. Out: a block that the kernel should accept.

use crate::bitcoin::index::Index;
use crate::bitcoin::mempool::Mempool;
use bitcoin::absolute::LockTime;
use bitcoin::block::{Header, Version};
use bitcoin::hashes::Hash;
use bitcoin::opcodes::all::OP_RETURN;
use bitcoin::script::Builder;
use bitcoin::{
    Amount, Block, BlockHash, CompactTarget, OutPoint, Script, ScriptBuf, Sequence, Transaction,
    TxIn, TxMerkleNode, TxOut, Weight, Witness, transaction,
};

/// The easiest target there is; regtest never makes it harder.
const TARGET: u32 = 0x207f_ffff;
/// The subsidy of the first blocks, in satoshis.
const SUBSIDY: u64 = 50 * 100_000_000;
/// Blocks between halvings.
const HALVING: u32 = 150;
/// What transactions may weigh together; the rest of the 4 000 000 is for the header and the coinbase.
const MAX_WEIGHT: Weight = Weight::from_wu(3_990_000);
/// What their signature operations may cost together; the coinbase's are the rest of the 80 000.
const MAX_SIGOPS: usize = 79_000;
/// What comes before the hash in an output that commits to witnesses (BIP-141).
const COMMITMENT_TAG: [u8; 4] = [0xaa, 0x21, 0xa9, 0xed];
/// The only input of a coinbase carries this value.
const RESERVED: [u8; 32] = [0; 32];

/// The transactions of the next block, in the order in which they came, as many as fit, and their fees.
pub(super) fn select(mempool: &Mempool, index: &Index) -> (Vec<Transaction>, Amount) {
    let (mut chosen, mut fees) = (Vec::new(), Amount::ZERO);
    let (mut weight, mut sigops) = (Weight::ZERO, 0);
    for entry in mempool.in_order() {
        weight += entry.transaction.weight();
        sigops += entry.transaction.total_sigop_cost(|outpoint| {
            let confirmed = index.output(outpoint).map(|output| &output.output);
            confirmed.or_else(|| mempool.output(outpoint)).cloned()
        });
        // Not the one that fits but the first that does not ends the block: no child comes without its parent.
        if weight > MAX_WEIGHT || sigops > MAX_SIGOPS {
            break;
        }
        fees += entry.fee;
        chosen.push(entry.transaction.clone());
    }
    (chosen, fees)
}

/// The coinbase of the block at `height`: subsidy and fees go to `to`. `extra_nonce` makes it unlike any other.
pub(super) fn coinbase(height: u32, extra_nonce: u64, fees: Amount, to: &Script) -> Transaction {
    let subsidy = SUBSIDY.checked_shr(height / HALVING).unwrap_or(0);
    let height_and_nonce = Builder::new()
        .push_int(i64::from(height))
        .push_slice(extra_nonce.to_le_bytes());
    Transaction {
        version: transaction::Version::TWO,
        lock_time: LockTime::ZERO,
        input: vec![TxIn {
            previous_output: OutPoint::null(),
            script_sig: height_and_nonce.into_script(),
            sequence: Sequence::MAX,
            witness: Witness::from_slice(&[RESERVED]),
        }],
        output: vec![TxOut {
            value: fees + Amount::from_sat(subsidy),
            script_pubkey: to.to_owned(),
        }],
    }
}

/// A block with its commitments and its proof of work.
pub(super) fn assemble(
    parent: BlockHash,
    time: u32,
    coinbase: Transaction,
    transactions: Vec<Transaction>,
) -> Block {
    let mut block = Block {
        header: Header {
            version: Version::NO_SOFT_FORK_SIGNALLING,
            prev_blockhash: parent,
            merkle_root: TxMerkleNode::all_zeros(),
            time,
            bits: CompactTarget::from_consensus(TARGET),
            nonce: 0,
        },
        txdata: std::iter::once(coinbase).chain(transactions).collect(),
    };
    commit(&mut block);
    work(&mut block);
    block
}

/// Makes the coinbase commit to the witnesses (BIP-141) and the header to all transactions. Proof of work is needed after it.
///
/// # Panics
/// The block has no coinbase.
pub fn commit(block: &mut Block) {
    let root = block.witness_root().expect("a block has a coinbase");
    let commitment = Block::compute_witness_commitment(&root, &RESERVED);
    let mut data = [0; 36];
    data[..4].copy_from_slice(&COMMITMENT_TAG);
    data[4..].copy_from_slice(commitment.as_ref());
    let script = Builder::new().push_opcode(OP_RETURN).push_slice(data);
    let outputs = &mut block.txdata[0].output;
    outputs.truncate(1);
    outputs.push(commitment_output(script.into_script()));
    block.header.merkle_root = block.compute_merkle_root().expect("a block has a coinbase");
}

fn commitment_output(script_pubkey: ScriptBuf) -> TxOut {
    TxOut {
        value: Amount::ZERO,
        script_pubkey,
    }
}

/// Looks for a nonce that meets the target in the header.
///
/// # Panics
/// None of them does; on regtest, every second one does.
pub fn work(block: &mut Block) {
    let target = block.header.target();
    let found = (0..=u32::MAX).any(|nonce| {
        block.header.nonce = nonce;
        block.header.validate_pow(target).is_ok()
    });
    assert!(found, "no nonce meets the target");
}
