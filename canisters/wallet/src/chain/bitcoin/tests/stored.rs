//! What is stored reads back as it was, under the numbers that the modules tell.

use super::owner::{Owner, coin, coins, output, payment};
use crate::chain::bitcoin::*;
use minicbor::data::Type;
use minicbor::{Decode, Decoder, Encode};
use std::fmt::Debug;

fn assert_stored<T>(value: &T)
where
    T: Encode<()> + for<'b> Decode<'b, ()> + PartialEq + Debug,
{
    let bytes = minicbor::to_vec(value).unwrap();
    let read: T = minicbor::decode(&bytes).unwrap();
    assert_eq!(&read, value);
    for end in 0..bytes.len() {
        assert!(minicbor::decode::<T>(&bytes[..end]).is_err());
    }
}

#[test]
fn values_read_back_as_they_were_stored() {
    let owner = Owner::new(71);
    let wish = payment(50_000, 2_000, 10_000);
    let plan = plan(&wish, &coins(&[30_000, 31_000]), &owner.keys).unwrap();
    let (signed, _) = owner.signed(&plan);
    assert_stored(&wish);
    assert_stored(&plan);
    assert_stored(&signed);
    assert_stored(&owner.keys);
    assert_stored(&coin(5, 77, UtxoKind::P2wpkh));
    let destinations = [
        Destination::P2pkh([1; 20]),
        Destination::P2sh([2; 20]),
        Destination::P2wpkh([3; 20]),
        Destination::P2wsh([4; 32]),
        Destination::P2tr([5; 32]),
    ];
    for destination in destinations {
        assert_stored(&destination);
    }
}

#[test]
fn the_numbers_of_fields_and_kinds_are_kept() {
    let stored = minicbor::to_vec(output(300)).unwrap();
    let mut expected = vec![0xa2, 0x00, 0x82, 0x02, 0x81, 0x54];
    expected.extend_from_slice(&[7; 20]);
    expected.extend_from_slice(&[0x01, 0x19, 0x01, 0x2c]);
    assert_eq!(stored, expected);
    let stored = minicbor::to_vec(coin(5, 77, UtxoKind::P2tr)).unwrap();
    assert_eq!(stored[..5], [0xa3, 0x00, 0xa2, 0x00, 0x58]);
    assert_eq!(stored[stored.len() - 5..], [0x01, 0x18, 77, 0x02, 0x01]);
}

#[test]
fn scripts_and_ids_are_stored_as_byte_strings() {
    let stored = minicbor::to_vec(Txid([9; 32])).unwrap();
    assert_eq!(Decoder::new(&stored).datatype().unwrap(), Type::Bytes);
    assert_eq!(stored.len(), 34);
}

#[test]
fn ids_are_written_the_other_way_round() {
    let mut bytes = [0; 32];
    bytes[0] = 0xab;
    let outpoint = OutPoint {
        txid: Txid(bytes),
        vout: 7,
    };
    assert_eq!(outpoint.to_string(), format!("{}ab:7", "0".repeat(62)));
}
