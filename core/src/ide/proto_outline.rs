//! What a `.proto` file declares, as an outline.

use super::symbols::{Symbol, SymbolKind};
use crate::spec::proto::{Enum, Field, Message, Method, Name, Proto};
use crate::text::Span;

/// Services with their methods, messages with their fields, enumerations with their values.
pub(super) fn outline(proto: &Proto) -> Vec<Symbol> {
    let services = proto.services.iter().map(|service| {
        let methods =
            service.methods.iter().map(|m| leaf(&m.name, sides(m).join(" → "), SymbolKind::Method));
        around(&service.name, "service", SymbolKind::Interface, methods.collect())
    });
    let mut found: Vec<Symbol> = services.collect();
    found.extend(proto.messages.iter().map(message));
    found.extend(proto.enums.iter().map(enumeration));
    found.sort_by_key(|symbol| symbol.name_span);
    found
}

/// What a method takes and what it gives.
pub(super) fn sides(method: &Method) -> [String; 2] {
    let side = |is_stream, ty: &str| format!("{}{ty}", if is_stream { "stream " } else { "" });
    [
        side(method.is_client_streaming, &method.input),
        side(method.is_server_streaming, &method.output),
    ]
}

/// The type of a field, as it is written.
pub(super) fn type_of(field: &Field) -> String {
    match &field.map_key {
        Some(key) => format!("map<{key}, {}>", field.ty),
        None => field.ty.clone(),
    }
}

fn message(message: &Message) -> Symbol {
    let fields = message.fields.iter().map(|field| {
        let detail = format!("{} = {}", type_of(field), field.number);
        leaf(&field.name, detail, SymbolKind::Field)
    });
    let mut children: Vec<Symbol> = fields.collect();
    children.extend(message.messages.iter().map(self::message));
    children.extend(message.enums.iter().map(enumeration));
    children.sort_by_key(|symbol| symbol.name_span);
    around(&message.name, "message", SymbolKind::Type, children)
}

fn enumeration(item: &Enum) -> Symbol {
    let values = item.values.iter();
    let values = values.map(|v| leaf(&v.name, v.number.to_string(), SymbolKind::EnumMember));
    around(&item.name, "enum", SymbolKind::Enum, values.collect())
}

fn leaf(name: &Name, detail: String, kind: SymbolKind) -> Symbol {
    let (span, children) = (name.span, Vec::new());
    Symbol { name: name.text.clone(), detail, kind, span, name_span: span, children }
}

/// From the name to the end of the last of what it holds.
fn around(name: &Name, detail: &str, kind: SymbolKind, children: Vec<Symbol>) -> Symbol {
    let end = children.iter().map(|child| child.span.end).max().unwrap_or(name.span.end);
    let span = Span { start: name.span.start, end: end.max(name.span.end) };
    Symbol { span, children, ..leaf(name, detail.to_owned(), kind) }
}
