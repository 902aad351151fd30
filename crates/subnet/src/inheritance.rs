//! What a board takes over from the board of the epoch before: keys, requests, tapes, beacons, blames.
//!
//! Source: protocols.md of the design, section 1 (resharing). In: the old board; while the keys are on their way it stays as it is. Out: the next epoch's
//! board. Public keys stay; presignatures do not come along.

use crate::board::Board;
use crate::ceremony::Blame;
use crate::handover::Moved;
use crate::message::{CeremonyId, Envelope, Payload};
use subnet_view::KeyId;

impl Board {
    /// Begins the ceremonies that carry over all keys of the old board that are made.
    pub fn receive_keys(&mut self, old: &Board) -> Moved {
        let (agenda, next) = (&mut self.agenda, &mut self.curves);
        let certification = old.certification.reshare(&old.curves, agenda, next);
        let lanes = old.lanes.iter();
        let lanes = lanes
            .filter_map(|(key, lane)| {
                let ceremony = lane.reshare(&old.curves, agenda, next)?;
                Some((key.clone(), ceremony))
            })
            .collect();
        Moved {
            lanes,
            certification,
        }
    }

    /// How many of the keys have arrived.
    pub fn arrived(&self, old: &Board, moved: &Moved) -> usize {
        let arrived = |(key, id): &(&KeyId, &CeremonyId)| {
            let lane = old.lanes.get(*key);
            lane.is_some_and(|lane| lane.has_received(&self.curves, **id))
        };
        let lanes = moved.lanes.iter().filter(arrived).count();
        let certification = moved.certification;
        let certified = certification.and_then(|id| self.curves.high_key(id));
        lanes + usize::from(certified.is_some())
    }

    /// Takes what a member of the old epoch says: dealings and reveals, and nothing else.
    pub fn take_from_dealer(&mut self, envelope: &Envelope) -> Vec<Blame> {
        let sender = envelope.sender;
        let payloads = envelope.payloads.iter();
        let of_dealers = payloads
            .filter(|payload| matches!(payload, Payload::Dealing { .. } | Payload::Reveal { .. }));
        of_dealers
            .filter_map(|payload| self.curves.take(sender, payload)?.err())
            .collect()
    }

    /// Takes over the requests, the tapes and the blames, when all keys have arrived.
    pub fn inherit(&mut self, old: Board, moved: &Moved) {
        for (key, lane) in old.lanes {
            let ceremony = moved.lanes.get(&key).copied();
            self.lanes.insert(key, lane.into_next(ceremony));
        }
        self.certification = old.certification.into_next(moved.certification);
        self.tape = old.tape.into_next();
        self.beacon = old.beacon.into_next();
        self.traces = old.traces;
        let own = std::mem::replace(&mut self.blames, old.blames);
        self.blames.extend(own);
        self.settle();
    }
}

#[cfg(test)]
mod tests {
    use crate::curves::OnBoard;
    use crate::{KeySource, Membership, StockTarget, Subnet, SubnetConfig};
    use chainkey_algebra::{BlsG2, Curve, NodeIndex, Secp256k1, Secret, lagrange};
    use subnet_view::{KeyId, KeyScheme};

    type Share<C> = <C as Curve>::Scalar;

    fn key() -> KeyId {
        KeyId {
            scheme: KeyScheme::EcdsaSecp256k1,
            name: "key_1".into(),
        }
    }

    /// A subnet, its ECDSA key and its certification key.
    fn settled() -> (Subnet, Vec<u8>, Vec<u8>) {
        let config = SubnetConfig {
            id: b"a subnet".to_vec(),
            nodes: 4,
            seed: [9; 32].into(),
            stock: StockTarget::default(),
            keys: KeySource::default(),
        };
        let mut subnet = Subnet::new(&config).unwrap();
        let ecdsa = subnet.master_key(&key()).unwrap();
        subnet.certify(&[1; 32]).unwrap();
        let certification = subnet.certification_key_for_tests();
        (subnet, ecdsa, certification)
    }

    /// What all nodes together hold of the ECDSA key and of the certification key. Only tests can ask for that.
    fn shares(subnet: &mut Subnet) -> (Vec<Share<Secp256k1>>, Vec<Share<BlsG2>>) {
        let (board, nodes) = subnet.for_tests();
        let mut made = Secp256k1::board(&board.curves).unmasked.iter();
        let (key, _) = made
            .find(|(_, ceremony)| ceremony.params().operation() != &random())
            .unwrap();
        let certification = board.certification.ceremony().unwrap();
        let mut all = (Vec::new(), Vec::new());
        for node in nodes {
            let own = node.for_tests();
            let high = own.high_share(certification).unwrap();
            all.1.push(*high.value.expose());
            let low = Secp256k1::own_mut(own).unmasked_share(*key).unwrap();
            all.0.push(*low.shares()[0].value.expose());
        }
        all
    }

    fn random() -> chainkey_idkg::Operation<Secp256k1> {
        chainkey_idkg::Operation::Random(chainkey_idkg::Extraction::Matrix)
    }

    /// The public key of what shares interpolate to; each share is taken at its place.
    fn interpolated<C: Curve>(shares: &[(u16, Share<C>)]) -> Vec<u8> {
        let places: Vec<_> = shares.iter().map(|(place, _)| NodeIndex(*place)).collect();
        let coefficients = lagrange::coefficients_at_zero::<C>(&places).unwrap();
        let terms = coefficients.iter().zip(shares);
        let secret = terms.fold(None, |sum: Option<Share<C>>, (coefficient, (_, share))| {
            let term = *coefficient * share;
            Some(sum.map_or(term, |sum| sum + term))
        });
        C::point_to_bytes(&Secret::<C>::new(secret.unwrap()).public())
    }

    #[test]
    fn shares_of_two_epochs_do_not_interpolate_and_enough_of_one_do() {
        let (mut subnet, ecdsa, certification) = settled();
        subnet.refill();
        let old = shares(&mut subnet);
        let plan = Membership::refresh(subnet.committee());
        subnet.reshare(&plan).unwrap();
        subnet.certify(&[2; 32]).unwrap();
        subnet.refill();
        let new = shares(&mut subnet);

        for (low, high) in [&old, &new] {
            let low = [(0, low[0]), (3, low[3])];
            assert_eq!(interpolated::<Secp256k1>(&low), ecdsa);
            let high = [(0, high[0]), (1, high[1]), (3, high[3])];
            assert_eq!(interpolated::<BlsG2>(&high), certification);
            // One share fewer is nothing: f of the one key, 2f of the other.
            assert_ne!(interpolated::<Secp256k1>(&low[..1]), ecdsa);
            assert_ne!(interpolated::<BlsG2>(&high[..2]), certification);
        }
        for place in 1..4 {
            let mixed = [(0, old.0[0]), (place, new.0[usize::from(place)])];
            assert_ne!(interpolated::<Secp256k1>(&mixed), ecdsa);
        }
        let mixed = [(0, old.1[0]), (1, old.1[1]), (2, new.1[2])];
        assert_ne!(interpolated::<BlsG2>(&mixed), certification);
        let every = old.0.iter().all(|share| !new.0.contains(share));
        assert!(every, "all shares are others");
    }

    /// f nodes of each epoch belong to the adversary, others each time, until every place was once its own.
    #[test]
    fn the_shares_of_f_nodes_of_every_epoch_are_no_key() {
        let (mut subnet, ecdsa, certification) = settled();
        let (mut low, mut high) = (Vec::new(), Vec::new());
        for place in 0..4 {
            subnet.refill();
            let (ours, ours_high) = shares(&mut subnet);
            let at = usize::from(place);
            low.push((place, ours[at]));
            high.push((place, ours_high[at]));
            // The control: of one epoch, with the shares of enough others, these are shares of the key.
            let other = (place + 1) % 4;
            let enough = [low[at], (other, ours[usize::from(other)])];
            assert_eq!(interpolated::<Secp256k1>(&enough), ecdsa);
            let plan = Membership::refresh(subnet.committee());
            subnet.reshare(&plan).unwrap();
            subnet.certify(&[place as u8; 32]).unwrap();
        }
        for first in 0..4 {
            for second in first + 1..4 {
                let two = [low[first], low[second]];
                assert_ne!(interpolated::<Secp256k1>(&two), ecdsa);
            }
            let three: Vec<_> = (0..4).filter(|one| *one != first).collect();
            let three: Vec<_> = three.into_iter().map(|one| high[one]).collect();
            assert_ne!(interpolated::<BlsG2>(&three), certification);
        }
        assert_ne!(interpolated::<Secp256k1>(&low), ecdsa);
        assert_ne!(interpolated::<BlsG2>(&high), certification);
    }

    #[test]
    fn nothing_that_people_see_contains_a_share() {
        let (mut subnet, public, _) = settled();
        subnet.prepare(&key());
        let seen = format!("{:?} {:?}", subnet.overview(), subnet.faults());
        let (low, high) = shares(&mut subnet);
        let low = low.iter().map(Secp256k1::scalar_to_bytes);
        let high = high.iter().map(BlsG2::scalar_to_bytes);
        for share in low.chain(high) {
            let digits: String = share.iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(!seen.contains(&digits));
            assert!(!seen.contains(&format!("{share:?}")));
        }
        // The control: what is public does stand there.
        let digits: String = public.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(seen.contains(&digits));
    }
}
