//! From the uploaded bytes to a plain module: a gzip stream is expanded, anything else must start with the Wasm magic.
//!
//! In: the bytes as uploaded. Out: the module's bytes, not yet validated, and the size that a failed installation is charged for.
//! The size in a gzip footer is the uploader's claim: it bounds how much is expanded, and a stream of another length is refused.

use std::borrow::Cow;
use std::io::Read;

use wasmparser::{Parser, Payload};

use crate::cycles::fees::Width;

use super::error::ValidationError;
use super::limits::{COMPILE_COST_PER_INSTRUCTION, MAX_MODULE_BYTES};

const WASM_MAGIC: &[u8] = b"\0asm";
const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b, 0x08];
/// Header and footer of a gzip stream take eight bytes each.
const GZIP_MINIMUM_BYTES: usize = 16;

/// How a module was uploaded, with its size once expanded as far as the upload says.
enum Encoding {
    Plain,
    Gzip { claimed_size: u64 },
}

fn encoding(uploaded: &[u8]) -> Result<Encoding, ValidationError> {
    if uploaded.starts_with(WASM_MAGIC) {
        return Ok(Encoding::Plain);
    }
    if !uploaded.starts_with(GZIP_MAGIC) {
        return Err(ValidationError::Decoding(
            "unsupported canister module format".to_string(),
        ));
    }
    match uploaded.last_chunk::<4>() {
        Some(footer) if uploaded.len() >= GZIP_MINIMUM_BYTES => Ok(Encoding::Gzip {
            claimed_size: u64::from(u32::from_le_bytes(*footer)),
        }),
        _ => Err(ValidationError::Decoding(
            "invalid Wasm module: gzip stream is too short".to_string(),
        )),
    }
}

/// The width of the addresses of an uploaded module, by which its installation pays; 32 bit where it can't be told.
pub fn declared_width(uploaded: &[u8]) -> Width {
    let Ok(wasm) = decode(uploaded) else {
        return Width::Wasm32;
    };
    let memories = Parser::new(0)
        .parse_all(&wasm)
        .find_map(|payload| match payload {
            Ok(Payload::MemorySection(memories)) => Some(memories),
            _ => None,
        });
    match memories.and_then(|memories| memories.into_iter().next()) {
        Some(Ok(memory)) if memory.memory64 => Width::Wasm64,
        _ => Width::Wasm32,
    }
}

/// Expands the upload if it is compressed.
///
/// # Errors
/// `Decoding` for an unknown format or a damaged stream, `ModuleTooLarge` above 100 MiB.
pub(super) fn decode(uploaded: &[u8]) -> Result<Cow<'_, [u8]>, ValidationError> {
    let encoding = encoding(uploaded)?;
    let size = match encoding {
        Encoding::Plain => uploaded.len() as u64,
        Encoding::Gzip { claimed_size } => claimed_size,
    };
    if size > MAX_MODULE_BYTES {
        return Err(ValidationError::ModuleTooLarge {
            size,
            allowed: MAX_MODULE_BYTES,
        });
    }
    match encoding {
        Encoding::Plain => Ok(Cow::Borrowed(uploaded)),
        Encoding::Gzip { claimed_size } => expand(uploaded, claimed_size).map(Cow::Owned),
    }
}

fn expand(compressed: &[u8], claimed_size: u64) -> Result<Vec<u8>, ValidationError> {
    let mut module = Vec::new();
    flate2::read::GzDecoder::new(compressed)
        .take(claimed_size + 1)
        .read_to_end(&mut module)
        .map_err(|error| {
            ValidationError::Decoding(format!("failed to decode compressed Wasm module: {error}"))
        })?;
    if module.len() as u64 != claimed_size {
        return Err(ValidationError::Decoding(format!(
            "specified uncompressed size {claimed_size} does not match extracted size {}",
            module.len()
        )));
    }
    Ok(module)
}

/// What a failed installation of these bytes is charged for compiling, in instructions: as if every byte were one instruction.
pub fn failed_compilation_cost(uploaded: &[u8]) -> u64 {
    let size = match encoding(uploaded) {
        Ok(Encoding::Gzip { claimed_size }) => claimed_size.max(uploaded.len() as u64),
        Ok(Encoding::Plain) | Err(_) => uploaded.len() as u64,
    };
    size * COMPILE_COST_PER_INSTRUCTION
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).expect("writing to memory");
        encoder.finish().expect("writing to memory")
    }

    #[test]
    fn expands_a_compressed_module() {
        let module = b"\0asm\x01\0\0\0";
        assert_eq!(
            decode(&gzip(module)).expect("a good stream").as_ref(),
            module
        );
    }

    #[test]
    fn refuses_a_stream_that_lies_about_its_size() {
        let mut stream = gzip(b"\0asm\x01\0\0\0");
        let end = stream.len();
        stream[end - 4] = 4;
        assert!(matches!(decode(&stream), Err(ValidationError::Decoding(_))));
    }

    #[test]
    fn refuses_a_stream_that_claims_more_than_the_limit() {
        let mut stream = gzip(b"\0asm\x01\0\0\0");
        let end = stream.len();
        stream[end - 4..].copy_from_slice(&(MAX_MODULE_BYTES as u32 + 1).to_le_bytes());
        assert_eq!(
            decode(&stream),
            Err(ValidationError::ModuleTooLarge {
                size: MAX_MODULE_BYTES + 1,
                allowed: MAX_MODULE_BYTES
            })
        );
        assert_eq!(
            failed_compilation_cost(&stream),
            (MAX_MODULE_BYTES + 1) * 6_000
        );
    }

    #[test]
    fn refuses_bytes_that_are_neither_wasm_nor_gzip() {
        let error = decode(b"hello").expect_err("no module");
        assert_eq!(
            error.to_string(),
            "Failed to decode wasm module: unsupported canister module format"
        );
        assert_eq!(failed_compilation_cost(b"hello"), 30_000);
    }
}
