//! The rules of the canister module format beyond plain Wasm validity, in the order in which the public network checks them,
//! so that a module that breaks several rules gets the same message.
//!
//! Source: interface specification, "Canister module format". In: a module as [`Sections`]. Out: nothing, or the first rule broken.
//! The caller must have had the engine validate the module. Left out: custom sections (they are collected while checked, in
//! `custom_sections`) and what only shows at instantiation (in `instantiation`).

use std::collections::BTreeSet;

use wasmparser::{DataKind, ExternalKind, FuncType, Operator, Parser, Payload, TypeRef, ValType};

use super::complexity::check_functions;
use super::error::ValidationError;
use super::imports::{AddressWidth, SYSTEM_API_MODULE, import_signature};
use super::limits::{
    MAX_CODE_SECTION_BYTES, MAX_EXPORTED_METHODS, MAX_EXPORTED_NAMES_BYTES, MAX_FUNCTIONS,
    MAX_GLOBALS,
};
use super::methods::{RESERVED_PREFIX, WasmMethod};
use super::sections::Sections;

/// Export names that the public network keeps for itself.
const RESERVED_EXPORTS: [&str; 6] = [
    "canister counter_instructions",
    "canister_start",
    "canister counter_dirty_pages",
    "canister counter_accessed_pages",
    "stable_memory",
    "stable_bytemap_memory",
];

/// Refuses a code section above the limit; first of all checks, before anything is compiled.
///
/// # Errors
/// `CodeSectionTooLarge`, or `Decoding` if the sections before the code cannot be read.
pub(super) fn check_code_section_size(wasm: &[u8]) -> Result<(), ValidationError> {
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(|error| {
            ValidationError::Decoding(format!("Error finding code section: {error}"))
        })?;
        if let Payload::CodeSectionStart { size, .. } = payload {
            if size > MAX_CODE_SECTION_BYTES {
                return Err(ValidationError::CodeSectionTooLarge {
                    size,
                    allowed: MAX_CODE_SECTION_BYTES,
                });
            }
            return Ok(());
        }
    }
    Ok(())
}

/// Checks every rule about imports, exports, data, globals and functions.
///
/// # Errors
/// The first rule broken.
pub(super) fn check_module(sections: &Sections) -> Result<(), ValidationError> {
    check_imports(sections)?;
    check_exports(sections)?;
    check_data_offsets(sections)?;
    check_globals(sections)?;
    if sections.functions.len() > MAX_FUNCTIONS {
        return Err(ValidationError::TooManyFunctions {
            defined: sections.functions.len(),
            allowed: MAX_FUNCTIONS,
        });
    }
    check_functions(sections)
}

fn check_imports(sections: &Sections) -> Result<(), ValidationError> {
    let width = sections.address_width();
    for import in &sections.imports {
        let refusal = match import.ty {
            TypeRef::Func(type_index) => {
                let ty = sections
                    .types
                    .get(type_index as usize)
                    .and_then(Option::as_ref);
                check_function_import(import.module, import.name, ty, width)?;
                continue;
            }
            // Tables and memories named so pass here and fail at instantiation: nothing offers them.
            TypeRef::Table(_) if import.name == "table" && import.module != "env" => {
                "Only tables imported from env.table are allowed."
            }
            TypeRef::Memory(_) if import.name == "memory" && import.module != "env" => {
                "Only memory imported from env.memory is allowed."
            }
            // `Sections` refuses exact functions.
            TypeRef::Table(_) | TypeRef::Memory(_) | TypeRef::FuncExact(_) => continue,
            TypeRef::Global(_) => "Importing globals is not allowed.",
            TypeRef::Tag(_) => "Importing tags is not allowed.",
        };
        return Err(ValidationError::ImportSection(refusal.to_string()));
    }
    Ok(())
}

fn check_function_import(
    module: &str,
    name: &str,
    ty: Option<&FuncType>,
    width: AddressWidth,
) -> Result<(), ValidationError> {
    let Some(expected) = import_signature(name, width) else {
        return Err(ValidationError::ImportSection(format!(
            "Module imports function '{name}' from '{module}' that is not exported by the runtime."
        )));
    };
    if module != SYSTEM_API_MODULE {
        return Err(ValidationError::ImportSection(format!(
            "Module imports function {name:?} from {module:?}, expected to be imported from one of \
             [{SYSTEM_API_MODULE:?}] instead."
        )));
    }
    check_signature(
        name,
        ty,
        &expected.parameters(width),
        &expected.results(width),
    )
}

fn check_signature(
    name: &str,
    ty: Option<&FuncType>,
    parameters: &[ValType],
    results: &[ValType],
) -> Result<(), ValidationError> {
    let (got_parameters, got_results) =
        ty.map_or((&[][..], &[][..]), |ty| (ty.params(), ty.results()));
    let difference = if got_parameters != parameters {
        format!("Expected input params {parameters:?} for '{name}', got {got_parameters:?}.")
    } else if got_results != results {
        format!("Expected return type {results:?} for '{name}', got {got_results:?}.")
    } else {
        return Ok(());
    };
    Err(ValidationError::FunctionSignature(difference))
}

fn check_exports(sections: &Sections) -> Result<(), ValidationError> {
    let mut method_names: BTreeSet<String> = BTreeSet::new();
    let mut total_length = 0;
    for export in &sections.exports {
        if RESERVED_EXPORTS.contains(&export.name) {
            return Err(ValidationError::ExportSection(format!(
                "Exporting reserved symbol {} not allowed.",
                export.name
            )));
        }
        if export.kind != ExternalKind::Func {
            continue;
        }
        match WasmMethod::from_export_name(export.name) {
            Some(method) => {
                if let Some(name) = method.method_name() {
                    total_length += name.len();
                    if !method_names.insert(name.to_string()) {
                        return Err(ValidationError::DuplicateExport {
                            name: name.to_string(),
                        });
                    }
                }
                check_signature(export.name, sections.function_type(export.index), &[], &[])?;
            }
            None if export.name.starts_with(RESERVED_PREFIX) => {
                return Err(ValidationError::ExportSection(format!(
                    "Exporting reserved function '{}' with \"canister_\" prefix",
                    export.name
                )));
            }
            None => {}
        }
    }
    if method_names.len() > MAX_EXPORTED_METHODS {
        return Err(ValidationError::TooManyExports {
            defined: method_names.len(),
            allowed: MAX_EXPORTED_METHODS,
        });
    }
    if total_length > MAX_EXPORTED_NAMES_BYTES {
        return Err(ValidationError::ExportedNamesTooLong {
            total_length,
            allowed: MAX_EXPORTED_NAMES_BYTES,
        });
    }
    Ok(())
}

/// The offset of an active data segment must be one constant: the segments are applied without running Wasm.
fn check_data_offsets(sections: &Sections) -> Result<(), ValidationError> {
    let width = sections.address_width();
    for segment in &sections.data {
        let DataKind::Active { offset_expr, .. } = &segment.kind else {
            continue;
        };
        let operator = offset_expr.get_operators_reader().read().map_err(|error| {
            ValidationError::Decoding(format!("Error from wasmparser: {error}"))
        })?;
        let bits = match (&operator, width) {
            (Operator::I32Const { .. }, AddressWidth::Bits32)
            | (Operator::I64Const { .. }, AddressWidth::Bits64) => {
                continue;
            }
            (_, AddressWidth::Bits32) => 32,
            (_, AddressWidth::Bits64) => 64,
        };
        return Err(ValidationError::DataSection(format!(
            "Invalid offset expression in data segment for {bits}bit memory: {operator:?}"
        )));
    }
    Ok(())
}

fn check_globals(sections: &Sections) -> Result<(), ValidationError> {
    if sections.globals.len() > MAX_GLOBALS {
        return Err(ValidationError::TooManyGlobals {
            defined: sections.globals.len(),
            allowed: MAX_GLOBALS,
        });
    }
    for global in &sections.globals {
        if let ValType::Ref(_) = global.ty.content_type {
            return Err(ValidationError::GlobalSection(format!(
                "Unsupported global type: {:?}",
                global.ty.content_type
            )));
        }
    }
    Ok(())
}
