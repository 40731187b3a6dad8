//! References to registries, as they are typed.

use pacto_core::contract::OciReference;
use pacto_core::fact::RegistryCode;

use super::Error;

/// A registry reference, with or without scheme.
///
/// # Errors
/// `INVALID_REF`.
pub fn parse_reference(typed: &str) -> Result<OciReference, Error> {
    let text = typed.strip_prefix("oci://").unwrap_or(typed);
    // Tags hold no `+`: the build of a version stands behind `_`.
    let as_tag = text.rsplit_once('/').and_then(|(path, rest)| {
        let (name, tag) = rest.split_once(':').filter(|(_, tag)| !tag.contains('@'))?;
        Some(format!("{path}/{name}:{}", tag.replace('+', "_")))
    });
    let text = as_tag.as_deref().unwrap_or(text);
    OciReference::parse(text).map_err(|error| {
        let (message, hint) = match error.message.split_once("; did you mean ") {
            Some((message, hint)) => (message.to_owned(), Some(format!("did you mean {hint}"))),
            None => (error.message.clone(), None),
        };
        let message = format!("invalid reference \"{typed}\": {message}");
        let error = Error::new(RegistryCode::InvalidRef, message);
        let lower = text.to_lowercase();
        match hint {
            Some(hint) => error.hint(hint),
            None if text != lower && OciReference::parse(&lower).is_ok() => {
                error.hint(format!("did you mean {lower}?"))
            }
            None => error,
        }
    })
}

/// The host of a reference, or of a registry that is named alone.
pub(super) fn host_of(text: &str) -> Option<String> {
    let text = text.strip_prefix("oci://").unwrap_or(text);
    match OciReference::parse(text) {
        Ok(reference) => Some(reference.host),
        Err(_) => OciReference::parse(&format!("{text}/x")).ok().map(|reference| reference.host),
    }
}
