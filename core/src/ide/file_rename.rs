//! Files and folders that are about to move: what names them is written anew, all of it or nothing.

use super::entity::{imported, references};
use super::pointer;
use super::site::Site;
use crate::check::fix;
use crate::contract::ContractRef;
use crate::db::{self, Db};
use crate::root::{CONTRACT_FILE, relative};
use crate::spec::BundlePath;
use crate::text::{Span, TextEdit};
use crate::yaml::{NodeId, Tree};

/// A move of a file or a folder: absolute paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    pub from: String,
    pub to: String,
}

/// The edits, by the files as they are called before the moves.
///
/// # Errors
/// A file would leave the bundle of a contract that names it.
pub fn edits(db: &dyn Db, moves: &[Move]) -> Result<Vec<(String, TextEdit)>, String> {
    let mut found = Vec::new();
    for root in db.inputs().workspace(db).roots(db).iter() {
        let Some(folder) = root.folder() else { continue };
        let bundle = Bundle { site: Site::of_root(db, root), folder, moves };
        bundle.contract(&mut found)?;
        bundle.specifications(&mut found)?;
    }
    Ok(found)
}

/// A bundle with the moves that may touch it.
struct Bundle<'db, 'm> {
    /// Its contract.
    site: Site<'db>,
    folder: &'m str,
    moves: &'m [Move],
}

impl Bundle<'_, '_> {
    /// Where a path is after the moves.
    fn moved(&self, path: &str) -> String {
        let inside = self.moves.iter().filter_map(|one| {
            let rest = path.strip_prefix(one.from.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then_some((one.from.len(), &one.to, rest))
        });
        match inside.max_by_key(|(length, ..)| *length) {
            Some((_, to, rest)) => format!("{to}{rest}"),
            None => path.to_owned(),
        }
    }

    /// The path in the bundle that a file has after the moves, if it has another.
    fn path_after(&self, path: &str) -> Result<Option<String>, String> {
        let to = self.moved(&format!("{}/{path}", self.folder));
        let folder = self.moved(self.folder);
        match to.strip_prefix(folder.as_str()).and_then(|rest| rest.strip_prefix('/')) {
            Some(after) => Ok((after != path).then(|| after.to_owned())),
            None => Err(format!(
                "{path} would leave the bundle in {}, which names it; a bundle holds all that it names",
                self.folder
            )),
        }
    }

    /// What the contract names: files of the bundle, and other bundles.
    fn contract(&self, out: &mut Vec<(String, TextEdit)>) -> Result<(), String> {
        let (Some(model), Some(tree)) = (self.site.model(), self.site.tree()) else {
            return Ok(());
        };
        for (text, place) in model.file_fields().filter_map(|field| field.both()) {
            let Ok(path) = BundlePath::parse(text) else { continue };
            if let Some(after) = self.path_after(path.as_str())? {
                out.push(written(&self.site, tree, place.node, &after));
            }
        }
        let (before, after) = (self.folder, self.moved(self.folder));
        for (text, place) in references(model).filter_map(|(field, _)| field.both()) {
            if !matches!(ContractRef::parse(text), Ok(ContractRef::Local(_))) {
                continue;
            }
            let Some(target) = self.site.root.join(text) else { continue };
            let Some(target) = target.folder() else { continue };
            let new = relative(&after, &self.moved(target));
            if new != relative(before, target) && !text.starts_with('/') {
                let file = text.ends_with(CONTRACT_FILE).then(|| format!("{new}/{CONTRACT_FILE}"));
                out.push(written(&self.site, tree, place.node, &file.unwrap_or(new)));
            }
        }
        Ok(())
    }

    /// What specifications name: `$ref`s and imports.
    fn specifications(&self, out: &mut Vec<(String, TextEdit)>) -> Result<(), String> {
        for site in self.site.all().into_iter().filter(|site| !site.is_contract()) {
            if site.is_proto() {
                self.imports(&site, out)?;
                continue;
            }
            let Some(tree) = site.tree() else { continue };
            for (text, node) in db::references_of(site.db, site.file()) {
                if let Some(new) = self.reference_after(&site, text)? {
                    out.push(written(&site, tree, *node, &new));
                }
            }
        }
        Ok(())
    }

    /// A `$ref` of a file as it is to be written after the moves, if otherwise.
    fn reference_after(&self, site: &Site<'_>, text: &str) -> Result<Option<String>, String> {
        let Some(to) = pointer::reference(&site.path, text).filter(|_| !text.starts_with('#'))
        else {
            return Ok(None);
        };
        // A file that leaves the bundle itself takes its references along as they are.
        let Ok(own) = self.path_after(&site.path) else { return Ok(None) };
        let own = own.unwrap_or_else(|| site.path.clone());
        let target = self.path_after(&to.path)?.unwrap_or_else(|| to.path.clone());
        let folder = |path: &str| path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let new = relative(&folder(&own), &target);
        if new == relative(&folder(&site.path), &to.path) {
            return Ok(None);
        }
        let fragment = text.find('#').map_or("", |at| &text[at..]);
        let dot = if text.starts_with("./") && !new.starts_with("..") { "./" } else { "" };
        Ok(Some(format!("{dot}{new}{fragment}")))
    }

    fn imports(&self, site: &Site<'_>, out: &mut Vec<(String, TextEdit)>) -> Result<(), String> {
        let Some(proto) = db::proto(site.db, site.file()).ready() else { return Ok(()) };
        for import in &proto.imports {
            let Some(path) = imported(site, &import.text) else { continue };
            let Some(after) = self.path_after(&path)? else { continue };
            // Imports are written from a folder above, which may move itself.
            let base = path.strip_suffix(import.text.as_str()).unwrap_or_default();
            let base_after = match base.strip_suffix('/') {
                Some(folder) => self.path_after(folder)?.map(|folder| folder + "/"),
                None => None,
            };
            let Some(new) = after.strip_prefix(base_after.as_deref().unwrap_or(base)) else {
                return Err(format!(
                    "{} imports {} from {base}, which it would leave",
                    site.path, import.text
                ));
            };
            if new == import.text {
                continue;
            }
            let span = quoted_part(import.span, &import.text);
            out.push((site.root.file(&site.path), TextEdit::replace(span, new.to_owned())));
        }
        Ok(())
    }
}

/// The text of an import without its quotes, if the span has them.
fn quoted_part(span: Span, text: &str) -> Span {
    match (span.end - span.start) as usize == text.len() + 2 {
        true => Span { start: span.start + 1, end: span.end - 1 },
        false => span,
    }
}

/// Another text at a scalar, in its quotes if it has any.
fn written(site: &Site<'_>, tree: &Tree, node: NodeId, text: &str) -> (String, TextEdit) {
    let old = tree.source(node);
    let new = match old.chars().next() {
        Some('"') => fix::quoted(text),
        Some('\'') => fix::single_quoted(text),
        _ => fix::scalar(text),
    };
    (site.root.file(&site.path), TextEdit::replace(tree.span(node), new))
}
