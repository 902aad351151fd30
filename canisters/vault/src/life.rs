//! Random lives of a space, beside a model of it that knows nothing but the rules: whoever may, can; whoever may not, cannot; and nothing else changes.
//!
//! - It exists only under `#[cfg(test)]`. A failing life prints its seed and step.

use crate::fake::person;
use crate::read;
use crate::scene::{Scene, first, transport_key_of};
use crate::space::Role;
use canister_kit::encoding::Timestamp;
use std::collections::BTreeMap;

const PEOPLE: u64 = 5;
const ITEMS: [&str; 3] = ["a", "b", "c"];
const ROLES: [Role; 4] = [Role::Reader, Role::Writer, Role::Manager, Role::Owner];

/// SplitMix64: the same life for the same seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % below
    }

    fn person(&mut self) -> u32 {
        1 + self.next(PEOPLE) as u32
    }
}

#[derive(Clone, Copy, PartialEq)]
struct Rights {
    role: Role,
    from: u64,
    end: Option<u64>,
}

/// A version that is kept: its number, its epoch, its text.
type Kept = (u64, u64, Vec<u8>);

/// What should be, by the rules alone.
struct Model {
    epoch: u64,
    rights: BTreeMap<u32, Rights>,
    /// By item: the last version, and the kept ones as (version, epoch, text).
    items: BTreeMap<&'static str, (u64, Vec<Kept>)>,
}

impl Model {
    fn new() -> Self {
        let owner = Rights {
            role: Role::Owner,
            from: 1,
            end: None,
        };
        Self {
            epoch: 1,
            rights: BTreeMap::from([(1, owner)]),
            items: BTreeMap::new(),
        }
    }

    fn of(&self, who: u32, now: u64) -> Option<Rights> {
        let rights = self.rights.get(&who).copied();
        rights.filter(|rights| rights.end.is_none_or(|end| end > now))
    }

    /// Somebody with at least a role does something: those whose time is over go first.
    fn enter(&mut self, by: u32, needed: Role, now: u64) -> Option<Rights> {
        let rights = self.of(by, now).filter(|rights| rights.role >= needed)?;
        let before = self.rights.len();
        self.rights
            .retain(|_, rights| rights.end.is_none_or(|end| end > now));
        self.epoch += u64::from(self.rights.len() < before);
        Some(rights)
    }

    fn owners_beside(&self, who: u32) -> bool {
        let mut others = self.rights.iter().filter(|(other, _)| **other != who);
        others.any(|(_, rights)| rights.role == Role::Owner)
    }

    fn share(&mut self, by: u32, who: u32, wish: Rights, history: bool, now: u64) -> bool {
        let Some(inviter) = self.enter(by, Role::Manager, now) else {
            return false;
        };
        let known = self.rights.get(&who).copied();
        let about = |role: Role| inviter.role == Role::Owner || role < Role::Manager;
        let loses_last = known.is_some_and(|known| known.role == Role::Owner)
            && wish.role != Role::Owner
            && !self.owners_beside(who);
        let end_fits = wish
            .end
            .is_none_or(|end| end > now && wish.role != Role::Owner);
        let may = about(wish.role) && known.is_none_or(|known| about(known.role));
        if !may || loses_last || !end_fits {
            return false;
        }
        let kept = known.map_or(self.epoch, |known| known.from);
        let from = if history {
            kept.min(inviter.from)
        } else {
            kept
        };
        self.rights.insert(who, Rights { from, ..wish });
        true
    }

    fn revoke(&mut self, by: u32, who: u32, now: u64) -> bool {
        let needed = if by == who {
            Role::Reader
        } else {
            Role::Manager
        };
        let Some(own) = self.enter(by, needed, now) else {
            return false;
        };
        let Some(known) = self.rights.get(&who).copied() else {
            return false;
        };
        let may = by == who || own.role == Role::Owner || known.role < Role::Manager;
        if !may || (known.role == Role::Owner && !self.owners_beside(who)) {
            return false;
        }
        self.rights.remove(&who);
        self.epoch += 1;
        true
    }

    fn put(&mut self, by: u32, item: &'static str, at: (u64, u64), text: &[u8], now: u64) -> bool {
        let (expected, epoch) = at;
        let entered = self.enter(by, Role::Writer, now).is_some();
        let (last, kept) = self.items.entry(item).or_default();
        if !entered || epoch != self.epoch || expected != *last {
            return false;
        }
        *last += 1;
        kept.push((*last, epoch, text.to_vec()));
        if kept.len() > 8 {
            kept.remove(0);
        }
        true
    }
}

struct Life {
    scene: Scene,
    model: Model,
    dice: Dice,
    step: u32,
}

impl Life {
    fn now(&self) -> u64 {
        self.scene.world.world.now.get().0
    }

    fn step(&mut self) {
        self.step += 1;
        self.scene.pass(20 * Timestamp::SECOND);
        let (by, who, now) = (self.dice.person(), self.dice.person(), self.now());
        match self.dice.next(12) {
            0..=2 => self.share(by, who, now),
            3 => {
                let revoked = self.scene.revoke(by, who).is_ok();
                assert_eq!(revoked, self.model.revoke(by, who, now));
            }
            4 => {
                let entered = self.model.enter(by, Role::Manager, now).is_some();
                self.model.epoch += u64::from(entered);
                assert_eq!(self.scene.rotate(by).is_ok(), entered);
            }
            5..=7 => self.put(by, now),
            8 => self.delete(by, now),
            9 | 10 => self.derive(by, now),
            _ => self.scene.upgrade(),
        }
        self.compare();
    }

    fn share(&mut self, by: u32, who: u32, now: u64) {
        let role = ROLES[self.dice.next(4) as usize];
        let end = match self.dice.next(3) {
            0 => Some(now + self.dice.next(600) * Timestamp::SECOND),
            _ => None,
        };
        let history = self.dice.next(2) == 0;
        let wish = Rights { role, from: 0, end };
        let shared = self.scene.share_until(by, who, role, end, history);
        let expected = self.model.share(by, who, wish, history, now);
        assert_eq!(shared.is_ok(), expected, "{shared:?}");
    }

    fn put(&mut self, by: u32, now: u64) {
        let item = ITEMS[self.dice.next(3) as usize];
        let last = self.model.items.get(item).map_or(0, |(last, _)| *last);
        let expected = last.saturating_sub(u64::from(self.dice.next(5) == 0));
        let epoch = self.model.epoch - self.dice.next(5) / 4;
        let text = vec![self.step as u8; 1 + self.dice.next(9000) as usize];
        let place = Scene::place(item, expected, epoch);
        let request = self.step.to_be_bytes();
        let written = self.scene.put_as(by, &request, place, &text);
        let may = self.model.put(by, item, (expected, epoch), &text, now);
        assert_eq!(written.is_ok(), may, "{written:?}");
    }

    fn delete(&mut self, by: u32, now: u64) {
        let item = ITEMS[self.dice.next(3) as usize];
        let last = self.model.items.get(item).map_or(0, |(last, _)| *last);
        let entered = self.model.enter(by, Role::Writer, now).is_some();
        let there = self
            .model
            .items
            .get_mut(item)
            .filter(|(_, kept)| !kept.is_empty());
        let deleted = self.scene.delete(by, item, last).is_ok();
        assert_eq!(deleted, entered && there.is_some());
        if let Some((last, kept)) = there.filter(|_| entered) {
            *last += 1;
            kept.clear();
        }
    }

    /// A key; sometimes somebody is revoked while the network derives.
    fn derive(&mut self, by: u32, now: u64) {
        let epoch = self.dice.next(self.model.epoch + 2);
        let transport = transport_key_of(1000 + self.step);
        let may = |rights: Option<Rights>, last: u64| {
            rights.is_some_and(|rights| (rights.from..=last).contains(&epoch))
        };
        let rights = self.model.enter(by, Role::Reader, now);
        let begun = self.scene.begin_key_with(by, epoch, &transport);
        assert_eq!(begun.is_ok(), may(rights, self.model.epoch));
        let Ok(begun) = begun else { return };
        if self.dice.next(2) == 0 {
            let other = self.dice.person();
            let revoked = self.scene.revoke(other, by).is_ok();
            assert_eq!(revoked, self.model.revoke(other, by, now));
        }
        let rights = self.model.of(by, now);
        let handed = self.scene.end_key(begun).is_ok();
        assert_eq!(handed, may(rights, self.model.epoch));
    }

    /// What everybody sees is what the rules give it.
    fn compare(&self) {
        let now = self.now();
        for who in 1..=PEOPLE as u32 {
            let rights = self.model.of(who, now);
            let seen = self.scene.see(who);
            let shown = seen.map(|space| (space.role, space.from_epoch, space.epoch));
            let expected = rights.map(|rights| (rights.role, rights.from, self.model.epoch));
            assert_eq!(shown, expected, "person {who}");
            for item in ITEMS {
                let kept = self.model.items.get(item).and_then(|(_, kept)| kept.last());
                let expected = kept
                    .zip(rights)
                    .filter(|((_, epoch, _), rights)| *epoch >= rights.from);
                let kit = self.scene.kit.borrow();
                self.scene.world.world.call_as(person(who));
                let bytes = item.as_bytes().to_vec();
                let read = read::get(&kit, &self.scene.world, first(), bytes, None);
                let read = read.ok().map(|content| content.ciphertext.into_vec());
                assert_eq!(read.as_ref(), expected.map(|((_, _, text), _)| text));
            }
        }
    }
}

#[test]
fn in_random_lives_everyone_can_what_the_rules_say_and_nothing_else() {
    for seed in 0..12 {
        let mut life = Life {
            scene: Scene::with_space(),
            model: Model::new(),
            dice: Dice(seed),
            step: 0,
        };
        for step in 0..250 {
            println!("seed {seed}, step {step}");
            life.step();
        }
        life.scene.holds_together();
    }
}
