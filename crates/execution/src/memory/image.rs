#![allow(unsafe_code)]
//! The file that holds a linear memory between messages, and its private mapping while code runs. The only file of this module
//! with unsafe code.
//!
//! In: versions and pages. Out: contents; mapped address space. A mapping sees the version that it was made of and keeps what is
//! written to itself; while there is one, the file does not change. Leaves out: which pages were written (see `written`).
//! Out of memory ends the process, as it does for every other allocation.

use super::PAGE_BYTES;
use super::versions::{Page, VersionId, Versions};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

/// One file with the newest version, and what older versions need besides.
pub(super) struct Image {
    file: File,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    versions: Versions,
    mappings: usize,
    /// Length of the file in bytes.
    length: u64,
    /// A mapping of the file in which nothing was written: it always shows the newest version.
    idle: Option<Reservation>,
}

impl Image {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A version of an image. Clones hold the same version.
pub(super) struct Held {
    image: Arc<Image>,
    version: VersionId,
}

impl Clone for Held {
    fn clone(&self) -> Held {
        self.image.lock().versions.hold(self.version);
        Held {
            image: Arc::clone(&self.image),
            version: self.version,
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.image.lock().versions.release(self.version);
    }
}

impl Held {
    /// A new image of zeroes.
    pub fn zeroed() -> Held {
        let mut state = State::default();
        state.versions.hold(state.versions.newest());
        let version = state.versions.newest();
        let image = Image {
            file: expect_memory(backing_file()),
            state: Mutex::new(state),
        };
        Held {
            image: Arc::new(image),
            version,
        }
    }

    /// Fills `buffer`, which lies within one page, from `offset` on.
    pub fn read_in_page(&self, offset: u64, buffer: &mut [u8]) {
        let state = self.image.lock();
        let (number, start) = (offset / PAGE_BYTES as u64, offset as usize % PAGE_BYTES);
        match state.versions.kept(self.version, number) {
            Some(page) => buffer.copy_from_slice(&page[start..start + buffer.len()]),
            None => read_file(&self.image.file, offset, buffer),
        }
    }

    /// A version that follows this one, with these pages replaced. `bytes` is its length.
    pub fn with_pages<'a>(
        mut self,
        bytes: u64,
        pages: impl Iterator<Item = (u64, &'a [u8])>,
    ) -> Held {
        let mut state = self.image.lock();
        if state.versions.newest() != self.version || state.mappings > 0 {
            drop(state);
            return self.fork().with_pages(bytes, pages);
        }
        state.versions.release(self.version);
        let version = state.versions.advance();
        if state.length < bytes {
            expect_memory(self.image.file.set_len(bytes));
            state.length = bytes;
        }
        for (number, content) in pages {
            let offset = number * PAGE_BYTES as u64;
            state.versions.keep(number, || {
                let mut before: Box<Page> = Box::new([0; PAGE_BYTES]);
                read_file(&self.image.file, offset, &mut *before);
                before
            });
            expect_memory(self.image.file.write_all_at(content, offset));
        }
        drop(state);
        self.version = version;
        self
    }

    /// An image of its own with the content of this version.
    fn fork(&self) -> Held {
        let copy = Held::zeroed();
        let state = self.image.lock();
        expect_memory(copy_data(&self.image.file, &copy.image.file, state.length));
        for (number, page) in state.versions.all_kept(self.version) {
            expect_memory(
                copy.image
                    .file
                    .write_all_at(page, number * PAGE_BYTES as u64),
            );
        }
        copy.image.lock().length = state.length;
        drop(state);
        copy
    }
}

fn expect_memory<T>(result: io::Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("no memory for the heap of a canister: {error}"))
}

/// Reads; what lies behind the end of the file is zero.
fn read_file(file: &File, offset: u64, buffer: &mut [u8]) {
    let mut done = 0;
    while done < buffer.len() {
        match expect_memory(file.read_at(&mut buffer[done..], offset + done as u64)) {
            0 => return buffer[done..].fill(0),
            read => done += read,
        }
    }
}

/// Copies all that is not a hole.
fn copy_data(from: &File, to: &File, length: u64) -> io::Result<()> {
    to.set_len(length)?;
    let mut buffer = vec![0; 256 * 1024];
    let mut position = next_data(from, 0).unwrap_or(length);
    while position < length {
        let size = buffer.len().min((length - position) as usize);
        let chunk = &mut buffer[..size];
        read_file(from, position, chunk);
        if chunk.iter().any(|byte| *byte != 0) {
            to.write_all_at(chunk, position)?;
        }
        position = next_data(from, position + size as u64).unwrap_or(length);
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn next_data(file: &File, position: u64) -> Option<u64> {
    // SAFETY: the descriptor is open; lseek touches no memory. No one uses the file's position.
    let next = unsafe { libc::lseek(file.as_raw_fd(), position as libc::off_t, libc::SEEK_DATA) };
    u64::try_from(next).ok()
}

#[cfg(not(target_os = "linux"))]
fn next_data(_: &File, position: u64) -> Option<u64> {
    Some(position)
}

#[cfg(target_os = "linux")]
fn backing_file() -> io::Result<File> {
    use std::os::fd::FromRawFd;
    allow_many_files();
    // SAFETY: the name is a C string; a descriptor that is not negative is new and owned by nobody else.
    unsafe {
        match libc::memfd_create(c"heap".as_ptr(), libc::MFD_CLOEXEC) {
            -1 => Err(io::Error::last_os_error()),
            descriptor => Ok(File::from_raw_fd(descriptor)),
        }
    }
}

/// A file without a name, where there are no files in memory.
#[cfg(not(target_os = "linux"))]
fn backing_file() -> io::Result<File> {
    use std::sync::atomic::AtomicU64;
    static NEXT: AtomicU64 = AtomicU64::new(0);
    allow_many_files();
    let name = format!(
        "chainkey-heap-{}-{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let path = std::env::temp_dir().join(name);
    let file = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)?;
    std::fs::remove_file(path)?;
    Ok(file)
}

/// Every heap needs a file descriptor, so the process takes as many as it may.
fn allow_many_files() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let mut limit = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        // SAFETY: both calls get a pointer to a live, writable struct of the right type.
        unsafe {
            if libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) == 0 {
                limit.rlim_cur = limit.rlim_max;
                // If it is refused, the limit stays as it was.
                libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
            }
        }
    });
}

/// Address space of one mapping: so many bytes that can be made accessible, and a guard behind them.
struct Reservation {
    base: NonNull<u8>,
    total: usize,
    reserved: usize,
    /// Bytes at the start that map a file.
    in_file: usize,
}

// SAFETY: a reservation owns its address space; the pointer is used only by its owner.
unsafe impl Send for Reservation {}
// SAFETY: nothing is done through a shared reference but reading the fields.
unsafe impl Sync for Reservation {}

/// Reservations kept for reuse, in all images together: address space and mappings are limited.
static IDLE: AtomicUsize = AtomicUsize::new(0);
const MAX_IDLE: usize = 1_000;

impl Reservation {
    fn new(reserved: usize, guard: usize) -> io::Result<Reservation> {
        let total = reserved + guard;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: the kernel chooses a free range; nothing else refers to it.
        let base = unsafe { libc::mmap(ptr::null_mut(), total, libc::PROT_NONE, flags, -1, 0) };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let base = NonNull::new(base.cast()).ok_or_else(|| io::Error::other("mapped at zero"))?;
        Ok(Reservation {
            base,
            total,
            reserved,
            in_file: 0,
        })
    }

    /// Maps the first `bytes` of a file that is at least as long and never becomes shorter.
    fn map_file(&mut self, file: &File, bytes: usize) -> io::Result<()> {
        if bytes == 0 {
            return Ok(());
        }
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_FIXED | libc::MAP_NORESERVE;
        // SAFETY: `[base, base + bytes)` lies in this reservation, to which nothing refers yet.
        let mapped = unsafe {
            libc::mmap(
                self.base.as_ptr().cast(),
                bytes,
                protection,
                flags,
                file.as_raw_fd(),
                0,
            )
        };
        if mapped == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        self.in_file = bytes;
        Ok(())
    }

    /// Forgets what was written, so that the file shows again. Whether that worked.
    fn forget_writes(&mut self) -> bool {
        // SAFETY: the range belongs to this reservation and nothing refers to it any more; its pages are those of the file again.
        unsafe { libc::madvise(self.base.as_ptr().cast(), self.in_file, libc::MADV_DONTNEED) == 0 }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        // SAFETY: the range was mapped by `new` as a whole and belongs to this reservation.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.total) };
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        if self.lock().idle.take().is_some() {
            IDLE.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// A version mapped privately into a reservation of address space: `[0, size)` can be read and written, the rest cannot be touched.
pub(crate) struct Mapping {
    reservation: Option<Reservation>,
    base: NonNull<u8>,
    reserved: usize,
    size: usize,
    held: Option<Held>,
    /// Whether the file shows this version once the writes are forgotten.
    is_newest: bool,
}

// SAFETY: the mapping owns its address space; its pointer is used only through `&self` and `&mut self`.
unsafe impl Send for Mapping {}
// SAFETY: methods with `&self` only read fields.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Maps `size` bytes of a version (`None`: zeroes) at the start of `reserved` bytes, followed by `guard` bytes. All are multiples
    /// of the host's page size.
    pub(super) fn new(
        held: Option<Held>,
        size: usize,
        reserved: usize,
        guard: usize,
    ) -> io::Result<Mapping> {
        if size > reserved {
            return Err(io::Error::other("heap larger than the reservation"));
        }
        let mut mapping = match held {
            Some(held) => Mapping::of_image(held, size, reserved, guard)?,
            None => Mapping::of(Reservation::new(reserved, guard)?),
        };
        mapping.grow_to(size)?;
        Ok(mapping)
    }

    fn of(reservation: Reservation) -> Mapping {
        Mapping {
            base: reservation.base,
            reserved: reservation.reserved,
            size: reservation.in_file,
            reservation: Some(reservation),
            held: None,
            is_newest: false,
        }
    }

    fn of_image(held: Held, size: usize, reserved: usize, guard: usize) -> io::Result<Mapping> {
        let mut state = held.image.lock();
        let in_file = size.min(state.length as usize);
        let fits = |idle: &mut Reservation| {
            idle.in_file == in_file && idle.reserved == reserved && idle.total == reserved + guard
        };
        let reservation = match state.idle.take_if(fits) {
            Some(idle) => {
                IDLE.fetch_sub(1, Ordering::Relaxed);
                idle
            }
            None => {
                let mut reservation = Reservation::new(reserved, guard)?;
                reservation.map_file(&held.image.file, in_file)?;
                reservation
            }
        };
        let mut mapping = Mapping::of(reservation);
        for (number, page) in state.versions.all_kept(held.version) {
            let start = number as usize * PAGE_BYTES;
            if start + PAGE_BYTES <= in_file {
                // SAFETY: the target is mapped writable (above) and belongs to this mapping alone.
                unsafe {
                    ptr::copy_nonoverlapping(
                        page.as_ptr(),
                        mapping.base.as_ptr().add(start),
                        PAGE_BYTES,
                    )
                };
            }
        }
        mapping.is_newest = state.versions.newest() == held.version;
        state.mappings += 1;
        drop(state);
        mapping.held = Some(held);
        Ok(mapping)
    }

    /// Bytes that can be accessed.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Bytes that it can grow to.
    pub fn capacity(&self) -> usize {
        self.reserved
    }

    /// What can be accessed.
    #[cfg(test)]
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: `[0, size)` is mapped readable and writable, belongs to this mapping alone, and is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.base.as_ptr(), self.size) }
    }

    /// The first byte.
    pub fn as_ptr(&self) -> *mut u8 {
        self.base.as_ptr()
    }

    /// Makes zeroed bytes behind the present end accessible.
    pub fn grow_to(&mut self, size: usize) -> io::Result<()> {
        if size > self.reserved {
            return Err(io::Error::other("heap larger than its reservation"));
        }
        if size > self.size {
            let protection = libc::PROT_READ | libc::PROT_WRITE;
            // SAFETY: the range lies in the reservation of this mapping; it is anonymous and was never accessible.
            let result = unsafe {
                libc::mprotect(
                    self.base.as_ptr().add(self.size).cast(),
                    size - self.size,
                    protection,
                )
            };
            if result != 0 {
                return Err(io::Error::last_os_error());
            }
            self.size = size;
        }
        Ok(())
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        let (Some(held), Some(mut reservation)) = (&self.held, self.reservation.take()) else {
            return;
        };
        // What has grown is no longer a plain mapping of the file. Elsewhere than on Linux a private mapping need not show
        // later changes of the file.
        let is_plain = self.is_newest && self.size == reservation.in_file && self.size > 0;
        let is_reusable = cfg!(target_os = "linux") && is_plain && reservation.forget_writes();
        let mut state = held.image.lock();
        state.mappings -= 1;
        if is_reusable && state.idle.is_none() && IDLE.load(Ordering::Relaxed) < MAX_IDLE {
            IDLE.fetch_add(1, Ordering::Relaxed);
            state.idle = Some(reservation);
        }
    }
}

/// Pages of `memory` that are no longer those of a mapped file, by the kernel's page tables (`pagemap` is the process's own
/// `/proc/self/pagemap`); `None` where the kernel does not tell.
#[cfg(target_os = "linux")]
pub(super) fn private_pages(pagemap: &File, memory: &[u8]) -> Option<Vec<u64>> {
    const SCAN: libc::c_ulong = 0xC060_6610;
    const OF_FILE: u64 = 1 << 2;
    const PRESENT: u64 = 1 << 3;
    const SWAPPED: u64 = 1 << 4;
    const ZERO_PAGE: u64 = 1 << 5;
    let start = memory.as_ptr() as u64;
    let end = start + memory.len() as u64;
    let mut numbers = Vec::new();
    let mut position = start;
    while position < end {
        let mut regions = [[0u64; 3]; 64];
        // The fields of struct pm_scan_arg: size, flags, start, end, walk_end, vec, vec_len, max_pages, and the categories
        // inverted, required, any of which is required, and to be returned.
        let unwanted = OF_FILE | ZERO_PAGE;
        let vector = regions.as_mut_ptr() as u64;
        let mut request = [
            96,
            0,
            position,
            end,
            0,
            vector,
            64,
            0,
            unwanted,
            unwanted,
            PRESENT | SWAPPED,
            PRESENT,
        ];
        // SAFETY: the request is 96 bytes as its first field says and names a vector of 64 regions of three numbers; both
        // live and are writable. The kernel reads page tables only, not the memory.
        let found = unsafe { libc::ioctl(pagemap.as_raw_fd(), SCAN as _, request.as_mut_ptr()) };
        let found = usize::try_from(found).ok()?;
        for [first, last, _] in &regions[..found] {
            let page = |address: u64| (address - start) / PAGE_BYTES as u64;
            numbers.extend(page(*first)..page(*last));
        }
        if request[4] <= position {
            return None;
        }
        position = request[4];
    }
    Some(numbers)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn private_pages(_: &File, _: &[u8]) -> Option<Vec<u64>> {
    None
}

/// Bytes of a page of the host.
pub(super) fn host_page_bytes() -> usize {
    // SAFETY: no arguments but a constant.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(PAGE_BYTES)
}
