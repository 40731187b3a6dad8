//! As much of Go's grammar as declarations of types and calls need (Go specification, "Types").

use std::collections::BTreeMap;

/// A token; comments and semicolons are gone.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Word(String),
    Text(String),
    Number(String),
    Mark(char),
}

impl Token {
    pub fn word(&self) -> Option<&str> {
        match self {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Token::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn is(&self, mark: char) -> bool {
        *self == Token::Mark(mark)
    }
}

/// Splits Go source into tokens; a line break that ends a field is the mark `;`.
pub fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        match c {
            '\n' => {
                let ends = matches!(
                    out.last(),
                    Some(
                        Token::Word(_)
                            | Token::Text(_)
                            | Token::Number(_)
                            | Token::Mark(')' | ']' | '}')
                    )
                );
                if ends {
                    out.push(Token::Mark(';'));
                }
                at += 1;
            }
            c if c.is_whitespace() => at += 1,
            '/' if chars.get(at + 1) == Some(&'/') => {
                while chars.get(at).is_some_and(|c| *c != '\n') {
                    at += 1;
                }
            }
            '/' if chars.get(at + 1) == Some(&'*') => {
                at += 2;
                while at < chars.len() && !(chars[at] == '*' && chars.get(at + 1) == Some(&'/')) {
                    at += 1;
                }
                at += 2;
            }
            '"' | '`' | '\'' => {
                let (text, end) = quoted(&chars, at);
                out.push(Token::Text(text));
                at = end;
            }
            c if c.is_alphabetic() || c == '_' => {
                let end = (at..chars.len())
                    .find(|i| !(chars[*i].is_alphanumeric() || chars[*i] == '_'))
                    .unwrap_or(chars.len());
                out.push(Token::Word(chars[at..end].iter().collect()));
                at = end;
            }
            c if c.is_ascii_digit() => {
                let end = (at..chars.len())
                    .find(|i| {
                        !(chars[*i].is_alphanumeric() || chars[*i] == '.' || chars[*i] == '_')
                    })
                    .unwrap_or(chars.len());
                out.push(Token::Number(chars[at..end].iter().collect()));
                at = end;
            }
            c => {
                out.push(Token::Mark(c));
                at += 1;
            }
        }
    }
    out
}

/// The text of a literal and where it ends.
fn quoted(chars: &[char], start: usize) -> (String, usize) {
    let quote = chars[start];
    let mut text = String::new();
    let mut at = start + 1;
    while let Some(&c) = chars.get(at) {
        match c {
            c if c == quote => return (text, at + 1),
            '\\' if quote != '`' => {
                match chars.get(at + 1) {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some(c) => text.push(*c),
                    None => {}
                }
                at += 2;
            }
            c => {
                text.push(c);
                at += 1;
            }
        }
    }
    (text, at)
}

/// A type, as far as it matters for JSON.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    Named(String),
    Pointer(Box<Type>),
    List(Box<Type>),
    Map(Box<Type>),
    Struct(Vec<Field>),
    Other,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Empty for an embedded type.
    pub name: String,
    pub ty: Type,
    pub tags: BTreeMap<String, String>,
}

/// Reads tokens one by one.
pub struct Reader<'t> {
    tokens: &'t [Token],
    pub at: usize,
}

/// Types nested deeper than this are `Other`.
const MAX_DEPTH: usize = 64;

impl<'t> Reader<'t> {
    pub fn new(tokens: &'t [Token], at: usize) -> Reader<'t> {
        Reader { tokens, at }
    }

    pub fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.at)
    }

    pub fn next(&mut self) -> Option<&'t Token> {
        let token = self.tokens.get(self.at);
        self.at += 1;
        token
    }

    /// The tokens from `start` to the present place.
    pub fn since(&self, start: usize) -> &'t [Token] {
        self.tokens.get(start..self.at.min(self.tokens.len())).unwrap_or(&[])
    }

    pub fn eat(&mut self, mark: char) -> bool {
        let is_there = self.peek().is_some_and(|token| token.is(mark));
        self.at += usize::from(is_there);
        is_there
    }

    /// Past the bracket that closes the one just read.
    pub fn skip_to_close(&mut self) {
        let mut depth = 1;
        while let Some(token) = self.next() {
            match token {
                Token::Mark('(' | '[' | '{') => depth += 1,
                Token::Mark(')' | ']' | '}') => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    pub fn ty(&mut self, depth: usize) -> Type {
        if depth > MAX_DEPTH {
            return Type::Other;
        }
        match self.next() {
            Some(Token::Mark('*')) => Type::Pointer(Box::new(self.ty(depth + 1))),
            Some(Token::Mark('[')) => {
                if !self.eat(']') {
                    self.skip_to_close();
                }
                Type::List(Box::new(self.ty(depth + 1)))
            }
            Some(Token::Word(word)) if word == "map" => {
                self.eat('[');
                self.skip_to_close();
                Type::Map(Box::new(self.ty(depth + 1)))
            }
            Some(Token::Word(word)) if word == "struct" => self.fields(depth + 1),
            Some(Token::Word(word)) if matches!(word.as_str(), "interface" | "func" | "chan") => {
                while self.peek().is_some_and(|token| matches!(token, Token::Mark('{' | '('))) {
                    self.at += 1;
                    self.skip_to_close();
                }
                Type::Other
            }
            Some(Token::Word(word)) => {
                let mut name = word.clone();
                while self.eat('.') {
                    name = format!("{name}.{}", self.next().and_then(Token::word).unwrap_or(""));
                }
                if self.eat('[') {
                    self.skip_to_close();
                }
                Type::Named(name)
            }
            _ => Type::Other,
        }
    }

    fn fields(&mut self, depth: usize) -> Type {
        let mut fields = Vec::new();
        if !self.eat('{') {
            return Type::Other;
        }
        while let Some(token) = self.peek() {
            if self.eat('}') {
                return Type::Struct(fields);
            }
            if token.is(';') {
                self.at += 1;
                continue;
            }
            let before = self.at;
            let mut names = Vec::new();
            while let Some(Token::Word(word)) = self.peek() {
                names.push(word.clone());
                self.at += 1;
                if !self.eat(',') {
                    break;
                }
            }
            // A name that is followed by its tag, a dot or the end is an embedded type.
            let is_embedded = names.len() <= 1
                && matches!(
                    self.peek(),
                    None | Some(Token::Text(_) | Token::Mark(';' | '}' | '.'))
                );
            if is_embedded || names.is_empty() {
                self.at = before;
                names = vec![String::new()];
            }
            let ty = self.ty(depth);
            let tags = match self.peek() {
                Some(Token::Text(text)) => {
                    self.at += 1;
                    tags(text)
                }
                _ => BTreeMap::new(),
            };
            fields.extend(names.into_iter().map(|name| Field {
                name,
                ty: ty.clone(),
                tags: tags.clone(),
            }));
            if self.at == before {
                self.at += 1;
            }
        }
        Type::Struct(fields)
    }
}

/// `key:"value" key:"value"`.
fn tags(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut rest = text.trim();
    while let Some((key, after)) = rest.split_once(":\"") {
        let mut value = String::new();
        let mut chars = after.char_indices();
        let mut end = after.len();
        while let Some((i, c)) = chars.next() {
            match c {
                '\\' => value.extend(chars.next().map(|(_, c)| c)),
                '"' => {
                    end = i + 1;
                    break;
                }
                c => value.push(c),
            }
        }
        found.insert(key.trim().to_owned(), value);
        rest = after[end.min(after.len())..].trim_start();
    }
    found
}

/// All named types of a source.
pub fn types(tokens: &[Token]) -> BTreeMap<String, Type> {
    let mut found = BTreeMap::new();
    for at in 0..tokens.len() {
        if tokens[at].word() != Some("type") {
            continue;
        }
        let mut reader = Reader::new(tokens, at + 1);
        let is_group = reader.eat('(');
        loop {
            while reader.eat(';') {}
            let Some(Token::Word(name)) = reader.next() else { break };
            reader.eat('=');
            found.insert(name.clone(), reader.ty(0));
            if !is_group {
                break;
            }
        }
    }
    found
}
