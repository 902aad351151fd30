//! The sections of a module that validation and instrumentation look at, read once.
//!
//! In: the bytes of a module that the engine's validator accepts. Out: [`Sections`], which borrows from them.
//! The caller must have validated the module, so an error here means a format the validator knows and this reader does not.
//! Left out: function bodies are kept as bytes; whoever needs the instructions reads them.

use std::ops::Range;

use wasmparser::{
    CompositeInnerType, Data, Element, Export, ExternalKind, FuncType, FunctionBody, Global,
    Import, MemoryType, Parser, Payload, TableType, TypeRef,
};

use super::error::ValidationError;
use super::imports::AddressWidth;

/// The content of a module by section.
#[derive(Default)]
pub(super) struct Sections<'a> {
    /// Function types by type index; `None` for types that are no function types.
    pub types: Vec<Option<FuncType>>,
    pub imports: Vec<Import<'a>>,
    /// Type index of each defined function.
    pub functions: Vec<u32>,
    pub tables: Vec<TableType>,
    pub memories: Vec<MemoryType>,
    pub globals: Vec<Global<'a>>,
    pub exports: Vec<Export<'a>>,
    pub start: Option<u32>,
    pub elements: Vec<Element<'a>>,
    pub data: Vec<Data<'a>>,
    pub has_data_count: bool,
    pub bodies: Vec<FunctionBody<'a>>,
    pub code_section_size: u32,
    pub custom_sections: Vec<(&'a str, &'a [u8])>,
    /// Where the contents of each non-custom section lie in the module, by section id, in order of appearance.
    pub contents: Vec<(u8, Range<usize>)>,
}

impl<'a> Sections<'a> {
    /// Reads all sections.
    ///
    /// # Errors
    /// `Decoding` when a section cannot be read, `Wasmtime` for what the engine's validator should have refused.
    pub fn read(wasm: &'a [u8]) -> Result<Self, ValidationError> {
        let mut sections = Sections::default();
        for payload in Parser::new(0).parse_all(wasm) {
            payload
                .and_then(|payload| sections.add(payload))
                .map_err(|error| {
                    ValidationError::Decoding(format!("Error from wasmparser: {error}"))
                })?;
        }
        sections.refuse_exact_functions()?;
        Ok(sections)
    }

    /// The validator lets imports and exports of exact functions pass, whatever proposals are enabled; the compiler does not know them.
    fn refuse_exact_functions(&self) -> Result<(), ValidationError> {
        let mut imports = self.imports.iter();
        let mut exports = self.exports.iter();
        if imports.any(|import| matches!(import.ty, TypeRef::FuncExact(_)))
            || exports.any(|export| export.kind == ExternalKind::FuncExact)
        {
            let reason =
                "custom descriptors not enabled: an exact function is imported or exported";
            return Err(ValidationError::Wasmtime(reason.to_owned()));
        }
        Ok(())
    }

    fn add(&mut self, payload: Payload<'a>) -> wasmparser::Result<()> {
        if let Some((id, range)) = payload.as_section()
            && id != CUSTOM_SECTION
        {
            self.contents.push((id, range));
        }
        match payload {
            Payload::TypeSection(reader) => {
                for group in reader {
                    self.types.extend(group?.into_types().map(
                        |ty| match ty.composite_type.inner {
                            CompositeInnerType::Func(function) => Some(function),
                            _ => None,
                        },
                    ));
                }
            }
            Payload::ImportSection(reader) => {
                self.imports = reader.into_imports().collect::<Result<_, _>>()?
            }
            Payload::FunctionSection(reader) => {
                self.functions = reader.into_iter().collect::<Result<_, _>>()?
            }
            Payload::TableSection(reader) => {
                self.tables = reader
                    .into_iter()
                    .map(|table| table.map(|table| table.ty))
                    .collect::<Result<_, _>>()?;
            }
            Payload::MemorySection(reader) => {
                self.memories = reader.into_iter().collect::<Result<_, _>>()?
            }
            Payload::GlobalSection(reader) => {
                self.globals = reader.into_iter().collect::<Result<_, _>>()?
            }
            Payload::ExportSection(reader) => {
                self.exports = reader.into_iter().collect::<Result<_, _>>()?
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(reader) => {
                self.elements = reader.into_iter().collect::<Result<_, _>>()?
            }
            Payload::DataCountSection { .. } => self.has_data_count = true,
            Payload::DataSection(reader) => {
                self.data = reader.into_iter().collect::<Result<_, _>>()?
            }
            Payload::CodeSectionStart { size, count, .. } => {
                self.code_section_size = size;
                self.bodies.reserve(count as usize);
            }
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::CustomSection(reader) => {
                self.custom_sections.push((reader.name(), reader.data()))
            }
            _ => {}
        }
        Ok(())
    }

    /// The type index of every imported function, in order: they come first in the function index space.
    pub fn imported_functions(&self) -> impl Iterator<Item = u32> + '_ {
        self.imports.iter().filter_map(|import| match import.ty {
            TypeRef::Func(type_index) => Some(type_index),
            _ => None,
        })
    }

    /// The type of a function, by its index in the function index space.
    pub fn function_type(&self, index: u32) -> Option<&FuncType> {
        let type_index = self
            .imported_functions()
            .chain(self.functions.iter().copied())
            .nth(index as usize)?;
        self.types.get(type_index as usize)?.as_ref()
    }

    /// Width of the addresses of the module's own memory.
    pub fn address_width(&self) -> AddressWidth {
        match self.memories.first() {
            Some(memory) if memory.memory64 => AddressWidth::Bits64,
            _ => AddressWidth::Bits32,
        }
    }
}

const CUSTOM_SECTION: u8 = 0;
