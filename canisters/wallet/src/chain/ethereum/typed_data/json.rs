//! JSON in which every name stands once.
//!
//! - Specification: RFC 8259; numbers that not every reader takes for the same one, which are all with a fraction or an exponent and those beyond
//!   2^53 - 1 (section 6), have no value here.
//! - In: text, whose length the caller bounds; serde_json bounds its depth to 128. Out: a tree.

use super::super::error::TypedDataError;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use std::collections::BTreeMap;
use std::fmt;

/// The largest number that every reader takes for the same.
const LARGEST: i64 = (1 << 53) - 1;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// A truth value.
    Bool(bool),
    /// A whole number of at most 53 bits.
    Number(i64),
    /// A string.
    Text(String),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(BTreeMap<String, Json>),
    /// What typed data has no use for: `null`, and all other numbers.
    Other,
}

impl Json {
    /// Reads a text that is one value.
    ///
    /// # Errors
    /// It is not JSON, or has a name twice in one object.
    pub fn parse(text: &str) -> Result<Self, TypedDataError> {
        serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line() as u64, error.column() as u64);
            // The reader below objects to nothing else.
            match error.classify() {
                Category::Data => TypedDataError::NameTwice { line, column },
                _ => TypedDataError::Json { line, column },
            }
        })
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(match value.unsigned_abs() <= LARGEST.unsigned_abs() {
            true => Json::Number(value),
            false => Json::Other,
        })
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        let value = i64::try_from(value).ok().filter(|value| *value <= LARGEST);
        Ok(value.map_or(Json::Other, Json::Number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut source: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = source.next_element()? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut source: A) -> Result<Json, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = source.next_entry::<String, Json>()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(Json::Object(members))
    }
}
