//! What a malformed reference seems to mean.

use crate::check::{Fix, fix};
use crate::contract::Place;

/// The fix that writes the reference `text` so that it is legal, if one of the usual slips is what is
/// wrong with it: blanks, capitals, another scheme.
pub(super) fn mended(text: &str, place: &Place, is_legal: impl Fn(&str) -> bool) -> Option<Fix> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let schemes = ["docker://", "https://", "http://", "OCI://", "oci:/", "oci:"];
    let bare = schemes.iter().find_map(|scheme| compact.strip_prefix(scheme));
    let oci = |text: &str| format!("oci://{}", text.trim_start_matches('/'));
    let bare = bare.map(|bare| bare.trim_start_matches('/').to_owned());
    let guesses = [
        Some(compact.clone()),
        Some(compact.trim_end_matches(['/', ':', '@']).to_owned()),
        bare.as_deref().map(oci),
        Some(lower(&compact)),
        bare.as_deref().map(|bare| lower(&oci(bare))),
        bare.clone(),
    ];
    let mut legal = guesses.into_iter().flatten().filter(|guess| guess != text && is_legal(guess));
    let written = legal.next()?;
    let title = format!("Write `{written}`");
    let id = if lower(text) == written { "lower-case" } else { "normalise" };
    Some(Fix::replace(id, title, place.value(), fix::scalar(&written)).preferred())
}

/// Host and path have no capitals; tags may.
fn lower(text: &str) -> String {
    let path_end = text.rfind('/').unwrap_or(0);
    let tag = text[path_end..].find([':', '@']).map_or(text.len(), |at| path_end + at);
    format!("{}{}", text[..tag].to_lowercase(), &text[tag..])
}
