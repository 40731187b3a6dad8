//! Another name for something, everywhere at once or not at all.

use std::collections::BTreeSet;

use super::entity::{Entity, List, entity_at, names};
use super::occurrences::{Occurrence, Spelling, is_named, occurrences};
use super::pointer::{encode, owner_at};
use super::site::Site;
use crate::check::fix;
use crate::db::{self, Db};
use crate::text::{Span, TextEdit, fragment_segment};

/// What can be renamed at a place: the bytes of its name, and the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renamable {
    pub span: Span,
    pub name: String,
}

/// What is at `offset`, if it can be renamed.
///
/// # Errors
/// A sentence that says why not.
pub fn prepare(site: &Site<'_>, offset: u32) -> Result<Renamable, String> {
    found(site, offset).map(|found| found.at)
}

/// What is at a place, and everywhere else.
struct Found {
    at: Renamable,
    entity: Entity,
    all: Vec<Occurrence>,
}

fn found(site: &Site<'_>, offset: u32) -> Result<Found, String> {
    let (entity, _) = entity_at(site, offset).ok_or("there is nothing to rename here")?;
    let name = name_of(site.db, &entity)?;
    let all = occurrences(site.db, &entity);
    let here = |found: &&Occurrence| {
        found.root == site.root
            && found.path == site.path
            && found.span.touches(offset)
            && found.spelling != Spelling::Link
    };
    let here = all.iter().find(here);
    let span = here.ok_or("this leads to the name; rename it where it is written")?.span;
    Ok(Found { at: Renamable { span, name }, entity, all })
}

/// The edits, with the names of their files, that give what is at `offset` the name `new`.
///
/// # Errors
/// A sentence that says why it cannot be done, or not whole.
pub fn rename(site: &Site<'_>, offset: u32, new: &str) -> Result<Vec<(String, TextEdit)>, String> {
    let Found { at: Renamable { name, .. }, entity, all: mut places } = found(site, offset)?;
    if name == new {
        return Ok(Vec::new());
    }
    check_name(&entity, new)?;
    if is_taken(site.db, &entity, new) {
        return Err(format!("`{new}` is taken already"));
    }
    places.extend(beside(site.db, &entity, &name));
    places.retain(|place| place.spelling != Spelling::Link);
    let mut edits = BTreeSet::new();
    for place in places {
        if !place.root.is_folder() && place.root != site.root {
            return Err(format!("{} is read-only and names it", place.file()));
        }
        edits.insert((place.file(), place.span, write(site.db, &place, &name, new)?));
    }
    Ok(edits.into_iter().map(|(file, span, text)| (file, TextEdit { span, text })).collect())
}

/// The name, where it may be changed.
fn name_of(db: &dyn Db, entity: &Entity) -> Result<String, String> {
    let read_only = || "this bundle is published; it is read-only".to_owned();
    match entity {
        Entity::File { .. } => Err("rename the file itself; what names it follows".to_owned()),
        Entity::Service(root) if !root.is_folder() => Err(read_only()),
        Entity::Service(root) => {
            let model = Site::of_root(db, root).model();
            Ok(model.and_then(|model| model.name()).ok_or("it has no name")?.to_owned())
        }
        Entity::Entry { name, .. } | Entity::Anchor { name, .. } => Ok(name.clone()),
        Entity::Type { name, .. } => {
            Ok(name.rsplit_once('.').map_or(name.as_str(), |(_, last)| last).to_owned())
        }
        Entity::Element(element) if !element.root.is_folder() => Err(read_only()),
        Entity::Element(element) => {
            let site = Site::of_root(db, &element.root).beside(&element.path);
            let tree = site.tree().ok_or("the file is not known")?;
            let owner = owner_at(tree, &element.pointer).ok_or("it is not there")?;
            match is_named(tree, tree.key(owner)) {
                true => Ok(element.name().to_owned()),
                false => Err(format!("`{}` is a keyword", element.name())),
            }
        }
    }
}

fn check_name(entity: &Entity, new: &str) -> Result<(), String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let refuse = |wanted: &str| Err(format!("`{new}` is not a name here: expected {wanted}"));
    if new.trim().is_empty() || new.chars().any(char::is_control) {
        return refuse("a text");
    }
    match entity {
        Entity::Service(_) | Entity::Entry { .. } if new.contains(char::is_whitespace) => {
            refuse("a name without blanks")
        }
        Entity::Type { .. }
            if !new.chars().all(is_word) || new.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            refuse("letters, digits and `_`")
        }
        Entity::Anchor { .. }
            if new.contains(|c: char| c.is_whitespace() || ",[]{}".contains(c)) =>
        {
            refuse("a text without blanks and `,[]{}`")
        }
        Entity::Element(element)
            if element.pointer.len() == 2
                && element.pointer[0] == "paths"
                && !new.starts_with('/') =>
        {
            refuse("a path that starts with `/`")
        }
        _ => Ok(()),
    }
}

/// Whether something of the same kind has the name already.
fn is_taken(db: &dyn Db, entity: &Entity, new: &str) -> bool {
    match entity {
        Entity::Entry { root, contract, list, .. } => {
            let site = Site::of_contract(db, root, contract);
            let has = |model| {
                names(model).any(|(of, f)| of == *list && f.get().is_some_and(|n| n == new))
            };
            site.model().is_some_and(has)
        }
        Entity::Service(_) => {
            let fleet = db::fleet_index(db, db.inputs().workspace(db));
            fleet.named(new).iter().any(|root| root.is_folder())
        }
        Entity::Element(element) => {
            let mut other = element.pointer.clone();
            other.pop();
            other.push(new.to_owned());
            let tree = Site::of_root(db, &element.root).beside(&element.path).tree();
            tree.is_some_and(|tree| owner_at(tree, &other).is_some())
        }
        Entity::Type { name, .. } => {
            let full =
                name.rsplit_once('.').map_or(new.to_owned(), |(scope, _)| format!("{scope}.{new}"));
            !occurrences(db, &of_name(entity, full)).is_empty()
        }
        Entity::Anchor { .. } => !occurrences(db, &of_name(entity, new.to_owned())).is_empty(),
        Entity::File { .. } => false,
    }
}

fn of_name(entity: &Entity, new: String) -> Entity {
    let mut other = entity.clone();
    if let Entity::Type { name, .. } | Entity::Anchor { name, .. } = &mut other {
        *name = new;
    }
    other
}

/// The names that dependents of a service give it.
fn beside(db: &dyn Db, entity: &Entity, old: &str) -> Vec<Occurrence> {
    let Entity::Service(root) = entity else { return Vec::new() };
    let fleet = db::fleet_index(db, db.inputs().workspace(db));
    let mut found = Vec::new();
    for dependent in fleet.dependents(root) {
        let site = Site::of_root(db, &dependent.root);
        let Some(model) = site.model() else { continue };
        let uses = db::reference_node(db, dependent);
        let is_named = model.dependencies.iter().any(|d| {
            d.reference.place().map(|p| p.node) == uses && d.name.get().is_some_and(|n| n == old)
        });
        if is_named {
            let entity = Entity::Entry {
                root: site.root.clone(),
                contract: site.contract.clone(),
                list: List::Dependencies,
                name: old.to_owned(),
            };
            found.extend(occurrences(db, &entity));
        }
    }
    found
}

/// The new name as it is written at a place, whose bytes must spell the old one.
fn write(db: &dyn Db, place: &Occurrence, old: &str, new: &str) -> Result<String, String> {
    let site = Site::of_root(db, &place.root).beside(&place.path);
    let source = site.text().map_or("", |text| place.span.slice(text));
    let odd = || format!("{} writes the name as `{source}`; change it there first", place.file());
    let (found, written) = match place.spelling {
        Spelling::Plain => (source == old, fix::scalar(new)),
        Spelling::DoubleQuoted => (source == old, unwrapped(fix::quoted(new))),
        Spelling::SingleQuoted => {
            (source == unwrapped(fix::single_quoted(old)), unwrapped(fix::single_quoted(new)))
        }
        Spelling::Pointer => {
            (source == encode(old) || fragment_segment(source) == old, encode(new))
        }
        Spelling::Word => (source == old, new.to_owned()),
        Spelling::Link => return Err(odd()),
    };
    if found { Ok(written) } else { Err(odd()) }
}

/// What stands between quotes.
fn unwrapped(quoted: String) -> String {
    quoted[1..quoted.len() - 1].to_owned()
}

/// The places in the same file that can be typed at once: all spell the name the same way.
pub fn linked(site: &Site<'_>, offset: u32) -> Vec<Span> {
    let Some((entity, _)) = entity_at(site, offset) else { return Vec::new() };
    if !matches!(entity, Entity::Entry { .. } | Entity::Anchor { .. } | Entity::Type { .. }) {
        return Vec::new();
    }
    let all = occurrences(site.db, &entity);
    let is_elsewhere = |place: &Occurrence| place.root != site.root || place.path != site.path;
    if all.iter().any(is_elsewhere) {
        return Vec::new();
    }
    let Some(text) = site.text() else { return Vec::new() };
    let spans: Vec<Span> = all.iter().map(|place| place.span).collect();
    let is_same = |span: &Span| span.slice(text) == spans[0].slice(text);
    let is_here = spans.iter().any(|span| span.touches(offset));
    if is_here && spans.len() > 1 && spans.iter().all(is_same) { spans } else { Vec::new() }
}
