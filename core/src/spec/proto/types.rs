//! Names of types in a `.proto` file: where they are declared and where they are used.

use std::collections::BTreeMap;

use super::tokens::{Token, tokens};
use super::{Enum, Message, Name, Proto};
use crate::text::Span;

/// A type's name where it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeUse {
    /// As written.
    pub text: String,
    pub span: Span,
    /// The full name of the message that it stands in, or the package.
    scope: String,
}

impl TypeUse {
    /// The full names that it may mean, innermost first (protobuf language specification, "Type
    /// name resolution").
    pub fn candidates(&self) -> Vec<String> {
        if let Some(full) = self.text.strip_prefix('.') {
            return vec![full.to_owned()];
        }
        let mut scope = self.scope.as_str();
        let mut found = Vec::new();
        loop {
            if scope.is_empty() {
                found.push(self.text.clone());
                return found;
            }
            found.push(format!("{scope}.{}", self.text));
            scope = scope.rsplit_once('.').map_or("", |(outer, _)| outer);
        }
    }
}

/// The messages, enumerations and services of a file by their full names.
pub fn declared(proto: &Proto) -> BTreeMap<String, Span> {
    let package = proto.package.as_ref().map_or("", |name| &name.text);
    let mut found = BTreeMap::new();
    add(package, &proto.messages, &proto.enums, &mut found);
    for service in &proto.services {
        found.insert(full(package, &service.name), service.name.span);
    }
    found
}

fn full(scope: &str, name: &Name) -> String {
    if scope.is_empty() { name.text.clone() } else { format!("{scope}.{}", name.text) }
}

fn add(scope: &str, messages: &[Message], enums: &[Enum], found: &mut BTreeMap<String, Span>) {
    for item in enums {
        found.insert(full(scope, &item.name), item.name.span);
    }
    for message in messages {
        let name = full(scope, &message.name);
        add(&name, &message.messages, &message.enums, found);
        found.insert(name, message.name.span);
    }
}

/// The words of a file that stand where the name of a type may stand.
pub fn type_uses(text: &str) -> Vec<TypeUse> {
    let tokens = tokens(text, &mut Vec::new());
    let word = |at: usize| match tokens.get(at) {
        Some((Token::Word(word), _)) => Some(*word),
        _ => None,
    };
    let mark =
        |at: usize, mark: u8| matches!(tokens.get(at), Some((Token::Mark(m), _)) if *m == mark);
    let mut scopes: Vec<String> = Vec::new();
    let mut package = String::new();
    let mut found = Vec::new();
    for (at, (token, span)) in tokens.iter().enumerate() {
        match *token {
            Token::Mark(b'{') => {
                let outer = scopes.last().unwrap_or(&package).clone();
                let is_message = at > 1 && word(at - 2) == Some("message");
                let name = is_message.then(|| word(at - 1)).flatten();
                scopes.push(match name {
                    Some(name) if outer.is_empty() => name.to_owned(),
                    Some(name) => format!("{outer}.{name}"),
                    None => outer,
                });
            }
            Token::Mark(b'}') => {
                scopes.pop();
            }
            Token::Word("package") if mark(at + 2, b';') => {
                package = word(at + 1).unwrap_or("").to_owned();
            }
            Token::Word(text) => {
                let before = at.checked_sub(1).and_then(word);
                // `Type name =`, `map<K, Type>`, `(Type)`, `(stream Type)`, `extend Type {`.
                let is_type = (word(at + 1).is_some() && mark(at + 2, b'='))
                    || mark(at + 1, b'>')
                    || mark(at + 1, b')')
                    || (before == Some("extend") && mark(at + 1, b'{'));
                if is_type {
                    let scope = scopes.last().unwrap_or(&package).clone();
                    found.push(TypeUse { text: text.to_owned(), span: *span, scope });
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_know_their_scope() {
        let text = "package p.v1;\nmessage A { message B {} B one = 1; map<string, .p.v1.C> two = 2; }\nservice S { rpc Get (A) returns (stream C); }\n";
        let uses = type_uses(text);
        let texts: Vec<&str> = uses.iter().map(|u| u.text.as_str()).collect();
        assert_eq!(texts, ["B", ".p.v1.C", "A", "C"]);
        assert_eq!(uses[0].candidates(), ["p.v1.A.B", "p.v1.B", "p.B", "B"]);
        assert_eq!(uses[1].candidates(), ["p.v1.C"]);
        let names: Vec<String> = declared(&super::super::parse(text)).into_keys().collect();
        assert_eq!(names, ["p.v1.A", "p.v1.A.B", "p.v1.S"]);
    }
}
