//! Bodies of answers, read within bounds.

use pacto_core::fact::{RegistryCode, RegistryFailure};
use reqwest::Response;

use super::failure::{Asked, of_error};
use crate::bundle::human_bytes;

/// Why a body could not be read whole.
pub enum BodyError {
    Broken(reqwest::Error),
    TooLarge { limit: u64 },
}

impl BodyError {
    pub fn into_failure(self, asked: &Asked<'_>) -> RegistryFailure {
        match self {
            BodyError::Broken(error) => of_error(asked, &error),
            BodyError::TooLarge { limit } => {
                let (reference, what) = (asked.reference, asked.what);
                let limit = human_bytes(limit);
                let message = format!("{reference}: {what} is larger than its limit, {limit}");
                RegistryFailure::new(RegistryCode::TooLarge, message)
            }
        }
    }
}

/// A body of at most `limit` bytes.
///
/// # Errors
/// It is larger, or breaks off.
pub async fn read_limited(mut response: Response, limit: u64) -> Result<Vec<u8>, BodyError> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(BodyError::Broken)? {
        if body.len() as u64 + piece.len() as u64 > limit {
            return Err(BodyError::TooLarge { limit });
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}
