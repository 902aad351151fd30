//! What is measured: whole operations of all nodes together, from the first dealing to the last share.
//!
//! Everything that nodes do is in it: dealing, encoding, decoding, verifying, opening, supports (signed and verified), transcripts, shares.
//! Dealings are as few as the protocol needs. Used by the benches here and by those beside the libraries of others.

use crate::world::{Finished, World, id, rng};
use chainkey_algebra::{BlsG2, Curve, NodeIndex};
use chainkey_idkg::acknowledged::{
    AcknowledgedDealing, Acknowledgement, HighParams, VerifiedAcknowledgement,
};
use chainkey_idkg::{
    DealerInput, Dealing, Extraction, Kind, Opened, OpenedDealing, Params, PublicDealings, Support,
    SupportedDealing, Transcript, TranscriptShare, Unmasked, VerifiedSupport, verify_all,
};
use std::collections::BTreeMap;

/// How many times what is public is done.
#[derive(Clone, Copy, PartialEq)]
pub enum Public {
    /// By each node itself, as on machines of its own.
    Alone,
    /// Once for all nodes, as in one process.
    Shared,
}

impl Public {
    /// As the names of figures end.
    pub fn name(self) -> &'static str {
        match self {
            Public::Alone => "alone",
            Public::Shared => "shared",
        }
    }

    /// Does the work of every node and keeps one result.
    fn each<T>(self, world: &World, mut work: impl FnMut() -> T) -> T {
        if self == Public::Alone {
            for _ in world.nodes().skip(1) {
                std::hint::black_box(work());
            }
        }
        work()
    }
}

/// One operation under way.
struct Stage<C: Curve, K: Kind> {
    params: Params<C, K>,
    dealings: PublicDealings<C, K>,
    opened: Vec<Vec<OpenedDealing<C, K>>>,
}

impl<C: Curve, K: Kind> Stage<C, K> {
    fn new<'a>(
        world: &World,
        params: &Params<C, K>,
        input: impl Fn(NodeIndex) -> DealerInput<'a, C>,
        public: Public,
    ) -> Self {
        let dealers = params.dealers().committee().members();
        let sent: Vec<Vec<u8>> = dealers
            .take(params.needed_dealings())
            .map(|dealer| {
                let rng = &mut rng(u64::from(dealer.0));
                let dealing = Dealing::create(params, dealer, input(dealer), rng).unwrap();
                dealing.encode().to_vec()
            })
            .collect();
        let dealings = public.each(world, || receive(params, &sent));
        let opened = world
            .nodes()
            .map(|node| open_all(world, &dealings, node))
            .collect();
        Stage {
            params: params.clone(),
            dealings,
            opened,
        }
    }

    fn finish(self, world: &World, supports: &[VerifiedSupport], public: Public) -> Finished<C, K> {
        let transcript = public.each(world, || {
            let dealings = self.dealings.dealings().iter();
            let supported: Vec<_> = dealings
                .map(|one| SupportedDealing::new(one.clone(), supports).unwrap())
                .collect();
            Transcript::new(&self.params, &supported).unwrap()
        });
        let own = world.nodes().zip(&self.opened);
        let shares = own.map(|(node, opened)| transcript.share(node, opened).unwrap());
        Finished {
            shares: shares.collect(),
            transcript: transcript.clone(),
        }
    }
}

fn receive<C: Curve, K: Kind>(params: &Params<C, K>, sent: &[Vec<u8>]) -> PublicDealings<C, K> {
    let decoded = sent
        .iter()
        .map(|bytes| Dealing::receive(params, bytes).unwrap());
    let verified = verify_all(params, decoded.collect());
    PublicDealings::new(verified.into_iter().map(Result::unwrap).collect()).unwrap()
}

fn open_all<C: Curve, K: Kind>(
    world: &World,
    dealings: &PublicDealings<C, K>,
    node: NodeIndex,
) -> Vec<OpenedDealing<C, K>> {
    let secret = &world.secrets[usize::from(node.0)];
    let opened = dealings.open(node, secret, &mut rng(1)).unwrap();
    let good = |opened| match opened {
        Opened::Good(opened) => opened,
        Opened::Bad(complaint) => panic!("{complaint:?}"),
    };
    opened.into_iter().map(good).collect()
}

/// One signature of each of 2f + 1 nodes over everything of the round, verified by everyone.
fn supports<C: Curve, A: Kind, B: Kind>(
    world: &World,
    one: &Stage<C, A>,
    other: Option<&Stage<C, B>>,
    public: Public,
) -> Vec<VerifiedSupport> {
    let enough = world.members.committee().high().shares();
    let signed: Vec<Support> = world
        .nodes()
        .enumerate()
        .take(enough)
        .map(|(index, node)| {
            let others = other.iter().flat_map(|stage| &stage.opened[index]);
            let vouched = one.opened[index].iter().map(OpenedDealing::vouch);
            let vouched = vouched.chain(others.map(OpenedDealing::vouch));
            Support::sign(node, &world.signing[index], vouched)
        })
        .collect();
    public.each(world, || {
        let signed = signed.iter().cloned();
        let verified = signed.map(|one| one.verify(&world.members).unwrap());
        verified.collect()
    })
}

/// As many ECDSA presignatures as the batch says (times f + 1 with extraction): two rounds of two operations.
pub fn presign<C: Curve>(
    world: &World,
    key: &Finished<C, Unmasked>,
    batch: usize,
    extraction: Extraction,
    public: Public,
) -> usize {
    let members = &world.members;
    let nothing = |_| DealerInput::Nothing;
    let params = Params::random_unmasked(id(1), members, members, batch, extraction).unwrap();
    let kappa = Stage::new(world, &params, nothing, public);
    let params = Params::random(id(2), members, members, batch, extraction).unwrap();
    let lambda = Stage::new(world, &params, nothing, public);
    let signed = supports(world, &kappa, Some(&lambda), public);
    let kappa = kappa.finish(world, &signed, public);
    let lambda = lambda.finish(world, &signed, public);
    let (left, right) = (&kappa.transcript, &lambda.transcript);
    let params = Params::product(id(3), left, right).unwrap();
    let input = |node| DealerInput::Factors(kappa.of(node), lambda.of(node));
    let with_nonce = Stage::new(world, &params, input, public);
    let params = Params::product(id(4), &key.transcript, right).unwrap();
    let input = |node| DealerInput::Factors(key.of(node), lambda.of(node));
    let with_key = Stage::new(world, &params, input, public);
    let signed = supports(world, &with_nonce, Some(&with_key), public);
    with_nonce.finish(world, &signed, public);
    with_key.finish(world, &signed, public).transcript.len()
}

/// Nonces of Schnorr presignatures.
pub fn nonces<C: Curve>(
    world: &World,
    batch: usize,
    extraction: Extraction,
    public: Public,
) -> usize {
    let members = &world.members;
    let params = Params::random_unmasked(id(1), members, members, batch, extraction).unwrap();
    let stage: Stage<C, Unmasked> = Stage::new(world, &params, |_| DealerInput::Nothing, public);
    let signed = supports(world, &stage, None::<&Stage<C, Unmasked>>, public);
    stage.finish(world, &signed, public).transcript.len()
}

/// A key: Random, then ReshareOfMasked.
pub fn make_key<C: Curve>(world: &World, public: Public) {
    let members = &world.members;
    let params = Params::random(id(1), members, members, 1, Extraction::Sum).unwrap();
    let masked = Stage::<C, _>::new(world, &params, |_| DealerInput::Nothing, public);
    let signed = supports(world, &masked, None::<&Stage<C, Unmasked>>, public);
    let masked = masked.finish(world, &signed, public);
    let params = Params::reshare_of_masked(id(2), &masked.transcript, members).unwrap();
    let input = |node| DealerInput::Masked(masked.of(node));
    let key = Stage::new(world, &params, input, public);
    let signed = supports(world, &key, None::<&Stage<C, Unmasked>>, public);
    key.finish(world, &signed, public);
}

/// A high-threshold operation in which everybody acknowledges.
pub fn high<'a>(
    world: &World,
    params: &HighParams<BlsG2, Unmasked>,
    input: impl Fn(NodeIndex) -> DealerInput<'a, BlsG2>,
    public: Public,
) -> (
    Transcript<BlsG2, Unmasked>,
    Vec<TranscriptShare<BlsG2, Unmasked>>,
) {
    let dealers = params.params().dealers().committee().members();
    let mut kept = BTreeMap::new();
    let mut sent = Vec::new();
    for dealer in dealers.take(params.params().needed_dealings()) {
        let rng = &mut rng(u64::from(dealer.0));
        let made = params.deal(dealer, input(dealer), rng).unwrap();
        sent.push(made.dealing.encode().to_vec());
        kept.insert(dealer, made.kept);
    }
    let dealings = public.each(world, || receive(params.params(), &sent));
    let nodes = world.nodes();
    let opened: Vec<_> = nodes.map(|node| open_all(world, &dealings, node)).collect();
    let signed: Vec<Acknowledgement> = world
        .nodes()
        .zip(&opened)
        .map(|(node, opened)| {
            let vouched = opened.iter().map(OpenedDealing::vouch);
            Acknowledgement::sign(node, &world.signing[usize::from(node.0)], vouched)
        })
        .collect();
    let acknowledged: Vec<VerifiedAcknowledgement> = public.each(world, || {
        let signed = signed.iter().cloned();
        let verified = signed.map(|one| one.verify(&world.members).unwrap());
        verified.collect()
    });
    let complete: Vec<_> = dealings
        .dealings()
        .iter()
        .map(|dealing| {
            let kept = kept.remove(&dealing.dealer()).unwrap();
            let reveal = kept.reveal(dealing, &acknowledged).unwrap();
            AcknowledgedDealing::new(dealing.clone(), &acknowledged, reveal).unwrap()
        })
        .collect();
    let transcript = public.each(world, || params.transcript(&complete).unwrap());
    let own = world.nodes().zip(&opened);
    let shares = own.map(|(node, opened)| transcript.share(node, opened).unwrap());
    let shares = shares.collect();
    (transcript, shares)
}
