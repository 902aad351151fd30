//! The canister's Candid file as public metadata of its module.
//!
//! - What it does: places the bytes of a `.did` file in the custom section
//!   `icp:public candid:service`, which tools read without calling the canister.
//! - Specification: IC interface specification, "Canister metadata".
//! - The caller invokes [`crate::candid_metadata`] once, in the canister's `lib.rs`.
//! - Left out: targets other than Wasm, where such a section has no meaning.

#![allow(unsafe_code)]

/// Embeds a Candid file, named relative to the calling source file.
#[macro_export]
macro_rules! candid_metadata {
    ($path:literal) => {
        // SAFETY: the attribute is unsafe because a section name can give bytes a meaning to the
        // linker. On Wasm this name makes a custom section, which the specification gives no
        // effect on execution; the static is plain bytes, has no relocations and is never written.
        #[cfg(target_family = "wasm")]
        #[allow(unsafe_code)]
        #[used]
        #[unsafe(link_section = "icp:public candid:service")]
        static CANDID_SERVICE: [u8; include_bytes!($path).len()] = *include_bytes!($path);
    };
}
