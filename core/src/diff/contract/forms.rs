//! Configurations and policies, which contracts write as the only one or as a list.

use serde_json::Value as Json;

use super::differ::{
    Content, Differ, Element, Pair, Said, Source, anchor, change_of_text, change_type, elements,
    repository,
};
use crate::contract::is_secret;
use crate::diff::class::ChangeType::{self, Added, Modified, Removed};
use crate::diff::class::Class;
use crate::diff::pairs::take_pairs;
use crate::diff::path::keyed;
use crate::diff::rules::contract::{self as fields, Field};
use crate::value::{Data, Entry, Value};

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

impl<'v> Differ<'v> {
    pub(super) fn configurations(&mut self, old: &'v Value, new: &'v Value) {
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
                row.class = Class::NonBreaking;
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
            let Some(ty) = change_of_text((old.as_ref(), new.as_ref())) else { continue };
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

    pub(super) fn policies(&mut self, old: &'v Value, new: &'v Value) {
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
}

/// Settings with their nested keys joined by dots.
fn flatten<'v>(value: &'v Value, prefix: &str, out: &mut Vec<(String, &'v Entry)>) {
    for entry in value.entries() {
        let key = if prefix.is_empty() {
            entry.key.to_string()
        } else {
            format!("{prefix}.{}", entry.key)
        };
        match &entry.value.data {
            Data::Map(entries) if !entries.is_empty() => flatten(&entry.value, &key, out),
            _ => out.push((key, entry)),
        }
    }
}

/// A setting's value, unless it is a secret.
pub(super) fn masked(key: &str, value: &Value) -> Json {
    let last = key.rsplit('.').next().unwrap_or(key);
    match &value.data {
        Data::Str(text) if is_secret(last, text) => "***".into(),
        Data::Map(entries) => Json::Object(
            entries.iter().map(|e| (e.key.to_string(), masked(&e.key, &e.value))).collect(),
        ),
        Data::Seq(items) => items.iter().map(|item| masked(key, item)).collect(),
        _ => value.to_shown_json(),
    }
}
