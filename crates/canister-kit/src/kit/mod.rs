//! The kit: everything that every canister has, in one place and in the right order.
//!
//! - What it does: opens the kit's regions, answers the endpoints that all canisters share, and begins and ends calls that
//!   pay (`paid`). The canister's own state is lent for reading and changes only through [`Kit::record`].
//! - In: the runtime, and arguments as they came. Out: Candid records, or a [`Refusal`].
//! - The caller keeps one kit per canister, holds no borrow of it across an await, and calls [`Kit::certify`] at the end of each
//!   update; [`crate::canister!`] does all of that.

mod paid;
mod report;
mod state;
#[cfg(test)]
mod tests;

pub use paid::{Begun, Paid, PaidCall};
pub use state::State;

use crate::admission::{MIN_DEPOSIT, Mode};
use crate::audit::{AuditPage, EventLog};
use crate::caller::Caller;
use crate::certified::{Branches, Pages, write_tree};
use crate::config::{Config, ConfigError};
use crate::encoding::Identity;
use crate::event::{KitEvent, Logged, Stamp};
use crate::guard::Guards;
use crate::info::{Info, Service};
use crate::init::InitArgs;
use crate::journal::{Journal, JournalLimits};
use crate::memory::{Region, RegionMemory, Regions};
use crate::pause::{Active, Guardian};
use crate::product::Product;
use crate::quota::Quota;
use crate::refusal::Refusal;
use crate::runtime::Runtime;
use candid::Principal;
use ic_certification::HashTree;
use ic_http_certification::{HttpRequest, HttpResponse};
use ic_stable_structures::Memory;
use std::collections::BTreeMap;

/// What a canister has of the kit.
pub struct Kit<P: Product, M: Memory> {
    service: Service,
    state: State<P, M>,
    log: EventLog<Logged<P::Event>, RegionMemory<M>>,
    quota: Quota<RegionMemory<M>>,
    journal: Journal<RegionMemory<M>>,
    /// Nothing before the first update of this code.
    pages: Option<Pages>,
    /// Refused calls by reason, since the last upgrade.
    refusals: BTreeMap<&'static str, u64>,
    /// Whether anything has changed since the pages were certified.
    changed: bool,
}

impl<P: Product, M: Memory> Kit<P, M> {
    /// The bounds hold together: a day's calls that the quota lets through have room in the journal.
    const LIMITS_FIT: () = assert!(
        P::QUOTA.together().most_within(JournalLimits::KEPT) <= P::JOURNAL.total(),
        "the journal must hold every request that the quota lets through in a day"
    );

    /// Opens the kit's regions. Before `init` and after an upgrade, nothing is read yet but headers.
    pub fn open(regions: &Regions<M>, service: Service, product: P) -> Self {
        let () = Self::LIMITS_FIT;
        let region = |region| regions.open(region);
        Self {
            service,
            state: State::open(regions, product),
            log: EventLog::open(region(Region::AuditIndex), region(Region::AuditData)),
            quota: Quota::open(
                region(Region::QuotaBuckets),
                region(Region::QuotaOrder),
                P::QUOTA,
            ),
            journal: Journal::open(
                region(Region::JournalEntries),
                region(Region::JournalEnded),
                region(Region::JournalCounts),
                P::JOURNAL,
            ),
            pages: None,
            refusals: BTreeMap::new(),
            changed: true,
        }
    }

    /// `init`: checks the arguments and records the installation.
    ///
    /// # Errors
    /// Refused arguments, or a canister that is installed already.
    pub fn install(&mut self, world: &impl Runtime, args: InitArgs) -> Result<(), ConfigError> {
        let event = self.state.config.prepare(args, &self.service)?;
        let stamp = Stamp::new(world, Identity(world.caller()));
        self.append(stamp, Logged::Kit(event));
        Ok(())
    }

    /// `post_upgrade`: checks that the stored configuration is there and fits the code.
    ///
    /// # Errors
    /// No configuration, or one with another layout.
    pub fn reopen(&self) -> Result<(), ConfigError> {
        self.state.config.resume(&self.service)
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        self.state.config()
    }

    /// The query `info`.
    pub fn info(&self) -> Info {
        Info::new(&self.service, self.config())
    }

    /// The query `audit_log`.
    pub fn audit_log(&self, world: &impl Runtime, from: u64, limit: u32) -> AuditPage {
        let witness = write_tree(&self.branches().audit_witness());
        AuditPage::of(&self.log, from, limit, world.certificate(), witness)
    }

    /// The query `http_request`.
    ///
    /// # Panics
    /// Before the first update, which `init` and `post_upgrade` are.
    pub fn http(&self, world: &impl Runtime, request: &HttpRequest<'_>) -> HttpResponse<'static> {
        let Some(pages) = &self.pages else {
            panic!("no page was certified yet")
        };
        pages.answer(request, &self.branches(), world.certificate().as_deref())
    }

    /// The update `set_paused`. Setting what is set already changes nothing.
    ///
    /// # Errors
    /// [`Refusal::Anonymous`] or [`Refusal::NotGuardian`].
    pub fn set_paused(&mut self, world: &impl Runtime, paused: bool) -> Result<(), Refusal> {
        let guardian = self.guardian(world);
        let guardian = self.note(guardian)?;
        if self.config().paused != paused {
            self.record_kit(world, guardian.caller(), KitEvent::PauseSet { paused });
        }
        Ok(())
    }

    /// The update `set_allowed`. Setting what is set already changes nothing.
    ///
    /// # Errors
    /// [`Refusal::Anonymous`] (caller or entry), [`Refusal::NotGuardian`], [`Refusal::OtherAdmission`] or
    /// [`Refusal::AccountsFull`].
    pub fn set_allowed(
        &mut self,
        world: &impl Runtime,
        principal: Principal,
        allowed: bool,
    ) -> Result<(), Refusal> {
        let change = self.check_allowed(world, principal, allowed);
        if let (guardian, Some(event)) = self.note(change)? {
            self.record_kit(world, guardian.caller(), event);
        }
        Ok(())
    }

    fn check_allowed(
        &self,
        world: &impl Runtime,
        principal: Principal,
        allowed: bool,
    ) -> Result<(Guardian, Option<KitEvent>), Refusal> {
        let guardian = self.guardian(world)?;
        let who = Caller::new(principal)?.identity();
        if self.config().admission != Mode::AllowList {
            return Err(Refusal::OtherAdmission);
        }
        self.state.accounts.place_for(principal)?;
        let listed = self.state.accounts.contains(principal);
        let event = KitEvent::AllowedSet { who, allowed };
        Ok((guardian, (listed != allowed).then_some(event)))
    }

    /// The update `deposit`: takes all attached cycles for an account, which may be another's; tells how many.
    ///
    /// # Errors
    /// [`Refusal::Anonymous`] (caller or account), [`Refusal::Paused`], [`Refusal::OtherAdmission`],
    /// [`Refusal::DepositTooSmall`] or [`Refusal::AccountsFull`]. The cycles go back to the caller then.
    pub fn deposit(&mut self, world: &impl Runtime, to: Principal) -> Result<u128, Refusal> {
        let checked = self.check_deposit(world, to);
        let (caller, to) = self.note(checked)?;
        let cycles = world.accept(world.attached());
        self.record_kit(world, caller, KitEvent::Deposited { to, cycles });
        Ok(cycles.0)
    }

    fn check_deposit(
        &self,
        world: &impl Runtime,
        to: Principal,
    ) -> Result<(Caller, Identity), Refusal> {
        let caller = Caller::of(world)?;
        let identity = Caller::new(to)?.identity();
        self.active()?;
        if self.config().admission != Mode::Prepaid {
            return Err(Refusal::OtherAdmission);
        }
        if world.attached() < MIN_DEPOSIT {
            return Err(Refusal::DepositTooSmall {
                attached: world.attached().0,
                minimum: MIN_DEPOSIT.0,
            });
        }
        self.state.accounts.place_for(to)?;
        Ok((caller, identity))
    }

    /// The proof that the canister is not paused, for what begins something that pays.
    ///
    /// # Errors
    /// [`Refusal::Paused`].
    pub fn active(&self) -> Result<Active, Refusal> {
        Active::of(self.config())
    }

    /// The proof that the running message comes from a guardian.
    ///
    /// # Errors
    /// [`Refusal::Anonymous`] or [`Refusal::NotGuardian`].
    pub fn guardian(&self, world: &impl Runtime) -> Result<Guardian, Refusal> {
        Guardian::of(world, self.config())
    }

    /// The canister's own state.
    pub fn product(&self) -> &P {
        &self.state.product
    }

    /// Records an event of the canister's own and applies it: the only way to change its state.
    ///
    /// # Panics
    /// If the event is longer than [`crate::audit::MAX_EVENT_BYTES`].
    pub fn record(&mut self, stamp: Stamp, event: P::Event) {
        self.append(stamp, Logged::Product(event));
    }

    /// A witness of the canister's own certified tree, in CBOR, under the certified root.
    pub fn product_witness(&self, own: HashTree) -> Vec<u8> {
        write_tree(&self.branches().product_witness(own))
    }

    /// Measures, builds the pages and sets the certified data: the last step of every update. Where nothing has changed, as
    /// after a refusal, it does nothing, so that refusals are cheap; nor before `init` has stored a configuration.
    pub fn certify(&mut self, world: &impl Runtime) {
        if !self.changed || self.state.config.get().is_err() {
            return;
        }
        self.pages = Some(Pages::build(self.content(world)));
        world.certify(&self.branches().root());
        self.changed = false;
    }

    /// Locks for a canister's own resources, as many as requests may run.
    pub fn guards<K: Ord + Clone>() -> Guards<K> {
        Guards::new(P::JOURNAL.running())
    }

    fn append(&mut self, stamp: Stamp, event: Logged<P::Event>) {
        self.log.record(&mut self.state, stamp, event);
        self.changed = true;
    }

    fn branches(&self) -> Branches {
        Branches {
            head: self.log.head(),
            pages: self.pages.as_ref().map_or([0; 32], Pages::root),
            product: self.state.product.certified_root(),
        }
    }

    /// Counts a refusal for the metrics.
    fn note<T>(&mut self, result: Result<T, Refusal>) -> Result<T, Refusal> {
        if let Err(refusal) = &result {
            *self.refusals.entry(refusal.name()).or_default() += 1;
        }
        result
    }
}
