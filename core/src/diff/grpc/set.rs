//! The declarations of a `.proto` file and of the files of the bundle that it imports.

use std::collections::{BTreeMap, BTreeSet};

use crate::bundle::BundleView;
use crate::diff::docs::{Level, Problem};
use crate::diff::side::FileSide;
use crate::fact::Fact;
use crate::place::{Anchor, FileRef};
use crate::root::Root;
use crate::spec::BundlePath;
use crate::spec::proto::{
    Enum, Extension, Field, Label, Message, Method, OptionValue, Proto, Service, import_candidates,
    is_built_in, option,
};
use crate::text::Span;

/// How far into a set of files a name reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Direction {
    pub is_request: bool,
    pub is_response: bool,
}

/// A declaration with the file that it stands in.
pub struct In<'a, T> {
    pub file: usize,
    pub node: &'a T,
}

impl<T> Clone for In<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for In<'_, T> {}

/// A place in a file of the set.
pub type Place = (usize, Span);

pub struct File<'a> {
    pub path: BundlePath,
    pub proto: &'a Proto,
}

pub struct Rpc<'a> {
    pub method: &'a Method,
    pub file: usize,
    pub input: String,
    pub output: String,
}

pub struct Set<'a> {
    pub files: Vec<File<'a>>,
    pub messages: BTreeMap<String, In<'a, Message>>,
    pub enums: BTreeMap<String, In<'a, Enum>>,
    pub services: BTreeMap<String, In<'a, Service>>,
    pub rpcs: BTreeMap<String, Rpc<'a>>,
    pub extensions: BTreeMap<String, In<'a, Extension>>,
    pub directions: BTreeMap<String, Direction>,
    pub problems: Vec<Problem>,
    pub is_json: bool,
    is_other: bool,
    root: Root,
}

/// Upper bound on the files that are read.
const MAX_FILES: usize = 1_000;
impl<'a> Set<'a> {
    pub fn read(side: FileSide<'a>) -> Set<'a> {
        let mut set = Set {
            files: Vec::new(),
            messages: BTreeMap::new(),
            enums: BTreeMap::new(),
            services: BTreeMap::new(),
            rpcs: BTreeMap::new(),
            extensions: BTreeMap::new(),
            directions: BTreeMap::new(),
            problems: Vec::new(),
            is_json: false,
            is_other: side.is_other,
            root: side.bundle.root().clone(),
        };
        set.file(side.bundle, side.path.clone(), side.named_at.cloned());
        set
    }

    fn file(&mut self, bundle: &'a dyn BundleView, path: BundlePath, named_at: Option<Anchor>) {
        let mut queue = vec![(path, named_at, false)];
        let mut seen = BTreeSet::new();
        while let Some((path, named_at, is_import)) = queue.pop() {
            if !seen.insert(path.clone()) {
                continue;
            }
            if self.files.len() >= MAX_FILES {
                self.problems.push(Problem {
                    code: "LIMIT_REACHED",
                    level: Level::Warning,
                    message: format!("{path}: not read; at most {MAX_FILES} files are imported"),
                    at: named_at,
                });
                continue;
            }
            let proto = match bundle.proto(&path) {
                Fact::Ready(proto) => proto,
                Fact::Pending => continue,
                Fact::Failed(failure) => {
                    let code = if is_import { "SPEC_REF_UNRESOLVED" } else { "FILE_NOT_FOUND" };
                    let message = format!("{path}: {failure}");
                    self.problems.push(Problem {
                        code,
                        level: Level::Error,
                        message,
                        at: named_at,
                    });
                    continue;
                }
            };
            let number = self.files.len();
            self.files.push(File { path: path.clone(), proto });
            if let Some(error) = proto.errors.first() {
                self.problems.push(Problem {
                    code: "INVALID_INTERFACE_SPEC",
                    level: Level::Error,
                    message: format!("{path}: {}", error.message),
                    at: Some(self.anchor(number, error.span)),
                });
            }
            for import in &proto.imports {
                if is_built_in(&import.text) {
                    continue;
                }
                let at = Some(self.anchor(number, import.span));
                match import_path(bundle, &path, &import.text) {
                    Some(target) => queue.push((target, at, true)),
                    None => self.problems.push(Problem {
                        code: "PATH_ESCAPES_BUNDLE",
                        level: Level::Error,
                        message: format!("`{}` points outside the bundle", import.text),
                        at,
                    }),
                }
            }
        }
    }

    pub fn anchor(&self, file: usize, span: Span) -> Anchor {
        let path = self.files[file].path.to_string();
        Anchor::bytes(
            match self.is_other {
                true => FileRef::Other { root: self.root.clone(), path },
                false => FileRef::Bundle(path),
            },
            span,
        )
    }

    pub fn main(&self) -> Option<&File<'a>> {
        self.files.first()
    }

    pub fn package(&self) -> Option<&'a str> {
        self.main()?.proto.package.as_ref().map(|name| name.text.as_str())
    }

    /// Names everything. The package `from` is called `to`, so that a renamed package can be
    /// compared by what it holds.
    pub fn index(&mut self, rename: Option<(&str, &str)>) {
        for file in 0..self.files.len() {
            let proto = self.files[file].proto;
            let own = proto.package.as_ref().map_or("", |name| name.text.as_str());
            let package = match rename {
                Some((from, to)) if own == from => to,
                _ => own,
            }
            .to_owned();
            for message in &proto.messages {
                self.message(&package, file, message);
            }
            for found in &proto.enums {
                self.enums.insert(full(&package, &found.name.text), In { file, node: found });
            }
            for extension in &proto.extensions {
                let name = full(&package, &extension.field.name.text);
                self.extensions.insert(name, In { file, node: extension });
            }
            for service in &proto.services {
                self.services
                    .insert(full(&package, &service.name.text), In { file, node: service });
            }
        }
        let services: Vec<_> =
            self.services.iter().map(|(n, s)| (n.clone(), s.file, s.node)).collect();
        for (name, file, service) in services {
            for method in &service.methods {
                let input = self.resolve(&name, &method.input);
                let output = self.resolve(&name, &method.output);
                self.is_json |= option(&method.options, "(google.api.http)").is_some();
                let rpc = Rpc { method, file, input, output };
                self.rpcs.insert(full(&name, &method.name.text), rpc);
            }
        }
        self.reach();
    }

    fn message(&mut self, scope: &str, file: usize, message: &'a Message) {
        let name = full(scope, &message.name.text);
        for inner in &message.messages {
            self.message(&name, file, inner);
        }
        for inner in &message.enums {
            self.enums.insert(full(&name, &inner.name.text), In { file, node: inner });
        }
        for extension in &message.extensions {
            let name = full(&name, &extension.field.name.text);
            self.extensions.insert(name, In { file, node: extension });
        }
        self.messages.insert(name, In { file, node: message });
    }

    /// The full name of a type that is written in `scope` (protobuf language specification, "Type
    /// Name Resolution").
    pub fn resolve(&self, scope: &str, written: &str) -> String {
        if let Some(absolute) = written.strip_prefix('.') {
            return absolute.to_owned();
        }
        let mut scope = scope;
        loop {
            let candidate = full(scope, written);
            if self.messages.contains_key(&candidate) || self.enums.contains_key(&candidate) {
                return candidate;
            }
            match scope.rsplit_once('.') {
                Some((outer, _)) => scope = outer,
                None if !scope.is_empty() => scope = "",
                None => return written.to_owned(),
            }
        }
    }

    /// Which messages and enums requests and responses reach.
    fn reach(&mut self) {
        let starts: Vec<(String, bool)> = self
            .rpcs
            .values()
            .flat_map(|rpc| [(rpc.input.clone(), true), (rpc.output.clone(), false)])
            .collect();
        let mut stack = starts;
        while let Some((name, is_request)) = stack.pop() {
            let direction = self.directions.entry(name.clone()).or_default();
            let slot = match is_request {
                true => &mut direction.is_request,
                false => &mut direction.is_response,
            };
            if std::mem::replace(slot, true) {
                continue;
            }
            if let Some(message) = self.messages.get(&name) {
                for field in &message.node.fields {
                    stack.push((self.resolve(&name, &field.ty), is_request));
                }
            }
        }
    }

    /// A feature of a declaration: its own, or that of its file (protobuf, "Feature Settings for
    /// Editions").
    pub fn feature(&self, file: usize, options: &'a [OptionValue], name: &str) -> Option<&'a str> {
        let own = option(options, name).or_else(|| option(&self.files[file].proto.options, name));
        own.map(|option| option.value.as_str())
    }

    /// Whether a message is written as a group rather than with its length.
    pub fn is_group(&self, file: usize, field: &'a Field) -> bool {
        let feature = || self.feature(file, &field.options, "features.message_encoding");
        field.is_group || field.map_key.is_none() && feature() == Some("DELIMITED")
    }

    /// Whether a field must be there.
    pub fn is_required(&self, file: usize, field: &'a Field) -> bool {
        let is_single =
            field.label == Label::None && field.oneof.is_none() && field.map_key.is_none();
        let feature = || self.feature(file, &field.options, "features.field_presence");
        field.label == Label::Required || is_single && feature() == Some("LEGACY_REQUIRED")
    }

    /// The file of this set at the place of a file of another.
    pub fn home(&self, other: &Set<'_>, file: usize) -> Place {
        let path = &other.files[file].path;
        let found = self.files.iter().position(|file| file.path == *path);
        (found.unwrap_or(0), Span::default())
    }

    /// Whether a field's presence can be seen (protobuf, "Field Presence").
    pub fn has_presence(&self, file: usize, label: Label, options: &[OptionValue]) -> bool {
        if let Some(feature) = option(options, "features.field_presence") {
            return feature.value != "IMPLICIT";
        }
        let proto = self.files[file].proto;
        match proto.syntax.as_str() {
            "proto3" => label == Label::Optional,
            "proto2" => true,
            _ => option(&proto.options, "features.field_presence")
                .is_none_or(|feature| feature.value != "IMPLICIT"),
        }
    }

    pub fn is_open(&self, file: usize, options: &[OptionValue]) -> bool {
        let proto = self.files[file].proto;
        let feature = option(options, "features.enum_type")
            .or_else(|| option(&proto.options, "features.enum_type"));
        match (feature, proto.syntax.as_str()) {
            (Some(feature), _) => feature.value != "CLOSED",
            (None, syntax) => syntax != "proto2",
        }
    }
}

/// Whether an option is switched on.
pub fn is_true(options: &[OptionValue], name: &str) -> bool {
    option(options, name).is_some_and(|option| option.value == "true")
}

pub fn full(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

/// The file of the bundle that an import names.
fn import_path(bundle: &dyn BundleView, from: &BundlePath, text: &str) -> Option<BundlePath> {
    BundlePath::parse(text).ok()?;
    let candidates = import_candidates(from.as_str(), text);
    let is_there = |path: &&String| match bundle.files() {
        Fact::Ready(files) => files.iter().any(|file| file == *path),
        _ => true,
    };
    let found = candidates.iter().find(is_there).or(candidates.first())?;
    BundlePath::parse(found).ok()
}
