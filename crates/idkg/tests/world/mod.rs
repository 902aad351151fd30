//! A world for tests and benches: committees with keys, and the honest way through an operation.
//!
//! Used by the integration tests, the attack tests inside the package and the benches. Every run is determined by its seed.
#![allow(dead_code, missing_docs)]

use chainkey_algebra::lagrange;
use chainkey_algebra::{Curve, NodeIndex};
use chainkey_idkg::{
    DealerInput, Dealing, EncryptionSecret, Extraction, Kind, Masked, Members, Opened,
    OpenedDealing, Params, PublicDealing, Support, SupportedDealing, Transcript, TranscriptId,
    TranscriptShare, Unmasked, VerifiedSupport, verify_all,
};
use ed25519_dalek::SigningKey;
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use std::sync::Arc;

/// Reproducible randomness.
pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// A committee with everybody's secrets.
pub struct World {
    pub members: Arc<Members>,
    pub secrets: Vec<EncryptionSecret>,
    pub signing: Vec<SigningKey>,
}

/// A finished operation: the transcript and every receiver's shares.
pub struct Finished<C: Curve, K: Kind> {
    pub transcript: Transcript<C, K>,
    pub shares: Vec<TranscriptShare<C, K>>,
}

impl World {
    pub fn new(nodes: u16, seed: u64) -> Self {
        let rng = &mut rng(seed);
        let mut secrets = Vec::new();
        let mut signing = Vec::new();
        let mut keys = Vec::new();
        for _ in 0..nodes {
            let mut bytes = [0; 32];
            rng.fill_bytes(&mut bytes);
            let key = SigningKey::from_bytes(&bytes);
            let secret = EncryptionSecret::generate(1, rng);
            let registration = secret.register(&key.verifying_key(), rng);
            keys.push(registration.verify(&key.verifying_key(), 1).unwrap());
            secrets.push(secret);
            signing.push(key);
        }
        World {
            members: Members::new(keys).unwrap(),
            secrets,
            signing,
        }
    }

    pub fn nodes(&self) -> impl Iterator<Item = NodeIndex> + Clone + use<> {
        self.members.committee().members()
    }

    /// What a node finds in a dealing.
    pub fn open<C: Curve, K: Kind>(
        &self,
        public: &PublicDealing<C, K>,
        node: NodeIndex,
    ) -> Opened<C, K> {
        let secret = &self.secrets[usize::from(node.0)];
        let seed = u64::from(node.0) + 77;
        public.open(node, secret, &mut rng(seed)).unwrap()
    }

    /// A node's shares in a good dealing.
    pub fn open_good<C: Curve, K: Kind>(
        &self,
        public: &PublicDealing<C, K>,
        node: NodeIndex,
    ) -> OpenedDealing<C, K> {
        match self.open(public, node) {
            Opened::Good(opened) => opened,
            Opened::Bad(complaint) => panic!("{complaint:?}"),
        }
    }

    /// A node's support, checked.
    pub fn support<'a, C: Curve, K: Kind>(
        &self,
        node: NodeIndex,
        opened: impl IntoIterator<Item = &'a OpenedDealing<C, K>>,
    ) -> VerifiedSupport {
        let key = &self.signing[usize::from(node.0)];
        let vouched = opened.into_iter().map(OpenedDealing::vouch);
        let support = Support::sign(node, key, vouched);
        let support = Support::decode(&support.encode()).unwrap();
        support.verify(&self.members).unwrap()
    }

    /// Dealings of good dealers as they arrive: decoded and verified.
    pub fn deal<'a, C: Curve, K: Kind>(
        &self,
        params: &Params<C, K>,
        input: impl Fn(NodeIndex) -> DealerInput<'a, C>,
        seed: u64,
    ) -> Vec<PublicDealing<C, K>> {
        let rng = &mut rng(seed);
        let members = params.dealers().committee().members();
        let dealings = members
            .take(params.needed_dealings())
            .map(|dealer| Dealing::create(params, dealer, input(dealer), rng).unwrap())
            .map(|dealing| Dealing::receive(params, dealing.encode()).unwrap());
        let verified = verify_all(params, dealings.collect());
        verified.into_iter().map(Result::unwrap).collect()
    }

    /// The whole way of good dealings among good receivers, who are this world's members.
    pub fn finish<C: Curve, K: Kind>(
        &self,
        params: &Params<C, K>,
        dealings: &[PublicDealing<C, K>],
    ) -> Finished<C, K> {
        let opened: Vec<Vec<OpenedDealing<C, K>>> = self
            .nodes()
            .map(|node| {
                dealings
                    .iter()
                    .map(|one| self.open_good(one, node))
                    .collect()
            })
            .collect();
        let enough = self.members.committee().high().shares();
        let supports: Vec<VerifiedSupport> = self
            .nodes()
            .zip(&opened)
            .take(enough)
            .map(|(node, opened)| self.support(node, opened))
            .collect();
        let supported: Vec<_> = dealings
            .iter()
            .map(|dealing| SupportedDealing::new(dealing.clone(), &supports).unwrap())
            .collect();
        let transcript = Transcript::new(params, &supported).unwrap();
        let shares = self
            .nodes()
            .zip(&opened)
            .map(|(node, opened)| transcript.share(node, opened).unwrap())
            .collect();
        Finished { transcript, shares }
    }

    pub fn run<'a, C: Curve, K: Kind>(
        &self,
        params: &Params<C, K>,
        input: impl Fn(NodeIndex) -> DealerInput<'a, C>,
        seed: u64,
    ) -> Finished<C, K> {
        self.finish(params, &self.deal(params, input, seed))
    }

    pub fn random<C: Curve>(
        &self,
        number: u64,
        batch: usize,
        extraction: Extraction,
    ) -> Finished<C, Masked> {
        let members = &self.members;
        let params = Params::random(id(number), members, members, batch, extraction).unwrap();
        self.run(&params, |_| DealerInput::Nothing, number)
    }

    pub fn random_unmasked<C: Curve>(
        &self,
        number: u64,
        batch: usize,
        extraction: Extraction,
    ) -> Finished<C, Unmasked> {
        let members = &self.members;
        let params =
            Params::random_unmasked(id(number), members, members, batch, extraction).unwrap();
        self.run(&params, |_| DealerInput::Nothing, number)
    }

    /// A key as they are made: Random, then ReshareOfMasked.
    pub fn key<C: Curve>(&self, number: u64) -> Finished<C, Unmasked> {
        let masked = self.random::<C>(number, 1, Extraction::Sum);
        let params =
            Params::reshare_of_masked(id(number + 1), &masked.transcript, &self.members).unwrap();
        self.run(&params, |node| DealerInput::Masked(masked.of(node)), number)
    }

    /// The key of `old` shared anew among this world's members.
    pub fn reshare<C: Curve>(
        &self,
        number: u64,
        old: &Finished<C, Unmasked>,
    ) -> Finished<C, Unmasked> {
        let params =
            Params::reshare_of_unmasked(id(number), &old.transcript, &self.members).unwrap();
        self.run(&params, |node| DealerInput::Unmasked(old.of(node)), number)
    }

    pub fn product<C: Curve>(
        &self,
        number: u64,
        left: &Finished<C, Unmasked>,
        right: &Finished<C, Masked>,
    ) -> Finished<C, Masked> {
        let params = Params::product(id(number), &left.transcript, &right.transcript).unwrap();
        let input = |node| DealerInput::Factors(left.of(node), right.of(node));
        self.run(&params, input, number)
    }
}

pub fn id(number: u64) -> TranscriptId {
    TranscriptId {
        subnet: b"subnet".to_vec(),
        epoch: 1,
        number,
    }
}

impl<C: Curve, K: Kind> Finished<C, K> {
    pub fn of(&self, node: NodeIndex) -> &TranscriptShare<C, K> {
        &self.shares[usize::from(node.0)]
    }

    /// What these nodes would find together: only tests may do this.
    pub fn collude(&self, slot: usize, nodes: impl IntoIterator<Item = u16>) -> C::Scalar {
        let shares: Vec<(NodeIndex, C::Scalar)> = nodes
            .into_iter()
            .map(NodeIndex)
            .map(|node| (node, *K::scalars(&self.of(node).shares()[slot])[0].expose()))
            .collect();
        lagrange::masked_at_zero::<C>(&shares).unwrap()
    }

    /// The shared value, found by the least number of nodes.
    pub fn secret(&self, slot: usize) -> C::Scalar {
        let threshold = self.transcript.threshold().shares() as u16;
        let secret = self.collude(slot, 0..threshold);
        let last = self.shares.len() as u16;
        assert_eq!(secret, self.collude(slot, last - threshold..last));
        secret
    }
}
