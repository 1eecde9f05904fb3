//! Facts as bytes: a line that names the program, a checksum, a length, and the compressed content.
//!
//! The bytes may be anyone's: what they claim is checked before memory is asked for, and how deep trees may be is bounded
//! where they are read (`syntax::bounded`). The checksum tells damage, not who wrote the file.

use super::{Facts, FactsError};

/// How every facts file begins, whatever wrote it.
const MAGIC: &[u8] = b"contract-check facts ";
/// The layout of the file.
const FORMAT: &str = "1";
/// The sources of this program: trees and their meaning are of one build.
const PROGRAM: &str = env!("CONTRACT_CHECK_SOURCES");
/// Bytes of the checksum.
const SUM: usize = 32;
/// Bytes of the length.
const LENGTH: usize = 8;
/// Bytes of content at most.
const MOST: usize = 1 << 30;
/// How many times its compressed form content may be, beyond [`FREE`]; what is more regular is written as it is.
const RATIO: usize = 16;
/// Bytes of content that need no reason.
const FREE: usize = 1 << 20;

/// The bytes of a facts file.
///
/// # Errors
/// When the facts are too large.
pub fn write(facts: &Facts) -> Result<Vec<u8>, FactsError> {
    let too_large = || FactsError::TooLarge { most: MOST };
    let content = postcard::to_stdvec(facts).map_err(|_| too_large())?;
    if content.len() > MOST {
        return Err(too_large());
    }
    let packed = lz4_flex::block::compress(&content);
    // A length that no compressed form may have says that there is none.
    let body = if fits(content.len(), packed.len()) { packed } else { content.clone() };
    let mut tail = (content.len() as u64).to_le_bytes().to_vec();
    tail.extend(body);
    let mut bytes = MAGIC.to_vec();
    bytes.extend(format!("{FORMAT} {PROGRAM}\n").bytes());
    bytes.extend(blake3::hash(&tail).as_bytes());
    bytes.extend(tail);
    Ok(bytes)
}

/// Reads the bytes of the facts file called `file`.
///
/// # Errors
/// When they are no facts of this build of the program, or not whole.
pub fn read(file: &str, bytes: &[u8]) -> Result<Facts, FactsError> {
    let named = || file.to_owned();
    let damaged = |why| FactsError::Damaged { file: named(), why };
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        return Err(FactsError::Foreign { file: named() });
    };
    let Some(end) = rest.iter().take(64).position(|byte| *byte == b'\n') else {
        return Err(damaged("its first line does not end"));
    };
    let (line, rest) = rest.split_at_checked(end).ok_or_else(|| damaged("it ends early"))?;
    if line != format!("{FORMAT} {PROGRAM}").as_bytes() {
        return Err(FactsError::OtherBuild { file: named() });
    }
    let rest = rest.get(1..).unwrap_or_default();
    let (sum, tail) = rest.split_at_checked(SUM).ok_or_else(|| damaged("it ends early"))?;
    if blake3::hash(tail).as_bytes() != sum {
        return Err(damaged("its checksum is another"));
    }
    let (length, body) =
        tail.split_first_chunk::<LENGTH>().ok_or_else(|| damaged("it ends early"))?;
    let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
    let unpacked;
    let content = if length == body.len() {
        body
    } else {
        if length > MOST || !fits(length, body.len()) {
            return Err(damaged("its length cannot be"));
        }
        unpacked = lz4_flex::block::decompress(body, length)
            .map_err(|_| damaged("it cannot be unpacked"))?;
        &unpacked
    };
    if content.len() != length {
        return Err(damaged("its length is another"));
    }
    match postcard::take_from_bytes(content) {
        Ok((facts, [])) => Ok(facts),
        Ok(_) => Err(damaged("it is longer than its content")),
        Err(_) => Err(damaged("its content is not that of facts")),
    }
}

/// Whether so much may be compressed to so little.
const fn fits(content: usize, packed: usize) -> bool {
    content != packed && content <= FREE.saturating_add(packed.saturating_mul(RATIO))
}
