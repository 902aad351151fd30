//! A transaction on a chain of Ethereum's kind between two calls: choosing nonce and fees, signing, and sending. Settling is in [`super::settle`].
//!
//! - What it does: asks for the account's count and for fees; reserves the next nonce, signs once, and sends.
//! - Nonces: the next one is the larger of the chain's count and of what is on record, looked up in the message that reserves it ([`Nonces`]). Nobody else
//!   signs for the account, so a count above the record is believed only of all providers. What waits
//!   is asked about only where nothing of the wallet's own does: then it is a stranger's, and nothing is signed beside it. Otherwise nodes
//!   differ in what waits, and the record knows more than they.
//! - Once a signature may exist, only the same transaction or a version under the same nonce is ever signed; each is compared with the intent first. A
//!   nonce is given back only where the first attempt to sign was surely without effect, and no later nonce is reserved.

use super::carrier::{Carrier, Step};
use super::raise::Raise;
use crate::account::ethereum::EvmAddress;
use crate::account::path::Purpose;
use crate::chain::ethereum::hash::TransactionHash;
use crate::chain::ethereum::market::{AboveCap, Market};
use crate::chain::ethereum::network::Network;
use crate::chain::ethereum::quantity::{Nonce, Wei};
use crate::event::WalletEvent;
use crate::intent::EvmRequest;
use crate::prepare::root_keys;
use crate::proposal::{EvmVersion, EvmWork, Plan, Setback, Stage};
use crate::runtime::{
    At, CALL, CallError, Charged, EvmReceipt, Outside, Place, RECEIPT, Sending, Silence,
};
use crate::signing::SigningRequest;
use crate::state::{NonceKey, Nonces};
use crate::wallet::WalletId;
use canister_kit::encoding::Cycles;
use canister_kit::stable::Memory;
use std::cmp::Ordering;

/// A question about an account.
pub struct Ask {
    place: Place,
    account: EvmAddress,
    question: Question,
}

/// What is asked.
pub enum Question {
    /// How many transactions the account has in blocks.
    Count(Why),
    /// The same, of all providers.
    CountByAll {
        /// What enough of them tell.
        counted: Nonce,
    },
    /// How many with those that wait.
    Waiting {
        /// In blocks.
        counted: Nonce,
    },
    /// What transactions pay.
    Market {
        /// In blocks.
        counted: Nonce,
    },
    /// To send a transaction.
    Send(Vec<u8>),
    /// The last final block.
    Finalized {
        /// Whether the nonce was finally used before.
        used: bool,
    },
    /// How many transactions are final; with what to stop if the nonce is not finally used.
    FinalCount(Setback),
    /// Where a version is.
    Receipt(Look, TransactionHash),
}

/// What the count is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// To choose a nonce.
    Plan,
    /// To sign another version.
    Raise(Raise),
}

/// The look at one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// How manyeth of those that are signed, the last one first.
    pub place: usize,
    /// The last final block.
    pub finalized: u64,
    /// Whether the nonce was finally used before.
    pub used: bool,
    /// Whether a receipt could not be read.
    pub unread: bool,
}

/// What came.
pub enum Told {
    /// To [`Question::Count`].
    Count(Why, Charged<u64>),
    /// To [`Question::CountByAll`].
    CountByAll(Nonce, Charged<u64>),
    /// To [`Question::Waiting`].
    Waiting(Nonce, Charged<u64>),
    /// To [`Question::Market`].
    Market(Nonce, Charged<Market>),
    /// To [`Question::Send`].
    Send(Charged<Sending>),
    /// To [`Question::Finalized`].
    Finalized {
        /// Whether the nonce was finally used before.
        used: bool,
        /// The block.
        block: Charged<u64>,
    },
    /// To [`Question::FinalCount`].
    FinalCount(Setback, Charged<u64>),
    /// To [`Question::Receipt`].
    Receipt(Look, Charged<Option<EvmReceipt>>),
}

/// What storing a byte costs for ten years, as for a proposal: 4 000 000 000 cycles for 100 KiB.
const STORED_BYTE: Cycles = Cycles(40_000);

/// What storing the data of a version costs: it stands in two events, and twice in the proposal.
pub fn storing(bytes: usize) -> Cycles {
    STORED_BYTE
        .times(u32::try_from(bytes).unwrap_or(u32::MAX))
        .times(4)
}

/// What carrying out can cost at most beside the signature: three counts, fees, sending, and settling one version.
pub fn most_of_executing() -> Cycles {
    CALL.times(5).plus(most_of_settling(1))
}

/// What another version can cost at most beside the signature, after so many: a count, sending, and settling all of them.
pub fn most_of_raising(versions: usize) -> Cycles {
    let all = u32::try_from(versions)
        .unwrap_or(u32::MAX)
        .saturating_add(1);
    CALL.times(2).plus(most_of_settling(all))
}

/// What settling can cost at most with so many versions: the last final block and every receipt, sending, the final count, and all once more.
pub fn most_of_settling(versions: u32) -> Cycles {
    let look = CALL.plus(RECEIPT.times(versions));
    look.times(2).plus(CALL.times(2))
}

impl Ask {
    /// Makes the call.
    pub async fn make(self, world: &impl Outside) -> Told {
        let (place, account) = (self.place, self.account);
        match self.question {
            Question::Count(why) => {
                Told::Count(why, world.evm_count(place, account, At::Latest).await)
            }
            Question::CountByAll { counted } => {
                Told::CountByAll(counted, world.evm_count_by_all(place, account).await)
            }
            Question::Waiting { counted } => {
                Told::Waiting(counted, world.evm_count(place, account, At::Pending).await)
            }
            Question::Market { counted } => Told::Market(counted, world.evm_market(place).await),
            Question::Send(bytes) => Told::Send(world.evm_send(place, &bytes).await),
            Question::Finalized { used } => Told::Finalized {
                used,
                block: world.evm_finalized(place).await,
            },
            Question::FinalCount(otherwise) => {
                let count = world.evm_count(place, account, At::Finalized).await;
                Told::FinalCount(otherwise, count)
            }
            Question::Receipt(look, hash) => {
                Told::Receipt(look, world.evm_receipt(place, hash).await)
            }
        }
    }
}

impl From<Silence> for Setback {
    fn from(silence: Silence) -> Self {
        match silence {
            Silence::Silent(error) => Self::EvmSilent(error),
            Silence::Differ => Self::ProvidersDiffer,
        }
    }
}

/// Whether a version does what the intent says, or cancels it, within the approved fees.
fn fits(version: &EvmVersion, work: &EvmWork, request: &EvmRequest) -> bool {
    let raw = version.transaction.raw();
    let first = work.versions().last().map(|first| first.transaction.raw());
    let same_place = first.is_some_and(|first| {
        (first.chain_id, first.nonce) == (raw.chain_id, raw.nonce) && raw.chain_id == request.chain
    });
    let same_act = match version.cancels {
        true => raw.to == work.account && raw.value == Wei(0) && raw.data.is_empty(),
        false => request.transaction(raw.nonce, raw.fees).as_ref() == Ok(&version.transaction),
    };
    same_place
        && same_act
        && raw.fees.within(&request.gas.fees)
        && raw.gas_limit == request.gas.limit
}

impl<M: Memory, W: Outside> Carrier<'_, M, W> {
    /// The call that the stage of a transaction asks for.
    pub(super) fn first_of_evm(&mut self, stage: &Stage) -> Step {
        match stage {
            Stage::Open => self.ask_evm(Question::Count(Why::Plan)),
            Stage::Reserved(_) => {
                self.record(WalletEvent::SigningBegun { id: self.id });
                self.sign_evm()
            }
            Stage::Signing(_) => {
                // Whoever asked for the signature before did not record what came of it.
                if self.evm_work().is_some_and(|work| !work.in_doubt) {
                    self.record(WalletEvent::SignatureInDoubt { id: self.id });
                }
                self.sign_evm()
            }
            Stage::Sent { .. } => self.ask_evm(Question::Finalized { used: false }),
            Stage::Ended(_) => Step::Rest,
        }
    }

    /// Records what follows of an answer.
    pub(super) fn after_evm(&mut self, told: Told) -> Step {
        match told {
            Told::Count(Why::Plan, count) => self.told(count, Self::after_count),
            Told::Count(Why::Raise(raise), count) => self.told(count, |carrier, count| {
                carrier.after_count_to_raise(raise, Nonce(count))
            }),
            Told::CountByAll(counted, count) => self.after_count_by_all(counted, count),
            Told::Waiting(counted, waiting) => self.told(waiting, |carrier, waiting| {
                carrier.after_waiting(counted, Nonce(waiting))
            }),
            Told::Market(counted, market) => self.told(market, |carrier, market| {
                carrier.after_market(counted, &market)
            }),
            Told::Send(sending) => self.after_send(sending),
            Told::Finalized { used, block } => self.told(block, |carrier, finalized| {
                carrier.look_for_receipt(Look {
                    place: 0,
                    finalized,
                    used,
                    unread: false,
                })
            }),
            Told::FinalCount(otherwise, count) => self.told(count, |carrier, count| {
                carrier.after_final_count(otherwise, count)
            }),
            Told::Receipt(look, receipt) => self.after_receipt(look, receipt),
        }
    }

    /// Goes on with an answer, or stops without one.
    fn told<T>(&mut self, told: Charged<T>, then: impl FnOnce(&mut Self, T) -> Step) -> Step {
        *self.spent = self.spent.plus(told.cost);
        match told.answer {
            Ok(answer) => then(self, answer),
            Err(silence) => self.stop(silence.into()),
        }
    }

    fn after_count(&mut self, count: u64) -> Step {
        let counted = Nonce(count);
        let Some(nonces) = self.nonces() else {
            return Step::Rest;
        };
        match counted.cmp(&nonces.next(Nonce(0))) {
            Ordering::Greater => self.ask_evm(Question::CountByAll { counted }),
            Ordering::Equal => self.ask_evm(Question::Waiting { counted }),
            Ordering::Less => self.ask_evm(Question::Market { counted }),
        }
    }

    /// A count above the record is a stranger's doing, or a lie after which the account would wait for ever.
    fn after_count_by_all(&mut self, before: Nonce, told: Charged<u64>) -> Step {
        *self.spent = self.spent.plus(told.cost);
        let Some(nonces) = self.nonces() else {
            return Step::Rest;
        };
        match told.answer {
            Ok(count) => self.ask_evm(Question::Waiting {
                counted: Nonce(count),
            }),
            Err(Silence::Silent(error)) => self.stop(Setback::EvmSilent(error)),
            Err(Silence::Differ) => self.stop(Setback::CountDisputed {
                counted: before.0,
                next: nonces.next(Nonce(0)).0,
            }),
        }
    }

    fn after_waiting(&mut self, counted: Nonce, waiting: Nonce) -> Step {
        let Some(nonces) = self.nonces() else {
            return Step::Rest;
        };
        let next = nonces.next(counted);
        match waiting > next {
            true => self.stop(Setback::ForeignTransaction {
                pending: waiting.0,
                next: next.0,
            }),
            false => self.ask_evm(Question::Market { counted }),
        }
    }

    fn after_market(&mut self, counted: Nonce, market: &Market) -> Step {
        let (Some((_, request)), Some(nonces), Some(account)) =
            (self.evm_request(), self.nonces(), self.evm_account())
        else {
            return Step::Rest;
        };
        // Members, policy, history and nonces may have changed during the calls.
        let Some(approved) = self.approved() else {
            return Step::Rest;
        };
        if !nonces.has_room() {
            let in_flight = nonces.held().count() as u64;
            return self.stop(Setback::TooManyInFlight { in_flight });
        }
        let cap = request.gas.fees;
        let fees = match cap.offered(market) {
            Ok(fees) => fees,
            Err(AboveCap { base_fee }) => {
                return self.stop(Setback::BaseFeeAboveCap {
                    base_fee: base_fee.0,
                    max_fee_per_gas: cap.max_fee_per_gas.0,
                });
            }
        };
        match request.transaction(nonces.next(counted), fees) {
            Ok(transaction) => {
                *self.spent = self.spent.plus(storing(request.data.len()));
                let work = EvmWork::new(account, transaction);
                self.reserve(approved, Plan::Evm(Box::new(work)))
            }
            Err(error) => self.stop(Setback::NotPlanned(error.to_string())),
        }
    }

    /// Asks for the signature of the last version.
    pub(super) fn sign_evm(&mut self) -> Step {
        let (Some((wallet, request)), Some(work)) = (self.evm_request(), self.evm_work()) else {
            return Step::Rest;
        };
        let version = &work.current;
        if Some(work.account) != self.evm_account() || !fits(version, &work, &request) {
            let reason = "the transaction is not what the intent says; report this";
            return self.stop(Setback::NotPlanned(reason.to_owned()));
        }
        let hash = version.transaction.signing_hash().0.to_vec();
        Step::Sign(SigningRequest::new(
            wallet,
            Purpose::Evm,
            request.from,
            hash,
        ))
    }

    pub(super) fn after_evm_signature(
        &mut self,
        work: &EvmWork,
        signature: Result<Vec<u8>, CallError>,
    ) -> Step {
        let signature = match signature {
            Ok(signature) => signature,
            Err(error) => {
                let last = self.nonces().is_some_and(|it| it.is_last(work.nonce()));
                return match last && work.is_untouched() && error.surely_without_effect() {
                    true => self.release(Setback::NotSigned(error)),
                    false => self.stop(Setback::NotSigned(error)),
                };
            }
        };
        let transaction = &work.current.transaction;
        match transaction.assemble(work.account, &signature) {
            Ok(transaction) => {
                let (id, bytes) = (self.id, transaction.bytes().to_vec());
                self.record(WalletEvent::EvmSigned { id, transaction });
                self.record(WalletEvent::Sent { id });
                self.ask_evm(Question::Send(bytes))
            }
            Err(_) => self.stop(Setback::BadSignature),
        }
    }

    pub(super) fn ask_evm(&self, question: Question) -> Step {
        let (Some((_, request)), Some(account)) = (self.evm_request(), self.evm_account()) else {
            return Step::Rest;
        };
        let environment = self.kit.config().environment;
        let Some(network) = Network::of(request.chain, environment) else {
            return Step::Rest;
        };
        let place = Place {
            network,
            environment,
        };
        Step::Evm(Ask {
            place,
            account,
            question,
        })
    }

    /// The work on the transaction, if there is any.
    pub(super) fn evm_work(&self) -> Option<EvmWork> {
        self.proposal()?.plan()?.evm().cloned()
    }

    pub(super) fn evm_request(&self) -> Option<(WalletId, EvmRequest)> {
        let proposal = self.proposal()?;
        Some((proposal.wallet, proposal.intent.evm()?))
    }

    /// The account's address, from keys that are derived anew.
    fn evm_account(&self) -> Option<EvmAddress> {
        let (wallet, request) = self.evm_request()?;
        let roots = root_keys(self.kit).ok()?;
        let key = Purpose::Evm.key(&roots, wallet, request.from).ok()?;
        EvmAddress::of(&key).ok()
    }

    /// The account's nonces as they are now.
    fn nonces(&self) -> Option<Nonces> {
        let (wallet, request) = self.evm_request()?;
        Some(self.kit.product().nonces(&NonceKey {
            wallet,
            chain: request.chain,
            index: request.from,
        }))
    }
}
