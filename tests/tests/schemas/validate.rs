//! As much of JSON Schema as the deployment tools' schemas use.
//!
//! - Source: JSON Schema draft 7 and 2020-12, the sections on applicators and on validation.
//! - In: a schema and a document. Out: why the document is not valid, with the place in it.
//! - A keyword that this code does not know is a panic, so that nothing passes unread. Notes
//!   (`description`, `default`, `format` ...) assert nothing, as the specification allows.
//! - Left out: references outside the schema, and the keywords that no such schema uses.

use serde_json::Value;

const NOTES: &[&str] = &[
    "$schema",
    "$id",
    "$defs",
    "definitions",
    "title",
    "description",
    "default",
    "format",
    "examples",
];

/// A schema document, which references are resolved against.
pub struct Schema {
    root: Value,
}

impl Schema {
    /// Takes a schema that has been read.
    pub fn new(root: Value) -> Self {
        Self { root }
    }

    /// Everything in the document that the schema refuses.
    pub fn errors(&self, document: &Value) -> Vec<String> {
        self.check(&self.root, document, "")
    }

    fn check(&self, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        let Value::Object(keywords) = schema else {
            let refused = schema == &Value::Bool(false);
            return fail_if(refused, at, "nothing is allowed here");
        };
        keywords
            .iter()
            .flat_map(|(keyword, rule)| self.keyword(keyword, rule, schema, value, at))
            .collect()
    }

    fn keyword(
        &self,
        keyword: &str,
        rule: &Value,
        schema: &Value,
        value: &Value,
        at: &str,
    ) -> Vec<String> {
        let branches = || rule.as_array().expect("a list of schemas");
        let matching = || {
            branches()
                .iter()
                .filter(|it| self.check(it, value, at).is_empty())
                .count()
        };
        match keyword {
            _ if NOTES.contains(&keyword) => Vec::new(),
            "$ref" => self.check(self.resolve(rule), value, at),
            "allOf" => branches()
                .iter()
                .flat_map(|it| self.check(it, value, at))
                .collect(),
            "anyOf" => fail_if(matching() == 0, at, "no alternative fits"),
            "oneOf" => fail_if(matching() != 1, at, "not exactly one alternative fits"),
            "const" => fail_if(rule != value, at, "not the constant"),
            "enum" => fail_if(!branches().contains(value), at, "not one of the values"),
            "type" => fail_if(!has_type(rule, value), at, &format!("not of type {rule}")),
            "minimum" => fail_if(
                value.as_f64() < rule.as_f64() && value.is_number(),
                at,
                "too small",
            ),
            "maximum" => fail_if(
                value.as_f64() > rule.as_f64() && value.is_number(),
                at,
                "too large",
            ),
            "pattern" => fail_if(!matches_hex(rule, value), at, "does not match the pattern"),
            "required" => missing(rule, value, at),
            "items" => self.items(rule, value, at),
            "uniqueItems" => fail_if(
                rule == &Value::Bool(true) && repeats(value),
                at,
                "an item repeats",
            ),
            "properties" => self.properties(rule, value, at),
            "additionalProperties" => self.additional(rule, &schema["properties"], value, at),
            unknown => panic!("the schema has the keyword {unknown:?}, which is not implemented"),
        }
    }

    fn resolve(&self, reference: &Value) -> &Value {
        let pointer = reference.as_str().and_then(|text| text.strip_prefix('#'));
        let found = pointer.and_then(|pointer| self.root.pointer(pointer));
        found.unwrap_or_else(|| panic!("the reference {reference} leads nowhere"))
    }

    fn items(&self, rule: &Value, value: &Value, at: &str) -> Vec<String> {
        let items = value.as_array().into_iter().flatten().enumerate();
        items
            .flat_map(|(index, item)| self.check(rule, item, &format!("{at}/{index}")))
            .collect()
    }

    fn properties(&self, rules: &Value, value: &Value, at: &str) -> Vec<String> {
        let fields = value.as_object().into_iter().flatten();
        fields
            .filter_map(|(name, field)| Some((name, field, rules.get(name)?)))
            .flat_map(|(name, field, rule)| self.check(rule, field, &format!("{at}/{name}")))
            .collect()
    }

    fn additional(&self, rule: &Value, known: &Value, value: &Value, at: &str) -> Vec<String> {
        let fields = value.as_object().into_iter().flatten();
        fields
            .filter(|(name, _)| known.get(name.as_str()).is_none())
            .flat_map(|(name, field)| self.check(rule, field, &format!("{at}/{name}")))
            .collect()
    }
}

fn fail_if(failed: bool, at: &str, why: &str) -> Vec<String> {
    if failed {
        vec![format!("{at}: {why}")]
    } else {
        Vec::new()
    }
}

fn has_type(rule: &Value, value: &Value) -> bool {
    match rule {
        Value::Array(any) => any.iter().any(|one| has_type(one, value)),
        one => match one.as_str().expect("a type is a text") {
            "null" => value.is_null(),
            "boolean" => value.is_boolean(),
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "number" => value.is_number(),
            "integer" => value.is_i64() || value.is_u64(),
            unknown => panic!("the schema has the type {unknown:?}"),
        },
    }
}

/// The only kind of pattern in use: so many lower-case hexadecimal digits.
fn matches_hex(rule: &Value, value: &Value) -> bool {
    let pattern = rule.as_str().expect("a pattern is a text");
    let length = pattern
        .strip_prefix("^[0-9a-f]{")
        .and_then(|rest| rest.strip_suffix("}$"));
    let length: usize = length
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_else(|| {
            panic!("the schema has the pattern {pattern:?}, which is not implemented")
        });
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    value
        .as_str()
        .is_none_or(|text| text.len() == length && text.bytes().all(is_digit))
}

fn missing(rule: &Value, value: &Value, at: &str) -> Vec<String> {
    let Value::Object(fields) = value else {
        return Vec::new();
    };
    let names = rule
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    names
        .filter(|name| !fields.contains_key(*name))
        .map(|name| format!("{at}: {name:?} is missing"))
        .collect()
}

fn repeats(value: &Value) -> bool {
    let items = value.as_array().map_or(&[][..], Vec::as_slice);
    items
        .iter()
        .enumerate()
        .any(|(index, item)| items[..index].contains(item))
}

#[test]
fn each_keyword_accepts_and_refuses() {
    use serde_json::json;
    let refers = json!({"$ref": "#/$defs/a", "$defs": {"a": {"type": "null"}}});
    for (schema, good, bad) in [
        (json!({"type": ["integer", "null"]}), json!(1), json!("1")),
        (json!({"const": "a"}), json!("a"), json!("b")),
        (json!({"enum": [1, 2]}), json!(2), json!(3)),
        (json!({"minimum": 0, "maximum": 5}), json!(5), json!(6)),
        (json!({"minimum": 0}), json!("text"), json!(-1)),
        (
            json!({"pattern": "^[0-9a-f]{2}$"}),
            json!("0f"),
            json!("0F"),
        ),
        (json!({"required": ["a"]}), json!({"a": 1}), json!({"b": 1})),
        (
            json!({"items": {"type": "string"}}),
            json!(["a"]),
            json!(["a", 1]),
        ),
        (json!({"uniqueItems": true}), json!([1, 2]), json!([1, 1])),
        (
            json!({"properties": {"a": {"type": "string"}}}),
            json!({"b": 1}),
            json!({"a": 1}),
        ),
        (
            json!({"properties": {"a": true}, "additionalProperties": false}),
            json!({"a": 1}),
            json!({"b": 1}),
        ),
        (
            json!({"anyOf": [{"const": 1}, {"const": 2}]}),
            json!(2),
            json!(3),
        ),
        (
            json!({"oneOf": [{"type": "integer"}, {"const": 1}]}),
            json!(2),
            json!(1),
        ),
        (
            json!({"allOf": [{"type": "integer"}, {"minimum": 2}]}),
            json!(2),
            json!(1),
        ),
        (refers, json!(null), json!(1)),
    ] {
        let schema = Schema::new(schema);
        assert_eq!(schema.errors(&good), Vec::<String>::new());
        assert_eq!(
            schema.errors(&bad).len(),
            1,
            "{:?} takes {bad}",
            schema.root
        );
    }
}
