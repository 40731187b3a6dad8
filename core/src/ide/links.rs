//! Texts that lead somewhere: files, `$ref`s, contracts and web pages.

use super::entity::{Entity, inner};
use super::pointer;
use super::site::Site;
use crate::db;
use crate::root::ContractKey;
use crate::spec::BundlePath;
use crate::text::Span;
use crate::yaml::NodeId;

/// Upper bound on the links of one document.
const MAX_LINKS: usize = 5_000;

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkTarget {
    /// A file, by its name as [`crate::root::Root::file`] has it.
    File(String),
    /// What is found when the link is followed: a reference to a contract.
    Contract,
    Page(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub span: Span,
    pub target: LinkTarget,
}

/// The links of a file, in its order.
pub fn links(site: &Site<'_>) -> Vec<Link> {
    let mut found = match site.is_proto() {
        true => imports(site),
        false => in_data(site).unwrap_or_default(),
    };
    found.sort_by_key(|link| link.span);
    found.dedup_by_key(|link| link.span);
    found.truncate(MAX_LINKS);
    found
}

/// The file of the contract that the reference at `offset` leads to.
pub fn contract_file(site: &Site<'_>, offset: u32) -> Option<String> {
    match super::entity::entity_at(site, offset)?.0 {
        Entity::Service(root) => Some(ContractKey::from(root).file()),
        _ => None,
    }
}

fn imports(site: &Site<'_>) -> Vec<Link> {
    let Some(proto) = db::proto(site.db, site.file()).ready() else { return Vec::new() };
    let each = proto.imports.iter().filter_map(|import| {
        let path = super::entity::imported(site, &import.text)?;
        Some(Link { span: import.span, target: LinkTarget::File(site.root.file(&path)) })
    });
    each.collect()
}

fn in_data(site: &Site<'_>) -> Option<Vec<Link>> {
    let tree = site.tree()?;
    let mut found = Vec::new();
    let mut add = |node: NodeId, target| found.push(Link { span: inner(tree, node), target });
    let file = |path: &str| LinkTarget::File(site.root.file(path));
    if site.is_contract() {
        let model = site.model()?;
        for (text, place) in model.file_fields().filter_map(|field| field.both()) {
            if let Ok(path) = BundlePath::parse(text) {
                add(place.node, file(path.as_str()));
            }
        }
        for (text, place) in super::entity::references(model).filter_map(|(field, _)| field.both())
        {
            if crate::contract::ContractRef::parse(text).is_ok() {
                add(place.node, LinkTarget::Contract);
            }
        }
    }
    for (text, node) in db::references_of(site.db, site.file()) {
        if let Some(to) = pointer::reference(&site.path, text).filter(|to| to.path != site.path) {
            add(*node, file(&to.path));
        }
    }
    for id in tree.ids().filter(|&id| tree.kind(id).is_scalar()) {
        let text = tree.source(id).trim_matches(['"', '\'']);
        let is_page = text.starts_with("https://") || text.starts_with("http://");
        let is_mail = text.contains('@') && !text.contains(['/', ' ', ':']);
        let is_address = is_mail && text.split('@').next_back().is_some_and(|h| h.contains('.'));
        if is_page && !text.contains(char::is_whitespace) {
            add(id, LinkTarget::Page(text.to_owned()));
        } else if is_address && site.is_contract() {
            add(id, LinkTarget::Page(format!("mailto:{text}")));
        }
    }
    Some(found)
}
