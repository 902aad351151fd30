//! Counting instructions: every basic block pays for all its instructions when it starts.
//!
//! A function body is cut into segments of straight-line code. At the start of each, code is inserted that takes the cost of
//! the whole segment from a counter. Function entries and loop heads are the places where execution can come back, so there the
//! counter is also checked; elsewhere it may go below zero until the next check. A bulk operation pays one per byte or element in
//! front of it, checked.
//!
//! The rules are those of the public network, because `performance_counter` shows them: an instruction after a taken branch is
//! paid if it is in the segment, and a function entry costs one.
//!
//! In: a valid function body. Out: the same body with the insertions, byte for byte the same in between.

use std::ops::Range;

use wasm_encoder::{BlockType, Encode, Instruction};
use wasmparser::{FunctionBody, Operator};

use super::imports::AddressWidth;
use super::instruction_cost::instruction_cost;

/// Indices that inserted code refers to.
#[derive(Clone, Copy, Debug)]
pub(super) struct MeteringIndices {
    /// The global that holds the instructions left.
    pub counter: u32,
    /// The function `(i64) -> i64` that takes its argument from the counter, checks, and returns its argument.
    pub charge: u32,
    /// The function `() -> ()` that ends the execution.
    pub exhausted: u32,
}

/// What is inserted at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Insertion {
    /// Pay a fixed cost.
    Pay { cost: u64 },
    /// Pay a fixed cost and stop if nothing is left.
    PayAndCheck { cost: u64 },
    /// Pay the 32-bit value on top of the stack, and check.
    PayOperand32,
    /// Pay the 64-bit value on top of the stack, and check.
    PayOperand64,
}

impl Insertion {
    fn add_cost(&mut self, amount: u64) {
        if let Insertion::Pay { cost } | Insertion::PayAndCheck { cost } = self {
            *cost += amount;
        }
    }

    /// Number of instructions that the public network's insertion takes here: its compilation charge counts them.
    fn network_instructions(self) -> u64 {
        match self {
            Insertion::Pay { cost: 0 } => 0,
            Insertion::Pay { .. } => 4,
            Insertion::PayAndCheck { .. } => 10,
            Insertion::PayOperand32 => 3,
            Insertion::PayOperand64 => 1,
        }
    }

    fn encode(self, indices: MeteringIndices, out: &mut Vec<u8>) {
        match self {
            Insertion::Pay { cost: 0 } => {}
            Insertion::Pay { cost } => pay(cost, indices, out),
            Insertion::PayAndCheck { cost } => {
                pay(cost, indices, out);
                for instruction in check(indices) {
                    instruction.encode(out);
                }
            }
            Insertion::PayOperand32 => {
                Instruction::I64ExtendI32U.encode(out);
                Instruction::Call(indices.charge).encode(out);
                Instruction::I32WrapI64.encode(out);
            }
            Insertion::PayOperand64 => Instruction::Call(indices.charge).encode(out),
        }
    }
}

fn pay(cost: u64, indices: MeteringIndices, out: &mut Vec<u8>) {
    Instruction::GlobalGet(indices.counter).encode(out);
    Instruction::I64Const(cost as i64).encode(out);
    Instruction::I64Sub.encode(out);
    Instruction::GlobalSet(indices.counter).encode(out);
}

/// Ends the execution if the counter is below zero.
pub(super) fn check(indices: MeteringIndices) -> [Instruction<'static>; 6] {
    [
        Instruction::GlobalGet(indices.counter),
        Instruction::I64Const(0),
        Instruction::I64LtS,
        Instruction::If(BlockType::Empty),
        Instruction::Call(indices.exhausted),
        Instruction::End,
    ]
}

/// A place in the body's bytes and what goes there.
struct Point {
    position: usize,
    insertion: Insertion,
}

/// Appends the metered body to `out`, without the size in front.
///
/// Returns the number of instructions the public network would compile for this body.
///
/// # Errors
/// If the body cannot be read; a validated body can.
pub(super) fn meter_body(
    body: &FunctionBody,
    width: AddressWidth,
    indices: MeteringIndices,
    out: &mut Vec<u8>,
) -> wasmparser::Result<u64> {
    let (points, own_instructions) = find_points(body, width)?;
    let bytes = body.as_bytes();
    let mut copied = 0;
    let mut inserted = 0;
    for point in points {
        out.extend_from_slice(&bytes[copied..point.position]);
        copied = point.position;
        point.insertion.encode(indices, out);
        inserted += point.insertion.network_instructions();
    }
    out.extend_from_slice(&bytes[copied..]);
    Ok(own_instructions + inserted)
}

/// Cuts the body into segments; also counts its instructions (and those the public network adds to `memory.grow`).
fn find_points(body: &FunctionBody, width: AddressWidth) -> wasmparser::Result<(Vec<Point>, u64)> {
    let Range { start, .. } = body.range();
    let mut reader = body.get_operators_reader()?;
    let mut points = Vec::new();
    let mut instructions = 0;
    let mut segment = Point {
        position: reader.original_position() - start,
        insertion: Insertion::PayAndCheck { cost: 1 },
    };
    while !reader.eof() {
        let (operator, offset) = reader.read_with_offset()?;
        let next = reader.original_position() - start;
        instructions += 1;
        segment
            .insertion
            .add_cost(instruction_cost(&operator, width));
        let following = match operator {
            Operator::Loop { .. } => Some(Insertion::PayAndCheck { cost: 0 }),
            Operator::If { .. }
            | Operator::Else
            | Operator::End
            | Operator::Br { .. }
            | Operator::BrIf { .. }
            | Operator::BrTable { .. }
            | Operator::Return
            | Operator::Unreachable
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. } => Some(Insertion::Pay { cost: 0 }),
            Operator::MemoryGrow { .. } => {
                instructions += 3;
                None
            }
            _ => {
                if let Some(insertion) = operand_payment(&operator, width) {
                    points.push(Point {
                        position: offset - start,
                        insertion,
                    });
                }
                None
            }
        };
        if let Some(insertion) = following {
            points.push(std::mem::replace(
                &mut segment,
                Point {
                    position: next,
                    insertion,
                },
            ));
        }
    }
    points.sort_by_key(|point| point.position);
    Ok((points, instructions))
}

/// How a bulk operation pays for its length, which is on top of the stack.
fn operand_payment(operator: &Operator, width: AddressWidth) -> Option<Insertion> {
    match operator {
        Operator::MemoryFill { .. }
        | Operator::MemoryCopy { .. }
        | Operator::TableCopy { .. }
        | Operator::TableFill { .. } => Some(match width {
            AddressWidth::Bits32 => Insertion::PayOperand32,
            AddressWidth::Bits64 => Insertion::PayOperand64,
        }),
        // The length of a part of a segment is 32 bit in either width.
        Operator::MemoryInit { .. } | Operator::TableInit { .. } => Some(Insertion::PayOperand32),
        _ => None,
    }
}
