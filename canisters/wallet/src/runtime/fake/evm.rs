//! The fake chains of Ethereum's kind: balances, nonces, a pool, blocks when the test wants them, and receipts. One chain for every number.
//!
//! - What is sent is read byte by byte as EIP-1559 says, its sender recovered from the signature; the pool takes a version of a transaction that is there
//!   only for a tenth more, and the blocks take an account's transactions in the order of their nonces.
//! - A call of a contract among [`FakeEvm::failing`] takes effect as a revert.

use super::super::{At, CallError, Charged, Ethereum, EvmReceipt, Place, Sending, Silence};
use super::{FakeOutside, Fate};
use crate::account::ethereum::EvmAddress;
use crate::chain::ethereum::hash::TransactionHash;
use crate::chain::ethereum::market::Market;
use crate::chain::ethereum::quantity::{ChainId, Gas, Nonce, Wei};
use crate::chain::ethereum::transaction::{Fees, RawTransaction, Transaction};
use alloy_rlp::{Decodable, Header};
use canister_kit::encoding::Cycles;
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use sha3::{Digest, Keccak256};
use std::collections::{BTreeMap, BTreeSet};

/// How far the last final block is behind the last one.
pub const DEPTH: u64 = 64;

/// What a question costs.
pub const PRICE: Cycles = Cycles(1_000_000_000);

/// A transaction as the chain sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Who pays.
    pub from: EvmAddress,
    /// By which it is known.
    pub hash: TransactionHash,
    /// What it says.
    pub raw: RawTransaction,
}

/// All chains together; the number of a chain stands in its transactions.
pub struct FakeEvm {
    /// What accounts hold.
    pub balances: BTreeMap<EvmAddress, u128>,
    /// How many transactions of an account are in blocks.
    pub counts: BTreeMap<EvmAddress, u64>,
    /// What waits.
    pub pool: BTreeMap<(EvmAddress, u64), Seen>,
    /// Everything that was ever sent.
    pub sent: Vec<Seen>,
    /// What is in blocks.
    pub mined: Vec<(Seen, u64)>,
    /// Where everything that is called fails.
    pub failing: BTreeSet<EvmAddress>,
    /// Whose receipts all providers have lost.
    pub forgotten: BTreeSet<TransactionHash>,
    /// Whose receipts do not read.
    pub unreadable: BTreeSet<TransactionHash>,
    /// What two of three providers tell of every account.
    pub lie: Option<u64>,
    /// The last block.
    pub height: u64,
    /// What the next block takes.
    pub base_fee: u128,
    /// What others pay beyond that.
    pub priority_fee: u128,
}

impl Default for FakeEvm {
    fn default() -> Self {
        Self {
            balances: BTreeMap::new(),
            counts: BTreeMap::new(),
            pool: BTreeMap::new(),
            sent: Vec::new(),
            mined: Vec::new(),
            failing: BTreeSet::new(),
            forgotten: BTreeSet::new(),
            unreadable: BTreeSet::new(),
            lie: None,
            height: 100,
            base_fee: 1_000,
            priority_fee: 100,
        }
    }
}

impl FakeEvm {
    /// Gives an account Ether.
    pub fn give(&mut self, account: EvmAddress, wei: u128) {
        *self.balances.entry(account).or_default() += wei;
    }

    fn count(&self, account: EvmAddress, at: At) -> u64 {
        let latest = self.counts.get(&account).copied().unwrap_or(0);
        match at {
            At::Latest => latest,
            At::Pending => (latest..)
                .find(|nonce| !self.pool.contains_key(&(account, *nonce)))
                .unwrap_or(latest),
            At::Finalized => {
                let later = self
                    .mined
                    .iter()
                    .filter(|(seen, block)| seen.from == account && *block > self.finalized());
                latest - later.count() as u64
            }
        }
    }

    /// The last final block.
    pub fn finalized(&self) -> u64 {
        self.height.saturating_sub(DEPTH)
    }

    /// Takes a transaction as a node does.
    pub fn send(&mut self, bytes: &[u8]) -> Result<Sending, Silence> {
        let seen = read(bytes);
        self.sent.push(seen.clone());
        let nonce = seen.raw.nonce.0;
        if nonce < self.count(seen.from, At::Latest) {
            return Ok(Sending::NonceTooLow);
        }
        let place = (seen.from, nonce);
        if let Some(waiting) = self.pool.get(&place) {
            if waiting.hash == seen.hash {
                return Ok(Sending::Taken);
            }
            let (old, new) = (waiting.raw.fees, seen.raw.fees);
            let more = |old: Wei, new: Wei| new.0 * 10 >= old.0 * 11 && new > old;
            if !more(old.max_fee_per_gas, new.max_fee_per_gas)
                || !more(old.max_priority_fee_per_gas, new.max_priority_fee_per_gas)
            {
                let error = CallError::new(0, "replacement transaction underpriced (-32000)");
                return Err(Silence::Silent(error));
            }
        }
        let cost = Transaction::check(seen.raw.clone()).unwrap().maximum_cost();
        if cost.0 > self.balances.get(&seen.from).copied().unwrap_or(0) {
            return Ok(Sending::InsufficientFunds);
        }
        self.pool.insert(place, seen);
        Ok(Sending::Taken)
    }

    /// Mines blocks, the first one with all that can be in it.
    pub fn mine(&mut self, blocks: u64) {
        self.height += 1;
        while let Some(place) = self.next() {
            if let Some(seen) = self.pool.remove(&place) {
                self.put(seen);
            }
        }
        self.height += blocks - 1;
    }

    /// Puts one transaction into a block of its own, whatever else waits for its place.
    pub fn mine_only(&mut self, seen: Seen) {
        self.height += 1;
        self.pool.remove(&(seen.from, seen.raw.nonce.0));
        self.put(seen);
    }

    fn next(&self) -> Option<(EvmAddress, u64)> {
        let pays = |seen: &Seen| seen.raw.fees.max_fee_per_gas.0 >= self.base_fee;
        self.pool
            .iter()
            .find(|((from, nonce), seen)| *nonce == self.count(*from, At::Latest) && pays(seen))
            .map(|(place, _)| *place)
    }

    fn put(&mut self, seen: Seen) {
        *self.counts.entry(seen.from).or_default() += 1;
        let fee = 21_000 * self.base_fee;
        let reverted = self.failing.contains(&seen.raw.to);
        let value = if reverted { 0 } else { seen.raw.value.0 };
        let own = self.balances.entry(seen.from).or_default();
        *own = own.saturating_sub(fee + value);
        *self.balances.entry(seen.raw.to).or_default() += value;
        self.mined.push((seen, self.height));
    }

    fn told_receipt(&self, hash: TransactionHash) -> Result<Option<EvmReceipt>, Silence> {
        match self.unreadable.contains(&hash) {
            true => Err(Silence::Silent(CallError::new(0, "too long"))),
            false => Ok(self.receipt(hash)),
        }
    }

    fn receipt(&self, hash: TransactionHash) -> Option<EvmReceipt> {
        let (seen, block) = self.mined.iter().find(|(seen, _)| seen.hash == hash)?;
        if self.forgotten.contains(&hash) {
            return None;
        }
        Some(EvmReceipt {
            block: *block,
            succeeded: !self.failing.contains(&seen.raw.to),
            fee: Wei(21_000 * self.base_fee),
        })
    }
}

/// Reads a signed transaction: the nine fields, and the signature from which its sender is recovered.
fn read(bytes: &[u8]) -> Seen {
    let (kind, mut rest) = bytes.split_first().unwrap();
    assert_eq!(*kind, 2);
    let head = Header::decode(&mut rest).unwrap();
    assert!(head.list && head.payload_length == rest.len());
    let mut number = || u128::decode(&mut rest).unwrap();
    let [chain, nonce, priority, maximum, gas] = std::array::from_fn(|_| number());
    let to: [u8; 20] = Decodable::decode(&mut rest).unwrap();
    let value = u128::decode(&mut rest).unwrap();
    let data = Header::decode_bytes(&mut rest, false).unwrap().to_vec();
    let access = Header::decode_bytes(&mut rest, true).unwrap();
    assert!(access.is_empty());
    let odd = u8::decode(&mut rest).unwrap();
    let mut word = || {
        let short = Header::decode_bytes(&mut rest, false).unwrap();
        let mut word = [0; 32];
        word[32 - short.len()..].copy_from_slice(short);
        word
    };
    let (r, s) = (word(), word());
    assert!(rest.is_empty());
    let raw = RawTransaction {
        chain_id: ChainId(chain as u64),
        nonce: Nonce(nonce as u64),
        fees: Fees {
            max_priority_fee_per_gas: Wei(priority),
            max_fee_per_gas: Wei(maximum),
        },
        gas_limit: Gas(gas as u64),
        to: EvmAddress::new(to),
        value: Wei(value),
        data,
    };
    let hash = Transaction::check(raw.clone()).unwrap().signing_hash();
    let signature = Signature::from_scalars(r, s).unwrap();
    let parity = RecoveryId::new(odd == 1, false);
    let key = VerifyingKey::recover_from_prehash(&hash.0, &signature, parity).unwrap();
    Seen {
        from: EvmAddress::of(&key.to_sec1_bytes()).unwrap(),
        hash: TransactionHash(Keccak256::digest(bytes).into()),
        raw,
    }
}

impl FakeOutside {
    /// A question to a chain, as fate wants it.
    async fn ask_evm<T>(
        &self,
        effect: impl FnOnce(&mut FakeEvm) -> Result<T, Silence>,
    ) -> Charged<T> {
        let differ = self.fates.borrow().front() == Some(&Fate::Differ);
        let answer = match differ {
            true => {
                self.fates.borrow_mut().pop_front();
                // Some provider has done what was asked.
                effect(&mut self.evm.borrow_mut()).and(Err(Silence::Differ))
            }
            false => match self.meet(|| effect(&mut self.evm.borrow_mut())).await {
                Ok(answer) => answer,
                Err(error) => Err(Silence::Silent(error)),
            },
        };
        Charged {
            answer,
            cost: PRICE,
        }
    }
}

impl Ethereum for FakeOutside {
    async fn evm_count(&self, _: Place, account: EvmAddress, at: At) -> Charged<u64> {
        self.ask_evm(|chain| Ok(chain.lie.unwrap_or_else(|| chain.count(account, at))))
            .await
    }

    async fn evm_count_by_all(&self, _: Place, account: EvmAddress) -> Charged<u64> {
        self.ask_evm(|chain| match chain.lie {
            Some(_) => Err(Silence::Differ),
            None => Ok(chain.count(account, At::Latest)),
        })
        .await
    }

    async fn evm_market(&self, _: Place) -> Charged<Market> {
        self.ask_evm(|chain| {
            Ok(Market {
                base_fee: Wei(chain.base_fee),
                priority_fee: Wei(chain.priority_fee),
            })
        })
        .await
    }

    async fn evm_finalized(&self, _: Place) -> Charged<u64> {
        self.ask_evm(|chain| Ok(chain.finalized())).await
    }

    async fn evm_send(&self, _: Place, transaction: &[u8]) -> Charged<Sending> {
        self.ask_evm(|chain| chain.send(transaction)).await
    }

    async fn evm_receipt(&self, _: Place, hash: TransactionHash) -> Charged<Option<EvmReceipt>> {
        self.ask_evm(|chain| chain.told_receipt(hash)).await
    }

    async fn evm_balance(&self, _: Place, account: EvmAddress) -> Charged<u128> {
        self.ask_evm(|chain| Ok(chain.balances.get(&account).copied().unwrap_or(0)))
            .await
    }

    async fn evm_call(&self, _: Place, _: EvmAddress, _: &[u8]) -> Charged<Vec<u8>> {
        let mut word = vec![0; 32];
        word[31] = 77;
        self.ask_evm(|_| Ok(word)).await
    }
}
