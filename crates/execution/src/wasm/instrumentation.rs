//! Rewriting a valid canister module into the one that is compiled.
//!
//! What changes: function bodies count instructions (see `metering`); two functions and two globals are appended, so that no
//! existing index moves; the start function is exported instead of started; active data segments are taken out; memory, table and
//! mutable globals are exported under names of ours, and of the original exports only entry points stay (functions that lose theirs are declared in a segment); a 64-bit memory gets a
//! maximum. Nothing is imported in addition: memory growth is decided by the store's resource limiter.
//!
//! In: a validated module. Out: [`Instrumented`]. The same module always gives the same bytes.

use std::collections::BTreeSet;
use std::sync::Arc;

use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataCountSection, DataSection, Encode, ExportKind,
    ExportSection, Function, GlobalType, MemorySection, Module, RawSection, SectionId, ValType,
};
use wasmparser::{DataKind, ExternalKind, Operator};

use super::compiled::{DataSegment, GlobalExport, MemoryType};
use super::error::{InstrumentationError, ValidationError, WasmError};
use super::limits::{MAX_WASM64_PAGES, WASM_PAGE_BYTES};
use super::metering::{MeteringIndices, check, meter_body};
use super::methods::{SystemMethod, WasmMethod};
use super::sections::Sections;

/// Goes up whenever instrumented modules change, so that cached artifacts of older ones are not used.
pub(super) const INSTRUMENTATION_VERSION: u32 = 2;

/// Export name of the mutable i64 global with the number of instructions left.
pub const INSTRUCTION_COUNTER_EXPORT: &str = "instructions left";
/// Export name of the mutable i32 global that is 1 once execution ended for lack of instructions.
pub const OUT_OF_INSTRUCTIONS_EXPORT: &str = "out of instructions";
/// Export name of the heap.
pub const MEMORY_EXPORT: &str = "memory";
/// Export name of the table that callbacks are called through.
pub const TABLE_EXPORT: &str = "table";

/// Export name of the mutable global with this index.
pub(super) fn global_export_name(index: u32) -> String {
    format!("global {index}")
}

/// An instrumented module.
pub(super) struct Instrumented {
    pub wasm: Vec<u8>,
    /// Number of instructions in all functions and global initializers as the public network would compile the module, without
    /// what it adds to every module.
    pub network_instructions: u64,
}

/// Where the appended items end up in their index spaces.
struct Appended {
    metering: MeteringIndices,
    out_of_instructions: u32,
    /// Type index of `() -> ()`; `(i64) -> i64` follows it.
    first_type: u32,
}

impl Appended {
    fn after(sections: &Sections) -> Self {
        let functions = (sections.imported_functions().count() + sections.functions.len()) as u32;
        let globals = sections.globals.len() as u32;
        Appended {
            metering: MeteringIndices {
                counter: globals,
                exhausted: functions,
                charge: functions + 1,
            },
            out_of_instructions: globals + 1,
            first_type: sections.types.len() as u32,
        }
    }
}

/// Instruments a module.
///
/// # Errors
/// `Invalid(Decoding)` if the module was not validated.
pub(super) fn instrument(wasm: &[u8], sections: &Sections) -> Result<Instrumented, WasmError> {
    let appended = Appended::after(sections);
    let mut module = Module::new();
    let mut network_instructions = 2 * sections.globals.len() as u64;
    append(
        &mut module,
        SectionId::Type,
        contents(wasm, sections, SectionId::Type),
        2,
        &APPENDED_TYPES,
    );
    copy(&mut module, wasm, sections, SectionId::Import);
    append_functions(
        &mut module,
        contents(wasm, sections, SectionId::Function),
        &appended,
    );
    copy(&mut module, wasm, sections, SectionId::Table);
    if let Some(memory) = memory_type(sections) {
        module.section(&memory_section(memory));
    }
    append_globals(&mut module, contents(wasm, sections, SectionId::Global));
    module.section(&export_section(sections, &appended));
    append_declarations(&mut module, wasm, sections);
    let keeps_data = sections.has_data_count
        || sections
            .data
            .iter()
            .any(|data| matches!(data.kind, DataKind::Passive));
    if keeps_data {
        module.section(&DataCountSection {
            count: sections.data.len() as u32,
        });
    }
    let code = code_section(sections, &appended, &mut network_instructions)
        .map_err(|error| ValidationError::Decoding(format!("Error from wasmparser: {error}")))?;
    module.section(&code);
    if keeps_data {
        module.section(&passive_data(sections));
    }
    for (name, content) in &sections.custom_sections {
        // Function names appear in the backtraces of traps.
        if *name == "name" {
            module.section(&CustomSection {
                name: (*name).into(),
                data: (*content).into(),
            });
        }
    }
    Ok(Instrumented {
        wasm: module.finish(),
        network_instructions,
    })
}

fn contents<'a>(wasm: &'a [u8], sections: &Sections, id: SectionId) -> &'a [u8] {
    sections
        .contents
        .iter()
        .find(|(section, _)| *section == id as u8)
        .map_or(&[0], |(_, range)| &wasm[range.clone()])
}

fn copy(module: &mut Module, wasm: &[u8], sections: &Sections, id: SectionId) {
    let data = contents(wasm, sections, id);
    if data != [0] {
        module.section(&RawSection { id: id as u8, data });
    }
}

/// The contents of a section (a count and its entries) with the entries of another one added.
fn append(module: &mut Module, id: SectionId, contents: &[u8], added: u32, entries: &[u8]) {
    let mut reader = wasmparser::BinaryReader::new(contents, 0);
    let count = reader.read_var_u32().unwrap_or(0);
    let mut data = Vec::with_capacity(contents.len() + entries.len() + 5);
    (count + added).encode(&mut data);
    data.extend_from_slice(&contents[reader.original_position()..]);
    data.extend_from_slice(entries);
    module.section(&RawSection {
        id: id as u8,
        data: &data,
    });
}

/// `() -> ()` and `(i64) -> i64` in the binary format.
const APPENDED_TYPES: [u8; 8] = [0x60, 0, 0, 0x60, 1, 0x7e, 1, 0x7e];

fn append_functions(module: &mut Module, contents: &[u8], appended: &Appended) {
    let mut entries = Vec::new();
    appended.first_type.encode(&mut entries);
    (appended.first_type + 1).encode(&mut entries);
    append(module, SectionId::Function, contents, 2, &entries);
}

fn append_globals(module: &mut Module, contents: &[u8]) {
    let mut entries = Vec::new();
    let mutable = |val_type| GlobalType {
        val_type,
        mutable: true,
        shared: false,
    };
    mutable(ValType::I64).encode(&mut entries);
    ConstExpr::i64_const(0).encode(&mut entries);
    mutable(ValType::I32).encode(&mut entries);
    ConstExpr::i32_const(0).encode(&mut entries);
    append(module, SectionId::Global, contents, 2, &entries);
}

/// The heap's type; a 64-bit heap gets the network's maximum.
pub(super) fn memory_type(sections: &Sections) -> Option<MemoryType> {
    sections.memories.first().map(|memory| MemoryType {
        minimum_pages: memory.initial,
        maximum_pages: match memory.maximum {
            _ if !memory.memory64 => memory.maximum,
            Some(maximum) => Some(maximum.min(MAX_WASM64_PAGES)),
            None => Some(MAX_WASM64_PAGES),
        },
        is_64: memory.memory64,
    })
}

fn memory_section(memory: MemoryType) -> MemorySection {
    let mut section = MemorySection::new();
    section.memory(wasm_encoder::MemoryType {
        minimum: memory.minimum_pages,
        maximum: memory.maximum_pages,
        memory64: memory.is_64,
        shared: false,
        page_size_log2: None,
    });
    section
}

/// The mutable globals of the module itself, in index order.
pub(super) fn mutable_globals(sections: &Sections) -> Vec<GlobalExport> {
    (0..)
        .zip(&sections.globals)
        .filter(|(_, global)| global.ty.mutable)
        .map(|(index, global)| GlobalExport {
            name: global_export_name(index),
            value_type: match global.ty.content_type {
                wasmparser::ValType::I32 => wasmtime::ValType::I32,
                wasmparser::ValType::I64 => wasmtime::ValType::I64,
                wasmparser::ValType::F32 => wasmtime::ValType::F32,
                wasmparser::ValType::F64 => wasmtime::ValType::F64,
                wasmparser::ValType::V128 => wasmtime::ValType::V128,
                // Validation refuses globals that hold references.
                wasmparser::ValType::Ref(_) => wasmtime::ValType::FUNCREF,
            },
            index,
        })
        .collect()
}

/// The entry points of the module with their function indices.
pub(super) fn entry_points(sections: &Sections) -> impl Iterator<Item = (WasmMethod, u32)> {
    let start = sections
        .start
        .map(|index| (WasmMethod::System(SystemMethod::Start), index));
    let exported = sections
        .exports
        .iter()
        .filter_map(|export| match export.kind {
            ExternalKind::Func => Some((WasmMethod::from_export_name(export.name)?, export.index)),
            _ => None,
        });
    start.into_iter().chain(exported)
}

/// The element section, with a segment that declares the functions whose exports go: `ref.func` may only name functions that are exported or in a
/// segment. The segment is the last one, so that no other's index moves.
fn append_declarations(module: &mut Module, wasm: &[u8], sections: &Sections) {
    let dropped = sections.exports.iter().filter(|export| {
        export.kind == ExternalKind::Func && WasmMethod::from_export_name(export.name).is_none()
    });
    let dropped: BTreeSet<u32> = dropped.map(|export| export.index).collect();
    if dropped.is_empty() {
        return copy(module, wasm, sections, SectionId::Element);
    }
    const DECLARATIVE: [u8; 2] = [3, 0];
    let mut segment = DECLARATIVE.to_vec();
    Vec::from_iter(dropped).encode(&mut segment);
    let segments = contents(wasm, sections, SectionId::Element);
    append(module, SectionId::Element, segments, 1, &segment);
}

fn export_section(sections: &Sections, appended: &Appended) -> ExportSection {
    let mut exports = ExportSection::new();
    for (method, index) in entry_points(sections) {
        exports.export(&method.export_name(), ExportKind::Func, index);
    }
    if !sections.memories.is_empty() {
        exports.export(MEMORY_EXPORT, ExportKind::Memory, 0);
    }
    if !sections.tables.is_empty() {
        exports.export(TABLE_EXPORT, ExportKind::Table, 0);
    }
    for global in mutable_globals(sections) {
        exports.export(&global.name, ExportKind::Global, global.index);
    }
    exports.export(
        INSTRUCTION_COUNTER_EXPORT,
        ExportKind::Global,
        appended.metering.counter,
    );
    exports.export(
        OUT_OF_INSTRUCTIONS_EXPORT,
        ExportKind::Global,
        appended.out_of_instructions,
    );
    exports
}

fn code_section(
    sections: &Sections,
    appended: &Appended,
    network_instructions: &mut u64,
) -> wasmparser::Result<CodeSection> {
    let width = sections.address_width();
    let mut code = CodeSection::new();
    let mut metered = Vec::new();
    for body in &sections.bodies {
        metered.clear();
        *network_instructions += meter_body(body, width, appended.metering, &mut metered)?;
        code.raw(&metered);
    }
    code.function(&exhausted_function(appended));
    code.function(&charge_function(appended.metering));
    Ok(code)
}

/// Ends the execution and leaves a mark, so that the host can tell it from an `unreachable` of the canister.
fn exhausted_function(appended: &Appended) -> Function {
    let mut function = Function::new([]);
    function
        .instructions()
        .i32_const(1)
        .global_set(appended.out_of_instructions)
        .unreachable()
        .end();
    function
}

/// Takes the argument (a length, so never negative) from the counter and checks. The counter stops at the lowest value.
fn charge_function(indices: MeteringIndices) -> Function {
    const AMOUNT: u32 = 0;
    const REMAINING: u32 = 1;
    let mut function = Function::new([(1, ValType::I64)]);
    function
        .instructions()
        .global_get(indices.counter)
        .local_get(AMOUNT)
        .i64_sub()
        .local_tee(REMAINING)
        .global_get(indices.counter)
        .i64_gt_s()
        .if_(wasm_encoder::BlockType::Result(ValType::I64))
        .i64_const(i64::MIN)
        .else_()
        .local_get(REMAINING)
        .end()
        .global_set(indices.counter);
    for instruction in check(indices) {
        function.instruction(&instruction);
    }
    function.instructions().local_get(AMOUNT).end();
    function
}

/// The data section with every active segment replaced by an empty passive one: to the code it looks already dropped.
fn passive_data(sections: &Sections) -> DataSection {
    let mut data = DataSection::new();
    for segment in &sections.data {
        match segment.kind {
            DataKind::Passive => data.passive(segment.data.iter().copied()),
            DataKind::Active { .. } => data.passive([]),
        };
    }
    data
}

/// Takes the active data segments out of the module.
///
/// # Errors
/// `DataSegment` for the first segment outside the initial memory.
pub(super) fn active_data(sections: &Sections) -> Result<Arc<[DataSegment]>, WasmError> {
    let memory_bytes = sections
        .memories
        .first()
        .map_or(0, |memory| memory.initial * WASM_PAGE_BYTES);
    let mut segments = Vec::new();
    for segment in &sections.data {
        let DataKind::Active { offset_expr, .. } = &segment.kind else {
            continue;
        };
        let offset = match offset_expr.get_operators_reader().read() {
            // A 32-bit constant is sign-extended, so that one above 2 GiB is always out of bounds.
            Ok(Operator::I32Const { value }) => i64::from(value) as u64,
            Ok(Operator::I64Const { value }) => value as u64,
            _ => {
                return Err(
                    ValidationError::DataSection("offset is no constant".to_string()).into(),
                );
            }
        };
        let len = segment.data.len();
        if offset
            .checked_add(len as u64)
            .is_none_or(|end| end > memory_bytes)
        {
            return Err(InstrumentationError::DataSegment { offset, len }.into());
        }
        segments.push(DataSegment {
            offset,
            bytes: Arc::from(segment.data),
        });
    }
    Ok(segments.into())
}
