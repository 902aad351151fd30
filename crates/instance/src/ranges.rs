//! Which canister ids the subnets host.
//!
//! Some kinds of subnets host on every network the ids that they host on the mainnet. Beside these each subnet gets a range
//! of 2^20 ids, from the top of all ids, in the order of creation; from there it allocates. In: kinds, numbers. Out: ranges.

use chainkey_execution::ids::{CanisterId, CanisterRange};
use chainkey_execution::subnet::SubnetKind;

/// Ids in an allocation range.
pub const ALLOCATION_SIZE: u64 = 1 << 20;

/// Blocks of 2^20 ids, from zero, that may be in use on the mainnet.
const MAINNET_BLOCKS: u64 = 1024;

/// The number of the Internet Identity canister, which lies in the midst of the NNS subnet's ids.
const INTERNET_IDENTITY: u64 = 7;

const BITCOIN_BLOCK: u64 = 26;
const TEST_KEYS_BLOCK: u64 = 29;
const SNS_BLOCK: u64 = 32;
const II_BLOCK: u64 = 33;
const FIDUCIARY_BLOCK: u64 = 35;

fn range(first: u64, last: u64) -> CanisterRange {
    CanisterRange {
        start: CanisterId::from_number(first),
        end: CanisterId::from_number(last),
    }
}

fn block(number: u64) -> CanisterRange {
    let first = number * ALLOCATION_SIZE;
    range(first, first + (ALLOCATION_SIZE - 1))
}

/// The ids that a subnet of this kind hosts on the mainnet; none for kinds that have no fixed place there.
pub fn mainnet_ranges(kind: SubnetKind) -> Vec<CanisterRange> {
    match kind {
        SubnetKind::Nns => vec![
            range(0, INTERNET_IDENTITY - 1),
            range(INTERNET_IDENTITY + 1, ALLOCATION_SIZE - 1),
        ],
        SubnetKind::Ii => vec![range(INTERNET_IDENTITY, INTERNET_IDENTITY), block(II_BLOCK)],
        SubnetKind::Sns => vec![block(SNS_BLOCK)],
        SubnetKind::Fiduciary => vec![block(FIDUCIARY_BLOCK)],
        SubnetKind::Bitcoin => vec![block(BITCOIN_BLOCK)],
        SubnetKind::TestThresholdKeys => vec![block(TEST_KEYS_BLOCK)],
        SubnetKind::System
        | SubnetKind::Application
        | SubnetKind::CloudEngine
        | SubnetKind::VerifiedApplication => Vec::new(),
    }
}

/// The subnet that hosts an id on the mainnet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MainnetHost {
    /// Its kind.
    pub kind: SubnetKind,
    /// All its ids.
    pub ranges: Vec<CanisterRange>,
}

/// Where an id lives on the mainnet; `None` for ids that are outside of the mainnet's.
pub fn mainnet_host(id: CanisterId) -> Option<MainnetHost> {
    const FIXED: [SubnetKind; 6] = [
        SubnetKind::Nns,
        SubnetKind::Sns,
        SubnetKind::Ii,
        SubnetKind::Fiduciary,
        SubnetKind::Bitcoin,
        SubnetKind::TestThresholdKeys,
    ];
    let number = id.number()?;
    if number >= MAINNET_BLOCKS * ALLOCATION_SIZE {
        return None;
    }
    let fixed = FIXED.into_iter().find(|kind| {
        mainnet_ranges(*kind)
            .iter()
            .any(|range| range.contains(&id))
    });
    Some(match fixed {
        Some(kind) => MainnetHost {
            kind,
            ranges: mainnet_ranges(kind),
        },
        None => MainnetHost {
            kind: SubnetKind::Application,
            ranges: vec![block(number / ALLOCATION_SIZE)],
        },
    })
}

/// Hands out allocation ranges, from the top.
#[derive(Clone, Debug, Default)]
pub struct Allocations {
    taken: u64,
}

impl Allocations {
    /// The next range.
    pub fn next_range(&mut self) -> CanisterRange {
        let number = u64::MAX / ALLOCATION_SIZE - 1 - self.taken;
        self.taken += 1;
        block(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(ranges: &[CanisterRange]) -> Vec<(String, String)> {
        ranges
            .iter()
            .map(|range| (range.start.to_string(), range.end.to_string()))
            .collect()
    }

    fn pair(start: &str, end: &str) -> (String, String) {
        (start.into(), end.into())
    }

    #[test]
    fn fixed_kinds_host_the_ids_that_they_host_on_the_mainnet() {
        assert_eq!(
            texts(&mainnet_ranges(SubnetKind::Nns)),
            [
                pair("rwlgt-iiaaa-aaaaa-aaaaa-cai", "renrk-eyaaa-aaaaa-aaada-cai"),
                pair("qoctq-giaaa-aaaaa-aaaea-cai", "n5n4y-3aaaa-aaaaa-p777q-cai"),
            ]
        );
        assert_eq!(
            texts(&mainnet_ranges(SubnetKind::Ii)),
            [
                pair("rdmx6-jaaaa-aaaaa-aaadq-cai", "rdmx6-jaaaa-aaaaa-aaadq-cai"),
                pair("uc7f6-kaaaa-aaaaq-qaaaa-cai", "ijz7v-ziaaa-aaaaq-7777q-cai"),
            ]
        );
        let single = [
            (
                SubnetKind::Bitcoin,
                "g3wsl-eqaaa-aaaan-aaaaa-cai",
                "2qqia-xyaaa-aaaan-p777q-cai",
            ),
            (
                SubnetKind::Fiduciary,
                "mf7xa-laaaa-aaaar-qaaaa-cai",
                "qoznl-yiaaa-aaaar-7777q-cai",
            ),
            (
                SubnetKind::Sns,
                "ybpmr-kqaaa-aaaaq-aaaaa-cai",
                "ekjw2-zyaaa-aaaaq-p777q-cai",
            ),
            (
                SubnetKind::TestThresholdKeys,
                "z474k-xiaaa-aaaao-qaaaa-cai",
                "fxzgb-eaaaa-aaaao-7777q-cai",
            ),
        ];
        for (kind, start, end) in single {
            assert_eq!(texts(&mainnet_ranges(kind)), [pair(start, end)], "{kind:?}");
        }
    }

    #[test]
    fn allocation_ranges_come_from_the_top_without_overlap() {
        let mut allocations = Allocations::default();
        let first = allocations.next_range();
        let second = allocations.next_range();
        assert_eq!(first.start.to_string(), "lxzze-o7777-77777-aaaaa-cai");
        assert_eq!(first.start.number(), Some(0xffff_ffff_ffe0_0000));
        assert_eq!(
            second.end.number().map(|last| last + 1),
            first.start.number()
        );
    }

    #[test]
    fn an_unnamed_mainnet_id_belongs_to_an_application_subnet_of_its_block() {
        let id = CanisterId::from_number(5 * ALLOCATION_SIZE + 3);
        let host = mainnet_host(id).unwrap();
        assert_eq!(host.kind, SubnetKind::Application);
        assert_eq!(host.ranges, [block(5)]);
    }

    #[test]
    fn ids_above_the_mainnet_have_no_host_there() {
        let id = CanisterId::from_number(MAINNET_BLOCKS * ALLOCATION_SIZE);
        assert_eq!(mainnet_host(id), None);
        assert_eq!(mainnet_host(CanisterId::MANAGEMENT), None);
    }

    #[test]
    fn internet_identity_belongs_to_its_own_subnet() {
        let host = mainnet_host(CanisterId::from_number(INTERNET_IDENTITY)).unwrap();
        assert_eq!(host.kind, SubnetKind::Ii);
        assert_eq!(
            mainnet_host(CanisterId::from_number(6)).unwrap().kind,
            SubnetKind::Nns
        );
    }
}
