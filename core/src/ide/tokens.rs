//! What the words of a file are, for colours (LSP 3.17, "Semantic Tokens").

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::occurrences::is_named;
use super::site::Site;
use crate::contract::Place;
use crate::db;
use crate::schema::field_at;
use crate::schema::format::{StrRule, Type};
use crate::spec::proto::tokens::{Token as Word, tokens as words};
use crate::spec::proto::types::{declared, type_uses};
use crate::spec::proto::{Enum, Message, Proto};
use crate::text::Span;
use crate::yaml::{Kind, NodeId, Scalar, Segment, Tree, path_of, resolve_plain};

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType {
    Namespace,
    Property,
    EnumMember,
    String,
    Number,
    Keyword,
    Operator,
    Variable,
    Comment,
    Type,
}

impl TokenType {
    /// In the order of their numbers.
    pub const ALL: [TokenType; 10] = [
        TokenType::Namespace,
        TokenType::Property,
        TokenType::EnumMember,
        TokenType::String,
        TokenType::Number,
        TokenType::Keyword,
        TokenType::Operator,
        TokenType::Variable,
        TokenType::Comment,
        TokenType::Type,
    ];

    /// As the protocol calls it.
    pub fn text(self) -> &'static str {
        match self {
            TokenType::Namespace => "namespace",
            TokenType::Property => "property",
            TokenType::EnumMember => "enumMember",
            TokenType::String => "string",
            TokenType::Number => "number",
            TokenType::Keyword => "keyword",
            TokenType::Operator => "operator",
            TokenType::Variable => "variable",
            TokenType::Comment => "comment",
            TokenType::Type => "type",
        }
    }

    /// Whether every grammar of the language tells it from the text alone.
    pub fn is_lexical(self) -> bool {
        use TokenType::{Comment, Number, Operator, String};
        matches!(self, Comment | Number | Operator | String)
    }
}

/// What is said of a word besides, as a set of bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modifiers(pub u32);

impl Modifiers {
    pub const DECLARATION: Modifiers = Modifiers(1);
    pub const DEPRECATED: Modifiers = Modifiers(2);
    pub const READONLY: Modifiers = Modifiers(4);
    /// It is not as it was in the baseline.
    pub const MODIFICATION: Modifiers = Modifiers(8);
    pub const DEFAULT_LIBRARY: Modifiers = Modifiers(16);

    /// As the protocol calls them, lowest bit first.
    pub const NAMES: [&str; 5] =
        ["declaration", "deprecated", "readonly", "modification", "defaultLibrary"];

    pub fn and(self, other: Modifiers) -> Modifiers {
        Modifiers(self.0 | other.0)
    }

    /// Their names.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let all = Modifiers::NAMES.into_iter().enumerate();
        all.filter(move |(bit, _)| self.0 & (1 << bit) != 0).map(|(_, name)| name)
    }
}

/// A word; it may go over several lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub span: Span,
    pub ty: TokenType,
    pub modifiers: Modifiers,
}

/// What is marked in a file besides what its text says.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    /// Where findings say that something is deprecated.
    pub deprecated: Vec<Span>,
    /// What changed since the baseline.
    pub modified: FxHashSet<Span>,
}

/// The words of a file that touch `within`, in order; none overlaps another.
pub fn tokens(site: &Site<'_>, within: Span, marks: &Marks) -> Vec<Token> {
    let mut found = match site.is_proto() {
        true => in_proto(site),
        false => in_data(site, within),
    };
    found.retain(|token| {
        !token.span.is_empty() && token.span.end >= within.start && token.span.start <= within.end
    });
    found.sort_by_key(|token| token.span);
    let mut end = 0;
    found.retain(|token| {
        let is_free = token.span.start >= end;
        end = end.max(token.span.end);
        is_free
    });
    let read_only = if site.root.is_folder() { Modifiers(0) } else { Modifiers::READONLY };
    for token in &mut found {
        token.modifiers = token.modifiers.and(read_only);
        if marks.deprecated.iter().any(|span| span.contains_span(token.span)) {
            token.modifiers = token.modifiers.and(Modifiers::DEPRECATED);
        }
        if marks.modified.contains(&token.span) {
            token.modifiers = token.modifiers.and(Modifiers::MODIFICATION);
        }
    }
    found
}

fn token(span: Span, ty: TokenType) -> Token {
    Token { span, ty, modifiers: Modifiers::default() }
}

fn declaring(span: Span, ty: TokenType) -> Token {
    Token { modifiers: Modifiers::DECLARATION, ..token(span, ty) }
}

fn in_data(site: &Site<'_>, within: Span) -> Vec<Token> {
    let Some(tree) = site.tree() else { return Vec::new() };
    let mut found: Vec<Token> =
        tree.comments().iter().map(|span| token(*span, TokenType::Comment)).collect();
    for properties in tree.properties.values() {
        let anchor = properties.anchor.map(|span| declaring(span, TokenType::Variable));
        found.extend(anchor);
        found.extend(properties.tag.map(|span| token(span, TokenType::Type)));
    }
    let marks = tree.marks().iter().map(|(_, span)| token(*span, TokenType::Operator));
    found.extend(marks);
    let names = if site.is_contract() { declared_names(site) } else { Default::default() };
    for id in tree.ids() {
        let span = tree.span(id);
        let is_near = span.end >= within.start && span.start <= within.end;
        let is_word = tree.kind(id).is_scalar() || tree.kind(id) == Kind::Alias;
        if !is_near || !is_word || span.is_empty() {
            continue;
        }
        let pair = tree.parent(id).filter(|&pair| tree.kind(pair) == Kind::Pair);
        found.push(match pair.is_some_and(|pair| tree.key(pair) == id) {
            true => key(site, tree, id),
            false => value(site, tree, id, &names),
        });
    }
    found
}

/// The names that the entries of a contract's lists have, by node.
fn declared_names(site: &Site<'_>) -> BTreeMap<u32, Span> {
    let Some((model, tree)) = site.model().zip(site.tree()) else { return BTreeMap::new() };
    let own = super::entity::names(model).filter_map(|(_, field)| field.place());
    let service = model.service.as_ref().and_then(|service| service.name.place());
    let each = own.chain(service).filter(|place: &&Place| place.source == 0);
    each.map(|place| (tree.span(place.node).start, tree.span(place.node))).collect()
}

fn key(site: &Site<'_>, tree: &Tree, node: NodeId) -> Token {
    let span = tree.span(node);
    let path = path_of(tree, node);
    if path.0.len() == 1 {
        return token(span, TokenType::Namespace);
    }
    if site.is_contract() {
        // Settings are named by their schema, not by the format.
        return match field_at(&path, None) {
            Some(_) => token(span, TokenType::Property),
            None => token(span, TokenType::Variable),
        };
    }
    const METHODS: [&str; 8] =
        ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
    const SCHEMAS: [&str; 4] = ["schemas", "definitions", "$defs", "messages"];
    let above = path.0.iter().rev().nth(1);
    let is_below = |names: &[&str]| matches!(above, Some(Segment::Key(name)) if names.contains(&name.as_str()));
    let is_operation = || {
        let is_path = matches!(path.0.first(), Some(Segment::Key(name)) if name == "paths");
        is_path && path.0.len() == 3 && METHODS.contains(&&*tree.scalar_text(node))
    };
    match is_named(tree, node) {
        true if is_below(&SCHEMAS) => declaring(span, TokenType::Type),
        true => declaring(span, TokenType::Property),
        false if is_operation() => token(span, TokenType::Keyword),
        false => token(span, TokenType::Property),
    }
}

fn value(site: &Site<'_>, tree: &Tree, node: NodeId, names: &BTreeMap<u32, Span>) -> Token {
    let span = tree.span(node);
    if tree.kind(node) == Kind::Alias {
        return token(span, TokenType::Variable);
    }
    if names.get(&span.start) == Some(&span) {
        return declaring(span, TokenType::Variable);
    }
    let path = path_of(tree, node);
    if site.is_contract()
        && let Some((_, field)) = field_at(&path, None)
        && let Some(ty) = by_field(&field.ty, &tree.scalar_text(node))
    {
        return token(span, ty);
    }
    if !site.is_contract() {
        let [.., last] = path.0.as_slice() else { return token(span, plain(tree, node)) };
        let above = path.0.iter().rev().nth(1);
        let is_key = |segment: Option<&Segment>, names: &[&str]| matches!(segment, Some(Segment::Key(key)) if names.contains(&key.as_str()));
        if is_key(Some(last), &["$ref"]) {
            return token(span, TokenType::Type);
        }
        if is_key(Some(last), &["type", "in", "format"]) || is_key(above, &["type", "enum"]) {
            return token(span, TokenType::EnumMember);
        }
        if is_key(above, &["required"]) {
            return token(span, TokenType::Property);
        }
    }
    token(span, plain(tree, node))
}

/// What a field says of its value; `None` where the text says it.
fn by_field(ty: &Type, text: &str) -> Option<TokenType> {
    match ty {
        Type::Enum(values) => {
            values.iter().any(|value| value.value == text).then_some(TokenType::EnumMember)
        }
        Type::Array { item, .. } => by_field(item, text),
        Type::Str(StrRule::InterfaceName) => Some(TokenType::Variable),
        Type::Str(StrRule::ContractRef) => Some(TokenType::Type),
        Type::Str(StrRule::Version | StrRule::Constraint) => Some(TokenType::Number),
        _ => None,
    }
}

fn plain(tree: &Tree, node: NodeId) -> TokenType {
    if tree.kind(node) != Kind::Plain {
        return TokenType::String;
    }
    match resolve_plain(&tree.scalar_text(node)) {
        Scalar::Int(_) | Scalar::Float(_) => TokenType::Number,
        Scalar::Bool(_) | Scalar::Null => TokenType::Keyword,
        Scalar::Str(_) => TokenType::String,
    }
}

/// The words that protobuf gives a meaning (protobuf language specification, "Keywords").
const KEYWORDS: [&str; 31] = [
    "syntax",
    "edition",
    "package",
    "import",
    "public",
    "weak",
    "option",
    "message",
    "enum",
    "service",
    "rpc",
    "returns",
    "stream",
    "oneof",
    "map",
    "extend",
    "extensions",
    "reserved",
    "optional",
    "required",
    "repeated",
    "group",
    "to",
    "max",
    "true",
    "false",
    "inf",
    "nan",
    "export",
    "local",
    "default",
];

/// The types that every protobuf file has (protobuf language specification, "Fields").
const SCALARS: [&str; 15] = [
    "double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32",
    "fixed64", "sfixed32", "sfixed64", "bool", "string", "bytes",
];

fn in_proto(site: &Site<'_>) -> Vec<Token> {
    let (Some(text), Some(proto)) = (site.text(), db::proto(site.db, site.file()).ready()) else {
        return Vec::new();
    };
    let mut named: BTreeMap<u32, Token> = BTreeMap::new();
    let mut add = |token: Token| {
        named.insert(token.span.start, token);
    };
    for used in type_uses(text) {
        let is_scalar = SCALARS.contains(&used.text.as_str());
        let modifiers = if is_scalar { Modifiers::DEFAULT_LIBRARY } else { Modifiers::default() };
        add(Token { modifiers, ..token(used.span, TokenType::Type) });
    }
    for span in declared(proto).into_values() {
        add(declaring(span, TokenType::Type));
    }
    for (span, ty) in members(proto) {
        add(declaring(span, ty));
    }
    add(token(proto.package.as_ref().map_or(Span::at(0), |name| name.span), TokenType::Namespace));
    let mut found = Vec::new();
    let mut end = 0;
    for (word, span) in words(text, &mut Vec::new()) {
        found.extend(comment(text, Span { start: end, end: span.start }));
        end = span.end;
        found.extend(match (named.get(&span.start), word) {
            (Some(token), _) => Some(*token),
            (None, Word::Text(_)) => Some(token(span, TokenType::String)),
            (None, Word::Mark(b'=')) => Some(token(span, TokenType::Operator)),
            (None, Word::Mark(_)) => None,
            (None, Word::Word(word)) => {
                by_word(word).map(|(ty, modifiers)| Token { modifiers, ..token(span, ty) })
            }
        });
    }
    found.extend(comment(text, Span { start: end, end: text.len() as u32 }));
    found
}

/// Fields, values and methods, by the spans of their names.
fn members(proto: &Proto) -> Vec<(Span, TokenType)> {
    let mut found = Vec::new();
    let mut messages: Vec<&Message> = proto.messages.iter().collect();
    let mut enums: Vec<&Enum> = proto.enums.iter().collect();
    while let Some(message) = messages.pop() {
        messages.extend(&message.messages);
        enums.extend(&message.enums);
        let extensions = message.extensions.iter().map(|extension| &extension.field);
        let fields = message.fields.iter().chain(extensions).map(|field| &field.name);
        let oneofs = message.oneofs.iter().map(|oneof| &oneof.name);
        found.extend(fields.chain(oneofs).map(|name| (name.span, TokenType::Property)));
    }
    let values = enums.into_iter().flat_map(|item| &item.values);
    found.extend(values.map(|value| (value.name.span, TokenType::EnumMember)));
    let methods = proto.services.iter().flat_map(|service| &service.methods);
    found.extend(methods.map(|method| (method.name.span, TokenType::Property)));
    found.extend(proto.extensions.iter().map(|e| (e.field.name.span, TokenType::Property)));
    found
}

fn by_word(word: &str) -> Option<(TokenType, Modifiers)> {
    if SCALARS.contains(&word) {
        return Some((TokenType::Type, Modifiers::DEFAULT_LIBRARY));
    }
    if KEYWORDS.contains(&word) {
        return Some((TokenType::Keyword, Modifiers::default()));
    }
    let is_number = word.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit());
    is_number.then_some((TokenType::Number, Modifiers::default()))
}

/// What stands between two words, without the blanks around it: comments.
fn comment(text: &str, span: Span) -> Option<Token> {
    let between = span.slice(text);
    let start =
        between.len() - between.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).len();
    let inner = between[start..].trim_end();
    let start = span.start + start as u32;
    let span = Span { start, end: start + inner.len() as u32 };
    (!inner.is_empty()).then(|| token(span, TokenType::Comment))
}
