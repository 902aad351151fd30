//! What executing one Wasm instruction costs.
//!
//! These are the weights of the public network, so that `performance_counter` and the cycles charged agree with it. In: an
//! instruction and the address width of the module. Out: its fixed cost in instructions. Bulk memory and table operations cost one
//! more per byte or element; `metering` adds that at run time.

use wasmparser::Operator;

use super::imports::AddressWidth;

/// The fixed cost of an instruction.
pub(super) fn instruction_cost(operator: &Operator, width: AddressWidth) -> u64 {
    if accesses_memory(operator) {
        return match width {
            AddressWidth::Bits32 => 1,
            AddressWidth::Bits64 => 2,
        };
    }
    scalar_cost(operator)
        .or_else(|| vector_cost(operator))
        .unwrap_or(1)
}

#[rustfmt::skip]
fn accesses_memory(operator: &Operator) -> bool {
    use Operator::*;
    matches!(
        operator,
        I32Load { .. } | I64Load { .. } | F32Load { .. } | F64Load { .. }
        | I32Load8S { .. } | I32Load8U { .. } | I32Load16S { .. } | I32Load16U { .. }
        | I64Load8S { .. } | I64Load8U { .. } | I64Load16S { .. } | I64Load16U { .. }
        | I64Load32S { .. } | I64Load32U { .. }
        | I32Store { .. } | I64Store { .. } | F32Store { .. } | F64Store { .. }
        | I32Store8 { .. } | I32Store16 { .. } | I64Store8 { .. } | I64Store16 { .. } | I64Store32 { .. }
        | V128Load { .. } | V128Store { .. }
        | V128Load8x8S { .. } | V128Load8x8U { .. } | V128Load16x4S { .. } | V128Load16x4U { .. }
        | V128Load32x2S { .. } | V128Load32x2U { .. }
        | V128Load8Splat { .. } | V128Load16Splat { .. } | V128Load32Splat { .. } | V128Load64Splat { .. }
        | V128Load32Zero { .. } | V128Load64Zero { .. }
        | V128Load8Lane { .. } | V128Load16Lane { .. } | V128Load32Lane { .. } | V128Load64Lane { .. }
        | V128Store8Lane { .. } | V128Store16Lane { .. } | V128Store32Lane { .. } | V128Store64Lane { .. }
    )
}

/// Costs of scalar instructions that are not 1.
#[rustfmt::skip]
fn scalar_cost(operator: &Operator) -> Option<u64> {
    use Operator::*;
    Some(match operator {
        // Structure.
        Block { .. } | Loop { .. } | Else | End => 0,
        If { .. } | Br { .. } | BrIf { .. } | BrTable { .. } => 2,
        Call { .. } => 5,
        CallIndirect { .. } => 10,
        ReturnCall { .. } => 3,
        ReturnCallIndirect { .. } => 60,
        // State.
        GlobalGet { .. } | GlobalSet { .. } => 2,
        MemorySize { .. } => 20,
        MemoryGrow { .. } | TableGrow { .. } | DataDrop { .. } | ElemDrop { .. } => 300,
        MemoryFill { .. } | MemoryCopy { .. } | MemoryInit { .. }
        | TableFill { .. } | TableCopy { .. } | TableInit { .. } | TableSize { .. } => 100,
        TableGet { .. } | TableSet { .. } | RefIsNull => 5,
        RefFunc { .. } => 130,
        // Arithmetic.
        I32DivS | I32DivU | I32RemS | I32RemU | I64DivS | I64DivU | I64RemS | I64RemU => 10,
        F32Add | F32Sub | F32Mul | F32Ceil | F32Floor | F32Trunc | F32Nearest | F32Copysign
        | F64Add | F64Sub | F64Mul | F64Ceil | F64Floor | F64Trunc | F64Nearest => 2,
        F32Div | F64Copysign => 3,
        F64Div | F32Sqrt => 5,
        F64Sqrt => 8,
        F32Min | F32Max | F64Min | F64Max => 18,
        F32Eq | F32Ne | F32Lt | F32Gt | F32Le | F32Ge | F64Eq | F64Ne | F64Lt | F64Gt | F64Le | F64Ge => 3,
        // Conversions between floats and integers.
        F32ConvertI32S | F32ConvertI64S | F64ConvertI32S | F64ConvertI64S => 3,
        F32ConvertI32U | F32ConvertI64U | F64ConvertI32U | F64ConvertI64U => 16,
        I32TruncF32S | I32TruncF32U | I32TruncF64S | I32TruncF64U
        | I64TruncF32S | I64TruncF32U | I64TruncF64S | I64TruncF64U
        | I32TruncSatF32S | I32TruncSatF32U | I32TruncSatF64S | I32TruncSatF64U
        | I64TruncSatF32S | I64TruncSatF32U | I64TruncSatF64S | I64TruncSatF64U => 20,
        _ => return None,
    })
}

/// Costs of vector instructions that are not 1.
#[rustfmt::skip]
fn vector_cost(operator: &Operator) -> Option<u64> {
    use Operator::*;
    Some(match operator {
        I8x16LtU | I8x16GtU | I16x8LtU | I16x8GtU | I32x4LtU | I32x4GtU
        | I8x16ShrU | I16x8Shl | I16x8ShrS | I16x8ShrU | I32x4Shl | I32x4ShrS | I32x4ShrU | I64x2Shl | I64x2ShrU
        | I16x8ExtAddPairwiseI8x16U | I16x8ExtMulHighI8x16S | I16x8ExtMulHighI8x16U | I32x4Mul
        | I32x4ExtMulLowI16x8S | I32x4ExtMulLowI16x8U | I32x4ExtMulHighI16x8S | I32x4ExtMulHighI16x8U
        | F32x4Ceil | F32x4Floor | F32x4Trunc | F32x4Nearest | F32x4Abs | F32x4Neg | F32x4Add | F32x4Sub | F32x4Mul
        | F64x2Ceil | F64x2Floor | F64x2Trunc | F64x2Nearest | F64x2Abs | F64x2Neg | F64x2Add | F64x2Sub | F64x2Mul
        | I32x4TruncSatF32x4S | I32x4TruncSatF64x2SZero => 2,
        I8x16Shuffle { .. } | I8x16Popcnt | I8x16Shl | I8x16ShrS | I64x2ShrS
        | I32x4ExtAddPairwiseI16x8U | I32x4TruncSatF64x2UZero => 3,
        I64x2Mul | F32x4Min | F32x4Max | F64x2Min | I32x4TruncSatF32x4U | F32x4ConvertI32x4U => 4,
        F32x4Sqrt | F64x2Max => 5,
        F32x4Div => 10,
        F64x2Div => 12,
        F64x2Sqrt => 14,
        _ => return None,
    })
}
