//! What presignatures, keys and resharing cost: CPU time of all nodes together, from the first dealing to the last share.
//!
//! Everything that nodes do is in it: dealing, encoding, decoding, verifying, opening, supports (signed and verified), transcripts, shares. "alone":
//! each node does everything itself, as on machines of its own. "shared": what is public is verified once for all nodes, as in one
//! process. Dealings are as few as the protocol needs.

#[path = "cpu_time.rs"]
mod cpu_time;
#[path = "../tests/world/mod.rs"]
mod world;

use chainkey_algebra::{BlsG2, Curve, Ed25519, NodeIndex, Secp256k1};
use chainkey_idkg::acknowledged::{
    AcknowledgedDealing, Acknowledgement, HighParams, VerifiedAcknowledgement,
};
use chainkey_idkg::{
    DealerInput, Dealing, Extraction, Kind, Opened, OpenedDealing, Params, PublicDealings, Support,
    SupportedDealing, Transcript, TranscriptShare, Unmasked, VerifiedSupport, verify_all,
};
use cpu_time::CpuTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main};
use std::collections::BTreeMap;
use world::{Finished, World, id, rng};

/// How many times what is public is done.
#[derive(Clone, Copy, PartialEq)]
enum Public {
    Alone,
    Shared,
}

impl Public {
    fn name(self) -> &'static str {
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
    let decoded = sent.iter().map(|bytes| Dealing::decode(bytes).unwrap());
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
fn presign<C: Curve>(
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
fn nonces<C: Curve>(world: &World, batch: usize, extraction: Extraction, public: Public) -> usize {
    let members = &world.members;
    let params = Params::random_unmasked(id(1), members, members, batch, extraction).unwrap();
    let stage: Stage<C, Unmasked> = Stage::new(world, &params, |_| DealerInput::Nothing, public);
    let signed = supports(world, &stage, None::<&Stage<C, Unmasked>>, public);
    stage.finish(world, &signed, public).transcript.len()
}

/// A key: Random, then ReshareOfMasked.
fn make_key<C: Curve>(world: &World, public: Public) {
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
fn high<'a>(
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

type Group<'a> = BenchmarkGroup<'a, CpuTime>;

fn both(group: &mut Group<'_>, name: &str, nodes: u16, work: impl Fn(Public) -> usize) {
    for public in [Public::Shared, Public::Alone] {
        let made = work(public);
        let name = match made {
            0 | 1 => format!("{name}, {}", public.name()),
            made => format!("{name}, {}, {made} in all", public.name()),
        };
        group.bench_function(BenchmarkId::new(name, nodes), |b| b.iter(|| work(public)));
    }
}

fn presignatures(c: &mut Criterion<CpuTime>) {
    let mut group = c.benchmark_group("ecdsa presignature");
    for nodes in [4, 13, 34] {
        let world = World::new(nodes, 1);
        let key = world.key::<Secp256k1>(9);
        let (sum, matrix) = (Extraction::Sum, Extraction::Matrix);
        both(&mut group, "one", nodes, |public| {
            presign(&world, &key, 1, sum, public)
        });
        let gain = world.members.committee().low().shares();
        let batch = 10usize.div_ceil(gain);
        both(&mut group, "batch", nodes, |public| {
            presign(&world, &key, batch, matrix, public)
        });
    }
    group.finish();
    let mut group = c.benchmark_group("schnorr presignature");
    for nodes in [4, 13, 34] {
        let world = World::new(nodes, 1);
        let (sum, matrix) = (Extraction::Sum, Extraction::Matrix);
        both(&mut group, "secp256k1, one", nodes, |public| {
            nonces::<Secp256k1>(&world, 1, sum, public)
        });
        both(&mut group, "ed25519, one", nodes, |public| {
            nonces::<Ed25519>(&world, 1, sum, public)
        });
        let gain = world.members.committee().low().shares();
        let batch = 10usize.div_ceil(gain);
        both(&mut group, "secp256k1, batch", nodes, |public| {
            nonces::<Secp256k1>(&world, batch, matrix, public)
        });
    }
    group.finish();
}

fn keys(c: &mut Criterion<CpuTime>) {
    let mut group = c.benchmark_group("secp256k1 key");
    for nodes in [4, 13, 34] {
        let world = World::new(nodes, 1);
        both(&mut group, "made", nodes, |public| {
            make_key::<Secp256k1>(&world, public);
            1
        });
    }
    group.finish();
    let mut group = c.benchmark_group("bls12-381 high threshold");
    for nodes in [4, 13, 34, 40] {
        let world = World::new(nodes, 1);
        let fresh = HighParams::random_unmasked(id(1), &world.members, &world.members, 1).unwrap();
        let (transcript, shares) = high(&world, &fresh, |_| DealerInput::Nothing, Public::Shared);
        let next = HighParams::reshare_of_unmasked(id(2), &transcript, &world.members).unwrap();
        let input = |node: NodeIndex| DealerInput::Unmasked(&shares[usize::from(node.0)]);
        both(&mut group, "reshared", nodes, |public| {
            high(&world, &next, input, public);
            1
        });
    }
    group.finish();
}

/// What the machine makes of it: one multiplication of a variable point in constant time, to compare figures of other hours with.
fn calibration(c: &mut Criterion<CpuTime>) {
    let mut group = c.benchmark_group("calibration");
    let point = Secp256k1::second_generator();
    let scalar = Secp256k1::scalar_from_wide(&[0x5a; 64]);
    group.bench_function("a thousand multiplications on secp256k1", |b| {
        b.iter(|| (0..1000).fold(point, |point, _| Secp256k1::mul(&point, &scalar)))
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .with_measurement(CpuTime)
        .sample_size(10)
        .warm_up_time(std::time::Duration::from_millis(100))
        .measurement_time(std::time::Duration::from_secs(1));
    targets = calibration, presignatures, keys
}
criterion_main!(benches);
