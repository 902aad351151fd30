//! The endpoints and the state that every canister has, by one macro.
//!
//! - What it does: [`crate::canister!`] keeps one [`crate::Kit`] in a thread-local, lends it with `kit::read` (queries) and
//!   `kit::change` (updates), and exports the endpoints of the kit. `change` certifies anew before it returns, so that no
//!   update can leave certified data behind its state.
//! - In: the canister's [`crate::Service`], and its own state. Out: a module `kit` and the endpoints.
//! - The caller exports `init` and `post_upgrade` itself, because their arguments may be more than the kit's; both go
//!   through `kit::install` and `kit::reopen`. It does not call into `kit` from inside a closure that it gave to `kit`.

/// Gives a canister the kit and the endpoints that every canister has. The canister depends on candid, ic-cdk and this
/// package under their own names: the tools that export the interface read types as text, where `$crate` means nothing.
#[macro_export]
macro_rules! canister {
    (service: $service:expr, product: $product:ty, open: $open:expr $(,)?) => {
        mod kit {
            //! The kit of this canister: one, on the heap, over stable memory.

            #[allow(unused_imports)]
            use super::*;
            use std::cell::RefCell;
            use $crate::runtime::Replica;
            use $crate::stable::DefaultMemoryImpl;

            /// The kit over this canister's stable memory.
            pub type CanisterKit = $crate::Kit<$product, DefaultMemoryImpl>;

            thread_local! {
                static KIT: RefCell<CanisterKit> = RefCell::new({
                    let regions = $crate::memory::Regions::of(DefaultMemoryImpl::default());
                    let product = ($open)(&regions);
                    CanisterKit::open(&regions, $service, product)
                });
            }

            /// Lends the kit for reading.
            pub fn read<R>(use_it: impl FnOnce(&CanisterKit) -> R) -> R {
                KIT.with_borrow(use_it)
            }

            /// Lends the kit for an update, and certifies what it leaves.
            pub fn change<R>(use_it: impl FnOnce(&mut CanisterKit) -> R) -> R {
                KIT.with_borrow_mut(|kit| {
                    let result = use_it(kit);
                    kit.certify(&Replica);
                    result
                })
            }

            /// `init`. Refused arguments trap with their reason, and nothing is installed.
            pub fn install(args: $crate::InitArgs) {
                change(|kit| kit.install(&Replica, args))
                    .unwrap_or_else(|refusal| ::ic_cdk::trap(refusal.to_string()));
            }

            /// `post_upgrade`. A configuration that is missing or another's traps, and the old code goes on.
            pub fn reopen() {
                change(|kit| kit.reopen())
                    .unwrap_or_else(|refusal| ::ic_cdk::trap(refusal.to_string()));
            }
        }

        /// Which code runs, where, and with which key. Errors: none. Cycles: none. Anyone may call.
        #[::ic_cdk::query]
        fn info() -> ::canister_kit::Info {
            kit::read(|kit| kit.info())
        }

        /// What the caller may still do. Errors: none. Cycles: none. Anyone may call, about itself only.
        #[::ic_cdk::query]
        fn usage() -> ::canister_kit::Usage {
            kit::read(|kit| kit.usage(&$crate::runtime::Replica))
        }

        /// Events from an index on, and the certified end of their chain. Errors: none. Cycles: none. Anyone may call.
        #[::ic_cdk::query]
        fn audit_log(from: u64, limit: u32) -> ::canister_kit::audit::AuditPage {
            kit::read(|kit| kit.audit_log(&$crate::runtime::Replica, from, limit))
        }

        /// The pages `/` and `/metrics`, certified. Errors: status 404 or 400. Cycles: none. Anyone may call.
        #[::ic_cdk::query]
        fn http_request(
            request: ::canister_kit::http::HttpRequest<'static>,
        ) -> ::canister_kit::http::HttpResponse<'static> {
            kit::read(|kit| kit.http(&$crate::runtime::Replica, &request))
        }

        /// Stops methods that pay, or lets them go on. Errors: Anonymous, NotGuardian. Cycles: none. The guardian may call; if
        /// none was named, every controller.
        #[::ic_cdk::update]
        fn set_paused(paused: bool) -> Result<(), ::canister_kit::Refusal> {
            kit::change(|kit| kit.set_paused(&$crate::runtime::Replica, paused))
        }

        /// Puts a principal on the allow-list or takes it off. Errors: Anonymous, NotGuardian, OtherAdmission, AccountsFull.
        /// Cycles: none. The guardian may call; if none was named, every controller.
        #[::ic_cdk::update]
        fn set_allowed(
            who: ::candid::Principal,
            allowed: bool,
        ) -> Result<(), ::canister_kit::Refusal> {
            kit::change(|kit| kit.set_allowed(&$crate::runtime::Replica, who, allowed))
        }

        /// Takes the attached cycles for an account and tells how many. Errors: Anonymous, Paused, OtherAdmission,
        /// DepositTooSmall, AccountsFull. Cycles: all that are attached. Any canister may call, for any account.
        #[::ic_cdk::update]
        fn deposit(to: ::candid::Principal) -> Result<u128, ::canister_kit::Refusal> {
            kit::change(|kit| kit.deposit(&$crate::runtime::Replica, to))
        }
    };
}
