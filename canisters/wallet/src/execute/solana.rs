//! A payment on Solana between two calls: planning, perhaps opening the nonce account, signing, broadcasting, and settling.
//!
//! - What it does: asks for the accounts that the payment touches and plans. Where the nonce account is missing, the first transaction opens it, and
//!   the payment is planned only when it is there, finally. A payment spends the nonce account's value, so it does not expire, and can land once only.
//! - One proposal at a time spends an account's nonce account: its value is signed for one payment, whatever is asked how often.
//! - The opening has a block hash and expires. Only when no later block can have it, and the nonce account is still not there in a slot after that, the
//!   proposal is open again.
//! - A payment ends when a version of it is final, whether it succeeded or failed; either way the nonce is spent. Until then broadcasting it again is
//!   harmless, and is done whenever the nonce is found unspent: without the nodes' own trial, so that what cannot succeed fails on the chain and
//!   frees the nonce account.
//! - Where the nonce is spent and no version is known, one of them has landed all the same, because nobody else can spend it: the nodes' history
//!   has a gap. That is asked for [`PATIENCE`] before the proposal ends as superseded; it is never open again, and counts for limits.

use super::carrier::{Carrier, Step};
use crate::account::path::Purpose;
use crate::account::solana::SolanaAddress;
use crate::chain::solana::{
    Account, Facts, Lamports, Next, NonceState, Payment, TransactionId, nonce_account, opening,
    plan,
};
use crate::event::WalletEvent;
use crate::intent::SolanaSend;
use crate::prepare::root_keys;
use crate::proposal::{
    Plan, Proposal, Receipt, Setback, SolanaEnd, SolanaKind, SolanaVersion, SolanaWork, Stage,
};
use crate::root_key::KeyKind;
use crate::runtime::{
    CallError, Charged, Outside, SLOTS, SOLANA_CALL, Silence, SolanaBlock, SolanaSending,
    SolanaStatus,
};
use crate::signing::SigningRequest;
use crate::wallet::WalletId;
use canister_kit::Environment;
use canister_kit::encoding::{Cycles, Timestamp};
use canister_kit::stable::Memory;

/// How far above a block the last one can be that takes its hash: the chain allows 150 newer hashes, and a block takes those below it.
const VALIDITY: u64 = 151;

/// How long a transaction is looked for whose nonce is spent: an hour.
const PATIENCE: u64 = 3_600 * Timestamp::SECOND;

/// What a run asks at most: six accounts, a slot and the blocks of some, and one more.
const CALLS: u32 = 8 + SLOTS as u32;

/// What that costs at most.
pub const ASKING: Cycles = Cycles(SOLANA_CALL.0 * CALLS as u128);

/// What accounts are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// To plan a payment.
    Plan,
    /// To see whether the nonce account is there, which can be opened no more if it has expired.
    Opened {
        /// Whether.
        expired: bool,
    },
    /// To see whether the nonce is spent.
    Spent,
}

/// What a block is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// For its hash, to open the nonce account with so many lamports.
    Hash(Lamports),
    /// For its height, to see whether the opening has expired.
    Height,
}

/// A call to the SOL RPC canister.
pub enum Ask {
    /// Accounts.
    Accounts {
        /// Which.
        accounts: Vec<SolanaAddress>,
        /// As they were in this slot or later.
        min_slot: Option<u64>,
        /// What for.
        why: Why,
    },
    /// A recent block.
    Block(Use),
    /// What became of the payment.
    Statuses {
        /// Its versions.
        ids: Vec<TransactionId>,
        /// Whether its nonce is spent.
        spent: bool,
    },
    /// To broadcast a transaction.
    Send {
        /// The transaction.
        bytes: Vec<u8>,
        /// Only if it would succeed.
        simulate: bool,
    },
}

/// What a call to the SOL RPC canister brought.
pub enum Told {
    /// To [`Ask::Accounts`].
    Accounts(Why, Charged<Vec<Option<Account>>>),
    /// To [`Ask::Block`].
    Block(Use, Charged<SolanaBlock>),
    /// To [`Ask::Statuses`].
    Statuses(bool, Vec<TransactionId>, Charged<Vec<Option<SolanaStatus>>>),
    /// To [`Ask::Send`].
    Sent(Charged<SolanaSending>),
}

impl Ask {
    /// Makes the call.
    pub async fn make(self, world: &impl Outside, environment: Environment) -> Told {
        match self {
            Self::Accounts {
                accounts,
                min_slot,
                why,
            } => {
                let told = world.solana_accounts(environment, &accounts, min_slot);
                Told::Accounts(why, told.await)
            }
            Self::Block(what_for) => Told::Block(what_for, world.solana_block(environment).await),
            Self::Statuses { ids, spent } => {
                let told = world.solana_statuses(environment, &ids).await;
                Told::Statuses(spent, ids, told)
            }
            Self::Send { bytes, simulate } => {
                Told::Sent(world.solana_send(environment, &bytes, simulate).await)
            }
        }
    }
}

/// A payment with what it is for.
struct Paying {
    wallet: WalletId,
    send: SolanaSend,
    own: SolanaAddress,
}

impl Paying {
    fn payment(&self) -> &Payment {
        &self.send.payment
    }
}

impl<M: Memory, W: Outside> Carrier<'_, M, W> {
    /// The call that the stage of a payment asks for.
    pub(super) fn first_of_solana(&mut self, stage: &Stage) -> Step {
        match stage {
            Stage::Open => self.ask_to_plan(),
            Stage::Reserved(_) => {
                self.record(WalletEvent::SigningBegun { id: self.id });
                self.sign_solana()
            }
            Stage::Signing(_) => self.sign_solana(),
            Stage::Sent { .. } => self.ask_to_settle(),
            Stage::Ended(_) => Step::Rest,
        }
    }

    /// Records what follows of an answer.
    pub(super) fn after_solana(&mut self, told: Told) -> Step {
        let cost = match &told {
            Told::Accounts(_, told) => told.cost,
            Told::Block(_, told) => told.cost,
            Told::Statuses(.., told) => told.cost,
            Told::Sent(told) => told.cost,
        };
        *self.spent = self.spent.plus(cost);
        match told {
            Told::Accounts(why, told) => match told.answer {
                Ok(accounts) => self.after_accounts(why, accounts),
                Err(silence) => self.not_told(silence),
            },
            Told::Block(what_for, told) => match told.answer {
                Ok(block) => self.after_block(what_for, &block),
                Err(silence) => self.not_told(silence),
            },
            Told::Statuses(spent, ids, told) => match told.answer {
                Ok(statuses) => self.after_statuses(spent, &ids, &statuses),
                Err(silence) => self.not_told(silence),
            },
            Told::Sent(told) => self.after_sending(told.answer),
        }
    }

    fn not_told(&mut self, silence: Silence) -> Step {
        self.stop(match silence {
            Silence::Silent(error) => Setback::SolanaSilent(error),
            Silence::Differ => Setback::ProvidersDiffer,
        })
    }

    fn ask_to_plan(&mut self) -> Step {
        let Some(paying) = self.paying() else {
            return Step::Rest;
        };
        match self.nonce_in_use(&paying) {
            Some(setback) => self.stop(setback),
            None => Step::Solana(Ask::Accounts {
                accounts: paying.payment().accounts(&paying.own),
                min_slot: None,
                why: Why::Plan,
            }),
        }
    }

    fn nonce_in_use(&self, paying: &Paying) -> Option<Setback> {
        let state = self.kit.product();
        let holder = state.spends_nonce(paying.wallet, paying.send.from)?;
        let proposal = holder.number();
        (holder != self.id).then_some(Setback::NonceInUse { proposal })
    }

    fn ask_to_settle(&mut self) -> Step {
        let Some(work) = self.solana_work() else {
            return Step::Rest;
        };
        Step::Solana(match work.current.kind {
            SolanaKind::Opening { .. } => Ask::Block(Use::Height),
            SolanaKind::Payment { .. } => Ask::Statuses {
                ids: work.signed(),
                spent: false,
            },
        })
    }

    fn after_accounts(&mut self, why: Why, accounts: Vec<Option<Account>>) -> Step {
        let Some(paying) = self.paying() else {
            return Step::Rest;
        };
        if why == Why::Spent {
            return self.after_nonce(accounts.into_iter().flatten().next());
        }
        let Some(facts) = Facts::read(paying.payment(), accounts) else {
            let error = CallError::new(0, "accounts are missing");
            return self.stop(Setback::SolanaSilent(error));
        };
        match why {
            Why::Opened { expired } => self.after_opening(&paying, &facts, expired),
            Why::Plan | Why::Spent => self.after_facts_of_solana(&paying, &facts),
        }
    }

    fn after_facts_of_solana(&mut self, paying: &Paying, facts: &Facts) -> Step {
        match plan(&paying.own, paying.payment(), facts, Lamports::ZERO) {
            Err(reason) => self.stop(Setback::NotPlanned(reason.to_string())),
            Ok(Next::Open(rent)) => Step::Solana(Ask::Block(Use::Hash(rent))),
            Ok(Next::Pay(plan, nonce)) => {
                let kind = SolanaKind::Payment { nonce };
                let version = SolanaVersion::new(plan, kind, paying.payment().price());
                self.reserve_solana(paying, version)
            }
        }
    }

    fn after_block(&mut self, what_for: Use, block: &SolanaBlock) -> Step {
        let Some(paying) = self.paying() else {
            return Step::Rest;
        };
        match (what_for, self.solana_work()) {
            (Use::Hash(rent), _) => {
                let plan = opening(&paying.own, paying.payment(), rent, block.hash);
                let kind = SolanaKind::Opening {
                    recent: block.hash,
                    valid_until: block.height.saturating_add(VALIDITY),
                };
                let version = SolanaVersion::new(plan, kind, paying.payment().price());
                self.reserve_solana(&paying, version)
            }
            (Use::Height, Some(work)) => match work.current.kind {
                SolanaKind::Opening { valid_until, .. } => Step::Solana(Ask::Accounts {
                    accounts: paying.payment().accounts(&paying.own),
                    min_slot: Some(block.slot),
                    why: Why::Opened {
                        expired: block.height > valid_until,
                    },
                }),
                SolanaKind::Payment { .. } => Step::Rest,
            },
            (Use::Height, None) => Step::Rest,
        }
    }

    /// Reserves the first transaction, and the nonce account.
    fn reserve_solana(&mut self, paying: &Paying, version: SolanaVersion) -> Step {
        // Members, policy, history and reservations may have changed during the calls.
        let Some(approved) = self.approved() else {
            return Step::Rest;
        };
        if let Some(setback) = self.nonce_in_use(paying) {
            return self.stop(setback);
        }
        if let Err(mismatch) = checked(paying, &version, Lamports::ZERO) {
            return self.stop(Setback::NotPlanned(mismatch));
        }
        let signatures = match version.kind {
            SolanaKind::Opening { .. } => 2,
            SolanaKind::Payment { .. } => 1,
        };
        if let Err(required) = self.cover_solana(signatures) {
            let required = required.0;
            return self.stop(Setback::SignaturesNotCovered { required });
        }
        let work = SolanaWork::new(paying.own, version);
        self.reserve(approved, Plan::Solana(Box::new(work)))
    }

    /// Admits the caller to so many signatures.
    ///
    /// # Errors
    /// What they cost, if the caller's admission does not cover that.
    fn cover_solana(&mut self, signatures: u32) -> Result<(), Cycles> {
        let name = self.kit.config().key_name.clone();
        let fee = self.world.signature_fee(KeyKind::Ed25519, &name);
        let most = fee.unwrap_or_default().times(signatures);
        self.cover_fees(most)
    }

    fn sign_solana(&mut self) -> Step {
        let (Some(paying), Some(work)) = (self.paying(), self.solana_work()) else {
            return Step::Rest;
        };
        let message = work.current.plan.message().to_vec();
        let (wallet, index) = (paying.wallet, paying.send.from);
        let request = SigningRequest::new(wallet, Purpose::Solana, index, message);
        Step::Sign(request)
    }

    pub(super) fn after_solana_signature(
        &mut self,
        work: &SolanaWork,
        signature: Result<Vec<u8>, CallError>,
    ) -> Step {
        let signature = match signature {
            Ok(signature) => signature,
            Err(error) => return self.stop(Setback::NotSigned(error)),
        };
        match work.current.plan.assemble(&work.account, &signature) {
            Ok(signed) => {
                let (id, transaction) = (self.id, signed.id);
                self.record(WalletEvent::SolanaSigned { id, transaction });
                self.record(WalletEvent::Sent { id });
                let bytes = signed.bytes;
                let simulate = true;
                Step::Solana(Ask::Send { bytes, simulate })
            }
            Err(_) => self.stop(Setback::BadSignature),
        }
    }

    fn after_sending(&mut self, outcome: Result<SolanaSending, Silence>) -> Step {
        self.stop(match outcome {
            Ok(SolanaSending::Taken) => Setback::NotFinal,
            Ok(SolanaSending::Refused(reason)) => Setback::SolanaRefused(reason),
            Err(Silence::Silent(error)) => Setback::NotBroadcast(error),
            Err(Silence::Differ) => Setback::ProvidersDiffer,
        })
    }

    /// The accounts after an opening: the payment follows as soon as the nonce account is there.
    fn after_opening(&mut self, paying: &Paying, facts: &Facts, expired: bool) -> Step {
        let Some(work) = self.solana_work() else {
            return Step::Rest;
        };
        if facts.nonce_state().is_none() {
            return match (expired, work.current.signed()) {
                (false, Some(signed)) => Step::Solana(Ask::Send {
                    bytes: signed.bytes,
                    simulate: true,
                }),
                (true, _) => self.release(Setback::NonceNotOpened),
                (false, None) => Step::Rest,
            };
        }
        let before = work.current.plan.cost();
        let planned = plan(&paying.own, paying.payment(), facts, before);
        let planned = planned.map_err(|reason| reason.to_string());
        let version = planned.and_then(|next| match next {
            Next::Pay(plan, nonce) => {
                let kind = SolanaKind::Payment { nonce };
                let version = SolanaVersion::new(plan, kind, paying.payment().price());
                checked(paying, &version, before).map(|()| version)
            }
            Next::Open(_) => Err("the nonce account is not there".to_owned()),
        });
        match version {
            Ok(version) => {
                let id = self.id;
                self.record(WalletEvent::SolanaPlanned { id, version });
                self.sign_solana()
            }
            // Nothing of the payment was signed.
            Err(reason) => self.release(Setback::NotPlanned(reason)),
        }
    }

    fn after_statuses(
        &mut self,
        spent: bool,
        ids: &[TransactionId],
        statuses: &[Option<SolanaStatus>],
    ) -> Step {
        let Some(mut work) = self.solana_work() else {
            return Step::Rest;
        };
        let mut known = ids
            .iter()
            .zip(statuses)
            .filter_map(|(id, it)| Some((id, (*it)?)));
        if let Some((id, status)) = known.clone().find(|(_, status)| status.finalized) {
            work.end = Some(SolanaEnd::Landed {
                id: *id,
                slot: status.slot,
                succeeded: status.succeeded,
            });
            return self.done(Receipt::Solana(Box::new(work)));
        }
        if known.next().is_some() {
            return self.stop(Setback::NotFinal);
        }
        if !spent {
            return Step::Solana(Ask::Accounts {
                accounts: vec![nonce_account(&work.account)],
                min_slot: None,
                why: Why::Spent,
            });
        }
        let (id, now) = (self.id, self.world.now());
        match work.missing_since {
            Some(since) if now >= since.after(PATIENCE) => {
                work.end = Some(SolanaEnd::Superseded);
                self.done(Receipt::Solana(Box::new(work)))
            }
            Some(_) => self.stop(Setback::HistoryMissing),
            None => {
                let since = Some(now);
                self.record(WalletEvent::SolanaMissing { id, since });
                self.stop(Setback::HistoryMissing)
            }
        }
    }

    /// The nonce account where no version is known.
    fn after_nonce(&mut self, account: Option<Account>) -> Step {
        let Some(work) = self.solana_work() else {
            return Step::Rest;
        };
        let SolanaKind::Payment { nonce } = work.current.kind else {
            return Step::Rest;
        };
        let state = account.and_then(|account| NonceState::read(&account));
        let state = state.filter(|state| state.authority == work.account);
        match (state, work.current.signed()) {
            (Some(state), Some(signed)) if state.value == nonce => {
                if work.missing_since.is_some() {
                    let (id, since) = (self.id, None);
                    self.record(WalletEvent::SolanaMissing { id, since });
                }
                let bytes = signed.bytes;
                let simulate = false;
                Step::Solana(Ask::Send { bytes, simulate })
            }
            (Some(_), _) => Step::Solana(Ask::Statuses {
                ids: work.signed(),
                spent: true,
            }),
            (None, _) => {
                let error = CallError::new(0, "the nonce account was not shown");
                self.stop(Setback::SolanaSilent(error))
            }
        }
    }

    /// The work on the payment, if there is any.
    pub(super) fn solana_work(&self) -> Option<SolanaWork> {
        self.proposal()?.plan()?.solana().cloned()
    }

    fn paying(&self) -> Option<Paying> {
        let Proposal { wallet, intent, .. } = self.proposal()?;
        let send = intent.solana()?.clone();
        let roots = root_keys(self.kit).ok()?;
        let key = Purpose::Solana.key(&roots, wallet, send.from).ok()?;
        let own = SolanaAddress::of(&key).ok()?;
        Some(Paying { wallet, send, own })
    }
}

/// The second look at a transaction, before it is reserved or planned on.
fn checked(paying: &Paying, version: &SolanaVersion, before: Lamports) -> Result<(), String> {
    let (payment, own) = (paying.payment().with_price(version.price), &paying.own);
    let payment = payment.map_err(|error| error.to_string())?;
    let looked = match &version.kind {
        SolanaKind::Opening { recent, .. } => {
            version.plan.check_opening(&payment, own, recent, before)
        }
        SolanaKind::Payment { nonce } => version.plan.check_payment(&payment, own, nonce, before),
    };
    looked.map_err(|mismatch| mismatch.to_string())
}
