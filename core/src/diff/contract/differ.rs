//! How a difference of fields becomes a row.

use serde_json::Value as Json;

use crate::contract::ContractRef;
use crate::diff::change::Change;
use crate::diff::class::ChangeType::{self, Added, Modified, Removed};
use crate::diff::docs::equal;
use crate::diff::order::Order;
use crate::diff::rules::contract::Field;
use crate::place::Anchor;
use crate::value::{Entry, Value};

/// A row with its place in the report.
pub type Ordered = (Order, Change);

/// What the contract names, to be compared by its content.
#[derive(Debug)]
pub enum Content {
    Interface {
        name: String,
        old: Named,
        new: Named,
    },
    Configuration {
        base: String,
        old: Source,
        new: Source,
    },
    Policy {
        base: String,
        old: Source,
        new: Source,
    },
    /// A configuration that was not there before.
    NewConfiguration {
        base: String,
        new: Source,
    },
}

/// A file that a contract names, and where.
#[derive(Clone, Debug)]
pub struct Named {
    pub path: String,
    pub at: Option<Anchor>,
}

/// Where a schema is found.
#[derive(Clone, Debug)]
pub enum Source {
    File(Named),
    /// In the bundle that a reference leads to.
    Reference(Named),
}

pub(super) type Pair<'v> = (Option<&'v Entry>, Option<&'v Entry>);

pub(super) fn pair<'v>(old: &'v Value, new: &'v Value, key: &str) -> Pair<'v> {
    let live = |value: &'v Value| value.entry(key).filter(|entry| !entry.value.is_null());
    (live(old), live(new))
}

pub(super) fn below<'v>(entries: Pair<'v>, key: &str) -> Pair<'v> {
    let live =
        |entry: Option<&'v Entry>| entry?.value.entry(key).filter(|entry| !entry.value.is_null());
    (live(entries.0), live(entries.1))
}

pub(super) fn at_path<'v>(entries: Pair<'v>, path: &str) -> Pair<'v> {
    path.split('.').fold(entries, below)
}

/// Where an entry is shown: at its key, or in the override that set it.
pub(super) fn anchor(entry: &Entry) -> Anchor {
    match entry.source == entry.value.source {
        true => Anchor::key(entry),
        false => Anchor::value(&entry.value),
    }
}

pub(super) fn change_type(entries: Pair<'_>) -> Option<ChangeType> {
    match entries {
        (None, None) => None,
        (Some(_), None) => Some(Removed),
        (None, Some(_)) => Some(Added),
        (Some(a), Some(b)) => (!equal(&a.value, &b.value)).then_some(Modified),
    }
}

/// The same for values that people and programs read as text, where `1.1` is not `1.10`.
pub(super) fn change_of_text(entries: Pair<'_>) -> Option<ChangeType> {
    let (Some(a), Some(b)) = entries else { return change_type(entries) };
    (a.value.to_shown_json() != b.value.to_shown_json()).then_some(Modified)
}

pub(super) struct Differ<'v> {
    pub rows: Vec<Ordered>,
    pub contents: Vec<Content>,
    pub new_root: &'v Value,
}

/// An element of a list that has a name.
pub(super) struct Element<'v> {
    pub name: String,
    pub value: &'v Value,
    pub at: Anchor,
}

/// What a row says beside its field and type.
#[derive(Default)]
pub(super) struct Said<'s> {
    pub subject: &'s str,
    /// The key behind the path of the field.
    pub path: Option<String>,
    pub old: Option<Json>,
    pub new: Option<Json>,
    pub old_at: Option<Anchor>,
    pub new_at: Option<Anchor>,
    pub note: &'s str,
}

impl<'v> Element<'v> {
    pub(super) fn text(&self, key: &str) -> Option<&'v str> {
        self.value.get(key).and_then(Value::as_str)
    }

    pub(super) fn named(&self, key: &str) -> Option<Named> {
        let entry = self.value.entry(key)?;
        Some(Named { path: entry.value.as_str()?.to_owned(), at: Some(anchor(entry)) })
    }
}

impl<'v> Differ<'v> {
    pub(super) fn row(&mut self, field: &'static Field, ty: ChangeType, said: Said<'_>) {
        let path = said.path.unwrap_or_else(|| field.path.to_owned());
        let mut change = Change::new(field.rule(ty), ty, path);
        let name = said.subject.split_once('[').map_or("", |(_, rest)| rest.trim_end_matches(']'));
        let is_sub = field.path.contains('.') && !name.is_empty();
        let of = if is_sub { format!(" ({name})") } else { String::new() };
        change.reason = format!("{} {}{of}{}", change.path, ty.text(), said.note);
        change.subject = (!said.subject.is_empty()).then(|| said.subject.to_owned());
        change.old = said.old;
        change.new = said.new;
        change.anchor = said.new_at.clone().or_else(|| self.survivor(field.path));
        change.old_at = said.old_at;
        change.new_at = said.new_at;
        self.rows.push((Order::of_field(field, said.subject), change));
    }

    /// Where a removal is shown: the nearest key on its path that is still there.
    fn survivor(&self, path: &str) -> Option<Anchor> {
        let mut at = self.new_root;
        let mut found = None;
        for key in path.split('.') {
            let Some(entry) = at.entry(key) else { break };
            found = Some(anchor(entry));
            at = &entry.value;
        }
        found
            .or_else(|| Some(anchor(self.new_root.get("service")?.entry("name")?)))
            .or_else(|| Some(Anchor::value(self.new_root)))
    }

    pub(super) fn scalar(&mut self, field: &'static Field, subject: &str, entries: Pair<'_>) {
        let Some(ty) = change_type(entries) else { return };
        let (old, new) = entries;
        let said = Said {
            subject,
            old: old.map(|e| e.value.to_json()),
            new: new.map(|e| e.value.to_json()),
            old_at: old.map(anchor),
            new_at: new.map(anchor),
            ..Said::default()
        };
        self.row(field, ty, said);
    }

    /// A row whose values are texts that are made, not written.
    pub(super) fn made(
        &mut self,
        field: &'static Field,
        entries: Pair<'_>,
        show: impl Fn(&Entry) -> String,
    ) {
        let (old, new) = (entries.0.map(&show), entries.1.map(&show));
        if old == new {
            return;
        }
        let ty = ChangeType::of(old.is_some(), new.is_some());
        let said = Said {
            old: old.map(Json::from),
            new: new.map(Json::from),
            old_at: entries.0.map(anchor),
            new_at: entries.1.map(anchor),
            ..Said::default()
        };
        self.row(field, ty, said);
    }

    /// A row for an element that came or went.
    pub(super) fn element(
        &mut self,
        field: &'static Field,
        path: Option<String>,
        ty: ChangeType,
        element: &Element<'_>,
    ) {
        let subject = format!("{}[{}]", field.path, element.name);
        let value = Some(Json::from(element.name.as_str()));
        let at = Some(element.at.clone());
        let has_key = path.is_some();
        let said = match ty {
            Removed => Said { old: value, old_at: at, ..Said::default() },
            _ => Said { new: value, new_at: at, ..Said::default() },
        };
        let subject = if has_key { "" } else { &subject };
        self.row(field, ty, Said { subject, path, ..said });
    }

    /// A row whose values are `name: value`.
    pub(super) fn labelled(
        &mut self,
        field: &'static Field,
        subject: &str,
        (a, b): (&Element<'_>, &Element<'_>),
        (old, new): Pair<'_>,
        default: Option<&str>,
    ) {
        let text = |entry: Option<&Entry>| {
            let text = entry.and_then(|entry| entry.value.as_str());
            text.or(default).map(str::to_owned)
        };
        let (was, is) = (text(old), text(new));
        if was == is {
            return;
        }
        let label = |value: Option<String>| value.map(|v| format!("{}: {v}", b.name).into());
        let said = Said {
            subject,
            old: label(was),
            new: label(is),
            old_at: Some(old.map_or_else(|| a.at.clone(), anchor)),
            new_at: Some(new.map_or_else(|| b.at.clone(), anchor)),
            ..Said::default()
        };
        self.row(field, Modified, said);
    }
}

pub(super) fn text_of(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or("").to_owned()
}

pub(super) fn elements<'v>(
    entry: Option<&'v Entry>,
    name: impl Fn(&Value) -> Option<String>,
) -> Vec<Element<'v>> {
    let items = entry.map_or(&[][..], |entry| entry.value.items());
    let one = |value: &'v Value| {
        let named = value.get("name").and_then(Value::as_str).map(str::to_owned);
        let at = value.entry("name").map_or_else(|| Anchor::value(value), anchor);
        Element { name: named.or_else(|| name(value)).unwrap_or_default(), value, at }
    };
    items.iter().map(one).collect()
}

/// A reference without tag and digest.
pub(super) fn repository(reference: &str) -> String {
    match ContractRef::parse(reference) {
        Ok(ContractRef::Oci(oci)) => oci.repository(),
        Ok(ContractRef::Local(path)) => path.trim_end_matches('/').to_owned(),
        Err(_) => reference.to_owned(),
    }
}
