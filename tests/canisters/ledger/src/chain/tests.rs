//! Blocks as the standard writes them, their chain, pages and the tip.

use super::{MAX_BLOCKS, Range};
use crate::block::{Block, block_types};
use crate::request::{ApproveArgs, TransferArgs};
use crate::scene::{FEE, Scene, approval, from_to, memo, person, to};
use crate::value::{Value, leb128};
use candid::Nat;
use ic_certification::LookupResult;
use ic_stable_structures::Storable;

/// Two mints of the installation, then one block of each other kind.
fn scene() -> Scene {
    let mut scene = Scene::new();
    let transfer = TransferArgs {
        from_subaccount: Some([0; 32]),
        memo: memo(2),
        created_at_time: Some(scene.now),
        ..to(3, 100)
    };
    scene.transfer(1, transfer).unwrap();
    let approve = ApproveArgs {
        expected_allowance: Some(0_u8.into()),
        expires_at: Some(scene.now + 9),
        fee: Some(FEE.into()),
        ..approval(2, 500)
    };
    scene.approve(1, approve).unwrap();
    scene.transfer_from(2, from_to(1, 3, 20)).unwrap();
    scene.transfer_from(2, from_to(1, 0, 30)).unwrap();
    scene
}

/// Hashes of the blocks of [`scene`], by a program in another language that was written after HASHINGVALUES.md and ICRC-3.
const HASHES: [&str; 6] = [
    "f461d915d95bb1c2cae3a3b8b3b566272ab119cbee7f6083c106fa2a46dc0edb",
    "7e3c7ef442a07bb30f8331e5bc8d84e100dbaa5a4222f49afbae919de58acbda",
    "2cd0f4a929888e6c3eca71f61492e089ecd7291cad1e46c5bdf3a4df174efee6",
    "f3476b2b21b65f44510c3c925287fa8f076feccecdcbbc084a4df3a556397669",
    "60d5a8691be47dcfddeda39ccecdb0c1f4692bb8217df9fd352ed96fa064ad76",
    "c69318209b7a97df77d8e89fbfef471a3840f4a531ad1252c85d59b57b14fd61",
];

fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let Value::Map(entries) = value else {
        panic!("{value:?} is no map");
    };
    let found = entries.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value)
}

fn names(value: &Value) -> Vec<&str> {
    let Value::Map(entries) = value else {
        panic!("{value:?} is no map");
    };
    entries.iter().map(|(key, _)| key.as_str()).collect()
}

#[test]
fn every_block_has_the_hash_that_another_program_computes_and_names_the_one_before() {
    let scene = scene();
    let mut parent = None;
    for (index, expected) in HASHES.iter().enumerate() {
        let block = scene.ledger.chain().get(index as u64).unwrap();
        assert_eq!(hex::encode(block.hash()), *expected, "block {index}");
        let named = block.parent.as_ref().map(|hash| hash.to_vec());
        assert_eq!(named, parent);
        parent = Some(block.hash().to_vec());
    }
    assert_eq!(scene.blocks(), 6);
}

#[test]
fn blocks_have_the_fields_of_the_standard_and_no_others() {
    let scene = scene();
    let value = |index| scene.ledger.chain().get(index).unwrap().value();
    let fields = |index| {
        let value = value(index);
        let tx = field(&value, "tx").unwrap().clone();
        [names(&value).join(" "), names(&tx).join(" ")]
    };
    assert_eq!(fields(0), ["ts tx", "amt op to"]);
    assert_eq!(fields(1), ["phash ts tx", "amt op to"]);
    assert_eq!(fields(2), ["fee phash ts tx", "amt from memo op to ts"]);
    let approve = "amt expected_allowance expires_at fee from op spender";
    assert_eq!(fields(3), ["phash ts tx", approve]);
    assert_eq!(fields(4), ["fee phash ts tx", "amt from op spender to"]);
    assert_eq!(fields(5), ["phash ts tx", "amt from op spender"]);
    let owner = Value::blob(person(1).as_slice());
    let account = Value::Array(vec![owner, Value::blob(&[0; 32])]);
    let transfer = value(2);
    let tx = field(&transfer, "tx").unwrap();
    assert_eq!(field(tx, "from"), Some(&account));
    assert_eq!(field(tx, "op"), Some(&Value::Text("xfer".to_owned())));
    assert_eq!(field(&transfer, "fee"), Some(&Value::Nat(FEE.into())));
}

#[test]
fn a_stored_block_is_read_back() {
    let scene = scene();
    for index in 0..scene.blocks() {
        let block = scene.ledger.chain().get(index).unwrap();
        assert_eq!(Block::from_bytes(block.to_bytes()), block);
    }
    assert_eq!(scene.ledger.chain().get(6), None);
}

fn range(start: u64, length: u64) -> Range {
    Range {
        start: start.into(),
        length: length.into(),
    }
}

#[test]
fn a_page_has_the_blocks_of_its_ranges_in_their_order() {
    let scene = scene();
    let ids = |ranges: &[Range]| -> Vec<u64> {
        let page = scene.ledger.chain().page(ranges);
        assert_eq!(page.log_length, 6_u8);
        let ids = page.blocks.iter().map(|block| u64::try_from(&block.id.0));
        ids.collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(ids(&[]), [0; 0]);
    assert_eq!(ids(&[range(4, 1), range(0, 2)]), [4, 0, 1]);
    assert_eq!(ids(&[range(4, u64::MAX), range(7, 1)]), [4, 5]);
    let endless = Nat::from(u128::MAX);
    let all = Range {
        start: 5_u8.into(),
        length: endless.clone(),
    };
    assert_eq!(ids(&[all]), [5]);
    let beyond = Range {
        start: endless,
        length: 1_u8.into(),
    };
    assert_eq!(ids(&[beyond]), [0; 0]);
}

#[test]
fn a_page_ends_after_so_many_blocks() {
    let scene = scene();
    let ranges = vec![range(0, 6); MAX_BLOCKS];
    let page = scene.ledger.chain().page(&ranges);
    assert_eq!(page.blocks.len(), MAX_BLOCKS);
}

#[test]
fn the_tip_is_index_and_hash_of_the_last_block() {
    let mut scene = scene();
    let tree = scene.ledger.chain().tip_tree().unwrap();
    let hash = hex::decode(HASHES[5]).unwrap();
    assert_eq!(
        tree.lookup_path(["last_block_hash"]),
        LookupResult::Found(&hash)
    );
    let index = leb128(&5_u8.into());
    assert_eq!(
        tree.lookup_path(["last_block_index"]),
        LookupResult::Found(&index)
    );
    scene.transfer(1, to(3, 1)).unwrap();
    let next = scene.ledger.chain().tip_tree().unwrap();
    assert_ne!(next.digest(), tree.digest());
    assert_eq!(scene.ledger.chain().certified_tip(None), None);
}

#[test]
fn every_kind_of_block_is_listed() {
    let types = block_types();
    let names: Vec<&str> = types.iter().map(|it| it.block_type.as_str()).collect();
    assert_eq!(
        names,
        [
            "1xfer", "1mint", "1burn", "2approve", "2xfer", "2mint", "2burn"
        ]
    );
}
