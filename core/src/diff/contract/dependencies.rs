//! Dependencies, by name and by what they refer to.

use super::differ::{Differ, Element, Said, anchor, elements, pair, repository};
use crate::contract::{Constraint, ContractRef};
use crate::diff::class::ChangeType::{Added, Modified, Removed};
use crate::diff::pairs::take_pairs;
use crate::diff::rules::contract as fields;
use crate::value::{Data, Entry, Value};

impl<'v> Differ<'v> {
    pub(super) fn dependencies(&mut self, old: &'v Value, new: &'v Value) {
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
}

/// The name of a dependency that declares none: the last part of its reference.
fn own_name(value: &Value) -> Option<String> {
    let reference = ContractRef::parse(value.get("ref")?.as_str()?).ok()?;
    Some(reference.default_name().to_owned())
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
