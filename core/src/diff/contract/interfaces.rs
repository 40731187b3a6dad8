//! Interfaces, by name.

use super::differ::{Content, Differ, Element, elements, pair};
use crate::diff::class::ChangeType::{Added, Removed};
use crate::diff::rules::contract as fields;
use crate::value::Value;

impl<'v> Differ<'v> {
    pub(super) fn interfaces(&mut self, old: &'v Value, new: &'v Value) {
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
}
