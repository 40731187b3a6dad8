//! How the service runs: `runtime` and `scaling`; and `metadata`.

use super::differ::{Differ, Pair, Said, anchor, at_path, below, change_of_text, change_type};
use super::forms::masked;
use crate::diff::class::ChangeType::{Added, Modified, Removed};
use crate::diff::path::keyed;
use crate::diff::rules::contract::{self as fields, Field};
use crate::value::Entry;

impl Differ<'_> {
    pub(super) fn runtime(&mut self, runtime: Pair<'_>) {
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

    pub(super) fn scaling(&mut self, scaling: Pair<'_>) {
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

    pub(super) fn metadata(&mut self, entries: Pair<'_>) {
        let keys = |entry: Option<&'_ Entry>| -> Vec<String> {
            entry.map_or(Vec::new(), |e| {
                e.value.entries().iter().map(|entry| entry.key.to_string()).collect()
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
            let Some(ty) = change_of_text(pair) else { continue };
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
