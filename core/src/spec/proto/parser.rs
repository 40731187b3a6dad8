//! From tokens to declarations (protobuf language specification, editions 2023). Never fails: what
//! cannot be read is an error, and reading goes on behind it.

use super::tokens::{Token, error, tokens};
use super::{
    Enum, EnumValue, Extension, Field, Label, Message, Method, Name, Oneof, OptionValue, Proto,
    Reserved, Service,
};
use crate::text::Span;
use crate::yaml::SyntaxError;

/// Messages in messages are read so deep.
const MAX_DEPTH: usize = 64;
/// The greatest number of a field (protobuf language specification, "Assigning Field Numbers").
const MAX_NUMBER: i64 = 536_870_911;

/// Reads a `.proto` file.
pub fn parse(text: &str) -> Proto {
    let mut proto = Proto { syntax: "proto2".to_owned(), ..Proto::default() };
    let mut errors = Vec::new();
    let tokens = tokens(text, &mut errors);
    let mut parser = Parser { tokens: &tokens, at: 0, end: text.len(), errors, depth: 0 };
    parser.file(&mut proto);
    proto.errors = parser.errors;
    proto
}

struct Parser<'a, 't> {
    tokens: &'a [(Token<'t>, Span)],
    at: usize,
    end: usize,
    errors: Vec<SyntaxError>,
    depth: usize,
}

const STARTS: [&str; 7] = ["message", "enum", "service", "import", "package", "option", "extend"];

impl<'t> Parser<'_, 't> {
    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.at).map(|(token, _)| *token)
    }

    fn span(&self) -> Span {
        self.tokens.get(self.at).map_or(Span::at(self.end), |(_, span)| *span)
    }

    fn error(&mut self, span: Span, message: &'static str) {
        error(&mut self.errors, span, message);
    }

    fn is_mark(&self, mark: u8) -> bool {
        self.peek() == Some(Token::Mark(mark))
    }

    fn take_mark(&mut self, mark: u8) -> bool {
        let is_there = self.is_mark(mark);
        self.at += usize::from(is_there);
        is_there
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is_there = self.peek() == Some(Token::Word(word));
        self.at += usize::from(is_there);
        is_there
    }

    fn word(&mut self) -> Option<Name> {
        match self.peek() {
            Some(Token::Word(word)) => {
                let span = self.span();
                self.at += 1;
                Some(Name { text: word.to_owned(), span })
            }
            _ => None,
        }
    }

    fn name(&mut self) -> Name {
        let span = self.span();
        match self.word() {
            Some(name) if name.text.starts_with(|c: char| c.is_alphabetic() || c == '_') => name,
            _ => {
                self.error(span, "a name is missing here");
                Name { text: String::new(), span }
            }
        }
    }

    fn text(&mut self) -> Option<Name> {
        let mut found: Option<Name> = None;
        while let Some(Token::Text(text)) = self.peek() {
            let span = self.span();
            self.at += 1;
            let inner = text.trim_matches(['"', '\'']);
            match &mut found {
                Some(name) => name.text.push_str(inner),
                None => found = Some(Name { text: inner.to_owned(), span }),
            }
        }
        found
    }

    fn number(&mut self) -> (i64, Span) {
        let start = self.span();
        let is_negative = self.take_mark(b'-');
        let span = self.span();
        let number = match self.peek() {
            Some(Token::Word("max")) => Some(MAX_NUMBER),
            Some(Token::Word(word)) => integer(word),
            _ => None,
        };
        match number {
            Some(number) => {
                self.at += 1;
                (
                    if is_negative { -number } else { number },
                    Span { start: start.start, end: span.end },
                )
            }
            None => {
                self.error(span, "a number is missing here");
                (0, span)
            }
        }
    }

    fn file(&mut self, proto: &mut Proto) {
        while let Some(token) = self.peek() {
            let span = self.span();
            match token {
                Token::Word("syntax" | "edition") => {
                    self.at += 1;
                    self.take_mark(b'=');
                    if let Some(name) = self.text() {
                        proto.syntax = name.text;
                        proto.syntax_span = Some(name.span);
                    }
                    self.statement_end(span);
                }
                Token::Word("package") => {
                    self.at += 1;
                    proto.package = self.word();
                    self.statement_end(span);
                }
                Token::Word("import") => {
                    self.at += 1;
                    let _ = self.take_word("public") || self.take_word("weak");
                    proto.imports.extend(self.text());
                    self.statement_end(span);
                }
                Token::Word("option") => proto.options.extend(self.option_statement()),
                Token::Word("message") => proto.messages.extend(self.message()),
                Token::Word("enum") => proto.enums.push(self.enumeration()),
                Token::Word("extend") => self.extend(&mut proto.extensions),
                Token::Word("service") => proto.services.push(self.service()),
                Token::Mark(b';') => self.at += 1,
                _ => {
                    let message = "expected syntax, package, import, option, message, enum, service or extend";
                    self.error(span, message);
                    self.recover();
                }
            }
        }
    }

    /// Past the next `;` or block, so that one broken statement is one error.
    fn recover(&mut self) {
        self.at += 1;
        while let Some(token) = self.peek() {
            match token {
                Token::Mark(b';') => return self.at += 1,
                Token::Mark(b'{') => {
                    let _ = self.skip_block();
                    return;
                }
                Token::Mark(b'}') => return,
                Token::Word(word) if STARTS.contains(&word) => return,
                _ => self.at += 1,
            }
        }
    }

    fn statement_end(&mut self, start: Span) {
        while let Some(token) = self.peek() {
            match token {
                Token::Mark(b';') => return self.at += 1,
                Token::Mark(b'{') => drop(self.skip_block()),
                Token::Mark(b'}') | Token::Word("message" | "service" | "enum" | "rpc") => break,
                _ => self.at += 1,
            }
        }
        self.error(start, "a semicolon is missing after this statement");
    }

    /// Skips from `{` past its `}`; `Err` holds the brace that is never closed.
    fn skip_block(&mut self) -> Result<(), Span> {
        let open = self.span();
        let mut depth = 0;
        while let Some(token) = self.peek() {
            self.at += 1;
            match token {
                Token::Mark(b'{') => depth += 1,
                Token::Mark(b'}') => {
                    depth -= 1;
                    if depth == 0 {
                        return Ok(());
                    }
                }
                _ => {}
            }
        }
        Err(open)
    }

    /// Goes through a block; `one` reads a statement.
    fn block(&mut self, mut one: impl FnMut(&mut Self)) {
        let open = self.span();
        if !self.is_mark(b'{') {
            return self.error(open, "expected `{`");
        }
        if self.depth >= MAX_DEPTH {
            self.error(open, "this is nested too deep");
            let _ = self.skip_block();
            return;
        }
        self.at += 1;
        self.depth += 1;
        loop {
            match self.peek() {
                None => {
                    self.error(open, "this brace is never closed");
                    break;
                }
                Some(Token::Mark(b'}')) => {
                    self.at += 1;
                    break;
                }
                Some(Token::Mark(b';')) => self.at += 1,
                Some(_) => {
                    let before = self.at;
                    one(self);
                    if self.at == before {
                        self.at += 1;
                    }
                }
            }
        }
        self.depth -= 1;
    }

    /// `option name = value;`
    fn option_statement(&mut self) -> Option<OptionValue> {
        let start = self.span();
        self.at += 1;
        let option = self.option_value(|token| token == Token::Mark(b';'));
        self.statement_end(start);
        option
    }

    /// `name = value`, up to a token outside of brackets at which `is_end` holds.
    fn option_value(&mut self, is_end: impl Fn(Token<'t>) -> bool) -> Option<OptionValue> {
        let span = self.span();
        let name = self.tokens_until(|token| token == Token::Mark(b'=') || is_end(token), "");
        if !self.take_mark(b'=') {
            return None;
        }
        let value = self.tokens_until(is_end, " ");
        Some(OptionValue { name, value, span })
    }

    fn tokens_until(&mut self, is_end: impl Fn(Token<'t>) -> bool, between: &str) -> String {
        let mut parts: Vec<String> = Vec::new();
        let mut depth = 0usize;
        while let Some(token) = self.peek() {
            if depth == 0 && (is_end(token) || token == Token::Mark(b'}')) {
                break;
            }
            match token {
                Token::Mark(b'{' | b'[' | b'(' | b'<') => depth += 1,
                Token::Mark(b'}' | b']' | b')' | b'>') => depth = depth.saturating_sub(1),
                _ => {}
            }
            parts.push(match token {
                Token::Word(word) => word.to_owned(),
                Token::Text(text) => format!("\"{}\"", text.trim_matches(['"', '\''])),
                Token::Mark(mark) => (mark as char).to_string(),
            });
            self.at += 1;
        }
        parts.join(between)
    }

    /// `[a = 1, b = 2]`
    fn brackets(&mut self) -> Vec<OptionValue> {
        let mut options = Vec::new();
        if !self.take_mark(b'[') {
            return options;
        }
        while !self.is_mark(b']') && self.peek().is_some() {
            let is_end = |token| matches!(token, Token::Mark(b',' | b']' | b';'));
            options.extend(self.option_value(is_end));
            if !self.take_mark(b',') {
                break;
            }
        }
        self.take_mark(b']');
        options
    }

    fn message(&mut self) -> Option<Message> {
        self.at += 1;
        let mut message = Message { name: self.name(), ..Message::default() };
        self.message_body(&mut message);
        Some(message)
    }

    fn message_body(&mut self, message: &mut Message) {
        self.block(|parser| match parser.peek() {
            Some(Token::Word("message")) if parser.declares() => {
                message.messages.extend(parser.message());
            }
            Some(Token::Word("enum")) if parser.declares() => {
                message.enums.push(parser.enumeration())
            }
            Some(Token::Word("extend")) if parser.declares() => {
                parser.extend(&mut message.extensions)
            }
            Some(Token::Word("oneof")) if parser.declares() => parser.oneof(message),
            Some(Token::Word("option")) if !parser.is_field() => {
                message.options.extend(parser.option_statement());
            }
            Some(Token::Word("reserved")) if !parser.is_field() => {
                parser.reserved(&mut message.reserved);
            }
            Some(Token::Word("extensions")) if !parser.is_field() => {
                parser.at += 1;
                let start = parser.span();
                parser.ranges(&mut message.extension_ranges);
                parser.brackets();
                parser.statement_end(start);
            }
            _ => {
                if let Some(field) = parser.field(None, &mut message.messages) {
                    message.fields.push(field);
                }
            }
        });
    }

    /// Whether a keyword here starts a declaration with a body, and is not a type of a field.
    fn declares(&self) -> bool {
        let after = self.tokens.get(self.at + 2).map(|(token, _)| *token);
        matches!(after, Some(Token::Mark(b'{')) | None)
    }

    /// Whether a keyword here is the type of a field: `option x = 1;` has the same words, but a
    /// field's number is last.
    fn is_field(&self) -> bool {
        let token = |i: usize| self.tokens.get(self.at + i).map(|(token, _)| *token);
        let is_name = matches!(token(1), Some(Token::Word(word)) if integer(word).is_none());
        let is_reserved = self.peek() == Some(Token::Word("option"));
        !is_reserved && is_name && token(2) == Some(Token::Mark(b'='))
    }

    fn oneof(&mut self, message: &mut Message) {
        self.at += 1;
        let name = self.name();
        let of = name.text.clone();
        let mut options = Vec::new();
        self.block(|parser| match parser.peek() {
            Some(Token::Word("option")) => options.extend(parser.option_statement()),
            _ => {
                let field = parser.field(Some(of.clone()), &mut message.messages);
                message.fields.extend(field);
            }
        });
        message.oneofs.push(Oneof { name, options });
    }

    fn field(&mut self, oneof: Option<String>, groups: &mut Vec<Message>) -> Option<Field> {
        let start = self.span();
        let mut field = Field { oneof, ..Field::default() };
        field.label = match self.peek() {
            Some(Token::Word("optional")) => Label::Optional,
            Some(Token::Word("required")) => Label::Required,
            Some(Token::Word("repeated")) => Label::Repeated,
            _ => Label::None,
        };
        self.at += usize::from(field.label != Label::None);
        let Some(ty) = self.word() else {
            self.error(start, "expected a field, option, reserved, oneof, message or enum");
            self.recover();
            return None;
        };
        field.ty = ty.text;
        if field.ty == "map" && self.take_mark(b'<') {
            field.map_key = self.word().map(|name| name.text);
            self.take_mark(b',');
            field.ty = self.word().map(|name| name.text).unwrap_or_default();
            self.take_mark(b'>');
        }
        field.is_group = field.ty == "group";
        field.name = self.name();
        if !self.take_mark(b'=') {
            self.error(self.span(), "expected `=` and the number of the field");
            self.recover();
            return None;
        }
        (field.number, field.number_span) = self.number();
        field.options = self.brackets();
        if field.is_group && self.is_mark(b'{') {
            let mut group = Message { name: field.name.clone(), ..Message::default() };
            self.message_body(&mut group);
            field.ty.clone_from(&group.name.text);
            groups.push(group);
            return Some(field);
        }
        if !self.take_mark(b';') {
            self.error(start, "a semicolon is missing after this field");
        }
        Some(field)
    }

    fn ranges(&mut self, ranges: &mut Vec<(i64, i64, Span)>) {
        loop {
            let (from, span) = self.number();
            let to = if self.take_word("to") { self.number().0 } else { from };
            ranges.push((from, to, span));
            if !self.take_mark(b',') {
                break;
            }
        }
    }

    fn reserved(&mut self, reserved: &mut Reserved) {
        let start = self.span();
        self.at += 1;
        match self.peek() {
            Some(Token::Text(_)) => {
                while let Some(name) = self.text() {
                    reserved.names.push(name);
                    if !self.take_mark(b',') {
                        break;
                    }
                }
            }
            Some(Token::Word(word)) if integer(word).is_none() && word != "max" => {
                while let Some(name) = self.word() {
                    reserved.names.push(name);
                    if !self.take_mark(b',') {
                        break;
                    }
                }
            }
            _ => self.ranges(&mut reserved.ranges),
        }
        self.statement_end(start);
    }

    fn enumeration(&mut self) -> Enum {
        self.at += 1;
        let mut found = Enum { name: self.name(), ..Enum::default() };
        self.block(|parser| match parser.peek() {
            Some(Token::Word("option")) => found.options.extend(parser.option_statement()),
            Some(Token::Word("reserved")) => parser.reserved(&mut found.reserved),
            _ => {
                let start = parser.span();
                let name = parser.name();
                if !parser.take_mark(b'=') {
                    parser.error(start, "expected a value and its number");
                    return parser.recover();
                }
                let (number, _) = parser.number();
                let options = parser.brackets();
                found.values.push(EnumValue { name, number, options });
                if !parser.take_mark(b';') {
                    parser.error(start, "a semicolon is missing after this value");
                }
            }
        });
        found
    }

    fn extend(&mut self, extensions: &mut Vec<Extension>) {
        self.at += 1;
        let of = self.word().map(|name| name.text).unwrap_or_default();
        let mut groups = Vec::new();
        self.block(|parser| {
            if let Some(field) = parser.field(None, &mut groups) {
                extensions.push(Extension { of: of.clone(), field });
            }
        });
    }

    fn service(&mut self) -> Service {
        self.at += 1;
        let mut service = Service { name: self.name(), ..Service::default() };
        self.block(|parser| match parser.peek() {
            Some(Token::Word("rpc")) => service.methods.push(parser.rpc()),
            Some(Token::Word("option")) => service.options.extend(parser.option_statement()),
            _ => {
                parser.error(parser.span(), "expected rpc, option or `}`");
                parser.recover();
            }
        });
        service
    }

    fn rpc(&mut self) -> Method {
        let start = self.span();
        self.at += 1;
        let mut method = Method { name: self.name(), ..Method::default() };
        (method.input, method.is_client_streaming) = self.message_type();
        if !self.take_word("returns") {
            self.error(self.span(), "expected `returns`");
        }
        (method.output, method.is_server_streaming) = self.message_type();
        if self.is_mark(b'{') {
            self.block(|parser| match parser.peek() {
                Some(Token::Word("option")) => method.options.extend(parser.option_statement()),
                _ => parser.recover(),
            });
            self.take_mark(b';');
        } else if !self.take_mark(b';') {
            self.error(start, "a semicolon is missing after this rpc");
        }
        method
    }

    /// `(stream Type)`
    fn message_type(&mut self) -> (String, bool) {
        if !self.take_mark(b'(') {
            self.error(self.span(), "expected `(` and a message");
            return (String::new(), false);
        }
        let is_stream = self.peek() == Some(Token::Word("stream"))
            && matches!(self.tokens.get(self.at + 1), Some((Token::Word(_), _)));
        self.at += usize::from(is_stream);
        let name = self.word().map(|name| name.text).unwrap_or_default();
        self.take_mark(b')');
        (name, is_stream)
    }
}

/// Decimal, hexadecimal and octal integers.
fn integer(word: &str) -> Option<i64> {
    if let Some(hex) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        return i64::from_str_radix(hex, 16).ok();
    }
    match word.strip_prefix('0') {
        Some(octal) if !octal.is_empty() => i64::from_str_radix(octal, 8).ok(),
        _ => word.parse().ok(),
    }
}
