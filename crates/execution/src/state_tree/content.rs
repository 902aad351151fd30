//! What the certified state of a subnet holds.
//!
//! Source: interface specification, "The system state tree": `/time`, `/subnet/<id>/{public_key, canister_ranges}`,
//! `/canister/<id>/{certified_data, module_hash, controllers, metadata/<name>}`, `/request_status/<id>/{status, reply,
//! reject_code, reject_message, error_code}`. Numbers are LEB128, lists CBOR. In: a subnet's state. Out: the tree. Leaves
//! out: nodes' public keys and the subnet's metrics.

use super::tree::Tree;
use crate::canister::Canister;
use crate::chain_keys::ChainKeys;
use crate::ids::{CanisterRange, SubnetId};
use crate::subnet::{IngressStatus, SubnetRecord, SubnetState};
use candid::Principal;
use minicbor::Encoder;
use minicbor::data::Tag;

/// Self-described CBOR, RFC 8949, 3.4.6.
pub(super) const SELF_DESCRIBED: Tag = Tag::new(55799);

/// The tree of the state as it is between rounds.
pub fn of(state: &SubnetState) -> Tree {
    let canisters = state.canisters.values();
    let canisters = canisters.map(|canister| (canister.id.as_slice(), of_canister(canister)));
    let requests = state.ingress.statuses();
    let requests = requests.map(|(id, status)| (id.0, of_status(status)));
    Tree::branch([
        ("canister", Tree::branch(canisters)),
        ("request_status", Tree::branch(requests)),
        ("subnet", of_subnets(state)),
        ("time", Tree::leaf(leb128(state.time.0))),
    ])
}

fn of_canister(canister: &Canister) -> Tree {
    let controllers = principals(canister.settings.controllers.iter());
    let mut children = vec![("controllers", Tree::leaf(controllers))];
    if let Some(module) = canister.module() {
        let sections = module.custom_sections.iter();
        let metadata = sections.map(|(name, section)| {
            let content: Vec<u8> = section.content.to_vec();
            (name.as_bytes(), Tree::Leaf(content))
        });
        children.push((
            "certified_data",
            Tree::leaf(canister.certified_data.clone()),
        ));
        children.push(("metadata", Tree::branch(metadata)));
        children.push(("module_hash", Tree::leaf(module.hash)));
    }
    Tree::branch(children)
}

fn of_status(status: &IngressStatus) -> Tree {
    let text = |text: &str| Tree::leaf(text.as_bytes());
    match status {
        IngressStatus::Received => Tree::branch([("status", text("received"))]),
        IngressStatus::Processing => Tree::branch([("status", text("processing"))]),
        IngressStatus::Replied(reply) => Tree::branch([
            ("status", text("replied")),
            ("reply", Tree::leaf(reply.clone())),
        ]),
        IngressStatus::Failed(error) => Tree::branch([
            ("status", text("rejected")),
            (
                "reject_code",
                Tree::leaf(leb128(error.code.reject_code() as u64)),
            ),
            ("reject_message", text(&error.message)),
            ("error_code", text(&error.code.to_string())),
        ]),
    }
}

fn of_subnets(state: &SubnetState) -> Tree {
    let subnets = state.routing.subnets.iter();
    Tree::branch(subnets.map(|(id, record)| {
        let entry = subnet_entry(state.keys.as_ref(), *id, record);
        (id.0.as_slice(), entry)
    }))
}

/// What the tree says of one subnet; its public key once it has one.
pub(super) fn subnet_entry(keys: &dyn ChainKeys, id: SubnetId, record: &SubnetRecord) -> Tree {
    let key = keys.known_public_key(id);
    let key = key.map(|key| ("public_key", Tree::leaf(key)));
    let ranges = ("canister_ranges", Tree::leaf(ranges(record)));
    Tree::branch([Some(ranges), key].into_iter().flatten())
}

fn ranges(record: &SubnetRecord) -> Vec<u8> {
    written(|encoder| {
        encoder.array(record.ranges.len() as u64)?;
        for CanisterRange { start, end } in &record.ranges {
            encoder
                .array(2)?
                .bytes(start.as_slice())?
                .bytes(end.as_slice())?;
        }
        Ok(())
    })
}

fn principals<'a>(list: impl ExactSizeIterator<Item = &'a Principal>) -> Vec<u8> {
    written(|encoder| {
        encoder.array(list.len() as u64)?;
        for principal in list {
            encoder.bytes(principal.as_slice())?;
        }
        Ok(())
    })
}

/// Self-described CBOR of what is written. Writing to a vector can't fail.
fn written(
    write: impl FnOnce(
        &mut Encoder<&mut Vec<u8>>,
    ) -> Result<(), minicbor::encode::Error<std::convert::Infallible>>,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes);
    let result = encoder.tag(SELF_DESCRIBED).map(|_| ());
    let _infallible = result.and_then(|()| write(&mut encoder));
    bytes
}

/// An unsigned LEB128 number.
pub fn leb128(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_leb128() {
        assert_eq!(leb128(0), [0]);
        assert_eq!(leb128(624_485), [0xe5, 0x8e, 0x26]);
    }
}
