//! Old forms of fields, rewritten.

use crate::check::{Anchor, Fix, FixOp, ListForm, fix};
use crate::schema::format::StrRule;
use crate::value::{Data, Entry};

/// The list that took the place of a field.
pub(super) fn plural(name: &str) -> Option<&'static str> {
    match name {
        "configuration" => Some("configurations"),
        "policy" => Some("policies"),
        _ => None,
    }
}

/// `configuration` and `policy` as lists with one entry, which is called `default`, as it is anyway.
pub(super) fn as_list(entry: &Entry) -> Option<Fix> {
    let name = plural(&entry.key)?;
    if !matches!(entry.value.data, Data::Map(_)) || entry.source != entry.value.source {
        return None;
    }
    let at = Anchor::value(&entry.value);
    let list = FixOp::ToList { at, form: ListForm::Named("default") };
    let title = format!("Write `{name}`");
    Some(Fix::replace("rewrite", title, Anchor::key(entry), name).preferred().and(list))
}

/// An owner in one string as an object, where the string can be the name of a team or a person.
pub(super) fn structured_owner(text: &str, at: Anchor) -> Option<Fix> {
    let key = if text.contains('@') { "dri" } else { "team" };
    let rule = if key == "dri" { StrRule::Dri } else { StrRule::Team };
    let new = format!("{{{key}: {}}}", fix::scalar(text));
    let title = format!("Write `{key}: {text}`");
    rule.matches(text).then(|| Fix::replace("rewrite", title, at, new).preferred())
}
