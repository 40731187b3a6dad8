//! A tolerant reader of protobuf files: declarations and syntax errors with their places.

use std::borrow::Cow;

use crate::text::Span;
use crate::yaml::{SyntaxError, SyntaxErrorKind};

/// What a `.proto` file declares at its top level.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proto {
    pub package: Option<String>,
    pub services: Vec<Service>,
    pub messages: Vec<String>,
    pub errors: Vec<SyntaxError>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    pub name: String,
    pub methods: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token<'t> {
    Word(&'t str),
    Text,
    Mark(u8),
}

/// Reads a `.proto` file (protobuf language specification, editions 2023). Never fails.
pub fn parse(text: &str) -> Proto {
    let mut proto = Proto::default();
    let tokens = tokens(text, &mut proto.errors);
    let mut parser = Parser { tokens: &tokens, at: 0, end: text.len() };
    parser.file(&mut proto);
    proto
}

fn error(errors: &mut Vec<SyntaxError>, span: Span, message: impl Into<Cow<'static, str>>) {
    errors.push(SyntaxError {
        kind: SyntaxErrorKind::UnexpectedText,
        span,
        message: message.into(),
    });
}

fn tokens<'t>(text: &'t str, errors: &mut Vec<SyntaxError>) -> Vec<(Token<'t>, Span)> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b if b.is_ascii_whitespace() => at += 1,
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at += text[at..].find('\n').unwrap_or(bytes.len() - at);
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => match text[at + 2..].find("*/") {
                Some(n) => at += n + 4,
                None => {
                    error(errors, Span::new(at, at + 2), "this comment is never closed");
                    at = bytes.len();
                }
            },
            quote @ (b'"' | b'\'') => {
                at += 1;
                while at < bytes.len() && bytes[at] != quote && bytes[at] != b'\n' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                if bytes.get(at) == Some(&quote) {
                    at += 1;
                } else {
                    at = at.min(bytes.len());
                    while !text.is_char_boundary(at) {
                        at += 1;
                    }
                    error(errors, Span::new(start, at), "this quote is never closed");
                }
                tokens.push((Token::Text, Span::new(start, at)));
            }
            b if b.is_ascii_alphanumeric() || b == b'_' || b == b'.' => {
                while bytes
                    .get(at)
                    .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
                {
                    at += 1;
                }
                tokens.push((Token::Word(&text[start..at]), Span::new(start, at)));
            }
            b if b.is_ascii_punctuation() => {
                at += 1;
                tokens.push((Token::Mark(b), Span::new(start, at)));
            }
            _ => {
                at += text[at..].chars().next().map_or(1, char::len_utf8);
                error(errors, Span::new(start, at), "unexpected character");
            }
        }
    }
    tokens
}

struct Parser<'a, 't> {
    tokens: &'a [(Token<'t>, Span)],
    at: usize,
    end: usize,
}

impl<'t> Parser<'_, 't> {
    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.at).map(|(token, _)| *token)
    }

    fn span(&self) -> Span {
        self.tokens.get(self.at).map_or(Span::at(self.end), |(_, span)| *span)
    }

    fn word(&mut self) -> Option<&'t str> {
        match self.peek() {
            Some(Token::Word(word)) => {
                self.at += 1;
                Some(word)
            }
            _ => None,
        }
    }

    fn file(&mut self, proto: &mut Proto) {
        while let Some(token) = self.peek() {
            let span = self.span();
            match token {
                Token::Word("package") => {
                    self.at += 1;
                    proto.package = self.word().map(str::to_owned);
                    self.statement_end(proto);
                }
                Token::Word("syntax" | "edition" | "import" | "option") => {
                    self.statement_end(proto)
                }
                Token::Word("message" | "enum" | "extend") => {
                    let is_message = token == Token::Word("message");
                    self.at += 1;
                    match self.word() {
                        Some(name) if is_message => proto.messages.push(name.to_owned()),
                        Some(_) => {}
                        None => error(&mut proto.errors, self.span(), "a name is missing here"),
                    }
                    self.block(proto);
                }
                Token::Word("service") => {
                    self.at += 1;
                    self.service(proto);
                }
                Token::Mark(b';') => self.at += 1,
                _ => {
                    let message = "expected syntax, package, import, option, message, enum, service or extend";
                    error(&mut proto.errors, span, message);
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
                Token::Word("message" | "enum" | "service" | "import" | "package" | "option") => {
                    return;
                }
                _ => self.at += 1,
            }
        }
    }

    fn statement_end(&mut self, proto: &mut Proto) {
        let start = self.span();
        while let Some(token) = self.peek() {
            match token {
                Token::Mark(b';') => return self.at += 1,
                Token::Mark(b'{') => drop(self.skip_block()),
                Token::Mark(b'}') | Token::Word("message" | "service" | "enum" | "rpc") => break,
                _ => self.at += 1,
            }
        }
        error(&mut proto.errors, start, "a semicolon is missing after this statement");
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

    fn block(&mut self, proto: &mut Proto) {
        if self.peek() != Some(Token::Mark(b'{')) {
            error(&mut proto.errors, self.span(), "expected `{`");
            return;
        }
        if let Err(open) = self.skip_block() {
            error(&mut proto.errors, open, "this brace is never closed");
        }
    }

    fn service(&mut self, proto: &mut Proto) {
        let Some(name) = self.word() else {
            error(&mut proto.errors, self.span(), "a service name is missing here");
            return self.block(proto);
        };
        let mut service = Service { name: name.to_owned(), methods: Vec::new() };
        let open = self.span();
        if self.peek() != Some(Token::Mark(b'{')) {
            error(&mut proto.errors, open, "expected `{`");
        } else {
            self.at += 1;
            loop {
                match self.peek() {
                    Some(Token::Mark(b'}')) => {
                        self.at += 1;
                        break;
                    }
                    Some(Token::Word("rpc")) => {
                        self.at += 1;
                        service.methods.extend(self.word().map(str::to_owned));
                        self.rpc_end(proto);
                    }
                    Some(Token::Mark(b';')) => self.at += 1,
                    Some(Token::Word("option")) => self.statement_end(proto),
                    Some(_) => {
                        error(&mut proto.errors, self.span(), "expected rpc, option or `}`");
                        self.recover();
                    }
                    None => {
                        error(&mut proto.errors, open, "this brace is never closed");
                        break;
                    }
                }
            }
        }
        proto.services.push(service);
    }

    fn rpc_end(&mut self, proto: &mut Proto) {
        let start = self.span();
        while let Some(token) = self.peek() {
            match token {
                Token::Mark(b';') => return self.at += 1,
                Token::Mark(b'{') => {
                    if let Err(open) = self.skip_block() {
                        error(&mut proto.errors, open, "this brace is never closed");
                    }
                    return;
                }
                Token::Mark(b'}') | Token::Word("rpc") => break,
                _ => self.at += 1,
            }
        }
        error(&mut proto.errors, start, "a semicolon is missing after this rpc");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_and_messages_are_found() {
        let proto = parse(
            "syntax = \"proto3\";\npackage acme.v1;\nimport \"google/type/money.proto\";\n\
             message A { string x = 1; message B {} }\n\
             service S { option deprecated = true; rpc Get (A) returns (stream A); rpc Put (A) returns (A) {} }\n",
        );
        assert!(proto.errors.is_empty(), "{:?}", proto.errors);
        assert_eq!(proto.package.as_deref(), Some("acme.v1"));
        assert_eq!(proto.services[0].methods, ["Get", "Put"]);
        assert_eq!(proto.messages, ["A"]);
    }

    #[test]
    fn broken_files_say_what_is_wrong() {
        for (text, message) in [
            ("message A {", "this brace is never closed"),
            ("syntax = \"proto3\"\nmessage A {}", "a semicolon is missing after this statement"),
            ("foo bar;", "expected syntax"),
            ("/* open", "never closed"),
            ("service S { rpc Get (A) returns (A) }", "a semicolon is missing after this rpc"),
        ] {
            let errors = parse(text).errors;
            assert!(errors.iter().any(|e| e.message.contains(message)), "{text}: {errors:?}");
        }
    }
}
