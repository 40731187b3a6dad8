//! What a cursor stands at: something with a name, that other places may refer to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::pointer::{self, Element, owner_at, pointer_of};
use super::site::Site;
use crate::bundle::BundleView;
use crate::contract::{Configuration, Contract, ContractRef, Field, Place};
use crate::db::{self, DbView};
use crate::fact::Fact;
use crate::root::Root;
use crate::shared_schema::{Shared, shared_schema};
use crate::spec::BundlePath;
use crate::spec::proto::types::{TypeUse, declared, type_uses};
use crate::spec::proto::{import_candidates, is_built_in};
use crate::text::Span;
use crate::yaml::{Kind, NodeId, Segment, Tree, path_of};

/// The lists of a contract whose entries have names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum List {
    Interfaces,
    Configurations,
    Policies,
    Dependencies,
}

/// Something with a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entity {
    /// The service of the bundle in a root.
    Service(Root),
    /// An entry of a list of a contract.
    Entry {
        root: Root,
        contract: Arc<str>,
        list: List,
        name: String,
    },
    File {
        root: Root,
        path: String,
    },
    Element(Element),
    /// A message, enumeration or service of the `.proto` files of a bundle, by its full name.
    Type {
        root: Root,
        path: String,
        name: String,
    },
    Anchor {
        root: Root,
        path: String,
        name: String,
    },
}

/// What stands at `offset`, and the bytes that name it.
pub fn entity_at(site: &Site<'_>, offset: u32) -> Option<(Entity, Span)> {
    if site.is_proto() {
        return in_proto(site, offset);
    }
    let tree = site.tree()?;
    let anchor = |name: &str| Entity::Anchor {
        root: site.root.clone(),
        path: site.path.clone(),
        name: name.to_owned(),
    };
    let anchors = tree.properties.values().filter_map(|properties| properties.anchor);
    if let Some(span) = anchors.into_iter().find(|span| span.touches(offset)) {
        return Some((anchor(span.slice(tree.text())), span));
    }
    let node = tree.deepest_at(offset);
    if tree.kind(node) == Kind::Alias {
        let source = tree.source(node);
        return Some((anchor(source.strip_prefix('*')?), tree.span(node)));
    }
    if !tree.kind(node).is_scalar() || tree.span(node).is_empty() {
        return None;
    }
    let found = match site.is_contract() {
        true => in_contract(site, tree, node),
        false => in_data(site, tree, node),
    };
    Some((found?, inner(tree, node)))
}

/// The bytes of a scalar's text, without quotes.
pub(super) fn inner(tree: &Tree, node: NodeId) -> Span {
    let span = tree.span(node);
    match tree.kind(node).is_quoted() && span.len() >= 2 {
        true => Span { start: span.start + 1, end: span.end - 1 },
        false => span,
    }
}

fn is_key(tree: &Tree, node: NodeId) -> bool {
    let pair = tree.parent(node).filter(|&pair| tree.kind(pair) == Kind::Pair);
    pair.is_some_and(|pair| tree.key(pair) == node)
}

/// The names of the entries of a contract's lists.
pub(super) fn names(contract: &Contract) -> impl Iterator<Item = (List, &Field<String>)> {
    let interfaces = contract.interfaces.iter().map(|i| (List::Interfaces, &i.name));
    let configurations = contract.configurations.iter().map(|c| (List::Configurations, &c.name));
    let policies = contract.policies.iter().map(|p| (List::Policies, &p.name));
    let dependencies = contract.dependencies.iter().map(|d| (List::Dependencies, &d.name));
    interfaces.chain(configurations).chain(policies).chain(dependencies)
}

/// The references of a contract to others, with their constraints.
pub(super) fn references(
    contract: &Contract,
) -> impl Iterator<Item = (&Field<String>, Option<&String>)> {
    let dependencies = contract.dependencies.iter().map(|d| (&d.reference, d.compatibility.get()));
    let configurations = contract.configurations.iter().map(|c| (&c.reference, None));
    let policies = contract.policies.iter().map(|p| (&p.reference, None));
    dependencies.chain(configurations).chain(policies)
}

fn in_contract(site: &Site<'_>, tree: &Tree, node: NodeId) -> Option<Entity> {
    let contract = site.model()?;
    let is_here = |field: &Field<String>| {
        field.place().is_some_and(|place: &Place| place.source == 0 && place.node == node)
    };
    if is_key(tree, node) {
        let path = path_of(tree, node);
        let element = contract.configurations.iter().find_map(|c| {
            let values = &c.values.place()?.path.0;
            let below = path.0.strip_prefix(values.as_slice()).filter(|rest| !rest.is_empty())?;
            let (root, path) = schema_of(site, c)?;
            let mut pointer = Vec::new();
            for segment in below {
                let Segment::Key(key) = segment else { return None };
                pointer.extend(["properties".to_owned(), key.clone()]);
            }
            Some(Element { root, path, pointer })
        })?;
        return exists(site, &element).then_some(Entity::Element(element));
    }
    let entry = |list, name: &str| Entity::Entry {
        root: site.root.clone(),
        contract: Arc::clone(&site.contract),
        list,
        name: name.to_owned(),
    };
    if contract.service.as_ref().is_some_and(|service| is_here(&service.name)) {
        return Some(Entity::Service(site.root.clone()));
    }
    if let Some((list, field)) = names(contract).find(|(_, field)| is_here(field)) {
        return Some(entry(list, field.get()?));
    }
    if let Some(field) = contract.file_fields().find(|field| is_here(field)) {
        let path = BundlePath::parse(field.get()?).ok()?;
        return Some(Entity::File { root: site.root.clone(), path: path.to_string() });
    }
    if let Some((field, constraint)) = references(contract).find(|(field, _)| is_here(field)) {
        return follow(site, field.get()?, constraint.map(String::as_str)).map(Entity::Service);
    }
    for (interface, path) in probes(contract) {
        if is_here(interface) {
            return Some(entry(List::Interfaces, interface.get()?));
        }
        if is_here(path) {
            let element = operation(site, contract, interface, path)?;
            return exists(site, &element).then_some(Entity::Element(element));
        }
    }
    None
}

/// Interface and path of the health check and the metrics.
pub(super) fn probes(contract: &Contract) -> Vec<(&Field<String>, &Field<String>)> {
    let Some(runtime) = &contract.runtime else { return Vec::new() };
    let all = runtime.health.iter().chain(&runtime.metrics);
    all.map(|probe| (&probe.interface, &probe.path)).collect()
}

/// The path in the specification of an interface that a probe names.
pub(super) fn operation(
    site: &Site<'_>,
    contract: &Contract,
    interface: &Field<String>,
    path: &Field<String>,
) -> Option<Element> {
    let name = interface.get()?;
    let interface = contract.interfaces.iter().find(|i| i.name.get() == Some(name))?;
    let file = BundlePath::parse(interface.contract.get()?).ok()?.to_string();
    let pointer = vec!["paths".to_owned(), path.get()?.clone()];
    Some(Element { root: site.root.clone(), path: file, pointer })
}

/// The bundle that a reference leads to; in the workspace, where it was pushed from.
pub(super) fn follow(site: &Site<'_>, text: &str, constraint: Option<&str>) -> Option<Root> {
    let reference = ContractRef::parse(text).ok()?;
    let view = DbView::new(site.db, site.root.clone());
    let Fact::Ready(followed) = view.follow(&reference, constraint) else { return None };
    Some(source(site, followed.bundle.root()))
}

/// Where a bundle was pushed from, if that is in the workspace.
fn source(site: &Site<'_>, root: &Root) -> Root {
    let fleet = db::fleet_index(site.db, site.db.inputs().workspace(site.db));
    fleet.source(root).clone()
}

/// The schema of the settings of a configuration: its own, or that of the bundle it names.
pub(super) fn schema_of(site: &Site<'_>, configuration: &Configuration) -> Option<(Root, String)> {
    if let Some(text) = configuration.schema.get() {
        let path = BundlePath::parse(text).ok()?;
        return Some((site.root.clone(), path.to_string()));
    }
    let reference = ContractRef::parse(configuration.reference.get()?).ok()?;
    let view = DbView::new(site.db, site.root.clone());
    let (root, path) = shared_schema(&view, &reference, Shared::Configuration).ok()??;
    Some((source(site, &root), path.to_string()))
}

/// Whether an element is there.
pub(super) fn exists(site: &Site<'_>, element: &Element) -> bool {
    let site = Site::of_root(site.db, &element.root).beside(&element.path);
    site.tree().is_some_and(|tree| owner_at(tree, &element.pointer).is_some())
}

fn in_data(site: &Site<'_>, tree: &Tree, node: NodeId) -> Option<Entity> {
    let pointer = pointer_of(tree, node);
    let element = |path: &str, pointer: Vec<String>| {
        Entity::Element(Element { root: site.root.clone(), path: path.to_owned(), pointer })
    };
    if is_key(tree, node) {
        return Some(element(&site.path, pointer));
    }
    if pointer.last().is_some_and(|last| last == "$ref") {
        let found = pointer::reference(&site.path, &tree.scalar_text(node))?;
        return Some(match found.pointer.is_empty() {
            true => Entity::File { root: site.root.clone(), path: found.path },
            false => element(&found.path, found.pointer),
        });
    }
    // An item of `required` names a property.
    let [schema @ .., required, _] = pointer.as_slice() else { return None };
    let mut property = schema.to_vec();
    property.extend(["properties".to_owned(), tree.scalar_text(node).into_owned()]);
    (required == "required" && owner_at(tree, &property).is_some())
        .then(|| element(&site.path, property))
}

fn in_proto(site: &Site<'_>, offset: u32) -> Option<(Entity, Span)> {
    let proto = db::proto(site.db, site.file()).ready()?;
    if let Some(import) = proto.imports.iter().find(|import| import.span.touches(offset)) {
        let path = imported(site, &import.text)?;
        return Some((Entity::File { root: site.root.clone(), path }, import.span));
    }
    let of = |path: &str, name: &str| Entity::Type {
        root: site.root.clone(),
        path: path.to_owned(),
        name: name.to_owned(),
    };
    let own = declared(proto);
    if let Some((name, span)) = own.iter().find(|(_, span)| span.touches(offset)) {
        return Some((of(&site.path, name), *span));
    }
    let uses = type_uses(site.text()?);
    let used = uses.into_iter().find(|used| used.span.touches(offset))?;
    let (path, name) = resolve_type(&used, &visible_types(site))?;
    Some((of(&path, &name), used.span))
}

/// The file of the bundle that an import means.
pub(super) fn imported(site: &Site<'_>, import: &str) -> Option<String> {
    if is_built_in(import) {
        return None;
    }
    let all = import_candidates(&site.path, import);
    all.into_iter().find(|path| site.beside(path).text().is_some())
}

/// The files whose types are looked through for one name.
const MAX_IMPORTS: usize = 256;

/// The types that a file sees, by full name: its own, then those of what it imports, file by file.
pub(super) fn visible_types(site: &Site<'_>) -> Vec<(String, BTreeMap<String, Span>)> {
    let mut found = Vec::new();
    let mut files = vec![site.path.clone()];
    let mut at = 0;
    while let Some(path) = files.get(at).cloned().filter(|_| at < MAX_IMPORTS) {
        at += 1;
        let site = site.beside(&path);
        let Some(proto) = db::proto(site.db, site.file()).ready() else { continue };
        for import in proto.imports.iter().filter_map(|import| imported(&site, &import.text)) {
            if !files.contains(&import) {
                files.push(import);
            }
        }
        found.push((path, declared(proto)));
    }
    found
}

/// The file and the full name of the type that a word means, of those that its file sees.
pub(super) fn resolve_type(
    used: &TypeUse,
    visible: &[(String, BTreeMap<String, Span>)],
) -> Option<(String, String)> {
    used.candidates().into_iter().find_map(|name| {
        let (path, _) = visible.iter().find(|(_, types)| types.contains_key(&name))?;
        Some((path.clone(), name))
    })
}
