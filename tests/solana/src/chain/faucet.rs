//! What people and tests ask of a development chain and nobody gives on a real one: lamports and tokens for nothing.
//!
//! - Each gift is an ordinary transaction, signed by the faucet's key, which is public: it is made of a constant.

use crate::chain::{Chain, Commitment, Refused};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_message::{Message, VersionedMessage};
use solana_program_pack::Pack;
use solana_pubkey::Pubkey;
use solana_signature::Signature;
use solana_signer::Signer;
use solana_system_interface::instruction::{create_account, transfer};
use solana_transaction::versioned::VersionedTransaction;
use spl_associated_token_account_interface::address::get_associated_token_address;
use spl_associated_token_account_interface::instruction::create_associated_token_account_idempotent;
use spl_token_interface::state::Mint;
use thiserror::Error;

const SEED: [u8; 32] = *b"the faucet of a development net!";
/// Half of all lamports that 64 bits can count.
const ENDOWMENT: u64 = u64::MAX / 2;
const MEMO: Pubkey = Pubkey::from_str_const("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");

/// Why the faucet gives nothing.
#[derive(Error, Clone, Debug, PartialEq, Eq)]
pub enum FaucetError {
    /// Its transaction was dropped.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Its transaction failed.
    #[error("the faucet's transaction failed: {0}")]
    Failed(solana_transaction_error::TransactionError),
}

pub(super) fn keypair() -> Keypair {
    Keypair::new_from_array(SEED)
}

impl Chain {
    pub(super) fn endow_faucet(&mut self) {
        let account = Account::new(ENDOWMENT, 0, &solana_system_interface::program::ID);
        let set = self.vm.set_account(self.faucet.pubkey(), account);
        set.expect("the faucet is no program");
    }

    /// Gives lamports.
    ///
    /// # Errors
    /// The gift is too small for an account to exist, or the faucet is empty.
    pub fn airdrop(&mut self, to: &Pubkey, lamports: u64) -> Result<Signature, FaucetError> {
        let gift = transfer(&self.faucet.pubkey(), to, lamports);
        self.give(&[gift], &[])
    }

    /// Makes a token, which only the faucet mints; `number` tells it from others.
    ///
    /// # Errors
    /// There is one of that number.
    pub fn create_mint(&mut self, number: u64, decimals: u8) -> Result<Pubkey, FaucetError> {
        let mint = mint_keypair(number);
        let faucet = self.faucet.pubkey();
        let program = spl_token_interface::id();
        let (rent, size) = (self.rent_exemption(Mint::LEN), Mint::LEN as u64);
        let instructions = [
            create_account(&faucet, &mint.pubkey(), rent, size, &program),
            spl_token_interface::instruction::initialize_mint2(
                &program,
                &mint.pubkey(),
                &faucet,
                None,
                decimals,
            )
            .expect("the token program's own id"),
        ];
        self.give(&instructions, &[&mint])?;
        Ok(mint.pubkey())
    }

    /// Mints tokens to the associated account of `owner`, and makes the account if there is none. Answers the account.
    ///
    /// # Errors
    /// The mint is not the faucet's.
    pub fn mint(
        &mut self,
        mint: &Pubkey,
        owner: &Pubkey,
        amount: u64,
    ) -> Result<Pubkey, FaucetError> {
        let faucet = self.faucet.pubkey();
        let program = spl_token_interface::id();
        let account = get_associated_token_address(owner, mint);
        let instructions = [
            create_associated_token_account_idempotent(&faucet, owner, mint, &program),
            spl_token_interface::instruction::mint_to(
                &program,
                mint,
                &account,
                &faucet,
                &[],
                amount,
            )
            .expect("the token program's own id"),
        ];
        self.give(&instructions, &[])?;
        Ok(account)
    }

    fn give(
        &mut self,
        instructions: &[Instruction],
        others: &[&Keypair],
    ) -> Result<Signature, FaucetError> {
        self.gifts += 1;
        let number = Instruction {
            program_id: MEMO,
            accounts: Vec::new(),
            data: format!("gift {}", self.gifts).into_bytes(),
        };
        let instructions = [instructions, &[number]].concat();
        let blockhash = self.blockhash(Commitment::Processed);
        let payer = self.faucet.pubkey();
        let message = Message::new_with_blockhash(&instructions, Some(&payer), &blockhash);
        let signers: Vec<&Keypair> = [&self.faucet]
            .into_iter()
            .chain(others.iter().copied())
            .collect();
        let transaction =
            VersionedTransaction::try_new(VersionedMessage::Legacy(message), &signers)
                .expect("all keys are here");
        let signature = transaction.signatures[0];
        let given = self.submit(transaction)?;
        given.outcome.clone().map_err(FaucetError::Failed)?;
        Ok(signature)
    }
}

fn mint_keypair(number: u64) -> Keypair {
    let seed =
        solana_sha256_hasher::hashv(&[b"a mint of a development net", &number.to_le_bytes()]);
    Keypair::new_from_array(seed.to_bytes())
}
