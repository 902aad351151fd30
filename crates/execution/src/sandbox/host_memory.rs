#![allow(unsafe_code)]
//! Gives instances the linear memory of their canister.
//!
//! The engine asks for a memory while it instantiates a module; which heap it is to get is left by the caller in a slot of the
//! thread. In: a [`Heap`]. Out: its private mapping as the instance's memory. Leaves out: what becomes of the changes.

use crate::memory::{Heap, Mapping};
use std::cell::RefCell;
use std::sync::Arc;
use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

thread_local! {
    static NEXT_HEAP: RefCell<Option<Heap>> = const { RefCell::new(None) };
}

/// Runs `instantiate`, in which the next memory created on this thread is a mapping of `heap`.
pub(super) fn with_heap<T>(heap: Heap, instantiate: impl FnOnce() -> T) -> T {
    NEXT_HEAP.with_borrow_mut(|slot| *slot = Some(heap));
    let result = instantiate();
    NEXT_HEAP.with_borrow_mut(|slot| *slot = None);
    result
}

/// The creator of memories to start the engine with.
pub fn heap_creator() -> Arc<dyn MemoryCreator> {
    Arc::new(HeapCreator)
}

struct HeapCreator;

// SAFETY: `Heap::map` reserves `reserved` accessible bytes and `guard` inaccessible ones behind them; nothing but `[0, size)` can be
// touched without a fault, and bytes that the heap does not hold are zero.
unsafe impl MemoryCreator for HeapCreator {
    fn new_memory(
        &self,
        _: MemoryType,
        minimum: usize,
        maximum: Option<usize>,
        reserved_size_in_bytes: Option<usize>,
        guard_size_in_bytes: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        let heap = NEXT_HEAP.with_borrow_mut(Option::take);
        let heap = heap.unwrap_or_else(|| {
            Heap::zeroed((minimum as u64).div_ceil(crate::memory::WASM_PAGE_BYTES))
        });
        if (heap.bytes() as usize) < minimum
            || maximum.is_some_and(|maximum| maximum < heap.bytes() as usize)
        {
            return Err("the heap does not fit the module's memory".to_string());
        }
        let reserved = reserved_size_in_bytes.or(maximum).unwrap_or(minimum);
        let mapping = heap
            .map(reserved, guard_size_in_bytes)
            .map_err(|error| error.to_string())?;
        Ok(Box::new(MappedHeap(mapping)))
    }
}

struct MappedHeap(Mapping);

// SAFETY: the mapping stays where it is; `[as_ptr, as_ptr + byte_size)` is readable and writable while it lives.
unsafe impl LinearMemory for MappedHeap {
    fn byte_size(&self) -> usize {
        self.0.size()
    }

    fn byte_capacity(&self) -> usize {
        self.0.capacity()
    }

    fn grow_to(&mut self, new_size: usize) -> wasmtime::Result<()> {
        self.0.grow_to(new_size).map_err(wasmtime::Error::new)
    }

    fn as_ptr(&self) -> *mut u8 {
        self.0.as_ptr()
    }
}
