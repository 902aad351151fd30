//! Plans that nobody planned: what is stored is changed, and the second look finds it.

use super::owner::{Owner, coin, coins, output, payment};
use crate::chain::bitcoin::*;
use minicbor::{Decode, Encode};

/// A stored plan with every field open.
#[derive(Encode, Decode)]
#[cbor(map)]
struct Forged {
    #[n(0)]
    keys: AccountKeys,
    #[n(1)]
    inputs: Vec<Utxo>,
    #[n(2)]
    outputs: Vec<Output>,
    #[n(3)]
    change: Option<u32>,
    #[n(4)]
    fee: Satoshi,
}

impl Forged {
    fn of(plan: &Plan) -> Self {
        minicbor::decode(&minicbor::to_vec(plan).unwrap()).unwrap()
    }

    fn plan(&self) -> Plan {
        minicbor::decode(&minicbor::to_vec(self).unwrap()).unwrap()
    }
}

/// What the second look says of a plan that was changed so.
fn look(change: impl FnOnce(&mut Forged)) -> Result<(), Mismatch> {
    let owner = Owner::new(91);
    let wish = payment(50_000, 2_000, 1_000);
    let planned = plan(&wish, &coins(&[40_000, 41_000]), &owner.keys).unwrap();
    assert_eq!(planned.outputs()[0].to, owner.keys.change());
    let mut forged = Forged::of(&planned);
    change(&mut forged);
    forged.plan().check_against(&wish, &owner.keys)
}

#[test]
fn a_plan_that_nobody_changed_is_accepted() {
    assert_eq!(look(|_| {}), Ok(()));
    assert_eq!(look(|plan| plan.outputs.reverse()), Ok(()));
    // What is noted about the change is not asked.
    assert_eq!(look(|plan| plan.change = Some(1)), Ok(()));
}

#[test]
fn change_to_somebody_else_is_found() {
    let other = Owner::new(95).keys.change();
    let unknown = Err(Mismatch::OutputUnknown);
    assert_eq!(look(|plan| plan.outputs[0].to = other), unknown);
    let added = |plan: &mut Forged| {
        plan.outputs[0].value.0 -= 5_000;
        plan.outputs.push(output(5_000));
    };
    assert_eq!(look(added), unknown);
    let split = |plan: &mut Forged| {
        plan.outputs[0].value.0 -= 5_000;
        let to = plan.outputs[0].to;
        let value = Satoshi(5_000);
        plan.outputs.push(Output { to, value });
    };
    assert_eq!(look(split), unknown);
}

#[test]
fn another_amount_or_receiver_is_found() {
    let missing = Err(Mismatch::OutputMissing { output: 0 });
    assert_eq!(look(|plan| plan.outputs[1].value.0 += 1), missing);
    assert_eq!(look(|plan| plan.outputs[1].value.0 -= 1), missing);
    let other = Destination::P2wpkh([8; 20]);
    assert_eq!(look(|plan| plan.outputs[1].to = other), missing);
    assert_eq!(look(|plan| plan.outputs.truncate(1)), missing);
}

#[test]
fn a_fee_that_is_not_what_is_left_is_found() {
    let fee = Err(Mismatch::Fee);
    assert_eq!(look(|plan| plan.fee.0 += 1), fee);
    assert_eq!(look(|plan| plan.outputs[0].value.0 -= 600), fee);
    assert_eq!(look(|plan| plan.outputs[0].value.0 += 1), fee);
    assert_eq!(look(|plan| plan.outputs[0].value.0 = u64::MAX), fee);
    let above = |plan: &mut Forged| {
        plan.outputs[0].value.0 -= 800;
        plan.fee.0 += 800;
    };
    assert_eq!(look(above), fee);
    let below = |plan: &mut Forged| {
        plan.outputs[0].value.0 += 1;
        plan.fee.0 -= 1;
    };
    assert_eq!(look(below), fee);
    let without_change = |plan: &mut Forged| plan.outputs = plan.outputs.split_off(1);
    assert_eq!(look(without_change), fee);
}

#[test]
fn change_that_is_dust_is_found() {
    let dust = |plan: &mut Forged| plan.outputs[0].value = Satoshi(329);
    assert_eq!(look(dust), Err(Mismatch::Change));
}

#[test]
fn inputs_that_are_none_too_many_or_twice_are_found() {
    let inputs = Err(Mismatch::Inputs);
    assert_eq!(look(|plan| plan.inputs.clear()), inputs);
    assert_eq!(look(|plan| plan.inputs.push(plan.inputs[0])), inputs);
    let too_many = |plan: &mut Forged| {
        let further = (100..).map(|number| coin(number, 1_000, UtxoKind::P2tr));
        plan.inputs.extend(further.take(99));
    };
    assert_eq!(look(too_many), inputs);
    assert_eq!(look(|plan| plan.inputs[0].value.0 = u64::MAX), inputs);
}

#[test]
fn the_keys_of_another_account_are_found() {
    let others = Owner::new(95).keys;
    assert_eq!(look(|plan| plan.keys = others), Err(Mismatch::Keys));
}
