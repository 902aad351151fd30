//! Signatures are verified before they are put in, whoever made them.

use super::owner::{Owner, coins, payment};
use crate::chain::bitcoin::*;

/// A plan that spends two coins of each kind.
fn planned(owner: &Owner) -> Plan {
    let coins = coins(&[30_000, 31_000, 32_000, 33_000]);
    let plan = plan(&payment(110_000, 3_000, 10_000), &coins, &owner.keys).unwrap();
    assert_eq!(plan.inputs().len(), 4);
    plan
}

#[test]
fn signatures_of_both_kinds_are_accepted_by_bitcoin_core() {
    let owner = Owner::new(51);
    let plan = planned(&owner);
    let kinds: Vec<_> = plan.inputs().iter().map(|coin| coin.kind).collect();
    assert!(kinds.contains(&UtxoKind::P2wpkh) && kinds.contains(&UtxoKind::P2tr));
    let (signed, _) = owner.signed(&plan);
    assert!(signed.vsize <= plan.size());
}

#[test]
fn a_large_s_is_made_small() {
    let owner = Owner::new(51);
    let plan = planned(&owner);
    let signatures = owner.sign(&plan);
    let is_large = |bytes: &Vec<u8>| bytes[32] >= 0x80;
    let ecdsa: Vec<_> = (plan.inputs().iter().zip(&signatures))
        .filter(|(coin, _)| coin.kind == UtxoKind::P2wpkh)
        .map(|(_, signature)| signature)
        .collect();
    let coins = (0..).zip(plan.inputs());
    let turned = coins.filter(|(input, coin)| coin.kind == UtxoKind::P2wpkh && input % 2 == 1);
    assert_eq!(
        ecdsa.iter().filter(|it| is_large(it)).count(),
        turned.count()
    );
    let (_, read) = owner.signed(&plan);
    for (input, coin) in read.input.iter().zip(plan.inputs()) {
        if coin.kind == UtxoKind::P2wpkh {
            let item = input.witness.to_vec()[0].clone();
            let signature = bitcoin::ecdsa::Signature::from_slice(&item).unwrap();
            let mut small = signature.signature;
            small.normalize_s();
            assert_eq!(signature.signature, small);
        }
    }
}

#[test]
fn every_changed_bit_of_a_signature_is_noticed_and_its_input_named() {
    let owner = Owner::new(51);
    let plan = planned(&owner);
    let good = owner.sign(&plan);
    for (input, to_sign) in plan.all_to_sign().iter().enumerate() {
        for bit in (0..512).step_by(7) {
            let mut wrong = good.clone();
            wrong[input][bit / 8] ^= 1 << (bit % 8);
            let expected = SignatureError::Invalid {
                input: input as u32,
            };
            let alone = plan.check_signature(to_sign, &wrong[input]);
            assert_eq!(alone, Err(expected));
            if bit % 5 == 0 {
                assert_eq!(plan.assemble(&wrong), Err(expected));
            }
        }
        assert_eq!(plan.check_signature(to_sign, &good[input]), Ok(()));
    }
}

#[test]
fn signatures_of_other_lengths_inputs_keys_or_plans_are_refused() {
    let owner = Owner::new(51);
    let plan = planned(&owner);
    let good = owner.sign(&plan);
    let refused_at = |signatures: &[Vec<u8>], input| {
        let expected = Err(SignatureError::Invalid { input });
        assert_eq!(plan.assemble(signatures), expected);
    };
    for length in [0, 63, 65] {
        for input in 0..4 {
            let mut wrong = good.clone();
            wrong[input].resize(length, 0);
            refused_at(&wrong, input as u32);
        }
    }
    for wrong in [vec![0; 64], vec![0xff; 64]] {
        refused_at(&vec![wrong; 4], 0);
    }
    let mut turned = good.clone();
    turned.rotate_left(1);
    refused_at(&turned, 0);
    refused_at(&Owner::new(61).sign(&plan), 0);
    let dearer = payment(110_000, 4_000, 10_000);
    let all = coins(&[30_000, 31_000, 32_000, 33_000]);
    let other = crate::chain::bitcoin::plan(&dearer, &all, &owner.keys).unwrap();
    refused_at(&owner.sign(&other), 0);
}

#[test]
fn there_is_one_signature_for_each_input() {
    let owner = Owner::new(51);
    let plan = planned(&owner);
    let good = owner.sign(&plan);
    let five = [&good[..], &good[..1]].concat();
    for signatures in [&good[..3], &good[..0], &five] {
        let expected = SignatureError::Count {
            signatures: signatures.len() as u64,
            inputs: 4,
        };
        assert_eq!(plan.assemble(signatures), Err(expected));
    }
}
