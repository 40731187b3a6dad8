//! One difference between two contracts (3-diff, "The change record").

use std::fmt::Write;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::check::Anchor;

/// Whom a change hurts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Nobody who honoured the old contract can be affected.
    NonBreaking,
    /// Some may be affected, depending on how they use what changed, or it cannot be decided.
    PotentialBreaking,
    /// At least one correct user of the old contract stops working.
    Breaking,
}

impl Class {
    pub const ALL: [Class; 3] = [Class::NonBreaking, Class::PotentialBreaking, Class::Breaking];

    pub fn text(self) -> &'static str {
        match self {
            Class::NonBreaking => "NON_BREAKING",
            Class::PotentialBreaking => "POTENTIAL_BREAKING",
            Class::Breaking => "BREAKING",
        }
    }

    pub fn from_text(text: &str) -> Option<Class> {
        Class::ALL.into_iter().find(|class| class.text() == text)
    }
}

/// What happened to an element. The order is that of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChangeType {
    Removed,
    Added,
    Modified,
}

impl ChangeType {
    /// What happened to something, by the sides that have it.
    pub fn of(has_old: bool, has_new: bool) -> ChangeType {
        match (has_old, has_new) {
            (true, false) => ChangeType::Removed,
            (false, true) => ChangeType::Added,
            _ => ChangeType::Modified,
        }
    }

    pub fn text(self) -> &'static str {
        match self {
            ChangeType::Removed => "removed",
            ChangeType::Added => "added",
            ChangeType::Modified => "modified",
        }
    }
}

/// Who reads or writes the data that a change is about, as seen from the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    Request,
    Response,
    Receive,
    Send,
    /// An event whose direction is unknown.
    Both,
    Config,
    Policy,
}

impl Side {
    pub fn text(self) -> &'static str {
        match self {
            Side::Request => "request",
            Side::Response => "response",
            Side::Receive => "receive",
            Side::Send => "send",
            Side::Both => "both",
            Side::Config => "config",
            Side::Policy => "policy",
        }
    }
}

/// Why a change does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    pub reason: String,
    pub until: Option<String>,
}

/// One difference. Places hold node ids; they become spans when they are shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Where, in the grammar of 3-diff "Path grammar".
    pub path: String,
    pub ty: ChangeType,
    pub old: Option<Json>,
    pub new: Option<Json>,
    pub class: Class,
    pub reason: String,
    pub rule: String,
    /// The named element that the path does not carry, such as `interfaces[api]`.
    pub subject: Option<String>,
    pub side: Option<Side>,
    pub old_at: Option<Anchor>,
    pub new_at: Option<Anchor>,
    /// Where an editor shows the change: in the new bundle.
    pub anchor: Option<Anchor>,
    /// Whether this sums up other rows.
    pub is_rollup: bool,
    /// JSON pointer of the shared definition that changed.
    pub origin: Option<String>,
    pub ignored: Option<Ignored>,
    pub hints: Vec<String>,
}

impl Change {
    /// A change with nothing but what every one has.
    pub fn new(rule: impl Into<String>, ty: ChangeType, path: impl Into<String>) -> Change {
        Change {
            path: path.into(),
            ty,
            old: None,
            new: None,
            class: Class::PotentialBreaking,
            reason: String::new(),
            rule: rule.into(),
            subject: None,
            side: None,
            old_at: None,
            new_at: None,
            anchor: None,
            is_rollup: false,
            origin: None,
            ignored: None,
            hints: Vec::new(),
        }
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
            self.rule.as_str(),
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
