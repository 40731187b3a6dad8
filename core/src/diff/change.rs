//! One difference between two contracts (3-diff, "The change record").

use std::fmt::Write;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::class::{ChangeType, Class, Side};
use super::rule::{Column, Mark, Rule};
use crate::place::Anchor;

/// Why a change does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    pub reason: String,
    pub until: Option<String>,
}

/// One difference. Places hold node ids; they become spans when they are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where, in the grammar of 3-diff "Path grammar".
    pub path: String,
    pub ty: ChangeType,
    pub old: Option<Json>,
    pub new: Option<Json>,
    pub class: Class,
    pub reason: String,
    pub rule: &'static Rule,
    /// The named element that the path does not carry, such as `interfaces[api]`.
    pub subject: Option<String>,
    pub side: Option<Side>,
    pub old_at: Option<Anchor>,
    pub new_at: Option<Anchor>,
    /// Where an editor shows the change: in the new bundle.
    pub anchor: Option<Anchor>,
    /// JSON pointer of the shared definition that changed.
    pub origin: Option<String>,
    pub ignored: Option<Ignored>,
    pub hints: Vec<String>,
}

impl Change {
    /// A change with the usual class and reason of its rule, and nothing but what every one has.
    pub fn new(rule: &'static Rule, ty: ChangeType, path: impl Into<String>) -> Change {
        Change {
            path: path.into(),
            ty,
            old: None,
            new: None,
            class: rule.usual(Column::Input),
            reason: rule.reason.to_owned(),
            rule,
            subject: None,
            side: None,
            old_at: None,
            new_at: None,
            anchor: None,
            origin: None,
            ignored: None,
            hints: Vec::new(),
        }
    }

    /// The published id of its rule.
    pub fn rule_id(&self) -> String {
        self.rule.id(self.side)
    }

    /// Whether it sums up other rows.
    pub fn is_rollup(&self) -> bool {
        self.rule.is(Mark::Rollup)
    }

    /// Whether it counts into the class of the whole.
    pub fn counts(&self) -> bool {
        self.ignored.is_none()
    }

    /// The identity of a change: 16 hexadecimal digits that depend neither on positions nor on
    /// wording.
    pub fn fingerprint(&self) -> String {
        let json = |value: &Option<Json>| value.as_ref().map(canonical).unwrap_or_default();
        let subject = self.subject.as_deref().unwrap_or("");
        let parts = [
            &self.rule_id(),
            subject,
            &self.path,
            self.ty.text(),
            &json(&self.old),
            &json(&self.new),
        ];
        let digest = Sha256::digest(parts.join("\n").as_bytes());
        digest[..8].iter().fold(String::new(), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
    }
}

/// JSON with sorted keys and no blanks.
fn canonical(value: &Json) -> String {
    match value {
        Json::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            let entries: Vec<String> = entries
                .into_iter()
                .map(|(key, value)| format!("{}:{}", Json::from(key.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", entries.join(","))
        }
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        scalar => scalar.to_string(),
    }
}
