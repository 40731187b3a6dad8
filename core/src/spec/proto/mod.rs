//! A tolerant reader of protobuf files: declarations and syntax errors with their places.

mod parser;
pub mod tokens;
pub mod types;

use super::BundlePath;
use crate::text::Span;
use crate::yaml::SyntaxError;

pub use parser::parse;

/// What a `.proto` file declares.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proto {
    /// `proto2`, `proto3`, or an edition such as `2023`; proto2 without a declaration.
    pub syntax: String,
    pub syntax_span: Option<Span>,
    pub package: Option<Name>,
    pub imports: Vec<Name>,
    pub options: Vec<OptionValue>,
    pub messages: Vec<Message>,
    pub enums: Vec<Enum>,
    pub services: Vec<Service>,
    pub extensions: Vec<Extension>,
    pub errors: Vec<SyntaxError>,
}

/// A name and where it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Name {
    pub text: String,
    pub span: Span,
}

/// An option: its name as written, and its value's tokens with one blank between them.
#[derive(Clone, Debug, PartialEq)]
pub struct OptionValue {
    pub name: String,
    pub value: String,
    pub span: Span,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    pub name: Name,
    pub fields: Vec<Field>,
    pub messages: Vec<Message>,
    pub enums: Vec<Enum>,
    pub oneofs: Vec<Oneof>,
    pub reserved: Reserved,
    /// Ranges of numbers that extensions may use.
    pub extension_ranges: Vec<(i64, i64, Span)>,
    pub extensions: Vec<Extension>,
    pub options: Vec<OptionValue>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Oneof {
    pub name: Name,
    pub options: Vec<OptionValue>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Label {
    #[default]
    None,
    Optional,
    Required,
    Repeated,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Field {
    pub name: Name,
    pub number: i64,
    pub number_span: Span,
    /// As written; the value's type for maps.
    pub ty: String,
    /// The key's type, for maps.
    pub map_key: Option<String>,
    pub label: Label,
    pub oneof: Option<String>,
    pub is_group: bool,
    pub options: Vec<OptionValue>,
}

/// Numbers and names that must not be used again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reserved {
    pub ranges: Vec<(i64, i64, Span)>,
    pub names: Vec<Name>,
}

impl Reserved {
    pub fn has_number(&self, number: i64) -> bool {
        self.ranges.iter().any(|(from, to, _)| (*from..=*to).contains(&number))
    }

    pub fn has_name(&self, name: &str) -> bool {
        self.names.iter().any(|reserved| reserved.text == name)
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Enum {
    pub name: Name,
    pub values: Vec<EnumValue>,
    pub reserved: Reserved,
    pub options: Vec<OptionValue>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct EnumValue {
    pub name: Name,
    pub number: i64,
    pub options: Vec<OptionValue>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Service {
    pub name: Name,
    pub methods: Vec<Method>,
    pub options: Vec<OptionValue>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Method {
    pub name: Name,
    pub input: String,
    pub output: String,
    pub is_client_streaming: bool,
    pub is_server_streaming: bool,
    pub options: Vec<OptionValue>,
}

/// `extend Message { … }`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extension {
    /// The message that is extended, as written.
    pub of: String,
    pub field: Field,
}

/// The value of an option.
pub fn option<'o>(options: &'o [OptionValue], name: &str) -> Option<&'o OptionValue> {
    options.iter().find(|option| option.name == name)
}

/// Whether every compiler has an import.
pub fn is_built_in(import: &str) -> bool {
    ["google/protobuf/", "google/api/", "google/rpc/", "google/type/", "buf/validate/"]
        .iter()
        .any(|prefix| import.starts_with(prefix))
}

/// Where the import of the file at `from` may be: named from the bundle's root, from the folder of
/// the file, or from a folder above it.
pub fn import_candidates(from: &str, import: &str) -> Vec<String> {
    let mut found = vec![import.to_owned()];
    let mut folder = from;
    while let Some((outer, _)) = folder.rsplit_once('/') {
        found.push(format!("{outer}/{import}"));
        folder = outer;
    }
    found.iter().filter_map(|path| BundlePath::parse(path).ok()).map(|p| p.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_read_with_their_places() {
        let text = r#"
            syntax = "proto3";
            package acme.v1;
            import "google/type/money.proto";
            option go_package = "acme/v1";
            message A {
              option deprecated = true;
              reserved 4, 6 to 8, 100 to max;
              reserved "old", "older";
              string x = 1 [json_name = "ex", (custom) = { a: 1 b: [2] }];
              map<string, B> many = 2;
              oneof kind { int32 n = 3; B b = 5; }
              message B { repeated A list = 1; }
              enum E { UNKNOWN = 0; ONE = 1 [deprecated = true]; MINUS = -1; }
            }
            extend google.protobuf.FieldOptions { string custom = 50000; }
            service S {
              option deprecated = true;
              rpc Get (A) returns (stream A) { option (google.api.http) = { get: "/a" }; }
              rpc Put (stream A) returns (A) {}
            }"#;
        let proto = parse(text);
        assert!(proto.errors.is_empty(), "{:?}", proto.errors);
        assert_eq!(proto.package.unwrap().text, "acme.v1");
        let a = &proto.messages[0];
        let names: Vec<&str> = a.fields.iter().map(|f| f.name.text.as_str()).collect();
        assert_eq!(names, ["x", "many", "n", "b"]);
        assert_eq!(a.fields[1].map_key.as_deref(), Some("string"));
        assert_eq!(a.fields[2].oneof.as_deref(), Some("kind"));
        assert_eq!(a.fields[0].options[1].name, "(custom)");
        assert!(
            a.reserved.has_number(7) && a.reserved.has_number(5000) && a.reserved.has_name("old")
        );
        assert_eq!(a.enums[0].values[2].number, -1);
        let s = &proto.services[0];
        assert!(s.methods[0].is_server_streaming && s.methods[1].is_client_streaming);
        assert_eq!(s.methods[0].options[0].name, "(google.api.http)");
        assert_eq!(proto.extensions[0].field.number, 50000);
        assert_eq!(a.fields[0].name.span.slice(text), "x");
    }

    #[test]
    fn broken_files_say_what_is_wrong() {
        for (text, message) in [
            ("message A {", "this brace is never closed"),
            ("syntax = \"proto3\"\nmessage A {}", "a semicolon is missing after this statement"),
            ("foo bar;", "expected syntax"),
            ("/* open", "never closed"),
            ("service S { rpc Get (A) returns (A) }", "a semicolon is missing after this rpc"),
            ("message A { string x = ; }", "a number is missing here"),
            ("message A { string = 1; }", "a name is missing here"),
            ("message A { string x = 1 }", "a semicolon is missing after this field"),
        ] {
            let errors = parse(text).errors;
            assert!(errors.iter().any(|e| e.message.contains(message)), "{text}: {errors:?}");
        }
    }

    #[test]
    fn deep_nesting_ends() {
        let deep = "message A {".repeat(100_000);
        assert!(!parse(&deep).errors.is_empty());
    }
}
