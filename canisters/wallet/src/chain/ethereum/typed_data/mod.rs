//! Typed data.
//!
//! - Specification: EIP-712; the JSON of `eth_signTypedData_v4`: an object of `types`, `primaryType`, `domain` and `message`.
//! - In: JSON of at most [`MAX_BYTES`]. Out: a [`TypedData`]: its domain, its primary type, its message, and the hash that is signed.
//! - Strict, so that what is shown is what is signed, and every other implementation hashes the same: every member is declared and there, every value
//!   has one form, no name stands twice, and the domain has the type that `EIP712Domain` declares.
//! - Left out: what it means ([`super::decode::typed`]); `null` for members that are structures, which EIP-712 does not have.

mod domain;
mod json;
mod schema;
mod value;

#[cfg(test)]
mod tests;

pub use domain::Domain;
pub use value::{Structure, Value};

use super::error::{TypedDataError, ValueError};
use super::hash::{SigningHash, keccak};
use json::Json;
use schema::{DOMAIN, Schema};

/// The longest text.
pub const MAX_BYTES: usize = 32 * 1024;

/// How deep arrays and structures stand in each other at most.
pub const MAX_DEPTH: usize = 16;

/// Typed data that has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedData {
    schema: Schema,
    domain: Domain,
    separator: [u8; 32],
    primary: String,
    encoded_type: String,
    message: Structure,
}

impl TypedData {
    /// Reads typed data.
    ///
    /// # Errors
    /// The first thing that is wrong with it, and where.
    pub fn parse(text: &str) -> Result<Self, TypedDataError> {
        if text.len() > MAX_BYTES {
            return Err(TypedDataError::TooLong {
                bytes: text.len() as u64,
                at_most: MAX_BYTES as u64,
            });
        }
        let whole = Json::parse(text)?;
        let [domain, message, primary, declared] =
            parts(&whole, ["domain", "message", "primaryType", "types"])?;
        let schema = Schema::parse(declared)?;
        let domain_value = schema.structure(DOMAIN, domain, "domain")?;
        let Json::Text(primary) = primary else {
            return Err(not("primaryType", "string"));
        };
        let Some(encoded_type) = schema.encode_type(primary).filter(|_| primary != DOMAIN) else {
            return Err(TypedDataError::PrimaryType(primary.clone()));
        };
        let message = schema.structure(primary, message, "message")?;
        Ok(Self {
            domain: Domain::of(schema.members(DOMAIN), &domain_value)
                .ok_or_else(|| not("domain.chainId", "uint64"))?,
            separator: domain_value.hash(),
            primary: primary.clone(),
            encoded_type,
            message,
            schema,
        })
    }

    /// In what context a signature is valid.
    pub const fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The name of the message's type.
    pub fn primary_type(&self) -> &str {
        &self.primary
    }

    /// EIP-712's `encodeType` of the message's type: all its members, and all structures in them.
    pub fn encoded_type(&self) -> &str {
        &self.encoded_type
    }

    /// A declared structure alone: its name and members as in `encodeType`.
    pub fn declared(&self, name: &str) -> Option<String> {
        self.schema.declared(name)
    }

    /// What is signed.
    pub const fn message(&self) -> &Structure {
        &self.message
    }

    /// EIP-712's domain separator.
    #[cfg(test)]
    pub const fn domain_separator(&self) -> [u8; 32] {
        self.separator
    }

    /// What the account signs.
    pub fn signing_hash(&self) -> SigningHash {
        let message = self.message.hash();
        SigningHash(keccak([&[0x19, 0x01][..], &self.separator, &message]))
    }
}

/// The members of the outermost object: these and no other.
fn parts<'a, const N: usize>(
    whole: &'a Json,
    names: [&str; N],
) -> Result<[&'a Json; N], TypedDataError> {
    let Json::Object(members) = whole else {
        return Err(not("typed data", "object"));
    };
    if let Some(other) = members.keys().find(|name| !names.contains(&name.as_str())) {
        return Err(TypedDataError::Value {
            at: other.clone(),
            reason: ValueError::Undeclared,
        });
    }
    let mut found = [whole; N];
    for (place, name) in found.iter_mut().zip(names) {
        *place = members.get(name).ok_or_else(|| TypedDataError::Value {
            at: name.to_owned(),
            reason: ValueError::Missing,
        })?;
    }
    Ok(found)
}

fn not(at: &str, kind: &str) -> TypedDataError {
    TypedDataError::Value {
        at: at.to_owned(),
        reason: ValueError::Not(kind.to_owned()),
    }
}
