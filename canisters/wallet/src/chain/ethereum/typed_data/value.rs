//! The values of typed data.
//!
//! - Specification: EIP-712, "Definition of `encodeData`" and "Definition of `hashStruct`".
//! - In: JSON and its type. Out: [`Value`]s, and their hashes.
//! - Forms: numbers as JSON numbers of at most 53 bits, decimal digits or, without a sign, `0x` and hexadecimal digits; bytes as `0x` and pairs of
//!   hexadecimal digits, exactly as many as the type has; addresses small or with EIP-55's checksum; nothing shorter, longer or padded.

use super::super::error::{TypedDataError, ValueError};
use super::super::hash::keccak;
use super::MAX_DEPTH;
use super::json::Json;
use super::schema::{Kind, Schema};
use crate::account::ethereum::EvmAddress;
use alloy_primitives::U256;
use data_encoding::HEXLOWER_PERMISSIVE;
use std::collections::BTreeMap;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// What is encoded as itself: truth values, numbers, addresses, and bytes of a fixed length.
    Word([u8; 32]),
    /// Any number of bytes.
    Bytes(Vec<u8>),
    /// Text.
    Text(String),
    /// An array.
    List(Vec<Value>),
    /// A structure.
    Structure(Structure),
}

/// The values of a structure, in the order of its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Structure {
    type_hash: [u8; 32],
    members: Vec<Value>,
}

impl Structure {
    /// A member, counted from 0.
    pub fn get(&self, place: usize) -> Option<&Value> {
        self.members.get(place)
    }

    /// `hashStruct`.
    pub fn hash(&self) -> [u8; 32] {
        let words: Vec<[u8; 32]> = self.members.iter().map(Value::encoded).collect();
        let parts = std::iter::once(&self.type_hash).chain(&words);
        keccak(parts.map(<[u8; 32]>::as_slice))
    }
}

impl Value {
    fn encoded(&self) -> [u8; 32] {
        match self {
            Self::Word(word) => *word,
            Self::Bytes(bytes) => keccak([bytes.as_slice()]),
            Self::Text(text) => keccak([text.as_bytes()]),
            Self::List(items) => {
                let words: Vec<[u8; 32]> = items.iter().map(Self::encoded).collect();
                keccak(words.iter().map(<[u8; 32]>::as_slice))
            }
            Self::Structure(structure) => structure.hash(),
        }
    }
}

/// Why a part is refused, and the way to it, from the inside out.
struct Misfit {
    steps: Vec<String>,
    reason: ValueError,
}

impl Misfit {
    fn at(mut self, step: impl FnOnce() -> String) -> Self {
        self.steps.push(step());
        self
    }
}

impl From<ValueError> for Misfit {
    fn from(reason: ValueError) -> Self {
        let steps = Vec::new();
        Self { steps, reason }
    }
}

impl Schema {
    /// Reads a structure that stands at the top.
    ///
    /// # Errors
    /// The first part that is not what its type says.
    pub fn structure(
        &self,
        name: &str,
        json: &Json,
        at: &str,
    ) -> Result<Structure, TypedDataError> {
        self.read_structure(name, json, MAX_DEPTH)
            .map_err(|misfit| TypedDataError::Value {
                at: std::iter::once(at.to_owned())
                    .chain(misfit.steps.into_iter().rev())
                    .collect(),
                reason: misfit.reason,
            })
    }

    fn read_structure(&self, name: &str, json: &Json, depth: usize) -> Result<Structure, Misfit> {
        let not = || ValueError::Not(name.to_owned());
        let declared = self.get(name).ok_or_else(not)?;
        let Json::Object(given) = json else {
            return Err(not().into());
        };
        let members = declared.members.iter().map(|member| {
            let value = given.get(&member.name).ok_or(ValueError::Missing);
            let value = value
                .map_err(Misfit::from)
                .and_then(|value| self.read(&member.kind, &member.written, value, depth));
            value.map_err(|misfit| misfit.at(|| format!(".{}", member.name)))
        });
        let members = members.collect::<Result<Vec<_>, _>>()?;
        // Each declared member is there, and names are different: more can only be undeclared ones.
        if given.len() > members.len() {
            return Err(undeclared(self, name, given));
        }
        let type_hash = declared.type_hash;
        Ok(Structure { type_hash, members })
    }

    fn read(&self, kind: &Kind, written: &str, json: &Json, depth: usize) -> Result<Value, Misfit> {
        let deeper = || {
            let deeper = depth.checked_sub(1);
            deeper.ok_or(ValueError::TooDeep(MAX_DEPTH as u64))
        };
        match kind {
            Kind::Structure(name) => self
                .read_structure(name, json, deeper()?)
                .map(Value::Structure),
            Kind::Array(items, length) => {
                let depth = deeper()?;
                let not = || ValueError::Not(written.to_owned());
                let Json::Array(given) = json else {
                    return Err(not().into());
                };
                if length.is_some_and(|length| length != given.len()) {
                    return Err(not().into());
                }
                let inner = written.rfind('[').map_or(written, |end| &written[..end]);
                let values = given.iter().enumerate().map(|(place, item)| {
                    self.read(items, inner, item, depth)
                        .map_err(|misfit| misfit.at(|| format!("[{place}]")))
                });
                values.collect::<Result<_, _>>().map(Value::List)
            }
            _ => leaf(kind, json).ok_or_else(|| ValueError::Not(written.to_owned()).into()),
        }
    }
}

fn undeclared(schema: &Schema, name: &str, given: &BTreeMap<String, Json>) -> Misfit {
    let members = schema.members(name);
    let mut others = given
        .keys()
        .filter(|name| members.iter().all(|member| member.name != **name));
    let other = others.next().cloned().unwrap_or_default();
    Misfit::from(ValueError::Undeclared).at(|| format!(".{other}"))
}

fn leaf(kind: &Kind, json: &Json) -> Option<Value> {
    let word = |number: U256| Value::Word(number.to_be_bytes());
    Some(match (kind, json) {
        (Kind::Text, Json::Text(text)) => Value::Text(text.clone()),
        (Kind::Bytes, Json::Text(text)) => Value::Bytes(bytes(text)?),
        (Kind::Bool, Json::Bool(value)) => word(U256::from(*value)),
        (Kind::Address, Json::Text(text)) => {
            let mut word = [0; 32];
            word[12..].copy_from_slice(EvmAddress::parse(text)?.bytes());
            Value::Word(word)
        }
        (Kind::Fixed(length), Json::Text(text)) => {
            let bytes = bytes(text).filter(|bytes| bytes.len() == *length)?;
            let mut word = [0; 32];
            word[..*length].copy_from_slice(&bytes);
            Value::Word(word)
        }
        (Kind::Unsigned(bits), json) => match number(json)? {
            (false, magnitude) if magnitude.bit_len() <= *bits => word(magnitude),
            _ => return None,
        },
        (Kind::Signed(bits), json) => {
            let (negative, magnitude) = number(json)?;
            let least = U256::ONE << (bits - 1);
            match negative {
                true if magnitude <= least => word(magnitude.wrapping_neg()),
                false if magnitude < least => word(magnitude),
                _ => return None,
            }
        }
        _ => return None,
    })
}

/// Whether a number is negative, and how large it is.
fn number(json: &Json) -> Option<(bool, U256)> {
    match json {
        Json::Number(number) => Some((*number < 0, U256::from(number.unsigned_abs()))),
        Json::Text(text) => match (text.strip_prefix("0x"), text.strip_prefix('-')) {
            (Some(digits), _) => Some((false, hexadecimal(digits)?)),
            (_, Some(digits)) => {
                let magnitude = decimal(digits)?;
                (!magnitude.is_zero()).then_some((true, magnitude))
            }
            _ => Some((false, decimal(text)?)),
        },
        _ => None,
    }
}

fn hexadecimal(digits: &str) -> Option<U256> {
    let plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let number = plain.then(|| U256::from_str_radix(digits, 16).ok());
    number.flatten()
}

fn decimal(digits: &str) -> Option<U256> {
    let plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    let in_vain = digits.len() > 1 && digits.starts_with('0');
    let number = (plain && !in_vain).then(|| U256::from_str_radix(digits, 10).ok());
    number.flatten()
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x")?;
    HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()
}
