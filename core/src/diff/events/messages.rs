//! Messages: payload, headers, content type, correlation.

use super::compare::{Differ, added_class};
use super::model::{Api, Channel, Message};
use crate::diff::class::Side;
use crate::diff::docs::{At, equal};
use crate::diff::pairs::take_pairs;
use crate::diff::rules::events as rules;

/// The format of a payload: JSON Schema in one of its forms, or something else.
fn schema_format<'a>(api: &Api<'_, 'a>, message: At<'a>) -> Option<&'a str> {
    api.text(message, "schemaFormat")
        .or_else(|| api.get(message, "payload")?.text("schemaFormat"))
        .filter(|format| !(format.contains("asyncapi") || format.contains("schema+")))
}

fn payload<'a>(api: &Api<'_, 'a>, message: At<'a>) -> Option<At<'a>> {
    let payload = api.get(message, "payload")?;
    // AsyncAPI 3 wraps a schema of another format.
    match payload.get("schema") {
        Some(schema) if payload.get("schemaFormat").is_some() => Some(schema),
        _ => Some(payload),
    }
}

fn content_type<'a>(api: &Api<'_, 'a>, message: At<'a>) -> &'a str {
    api.text(message, "contentType")
        .or_else(|| api.root.text("defaultContentType"))
        .unwrap_or("application/json")
}

impl<'a> Differ<'_, '_, 'a> {
    pub fn messages(&mut self, base: &str, a: &Channel<'a>, b: &Channel<'a>) {
        let (mut was, mut is) = (a.messages.clone(), b.messages.clone());
        let mut pairs = Vec::new();
        let is_same_version = self.old.is_v3 == self.new.is_v3;
        let same_side = |a: &Message<'a>, b: &Message<'a>| {
            a.side == b.side || a.side == Side::Both || b.side == Side::Both
        };
        let word = |m: &Message<'a>| m.step.split('.').next().unwrap_or("").to_owned();
        let may_pair = |a: &Message<'a>, b: &Message<'a>| match is_same_version && !self.new.is_v3 {
            true => word(a) == word(b),
            false => same_side(a, b) || is_same_version,
        };
        take_pairs(&mut was, &mut is, &mut pairs, |a, b| may_pair(a, b) && a.name == b.name);
        take_pairs(&mut was, &mut is, &mut pairs, |a, b| {
            may_pair(a, b) && equal(a.at.value, b.at.value)
        });
        // What is the only message of its operation stays it under another name.
        let lone = |list: &[Message<'a>], one: &Message<'a>| {
            list.iter().filter(|other| word(other) == word(one)).count() == 1
        };
        let (lone_old, lone_new): (Vec<bool>, Vec<bool>) = (
            was.iter().map(|m| lone(&a.messages, m) || a.messages.len() == 1).collect(),
            is.iter().map(|m| lone(&b.messages, m) || b.messages.len() == 1).collect(),
        );
        if lone_old.iter().all(|x| *x) && lone_new.iter().all(|x| *x) {
            take_pairs(&mut was, &mut is, &mut pairs, may_pair);
        }
        for (a, b) in &pairs {
            self.message(&format!("{base}.{}", b.step), a, b);
        }
        for a in &was {
            let path = format!("{base}.{}", a.step);
            self.row(rules::MESSAGE_REMOVED, path, Some(a.key), None).old =
                Some(a.name.as_str().into());
            self.anchored(b.key);
        }
        for b in &is {
            let path = format!("{base}.{}", b.step);
            let class = added_class(b.side);
            let row = self.row(rules::MESSAGE_ADDED, path, None, Some(b.key));
            row.class = class;
            row.side = Some(b.side);
            row.new = Some(b.name.as_str().into());
        }
    }

    fn message(&mut self, path: &str, a: &Message<'a>, b: &Message<'a>) {
        // A message that changed its side is judged by where it goes now, unless that is unknown.
        let side = match (a.side, b.side) {
            (a, Side::Both) => a,
            (_, b) => b,
        };
        self.annotations(path, a.at, b.at);
        let (x, y) = (self.old.get(a.at, "name"), self.new.get(b.at, "name"));
        if x.is_some() && y.is_some() {
            self.text_row(rules::MESSAGE_NAME_CHANGED, &format!("{path}.name"), x, y, b.key);
        }
        let (was, is) = (content_type(self.old, a.at), content_type(self.new, b.at));
        if was != is {
            let places = (self.old.get(a.at, "contentType"), self.new.get(b.at, "contentType"));
            let row = self.row(
                rules::CONTENT_TYPE_CHANGED,
                format!("{path}.contentType"),
                places.0.or(Some(a.key)),
                places.1.or(Some(b.key)),
            );
            row.old = Some(was.into());
            row.new = Some(is.into());
        }
        self.correlation(path, a, b);
        if !self.old.get(a.at, "deprecated").is_some_and(|at| at.json() == true)
            && self.new.get(b.at, "deprecated").is_some_and(|at| at.json() == true)
        {
            let at = self.new.get(b.at, "deprecated");
            self.row(rules::DEPRECATED, format!("{path}.deprecated"), None, at);
        }
        let (x, y) = (self.old.get(a.at, "bindings"), self.new.get(b.at, "bindings"));
        self.bindings(path, x, y, b.key);
        self.payloads(path, side, a, b);
    }

    fn payloads(&mut self, path: &str, side: Side, a: &Message<'a>, b: &Message<'a>) {
        let (x, y) = (self.old.get(a.at, "headers"), self.new.get(b.at, "headers"));
        self.schema(&format!("{path}.headers"), side, x, y, b.key);
        let formats = (schema_format(self.old, a.at), schema_format(self.new, b.at));
        let (x, y) = (payload(self.old, a.at), payload(self.new, b.at));
        let main = |format: &str| format.split(';').next().unwrap_or("").to_owned();
        if formats.0.map(main) != formats.1.map(main) {
            let row = self.row(
                rules::SCHEMA_FORMAT_CHANGED,
                format!("{path}.schemaFormat"),
                x.or(Some(a.key)),
                y.or(Some(b.key)),
            );
            row.old = formats.0.map(Into::into);
            row.new = formats.1.map(Into::into);
        } else if formats.0.is_some() {
            let is_same = matches!((x, y), (Some(x), Some(y)) if equal(x.value, y.value));
            if !is_same && (x.is_some() || y.is_some()) {
                self.row(rules::PAYLOAD_CHANGED, format!("{path}.payload"), x, y);
                self.anchored(b.key);
            }
        } else {
            self.schema(&format!("{path}.payload"), side, x, y, b.key);
        }
    }

    fn correlation(&mut self, path: &str, a: &Message<'a>, b: &Message<'a>) {
        let (x, y) = (self.old.get(a.at, "correlationId"), self.new.get(b.at, "correlationId"));
        let path = format!("{path}.correlationId");
        match (x, y) {
            (None, Some(_)) => {
                self.row(rules::CORRELATION_ID_ADDED, path, x, y);
            }
            (Some(_), None) => {
                self.row(rules::CORRELATION_ID_REMOVED, path, x, y);
                self.anchored(b.key);
            }
            (Some(x), Some(y)) => {
                let (x, y) =
                    (self.old.follow(x).get("location"), self.new.follow(y).get("location"));
                self.text_row(rules::CORRELATION_ID_LOCATION_CHANGED, &path, x, y, b.key);
            }
            (None, None) => {}
        }
    }
}
