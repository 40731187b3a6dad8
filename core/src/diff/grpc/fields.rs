//! Messages, their fields, and enums.

use super::compare::{Differ, Sides};
use super::set::{In, Set, is_true};
use super::types::{is_json_compatible, is_scalar, is_wire_compatible};
use crate::diff::class::ChangeType::{Added, Modified, Removed};
use crate::diff::class::Class;
use crate::diff::path::keyed;
use crate::diff::rule::Rule;
use crate::diff::rules::proto as rules;
use crate::spec::proto::{Enum, Field, Label, Message, Reserved, option};
use crate::text::Span;

/// How many values a field has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cardinality {
    Singular,
    Required,
    Repeated,
    Map,
}

impl Cardinality {
    fn of<'a>(set: &Set<'a>, file: usize, field: &'a Field) -> Cardinality {
        match field.label {
            _ if field.map_key.is_some() => Cardinality::Map,
            Label::Repeated => Cardinality::Repeated,
            _ if set.is_required(file, field) => Cardinality::Required,
            _ => Cardinality::Singular,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Cardinality::Singular => "singular",
            Cardinality::Required => "required",
            Cardinality::Repeated => "repeated",
            Cardinality::Map => "map",
        }
    }
}

/// The name in JSON (protobuf, "ProtoJSON Format").
fn json_name(field: &Field) -> String {
    if let Some(named) = option(&field.options, "json_name") {
        return named.value.trim_matches('"').to_owned();
    }
    let mut out = String::new();
    let mut is_upper = false;
    for c in field.name.text.chars() {
        match c {
            '_' => is_upper = true,
            c if is_upper => {
                out.extend(c.to_uppercase());
                is_upper = false;
            }
            c => out.push(c),
        }
    }
    out
}

const CODEGEN: [&str; 8] = [
    "jstype",
    "ctype",
    "lazy",
    "packed",
    "features.utf8_validation",
    "features.(pb.cpp).string_type",
    "features.(pb.java).utf8_validation",
    "features.repeated_field_encoding",
];

/// Whether some ranges hold all numbers of another.
fn are_covered(from: i64, to: i64, ranges: &[(i64, i64, Span)]) -> bool {
    let mut next = from;
    while next <= to {
        match ranges.iter().filter(|(x, y, _)| *x <= next && next <= *y).map(|(_, y, _)| *y).max() {
            Some(end) if end < to => next = end + 1,
            Some(_) => return true,
            None => return false,
        }
    }
    true
}

/// Writes a row of a rule with both values, and a class other than the usual one.
type Say<'s, D> = dyn Fn(&mut D, &'static Rule, &str, &str, Option<Class>) + 's;

impl<'a> Differ<'_, 'a> {
    pub fn message(&mut self, name: &str, a: In<'a, Message>, b: In<'a, Message>) {
        let path = keyed("grpc", "messages", name);
        let sides = Sides { old: (a.file, a.node.name.span), new: (b.file, b.node.name.span) };
        self.deprecation(&path, &a.node.options, &b.node.options, sides);
        let json = self.json_class();
        self.option(
            &path,
            rules::MESSAGE_JSON_FORMAT_CHANGED,
            "features.json_format",
            (&a.node.options, &b.node.options),
            sides,
            json,
        );
        self.option(
            &path,
            rules::MESSAGE_SET_FORMAT_CHANGED,
            "message_set_wire_format",
            (&a.node.options, &b.node.options),
            sides,
            None,
        );
        let accessor = "no_standard_descriptor_accessor";
        if !is_true(&a.node.options, accessor) && is_true(&b.node.options, accessor) {
            self.row(
                rules::DESCRIPTOR_ACCESSOR_REMOVED,
                Modified,
                path.clone(),
                Some(sides.old),
                Some(sides.new),
            );
        }
        self.fields(name, &path, a, b);
        let used = |number: i64, text: &str| {
            b.node.fields.iter().any(|f| f.number == number || f.name.text == text)
        };
        self.reserved(
            &path,
            &a.node.reserved,
            &b.node.reserved,
            (a.file, b.file),
            b.node.name.span,
            &used,
        );
        self.custom_options(&path, name, &a.node.options, &b.node.options, sides);
        for oneof in &a.node.oneofs {
            let was = &oneof.name;
            let path = keyed(&path, "oneofs", &was.text);
            let place = (a.file, was.span);
            match b.node.oneofs.iter().find(|other| other.name.text == was.text) {
                Some(other) => {
                    let sides = Sides { old: place, new: (b.file, other.name.span) };
                    self.custom_options(&path, name, &oneof.options, &other.options, sides);
                }
                None => {
                    let row = self.row(rules::ONEOF_REMOVED, Removed, path, Some(place), None);
                    row.old = Some(was.text.as_str().into());
                    self.anchored(sides.new);
                }
            }
        }
        for (from, to, span) in &a.node.extension_ranges {
            if !are_covered(*from, *to, &b.node.extension_ranges) {
                let range = format!("{from} to {to}");
                let path = keyed(&path, "extensions", &range);
                let row = self.row(
                    rules::EXTENSION_RANGE_REMOVED,
                    Removed,
                    path,
                    Some((a.file, *span)),
                    None,
                );
                row.old = Some(range.into());
                self.anchored(sides.new);
            }
        }
    }

    fn fields(&mut self, name: &str, path: &str, a: In<'a, Message>, b: In<'a, Message>) {
        let mut old: Vec<&Field> = a.node.fields.iter().collect();
        old.sort_by_key(|field| field.number);
        let new = &b.node.fields;
        for was in &old {
            let by_number = new.iter().find(|is| is.number == was.number);
            if let Some(is) = by_number {
                self.field(name, path, (a.file, was), (b.file, is));
                continue;
            }
            let by_name = new.iter().find(|is| is.name.text == was.name.text);
            let by_name = by_name.filter(|is| !old.iter().any(|f| f.number == is.number));
            let place = (a.file, was.name.span);
            let path = keyed(path, "fields", &was.name.text);
            match by_name {
                Some(is) => {
                    let row = self.row(
                        rules::FIELD_NUMBER_CHANGED,
                        Modified,
                        path,
                        Some(place),
                        Some((b.file, is.number_span)),
                    );
                    row.old = Some(was.number.into());
                    row.new = Some(is.number.into());
                }
                None => {
                    let is_reserved = b.node.reserved.has_number(was.number)
                        && b.node.reserved.has_name(&was.name.text);
                    let direction = self.direction(name);
                    let is_mild = is_reserved && direction.is_request && !direction.is_response;
                    let rule = match self.old.is_required(a.file, was) {
                        true => rules::REQUIRED_FIELD_REMOVED,
                        false => rules::FIELD_REMOVED,
                    };
                    let row = self.row(rule, Removed, path, Some(place), None);
                    if is_mild {
                        row.class = Class::PotentialBreaking;
                    }
                    row.old = Some(format!("{} = {}", was.name.text, was.number).into());
                    self.anchored((b.file, b.node.name.span));
                }
            }
        }
        let mut added: Vec<&Field> = new
            .iter()
            .filter(|is| {
                !old.iter().any(|was| {
                    was.number == is.number || {
                        was.name.text == is.name.text && !new.iter().any(|f| f.number == was.number)
                    }
                })
            })
            .collect();
        added.sort_by_key(|field| field.number);
        for is in added {
            let rule = match self.new.is_required(b.file, is) {
                true => rules::REQUIRED_FIELD_ADDED,
                false => rules::FIELD_ADDED,
            };
            let path = keyed(path, "fields", &is.name.text);
            let row = self.row(rule, Added, path, None, Some((b.file, is.name.span)));
            row.new = Some(format!("{} = {}", is.name.text, is.number).into());
        }
    }

    pub fn field(
        &mut self,
        message: &str,
        path: &str,
        (old_file, was): (usize, &'a Field),
        (new_file, is): (usize, &'a Field),
    ) {
        let path = keyed(path, "fields", &is.name.text);
        let sides = Sides { old: (old_file, was.name.span), new: (new_file, is.name.span) };
        let json = self.json_class();
        let said = |differ: &mut Self, rule, old: &str, new: &str, class: Option<Class>| {
            let row = differ.row(rule, Modified, path.clone(), Some(sides.old), Some(sides.new));
            row.old = Some(old.into());
            row.new = Some(new.into());
            row.class = class.unwrap_or(row.class);
        };
        let (json_old, json_new) = (json_name(was), json_name(is));
        if was.name.text != is.name.text {
            said(self, rules::FIELD_RENAMED, &was.name.text, &is.name.text, json);
        } else if json_old != json_new {
            said(self, rules::FIELD_JSON_NAME_CHANGED, &json_old, &json_new, json);
        }
        self.field_type(message, was, is, &said);
        let are_messages = !is_scalar(&was.ty) && !is_scalar(&is.ty);
        let (old, new) = (self.old.is_group(old_file, was), self.new.is_group(new_file, is));
        if are_messages && old != new {
            let word = |is_group: bool| if is_group { "group" } else { "message with its length" };
            said(self, rules::FIELD_TYPE_CHANGED, word(old), word(new), None);
        }
        let a = Cardinality::of(self.old, old_file, was);
        let b = Cardinality::of(self.new, new_file, is);
        if a != b {
            let is_map = matches!(
                (a, b),
                (Cardinality::Repeated, Cardinality::Map)
                    | (Cardinality::Map, Cardinality::Repeated)
            );
            let class = if is_map { json } else { None };
            said(self, rules::FIELD_CARDINALITY_CHANGED, a.text(), b.text(), class);
        } else if a == Cardinality::Singular
            && was.oneof.is_none()
            && is.oneof.is_none()
            && is_scalar(&is.ty)
            && is_scalar(&was.ty)
        {
            let had = self.old.has_presence(old_file, was.label, &was.options);
            let has = self.new.has_presence(new_file, is.label, &is.options);
            let word = |is: bool| if is { "explicit" } else { "implicit" };
            if had != has {
                said(self, rules::FIELD_PRESENCE_CHANGED, word(had), word(has), None);
            }
        }
        self.field_options(&path, was, is, sides);
        if was.oneof != is.oneof {
            let word = |oneof: &Option<String>| oneof.clone().unwrap_or_else(|| "none".to_owned());
            said(self, rules::FIELD_ONEOF_CHANGED, &word(&was.oneof), &word(&is.oneof), None);
        }
        self.deprecation(&path, &was.options, &is.options, sides);
        self.custom_options(&path, message, &was.options, &is.options, sides);
    }

    fn field_options(&mut self, path: &str, was: &'a Field, is: &'a Field, sides: Sides) {
        let options = (&was.options[..], &is.options[..]);
        let number = |field: &Field| {
            option(&field.options, "default").and_then(|o| o.value.parse::<f64>().ok())
        };
        if number(was).is_none() || number(was) != number(is) {
            self.option(path, rules::FIELD_DEFAULT_CHANGED, "default", options, sides, None);
        }
        for name in CODEGEN {
            self.option(path, rules::FIELD_CODEGEN_OPTION_CHANGED, name, options, sides, None);
        }
    }

    fn field_type(&mut self, message: &str, was: &Field, is: &Field, said: &Say<'_, Self>) {
        let json = self.json_class();
        for (old, new) in [
            (was.ty.as_str(), is.ty.as_str()),
            (was.map_key.as_deref().unwrap_or(""), is.map_key.as_deref().unwrap_or("")),
        ] {
            let resolve = |set: &Set<'a>, ty: &str| match is_scalar(ty) {
                true => ty.to_owned(),
                false => set.resolve(message, ty),
            };
            let (a, b) = (resolve(self.old, old), resolve(self.new, new));
            if a == b || old.is_empty() || new.is_empty() {
                continue;
            }
            if is_json_compatible(&a, &b) {
                said(self, rules::FIELD_TYPE_CHANGED_SOURCE, &a, &b, None);
            } else if is_wire_compatible(&a, &b) {
                said(self, rules::FIELD_TYPE_CHANGED_WIRE, &a, &b, json);
            } else if !self.is_same_enum(&a, &b) {
                said(self, rules::FIELD_TYPE_CHANGED, &a, &b, None);
            }
        }
    }

    /// Whether an enum has another of the same short name and at least its values in its place.
    fn is_same_enum(&self, a: &str, b: &str) -> bool {
        let short = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
        match (self.old.enums.get(a), self.new.enums.get(b)) {
            (Some(old), Some(new)) => {
                short(a) == short(b)
                    && old.node.values.iter().all(|was| {
                        let same = |is: &crate::spec::proto::EnumValue| {
                            is.name.text == was.name.text && is.number == was.number
                        };
                        new.node.values.iter().any(same)
                    })
            }
            _ => false,
        }
    }

    fn reserved(
        &mut self,
        path: &str,
        a: &Reserved,
        b: &Reserved,
        files: (usize, usize),
        place: Span,
        is_used: &dyn Fn(i64, &str) -> bool,
    ) {
        for (from, to, span) in &a.ranges {
            let is_kept = b.ranges.iter().any(|(x, y, _)| x <= from && to <= y)
                || (*from..=*to.min(&(from + 1_000))).all(|number| b.has_number(number));
            if is_kept {
                continue;
            }
            let is_reused =
                (*from..=*to.min(&(from + 1_000))).any(|n| !b.has_number(n) && is_used(n, ""));
            let range = if from == to { from.to_string() } else { format!("{from} to {to}") };
            self.reserved_row(path, &range, is_reused, (files.0, *span), (files.1, place));
        }
        for name in &a.names {
            if !b.has_name(&name.text) {
                let is_reused = is_used(i64::MIN, &name.text);
                self.reserved_row(
                    path,
                    &name.text,
                    is_reused,
                    (files.0, name.span),
                    (files.1, place),
                );
            }
        }
    }

    fn reserved_row(
        &mut self,
        path: &str,
        what: &str,
        is_reused: bool,
        old: (usize, Span),
        anchor: (usize, Span),
    ) {
        let rule = if is_reused { rules::RESERVED_REUSED } else { rules::RESERVED_REMOVED };
        let row = self.row(rule, Removed, keyed(path, "reserved", what), Some(old), None);
        row.old = Some(what.into());
        self.anchored(anchor);
    }

    pub fn enumeration(&mut self, name: &str, a: In<'a, Enum>, b: In<'a, Enum>) {
        let path = keyed("grpc", "enums", name);
        let sides = Sides { old: (a.file, a.node.name.span), new: (b.file, b.node.name.span) };
        self.deprecation(&path, &a.node.options, &b.node.options, sides);
        let json = self.json_class();
        self.option(
            &path,
            rules::ENUM_JSON_FORMAT_CHANGED,
            "features.json_format",
            (&a.node.options, &b.node.options),
            sides,
            json,
        );
        let (was, is) =
            (self.old.is_open(a.file, &a.node.options), self.new.is_open(b.file, &b.node.options));
        if was != is {
            let word = |is: bool| if is { "open" } else { "closed" };
            let row = self.row(
                rules::ENUM_OPENNESS_CHANGED,
                Modified,
                path.clone(),
                Some(sides.old),
                Some(sides.new),
            );
            row.old = Some(word(was).into());
            row.new = Some(word(is).into());
        }
        self.custom_options(&path, name, &a.node.options, &b.node.options, sides);
        self.values(name, &path, a, b);
        let used = |number: i64, text: &str| {
            b.node.values.iter().any(|v| v.number == number || v.name.text == text)
        };
        self.reserved(
            &path,
            &a.node.reserved,
            &b.node.reserved,
            (a.file, b.file),
            b.node.name.span,
            &used,
        );
    }

    fn values(&mut self, name: &str, path: &str, a: In<'a, Enum>, b: In<'a, Enum>) {
        let (old, new) = (&a.node.values, &b.node.values);
        for was in old {
            let place = (a.file, was.name.span);
            let same_number: Vec<_> = new.iter().filter(|is| is.number == was.number).collect();
            let path = keyed(path, "values", &was.name.text);
            if let Some(is) = same_number.iter().find(|is| is.name.text == was.name.text) {
                let sides = Sides { old: place, new: (b.file, is.name.span) };
                self.deprecation(&path, &was.options, &is.options, sides);
                self.custom_options(&path, name, &was.options, &is.options, sides);
                continue;
            }
            let by_name = new.iter().find(|is| is.name.text == was.name.text);
            if let Some(is) = by_name {
                let row = self.row(
                    rules::ENUM_VALUE_NUMBER_CHANGED,
                    Modified,
                    path,
                    Some(place),
                    Some((b.file, is.name.span)),
                );
                row.old = Some(was.number.into());
                row.new = Some(is.number.into());
            } else if let Some(is) = same_number.first() {
                // The number keeps its meaning by another name that was there before; JSON and code may
                // use this one.
                if old.iter().filter(|other| other.number == was.number).count() > 1 {
                    let json = self.json_class();
                    let row = self.row(rules::ENUM_VALUE_RENAMED, Removed, path, Some(place), None);
                    row.class = json.unwrap_or(Class::PotentialBreaking);
                    row.old = Some(was.name.text.as_str().into());
                    self.anchored((b.file, b.node.name.span));
                    continue;
                }
                let json = self.json_class();
                let row = self.row(
                    rules::ENUM_VALUE_RENAMED,
                    Modified,
                    path,
                    Some(place),
                    Some((b.file, is.name.span)),
                );
                row.class = json.unwrap_or(Class::PotentialBreaking);
                row.old = Some(was.name.text.as_str().into());
                row.new = Some(is.name.text.as_str().into());
            } else {
                let is_reserved = b.node.reserved.has_number(was.number)
                    && b.node.reserved.has_name(&was.name.text);
                let row = self.row(rules::ENUM_VALUE_REMOVED, Removed, path, Some(place), None);
                if is_reserved {
                    row.class = Class::PotentialBreaking;
                }
                row.old = Some(format!("{} = {}", was.name.text, was.number).into());
                self.anchored((b.file, b.node.name.span));
            }
        }
        for is in new {
            let is_new =
                !old.iter().any(|was| was.number == is.number || was.name.text == is.name.text);
            let is_alias =
                old.iter().any(|was| was.number == is.number && was.name.text != is.name.text)
                    && new.iter().any(|other| {
                        other.number == is.number
                            && old.iter().any(|was| {
                                was.name.text == other.name.text && was.number == is.number
                            })
                    })
                    && !old.iter().any(|was| was.name.text == is.name.text);
            if is_new || is_alias {
                let path = keyed(path, "values", &is.name.text);
                let class = self.sided(rules::ENUM_VALUE_ADDED, name);
                let row = self.row(
                    rules::ENUM_VALUE_ADDED,
                    Added,
                    path,
                    None,
                    Some((b.file, is.name.span)),
                );
                row.class = if is_alias { Class::NonBreaking } else { class };
                row.new = Some(format!("{} = {}", is.name.text, is.number).into());
            }
        }
    }
}
