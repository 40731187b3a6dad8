//! Comparing two sets of protobuf files.

use std::collections::BTreeSet;

use super::set::{Direction, Place, Rpc, Set, is_true};
use crate::diff::change::Change;
use crate::diff::class::ChangeType::{self, Added, Modified, Removed};
use crate::diff::class::Class;
use crate::diff::docs::{Level, Problem};
use crate::diff::path::keyed;
use crate::diff::rule::{Column, Rule};
use crate::diff::rules::proto as rules;
use crate::diff::settings::Settings;
use crate::diff::side::{ContentDiff, FileSide};
use crate::spec::proto::{OptionValue, option};
use crate::text::Span;

pub struct Differ<'s, 'a> {
    pub old: &'s Set<'a>,
    pub new: &'s Set<'a>,
    settings: &'s Settings,
    rows: Vec<Change>,
}

/// The places of an element that both sides have.
#[derive(Clone, Copy)]
pub struct Sides {
    pub old: Place,
    pub new: Place,
}

/// Options of files that only generated code sees.
const FILE_OPTIONS: [&str; 19] = [
    "go_package",
    "java_package",
    "java_outer_classname",
    "java_multiple_files",
    "java_string_check_utf8",
    "csharp_namespace",
    "objc_class_prefix",
    "php_class_prefix",
    "php_namespace",
    "php_metadata_namespace",
    "ruby_package",
    "swift_prefix",
    "optimize_for",
    "cc_generic_services",
    "java_generic_services",
    "py_generic_services",
    "php_generic_services",
    "cc_enable_arenas",
    "java_generate_equals_and_hash",
];

/// The differences of two `.proto` files with what they import.
pub fn compare(old: FileSide<'_>, new: FileSide<'_>, settings: &Settings) -> ContentDiff {
    let (mut a, mut b) = (Set::read(old), Set::read(new));
    let mut diff = ContentDiff::default();
    for set in [&a, &b] {
        let stops =
            |problem: &&Problem| problem.level == Level::Error || problem.code == "LIMIT_REACHED";
        for problem in set.problems.iter().filter(stops) {
            if !diff.not_compared.contains(&problem.code) {
                diff.not_compared.push(problem.code);
            }
        }
    }
    diff.old_problems = std::mem::take(&mut a.problems);
    diff.new_problems = std::mem::take(&mut b.problems);
    let is_broken = diff.not_compared.contains(&"INVALID_INTERFACE_SPEC");
    if a.files.is_empty() || b.files.is_empty() || is_broken {
        return diff;
    }
    let (was, is) = (a.package().unwrap_or("").to_owned(), b.package().unwrap_or("").to_owned());
    a.index(None);
    b.index((was != is).then_some((is.as_str(), was.as_str())));
    let mut differ = Differ { old: &a, new: &b, settings, rows: Vec::new() };
    differ.files();
    differ.services();
    differ.messages();
    differ.cap(&is);
    diff.changes = differ.rows;
    diff
}

impl<'a> Differ<'_, 'a> {
    pub fn row(
        &mut self,
        rule: &'static Rule,
        ty: ChangeType,
        path: String,
        old: Option<Place>,
        new: Option<Place>,
    ) -> &mut Change {
        let mut change = Change::new(rule, ty, path);
        change.old_at = old.map(|(file, span)| self.old.anchor(file, span));
        change.new_at = new.map(|(file, span)| self.new.anchor(file, span));
        change.anchor.clone_from(&change.new_at);
        self.rows.push(change);
        self.rows.last_mut().expect("a row was pushed")
    }

    pub fn anchored(&mut self, (file, span): Place) {
        let anchor = self.new.anchor(file, span);
        if let Some(row) = self.rows.last_mut() {
            row.anchor.get_or_insert(anchor);
        }
    }

    /// The class of what JSON alone sees.
    pub fn json_class(&self) -> Option<Class> {
        let is_exposed = self.settings.proto_json || self.old.is_json || self.new.is_json;
        Some(if is_exposed { Class::Breaking } else { Class::PotentialBreaking })
    }

    /// Who sees a message or an enum: requests, responses, or, when nothing tells, both.
    pub fn direction(&self, name: &str) -> Direction {
        let find = |set: &Set<'a>| set.directions.get(name).copied().unwrap_or_default();
        let (a, b) = (find(self.old), find(self.new));
        let found = Direction {
            is_request: a.is_request || b.is_request,
            is_response: a.is_response || b.is_response,
        };
        match found {
            Direction { is_request: false, is_response: false } => {
                Direction { is_request: true, is_response: true }
            }
            found => found,
        }
    }

    /// The class of a rule that depends on the direction of a message or an enum.
    pub fn sided(&self, rule: &Rule, name: &str) -> Class {
        let direction = self.direction(name);
        let input = direction.is_request.then(|| rule.usual(Column::Input));
        let output = direction.is_response.then(|| rule.usual(Column::Output));
        input.max(output).unwrap_or(Class::PotentialBreaking)
    }

    /// A row for an option whose value differs.
    pub fn option(
        &mut self,
        path: &str,
        rule: &'static Rule,
        name: &str,
        (old, new): (&[OptionValue], &[OptionValue]),
        sides: Sides,
        class: Option<Class>,
    ) {
        let (was, is) = (option(old, name), option(new, name));
        let value = |found: Option<&OptionValue>| {
            found.map(|option| option.value.trim_matches('"').to_owned())
        };
        let (a, b) = (value(was), value(is));
        let plain = |value: &Option<String>| value.as_deref().unwrap_or("false") == "false";
        if a == b || plain(&a) && plain(&b) {
            return;
        }
        let old_at = was.map_or(sides.old, |option| (sides.old.0, option.span));
        let new_at = is.map_or(sides.new, |option| (sides.new.0, option.span));
        let path = format!("{path}.{}", name.replace(['(', ')'], "").replace('.', "-"));
        let row = self.row(rule, Modified, path, Some(old_at), Some(new_at));
        row.old = a.map(Into::into);
        row.new = b.map(Into::into);
        row.class = class.unwrap_or(row.class);
    }

    pub fn deprecation(
        &mut self,
        path: &str,
        old: &[OptionValue],
        new: &[OptionValue],
        sides: Sides,
    ) {
        let (was, is) = (is_true(old, "deprecated"), is_true(new, "deprecated"));
        if was != is {
            let rule = if is { rules::DEPRECATED } else { rules::UNDEPRECATED };
            let path = format!("{path}.deprecated");
            let row = self.row(rule, Modified, path, Some(sides.old), Some(sides.new));
            row.old = Some(was.into());
            row.new = Some(is.into());
        }
    }

    /// Options in parentheses: rules of validation, and those of others.
    pub fn custom_options(
        &mut self,
        path: &str,
        message: &str,
        old: &[OptionValue],
        new: &[OptionValue],
        sides: Sides,
    ) {
        let is_custom = |option: &&OptionValue| {
            option.name.starts_with('(') && option.name != "(google.api.http)"
        };
        let names: BTreeSet<&str> =
            old.iter().chain(new).filter(is_custom).map(|option| option.name.as_str()).collect();
        for name in names {
            let (a, b) = (option(old, name), option(new, name));
            if a.map(|o| &o.value) == b.map(|o| &o.value) {
                continue;
            }
            let is_validation =
                ["(buf.validate", "(validate.rules"].iter().any(|prefix| name.starts_with(prefix));
            let rule = match is_validation {
                false => rules::CUSTOM_OPTION_CHANGED,
                true if b.is_none() || is_looser(name, a, b) => rules::VALIDATION_RULE_WIDENED,
                true => rules::VALIDATION_RULE_NARROWED,
            };
            let class = match is_validation {
                true => self.sided(rule, message),
                false => Class::PotentialBreaking,
            };
            let path = keyed(path, "options", name.trim_matches(['(', ')']));
            let old_at = a.map_or(sides.old, |option| (sides.old.0, option.span));
            let new_at = b.map_or(sides.new, |option| (sides.new.0, option.span));
            let row = self.row(rule, Modified, path, Some(old_at), Some(new_at));
            row.class = class;
            row.old = a.map(|option| option.value.as_str().into());
            row.new = b.map(|option| option.value.as_str().into());
        }
    }

    /// The file that the contract names, and those that both sides import.
    fn files(&mut self) {
        let (old, new) = (self.old, self.new);
        for (number, file) in new.files.iter().enumerate() {
            let same = match number {
                0 => Some(0),
                _ => old
                    .files
                    .iter()
                    .skip(1)
                    .position(|other| other.path == file.path)
                    .map(|i| i + 1),
            };
            if let Some(was) = same.filter(|was| *was < old.files.len()) {
                self.file(was, number);
            }
        }
        self.imports(&keyed("grpc", "files", new.files[0].path.as_str()));
    }

    fn file(&mut self, x: usize, y: usize) {
        let (a, b) = (self.old.files[x].proto, self.new.files[y].proto);
        let base = keyed("grpc", "files", self.new.files[y].path.as_str());
        let start = (y, Span::default());
        match (&a.package, &b.package) {
            (Some(was), Some(is)) if was.text != is.text => {
                let row = self.row(
                    rules::PACKAGE_CHANGED,
                    Modified,
                    format!("{base}.package"),
                    Some((x, was.span)),
                    Some((y, is.span)),
                );
                row.old = Some(was.text.as_str().into());
                row.new = Some(is.text.as_str().into());
            }
            (Some(was), None) => {
                let row = self.row(
                    rules::PACKAGE_REMOVED,
                    Removed,
                    format!("{base}.package"),
                    Some((x, was.span)),
                    None,
                );
                row.old = Some(was.text.as_str().into());
                self.anchored(start);
            }
            (None, Some(is)) => {
                let row = self.row(
                    rules::PACKAGE_CHANGED,
                    Added,
                    format!("{base}.package"),
                    None,
                    Some((y, is.span)),
                );
                row.new = Some(is.text.as_str().into());
            }
            _ => {}
        }
        if a.syntax != b.syntax {
            let defaults = |syntax: &str| (syntax == "proto3", syntax == "proto2");
            let path = format!("{base}.syntax");
            let places = (a.syntax_span.unwrap_or_default(), b.syntax_span.unwrap_or_default());
            let row = self.row(
                rules::SYNTAX_CHANGED,
                Modified,
                path,
                Some((x, places.0)),
                Some((y, places.1)),
            );
            row.old = Some(a.syntax.as_str().into());
            row.new = Some(b.syntax.as_str().into());
            if defaults(&a.syntax) == defaults(&b.syntax) {
                row.class = Class::NonBreaking;
            }
        }
        let sides = Sides { old: (x, Span::default()), new: start };
        for name in FILE_OPTIONS {
            let path = keyed(&base, "options", name);
            let before = self.rows.len();
            self.option(
                &path,
                rules::FILE_OPTION_CHANGED,
                name,
                (&a.options, &b.options),
                sides,
                None,
            );
            if let Some(row) = self.rows.get_mut(before) {
                row.path = path;
            }
        }
        self.file_features(&base, &a.options, &b.options, sides);
        self.custom_options(&base, "", &a.options, &b.options, sides);
    }

    /// Features of a whole file that no element shows by itself.
    fn file_features(
        &mut self,
        base: &str,
        old: &[OptionValue],
        new: &[OptionValue],
        sides: Sides,
    ) {
        let json = self.json_class();
        for (name, default, rule, class) in [
            ("features.json_format", "ALLOW", rules::MESSAGE_JSON_FORMAT_CHANGED, json),
            ("features.utf8_validation", "VERIFY", rules::FIELD_CODEGEN_OPTION_CHANGED, None),
            (
                "features.repeated_field_encoding",
                "PACKED",
                rules::FIELD_CODEGEN_OPTION_CHANGED,
                None,
            ),
        ] {
            let value = |options: &[OptionValue]| {
                option(options, name).map_or(default.to_owned(), |option| option.value.clone())
            };
            if value(old) != value(new) {
                let path = keyed(base, "options", name);
                let at = |options: &[OptionValue], (file, span): Place| {
                    (file, option(options, name).map_or(span, |option| option.span))
                };
                let (was, is) = (at(old, sides.old), at(new, sides.new));
                let row = self.row(rule, Modified, path, Some(was), Some(is));
                row.old = Some(value(old).into());
                row.new = Some(value(new).into());
                row.class = class.unwrap_or(row.class);
            }
        }
    }

    fn imports(&mut self, base: &str) {
        let files = |set: &Set<'a>| -> BTreeSet<String> {
            let imports = set.files.iter().skip(1).map(|file| file.path.to_string());
            imports.collect()
        };
        let names = |set: &Set<'a>| -> BTreeSet<&'a str> {
            set.files[0].proto.imports.iter().map(|import| import.text.as_str()).collect()
        };
        let (was, is) = (names(self.old), names(self.new));
        for name in was.symmetric_difference(&is) {
            let find = |set: &Set<'a>| {
                let imports = &set.files[0].proto.imports;
                imports.iter().find(|import| import.text == **name).map(|import| (0, import.span))
            };
            let (a, b) = (find(self.old), find(self.new));
            let ty = if a.is_some() { Removed } else { Added };
            let row = self.row(rules::IMPORT_CHANGED, ty, keyed(base, "imports", name), a, b);
            row.old = a.map(|_| (*name).into());
            row.new = b.map(|_| (*name).into());
            self.anchored((0, Span::default()));
        }
        for path in files(self.old).difference(&files(self.new)) {
            let at = self.old.files.iter().position(|file| file.path.as_str() == path);
            let place = at.map(|file| (file, Span::default()));
            let row =
                self.row(rules::FILE_REMOVED, Removed, keyed("grpc", "files", path), place, None);
            row.old = Some(path.as_str().into());
            self.anchored((0, Span::default()));
        }
    }

    fn services(&mut self) {
        let names: BTreeSet<String> =
            self.old.services.keys().chain(self.new.services.keys()).cloned().collect();
        for name in names {
            let path = keyed("grpc", "services", &name);
            let (a, b) = (self.old.services.get(&name), self.new.services.get(&name));
            let place =
                |s: &super::set::In<'a, crate::spec::proto::Service>| (s.file, s.node.name.span);
            let (a_at, b_at) = (a.map(place), b.map(place));
            match (a, b) {
                (Some(a), Some(b)) => {
                    let sides =
                        Sides { old: (a.file, a.node.name.span), new: (b.file, b.node.name.span) };
                    let (x, y) = (&a.node.options, &b.node.options);
                    self.deprecation(&path, x, y, sides);
                    self.custom_options(&path, "", x, y, sides);
                }
                (Some(a), None) => {
                    self.row(rules::SERVICE_REMOVED, Removed, path, a_at, None).old =
                        Some(name.as_str().into());
                    self.anchored(self.new.home(self.old, a.file));
                }
                _ => {
                    self.row(rules::SERVICE_ADDED, Added, path, None, b_at).new =
                        Some(name.as_str().into());
                }
            }
        }
        let names: BTreeSet<String> =
            self.old.rpcs.keys().chain(self.new.rpcs.keys()).cloned().collect();
        for name in names {
            let path = keyed("grpc", "rpcs", &name);
            let service = name.rsplit_once('.').map_or("", |(service, _)| service).to_owned();
            let (old, new) = (self.old, self.new);
            match (old.rpcs.get(&name), new.rpcs.get(&name)) {
                (Some(a), Some(b)) => self.rpc(&path, a, b),
                (Some(a), None) => {
                    // A service that is gone says it all.
                    let Some(kept) = new.services.get(&service) else { continue };
                    let row = self.row(
                        rules::RPC_REMOVED,
                        Removed,
                        path,
                        Some((a.file, a.method.name.span)),
                        None,
                    );
                    row.old = Some(name.as_str().into());
                    self.anchored((kept.file, kept.node.name.span));
                }
                (None, Some(b)) if old.services.contains_key(&service) => {
                    let row = self.row(
                        rules::RPC_ADDED,
                        Added,
                        path,
                        None,
                        Some((b.file, b.method.name.span)),
                    );
                    row.new = Some(name.as_str().into());
                }
                _ => {}
            }
        }
    }

    fn rpc(&mut self, path: &str, a: &Rpc<'a>, b: &Rpc<'a>) {
        let sides = Sides { old: (a.file, a.method.name.span), new: (b.file, b.method.name.span) };
        let row = |differ: &mut Self, rule, path: String, old: &str, new: &str| {
            let row = differ.row(rule, Modified, path, Some(sides.old), Some(sides.new));
            row.old = Some(old.into());
            row.new = Some(new.into());
        };
        for (rule, step, was, is) in [
            (rules::RPC_REQUEST_TYPE_CHANGED, "request", &a.input, &b.input),
            (rules::RPC_RESPONSE_TYPE_CHANGED, "response", &a.output, &b.output),
        ] {
            if was != is {
                let is_alike = self.are_alike(was, is);
                row(self, rule, format!("{path}.{step}"), was, is);
                if let Some(row) = self.rows.last_mut().filter(|_| is_alike) {
                    row.class = Class::PotentialBreaking;
                }
            }
        }
        let word = |is: bool| if is { "stream" } else { "unary" };
        for (rule, was, is) in [
            (
                rules::RPC_CLIENT_STREAMING_CHANGED,
                a.method.is_client_streaming,
                b.method.is_client_streaming,
            ),
            (
                rules::RPC_SERVER_STREAMING_CHANGED,
                a.method.is_server_streaming,
                b.method.is_server_streaming,
            ),
        ] {
            if was != is {
                row(self, rule, path.to_owned(), word(was), word(is));
            }
        }
        let options = (&a.method.options[..], &b.method.options[..]);
        self.option(
            path,
            rules::RPC_IDEMPOTENCY_CHANGED,
            "idempotency_level",
            options,
            sides,
            None,
        );
        let route =
            |options: &[OptionValue]| option(options, "(google.api.http)").map(|o| o.value.clone());
        let (was, is) = (route(options.0), route(options.1));
        let rule = match (&was, &is) {
            (None, Some(_)) => rules::RPC_HTTP_ROUTE_ADDED,
            (Some(_), None) => rules::RPC_HTTP_ROUTE_REMOVED,
            _ => rules::RPC_HTTP_ROUTE_CHANGED,
        };
        if was != is {
            let row =
                self.row(rule, Modified, format!("{path}.http"), Some(sides.old), Some(sides.new));
            row.old = was.map(Into::into);
            row.new = is.map(Into::into);
        }
        self.deprecation(path, options.0, options.1, sides);
        self.custom_options(path, &a.input, options.0, options.1, sides);
    }

    /// Whether two messages have the same fields.
    fn are_alike(&self, old: &str, new: &str) -> bool {
        let (Some(a), Some(b)) = (self.old.messages.get(old), self.new.messages.get(new)) else {
            return false;
        };
        let fields = |message: &crate::spec::proto::Message| {
            let mut all: Vec<(i64, String, String)> = message
                .fields
                .iter()
                .map(|f| {
                    (
                        f.number,
                        f.name.text.clone(),
                        format!("{:?} {:?} {}", f.label, f.map_key, f.ty),
                    )
                })
                .collect();
            all.sort();
            all
        };
        fields(a.node) == fields(b.node)
    }

    fn messages(&mut self) {
        let (old, new) = (self.old, self.new);
        let names: BTreeSet<&String> = old.messages.keys().chain(new.messages.keys()).collect();
        for name in names {
            let path = keyed("grpc", "messages", name);
            match (old.messages.get(name), new.messages.get(name)) {
                (Some(a), Some(b)) => self.message(name, *a, *b),
                (Some(a), None) => {
                    let is_reached = old.directions.contains_key(name);
                    let row = self.row(
                        rules::MESSAGE_REMOVED,
                        Removed,
                        path,
                        Some((a.file, a.node.name.span)),
                        None,
                    );
                    row.class = if is_reached { Class::Breaking } else { Class::PotentialBreaking };
                    row.old = Some(name.as_str().into());
                    self.anchored(self.new.home(self.old, a.file));
                }
                (None, Some(b)) => {
                    let row = self.row(
                        rules::MESSAGE_ADDED,
                        Added,
                        path,
                        None,
                        Some((b.file, b.node.name.span)),
                    );
                    row.new = Some(name.as_str().into());
                }
                _ => {}
            }
        }
        let names: BTreeSet<&String> = old.enums.keys().chain(new.enums.keys()).collect();
        for name in names {
            let path = keyed("grpc", "enums", name);
            match (old.enums.get(name), new.enums.get(name)) {
                (Some(a), Some(b)) => self.enumeration(name, *a, *b),
                (Some(a), None) => {
                    let row = self.row(
                        rules::ENUM_REMOVED,
                        Removed,
                        path,
                        Some((a.file, a.node.name.span)),
                        None,
                    );
                    row.old = Some(name.as_str().into());
                    self.anchored(self.new.home(self.old, a.file));
                }
                (None, Some(b)) => {
                    let row = self.row(
                        rules::ENUM_ADDED,
                        Added,
                        path,
                        None,
                        Some((b.file, b.node.name.span)),
                    );
                    row.new = Some(name.as_str().into());
                }
                _ => {}
            }
        }
        let names: BTreeSet<&String> = old.extensions.keys().chain(new.extensions.keys()).collect();
        for name in names {
            let path = keyed("grpc", "extensions", name);
            match (old.extensions.get(name), new.extensions.get(name)) {
                (Some(a), Some(b)) => {
                    let (was, is) = (&a.node.field, &b.node.field);
                    if was.number != is.number {
                        let (x, y) = ((a.file, was.number_span), (b.file, is.number_span));
                        let rule = rules::FIELD_NUMBER_CHANGED;
                        let row = self.row(rule, Modified, path.clone(), Some(x), Some(y));
                        row.old = Some(was.number.into());
                        row.new = Some(is.number.into());
                    }
                    let of = b.node.of.clone();
                    self.field(&of, &path, (a.file, &a.node.field), (b.file, &b.node.field));
                }
                (Some(a), None) => {
                    let row = self.row(
                        rules::EXTENSION_REMOVED,
                        Removed,
                        path,
                        Some((a.file, a.node.field.name.span)),
                        None,
                    );
                    row.old = Some(name.as_str().into());
                    self.anchored(self.new.home(self.old, a.file));
                }
                (None, Some(b)) => {
                    let row = self.row(
                        rules::EXTENSION_ADDED,
                        Added,
                        path,
                        None,
                        Some((b.file, b.node.field.name.span)),
                    );
                    row.new = Some(name.as_str().into());
                }
                _ => {}
            }
        }
    }

    /// Packages such as `v1alpha1` promise nothing, if the settings say so.
    fn cap(&mut self, package: &str) {
        if !self.settings.proto_cap_unstable || !is_unstable(package) {
            return;
        }
        for row in &mut self.rows {
            if row.class > Class::NonBreaking {
                row.class = Class::NonBreaking;
                row.reason.push_str(&format!(" (unstable: {package})"));
            }
        }
    }
}

/// Whether a rule of validation admits more than before: an upper limit that rose, or a lower one
/// that fell.
fn is_looser(name: &str, a: Option<&OptionValue>, b: Option<&OptionValue>) -> bool {
    let number = |option: Option<&OptionValue>| option?.value.replace(' ', "").parse::<f64>().ok();
    let (Some(a), Some(b)) = (number(a), number(b)) else { return false };
    let last = name.rsplit('.').next().unwrap_or("");
    match last {
        "lt" | "lte" | "max_len" | "max_bytes" | "max_items" | "max_pairs" => b > a,
        "gt" | "gte" | "min_len" | "min_bytes" | "min_items" | "min_pairs" => b < a,
        _ => false,
    }
}

/// `v1alpha1`, `v1beta`, `v2test`, `v1p1beta1`.
fn is_unstable(package: &str) -> bool {
    let last = package.rsplit('.').next().unwrap_or("");
    let Some(rest) = last.strip_prefix('v') else { return false };
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let major = digits(rest);
    let rest = &rest[major..];
    let rest = match rest.strip_prefix('p') {
        Some(patch) => &patch[digits(patch)..],
        None => rest,
    };
    major > 0
        && ["alpha", "beta", "test"]
            .iter()
            .any(|word| rest.strip_prefix(word).is_some_and(|end| end.len() == digits(end)))
}
