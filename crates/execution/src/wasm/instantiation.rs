//! What any instantiation of a module would be refused for, found before the module is kept.
//!
//! The public network instantiates a module when it is installed and reports these as engine errors. In: a validated module.
//! Out: nothing, or the error with the engine's text. Left out: limits that depend on the canister's settings.

use wasmparser::{ConstExpr, Element, ElementItems, ElementKind, Operator, TypeRef};

use super::error::WasmError;
use super::limits::{MAX_TABLE_ELEMENTS, MAX_TABLES};
use super::sections::Sections;

/// Checks imports, tables and element segments.
///
/// # Errors
/// `Instantiation`.
pub(super) fn check_instantiation(sections: &Sections) -> Result<(), WasmError> {
    for import in &sections.imports {
        if !matches!(import.ty, TypeRef::Func(_)) {
            return Err(WasmError::Instantiation(format!(
                "unknown import: `{}::{}` has not been defined",
                import.module, import.name
            )));
        }
    }
    if sections.tables.len() as u64 > MAX_TABLES {
        return Err(WasmError::Instantiation(format!(
            "resource limit exceeded: table count too high at {}",
            sections.tables.len()
        )));
    }
    if let Some(table) = sections
        .tables
        .iter()
        .find(|table| table.initial > MAX_TABLE_ELEMENTS)
    {
        return Err(WasmError::Instantiation(format!(
            "table minimum size of {} elements exceeds table limits",
            table.initial
        )));
    }
    if sections
        .elements
        .iter()
        .any(|element| is_out_of_bounds(sections, element))
    {
        return Err(WasmError::Instantiation(
            "wasm trap: undefined element: out of bounds table access".to_string(),
        ));
    }
    Ok(())
}

fn is_out_of_bounds(sections: &Sections, element: &Element) -> bool {
    let ElementKind::Active {
        table_index,
        offset_expr,
    } = &element.kind
    else {
        return false;
    };
    let size = sections
        .tables
        .get(table_index.unwrap_or(0) as usize)
        .map_or(0, |table| table.initial);
    let count = match &element.items {
        ElementItems::Functions(items) => items.count(),
        ElementItems::Expressions(_, items) => items.count(),
    };
    // An offset that is no known constant is left to the real instantiation.
    constant(sections, offset_expr).is_some_and(|offset| {
        offset
            .checked_add(u64::from(count))
            .is_none_or(|end| end > size)
    })
}

fn constant(sections: &Sections, expression: &ConstExpr) -> Option<u64> {
    match expression.get_operators_reader().read().ok()? {
        Operator::I32Const { value } => Some(u64::from(value as u32)),
        Operator::I64Const { value } => Some(value as u64),
        // Only earlier globals can be named, so this ends.
        Operator::GlobalGet { global_index } => constant(
            sections,
            &sections.globals.get(global_index as usize)?.init_expr,
        ),
        _ => None,
    }
}
