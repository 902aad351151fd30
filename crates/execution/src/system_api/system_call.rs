//! One call of an import: its arguments and what it may touch.
//!
//! In: arguments as 64-bit numbers (a 32-bit one is zero-extended). Out: typed views of them, with the errors of the public network
//! for ranges beyond a memory. Leaves out: what the imports do.

use crate::cycles::Cycles;
use crate::sandbox::{Host, Trap, trap};

/// Most bytes of a text that `trap` and `debug_print` show.
pub(crate) const MAX_TEXT_BYTES: usize = 32 * 1024;

/// A call of an import.
pub(crate) struct SystemCall<'a> {
    /// The execution.
    pub host: &'a mut Host,
    /// The linear memory; `None` if the module has none.
    pub heap: Option<&'a mut [u8]>,
    /// The arguments.
    pub arguments: &'a [u64],
    /// Instructions left, this call's cost taken.
    pub instructions_left: &'a mut i64,
}

impl SystemCall<'_> {
    /// An argument.
    pub fn argument(&self, index: usize) -> u64 {
        self.arguments[index]
    }

    /// The linear memory.
    pub fn heap(&mut self) -> Result<&mut [u8], Trap> {
        self.heap
            .as_deref_mut()
            .ok_or_else(|| trap::toolchain("WebAssembly module must define memory"))
    }

    /// The bytes of the heap that two arguments, address and length, tell; `what` is the name in the error.
    pub fn slice(&mut self, address: usize, what: &str) -> Result<&mut [u8], Trap> {
        let (start, length) = (self.argument(address), self.argument(address + 1));
        let heap = self.heap()?;
        check(what, start, length, heap.len())?;
        Ok(&mut heap[start as usize..(start + length) as usize])
    }

    /// Copies out of `source` by the arguments destination, offset, size, the first of which has this number. The names of
    /// heap and source are those in errors.
    pub fn copy_out(
        &mut self,
        first: usize,
        source: &[u8],
        heap_name: &str,
        source_name: &str,
    ) -> Result<(), Trap> {
        let (target, offset, size) = (
            self.argument(first),
            self.argument(first + 1),
            self.argument(first + 2),
        );
        let heap = self.heap()?;
        check(heap_name, target, size, heap.len())?;
        check(source_name, offset, size, source.len())?;
        heap[target as usize..(target + size) as usize]
            .copy_from_slice(&source[offset as usize..(offset + size) as usize]);
        Ok(())
    }

    /// Writes an amount of cycles (16 bytes, little endian) to the address in an argument.
    pub fn write_cycles(&mut self, address: usize, amount: Cycles, name: &str) -> Result<(), Trap> {
        let target = self.argument(address);
        let heap = self.heap()?;
        match target.checked_add(16) {
            Some(end) if end <= heap.len() as u64 => {
                heap[target as usize..end as usize].copy_from_slice(&amount.0.to_le_bytes());
                Ok(())
            }
            _ => Err(trap::toolchain(format!(
                "{name} failed because dst + size is out of bounds.Found dst = {target} and size = 16 while must be <= {}",
                heap.len()
            ))),
        }
    }

    /// Cycles as two arguments, high and low.
    pub fn cycles(&self, high: usize) -> Cycles {
        Cycles::from_high_low(self.argument(high), self.argument(high + 1))
    }
}

/// Refuses a range that is not within a slice.
pub(crate) fn check(what: &str, start: u64, length: u64, size: usize) -> Result<(), Trap> {
    match start.checked_add(length) {
        Some(end) if end <= size as u64 => Ok(()),
        Some(_) => Err(trap::toolchain(format!(
            "{what}: src={start} + length={length} exceeds the slice size={size}"
        ))),
        None => Err(trap::toolchain(format!(
            "{what}: src={start} + length={length} is an invalid address"
        ))),
    }
}

/// Only amounts below 2^64 fit the older imports.
pub(crate) fn low_64(amount: Cycles) -> Result<u64, Trap> {
    match amount.high_low() {
        (0, low) => Ok(low),
        _ => Err(trap::wasm("cycles amount exceeds 64-bit representation")),
    }
}
