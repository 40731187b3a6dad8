//! The fields of two contracts (3-diff, "Contract fields").

use serde_json::Value as Json;

use super::change::Change;
use super::class::ChangeType;
use super::docs::equal;
use super::order::Order;
use super::pairs::take_pairs;
use super::path::keyed;
use super::rules::contract::{self as fields, Field};
use crate::check::Anchor;
use crate::check::rules::is_secret;
use crate::contract::{Constraint, ContractRef};
use crate::value::{Data, Entry, Value};

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

use ChangeType::{Added, Modified, Removed};

/// The differences of the fields, and what is to be compared by content.
pub fn compare(old: &Value, new: &Value) -> (Vec<Ordered>, Vec<Content>) {
    let mut differ = Differ { rows: Vec::new(), contents: Vec::new(), new_root: new };
    differ.scalar(fields::PACTO_VERSION, "", pair(old, new, "pactoVersion"));
    differ.service(old, new);
    differ.runtime(pair(old, new, "runtime"));
    differ.interfaces(old, new);
    differ.configurations(old, new);
    differ.policies(old, new);
    differ.dependencies(old, new);
    differ.scaling(pair(old, new, "scaling"));
    differ.metadata(pair(old, new, "metadata"));
    (differ.rows, differ.contents)
}

type Pair<'v> = (Option<&'v Entry>, Option<&'v Entry>);

fn pair<'v>(old: &'v Value, new: &'v Value, key: &str) -> Pair<'v> {
    let live = |value: &'v Value| value.entry(key).filter(|entry| !entry.value.is_null());
    (live(old), live(new))
}

fn below<'v>(entries: Pair<'v>, key: &str) -> Pair<'v> {
    let live =
        |entry: Option<&'v Entry>| entry?.value.entry(key).filter(|entry| !entry.value.is_null());
    (live(entries.0), live(entries.1))
}

fn at_path<'v>(entries: Pair<'v>, path: &str) -> Pair<'v> {
    path.split('.').fold(entries, below)
}

/// Where an entry is shown: at its key, or in the override that set it.
fn anchor(entry: &Entry) -> Anchor {
    match entry.source == entry.value.source {
        true => Anchor::key(entry),
        false => Anchor::value(&entry.value),
    }
}

fn change_type(entries: Pair<'_>) -> Option<ChangeType> {
    match entries {
        (None, None) => None,
        (Some(_), None) => Some(Removed),
        (None, Some(_)) => Some(Added),
        (Some(a), Some(b)) => (!equal(&a.value, &b.value)).then_some(Modified),
    }
}

struct Differ<'v> {
    rows: Vec<Ordered>,
    contents: Vec<Content>,
    new_root: &'v Value,
}

/// An element of a list that has a name.
struct Element<'v> {
    name: String,
    value: &'v Value,
    at: Anchor,
}

impl<'v> Element<'v> {
    fn text(&self, key: &str) -> Option<&'v str> {
        self.value.get(key).and_then(Value::as_str)
    }

    fn named(&self, key: &str) -> Option<Named> {
        let entry = self.value.entry(key)?;
        Some(Named { path: entry.value.as_str()?.to_owned(), at: Some(anchor(entry)) })
    }
}

/// What a row says beside its field and type.
#[derive(Default)]
struct Said<'s> {
    subject: &'s str,
    /// The key behind the path of the field.
    path: Option<String>,
    old: Option<Json>,
    new: Option<Json>,
    old_at: Option<Anchor>,
    new_at: Option<Anchor>,
    note: &'s str,
}

impl<'v> Differ<'v> {
    fn row(&mut self, field: &'static Field, ty: ChangeType, said: Said<'_>) {
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

    fn scalar(&mut self, field: &'static Field, subject: &str, entries: Pair<'_>) {
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
    fn made(&mut self, field: &'static Field, entries: Pair<'_>, show: impl Fn(&Entry) -> String) {
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

    fn service(&mut self, old: &Value, new: &Value) {
        let service = pair(old, new, "service");
        for field in [fields::SERVICE_NAME, fields::SERVICE_VERSION] {
            self.scalar(field, "", below(service, field.key()));
        }
        self.owner(below(service, "owner"));
        let image = below(service, "image");
        self.made(fields::SERVICE_IMAGE, image, |entry| text_of(&entry.value, "ref"));
        if let (Some(a), Some(b)) = image {
            let private = |entry: &Entry| {
                entry.value.get("private").is_some_and(|v| v.data == Data::Bool(true))
            };
            if private(a) != private(b) {
                let said = Said {
                    old: Some(private(a).into()),
                    new: Some(private(b).into()),
                    old_at: Some(a.value.entry("private").map_or_else(|| anchor(a), anchor)),
                    new_at: Some(b.value.entry("private").map_or_else(|| anchor(b), anchor)),
                    ..Said::default()
                };
                self.row(fields::SERVICE_IMAGE_PRIVATE, Modified, said);
            }
        }
        self.made(fields::SERVICE_CHART, below(service, "chart"), |entry| {
            format!("{}@{}", text_of(&entry.value, "ref"), text_of(&entry.value, "version"))
        });
    }

    fn owner(&mut self, owner: Pair<'_>) {
        let is_text = |entry: Option<&Entry>| entry.is_none_or(|e| e.value.as_str().is_some());
        if is_text(owner.0) && is_text(owner.1) {
            return self.scalar(fields::SERVICE_OWNER, "", owner);
        }
        // A plain text reads as the team.
        let team = |entry: Option<&'_ Entry>| -> Option<(Json, Anchor)> {
            let entry = entry?;
            match entry.value.as_str() {
                Some(text) => Some((text.into(), anchor(entry))),
                None => {
                    let team = entry.value.entry("team")?;
                    Some((team.value.to_json(), anchor(team)))
                }
            }
        };
        let (old, new) = (team(owner.0), team(owner.1));
        if old.as_ref().map(|(v, _)| v) != new.as_ref().map(|(v, _)| v) {
            let ty = ChangeType::of(old.is_some(), new.is_some());
            let (old, old_at) = old.unzip();
            let (new, new_at) = new.unzip();
            let said = Said { old, new, old_at, new_at, ..Said::default() };
            self.row(fields::SERVICE_OWNER_TEAM, ty, said);
        }
        self.scalar(fields::SERVICE_OWNER_DRI, "", below(owner, "dri"));
        self.contacts(below(owner, "contacts"));
    }

    fn contacts(&mut self, entries: Pair<'_>) {
        let items = |entry: Option<&Entry>| -> Vec<(String, Json, Anchor)> {
            let items = entry.map_or(&[][..], |e| e.value.items());
            let one = |item: &Value| {
                let key = format!("{}:{}", text_of(item, "type"), text_of(item, "value"));
                (key, item.to_json(), Anchor::value(item))
            };
            items.iter().map(one).collect()
        };
        let (old, new) = (items(entries.0), items(entries.1));
        let find = |list: &[(String, Json, Anchor)], key: &str| {
            list.iter().find(|(other, ..)| other == key).cloned()
        };
        let mut keys: Vec<&String> = old.iter().chain(&new).map(|(key, ..)| key).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            let (a, b) = (find(&old, key), find(&new, key));
            let ty = match (&a, &b) {
                (Some(_), None) => Removed,
                (None, _) => Added,
                (Some(a), Some(b)) if a.1 != b.1 => Modified,
                _ => continue,
            };
            let path = Some(keyed("service.owner", "contacts", key));
            let (old, old_at) = a.map(|(_, json, at)| (json, at)).unzip();
            let (new, new_at) = b.map(|(_, json, at)| (json, at)).unzip();
            let said = Said { path, old, new, old_at, new_at, ..Said::default() };
            self.row(fields::SERVICE_OWNER_CONTACTS, ty, said);
        }
    }

    fn runtime(&mut self, runtime: Pair<'_>) {
        match change_type(runtime) {
            Some(ty @ (Added | Removed)) => {
                let said = Said {
                    old_at: runtime.0.map(anchor),
                    new_at: runtime.1.map(anchor),
                    ..Said::default()
                };
                return self.row(fields::RUNTIME, ty, said);
            }
            Some(Modified) => {}
            None => return,
        }
        for field in [
            fields::RUNTIME_WORKLOAD,
            fields::RUNTIME_STATE_TYPE,
            fields::RUNTIME_STATE_PERSISTENCE_SCOPE,
            fields::RUNTIME_STATE_PERSISTENCE_DURABILITY,
            fields::RUNTIME_STATE_DATA_CRITICALITY,
            fields::RUNTIME_LIFECYCLE_UPGRADE_STRATEGY,
            fields::RUNTIME_LIFECYCLE_GRACEFUL_SHUTDOWN_SECONDS,
        ] {
            self.scalar(field, "", at_path(runtime, field.below(fields::RUNTIME)));
        }
        self.probe(
            runtime,
            fields::RUNTIME_HEALTH,
            &[
                fields::RUNTIME_HEALTH_INTERFACE,
                fields::RUNTIME_HEALTH_PATH,
                fields::RUNTIME_HEALTH_INITIAL_DELAY_SECONDS,
            ],
        );
        self.probe(
            runtime,
            fields::RUNTIME_METRICS,
            &[fields::RUNTIME_METRICS_INTERFACE, fields::RUNTIME_METRICS_PATH],
        );
    }

    fn probe(&mut self, runtime: Pair<'_>, probe: &'static Field, parts: &[&'static Field]) {
        let entries = below(runtime, probe.key());
        match change_type(entries) {
            Some(ty @ (Added | Removed)) => {
                let said = Said {
                    old_at: entries.0.map(anchor),
                    new_at: entries.1.map(anchor),
                    ..Said::default()
                };
                self.row(probe, ty, said);
            }
            Some(Modified) => {
                for field in parts {
                    self.scalar(field, "", below(entries, field.key()));
                }
            }
            None => {}
        }
    }

    /// A row for an element that came or went.
    fn element(
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

    fn interfaces(&mut self, old: &'v Value, new: &'v Value) {
        let entries = pair(old, new, "interfaces");
        let (was, is) = (elements(entries.0, |_| None), elements(entries.1, |_| None));
        for a in &was {
            match is.iter().find(|b| b.name == a.name) {
                Some(b) => self.interface(a, b),
                None => self.element(fields::INTERFACES, None, Removed, a),
            }
        }
        for b in is.iter().filter(|b| !was.iter().any(|a| a.name == b.name)) {
            self.element(fields::INTERFACES, None, Added, b);
        }
    }

    fn interface(&mut self, a: &Element<'v>, b: &Element<'v>) {
        let subject = format!("interfaces[{}]", a.name);
        let entries = |key: &str| (a.value.entry(key), b.value.entry(key));
        self.labelled(fields::INTERFACES_TYPE, &subject, (a, b), entries("type"), None);
        let port = entries("port");
        self.scalar(fields::INTERFACES_PORT, &subject, port);
        let visibility = entries("visibility");
        let default = Some("internal");
        self.labelled(fields::INTERFACES_VISIBILITY, &subject, (a, b), visibility, default);
        let contract = entries("contract");
        self.labelled(fields::INTERFACES_CONTRACT, &subject, (a, b), contract, None);
        if let (Some(old), Some(new)) = (a.named("contract"), b.named("contract")) {
            self.contents.push(Content::Interface { name: a.name.clone(), old, new });
        }
    }

    /// A row whose values are `name: value`.
    fn labelled(
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

    fn configurations(&mut self, old: &'v Value, new: &'v Value) {
        let (was, is) = (forms(old, &CONFIGURATION), forms(new, &CONFIGURATION));
        let (pairs, gone, come) = match_elements(was, is);
        for (a, b) in &pairs {
            self.configuration(a, b);
        }
        for a in &gone {
            self.form(&CONFIGURATION, Removed, a);
        }
        for b in &come {
            self.form(&CONFIGURATION, Added, b);
            if let Some(new) = b.source() {
                let base = b.base(&CONFIGURATION);
                self.contents.push(Content::NewConfiguration { base, new });
            }
        }
    }

    /// A row for a configuration or a policy that came or went.
    fn form(&mut self, kind: &FormKind, ty: ChangeType, form: &Form<'_>) {
        let field = form.fields(kind).whole;
        let path = form.is_list.then(|| keyed("", field.path, &form.element.name));
        self.element(field, path, ty, &form.element);
    }

    fn configuration(&mut self, a: &Form<'v>, b: &Form<'v>) {
        let base = b.base(&CONFIGURATION);
        let (old, new) = (a.source(), b.source());
        let is_file = |source: &Option<Source>| matches!(source, Some(Source::File(_)));
        let is_switched = old.is_some() && new.is_some() && is_file(&old) != is_file(&new);
        if is_switched || a.is_list != b.is_list {
            let said = Said {
                path: Some(base.clone()),
                old_at: Some(a.element.at.clone()),
                new_at: Some(b.element.at.clone()),
                ..Said::default()
            };
            self.row(b.fields(&CONFIGURATION).whole, Modified, said);
            if !is_switched && let Some((_, row)) = self.rows.last_mut() {
                row.class = super::Class::NonBreaking;
            }
        }
        if !is_switched {
            self.sources(&CONFIGURATION, &base, a, b);
        }
        let values = (a.element.value.entry("values"), b.element.value.entry("values"));
        self.values(b.is_list, &base, values);
        if let (Some(old), Some(new)) = (old, new) {
            self.contents.push(Content::Configuration { base, old, new });
        }
    }

    /// `schema` and `ref` of a configuration or a policy.
    fn sources(&mut self, kind: &FormKind, base: &str, a: &Form<'_>, b: &Form<'_>) {
        let FormFields { schema, reference, .. } = b.fields(kind);
        for field in [schema, reference] {
            let key = field.key();
            let entries = (a.element.value.entry(key), b.element.value.entry(key));
            let Some(ty) = change_type(entries) else { continue };
            let said = Said {
                path: Some(format!("{base}.{key}")),
                old: entries.0.map(|e| e.value.to_json()),
                new: entries.1.map(|e| e.value.to_json()),
                old_at: entries.0.map(anchor),
                new_at: entries.1.map(anchor),
                ..Said::default()
            };
            self.row(field, ty, said);
        }
    }

    fn values(&mut self, is_list: bool, base: &str, entries: Pair<'_>) {
        let field = match is_list {
            true => fields::CONFIGURATIONS_VALUES,
            false => fields::CONFIGURATION_VALUES,
        };
        let (mut was, mut is) = (Vec::new(), Vec::new());
        for (entry, list) in [(entries.0, &mut was), (entries.1, &mut is)] {
            if let Some(entry) = entry {
                flatten(&entry.value, "", list);
            }
        }
        let mut keys: Vec<&String> = was.iter().chain(&is).map(|(key, _)| key).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            let find = |list: &[(String, &'_ Entry)]| {
                list.iter().find(|(other, _)| other == key).map(|(_, entry)| (*entry).clone())
            };
            let (old, new) = (find(&was), find(&is));
            let Some(ty) = change_type((old.as_ref(), new.as_ref())) else { continue };
            let said = Said {
                path: Some(keyed(base, "values", key)),
                old: old.as_ref().map(|entry| masked(key, &entry.value)),
                new: new.as_ref().map(|entry| masked(key, &entry.value)),
                old_at: old.as_ref().map(anchor),
                new_at: new.as_ref().map(anchor),
                ..Said::default()
            };
            self.row(field, ty, said);
        }
    }

    fn policies(&mut self, old: &'v Value, new: &'v Value) {
        let (was, is) = (forms(old, &POLICY), forms(new, &POLICY));
        let (pairs, gone, come) = match_elements(was, is);
        for (a, b) in &pairs {
            let base = b.base(&POLICY);
            self.sources(&POLICY, &base, a, b);
            if let (Some(old), Some(new)) = (a.source(), b.source()) {
                self.contents.push(Content::Policy { base, old, new });
            }
        }
        for (forms, ty) in [(gone, Removed), (come, Added)] {
            for form in forms {
                self.form(&POLICY, ty, &form);
            }
        }
    }

    fn dependencies(&mut self, old: &'v Value, new: &'v Value) {
        let entries = pair(old, new, "dependencies");
        let (mut was, mut is) = (elements(entries.0, own_name), elements(entries.1, own_name));
        let mut pairs = Vec::new();
        take_pairs(&mut was, &mut is, &mut pairs, |a, b| a.name == b.name);
        let same_place = |a: &Element<'_>, b: &Element<'_>| {
            let place = |e: &Element<'_>| e.text("ref").map(repository);
            place(a).is_some() && place(a) == place(b)
        };
        take_pairs(&mut was, &mut is, &mut pairs, same_place);
        for a in &was {
            self.element(fields::DEPENDENCIES, None, Removed, a);
        }
        for b in &is {
            self.element(fields::DEPENDENCIES, None, Added, b);
        }
        for (a, b) in &pairs {
            self.dependency(a, b);
        }
    }

    fn dependency(&mut self, a: &Element<'v>, b: &Element<'v>) {
        let subject = format!("dependencies[{}]", b.name);
        let entries = |key: &str| (a.value.entry(key), b.value.entry(key));
        if a.name != b.name {
            let said = Said {
                subject: &subject,
                old: Some(a.name.as_str().into()),
                new: Some(b.name.as_str().into()),
                old_at: Some(a.at.clone()),
                new_at: Some(b.at.clone()),
                ..Said::default()
            };
            self.row(fields::DEPENDENCIES_NAME, Modified, said);
        }
        self.labelled(fields::DEPENDENCIES_REF, &subject, (a, b), entries("ref"), None);
        let compatibility = entries("compatibility");
        let count = self.rows.len();
        let field = fields::DEPENDENCIES_COMPATIBILITY;
        self.labelled(field, &subject, (a, b), compatibility, None);
        if self.rows.len() > count {
            let text = |entry: Option<&Entry>| {
                entry.and_then(|e| e.value.as_str()).unwrap_or("*").to_owned()
            };
            let relation = relation(&text(compatibility.0), &text(compatibility.1));
            if let Some((_, row)) = self.rows.last_mut() {
                row.reason.push_str(relation);
            }
        }
        let required = |element: &Element<'_>| {
            element.value.get("required").is_some_and(|v| v.data == Data::Bool(true))
        };
        if required(a) != required(b) {
            let (old, new) = entries("required");
            let label = |is: bool| Some(format!("{}: required={is}", b.name).into());
            let said = Said {
                subject: &subject,
                old: label(required(a)),
                new: label(required(b)),
                old_at: Some(old.map_or_else(|| a.at.clone(), anchor)),
                new_at: Some(new.map_or_else(|| b.at.clone(), anchor)),
                ..Said::default()
            };
            self.row(fields::DEPENDENCIES_REQUIRED, Modified, said);
        }
    }

    fn scaling(&mut self, scaling: Pair<'_>) {
        let is_fixed = |entry: &Entry| entry.value.get("replicas").is_some();
        let is_same_form = matches!(scaling, (Some(a), Some(b)) if is_fixed(a) == is_fixed(b));
        if is_same_form {
            for field in [fields::SCALING_REPLICAS, fields::SCALING_MIN, fields::SCALING_MAX] {
                self.scalar(field, "", below(scaling, field.key()));
            }
            return;
        }
        self.made(fields::SCALING, scaling, |entry| {
            let number = |key: &str| {
                entry.value.get(key).map_or_else(|| "?".to_owned(), |v| v.to_json().to_string())
            };
            match is_fixed(entry) {
                true => format!("replicas={}", number("replicas")),
                false => format!("min={} max={}", number("min"), number("max")),
            }
        });
    }

    fn metadata(&mut self, entries: Pair<'_>) {
        let keys = |entry: Option<&'_ Entry>| -> Vec<String> {
            entry.map_or(Vec::new(), |e| {
                e.value.entries().iter().map(|entry| entry.key.clone()).collect()
            })
        };
        let mut all = keys(entries.0);
        all.extend(keys(entries.1));
        all.sort();
        all.dedup();
        for key in all {
            let pair = (
                entries.0.and_then(|e| e.value.entry(&key)),
                entries.1.and_then(|e| e.value.entry(&key)),
            );
            let Some(ty) = change_type(pair) else { continue };
            let said = Said {
                path: Some(keyed("", "metadata", &key)),
                old: pair.0.map(|e| masked(&key, &e.value)),
                new: pair.1.map(|e| masked(&key, &e.value)),
                old_at: pair.0.map(anchor),
                new_at: pair.1.map(anchor),
                ..Said::default()
            };
            self.row(fields::METADATA, ty, said);
        }
    }
}

fn text_of(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or("").to_owned()
}

fn elements<'v>(
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

/// The name of a dependency that declares none: the last part of its reference.
fn own_name(value: &Value) -> Option<String> {
    let reference = ContractRef::parse(value.get("ref")?.as_str()?).ok()?;
    Some(reference.default_name().to_owned())
}

/// A reference without tag and digest.
fn repository(reference: &str) -> String {
    match ContractRef::parse(reference) {
        Ok(ContractRef::Oci(oci)) => oci.repository(),
        Ok(ContractRef::Local(path)) => path.trim_end_matches('/').to_owned(),
        Err(_) => reference.to_owned(),
    }
}

/// The fields of a configuration or of a policy in one of its forms.
#[derive(Clone, Copy)]
struct FormFields {
    whole: &'static Field,
    schema: &'static Field,
    reference: &'static Field,
}

/// Configurations or policies: as the only one, and as a list.
struct FormKind {
    single: FormFields,
    list: FormFields,
}

const CONFIGURATION: FormKind = FormKind {
    single: FormFields {
        whole: fields::CONFIGURATION,
        schema: fields::CONFIGURATION_SCHEMA,
        reference: fields::CONFIGURATION_REF,
    },
    list: FormFields {
        whole: fields::CONFIGURATIONS,
        schema: fields::CONFIGURATIONS_SCHEMA,
        reference: fields::CONFIGURATIONS_REF,
    },
};

const POLICY: FormKind = FormKind {
    single: FormFields {
        whole: fields::POLICY,
        schema: fields::POLICY_SCHEMA,
        reference: fields::POLICY_REF,
    },
    list: FormFields {
        whole: fields::POLICIES,
        schema: fields::POLICIES_SCHEMA,
        reference: fields::POLICIES_REF,
    },
};

/// A configuration or a policy, in either form.
struct Form<'v> {
    element: Element<'v>,
    is_list: bool,
}

impl Form<'_> {
    fn fields(&self, kind: &FormKind) -> FormFields {
        if self.is_list { kind.list } else { kind.single }
    }

    /// The path of the element.
    fn base(&self, kind: &FormKind) -> String {
        let field = self.fields(kind).whole;
        match self.is_list {
            true => keyed("", field.path, &self.element.name),
            false => field.path.to_owned(),
        }
    }

    fn source(&self) -> Option<Source> {
        let file = self.element.named("schema").map(Source::File);
        file.or_else(|| self.element.named("ref").map(Source::Reference))
    }
}

fn forms<'v>(root: &'v Value, kind: &FormKind) -> Vec<Form<'v>> {
    let live = |key: &str| root.entry(key).filter(|entry| !entry.value.is_null());
    let one = live(kind.single.whole.path).map(|entry| Form {
        element: Element { name: "default".into(), value: &entry.value, at: anchor(entry) },
        is_list: false,
    });
    let many = elements(live(kind.list.whole.path), |_| None);
    let many = many.into_iter().map(|element| Form { element, is_list: true });
    one.into_iter().chain(many).collect()
}

type Matched<'v> = (Vec<(Form<'v>, Form<'v>)>, Vec<Form<'v>>, Vec<Form<'v>>);

/// By name, then by what they name, then the only ones that are left.
fn match_elements<'v>(mut old: Vec<Form<'v>>, mut new: Vec<Form<'v>>) -> Matched<'v> {
    let mut pairs = Vec::new();
    take_pairs(&mut old, &mut new, &mut pairs, |a, b| {
        a.element.name == b.element.name && !a.element.name.is_empty()
    });
    let same = |a: Option<&str>, b: Option<&str>| a.is_some() && a == b;
    take_pairs(&mut old, &mut new, &mut pairs, |a, b| {
        let place = |form: &Form<'_>| form.element.text("ref").map(repository);
        same(a.element.text("schema"), b.element.text("schema"))
            || place(a).is_some() && place(a) == place(b)
    });
    if old.len() == 1 && new.len() == 1 && old[0].is_list != new[0].is_list {
        pairs.extend(old.pop().zip(new.pop()));
    }
    (pairs, old, new)
}

/// Settings with their nested keys joined by dots.
fn flatten<'v>(value: &'v Value, prefix: &str, out: &mut Vec<(String, &'v Entry)>) {
    for entry in value.entries() {
        let key =
            if prefix.is_empty() { entry.key.clone() } else { format!("{prefix}.{}", entry.key) };
        match &entry.value.data {
            Data::Map(entries) if !entries.is_empty() => flatten(&entry.value, &key, out),
            _ => out.push((key, entry)),
        }
    }
}

/// A setting's value, unless it is a secret.
fn masked(key: &str, value: &Value) -> Json {
    let last = key.rsplit('.').next().unwrap_or(key);
    match &value.data {
        Data::Str(text) if is_secret(last, text) => "***".into(),
        Data::Map(entries) => Json::Object(
            entries.iter().map(|e| (e.key.clone(), masked(&e.key, &e.value))).collect(),
        ),
        Data::Seq(items) => items.iter().map(|item| masked(key, item)).collect(),
        _ => value.to_json(),
    }
}

/// How two ranges of versions lie to each other, for the reason.
fn relation(old: &str, new: &str) -> &'static str {
    let (Ok(old), Ok(new)) = (Constraint::parse(old), Constraint::parse(new)) else { return "" };
    match (new.includes(&old), old.includes(&new)) {
        (true, true) => "",
        (true, false) => " (widened)",
        (false, true) => " (narrowed)",
        _ if !Constraint::have_common_version(&[old, new]) => " (disjoint)",
        _ => " (overlapping)",
    }
}
