//! The versions of one linear memory that are alive, over one file that holds the newest.
//!
//! Writing to a memory of which older clones exist must not cost a copy of it all. So the file always holds the newest version;
//! the pages that a newer version overwrote are kept for the older ones that still need them. The youngest older version keeps
//! them: a version looks up a page in itself, then in the next younger one, and so on, at last in the file.
//!
//! In: page numbers and contents. Out: contents. The caller serialises access. Leaves out: the file.

use super::PAGE_BYTES;
use std::collections::BTreeMap;

/// The content of a page.
pub(super) type Page = [u8; PAGE_BYTES];
/// Number of a version; later versions have larger ones.
pub(super) type VersionId = u64;

/// An older version that somebody holds.
#[derive(Default)]
struct Older {
    holders: usize,
    /// Pages that changed between this version and the next younger one that is alive.
    pages: BTreeMap<u64, Box<Page>>,
}

/// All versions.
#[derive(Default)]
pub(super) struct Versions {
    newest: VersionId,
    newest_holders: usize,
    older: BTreeMap<VersionId, Older>,
}

impl Versions {
    /// The version that the file holds.
    pub fn newest(&self) -> VersionId {
        self.newest
    }

    /// Counts a further holder.
    pub fn hold(&mut self, version: VersionId) {
        match self.older.get_mut(&version) {
            Some(older) => older.holders += 1,
            None => self.newest_holders += 1,
        }
    }

    /// Counts a holder less; pages that only this version needed are dropped, others go to the next older one.
    pub fn release(&mut self, version: VersionId) {
        let Some(older) = self.older.get_mut(&version) else {
            self.newest_holders -= 1;
            return;
        };
        older.holders -= 1;
        if older.holders > 0 {
            return;
        }
        let pages = self
            .older
            .remove(&version)
            .map(|older| older.pages)
            .unwrap_or_default();
        if let Some((_, next)) = self.older.range_mut(..version).next_back() {
            for (number, page) in pages {
                next.pages.entry(number).or_insert(page);
            }
        }
    }

    /// Makes a new newest version, with one holder. Before a page is overwritten it must be given to [`Versions::keep`].
    pub fn advance(&mut self) -> VersionId {
        if self.newest_holders > 0 {
            let older = Older {
                holders: self.newest_holders,
                pages: BTreeMap::new(),
            };
            self.older.insert(self.newest, older);
        }
        self.newest += 1;
        self.newest_holders = 1;
        self.newest
    }

    /// Keeps the content that a page had before the newest version, if an older version needs it.
    pub fn keep(&mut self, number: u64, content: impl FnOnce() -> Box<Page>) {
        if let Some((_, youngest)) = self.older.iter_mut().next_back() {
            youngest.pages.entry(number).or_insert_with(content);
        }
    }

    /// The content of a page in a version, if the file no longer holds it.
    pub fn kept(&self, version: VersionId, number: u64) -> Option<&Page> {
        self.older
            .range(version..)
            .find_map(|(_, older)| older.pages.get(&number))
            .map(|page| &**page)
    }

    /// All pages of a version that the file no longer holds.
    pub fn all_kept(&self, version: VersionId) -> BTreeMap<u64, &Page> {
        let mut pages = BTreeMap::new();
        for older in self.older.range(version..).rev().map(|(_, older)| older) {
            pages.extend(older.pages.iter().map(|(number, page)| (*number, &**page)));
        }
        pages
    }
}
