//! The service itself.

use serde_json::Value as Json;

use super::differ::{Differ, Pair, Said, anchor, below, pair, text_of};
use crate::diff::class::ChangeType::{self, Added, Modified, Removed};
use crate::diff::path::keyed;
use crate::diff::rules::contract as fields;
use crate::place::Anchor;
use crate::value::{Data, Entry, Value};

impl Differ<'_> {
    pub(super) fn service(&mut self, old: &Value, new: &Value) {
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
}
