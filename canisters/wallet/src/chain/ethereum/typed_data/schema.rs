//! The types that typed data declares.
//!
//! - Specification: EIP-712, "Definition of typed structured data" and "Definition of `encodeType`".
//! - In: the member `types`. Out: a [`Schema`] in which every member has a type that exists, and each structure the hash of its `encodeType`.
//! - Names are identifiers of Solidity. Structures may contain themselves, through arrays: data is finite in any case. `uint` and `int` without a number
//!   are refused, since EIP-712 has no such types.
//! - Bounds: [`MOST`] structures of so many members; arrays of arrays as deep as values may be.

use super::super::error::SchemaError;
use super::super::hash::keccak;
use super::MAX_DEPTH;
use super::domain;
use super::json::Json;
use std::collections::{BTreeMap, BTreeSet};

/// The most structures, and the most members of one.
pub const MOST: usize = 32;

/// The structure that every schema has.
pub const DOMAIN: &str = "EIP712Domain";

/// What a member may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Yes or no.
    Bool,
    /// 20 bytes.
    Address,
    /// From zero on, of so many bits.
    Unsigned(usize),
    /// With a sign, of so many bits.
    Signed(usize),
    /// So many bytes, 1 to 32.
    Fixed(usize),
    /// Any number of bytes.
    Bytes,
    /// Text.
    Text,
    /// A declared structure.
    Structure(String),
    /// An array, of so many items if it says so.
    Array(Box<Kind>, Option<usize>),
}

/// A member of a structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its type as it is written.
    pub written: String,
    /// Its type.
    pub kind: Kind,
}

/// A declared structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// In the order in which they are hashed.
    pub members: Vec<Member>,
    /// Of its `encodeType`.
    pub type_hash: [u8; 32],
}

/// All declared structures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema(BTreeMap<String, Declared>);

impl Schema {
    /// Checks the declared structures.
    ///
    /// # Errors
    /// The first thing that is wrong with them.
    pub fn parse(json: &Json) -> Result<Self, SchemaError> {
        let Json::Object(declared) = json else {
            return Err(SchemaError::Domain);
        };
        few(declared.len())?;
        let mut schema = Self(BTreeMap::new());
        for (name, members) in declared {
            if !is_identifier(name) || elementary(name).is_some() || is_reserved(name) {
                return Err(SchemaError::TypeName(name.clone()));
            }
            let members = parse_members(name, members, declared)?;
            // The hash follows when all are known.
            let type_hash = [0; 32];
            schema
                .0
                .insert(name.clone(), Declared { members, type_hash });
        }
        let domain = schema.get(DOMAIN);
        if !domain.is_some_and(|domain| domain::is_standard(&domain.members)) {
            return Err(SchemaError::Domain);
        }
        let hashes: Vec<_> = schema.0.keys().map(|name| schema.type_hash(name)).collect();
        for (declared, hash) in schema.0.values_mut().zip(hashes) {
            declared.type_hash = hash;
        }
        Ok(schema)
    }

    /// A declared structure.
    pub fn get(&self, name: &str) -> Option<&Declared> {
        self.0.get(name)
    }

    /// The members of a structure; none if there is no such structure.
    pub fn members(&self, name: &str) -> &[Member] {
        self.0.get(name).map_or(&[], |declared| &declared.members)
    }

    /// A structure's name and members, as `encodeType` has them.
    pub fn declared(&self, name: &str) -> Option<String> {
        let members = &self.0.get(name)?.members;
        let members = members
            .iter()
            .map(|member| format!("{} {}", member.written, member.name));
        Some(format!("{name}({})", members.collect::<Vec<_>>().join(",")))
    }

    /// `encodeType`: the structure, and behind it, ordered by name, all that it contains.
    pub fn encode_type(&self, name: &str) -> Option<String> {
        let mut text = self.declared(name)?;
        let (mut contained, mut open) = (BTreeSet::new(), vec![name]);
        while let Some(next) = open.pop() {
            let members = self.members(next).iter();
            let structures = members.filter_map(|member| structure_in(&member.kind));
            open.extend(structures.filter(|structure| contained.insert(*structure)));
        }
        contained.remove(name);
        text.extend(contained.into_iter().filter_map(|name| self.declared(name)));
        Some(text)
    }

    fn type_hash(&self, name: &str) -> [u8; 32] {
        let text = self.encode_type(name).unwrap_or_default();
        keccak([text.as_bytes()])
    }
}

fn few(declared: usize) -> Result<(), SchemaError> {
    match declared > MOST {
        true => Err(SchemaError::TooMany {
            declared: declared as u64,
            at_most: MOST as u64,
        }),
        false => Ok(()),
    }
}

fn parse_members(
    of: &str,
    json: &Json,
    declared: &BTreeMap<String, Json>,
) -> Result<Vec<Member>, SchemaError> {
    let bad = |place: usize| SchemaError::Member {
        of: of.to_owned(),
        place: place as u64,
    };
    let Json::Array(items) = json else {
        return Err(bad(0));
    };
    few(items.len())?;
    let mut names = BTreeSet::new();
    let mut members = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        let (name, written) = parse_member(item).ok_or_else(|| bad(place))?;
        if !is_identifier(name) || !names.insert(name) {
            return Err(bad(place));
        }
        let kind = Kind::parse(written, declared).ok_or_else(|| SchemaError::MemberType {
            of: of.to_owned(),
            written: written.to_owned(),
        })?;
        members.push(Member {
            name: name.to_owned(),
            written: written.to_owned(),
            kind,
        });
    }
    Ok(members)
}

/// Exactly `name` and `type`, both text.
fn parse_member(item: &Json) -> Option<(&str, &str)> {
    let Json::Object(item) = item else {
        return None;
    };
    match (item.len(), item.get("name")?, item.get("type")?) {
        (2, Json::Text(name), Json::Text(written)) => Some((name, written)),
        _ => None,
    }
}

impl Kind {
    /// Reads the name of a type, structures being those that are declared. Nothing for every other text.
    fn parse(text: &str, declared: &BTreeMap<String, Json>) -> Option<Self> {
        let (stem, mut dimensions) = match text.find('[') {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        let structure = || declared.contains_key(stem).then(|| stem.to_owned());
        let mut kind = elementary(stem).or_else(|| structure().map(Self::Structure))?;
        for _ in 0..MAX_DEPTH {
            if dimensions.is_empty() {
                return Some(kind);
            }
            let (items, rest) = dimensions.strip_prefix('[')?.split_once(']')?;
            let items = match items {
                "" => None,
                items => Some(plain_number(items).filter(|items| *items > 0)?),
            };
            kind = Self::Array(Box::new(kind), items);
            dimensions = rest;
        }
        None
    }
}

fn structure_in(kind: &Kind) -> Option<&str> {
    match kind {
        Kind::Structure(name) => Some(name),
        Kind::Array(items, _) => structure_in(items),
        _ => None,
    }
}

fn elementary(name: &str) -> Option<Kind> {
    let bits = |digits: &str| {
        plain_number(digits).filter(|bits| bits % 8 == 0 && (8..=256).contains(bits))
    };
    Some(match name {
        "bool" => Kind::Bool,
        "address" => Kind::Address,
        "string" => Kind::Text,
        "bytes" => Kind::Bytes,
        _ => {
            if let Some(digits) = name.strip_prefix("uint") {
                Kind::Unsigned(bits(digits)?)
            } else if let Some(digits) = name.strip_prefix("int") {
                Kind::Signed(bits(digits)?)
            } else {
                let digits = name.strip_prefix("bytes")?;
                Kind::Fixed(plain_number(digits).filter(|bytes| (1..=32).contains(bytes))?)
            }
        }
    })
}

/// Names that Solidity or the JSON format has given away, so that other implementations take them for something else.
fn is_reserved(name: &str) -> bool {
    let digits = |prefix: &str| {
        let rest = name.strip_prefix(prefix);
        rest.is_some_and(|rest| rest.chars().all(|letter| letter.is_ascii_digit()))
    };
    name == "function" || ["uint", "int", "bytes"].into_iter().any(digits)
}

/// Decimal digits, none in vain.
fn plain_number(digits: &str) -> Option<usize> {
    let number: usize = digits.parse().ok()?;
    (number.to_string() == digits).then_some(number)
}

fn is_identifier(name: &str) -> bool {
    let starts = |letter: char| letter.is_ascii_alphabetic() || letter == '_' || letter == '$';
    name.starts_with(starts)
        && name
            .chars()
            .all(|letter| starts(letter) || letter.is_ascii_digit())
}
