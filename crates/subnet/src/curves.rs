//! The ceremonies of a subnet, curve by curve.

use crate::ceremony::{Blame, CurveBoard, CurveNode, Dealer};
use crate::message::Payload;
use chainkey_algebra::{BlsG2, Curve, Ed25519, NodeIndex, Secp256k1, Secp256r1};
use chainkey_idkg::{VerifiedSupport, Vouched};

/// The public side of the ceremonies on every curve.
#[derive(Default)]
pub struct Curves {
    secp256k1: CurveBoard<Secp256k1>,
    secp256r1: CurveBoard<Secp256r1>,
    ed25519: CurveBoard<Ed25519>,
    bls: CurveBoard<BlsG2>,
}

/// One node's side of the ceremonies on every curve.
#[derive(Default)]
pub struct NodeCurves {
    secp256k1: CurveNode<Secp256k1>,
    secp256r1: CurveNode<Secp256r1>,
    ed25519: CurveNode<Ed25519>,
    bls: CurveNode<BlsG2>,
}

/// A curve on which there are ceremonies.
pub trait OnBoard: Curve {
    /// The ceremonies on this curve.
    fn board(curves: &Curves) -> &CurveBoard<Self>;
    /// The same, to change.
    fn board_mut(curves: &mut Curves) -> &mut CurveBoard<Self>;
    /// A node's side of them.
    fn own(curves: &NodeCurves) -> &CurveNode<Self>;
    /// The same, to change.
    fn own_mut(curves: &mut NodeCurves) -> &mut CurveNode<Self>;
}

macro_rules! on_board {
    ($curve:ident, $field:ident) => {
        impl OnBoard for $curve {
            fn board(curves: &Curves) -> &CurveBoard<Self> {
                &curves.$field
            }
            fn board_mut(curves: &mut Curves) -> &mut CurveBoard<Self> {
                &mut curves.$field
            }
            fn own(curves: &NodeCurves) -> &CurveNode<Self> {
                &curves.$field
            }
            fn own_mut(curves: &mut NodeCurves) -> &mut CurveNode<Self> {
                &mut curves.$field
            }
        }
    };
}

on_board!(Secp256k1, secp256k1);
on_board!(Secp256r1, secp256r1);
on_board!(Ed25519, ed25519);
on_board!(BlsG2, bls);

impl Curves {
    /// Takes a payload out of a block; `None` if it is about no ceremony.
    pub fn take(&mut self, sender: NodeIndex, payload: &Payload) -> Option<Result<(), Blame>> {
        self.secp256k1
            .take(sender, payload)
            .or_else(|| self.secp256r1.take(sender, payload))
            .or_else(|| self.ed25519.take(sender, payload))
            .or_else(|| self.bls.take(sender, payload))
    }

    /// Takes a verified support.
    pub fn take_support(&mut self, support: &VerifiedSupport) {
        self.secp256k1.take_support(support);
        self.secp256r1.take_support(support);
        self.ed25519.take_support(support);
        self.bls.take_support(support);
    }

    /// The ceremonies in G2 of BLS12-381.
    pub fn bls_mut(&mut self) -> &mut CurveBoard<BlsG2> {
        &mut self.bls
    }

    /// Ends a block.
    pub fn settle(&mut self) -> Vec<Blame> {
        [
            self.secp256k1.settle(),
            self.secp256r1.settle(),
            self.ed25519.settle(),
            self.bls.settle(),
        ]
        .concat()
    }
}

impl NodeCurves {
    /// The node's side in G2 of BLS12-381.
    pub fn bls(&self) -> &CurveNode<BlsG2> {
        &self.bls
    }

    /// Does what there is to do in every ceremony.
    pub fn act(&mut self, node: &mut Dealer<'_>, curves: &Curves) -> (Vec<Payload>, Vec<Vouched>) {
        let (mut payloads, mut vouched) = (Vec::new(), Vec::new());
        for (said, good) in [
            self.secp256k1.act(node, &curves.secp256k1),
            self.secp256r1.act(node, &curves.secp256r1),
            self.ed25519.act(node, &curves.ed25519),
            self.bls.act(node, &curves.bls),
        ] {
            payloads.extend(said);
            vouched.extend(good);
        }
        (payloads, vouched)
    }
}
