//! Who a contract is, without the rest of the engine.

use std::sync::Arc;

use super::lower;
use crate::value;
use crate::yaml::read;

/// What names a contract, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub name: Option<String>,
    pub version: Option<String>,
    pub pacto_version: Option<String>,
}

/// Reads the names in a contract's text.
///
/// # Errors
/// Why the text is not a YAML mapping.
pub fn summary(text: &Arc<str>) -> Result<Summary, String> {
    let tree = read(Arc::clone(text)).map_err(|error| error.to_string())?;
    let value = value::lower(&tree, 0).value;
    if value.entries().is_empty() {
        return Err("it holds no mapping".into());
    }
    let pacto_version = value.get("pactoVersion").and_then(|v| v.as_str()).map(str::to_owned);
    let contract = lower(value);
    let service = contract.service.as_ref();
    Ok(Summary {
        name: service.and_then(|s| s.name.get().cloned()),
        version: service.and_then(|s| s.version.get().cloned()),
        pacto_version,
    })
}
