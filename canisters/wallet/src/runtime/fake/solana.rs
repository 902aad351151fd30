//! The fake Solana: accounts, the programs that the wallet uses, a pool of transactions that waits, and finality when the test wants it.
//!
//! - Another reader than the wallet's own reads what is broadcast (`chain::solana::tests::wire`), and every signature is verified.
//! - As on the chain, a transaction that fails costs its fee and spends its nonce; one with a spent nonce or an old block hash never lands.
//! - Left out: limits of compute units and sizes, rents of accounts other than those that are created.

use super::super::{Charged, Silence, Solana, SolanaBlock, SolanaSending, SolanaStatus};
use super::{FakeOutside, Fate};
use crate::account::solana::SolanaAddress;
use crate::chain::solana::tests::stage;
use crate::chain::solana::tests::wire::{self, Call, Wire};
use crate::chain::solana::{Account, Blockhash, Lamports, TokenProgram, TransactionId};
use canister_kit::Environment;
use canister_kit::encoding::Cycles;
use ed25519_dalek::{Signature, VerifyingKey};
use std::collections::BTreeMap;

type Accounts = BTreeMap<SolanaAddress, Account>;

/// Why a transaction does not land.
#[derive(Debug)]
struct Never;

/// A chain.
pub struct FakeSolana {
    /// After all blocks.
    pub newest: Accounts,
    /// After those that are final.
    pub last: Accounts,
    /// How many blocks there are.
    pub height: u64,
    /// Transactions that wait.
    pub pool: Vec<Wire>,
    /// Everything that was ever broadcast.
    pub seen: Vec<Wire>,
    /// What became of transactions.
    pub statuses: BTreeMap<TransactionId, SolanaStatus>,
    /// Whether its providers tell different things.
    pub disagrees: bool,
}

impl Default for FakeSolana {
    fn default() -> Self {
        let rent = SolanaAddress::parse("SysvarRent111111111111111111111111111111111").unwrap();
        let accounts: Accounts = [(rent, stage::rent())].into();
        Self {
            newest: accounts.clone(),
            last: accounts,
            height: 1_000,
            pool: Vec::new(),
            seen: Vec::new(),
            statuses: BTreeMap::new(),
            disagrees: false,
        }
    }
}

fn hash(height: u64) -> [u8; 32] {
    let mut hash = [0xbb; 32];
    hash[..8].copy_from_slice(&height.to_be_bytes());
    hash
}

fn number(data: &[u8], from: usize) -> u64 {
    u64::from_le_bytes(data[from..from + 8].try_into().unwrap())
}

fn demand(holds: bool) -> Result<(), Never> {
    holds.then_some(()).ok_or(Never)
}

impl FakeSolana {
    /// Puts an account on the chain.
    pub fn put(&mut self, address: SolanaAddress, account: Account) {
        self.newest.insert(address, account.clone());
        self.last.insert(address, account);
    }

    /// What an address has.
    pub fn lamports(&self, address: &SolanaAddress) -> u64 {
        self.newest.get(address).map_or(0, |it| it.lamports.0)
    }

    /// What a token account has.
    pub fn tokens(&self, address: &SolanaAddress) -> u64 {
        self.newest
            .get(address)
            .map_or(0, |it| number(&it.data, 64))
    }

    /// Everything that waits lands, as far as it can.
    pub fn land(&mut self) {
        for wire in std::mem::take(&mut self.pool) {
            let id = TransactionId(wire.signatures[0]);
            if self.statuses.contains_key(&id) {
                continue;
            }
            let mut after = self.newest.clone();
            let landed = self.run(&mut after, &wire);
            self.height += 1;
            let Ok(succeeded) = landed else {
                continue;
            };
            self.newest = after;
            let status = SolanaStatus {
                slot: self.height,
                succeeded,
                finalized: false,
            };
            self.statuses.insert(id, status);
        }
    }

    /// Everything that has landed becomes final.
    pub fn finalize(&mut self) {
        self.height += 32;
        self.last = self.newest.clone();
        for status in self.statuses.values_mut() {
            status.finalized = true;
        }
    }

    /// Takes a transaction.
    fn take(&mut self, bytes: &[u8], simulate: bool) -> SolanaSending {
        let wire = wire::transaction(bytes);
        assert!(bytes.len() <= 1_232);
        for (signer, signature) in wire.signers.iter().zip(&wire.signatures) {
            let key = VerifyingKey::from_bytes(signer).unwrap();
            let signature = Signature::from_bytes(signature);
            key.verify_strict(&wire.message, &signature).unwrap();
        }
        self.seen.push(wire.clone());
        let trial = self.run(&mut self.last.clone(), &wire);
        if simulate && !matches!(trial, Ok(true)) {
            let reason = "Transaction simulation failed (-32002)";
            return SolanaSending::Refused(reason.to_owned());
        }
        self.pool.push(wire);
        SolanaSending::Taken
    }

    /// What a transaction does in the next block: whether it succeeds; or that it never lands.
    fn run(&self, accounts: &mut Accounts, wire: &Wire) -> Result<bool, Never> {
        let payer = SolanaAddress::new(wire.signers[0]);
        let [advance, limit, price] = match wire.calls[0].data[..] {
            [4, 0, 0, 0] => [Some(&wire.calls[0]), wire.calls.get(1), wire.calls.get(2)],
            _ => [None, wire.calls.first(), wire.calls.get(1)],
        };
        let units = u32::from_le_bytes(limit.unwrap().data[1..5].try_into().unwrap());
        let price = number(&price.unwrap().data, 1);
        let fee = 5_000 + (u64::from(units) * price).div_ceil(1_000_000);
        pay(accounts, &payer, None, fee)?;
        match advance {
            Some(advance) => {
                let nonce = SolanaAddress::new(advance.accounts[0]);
                let account = accounts.get_mut(&nonce).ok_or(Never)?;
                demand(account.data.len() == 80 && account.data[40..72] == wire.recent)?;
                demand(account.data[8..40] == advance.accounts[2])?;
                demand(wire.signers.contains(&advance.accounts[2]))?;
                let next = hash(u64::MAX - self.height);
                account.data[40..72].copy_from_slice(&next);
            }
            None => {
                let mut recent = self.height.saturating_sub(150)..=self.height;
                demand(recent.any(|height| hash(height) == wire.recent))?;
            }
        }
        let mut after = accounts.clone();
        let succeeded = wire
            .calls
            .iter()
            .all(|call| self.call(&mut after, call, wire).is_ok());
        if succeeded {
            *accounts = after;
        }
        Ok(succeeded)
    }

    fn call(&self, accounts: &mut Accounts, call: &Call, wire: &Wire) -> Result<(), Never> {
        let named: Vec<SolanaAddress> = call
            .accounts
            .iter()
            .copied()
            .map(SolanaAddress::new)
            .collect();
        let signs = |place: usize| wire.signers.contains(&call.accounts[place]);
        let changes = |place: usize| wire.writable.contains(&call.accounts[place]);
        let program = SolanaAddress::new(call.program).to_string();
        match (&program[..8], &call.data[..]) {
            ("ComputeB", _) | ("11111111", [4, ..]) => Ok(()),
            ("11111111", [2, ..]) => {
                demand(signs(0) && changes(0) && changes(1))?;
                pay(accounts, &named[0], Some(named[1]), number(&call.data, 4))
            }
            ("11111111", [9, ..]) => {
                demand(signs(1) && changes(0))?;
                let account = accounts.get_mut(&named[0]).ok_or(Never)?;
                demand(account.data.is_empty())?;
                account.data = vec![0; number(&call.data, call.data.len() - 40) as usize];
                account.space = account.data.len() as u64;
                Ok(())
            }
            ("11111111", [6, ..]) => {
                let account = accounts.get_mut(&named[0]).ok_or(Never)?;
                demand(changes(0) && account.data == [0; 80])?;
                demand(account.lamports >= Lamports(1_447_680))?;
                let opened = stage::nonce(
                    SolanaAddress::new(call.data[4..].try_into().unwrap()),
                    hash(u64::MAX - self.height),
                );
                account.data = opened.data;
                Ok(())
            }
            ("ATokenGP", [1]) => {
                demand(signs(0) && changes(1))?;
                pay(accounts, &named[0], Some(named[1]), 2_039_280)?;
                let new = stage::tokens(program_of(named[5]), named[3], named[2], 0, &[]);
                accounts.insert(named[1], new);
                Ok(())
            }
            ("Tokenkeg" | "TokenzQd", [12, ..]) => {
                demand(signs(3) && changes(0) && changes(2))?;
                demand(accounts[&named[1]].data[44] == call.data[9])?;
                let amount = number(&call.data, 1);
                for (place, adds) in [(0, false), (2, true)] {
                    let account = accounts.get_mut(&named[place]).ok_or(Never)?;
                    demand(account.data[108] == 1)?;
                    let has = number(&account.data, 64);
                    let then = match adds {
                        true => has.checked_add(amount),
                        false => has.checked_sub(amount),
                    };
                    let then = then.ok_or(Never)?.to_le_bytes();
                    account.data[64..72].copy_from_slice(&then);
                }
                Ok(())
            }
            other => panic!("a call that the fake chain does not know: {other:?}"),
        }
    }
}

fn program_of(address: SolanaAddress) -> TokenProgram {
    let all = [TokenProgram::Token, TokenProgram::Token2022];
    all.into_iter().find(|it| it.address() == address).unwrap()
}

fn pay(
    accounts: &mut Accounts,
    from: &SolanaAddress,
    to: Option<SolanaAddress>,
    lamports: u64,
) -> Result<(), Never> {
    let payer = accounts.get_mut(from).ok_or(Never)?;
    let left = payer.lamports.0.checked_sub(lamports).ok_or(Never)?;
    payer.lamports = Lamports(left);
    if let Some(to) = to {
        let account = accounts.entry(to).or_insert_with(|| stage::plain(0));
        account.lamports = account.lamports.plus(Lamports(lamports));
    }
    Ok(())
}

impl FakeOutside {
    async fn ask_solana<T>(&self, ask: impl FnOnce(&mut FakeSolana) -> T) -> Charged<T> {
        let mut differ = self.solana.borrow().disagrees;
        // A chain's providers may tell different things, and still do what they are asked for.
        if self.fates.borrow().front() == Some(&Fate::Differ) {
            self.fates.borrow_mut().pop_front();
            differ = true;
        }
        let met = self.meet(|| ask(&mut self.solana.borrow_mut())).await;
        let answer = match differ {
            true => Err(Silence::Differ),
            false => met.map_err(Silence::Silent),
        };
        Charged {
            answer,
            cost: Cycles(1_000_000_000),
        }
    }
}

impl Solana for FakeOutside {
    async fn solana_accounts(
        &self,
        _: Environment,
        accounts: &[SolanaAddress],
        min_slot: Option<u64>,
    ) -> Charged<Vec<Option<Account>>> {
        self.ask_solana(|chain| {
            assert!(min_slot.is_none_or(|slot| slot <= chain.height));
            let accounts = accounts.iter();
            accounts.map(|it| chain.last.get(it).cloned()).collect()
        })
        .await
    }

    async fn solana_block(&self, _: Environment) -> Charged<SolanaBlock> {
        self.ask_solana(|chain| SolanaBlock {
            slot: chain.height,
            height: chain.height,
            hash: Blockhash(hash(chain.height)),
        })
        .await
    }

    async fn solana_statuses(
        &self,
        _: Environment,
        ids: &[TransactionId],
    ) -> Charged<Vec<Option<SolanaStatus>>> {
        self.ask_solana(|chain| {
            ids.iter()
                .map(|id| chain.statuses.get(id).copied())
                .collect()
        })
        .await
    }

    async fn solana_send(
        &self,
        _: Environment,
        transaction: &[u8],
        simulate: bool,
    ) -> Charged<SolanaSending> {
        self.ask_solana(|chain| chain.take(transaction, simulate))
            .await
    }
}
