//! Raising the version of a contract.

use super::Baselined;
use crate::db::{self, ContractInput, Db};
use crate::text::TextEdit;
use crate::value::Value;
use crate::yaml::{Kind, NodeId, Tree};

/// The edits that raise the version to `to`: of the service, and of image and chart where they have
/// the old one.
pub fn bump_edits(
    db: &dyn Db,
    new: ContractInput,
    baseline: Option<&Baselined>,
    to: &str,
) -> Option<Vec<TextEdit>> {
    let merged = db::merged(db, new).ready()?;
    let tree = db::tree(db, new.file(db)).ready()?;
    let old = baseline.and_then(|b| db::merged(db, b.contract).ready()?.contract.version());
    Some(version_edits(tree, &merged.contract.value, old, to))
}

/// `old` is the version of the baseline.
fn version_edits(tree: &Tree, contract: &Value, old: Option<&str>, to: &str) -> Vec<TextEdit> {
    let mut edits = Vec::new();
    let service = contract.get("service");
    let node = |path: &[&str]| -> Option<(NodeId, String)> {
        let value = path.iter().try_fold(service?, |at, key| at.get(key))?;
        (value.source == 0).then(|| Some((value.node, value.as_str()?.to_owned())))?
    };
    let mut set = |node: NodeId, text: &str| {
        let quoted = match tree.kind(node) {
            Kind::DoubleQuoted => format!("\"{text}\""),
            Kind::SingleQuoted => format!("'{text}'"),
            _ => text.to_owned(),
        };
        edits.push(TextEdit { span: tree.span(node), text: quoted });
    };
    let own = node(&["version"]);
    let current = own.as_ref().map(|(_, text)| text.clone());
    if let Some((node, _)) = own {
        set(node, to);
    }
    let is_old = |version: &str| current.as_deref() == Some(version) || old == Some(version);
    if let Some((node, text)) = node(&["image", "ref"])
        && let Some((name, tag)) = text.rsplit_once(':')
        && is_old(tag)
    {
        set(node, &format!("{name}:{to}"));
    }
    if let Some((node, text)) = node(&["chart", "version"])
        && is_old(&text)
    {
        set(node, to);
    }
    edits
}
