//! The outline of a YAML or JSON document.

use crate::text::Span;
use crate::yaml::{Kind, NodeId, Tree};

/// Upper bound on the symbols of one document.
const MAX_SYMBOLS: usize = 5_000;

/// One entry of the outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    pub name: String,
    /// Type, port or version of an entry, or the value of a field.
    pub detail: String,
    pub kind: SymbolKind,
    pub span: Span,
    pub name_span: Span,
    pub children: Vec<Symbol>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    Section,
    Entry,
    List,
    Text,
    Number,
    Boolean,
    Null,
    Interface,
    Method,
    Type,
    Field,
    Enum,
    EnumMember,
}

/// The outline of a document.
pub fn symbols(tree: &Tree) -> Vec<Symbol> {
    let mut budget = MAX_SYMBOLS;
    tree.root_value().map_or(Vec::new(), |root| children(tree, root, &mut budget))
}

fn children(tree: &Tree, node: NodeId, budget: &mut usize) -> Vec<Symbol> {
    let mut found = Vec::new();
    for child in tree.children(node) {
        if *budget == 0 {
            break;
        }
        *budget -= 1;
        let symbol = match tree.kind(child) {
            Kind::Pair => pair(tree, child, budget),
            Kind::Item => item(tree, child, found.len(), budget),
            _ => continue,
        };
        found.push(symbol);
    }
    found
}

fn pair(tree: &Tree, pair: NodeId, budget: &mut usize) -> Symbol {
    let (key, value) = (tree.key(pair), tree.value(pair));
    let span = tree.span(pair);
    let name = tree.scalar_text(key).into_owned();
    let name_span =
        if tree.span(key).is_empty() { Span { end: span.start, ..span } } else { tree.span(key) };
    Symbol {
        name: if name.is_empty() { "(no key)".into() } else { name },
        detail: detail(tree, value),
        kind: kind(tree, value),
        span,
        name_span,
        children: children(tree, value, budget),
    }
}

fn item(tree: &Tree, item: NodeId, index: usize, budget: &mut usize) -> Symbol {
    let value = tree.value(item);
    let span = tree.span(item);
    let field = |key: &str| {
        let pair = tree.pair(value, key)?;
        let text = tree.scalar_text(tree.value(pair)).into_owned();
        (!text.is_empty()).then_some((text, tree.span(tree.value(pair))))
    };
    let named = field("name").or_else(|| field("ref")).or_else(|| field("value"));
    let (name, name_span) = named.unwrap_or_else(|| {
        let text = tree.scalar_text(value);
        let name = if text.is_empty() { format!("[{index}]") } else { text.into_owned() };
        (name, Span { start: span.start, end: span.start })
    });
    let facts = ["type", "port", "compatibility", "schema"];
    let detail: Vec<String> = facts.iter().filter_map(|f| field(f)).map(|(text, _)| text).collect();
    Symbol {
        name,
        detail: detail.join(" · "),
        kind: SymbolKind::Entry,
        span,
        name_span,
        children: children(tree, value, budget),
    }
}

fn detail(tree: &Tree, value: NodeId) -> String {
    let text = tree.scalar_text(value);
    let line = text.lines().next().unwrap_or("");
    line.chars().take(80).collect()
}

fn kind(tree: &Tree, value: NodeId) -> SymbolKind {
    use crate::yaml::{Scalar, resolve_plain};
    match tree.kind(value) {
        kind if kind.is_map() => SymbolKind::Section,
        kind if kind.is_seq() => SymbolKind::List,
        Kind::Plain => match resolve_plain(&tree.scalar_text(value)) {
            Scalar::Int(_) | Scalar::Float(_) => SymbolKind::Number,
            Scalar::Bool(_) => SymbolKind::Boolean,
            Scalar::Null => SymbolKind::Null,
            Scalar::Str(_) => SymbolKind::Text,
        },
        Kind::Null => SymbolKind::Null,
        _ => SymbolKind::Text,
    }
}
