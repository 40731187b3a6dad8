//! Every place that declares or names something, in all bundles of the workspace.

use std::collections::BTreeSet;

use super::entity::{
    Entity, List, imported, inner, names, operation, probes, resolve_type, schema_of, visible_types,
};
use super::pointer::{self, Element, owner_at, pointer_of, segment_range};
use super::site::{Site, Target};
use crate::check::fix;
use crate::db::{self, Db};
use crate::fleet::{Fleet, UseKind};
use crate::root::Root;
use crate::spec::BundlePath;
use crate::spec::proto::types::{declared, type_uses};
use crate::text::Span;
use crate::yaml::{Kind, NodeId, Tree};

/// How a name is written where it stands, for whoever writes another in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spelling {
    /// A YAML scalar without quotes.
    Plain,
    /// Between double or single quotes.
    DoubleQuoted,
    SingleQuoted,
    /// A segment of a JSON pointer.
    Pointer,
    /// A word of another language.
    Word,
    /// Not the name itself, but something that leads to it.
    Link,
}

/// One place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    pub root: Root,
    pub path: String,
    /// The text that names it.
    pub span: Span,
    pub is_declaration: bool,
    pub spelling: Spelling,
}

impl Occurrence {
    pub fn file(&self) -> String {
        self.root.file(&self.path)
    }
}

/// All places of an entity, in the order of files and offsets; its declaration among them.
pub fn occurrences(db: &dyn Db, entity: &Entity) -> Vec<Occurrence> {
    let mut found = BTreeSet::new();
    match entity {
        Entity::Service(root) => of_service(db, root, &mut found),
        Entity::Entry { root, contract, list, name } => {
            of_entry(&Site::of_contract(db, root, contract), *list, name, &mut found);
        }
        Entity::File { root, path } => of_file(&Site::of_root(db, root), path, &mut found),
        Entity::Element(element) => of_element(db, element, &mut found),
        Entity::Type { root, path, name } => {
            of_type(&Site::of_root(db, root), path, name, &mut found);
        }
        Entity::Anchor { root, path, name } => {
            of_anchor(&Site::of_root(db, root).beside(path), name, &mut found);
        }
    }
    found.into_iter().collect()
}

/// Where something is declared.
pub fn declaration(db: &dyn Db, entity: &Entity) -> Option<Target> {
    if let Entity::File { root, path } = entity {
        let site = Site::of_root(db, root).beside(path);
        let at = Span::at(0);
        return site.text().map(|_| Target { file: root.file(path), span: at, name: at });
    }
    let found = match entity {
        // Without its users.
        Entity::Service(root) => service_name(&Site::of_root(db, root)),
        _ => occurrences(db, entity).into_iter().find(|found| found.is_declaration),
    }?;
    let site = Site::of_root(db, &found.root).beside(&found.path);
    let around = site.tree().and_then(|tree| {
        let node = tree.deepest_at(found.span.start);
        let is_entry = |id: &NodeId| matches!(tree.kind(*id), Kind::Pair | Kind::Item);
        let entry = tree.ancestors(node).find(is_entry)?;
        // The entry of a list that a name stands in.
        let item = tree.ancestors(entry).find(|id| tree.kind(*id) == Kind::Item);
        let is_entry = matches!(entity, Entity::Entry { .. });
        Some(tree.span(item.filter(|_| is_entry).unwrap_or(entry)))
    });
    let span = around.filter(|span| span.contains_span(found.span)).unwrap_or(found.span);
    Some(Target { file: found.file(), span, name: found.span })
}

/// A scalar of a data file that spells a name.
fn scalar(site: &Site<'_>, tree: &Tree, node: NodeId, is_declaration: bool) -> Occurrence {
    let spelling = match tree.kind(node) {
        Kind::DoubleQuoted => Spelling::DoubleQuoted,
        Kind::SingleQuoted => Spelling::SingleQuoted,
        _ => Spelling::Plain,
    };
    place(site, inner(tree, node), is_declaration, spelling)
}

fn place(site: &Site<'_>, span: Span, is_declaration: bool, spelling: Spelling) -> Occurrence {
    let (root, path) = (site.root.clone(), site.path.clone());
    Occurrence { root, path, span, is_declaration, spelling }
}

fn service_name(site: &Site<'_>) -> Option<Occurrence> {
    let tree = site.tree()?;
    let node = site.model()?.service.as_ref()?.name.place()?.node;
    Some(scalar(site, tree, node, true))
}

fn fleet(db: &dyn Db) -> &Fleet {
    db::fleet_index(db, db.inputs().workspace(db))
}

fn of_service(db: &dyn Db, root: &Root, found: &mut BTreeSet<Occurrence>) {
    found.extend(service_name(&Site::of_root(db, root)));
    for dependent in fleet(db).dependents(root) {
        let site = Site::of_root(db, &dependent.root);
        let Some((node, tree)) = db::reference_node(db, dependent).zip(site.tree()) else {
            continue;
        };
        found.insert(place(&site, inner(tree, node), false, Spelling::Link));
    }
}

fn of_entry(site: &Site<'_>, list: List, name: &str, found: &mut BTreeSet<Occurrence>) {
    let (Some(contract), Some(tree)) = (site.model(), site.tree()) else { return };
    for (of, field) in names(contract) {
        if let Some((text, at)) = field.both().filter(|_| of == list)
            && text == name
        {
            found.insert(scalar(site, tree, at.node, true));
        }
    }
    for (interface, _) in probes(contract).into_iter().filter(|_| list == List::Interfaces) {
        if let Some((text, at)) = interface.both()
            && text == name
        {
            found.insert(scalar(site, tree, at.node, false));
        }
    }
}

fn of_file(contract: &Site<'_>, path: &str, found: &mut BTreeSet<Occurrence>) {
    if let (Some(model), Some(tree)) = (contract.model(), contract.tree()) {
        for (text, at) in model.file_fields().filter_map(|field| field.both()) {
            if BundlePath::parse(text).is_ok_and(|file| file.as_str() == path) {
                found.insert(place(contract, inner(tree, at.node), false, Spelling::Link));
            }
        }
    }
    for (site, tree) in data_files(contract) {
        for (text, node) in db::references_of(site.db, site.file()) {
            if pointer::reference(&site.path, text).is_some_and(|to| to.path == path)
                && !text.starts_with('#')
            {
                found.insert(place(&site, inner(tree, *node), false, Spelling::Link));
            }
        }
    }
    for site in contract.all().into_iter().filter(Site::is_proto) {
        let Some(proto) = db::proto(site.db, site.file()).ready() else { continue };
        for import in &proto.imports {
            if imported(&site, &import.text).as_deref() == Some(path) {
                found.insert(place(&site, import.span, false, Spelling::Link));
            }
        }
    }
}

/// The YAML and JSON files of a bundle, without its contract.
fn data_files<'db>(contract: &Site<'db>) -> Vec<(Site<'db>, &'db Tree)> {
    let all = contract.all().into_iter().filter(|site| !site.is_contract());
    all.filter_map(|site| site.tree().map(|tree| (site, tree))).collect()
}

fn of_element(db: &dyn Db, element: &Element, found: &mut BTreeSet<Occurrence>) {
    let contract = Site::of_root(db, &element.root);
    let own = contract.beside(&element.path);
    if let Some(tree) = own.tree()
        && let Some(owner) = owner_at(tree, &element.pointer)
    {
        match tree.kind(owner) {
            Kind::Pair => found.insert(scalar(&own, tree, tree.key(owner), true)),
            _ => found.insert(place(&own, tree.span(owner), true, Spelling::Link)),
        };
        required(&own, tree, element, found);
    }
    for (site, tree) in data_files(&contract) {
        for (text, node) in db::references_of(db, site.file()) {
            let Some(to) = pointer::reference(&site.path, text) else { continue };
            if to.path != element.path || !to.pointer.starts_with(&element.pointer) {
                continue;
            }
            let last = element.pointer.len() - 1;
            let Some(range) = segment_range(text, last) else { continue };
            let span = fix::within(tree, *node, &range);
            found.insert(place(&site, span, false, Spelling::Pointer));
        }
    }
    if let ([paths, _], Some(model), Some(tree)) =
        (element.pointer.as_slice(), contract.model(), contract.tree())
        && paths == "paths"
    {
        for (interface, path) in probes(model) {
            if let Some(at) = path.place()
                && operation(&contract, model, interface, path).as_ref() == Some(element)
            {
                found.insert(scalar(&contract, tree, at.node, false));
            }
        }
    }
    if let Some(keys) = element.setting() {
        of_setting(db, element, &keys, found);
    }
}

/// The items of `required` that name a property.
fn required(site: &Site<'_>, tree: &Tree, element: &Element, found: &mut BTreeSet<Occurrence>) {
    let [schema @ .., keyword, name] = element.pointer.as_slice() else { return };
    let mut list = schema.to_vec();
    list.push("required".to_owned());
    if keyword != "properties" {
        return;
    }
    let Some(owner) = owner_at(tree, &list) else { return };
    for item in tree.items(tree.value(owner)) {
        if tree.scalar_text(item) == *name {
            found.insert(scalar(site, tree, item, false));
        }
    }
}

/// The settings of all contracts that a property of a schema describes.
fn of_setting(db: &dyn Db, element: &Element, keys: &[&str], found: &mut BTreeSet<Occurrence>) {
    let mut users = BTreeSet::from([&element.root]);
    let mut queue = vec![&element.root];
    // What shares a shared configuration on has the same schema.
    while let Some(root) = queue.pop() {
        let dependents = fleet(db).dependents(root).iter();
        for dependent in dependents.filter(|d| d.kind == UseKind::Configuration) {
            if users.insert(&dependent.root) {
                queue.push(&dependent.root);
            }
        }
    }
    for root in users {
        let site = Site::of_root(db, root);
        let (Some(model), Some(tree)) = (site.model(), site.tree()) else { continue };
        for configuration in &model.configurations {
            let Some(values) = configuration.values.place() else { continue };
            let schema = schema_of(&site, configuration);
            if schema != Some((element.root.clone(), element.path.clone())) {
                continue;
            }
            let mut pair = None;
            let mut at = values.node;
            for key in keys {
                pair = tree.pair(at, key);
                let Some(found) = pair else { break };
                at = tree.value(found);
            }
            found.extend(pair.map(|pair| scalar(&site, tree, tree.key(pair), false)));
        }
    }
}

fn of_type(contract: &Site<'_>, path: &str, name: &str, found: &mut BTreeSet<Occurrence>) {
    for site in contract.all().into_iter().filter(Site::is_proto) {
        let Some(proto) = db::proto(site.db, site.file()).ready() else { continue };
        if site.path == path
            && let Some(span) = declared(proto).get(name)
        {
            found.insert(place(&site, *span, true, Spelling::Word));
        }
        let Some(text) = site.text() else { continue };
        let visible = visible_types(&site);
        for used in type_uses(text) {
            let Some((of, full)) = resolve_type(&used, &visible) else { continue };
            let below = full
                .strip_prefix(name)
                .filter(|rest| of == path && (rest.is_empty() || rest.starts_with('.')));
            let Some(below) = below else { continue };
            // The last part of what names the type itself, where a name goes on below it.
            let Some(end) = used.text.len().checked_sub(below.len()) else { continue };
            let start = used.text[..end].rfind('.').map_or(0, |dot| dot + 1);
            if start < end {
                let span = Span::new(start, end).moved(used.span.start);
                found.insert(place(&site, span, false, Spelling::Word));
            }
        }
    }
}

fn of_anchor(site: &Site<'_>, name: &str, found: &mut BTreeSet<Occurrence>) {
    let Some(tree) = site.tree() else { return };
    let anchors = tree.properties.values().filter_map(|properties| properties.anchor);
    for span in anchors.filter(|span| span.slice(tree.text()) == name) {
        found.insert(place(site, span, true, Spelling::Word));
    }
    for alias in tree.ids().filter(|&id| tree.kind(id) == Kind::Alias) {
        let span = tree.span(alias);
        if tree.source(alias).strip_prefix('*') == Some(name) {
            found.insert(place(
                site,
                Span { start: span.start + 1, ..span },
                false,
                Spelling::Word,
            ));
        }
    }
}

/// Whether the pointer of a node is of an element that people name, and not of a keyword.
pub(super) fn is_named(tree: &Tree, key: NodeId) -> bool {
    let pointer = pointer_of(tree, key);
    let [.., parent, _] = pointer.as_slice() else { return false };
    const MAPS: [&str; 22] = [
        "properties",
        "patternProperties",
        "$defs",
        "definitions",
        "schemas",
        "responses",
        "parameters",
        "examples",
        "requestBodies",
        "headers",
        "securitySchemes",
        "links",
        "callbacks",
        "pathItems",
        "paths",
        "channels",
        "messages",
        "operations",
        "servers",
        "messageTraits",
        "operationTraits",
        "securityDefinitions",
    ];
    MAPS.contains(&parent.as_str())
}

/// What describes something: the file that an interface, a configuration or a policy names, else
/// where it is declared.
pub fn described(db: &dyn Db, entity: &Entity) -> Option<Target> {
    let Entity::Entry { root, contract, list, name } = entity else {
        return declaration(db, entity);
    };
    let model = Site::of_contract(db, root, contract).model()?;
    let at = names(model).find(|(of, field)| of == list && field.get() == Some(name))?;
    let path = &at.1.place()?.path.0;
    let entry = &path[..path.len() - 1];
    let files = model.file_fields().filter_map(|field| field.both());
    let mut own = files.filter(|(_, place)| place.path.0.starts_with(entry));
    let file = own.next().and_then(|(text, _)| BundlePath::parse(text).ok())?;
    declaration(db, &Entity::File { root: root.clone(), path: file.to_string() })
}
