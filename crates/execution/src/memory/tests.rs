//! Memories against plain vectors.

use super::*;
use proptest::prelude::*;

const SIZE: usize = 4 * 64 * 1024;

#[derive(Clone, Debug)]
enum Operation {
    Write {
        memory: usize,
        offset: u64,
        bytes: Vec<u8>,
    },
    Run {
        memory: usize,
        writes: Vec<(usize, u8)>,
        grow: bool,
    },
    Clone {
        from: usize,
        to: usize,
    },
}

fn operation() -> impl Strategy<Value = Operation> {
    let memory = 0..3usize;
    let bytes = prop::collection::vec(any::<u8>(), 0..9000);
    let writes = prop::collection::vec((0..SIZE, any::<u8>()), 0..12);
    prop_oneof![
        (memory.clone(), 0..SIZE as u64, bytes).prop_map(|(memory, offset, bytes)| {
            Operation::Write {
                memory,
                offset,
                bytes,
            }
        }),
        (memory.clone(), writes, any::<bool>()).prop_map(|(memory, writes, grow)| Operation::Run {
            memory,
            writes,
            grow
        }),
        (memory.clone(), memory).prop_map(|(from, to)| Operation::Clone { from, to }),
    ]
}

fn run(heap: &mut Heap, model: &mut Vec<u8>, writes: &[(usize, u8)], grow: bool) {
    let mut mapping = heap.map(1 << 24, 1 << 16).unwrap();
    if grow {
        model.resize(model.len() + 65536, 0);
        mapping.grow_to(model.len()).unwrap();
    }
    let memory = mapping.bytes_mut();
    assert!(memory == &model[..]);
    for (position, byte) in writes {
        memory[*position] = *byte;
        model[*position] = *byte;
    }
    let changes = heap.changes(memory);
    drop(mapping);
    heap.apply(&changes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn heaps_behave_like_vectors_that_are_copied(operations in prop::collection::vec(operation(), 1..30)) {
        let mut heaps = vec![Heap::zeroed(4); 3];
        let mut models = vec![vec![0u8; SIZE]; 3];
        for operation in operations {
            match operation {
                Operation::Write { memory, offset, bytes } => {
                    let end = offset as usize + bytes.len();
                    let result = heaps[memory].write(offset, &bytes);
                    prop_assert_eq!(result.is_ok(), end <= models[memory].len());
                    if result.is_ok() {
                        models[memory][offset as usize..end].copy_from_slice(&bytes);
                    }
                }
                Operation::Run { memory, writes, grow } => run(&mut heaps[memory], &mut models[memory], &writes, grow),
                Operation::Clone { from, to } => {
                    heaps[to] = heaps[from].clone();
                    models[to] = models[from].clone();
                }
            }
            for (heap, model) in heaps.iter().zip(&models) {
                prop_assert_eq!(heap.bytes(), model.len() as u64);
                prop_assert!(heap.read(0, heap.bytes()).unwrap() == *model);
            }
        }
    }

    #[test]
    fn stable_memories_behave_like_vectors_that_are_copied(operations in prop::collection::vec(operation(), 1..30)) {
        let mut memories = vec![StableMemory::default(); 3];
        for memory in &mut memories {
            prop_assert_eq!(memory.grow(4), Some(0));
        }
        let mut models = vec![vec![0u8; SIZE]; 3];
        for operation in operations {
            match operation {
                Operation::Write { memory, offset, bytes } => {
                    let end = offset as usize + bytes.len();
                    let result = memories[memory].write(offset, &bytes);
                    prop_assert_eq!(result.is_ok(), end <= SIZE);
                    if result.is_ok() {
                        models[memory][offset as usize..end].copy_from_slice(&bytes);
                    }
                }
                Operation::Run { memory, writes, .. } => for (position, byte) in writes {
                    memories[memory].write(position as u64, &[byte]).unwrap();
                    models[memory][position] = byte;
                },
                Operation::Clone { from, to } => {
                    memories[to] = memories[from].clone();
                    models[to] = models[from].clone();
                }
            }
            for (memory, model) in memories.iter().zip(&models) {
                prop_assert!(memory.read(0, SIZE as u64).unwrap() == *model);
            }
        }
    }
}

#[test]
fn a_heap_that_is_mapped_twice_is_not_disturbed_by_changes() {
    let mut heap = Heap::zeroed(1);
    heap.write(5000, b"before").unwrap();
    let mut reader = heap.map(1 << 20, 1 << 16).unwrap();
    let mut other = heap.clone();
    other.write(5000, b"after!").unwrap();
    assert_eq!(&reader.bytes_mut()[5000..5006], b"before");
    assert_eq!(heap.read(5000, 6).unwrap(), b"before");
    assert_eq!(other.read(5000, 6).unwrap(), b"after!");
}

#[test]
fn stable_memory_is_sparse_up_to_its_limit() {
    let mut memory = StableMemory::default();
    assert_eq!(memory.grow(MAX_STABLE_PAGES), Some(0));
    assert_eq!(memory.grow(1), None);
    let last = memory.bytes() - 3;
    memory.write(last, b"end").unwrap();
    assert_eq!(memory.read(last, 3).unwrap(), b"end");
    assert_eq!(memory.stored_pages().count(), 1);
    assert!(memory.write(last, b"past").is_err());
    assert!(memory.read(u64::MAX, 2).is_err());
}
