//! The journal against a plain model, over reopened memories, and at size.

use super::*;
use crate::counted::Counted;
use crate::encoding::Cycles;
use crate::runtime::fake::person;
use ic_stable_structures::VectorMemory;
use proptest::prelude::*;
use std::collections::BTreeMap;

const LIMITS: JournalLimits = JournalLimits::new(3, 6, 4);
const START: Timestamp = Timestamp(1000);

type Memories = [VectorMemory; 3];

fn open(memories: &Memories) -> Journal<VectorMemory> {
    let [entries, ended, counts] = memories.clone();
    Journal::open(entries, ended, counts, LIMITS)
}

fn caller(number: u32) -> Caller {
    Caller::new(person(number)).unwrap()
}

fn id(number: u8) -> RequestId {
    RequestId::parse(vec![number]).unwrap()
}

fn arguments(number: u8) -> ArgumentsDigest {
    ArgumentsDigest::of("pay", &[number])
}

fn begin(journal: &mut Journal<VectorMemory>, who: u32, name: u8) -> Result<Ticket, Refusal> {
    begin_at(journal, who, name, START)
}

fn begin_at(
    journal: &mut Journal<VectorMemory>,
    who: u32,
    name: u8,
    now: Timestamp,
) -> Result<Ticket, Refusal> {
    journal.begin(caller(who), id(name), arguments(0), Reservation::NONE, now)
}

fn see(journal: &Journal<VectorMemory>, who: u32, name: u8) -> Seen {
    journal.see(caller(who), &id(name), arguments(0)).unwrap()
}

#[test]
fn a_request_is_new_then_running_then_done() {
    let mut journal = open(&Default::default());
    assert_eq!(see(&journal, 1, 1), Seen::New);
    let ticket = begin(&mut journal, 1, 1).unwrap();
    assert_eq!(see(&journal, 1, 1), Seen::Running);
    let again = begin(&mut journal, 1, 1).err();
    assert_eq!(again, Some(Refusal::RequestRunning));
    journal.finish(ticket, b"signed".to_vec(), START);
    assert_eq!(see(&journal, 1, 1), Seen::Done(b"signed".to_vec()));
    let again = begin(&mut journal, 1, 1).err();
    assert_eq!(again, Some(Refusal::RequestEnded));
    // The same id of another caller is another request.
    assert_eq!(see(&journal, 2, 1), Seen::New);
}

#[test]
fn refuses_the_same_id_with_other_arguments() {
    let mut journal = open(&Default::default());
    let ticket = begin(&mut journal, 1, 1).unwrap();
    let other = journal.see(caller(1), &id(1), arguments(9));
    assert_eq!(other, Err(Refusal::RequestIdReused));
    journal.finish(ticket, Vec::new(), START);
    let other = journal.see(caller(1), &id(1), arguments(9));
    assert_eq!(other, Err(Refusal::RequestIdReused));
}

#[test]
fn a_dropped_call_leaves_the_outcome_unknown_and_is_not_begun_again() {
    let mut journal = open(&Default::default());
    drop(begin(&mut journal, 1, 1).unwrap());
    assert_eq!(see(&journal, 1, 1), Seen::Unknown);
    let again = begin(&mut journal, 1, 1).err();
    assert_eq!(again, Some(Refusal::OutcomeUnknown));
    let ticket = journal.resume(caller(1), id(1), arguments(0)).unwrap();
    assert_eq!(see(&journal, 1, 1), Seen::Running);
    let twice = journal.resume(caller(1), id(1), arguments(0)).err();
    assert_eq!(twice, Some(Refusal::RequestRunning));
    journal.finish(ticket, b"found".to_vec(), START);
    assert_eq!(see(&journal, 1, 1), Seen::Done(b"found".to_vec()));
    let ended = journal.resume(caller(1), id(1), arguments(0)).err();
    assert_eq!(ended, Some(Refusal::RequestEnded));
    let absent = journal.resume(caller(1), id(2), arguments(0)).err();
    assert_eq!(absent, Some(Refusal::NoSuchRequest));
}

#[test]
fn an_upgrade_keeps_results_and_makes_running_requests_unknown() {
    let memories = Default::default();
    let mut journal = open(&memories);
    let reservation = Reservation {
        cycles: Cycles(7),
        at: START,
    };
    let running = journal
        .begin(caller(1), id(1), arguments(0), reservation, START)
        .unwrap();
    let done = begin(&mut journal, 1, 2).unwrap();
    journal.finish(done, b"kept".to_vec(), START);
    let mut reopened = open(&memories);
    assert_eq!(see(&reopened, 1, 1), Seen::Unknown);
    assert_eq!(see(&reopened, 1, 2), Seen::Done(b"kept".to_vec()));
    let ticket = reopened.resume(caller(1), id(1), arguments(0)).unwrap();
    assert_eq!(ticket.reservation(), reservation);
    drop(running);
}

#[test]
fn a_withdrawn_request_may_be_begun_again() {
    let mut journal = open(&Default::default());
    let ticket = begin(&mut journal, 1, 1).unwrap();
    journal.withdraw(ticket);
    assert_eq!(see(&journal, 1, 1), Seen::New);
    assert_eq!((journal.len(), journal.count_of(person(1))), (0, 0));
    assert!(begin(&mut journal, 1, 1).is_ok());
}

#[test]
fn refuses_more_requests_of_one_caller_until_a_result_is_a_day_old() {
    let mut journal = open(&Default::default());
    let unknown = begin(&mut journal, 1, 1).unwrap();
    journal.leave_unknown(unknown);
    for (name, at) in [(2, 5000), (3, 4000)] {
        let ticket = begin(&mut journal, 1, name).unwrap();
        journal.finish(ticket, Vec::new(), Timestamp(at));
    }
    let retry_at = 4000 + JournalLimits::KEPT;
    let refused = begin_at(&mut journal, 1, 4, Timestamp(retry_at - 1)).err();
    let expected = Refusal::TooManyRequests {
        retry_at: Some(retry_at),
    };
    assert_eq!(refused, Some(expected));
    assert_eq!(see(&journal, 1, 3), Seen::Done(Vec::new()));
    assert!(begin_at(&mut journal, 1, 4, Timestamp(retry_at)).is_ok());
    assert_eq!(see(&journal, 1, 3), Seen::New);
    assert_eq!(see(&journal, 1, 2), Seen::Done(Vec::new()));
    assert_eq!(see(&journal, 1, 1), Seen::Unknown);
}

#[test]
fn a_caller_at_its_bound_is_not_kept_waiting_by_older_results_of_others() {
    let limits = JournalLimits::new(2, 100, 10);
    let mut journal = Journal::open(
        VectorMemory::default(),
        VectorMemory::default(),
        VectorMemory::default(),
        limits,
    );
    for who in 10..40 {
        let ticket = begin(&mut journal, who, 1).unwrap();
        journal.finish(ticket, Vec::new(), START);
    }
    for name in 1..3 {
        let ticket = begin(&mut journal, 1, name).unwrap();
        journal.finish(ticket, Vec::new(), Timestamp(2000));
    }
    let now = Timestamp(2000 + JournalLimits::KEPT);
    assert!(begin_at(&mut journal, 1, 3, now).is_ok());
}

#[test]
fn a_caller_with_many_running_requests_keeps_only_itself_waiting() {
    let limits = JournalLimits::new(10, 100, 5).of_one(2);
    let memory = VectorMemory::default;
    let mut journal = Journal::open(memory(), memory(), memory(), limits);
    let own: Vec<_> = [1, 2]
        .map(|name| begin(&mut journal, 1, name).unwrap())
        .into();
    let third = begin(&mut journal, 1, 3).err();
    assert_eq!(third, Some(Refusal::TooManyRunning));
    assert_eq!(see(&journal, 1, 3), Seen::New);
    let other = begin(&mut journal, 2, 1).unwrap();
    drop((own, other));
    // What is taken up again counts too.
    let one = journal.resume(caller(1), id(1), arguments(0)).unwrap();
    let _two = begin(&mut journal, 1, 3).unwrap();
    let third = journal.resume(caller(1), id(2), arguments(0)).err();
    assert_eq!(third, Some(Refusal::TooManyRunning));
    journal.finish(one, Vec::new(), START);
    assert!(journal.resume(caller(1), id(2), arguments(0)).is_ok());
}

#[test]
fn refuses_more_requests_than_the_journal_holds_and_never_drops_an_open_one() {
    let mut journal = open(&Default::default());
    for who in 0..6 {
        let ticket = begin(&mut journal, who, 1).unwrap();
        journal.leave_unknown(ticket);
    }
    let much_later = START.after(9 * JournalLimits::KEPT);
    let refused = begin_at(&mut journal, 7, 1, much_later).err();
    assert_eq!(refused, Some(Refusal::JournalFull { retry_at: None }));
    let ticket = journal.resume(caller(0), id(1), arguments(0)).unwrap();
    journal.finish(ticket, Vec::new(), much_later);
    let refused = begin_at(&mut journal, 7, 1, much_later).err();
    let retry_at = Some(much_later.0 + JournalLimits::KEPT);
    assert_eq!(refused, Some(Refusal::JournalFull { retry_at }));
    let later = much_later.after(JournalLimits::KEPT);
    assert!(begin_at(&mut journal, 7, 1, later).is_ok());
}

#[test]
fn refuses_more_requests_at_once_than_may_run() {
    let mut journal = open(&Default::default());
    let held: Vec<_> = (0..4)
        .map(|who| begin(&mut journal, who, 1).unwrap())
        .collect();
    let refused = begin(&mut journal, 5, 1).err();
    assert_eq!(refused, Some(Refusal::TooManyRunning));
    drop(held);
    assert!(begin(&mut journal, 5, 1).is_ok());
}

#[test]
#[should_panic(expected = "a result without a bound")]
fn a_result_longer_than_the_bound_traps() {
    let mut journal = open(&Default::default());
    let ticket = begin(&mut journal, 1, 1).unwrap();
    journal.finish(ticket, vec![0; MAX_RESULT_BYTES + 1], START);
}

#[derive(Clone, Debug)]
enum Step {
    Begin { who: u32, name: u8, what: u8 },
    Resume { who: u32, name: u8 },
    Finish(usize),
    Drop(usize),
    Withdraw(usize),
    Pass(u64),
    Upgrade,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (who, name) = (0_u32..4, 0_u8..5);
    let hours = 3600 * Timestamp::SECOND;
    let step = prop_oneof![
        8 => (who.clone(), name.clone(), 0_u8..10).prop_map(|(who, name, what)| Step::Begin { who, name, what: u8::from(what == 0) }),
        2 => (who, name).prop_map(|(who, name)| Step::Resume { who, name }),
        5 => any::<usize>().prop_map(Step::Finish),
        2 => any::<usize>().prop_map(Step::Drop),
        1 => any::<usize>().prop_map(Step::Withdraw),
        4 => (0_u64..30).prop_map(move |n| Step::Pass(n * hours)),
        1 => Just(Step::Upgrade),
    ];
    prop::collection::vec(step, 1..150)
}

/// A request as the model has it: its arguments, and its result with the time it came.
struct Known {
    what: u8,
    running: bool,
    result: Option<(u64, Vec<u8>)>,
}

#[derive(Default)]
struct Model {
    known: BTreeMap<(u32, u8), Known>,
}

impl Model {
    fn expected(&self, key: (u32, u8), what: u8) -> Result<Seen, Refusal> {
        match self.known.get(&key) {
            None => Ok(Seen::New),
            Some(known) if known.what != what => Err(Refusal::RequestIdReused),
            Some(Known {
                result: Some((_, bytes)),
                ..
            }) => Ok(Seen::Done(bytes.clone())),
            Some(known) if known.running => Ok(Seen::Running),
            Some(_) => Ok(Seen::Unknown),
        }
    }

    /// Takes out of the model what the journal has forgotten, which it may only do with results of a day ago.
    fn follow(&mut self, journal: &Journal<VectorMemory>, now: u64) {
        self.known.retain(|(who, name), known| {
            let there = !matches!(
                journal.see(caller(*who), &id(*name), arguments(known.what)),
                Ok(Seen::New)
            );
            let old = matches!(&known.result, Some((at, _)) if at + JournalLimits::KEPT <= now);
            assert!(there || old, "{who}/{name} was forgotten too early");
            there
        });
    }

    fn has_room(&self, who: u32) -> bool {
        let own = self.known.keys().filter(|key| key.0 == who).count();
        let running = self.known.values().filter(|known| known.running).count();
        own < 3 && self.known.len() < 6 && running < 4
    }
}

/// One run: the journal, the model, the calls that work, and the time.
struct Run {
    memories: Memories,
    journal: Journal<VectorMemory>,
    model: Model,
    tickets: Vec<((u32, u8), Ticket)>,
    now: u64,
}

impl Run {
    fn new() -> Self {
        let memories = Memories::default();
        Self {
            journal: open(&memories),
            memories,
            model: Model::default(),
            tickets: Vec::new(),
            now: 1000,
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Begin { who, name, what } => self.begin(who, name, what),
            Step::Resume { who, name } => self.resume(who, name),
            Step::Finish(_) | Step::Drop(_) | Step::Withdraw(_) if self.tickets.is_empty() => {}
            Step::Finish(which) => {
                let (key, ticket) = self.tickets.swap_remove(which % self.tickets.len());
                let result = self.now.to_be_bytes().to_vec();
                self.journal
                    .finish(ticket, result.clone(), Timestamp(self.now));
                let known = self.model.known.get_mut(&key).unwrap();
                (known.running, known.result) = (false, Some((self.now, result)));
            }
            Step::Drop(which) => {
                let (key, ticket) = self.tickets.swap_remove(which % self.tickets.len());
                drop(ticket);
                self.model.known.get_mut(&key).unwrap().running = false;
            }
            Step::Withdraw(which) => {
                let (key, ticket) = self.tickets.swap_remove(which % self.tickets.len());
                self.journal.withdraw(ticket);
                self.model.known.remove(&key);
            }
            Step::Pass(time) => self.now += time,
            Step::Upgrade => {
                self.tickets.clear();
                self.journal = open(&self.memories);
                for known in self.model.known.values_mut() {
                    known.running = false;
                }
            }
        }
    }

    fn begin(&mut self, who: u32, name: u8, what: u8) {
        let (now, digest) = (Timestamp(self.now), arguments(what));
        let seen = self.journal.see(caller(who), &id(name), digest);
        let expected = self.model.expected((who, name), what);
        assert_eq!(seen, expected);
        let none = Reservation::NONE;
        let begun = self.journal.begin(caller(who), id(name), digest, none, now);
        self.model.follow(&self.journal, self.now);
        let may = matches!(expected, Ok(Seen::New)) && self.model.has_room(who);
        assert_eq!(begun.is_ok(), may);
        if let Ok(ticket) = begun {
            let known = Known {
                what,
                running: true,
                result: None,
            };
            self.model.known.insert((who, name), known);
            self.tickets.push(((who, name), ticket));
        }
    }

    fn resume(&mut self, who: u32, name: u8) {
        let unknown = self.model.expected((who, name), 0) == Ok(Seen::Unknown);
        let may = unknown && self.tickets.len() < 4;
        let resumed = self.journal.resume(caller(who), id(name), arguments(0));
        assert_eq!(resumed.is_ok(), may);
        if let Ok(ticket) = resumed {
            self.model.known.get_mut(&(who, name)).unwrap().running = true;
            self.tickets.push(((who, name), ticket));
        }
    }

    fn agrees(&self) {
        assert_eq!(self.journal.len(), self.model.known.len() as u64);
        assert_eq!(self.journal.running(), self.tickets.len() as u64);
        for who in 0..4 {
            let own = self.model.known.keys().filter(|key| key.0 == who).count();
            assert_eq!(self.journal.count_of(person(who)) as usize, own);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn the_journal_decides_like_a_plain_map(steps in steps()) {
        let mut run = Run::new();
        for step in steps {
            run.step(step);
            run.agrees();
        }
    }
}

#[test]
fn begin_and_finish_cost_the_same_with_many_requests() {
    let memory = Counted::default();
    let limits = JournalLimits::new(10, 1_000_000, 10);
    let mut journal = Journal::open(memory.clone(), memory.beside(), memory.beside(), limits);
    memory.costs_no_more_at_size(30_000, |number| {
        let who = caller(number / 2);
        let name = RequestId::parse(number.to_be_bytes().to_vec()).unwrap();
        let ticket = journal
            .begin(who, name, arguments(0), Reservation::NONE, START)
            .unwrap();
        journal.finish(ticket, vec![1; 64], START);
    });
}
