//! Typed data: hashes as EIP-712 and two other libraries have them, random data against a third, and what is refused.

use super::super::error::{SchemaError, TypedDataError, ValueError};
use super::super::quantity::ChainId;
use super::super::signature::Signature;
use super::super::tests::{address, bytes, random};
use super::{Domain, MAX_BYTES, MAX_DEPTH, TypedData};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

#[derive(Deserialize)]
struct Mail {
    account: String,
    data: Json,
    encoded_type: String,
    domain_separator: String,
    struct_hash: String,
    signing_hash: String,
    signature: String,
}

#[derive(Deserialize)]
struct Made {
    note: String,
    data: Json,
    encoded_type: String,
    domain_separator: String,
    signing_hash: String,
}

#[derive(Deserialize)]
struct Cases {
    cases: Vec<Made>,
}

#[derive(Deserialize)]
struct Vectors {
    published: Mail,
    made: Cases,
}

fn vectors() -> Vectors {
    let text = include_str!("../../../../tests/vectors/evm-typed-data.json");
    serde_json::from_str(text).unwrap()
}

fn parse(data: &Json) -> Result<TypedData, TypedDataError> {
    TypedData::parse(&data.to_string())
}

#[test]
fn the_example_of_eip_712_has_its_hashes_and_its_signature() {
    let mail = vectors().published;
    let data = parse(&mail.data).unwrap();
    assert_eq!(data.primary_type(), "Mail");
    assert_eq!(data.encoded_type(), mail.encoded_type);
    assert_eq!(
        data.declared("Mail").unwrap(),
        "Mail(Person from,Person to,string contents)"
    );
    assert_eq!(
        data.domain_separator().as_slice(),
        bytes(&mail.domain_separator)
    );
    assert_eq!(data.message().hash().as_slice(), bytes(&mail.struct_hash));
    assert_eq!(data.signing_hash().0.as_slice(), bytes(&mail.signing_hash));
    let expected = Domain {
        name: Some("Ether Mail".to_owned()),
        version: Some("1".to_owned()),
        chain_id: Some(ChainId(1)),
        verifying_contract: Some(address("0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC")),
        salt: None,
    };
    assert_eq!(data.domain(), &expected);
    let signature = bytes(&mail.signature);
    let account = address(&mail.account);
    let taken = Signature::of_account(account, &data.signing_hash(), &signature[..64]).unwrap();
    assert_eq!(taken.bytes().as_slice(), signature);
}

#[test]
fn typed_data_hashes_as_in_two_other_libraries() {
    for case in vectors().made.cases {
        let data = parse(&case.data).unwrap_or_else(|error| panic!("{}: {error}", case.note));
        assert_eq!(data.encoded_type(), case.encoded_type, "{}", case.note);
        let separator = bytes(&case.domain_separator);
        assert_eq!(
            data.domain_separator().as_slice(),
            separator,
            "{}",
            case.note
        );
        assert_eq!(
            data.signing_hash().0.as_slice(),
            bytes(&case.signing_hash),
            "{}",
            case.note
        );
    }
}

/// The example with one place changed: `null` stands for taking it away.
fn changed(pointer: &str, new: Json) -> Json {
    let mut data = vectors().published.data;
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match data.pointer_mut(parent).unwrap() {
        Json::Object(members) if new.is_null() => {
            members.remove(last).unwrap();
        }
        Json::Object(members) => {
            members.insert(last.to_owned(), new);
        }
        Json::Array(items) if last == "-" => items.push(new),
        Json::Array(items) => items[last.parse::<usize>().unwrap()] = new,
        _ => unreachable!(),
    }
    data
}

fn refused(pointer: &str, new: Json) -> TypedDataError {
    parse(&changed(pointer, new)).unwrap_err()
}

fn value(at: &str, reason: ValueError) -> TypedDataError {
    let at = at.to_owned();
    TypedDataError::Value { at, reason }
}

fn not(at: &str, kind: &str) -> TypedDataError {
    value(at, ValueError::Not(kind.to_owned()))
}

#[test]
fn refuses_members_that_would_be_shown_but_not_signed() {
    let undeclared = |at| value(at, ValueError::Undeclared);
    assert_eq!(refused("/note", json!("x")), undeclared("note"));
    assert_eq!(
        refused("/message/note", json!("x")),
        undeclared("message.note")
    );
    assert_eq!(
        refused("/message/to/note", json!(1)),
        undeclared("message.to.note")
    );
    let salt = json!(format!("0x{}", "00".repeat(32)));
    assert_eq!(refused("/domain/salt", salt), undeclared("domain.salt"));
}

#[test]
fn refuses_missing_members() {
    let missing = |at| value(at, ValueError::Missing);
    for part in ["types", "primaryType", "domain", "message"] {
        assert_eq!(refused(&format!("/{part}"), Json::Null), missing(part));
    }
    assert_eq!(
        refused("/domain/chainId", Json::Null),
        missing("domain.chainId")
    );
    assert_eq!(
        refused("/message/to/wallet", Json::Null),
        missing("message.to.wallet")
    );
    assert_eq!(
        parse(&changed("/message", json!({"from": null}))).unwrap_err(),
        not("message.from", "Person")
    );
}

#[test]
fn refuses_another_domain_than_the_declared_one() {
    let domain = TypedDataError::Schema(SchemaError::Domain);
    assert_eq!(
        refused("/types/EIP712Domain", Json::Null),
        SchemaError::Domain.into()
    );
    let member = |kind: &str, name: &str| json!({"name": name, "type": kind});
    let version = member("string", "version");
    for (place, new) in [
        ("0", version.clone()),
        ("2", member("uint64", "chainId")),
        ("3", member("bytes20", "verifyingContract")),
        ("-", member("string", "note")),
    ] {
        let answer = refused(&format!("/types/EIP712Domain/{place}"), new);
        let twice = SchemaError::Member {
            of: "EIP712Domain".to_owned(),
            place: 1,
        };
        let expected = if place == "0" {
            twice.into()
        } else {
            domain.clone()
        };
        assert_eq!(answer, expected);
    }
    let swapped = json!([version, member("string", "name")]);
    assert_eq!(refused("/types/EIP712Domain", swapped), domain);
    let large = json!("18446744073709551616");
    assert_eq!(
        refused("/domain/chainId", large),
        not("domain.chainId", "uint64")
    );
}

#[test]
fn refuses_a_primary_type_that_is_no_declared_structure() {
    for name in ["EIP712Domain", "Letter", "string", "Person[]", ""] {
        let expected = TypedDataError::PrimaryType(name.to_owned());
        assert_eq!(refused("/primaryType", json!(name)), expected);
    }
    assert_eq!(
        refused("/primaryType", json!(1)),
        not("primaryType", "string")
    );
}

#[test]
fn refuses_types_that_eip_712_does_not_have() {
    for written in [
        "uint",
        "int",
        "uint7",
        "uint0",
        "uint264",
        "uint08",
        "int257",
        "bytes0",
        "bytes33",
        "byte",
        "Person ",
        "Nobody",
        "function",
        "string[0]",
        "string[01]",
        "string[-1]",
        "string[",
        "string]",
        "string[]x",
        "string [ ]",
        "(string)",
        "",
        "mapping(string => string)",
    ] {
        let answer = refused("/types/Person/0/type", json!(written));
        let expected = SchemaError::MemberType {
            of: "Person".to_owned(),
            written: written.to_owned(),
        };
        assert_eq!(answer, expected.into(), "{written}");
    }
    for name in [
        "uint256", "uint", "int7", "bytes", "bytes99", "bool", "address", "function", "1st", "a b",
        "", "a[]",
    ] {
        let expected = SchemaError::TypeName(name.to_owned());
        assert_eq!(
            refused(&format!("/types/{name}"), json!([])),
            expected.into()
        );
    }
}

#[test]
fn refuses_members_of_types_that_are_not_a_name_and_a_type() {
    let expected = |place| SchemaError::Member {
        of: "Person".to_owned(),
        place,
    };
    for member in [
        json!({"name": "wallet"}),
        json!({"name": "wallet", "type": 1}),
        json!({"name": "wallet", "type": "address", "note": "x"}),
        json!({"name": "name", "type": "address"}),
        json!({"name": "a b", "type": "address"}),
        json!({"name": "", "type": "address"}),
        json!(["address", "wallet"]),
    ] {
        assert_eq!(refused("/types/Person/1", member), expected(1).into());
    }
    assert_eq!(refused("/types/Person", json!({})), expected(0).into());
}

/// Typed data of one member of a type, and what is given for it.
fn text_of(kind: &str, given: &str) -> String {
    format!(
        r#"{{"types":{{"EIP712Domain":[],"T":[{{"name":"x","type":"{kind}"}}]}},"primaryType":"T","domain":{{}},"message":{{"x":{given}}}}}"#
    )
}

fn single(kind: &str, given: &str) -> Result<TypedData, TypedDataError> {
    TypedData::parse(&text_of(kind, given))
}

/// JSON, separated by ` | `, none of which is a value of the type.
fn assert_not(kind: &str, values: &str) {
    for given in values.split(" | ") {
        let expected = Err(not("message.x", kind));
        assert_eq!(single(kind, given), expected, "{kind}: {given}");
    }
}

#[test]
fn refuses_numbers_that_are_too_large_or_could_be_read_in_two_ways() {
    assert_not(
        "uint8",
        r#"256 | -1 | "256" | "-1" | "0x100" | 1.0 | 1e0 | -0 | true | null"#,
    );
    assert_not(
        "uint8",
        r#""" | "0x" | "01" | "+1" | " 1" | "1_0" | "0b1" | "0o7" | "0X1" | "1.0""#,
    );
    assert_not(
        "int8",
        r#"128 | -129 | "128" | "-129" | "0x80" | "-0x1" | "-0" | "--1" | "-01""#,
    );
    assert_not("uint256", "9007199254740992 | 18446744073709551616 | 1e18");
    assert_not("int256", "-9007199254740992");
    let above = alloy_primitives::U256::MAX
        .to_string()
        .replace("639935", "639936");
    assert_not("uint256", &format!("\"{above}\""));
    assert_not("uint256", &format!("\"0x1{}\"", "0".repeat(64)));
}

#[test]
fn refuses_values_that_are_not_of_their_type() {
    let small = "000000000022d473030f116ddee9f6b43ac78ba3";
    let bad_checksum = "0x000000000022D473030F116dDEE9F6B43aC78ba3";
    assert_not(
        "address",
        &format!(r#""" | "0x" | "{bad_checksum}" | "{small}" | "0x{small}00" | 0"#),
    );
    assert_not("bool", r#"1 | "true" | null | 0"#);
    assert_not("string", "1 | null | [] | {}");
    assert_not(
        "bytes",
        r#""" | "0" | "0x0" | "0xgg" | "00" | [0] | "0X00""#,
    );
    assert_not("bytes2", r#""0x" | "0x00" | "0x000000" | "0x 0000" | 0"#);
    assert_not("uint8[]", r#"null | {} | "" | 1"#);
    assert_not("uint8[2]", "[] | [1] | [1,2,3]");
    let at_item = single("uint8[][]", "[[1],[2,300]]");
    assert_eq!(at_item, Err(not("message.x[1][1]", "uint8")));
}

#[test]
fn the_forms_of_a_value_have_one_hash() {
    for (kind, same) in [
        ("uint8", r#"255 | "255" | "0xff" | "0x00FF""#),
        ("int8", r#"-128 | "-128""#),
        ("uint256", r#"9007199254740991 | "9007199254740991""#),
        ("bytes2", r#""0xabCD" | "0xabcd""#),
        ("string", r#""a" | "\u0061""#),
    ] {
        let given = same.split(" | ");
        let mut hashes: Vec<_> = given
            .map(|given| single(kind, given).unwrap().signing_hash())
            .collect();
        assert!(hashes.len() > 1);
        hashes.dedup();
        assert_eq!(hashes.len(), 1, "{kind}");
    }
}

#[test]
fn refuses_text_that_is_not_json_or_has_a_name_twice() {
    let json = |text: &str| TypedData::parse(text).unwrap_err();
    let deep = "[".repeat(1_000);
    for text in [
        "",
        "{",
        "{} {}",
        "{'a':1}",
        "{\"a\":1,}",
        "\u{feff}{}",
        &deep,
    ] {
        assert!(matches!(json(text), TypedDataError::Json { .. }), "{text}");
    }
    for text in [
        r#"{"types":1,"types":1}"#,
        r#"{"message":{"a":[{"b":1,"\u0062":2}]}}"#,
    ] {
        assert!(
            matches!(json(text), TypedDataError::NameTwice { .. }),
            "{text}"
        );
    }
    assert_eq!(json("[]"), not("typed data", "object"));
    let quoted = serde_json::to_string(&vectors().published.data.to_string()).unwrap();
    assert_eq!(json(&quoted), not("typed data", "object"));
}

#[test]
fn sizes_are_bounded() {
    let frame = text_of("string", "\"\"").len();
    let of_length = |length: usize| {
        let filling = "x".repeat(length - frame);
        single("string", &format!("\"{filling}\""))
    };
    assert!(of_length(MAX_BYTES).is_ok());
    let expected = TypedDataError::TooLong {
        bytes: 32_769,
        at_most: 32_768,
    };
    assert_eq!(of_length(MAX_BYTES + 1), Err(expected));
    let many = |count: usize| -> Json {
        let member = |place| json!({"name": format!("m{place}"), "type": "bool"});
        (0..count).map(member).collect()
    };
    assert!(parse(&changed("/types/Many", many(32))).is_ok());
    let expected = SchemaError::TooMany {
        declared: 33,
        at_most: 32,
    };
    assert_eq!(refused("/types/Many", many(33)), expected.clone().into());
    let mut types = vectors().published.data["types"].clone();
    for place in 3..33 {
        types[format!("T{place}")] = json!([]);
    }
    assert_eq!(refused("/types", types), expected.into());
}

#[test]
fn depths_are_bounded() {
    let array = |depth: usize| {
        let brackets = (0..depth).map(|_| "[]").collect::<String>();
        let (kind, open) = (format!("uint8{brackets}"), "[".repeat(depth));
        single(&kind, &format!("{open}{}", "]".repeat(depth)))
    };
    assert!(array(MAX_DEPTH - 1).is_ok());
    assert!(array(MAX_DEPTH).is_err());
    assert!(array(10_000).is_err());
    let tree = |depth: usize| {
        let mut tree = json!({"children": []});
        for _ in 0..depth {
            tree = json!({"children": [tree]});
        }
        parse(&json!({
            "types": {"EIP712Domain": [], "Tree": [{"name": "children", "type": "Tree[]"}]},
            "primaryType": "Tree", "domain": {}, "message": tree,
        }))
    };
    assert!(tree(7).is_ok());
    let TypedDataError::Value { at, reason } = tree(9).unwrap_err() else {
        panic!("another error");
    };
    assert_eq!(reason, ValueError::TooDeep(16));
    assert!(at.starts_with("message.children[0].children[0]"), "{at}");
}

#[test]
fn types_that_unfold_exponentially_cost_little() {
    let mut types = json!({"EIP712Domain": []});
    for place in 0..30 {
        let next = format!("T{}[]", place + 1);
        types[format!("T{place}")] =
            json!([{"name": "a", "type": next}, {"name": "b", "type": next}]);
    }
    types["T30"] = json!([]);
    let data =
        json!({"types": types, "primaryType": "T0", "domain": {}, "message": {"a": [], "b": []}});
    let data = parse(&data).unwrap();
    assert!(data.encoded_type().len() < 1_000);
}

/// Random bytes as a source of decisions.
struct Decisions(std::vec::IntoIter<u8>);

impl Decisions {
    fn below(&mut self, bound: usize) -> usize {
        usize::from(self.0.next().unwrap_or(0)) % bound
    }

    fn bytes(&mut self, count: usize) -> String {
        let bytes = (0..count).map(|_| self.0.next().unwrap_or(0));
        format!(
            "0x{}",
            data_encoding::HEXLOWER.encode(&bytes.collect::<Vec<_>>())
        )
    }

    /// A type, structures being those after `place`.
    fn kind(&mut self, place: usize, structures: usize) -> String {
        let mut kind = match self.below(9) {
            0 => "bool".to_owned(),
            1 => "address".to_owned(),
            2 => "string".to_owned(),
            3 => "bytes".to_owned(),
            4 => format!("bytes{}", 1 + self.below(32)),
            5 => format!("uint{}", 8 * (1 + self.below(32))),
            6 => format!("int{}", 8 * (1 + self.below(32))),
            _ if place + 1 < structures => {
                format!("S{}", place + 1 + self.below(structures - place - 1))
            }
            _ => "uint256".to_owned(),
        };
        for _ in 0..self.below(3) {
            match self.below(3) {
                0 => kind.push_str("[2]"),
                1 => kind.push_str("[]"),
                _ => {}
            }
        }
        kind
    }

    fn value(&mut self, kind: &str, types: &Map<String, Json>) -> Json {
        if let Some((inner, length)) = kind
            .strip_suffix(']')
            .and_then(|kind| kind.rsplit_once('['))
        {
            let length = length.parse().unwrap_or_else(|_| self.below(3));
            return (0..length).map(|_| self.value(inner, types)).collect();
        }
        let bits = kind.trim_start_matches(|letter: char| !letter.is_ascii_digit());
        let bits: usize = bits.parse().unwrap_or(0);
        match kind {
            "bool" => json!(self.below(2) == 1),
            "address" => json!(self.bytes(20)),
            "string" => json!("grün, \"1\"\n".repeat(self.below(9))),
            "bytes" => {
                let count = self.below(70);
                json!(self.bytes(count))
            }
            _ if kind.starts_with("bytes") => json!(self.bytes(bits)),
            _ if kind.starts_with("uint") => json!(self.bytes(bits / 8)),
            // Within the range of int8, so of every one.
            _ if kind.starts_with("int") => json!(self.below(256) as i64 - 128),
            _ => {
                let members = types[kind].as_array().unwrap().clone();
                let text = |value: &Json| value.as_str().unwrap().to_owned();
                let values = members.iter().map(|member| {
                    (
                        text(&member["name"]),
                        self.value(&text(&member["type"]), types),
                    )
                });
                Json::Object(values.collect())
            }
        }
    }

    fn typed_data(&mut self) -> Json {
        let mut types = Map::new();
        let structures = 1 + self.below(5);
        for place in (0..structures).rev() {
            let members = (0..1 + self.below(4)).map(|member| {
                json!({"name": format!("m{member}"), "type": self.kind(place, structures)})
            });
            types.insert(format!("S{place}"), members.collect());
        }
        let domain = [
            ("name", "string"),
            ("version", "string"),
            ("chainId", "uint256"),
            ("verifyingContract", "address"),
            ("salt", "bytes32"),
        ];
        let declared = domain.into_iter().filter(|_| self.below(3) > 0);
        let declared = declared.map(|(name, kind)| json!({"name": name, "type": kind}));
        types.insert("EIP712Domain".to_owned(), declared.collect());
        let mut domain = self.value("EIP712Domain", &types);
        if let Some(chain) = domain.get_mut("chainId") {
            *chain = json!(self.bytes(8));
        }
        let message = self.value("S0", &types);
        json!({"types": types, "primaryType": "S0", "domain": domain, "message": message})
    }
}

proptest! {
    #![proptest_config(random(256))]

    #[test]
    fn random_typed_data_hashes_as_in_a_third_library(decisions in vec(any::<u8>(), 0..1_500)) {
        let data = Decisions(decisions.into_iter()).typed_data();
        prop_assume!(data.to_string().len() <= MAX_BYTES);
        let theirs: alloy_dyn_abi::TypedData = serde_json::from_value(data.clone()).unwrap();
        let ours = parse(&data).unwrap();
        prop_assert_eq!(ours.encoded_type(), theirs.encode_type().unwrap());
        prop_assert_eq!(ours.signing_hash().0, theirs.eip712_signing_hash().unwrap().0);
    }

    #[test]
    fn any_text_has_an_answer(text in ".{0,300}") {
        let _answer = TypedData::parse(&text);
    }

    #[test]
    fn changed_text_is_refused_or_read_as_the_third_library_reads_it(
        decisions in vec(any::<u8>(), 0..200), place in any::<prop::sample::Index>(), new in 32..127u8,
    ) {
        let mut text = Decisions(decisions.into_iter()).typed_data().to_string().into_bytes();
        let place = place.index(text.len());
        text[place] = new;
        let Ok(text) = String::from_utf8(text) else {
            return Ok(());
        };
        if let Ok(ours) = TypedData::parse(&text) {
            let theirs: alloy_dyn_abi::TypedData = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(ours.signing_hash().0, theirs.eip712_signing_hash().unwrap().0);
        }
    }
}
