//! The second look at a transaction, just before it is signed.
//!
//! - What it does: reads the message's bytes again, and decides from them alone whether they do what was approved and nothing else. It shares with planning
//!   the addresses that are derived, and no instruction.
//! - In: a plan, perhaps a stored one; the approved payment; the account's address, derived anew; what earlier transactions have cost. Out: nothing,
//!   or the first mismatch.

use super::amount::{Lamports, UnitPrice, Units};
use super::derive::{NONCE_SEED, associated, nonce_account};
use super::error::Mismatch;
use super::instruction::Instruction;
use super::message::{Blockhash, MAX_TRANSACTION, Message};
use super::payment::{Payment, What};
use super::plan::Plan;
use super::program::{ASSOCIATED, COMPUTE_BUDGET, SYSTEM};
use crate::account::solana::SolanaAddress;

/// A signature, and their number.
const SIGNATURES: usize = 65;

impl Plan {
    /// Checks that it pays exactly what was approved, once, out of this account, and for no more than was approved.
    ///
    /// # Errors
    /// The first thing in which it differs.
    pub fn check_payment(
        &self,
        payment: &Payment,
        own: &SolanaAddress,
        nonce: &Blockhash,
        before: Lamports,
    ) -> Result<(), Mismatch> {
        let acts = self.acts(own, nonce)?;
        let [advance, limit, price, acts @ ..] = &acts[..] else {
            return Err(Mismatch::Nonce);
        };
        let spends = is(advance, &SYSTEM, &[4, 0, 0, 0])
            && named(advance).first() == Some(&nonce_account(own))
            && named(advance).get(2) == Some(own);
        spends.then_some(()).ok_or(Mismatch::Nonce)?;
        self.check_fee(limit, price, payment.price())?;
        let rent = match (payment.what(), acts) {
            (What::Sol { to, lamports }, [transfer]) => {
                pays_sol(transfer, own, to, *lamports)?;
                false
            }
            (What::Token { .. }, [transfer]) => {
                pays_token(transfer, payment, own)?;
                false
            }
            (What::Token { .. }, [create, transfer]) => {
                creates(create, payment, own)?;
                pays_token(transfer, payment, own)?;
                true
            }
            _ => return Err(Mismatch::Act),
        };
        let without = self.rent == Lamports::ZERO;
        (rent || without).then_some(()).ok_or(Mismatch::Fee)?;
        self.check_cap(payment, before)
    }

    /// Checks that it opens the account's nonce account, for the account and with the planned rent, and does nothing else.
    ///
    /// # Errors
    /// The first thing in which it differs.
    pub fn check_opening(
        &self,
        payment: &Payment,
        own: &SolanaAddress,
        recent: &Blockhash,
        before: Lamports,
    ) -> Result<(), Mismatch> {
        let acts = self.acts(own, recent)?;
        let [limit, price, transfer, allocate, initialize] = &acts[..] else {
            return Err(Mismatch::Act);
        };
        self.check_fee(limit, price, payment.price())?;
        let nonce = nonce_account(own);
        pays_sol(transfer, own, &nonce, self.rent)?;
        let mut room = [&[9, 0, 0, 0][..], own.bytes()].concat();
        room.extend((NONCE_SEED.len() as u64).to_le_bytes());
        room.extend(NONCE_SEED.bytes());
        room.extend(80_u64.to_le_bytes());
        room.extend(SYSTEM.bytes());
        let allocates = is(allocate, &SYSTEM, &room) && named(allocate) == [nonce, *own];
        let owner = [&[6, 0, 0, 0][..], own.bytes()].concat();
        let opens = is(initialize, &SYSTEM, &owner) && named(initialize).first() == Some(&nonce);
        (allocates && opens).then_some(()).ok_or(Mismatch::Act)?;
        self.check_cap(payment, before)
    }

    /// What the message does, if the account alone signs and pays, and the message names this hash or nonce.
    fn acts(&self, own: &SolanaAddress, recent: &Blockhash) -> Result<Vec<Instruction>, Mismatch> {
        if self.message.len() + SIGNATURES > MAX_TRANSACTION {
            return Err(Mismatch::Unreadable);
        }
        let message = Message::read(&self.message).ok_or(Mismatch::Unreadable)?;
        if message.payer() != Some(*own) || message.signers() != 1 {
            return Err(Mismatch::Payer);
        }
        if message.recent != *recent {
            return Err(Mismatch::Nonce);
        }
        message.instructions().ok_or(Mismatch::Unreadable)
    }

    fn check_fee(
        &self,
        limit: &Instruction,
        price: &Instruction,
        wanted: UnitPrice,
    ) -> Result<(), Mismatch> {
        let (Some((2, limit)), Some((3, price))) = (budget(limit), budget(price)) else {
            return Err(Mismatch::Fee);
        };
        let limit = limit.try_into().map(u32::from_le_bytes);
        let price = price.try_into().map(u64::from_le_bytes).map(UnitPrice);
        match (limit, price) {
            (Ok(limit), Ok(price)) if price == wanted && price.fee(Units(limit)) == self.fee => {
                Ok(())
            }
            _ => Err(Mismatch::Fee),
        }
    }

    fn check_cap(&self, payment: &Payment, before: Lamports) -> Result<(), Mismatch> {
        match before.plus(self.cost()) <= payment.max_fee() {
            true => Ok(()),
            false => Err(Mismatch::AboveCap),
        }
    }
}

fn named(act: &Instruction) -> Vec<SolanaAddress> {
    act.accounts.iter().map(|account| account.address).collect()
}

fn is(act: &Instruction, program: &SolanaAddress, data: &[u8]) -> bool {
    act.program == *program && act.data == data
}

/// The function of the compute budget program, and its argument.
fn budget(act: &Instruction) -> Option<(u8, &[u8])> {
    let (function, argument) = act.data.split_first()?;
    (act.program == COMPUTE_BUDGET).then_some((*function, argument))
}

fn pays_sol(
    act: &Instruction,
    own: &SolanaAddress,
    to: &SolanaAddress,
    lamports: Lamports,
) -> Result<(), Mismatch> {
    let data = [&[2, 0, 0, 0][..], &lamports.0.to_le_bytes()].concat();
    let pays = is(act, &SYSTEM, &data) && named(act) == [*own, *to];
    pays.then_some(()).ok_or(Mismatch::Act)
}

fn pays_token(act: &Instruction, payment: &Payment, own: &SolanaAddress) -> Result<(), Mismatch> {
    let What::Token {
        mint,
        program,
        to,
        amount,
        decimals,
    } = payment.what()
    else {
        return Err(Mismatch::Act);
    };
    let data = [&[12][..], &amount.to_le_bytes(), &[*decimals]].concat();
    let [from, into] = [own, to].map(|owner| associated(owner, *program, mint));
    let pays = is(act, &program.address(), &data) && named(act) == [from, *mint, into, *own];
    pays.then_some(()).ok_or(Mismatch::Act)
}

fn creates(act: &Instruction, payment: &Payment, own: &SolanaAddress) -> Result<(), Mismatch> {
    let What::Token {
        mint, program, to, ..
    } = payment.what()
    else {
        return Err(Mismatch::Act);
    };
    let accounts = [
        *own,
        associated(to, *program, mint),
        *to,
        *mint,
        SYSTEM,
        program.address(),
    ];
    let creates = is(act, &ASSOCIATED, &[1]) && named(act) == accounts;
    creates.then_some(()).ok_or(Mismatch::Act)
}
