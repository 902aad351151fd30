//! Files: texts that are sealed in chunks of 1 MiB.
//!
//! - Each chunk is bound to its index and to how many there are, so that chunks cannot be swapped, left out, doubled or cut off at the end.
//! - Left out: streaming from disk; [`EpochKey::seal_chunk`] and [`EpochKey::open_chunk`] are for callers that hold one chunk at a time.

use crate::error::ClientError;
use crate::key::{EpochKey, Place};
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroizing;

/// Bytes of text in a chunk; the last one may have fewer. Sealed it has 36 more, and fits into a message.
pub const CHUNK: usize = 1 << 20;

/// Chunks that the canister takes.
const MAX_CHUNKS: usize = 128;

fn count(chunks: usize) -> Result<u32, ClientError> {
    let refused = ClientError::Chunks {
        chunks,
        at_most: MAX_CHUNKS,
    };
    match chunks {
        1..=MAX_CHUNKS => u32::try_from(chunks).map_err(|_| refused),
        _ => Err(refused),
    }
}

impl EpochKey {
    /// Seals a file: its chunks in order. An empty file is one chunk.
    ///
    /// # Errors
    /// [`ClientError::Chunks`] for more than 128 MiB.
    pub fn seal_file(
        &self,
        place: Place<'_>,
        text: &[u8],
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Vec<Vec<u8>>, ClientError> {
        let pieces: Vec<&[u8]> = match text {
            [] => vec![text],
            text => text.chunks(CHUNK).collect(),
        };
        let count = count(pieces.len())?;
        let seal = |(index, piece)| self.seal_chunk(place, (index, count), piece, rng);
        (0..).zip(pieces).map(seal).collect()
    }

    /// Opens a file of all its chunks, in order.
    ///
    /// # Errors
    /// [`ClientError::DoesNotOpen`] if one was changed, or is missing, also at the end; [`ClientError::Chunks`].
    pub fn open_file(
        &self,
        place: Place<'_>,
        chunks: &[impl AsRef<[u8]>],
    ) -> Result<Zeroizing<Vec<u8>>, ClientError> {
        let count = count(chunks.len())?;
        let sealed: usize = chunks.iter().map(|chunk| chunk.as_ref().len()).sum();
        // Never grown, so that no copy of the text stays behind.
        let mut text = Zeroizing::new(Vec::with_capacity(sealed));
        for (index, chunk) in (0..).zip(chunks) {
            let piece = self.open_chunk(place, (index, count), chunk.as_ref())?;
            text.extend_from_slice(&piece);
        }
        Ok(text)
    }
}
