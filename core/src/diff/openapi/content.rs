//! Request bodies and responses: media types, headers, links.

use super::compare::{Differ, Place};
use super::model::{Keys, Named, Operation};
use crate::diff::class::ChangeType::{Added, Modified, Removed};
use crate::diff::class::{Class, Side};
use crate::diff::docs::{At, equal};
use crate::diff::pairs::take_pairs;
use crate::diff::path::keyed;
use crate::diff::rule::Lens;
use crate::diff::rules::openapi as rules;
use crate::diff::schema::{SchemaId, Schemas, Types};

impl<'a> Differ<'_, '_, 'a> {
    pub fn request_body(&mut self, place: &Place, old: &Operation<'a>, new: &Operation<'a>) {
        let path = format!("{}.request-body", place.path);
        let said = format!("{} request body", place.operation);
        let (was, is) = (old.at.get("requestBody"), new.at.get("requestBody"));
        let (a_key, b_key) = match (was, is) {
            (None, None) => return,
            (Some(a), None) => {
                let row = self.row(rules::REQUEST_BODY_REMOVED, Removed, path, Some(a), None);
                row.reason = format!("{said} removed");
                row.old = Some(said.into());
                return self.anchored(Some(new.at.spot()));
            }
            (None, Some(b)) => {
                let is_required = self.new.follow(b).flag("required");
                let rule = match is_required && !place.is_flipped {
                    true => rules::REQUEST_BODY_ADDED_REQUIRED,
                    false => rules::REQUEST_BODY_ADDED_OPTIONAL,
                };
                let row = self.row(rule, Added, path, None, Some(b));
                row.reason = format!("{said} added");
                row.new = Some(said.into());
                return;
            }
            (Some(a), Some(b)) => (a, b),
        };
        let (a, b) = (self.old.follow(a_key), self.new.follow(b_key));
        let from = self.begin();
        self.annotations(&path, a, b);
        let (had, has) = (a.flag("required"), b.flag("required"));
        if had != has {
            let rule = if has {
                rules::REQUEST_BODY_BECAME_REQUIRED
            } else {
                rules::REQUEST_BODY_BECAME_OPTIONAL
            };
            let step = format!("{path}.required");
            let (x, y) = (a.get("required"), b.get("required"));
            let is_flipped = place.is_flipped;
            let row = self.row(rule, Modified, step, x.or(Some(a_key)), y.or(Some(b_key)));
            row.old = Some(had.into());
            row.new = Some(has.into());
            if is_flipped {
                row.class = if has { Class::NonBreaking } else { Class::Breaking };
            }
        }
        self.content(&path, place.reads(), a, b);
        self.roll_up(from, rules::REQUEST_BODY_MODIFIED, &path, &said, (a_key, b_key));
    }

    /// The media types of a body, a response or a header.
    fn content(&mut self, base: &str, side: Side, old: At<'a>, new: At<'a>) {
        let all = |api: &super::Api<'_, 'a>, at: At<'a>| {
            let mut all = api.named(at.get("content"), Keys::AnyCase);
            all.iter_mut().for_each(|media| media.name = media_type(&media.name));
            all
        };
        let (mut was, mut is) = (all(self.old, old), all(self.new, new));
        let mut pairs: Vec<(Named<'a>, Named<'a>)> = Vec::new();
        take_pairs(&mut was, &mut is, &mut pairs, |a, b| a.name == b.name);
        let exact = pairs.len();
        take_pairs(&mut was, &mut is, &mut pairs, |a, b| {
            is_in_range(&a.name, &b.name) || is_in_range(&b.name, &a.name)
        });
        let input = side == Side::Request;
        for (i, (a, b)) in pairs.iter().enumerate() {
            let path = keyed(base, "content", &b.name);
            if i >= exact {
                let rule = match (is_in_range(&a.name, &b.name), input) {
                    (true, true) => rules::REQUEST_MEDIA_TYPE_GENERALIZED,
                    (false, true) => rules::REQUEST_MEDIA_TYPE_SPECIALIZED,
                    (true, false) => rules::RESPONSE_MEDIA_TYPE_GENERALIZED,
                    (false, false) => rules::RESPONSE_MEDIA_TYPE_SPECIALIZED,
                };
                let row = self.row(rule, Modified, path.clone(), Some(a.key), Some(b.key));
                row.old = Some(a.name.as_str().into());
                row.new = Some(b.name.as_str().into());
            }
            self.media(&path, side, a, b);
        }
        let anchor = new.get("content").map_or(new.spot(), At::spot);
        let rules = match input {
            true => [rules::REQUEST_MEDIA_TYPE_REMOVED, rules::REQUEST_MEDIA_TYPE_ADDED],
            false => [rules::RESPONSE_MEDIA_TYPE_REMOVED, rules::RESPONSE_MEDIA_TYPE_ADDED],
        };
        // A response that is documented with content for the first time promised nothing before.
        for a in &was {
            let path = keyed(base, "content", &a.name);
            self.row(rules[0], Removed, path, Some(a.key), None).old = Some(a.name.as_str().into());
            self.anchored(Some(anchor));
        }
        for b in &is {
            let path = keyed(base, "content", &b.name);
            self.row(rules[1], Added, path, None, Some(b.key)).new = Some(b.name.as_str().into());
        }
    }

    fn media(&mut self, path: &str, side: Side, a: &Named<'a>, b: &Named<'a>) {
        let lens = Lens { is_xml: b.name.contains("xml"), ..Lens::new(side) };
        let schema = |at: At<'a>| at.get("schema");
        let old = schema(a.at).map(|at| self.old.schemas.at(at));
        let new = schema(b.at).map(|at| self.new.schemas.at(at));
        self.schemas(&format!("{path}.schema"), (old, a.at), (new, b.at), lens);
        let item = |at: At<'a>| at.get("itemSchema");
        let old = item(a.at).map(|at| self.old.schemas.at(at));
        let new = item(b.at).map(|at| self.new.schemas.at(at));
        self.schemas(&format!("{path}.itemSchema"), (old, a.at), (new, b.at), lens);
        self.annotations(path, a.at, b.at);
        let (was, is) = (a.at.get("encoding"), b.at.get("encoding"));
        let names = was.into_iter().chain(is).flat_map(At::entries).map(|(name, _)| name);
        let mut names: Vec<&str> = names.collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let find = |at: Option<At<'a>>| at.and_then(|at| at.get(name));
            let (x, y) = (find(was), find(is));
            let is_same = matches!((x, y), (Some(x), Some(y)) if equal(x.value, y.value));
            if !is_same {
                let step = keyed(path, "encoding", name);
                let row = self.row(rules::ENCODING_CHANGED, Modified, step, x, y);
                row.old = x.map(At::json);
                row.new = y.map(At::json);
                self.anchored(y.or(is).map(At::spot).or(Some(b.key.spot())));
            }
        }
    }

    pub fn responses(&mut self, place: &Place, old: &Operation<'a>, new: &Operation<'a>) {
        let was = self.old.named(old.at.get("responses"), Keys::Fields);
        let is = self.new.named(new.at.get("responses"), Keys::Fields);
        let anchor = new.at.get("responses").map_or(new.at.spot(), At::spot);
        let mut codes: Vec<&str> =
            was.iter().chain(&is).map(|response| response.name.as_str()).collect();
        codes.sort_by_key(|code| (code_order(code), code.to_owned()));
        codes.dedup();
        for code in codes {
            let find = |list: &'_ [Named<'a>]| list.iter().position(|r| r.name == code);
            match (find(&was), find(&is)) {
                (Some(a), Some(b)) => self.response(place, code, &was[a], &is[b]),
                (Some(a), None) => {
                    let range = format!("{}XX", code.chars().next().unwrap_or('?'));
                    let fallback = is
                        .iter()
                        .find(|r| r.name.eq_ignore_ascii_case(&range))
                        .or_else(|| is.iter().find(|r| r.name == "default"));
                    match fallback {
                        Some(b) => self.response(place, code, &was[a], b),
                        None => self.response_gone(place, code, &was[a], anchor),
                    }
                }
                (None, Some(b)) => {
                    let rule = match code.starts_with(['4', '5']) {
                        true => rules::ERROR_RESPONSE_ADDED,
                        false => rules::SUCCESS_RESPONSE_ADDED,
                    };
                    let path = keyed(&place.path, "responses", code);
                    let operation = place.operation.clone();
                    let row = self.row(rule, Added, path, None, Some(is[b].key));
                    row.reason = format!("{operation} response {code} added");
                    row.new = Some(format!("{operation} {code}").into());
                }
                (None, None) => {}
            }
        }
    }

    fn response_gone(
        &mut self,
        place: &Place,
        code: &str,
        a: &Named<'a>,
        anchor: crate::diff::docs::Spot,
    ) {
        let rule = match code.starts_with(['4', '5']) {
            true => rules::ERROR_RESPONSE_REMOVED,
            false => rules::SUCCESS_RESPONSE_REMOVED,
        };
        let path = keyed(&place.path, "responses", code);
        let operation = place.operation.clone();
        let row = self.row(rule, Removed, path, Some(a.key), None);
        row.reason = format!("{operation} response {code} removed");
        row.old = Some(format!("{operation} {code}").into());
        self.anchored(Some(anchor));
    }

    fn response(&mut self, place: &Place, code: &str, a: &Named<'a>, b: &Named<'a>) {
        let path = keyed(&place.path, "responses", code);
        let from = self.begin();
        if a.name == b.name {
            self.annotations(&path, a.at, b.at);
        }
        self.headers(&path, place.writes(), a, b);
        self.content(&path, place.writes(), a.at, b.at);
        self.links(&path, a, b);
        let said = format!("{} response {code}", place.operation);
        self.roll_up(from, rules::RESPONSE_MODIFIED, &path, &said, (a.key, b.key));
    }

    fn headers(&mut self, base: &str, side: Side, a: &Named<'a>, b: &Named<'a>) {
        let all = |api: &super::Api<'_, 'a>, at: At<'a>| {
            let mut all = api.named(at.get("headers"), Keys::AnyCase);
            // Media types say it; OpenAPI demands that it be ignored here.
            all.retain(|header| header.name != "content-type");
            all
        };
        let (was, is) = (all(self.old, a.at), all(self.new, b.at));
        let anchor = b.at.get("headers").map_or(b.key.spot(), At::spot);
        for old in &was {
            let path = keyed(base, "headers", &old.name);
            match is.iter().find(|new| new.name == old.name) {
                Some(new) => self.header(&path, side, old, new),
                None => {
                    let rule = match old.at.flag("required") {
                        true => rules::HEADER_REMOVED_REQUIRED,
                        false => rules::HEADER_REMOVED_OPTIONAL,
                    };
                    let name = old.name.as_str();
                    self.row(rule, Removed, path, Some(old.key), None).old = Some(name.into());
                    self.anchored(Some(anchor));
                }
            }
        }
        for new in is.iter().filter(|new| !was.iter().any(|old| old.name == new.name)) {
            let path = keyed(base, "headers", &new.name);
            let name = new.name.as_str();
            self.row(rules::HEADER_ADDED, Added, path, None, Some(new.key)).new = Some(name.into());
        }
    }

    fn header(&mut self, path: &str, side: Side, old: &Named<'a>, new: &Named<'a>) {
        self.annotations(path, old.at, new.at);
        self.lifecycle(path, old.at, new.at);
        let (had, has) = (old.at.flag("required"), new.at.flag("required"));
        if had != has {
            let rule =
                if has { rules::HEADER_BECAME_REQUIRED } else { rules::HEADER_BECAME_OPTIONAL };
            let step = format!("{path}.required");
            let (x, y) = (old.at.get("required"), new.at.get("required"));
            let row = self.row(rule, Modified, step, x.or(Some(old.key)), y.or(Some(new.key)));
            row.old = Some(had.into());
            row.new = Some(has.into());
        }
        let a = old.at.get("schema").map(|at| self.old.schemas.at(at));
        let b = new.at.get("schema").map(|at| self.new.schemas.at(at));
        // Only objects are written in another way with `explode`.
        let is_object = |schemas: &Schemas<'a>, schema: Option<SchemaId>| {
            schema.is_some_and(|schema| schemas.normal(schema).types.has(Types::OBJECT))
        };
        let (was, is) = (old.at.flag("explode"), new.at.flag("explode"));
        if was != is && is_object(self.old.schemas, a) && is_object(self.new.schemas, b) {
            let (x, y) = (old.at.get("explode"), new.at.get("explode"));
            let (x, y) = (x.or(Some(old.key)), y.or(Some(new.key)));
            let rule = rules::PARAMETER_SERIALIZATION_CHANGED;
            let row = self.row(rule, Modified, format!("{path}.explode"), x, y);
            row.old = Some(was.into());
            row.new = Some(is.into());
        }
        self.schemas(&format!("{path}.schema"), (a, old.at), (b, new.at), Lens::new(side));
        if old.at.get("content").is_some() || new.at.get("content").is_some() {
            self.content(path, side, old.at, new.at);
        }
    }

    fn links(&mut self, base: &str, a: &Named<'a>, b: &Named<'a>) {
        let was = self.old.named(a.at.get("links"), Keys::Names);
        let is = self.new.named(b.at.get("links"), Keys::Names);
        let anchor = b.at.get("links").map_or(b.key.spot(), At::spot);
        for old in &was {
            let path = keyed(base, "links", &old.name);
            match is.iter().find(|new| new.name == old.name) {
                Some(new) if equal(old.at.value, new.at.value) => {}
                Some(new) => {
                    let row =
                        self.row(rules::LINK_CHANGED, Modified, path, Some(old.key), Some(new.key));
                    row.old = Some(old.at.json());
                    row.new = Some(new.at.json());
                }
                None => {
                    let name = old.name.as_str();
                    let row = self.row(rules::LINK_REMOVED, Removed, path, Some(old.key), None);
                    row.old = Some(name.into());
                    self.anchored(Some(anchor));
                }
            }
        }
        for new in is.iter().filter(|new| !was.iter().any(|old| old.name == new.name)) {
            let path = keyed(base, "links", &new.name);
            let name = new.name.as_str();
            self.row(rules::LINK_ADDED, Added, path, None, Some(new.key)).new = Some(name.into());
        }
    }
}

/// A media type with its parameters in one form: no blanks, no quotes that are not needed.
fn media_type(name: &str) -> String {
    let parts = name.split(';').map(|part| part.trim().replace('"', ""));
    parts.collect::<Vec<_>>().join(";")
}

/// Codes ascending, then ranges, then `default`.
fn code_order(code: &str) -> u8 {
    match code {
        "default" => 2,
        code if code.bytes().all(|b| b.is_ascii_digit()) => 0,
        _ => 1,
    }
}

/// Whether `range` is a wildcard that holds `name`.
fn is_in_range(name: &str, range: &str) -> bool {
    let ty = |text: &str| text.split(';').next().unwrap_or("").trim().to_owned();
    let (name, range) = (ty(name), ty(range));
    if name == range || name.contains('*') && !range.starts_with("*/") {
        return false;
    }
    match range.strip_suffix("/*") {
        Some("*") => true,
        Some(main) => name.split('/').next() == Some(main),
        None => false,
    }
}
