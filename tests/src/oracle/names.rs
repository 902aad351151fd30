//! Names of a case for identities that a server chooses: canisters, subnets and blobs, put into what is sent and taken out of what
//! comes back.
//!
//! In texts and Candid a placeholder stands for the text form of a principal, in hex strings for its bytes. `{zN}`, `{xBB*N}` and
//! `{fill:BB:N}` are repetitions. Braces around anything else are left alone: messages contain them.

use std::collections::BTreeMap;

use candid::Principal;
use thiserror::Error;

/// Why a step could not be driven. The texts are those with which the recording program gave up, since they are recorded too.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Undriven {
    /// A name that is not bound where only names are allowed.
    #[error("no entry found for key")]
    Unbound,
    /// Neither a name nor the text of a principal.
    #[error("principal {0}: {1}")]
    Principal(String, String),
    /// An argument that does not encode.
    #[error("argument: {0}")]
    Argument(String),
}

/// What the names of one case stand for.
#[derive(Clone, Debug, Default)]
pub struct Names {
    canisters: BTreeMap<String, Principal>,
    subnets: BTreeMap<String, Principal>,
    blobs: BTreeMap<String, Vec<u8>>,
}

impl Names {
    /// Names with the subnets of an instance.
    pub fn new(subnets: BTreeMap<String, Principal>) -> Self {
        Self {
            subnets,
            ..Self::default()
        }
    }

    /// Binds a canister.
    pub fn bind(&mut self, name: &str, id: Principal) {
        self.canisters.insert(name.to_string(), id);
    }

    /// Binds bytes.
    pub fn bind_blob(&mut self, name: &str, bytes: Vec<u8>) {
        self.blobs.insert(name.to_string(), bytes);
    }

    /// The canister bound to a name.
    pub fn bound(&self, name: &str) -> Result<Principal, Undriven> {
        self.canisters.get(name).copied().ok_or(Undriven::Unbound)
    }

    /// The subnet of a name.
    pub fn subnet(&self, name: &str) -> Result<Principal, Undriven> {
        self.subnets.get(name).copied().ok_or(Undriven::Unbound)
    }

    /// The canister of a name, or the principal of a text.
    pub fn principal(&self, text: &str) -> Result<Principal, Undriven> {
        self.bound(text).or_else(|_| {
            Principal::from_text(text)
                .map_err(|e| Undriven::Principal(text.to_string(), e.to_string()))
        })
    }

    /// The sender of a step.
    pub fn sender(&self, name: Option<&str>) -> Result<Principal, Undriven> {
        match name {
            None | Some("anon") => Ok(Principal::anonymous()),
            Some("u1") => {
                let mut bytes = [1; 29];
                bytes[28] = 2;
                Ok(Principal::from_slice(&bytes))
            }
            Some(name) => self.principal(name),
        }
    }

    /// Bytes of a hex string with placeholders.
    pub fn bytes(&self, digits: &str) -> Result<Vec<u8>, Undriven> {
        let plain = replace(digits, |name| self.in_hex(name));
        hex::decode(plain).map_err(|e| Undriven::Argument(e.to_string()))
    }

    /// A Candid text with its placeholders replaced.
    pub fn candid(&self, text: &str) -> String {
        replace(text, |name| self.in_candid(name))
    }

    /// Hex digits of bytes with names put in.
    pub fn hide_bytes(&self, bytes: &[u8]) -> String {
        let ids = self.canisters.iter().map(|(n, id)| (n.clone(), id));
        let subnets = self.subnets.iter();
        let subnets = subnets.map(|(n, id)| (format!("subnet:{n}"), id));
        ids.chain(subnets)
            .fold(hex::encode(bytes), |digits, (name, id)| {
                digits.replace(&hex::encode(id.as_slice()), &format!("{{{name}}}"))
            })
    }

    /// A text with names put in.
    pub fn hide_text(&self, text: &str) -> String {
        let ids = self.canisters.iter().map(|(n, id)| (n.clone(), id));
        let subnets = self.subnets.iter();
        let subnets = subnets.map(|(n, id)| (format!("subnet:{n}"), id));
        ids.chain(subnets)
            .fold(text.to_string(), |text, (name, id)| {
                text.replace(&id.to_text(), &format!("{{{name}}}"))
            })
    }

    fn in_hex(&self, name: &str) -> Option<String> {
        if let Ok(id) = self.bound(name) {
            return Some(hex::encode(id.as_slice()));
        }
        if let Some(subnet) = name.strip_prefix("subnet:") {
            return Some(hex::encode(self.subnet(subnet).ok()?.as_slice()));
        }
        if let Some(blob) = name.strip_prefix("blob:") {
            return Some(hex::encode(self.blobs.get(blob)?));
        }
        if let Some(count) = name.strip_prefix('z') {
            return Some("00".repeat(count.parse().ok()?));
        }
        let (byte, count) = name.strip_prefix('x')?.split_once('*')?;
        Some(byte.repeat(count.parse().ok()?))
    }

    fn in_candid(&self, name: &str) -> Option<String> {
        if let Ok(id) = self.bound(name) {
            return Some(id.to_text());
        }
        if let Some(subnet) = name.strip_prefix("subnet:") {
            return Some(self.subnet(subnet).ok()?.to_text());
        }
        if let Some(blob) = name.strip_prefix("blob:") {
            let bytes = self.blobs.get(blob)?;
            return Some(bytes.iter().map(|b| format!("\\{b:02x}")).collect());
        }
        let (byte, count) = name.strip_prefix("fill:")?.split_once(':')?;
        Some(format!("\\{byte}").repeat(count.parse().ok()?))
    }
}

/// Replaces each `{name}` for which `value` has something; other braces stay.
fn replace(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let after = &rest[open + 1..];
        let close = after
            .find(['{', '}'])
            .filter(|i| after[*i..].starts_with('}'));
        match close.and_then(|i| Some((i, value(&after[..i])?))) {
            Some((i, text)) => {
                out.push_str(&text);
                rest = &after[i + 1..];
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let app = Principal::self_authenticating([7]);
        let mut names = Names::new(BTreeMap::from([("app".to_string(), app)]));
        names.bind(
            "A",
            Principal::from_text("lxzze-o7777-77777-aaaaa-cai").unwrap(),
        );
        names.bind_blob("H", vec![0, 255]);
        names
    }

    #[test]
    fn a_canister_is_ten_bytes_in_hex_and_a_text_in_candid() {
        let bytes = names().bytes("0a{A}00").unwrap();
        assert_eq!(hex::encode(bytes), "0affffffffffe00000010100");
        let text = names().candid("(record { canister_id = principal \"{A}\" })");
        assert_eq!(
            text,
            "(record { canister_id = principal \"lxzze-o7777-77777-aaaaa-cai\" })"
        );
    }

    #[test]
    fn repetitions_and_blobs_expand() {
        assert_eq!(
            names().bytes("01{z2}{x41*3}").unwrap(),
            [1, 0, 0, 0x41, 0x41, 0x41]
        );
        assert_eq!(
            names().candid("blob \"{fill:01:2}{blob:H}\""),
            "blob \"\\01\\01\\00\\ff\""
        );
    }

    #[test]
    fn other_braces_stay() {
        assert_eq!(names().candid("{closure} { {A"), "{closure} { {A");
    }

    #[test]
    fn what_comes_back_is_named_again() {
        let names = names();
        let bytes = names.bytes("0a{A}00").unwrap();
        assert_eq!(names.hide_bytes(&bytes), "0a{A}00");
        assert_eq!(
            names.hide_text("Canister lxzze-o7777-77777-aaaaa-cai"),
            "Canister {A}"
        );
    }

    #[test]
    fn an_unknown_name_fails_with_the_text_of_the_recorder() {
        let text = names().principal("C").unwrap_err().to_string();
        assert_eq!(text, "principal C: Text must be in valid Base32 encoding.");
    }
}
