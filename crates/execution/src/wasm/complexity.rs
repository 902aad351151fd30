//! How hard a function is to compile, and the limits on it.
//!
//! The weights follow the public network's, which were fitted to compile times. In: the bodies of a module. Out: nothing, or the
//! first function above a limit or with an instruction that canisters may not use (those that change tables, because tables do
//! not persist between messages).

use wasmparser::{FunctionBody, Operator};

use super::error::ValidationError;
use super::limits::{MAX_FUNCTION_COMPLEXITY, MAX_FUNCTION_INSTRUCTIONS};
use super::sections::Sections;

/// Checks size, complexity and instructions of every function.
///
/// # Errors
/// `UnsupportedInstruction`, `FunctionComplexityTooHigh` or `FunctionTooLarge` with the index of the first such function.
pub(super) fn check_functions(sections: &Sections) -> Result<(), ValidationError> {
    let first_index = sections.imported_functions().count() as u32;
    for (index, body) in (first_index..).zip(&sections.bodies) {
        check_function(index, body)?;
    }
    Ok(())
}

fn check_function(index: u32, body: &FunctionBody) -> Result<(), ValidationError> {
    let unreadable = |error| ValidationError::Decoding(format!("Error from wasmparser: {error}"));
    let mut reader = body.get_operators_reader().map_err(unreadable)?;
    let mut complexity: u64 = 0;
    let mut size: usize = 0;
    while !reader.eof() {
        let operator = reader.read().map_err(unreadable)?;
        if let Some(instruction) = unsupported(&operator) {
            return Err(ValidationError::UnsupportedInstruction { index, instruction });
        }
        complexity += weight(&operator);
        size += 1;
    }
    if complexity > MAX_FUNCTION_COMPLEXITY {
        return Err(ValidationError::FunctionComplexityTooHigh {
            index,
            complexity,
            allowed: MAX_FUNCTION_COMPLEXITY,
        });
    }
    if size > MAX_FUNCTION_INSTRUCTIONS {
        return Err(ValidationError::FunctionTooLarge {
            index,
            size,
            allowed: MAX_FUNCTION_INSTRUCTIONS,
        });
    }
    Ok(())
}

fn unsupported(operator: &Operator) -> Option<&'static str> {
    match operator {
        Operator::TableGrow { .. } => Some("table.grow"),
        Operator::TableSet { .. } => Some("table.set"),
        Operator::TableFill { .. } => Some("table.fill"),
        Operator::TableCopy { .. } => Some("table.copy"),
        Operator::TableInit { .. } => Some("table.init"),
        _ => None,
    }
}

#[rustfmt::skip]
fn weight(operator: &Operator) -> u64 {
    use Operator::*;
    match operator {
        Block { .. } | Loop { .. } | If { .. } | Br { .. } | BrIf { .. } | BrTable { .. }
        | Call { .. } | CallIndirect { .. } | MemoryGrow { .. } => 50,
        TableGet { .. } => 14,
        RefFunc { .. } => 8,
        RefIsNull => 6,
        I64ExtendI32S | I64ExtendI32U | F32DemoteF64
        | I32TruncF32S | I32TruncF32U | I32TruncF64S | I32TruncF64U
        | I64TruncF32S | I64TruncF32U | I64TruncF64S | I64TruncF64U
        | F32ConvertI32S | F32ConvertI32U | F32ConvertI64S | F32ConvertI64U
        | F64ConvertI32S | F64ConvertI32U | F64ConvertI64S | F64ConvertI64U => 5,
        F32Neg | F32Abs | F64Neg | F64Abs | MemoryCopy { .. } => 4,
        F32Copysign | F64Copysign | F64Eq | MemoryFill { .. }
        | I32DivS | I32DivU | I32RemS | I32RemU | I64DivS | I64DivU | I64RemS | I64RemU
        | I32Load { .. } | I64Load { .. } | F32Load { .. } | F64Load { .. }
        | I32Load8S { .. } | I32Load8U { .. } | I32Load16S { .. } | I32Load16U { .. }
        | I64Load8S { .. } | I64Load8U { .. } | I64Load16S { .. } | I64Load16U { .. }
        | I64Load32S { .. } | I64Load32U { .. }
        | I32TruncSatF32S | I32TruncSatF32U | I32TruncSatF64S | I32TruncSatF64U
        | I64TruncSatF32S | I64TruncSatF32U | I64TruncSatF64S | I64TruncSatF64U => 3,
        GlobalGet { .. } | Select | MemorySize { .. } | I32Popcnt | I64Popcnt
        | I32Store { .. } | I32Store8 { .. } | I32Store16 { .. }
        | I64Store { .. } | I64Store8 { .. } | I64Store16 { .. } | I64Store32 { .. }
        | F32Store { .. } | F64Store { .. }
        | I32Eqz | I32Eq | I32Ne | I32LtS | I32LtU | I32GtS | I32GtU | I32LeS | I32LeU | I32GeS | I32GeU
        | I64Eqz | I64Eq | I64Ne | I64LtS | I64LtU | I64GtS | I64GtU | I64LeS | I64LeU | I64GeS | I64GeU
        | F32Eq | F32Ne | F32Lt | F32Gt | F32Le | F32Ge | F64Ne | F64Lt | F64Gt | F64Le | F64Ge
        | F32Ceil | F64Ceil | F32Floor | F64Floor | F32Sqrt | F64Sqrt | F32Trunc | F64Trunc
        | I32ReinterpretF32 | I64ReinterpretF64 | F32ReinterpretI32 | F64ReinterpretI64
        | I32WrapI64 | I32Extend8S | I32Extend16S | I64Extend8S | I64Extend16S | I64Extend32S
        | F64PromoteF32 => 2,
        _ => 1,
    }
}
