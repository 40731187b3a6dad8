//! Huma (Go): operations and their types, read from the sources without running them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use pacto_edge::read_plain_text;
use serde_json::{Map, Value, json};

use super::go::{Field, Reader, Token, Type, tokens, types};
use crate::plugins::built_in::input::names;
use crate::plugins::protocol::Request;

/// Upper bounds on the number of Go files, and on the size of each.
const MAX_FILES: usize = 2_000;
const MAX_SIZE: u64 = 2 << 20;
const MAX_DEPTH: usize = 32;

pub fn is_used(source: &Path) -> bool {
    names(source, &["go.mod"], "danielgtaylor/huma")
}

/// The document of all operations in `source`.
pub fn document(source: &Path, request: &Request) -> Result<Value, String> {
    let files = read(source);
    let mut sources = Sources::default();
    for file in &files {
        sources.types.extend(types(file));
        sources.handlers(file);
    }
    let mut operations = Vec::new();
    let mut info = None;
    for file in &files {
        info = info.or_else(|| config(file));
        operations.extend(calls(file, &sources));
    }
    if operations.is_empty() {
        return Err(format!(
            "{}: no huma.Get, huma.Post, … or huma.Register was found",
            source.display()
        ));
    }
    let text = |pointer: &str| {
        request.contract.pointer(pointer).and_then(Value::as_str).unwrap_or("").to_owned()
    };
    let (title, version) =
        info.unwrap_or_else(|| (text("/service/name"), text("/service/version")));
    let mut schemas = Schemas { types: &sources.types, made: Map::new(), queue: BTreeSet::new() };
    let mut paths: Map<String, Value> = Map::new();
    operations.sort_by(|a: &Operation, b| (&a.path, &a.method).cmp(&(&b.path, &b.method)));
    for operation in operations {
        let item = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
        item[operation.method.to_lowercase()] = operation.describe(&mut schemas);
    }
    schemas.finish();
    let mut components = schemas.made;
    components.extend(error_schemas());
    Ok(json!({
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {"schemas": components},
    }))
}

fn read(source: &Path) -> Vec<Vec<Token>> {
    let mut files = Vec::new();
    let mut queue = vec![source.to_owned()];
    while let Some(folder) = queue.pop() {
        let mut entries: Vec<_> = std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        entries.sort();
        for path in entries {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("").to_owned();
            if name.starts_with('.')
                || matches!(name.as_str(), "vendor" | "node_modules" | "testdata")
            {
                continue;
            }
            if path.is_dir() {
                queue.push(path);
                continue;
            }
            if name.ends_with(".go") && !name.ends_with("_test.go") && files.len() < MAX_FILES {
                files.extend(read_plain_text(&path, MAX_SIZE).ok().map(|text| tokens(&text)));
            }
        }
    }
    files
}

/// Title and version in `huma.DefaultConfig("title", "version")`.
fn config(file: &[Token]) -> Option<(String, String)> {
    file.windows(5).find_map(|window| match window {
        [
            Token::Word(word),
            Token::Mark('('),
            Token::Text(title),
            Token::Mark(','),
            Token::Text(version),
        ] if word == "DefaultConfig" => Some((title.clone(), version.clone())),
        _ => None,
    })
}

#[derive(Default)]
struct Sources {
    types: BTreeMap<String, Type>,
    /// Input and output of functions that could be handlers, by name.
    functions: BTreeMap<String, (Type, Type)>,
}

impl Sources {
    fn handlers(&mut self, file: &[Token]) {
        for at in 0..file.len() {
            if file[at].word() != Some("func") {
                continue;
            }
            let mut reader = Reader::new(file, at + 1);
            if reader.eat('(') {
                reader.skip_to_close();
            }
            let Some(Token::Word(name)) = reader.next() else { continue };
            if let Some(signature) = signature(&mut reader) {
                self.functions.insert(name.clone(), signature);
            }
        }
    }
}

/// `(ctx context.Context, input *Input) (*Output, error)`.
fn signature(reader: &mut Reader<'_>) -> Option<(Type, Type)> {
    if !reader.eat('(') {
        return None;
    }
    let mut types = Vec::new();
    while !reader.eat(')') {
        reader.next()?.word()?;
        types.push(reader.ty(0));
        reader.eat(',');
        reader.eat(';');
    }
    let [_, input] = &types[..] else { return None };
    if !reader.eat('(') {
        return None;
    }
    let output = reader.ty(0);
    let is_handler = reader.eat(',') && reader.next()?.word() == Some("error");
    is_handler.then(|| (strip(input.clone()), strip(output)))
}

fn strip(ty: Type) -> Type {
    match ty {
        Type::Pointer(inner) => *inner,
        ty => ty,
    }
}

#[derive(Default)]
struct Operation {
    method: String,
    path: String,
    id: Option<String>,
    summary: Option<String>,
    description: Option<String>,
    tags: Vec<String>,
    status: Option<String>,
    input: Option<Type>,
    output: Option<Type>,
}

/// The calls that register operations.
fn calls(file: &[Token], sources: &Sources) -> Vec<Operation> {
    let mut found = Vec::new();
    for at in 0..file.len() {
        let [Token::Word(package), Token::Mark('.'), Token::Word(function), Token::Mark('(')] =
            file.get(at..at + 4).unwrap_or(&[])
        else {
            continue;
        };
        if package != "huma" {
            continue;
        }
        let mut reader = Reader::new(file, at + 4);
        skip_argument(&mut reader);
        let operation = match function.as_str() {
            "Get" | "Post" | "Put" | "Delete" | "Patch" => {
                let path = reader.next().and_then(Token::text).map(str::to_owned);
                path.map(|path| Operation {
                    method: function.to_uppercase(),
                    path,
                    ..Operation::default()
                })
            }
            "Register" => operation(&mut reader),
            _ => None,
        };
        let Some(mut operation) = operation else { continue };
        reader.eat(',');
        if let Some((input, output)) = handler(&mut reader, sources) {
            operation.input = Some(input);
            operation.output = Some(output);
        }
        found.push(operation);
    }
    found
}

/// Past the comma after the present argument.
fn skip_argument(reader: &mut Reader<'_>) {
    while let Some(token) = reader.next() {
        match token {
            Token::Mark('(' | '[' | '{') => reader.skip_to_close(),
            Token::Mark(',') => return,
            _ => {}
        }
    }
}

/// `huma.Operation{…}`.
fn operation(reader: &mut Reader<'_>) -> Option<Operation> {
    while !reader.eat('{') {
        reader.next()?;
    }
    let mut operation = Operation::default();
    while !reader.eat('}') {
        let Some(key) = reader.next()?.word() else { continue };
        if !reader.eat(':') {
            continue;
        }
        let mut values = Vec::new();
        loop {
            match reader.peek()? {
                Token::Mark(',' | ';') => {
                    reader.at += 1;
                    break;
                }
                Token::Mark('}') => break,
                Token::Mark('(' | '[' | '{') => {
                    reader.at += 1;
                    let inner = reader.at;
                    reader.skip_to_close();
                    values.extend(reader.since(inner).iter().cloned());
                }
                token => {
                    values.push(token.clone());
                    reader.at += 1;
                }
            }
        }
        let text = values.iter().find_map(|token| token.text().map(str::to_owned));
        let last = values.iter().rev().find_map(|token| match token {
            Token::Word(word) => Some(word.clone()),
            Token::Number(number) => Some(number.clone()),
            _ => None,
        });
        match key {
            "Method" => {
                let method =
                    text.or_else(|| last.map(|word| word.trim_start_matches("Method").to_owned()));
                operation.method = method.unwrap_or_default().to_uppercase();
            }
            "Path" => operation.path = text.unwrap_or_default(),
            "OperationID" => operation.id = text,
            "Summary" => operation.summary = text,
            "Description" => operation.description = text,
            "DefaultStatus" => operation.status = last.and_then(|word| status(&word)),
            "Tags" => {
                operation.tags = values.iter().filter_map(|t| t.text().map(str::to_owned)).collect()
            }
            _ => {}
        }
    }
    (!operation.path.is_empty() && !operation.method.is_empty()).then_some(operation)
}

fn status(word: &str) -> Option<String> {
    let code = match word {
        "StatusOK" => "200",
        "StatusCreated" => "201",
        "StatusAccepted" => "202",
        "StatusNoContent" => "204",
        number if number.chars().all(|c| c.is_ascii_digit()) => number,
        _ => return None,
    };
    Some(code.to_owned())
}

/// The handler's types: of a function here, or of one by name.
fn handler(reader: &mut Reader<'_>, sources: &Sources) -> Option<(Type, Type)> {
    if reader.peek()?.word() == Some("func") {
        reader.next();
        return signature(reader);
    }
    let mut name = reader.next()?.word()?;
    while reader.eat('.') {
        name = reader.next()?.word()?;
    }
    sources.functions.get(name).cloned()
}

impl Operation {
    fn describe(&self, schemas: &mut Schemas<'_>) -> Value {
        let id = self.id.clone().unwrap_or_else(|| generated_id(&self.method, &self.path));
        let words = id.replace('-', " ");
        let summary = self.summary.clone().unwrap_or_else(|| {
            let mut chars = words.chars();
            chars.next().map_or(String::new(), |c| c.to_uppercase().chain(chars).collect())
        });
        let mut out = json!({"operationId": id, "summary": summary});
        if let Some(description) = &self.description {
            out["description"] = json!(description);
        }
        if !self.tags.is_empty() {
            out["tags"] = json!(self.tags);
        }
        let input = self.input.as_ref().map(|ty| schemas.fields(ty)).unwrap_or_default();
        let parameters: Vec<Value> =
            input.iter().filter_map(|field| parameter(field, schemas)).collect();
        if !parameters.is_empty() {
            out["parameters"] = json!(parameters);
        }
        if let Some(body) = input.iter().find(|field| field.name == "Body") {
            let schema = schemas.of(&body.ty, 0);
            out["requestBody"] =
                json!({"required": true, "content": {"application/json": {"schema": schema}}});
        }
        let output = self.output.as_ref().map(|ty| schemas.fields(ty)).unwrap_or_default();
        let body = output.iter().find(|field| field.name == "Body");
        let status = self
            .status
            .clone()
            .unwrap_or_else(|| if body.is_some() { "200" } else { "204" }.into());
        let mut good = json!({"description": if body.is_some() { "OK" } else { "No Content" }});
        if let Some(body) = body {
            good["content"] = json!({"application/json": {"schema": schemas.of(&body.ty, 0)}});
        }
        out["responses"] = json!({
            status: good,
            "default": {
                "description": "Error",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ErrorModel"}}},
            },
        });
        out
    }
}

/// `GET /things/{id}` is `get-things-by-id`, as the framework names it.
fn generated_id(method: &str, path: &str) -> String {
    let mut parts = vec![method.to_lowercase()];
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        match segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}')) {
            Some(name) => parts.push(format!("by-{}", name.trim_end_matches("..."))),
            None => parts.push(segment.to_lowercase()),
        }
    }
    parts.join("-").replace('_', "-")
}

fn parameter(field: &Field, schemas: &mut Schemas<'_>) -> Option<Value> {
    let (place, name) = ["path", "query", "header", "cookie"]
        .into_iter()
        .find_map(|place| Some((place, field.tags.get(place)?)))?;
    let name = name.split(',').next().unwrap_or(name);
    let is_required =
        place == "path" || field.tags.get("required").is_some_and(|tag| tag == "true");
    let mut schema = schemas.of(&field.ty, 0);
    constrain(&mut schema, field);
    let mut out = json!({"name": name, "in": place, "schema": schema});
    if is_required {
        out["required"] = json!(true);
    }
    if let Some(doc) = field.tags.get("doc") {
        out["description"] = json!(doc);
    }
    Some(out)
}

/// Schemas of types; named structs become components.
struct Schemas<'t> {
    types: &'t BTreeMap<String, Type>,
    made: Map<String, Value>,
    queue: BTreeSet<String>,
}

impl Schemas<'_> {
    /// The fields of a struct, those of embedded ones with them.
    fn fields(&self, ty: &Type) -> Vec<Field> {
        self.fields_at(ty, 0)
    }

    fn fields_at(&self, ty: &Type, depth: usize) -> Vec<Field> {
        if depth > MAX_DEPTH {
            return Vec::new();
        }
        let fields = match ty {
            Type::Struct(fields) => fields.clone(),
            Type::Pointer(inner) => return self.fields_at(inner, depth + 1),
            Type::Named(name) => match self.types.get(name.rsplit('.').next().unwrap_or(name)) {
                Some(ty) => return self.fields_at(&ty.clone(), depth + 1),
                None => Vec::new(),
            },
            _ => Vec::new(),
        };
        let each = fields.into_iter().flat_map(|field| match field.name.as_str() {
            "" => self.fields_at(&field.ty, depth + 1),
            _ => vec![field],
        });
        each.collect()
    }

    fn of(&mut self, ty: &Type, depth: usize) -> Value {
        if depth > MAX_DEPTH {
            return json!({});
        }
        match ty {
            Type::Pointer(inner) => self.of(inner, depth + 1),
            Type::List(inner) if **inner == Type::Named("byte".into()) => {
                json!({"type": "string", "contentEncoding": "base64"})
            }
            Type::List(inner) => json!({"type": "array", "items": self.of(inner, depth + 1)}),
            Type::Map(inner) => {
                json!({"type": "object", "additionalProperties": self.of(inner, depth + 1)})
            }
            Type::Struct(_) => self.object(ty, depth),
            Type::Named(name) => self.named(name, depth),
            Type::Other => json!({}),
        }
    }

    fn named(&mut self, name: &str, depth: usize) -> Value {
        let short = name.rsplit('.').next().unwrap_or(name).to_owned();
        match name {
            "string" => json!({"type": "string"}),
            "bool" => json!({"type": "boolean"}),
            "int" | "int64" => json!({"type": "integer", "format": "int64"}),
            "int8" | "int16" | "int32" | "rune" => json!({"type": "integer", "format": "int32"}),
            "uint" | "uint8" | "uint16" | "uint32" | "uint64" | "byte" => {
                json!({"type": "integer", "minimum": 0})
            }
            "float32" => json!({"type": "number", "format": "float"}),
            "float64" => json!({"type": "number", "format": "double"}),
            "time.Time" => json!({"type": "string", "format": "date-time"}),
            "any" => json!({}),
            _ => match self.types.get(&short) {
                Some(Type::Struct(_)) => {
                    self.queue.insert(short.clone());
                    json!({"$ref": format!("#/components/schemas/{short}")})
                }
                Some(other) => self.of(&other.clone(), depth + 1),
                None => json!({}),
            },
        }
    }

    fn object(&mut self, ty: &Type, depth: usize) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for field in self.fields(ty) {
            let tag = field.tags.get("json").cloned().unwrap_or_default();
            let mut parts = tag.split(',');
            let name =
                parts.next().filter(|name| !name.is_empty()).unwrap_or(&field.name).to_owned();
            let is_exported = field.name.chars().next().is_some_and(char::is_uppercase);
            if name == "-" || !is_exported {
                continue;
            }
            let is_optional = parts.any(|part| part == "omitempty" || part == "omitzero")
                || field.tags.get("required").is_some_and(|tag| tag == "false");
            let mut schema = self.of(&field.ty, depth + 1);
            constrain(&mut schema, &field);
            if let Some(doc) = field.tags.get("doc") {
                schema["description"] = json!(doc);
            }
            if !is_optional {
                required.push(name.clone());
            }
            properties.insert(name, schema);
        }
        json!({"type": "object", "additionalProperties": false, "properties": properties, "required": required})
    }

    /// Makes the components that were referred to, and those that they refer to.
    fn finish(&mut self) {
        while let Some(name) = self.queue.pop_first() {
            if self.made.contains_key(&name) {
                continue;
            }
            self.made.insert(name.clone(), Value::Null);
            let ty = self.types.get(&name).cloned().unwrap_or(Type::Other);
            let schema = self.object(&ty, 0);
            self.made.insert(name, schema);
        }
    }
}

/// The validation tags of the framework.
fn constrain(schema: &mut Value, field: &Field) {
    for name in
        ["minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum", "multipleOf"]
    {
        if let Some(number) =
            field.tags.get(name).and_then(|tag| serde_json::from_str::<Value>(tag).ok())
        {
            schema[name] = number;
        }
    }
    for name in ["pattern", "format"] {
        if let Some(text) = field.tags.get(name) {
            schema[name] = json!(text);
        }
    }
    if let Some(options) = field.tags.get("enum") {
        schema["enum"] = json!(options.split(',').collect::<Vec<_>>());
    }
    for name in ["default", "example"] {
        if let Some(text) = field.tags.get(name) {
            let value = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
            match name {
                "example" => schema["examples"] = json!([value]),
                name => schema[name] = value,
            }
        }
    }
}

/// RFC 9457 problem details, as the framework answers errors.
fn error_schemas() -> Map<String, Value> {
    let text = || json!({"type": "string"});
    let detail = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {"location": text(), "message": text(), "value": {}},
    });
    let model = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "type": {"type": "string", "format": "uri", "default": "about:blank"},
            "title": text(),
            "status": {"type": "integer", "format": "int64"},
            "detail": text(),
            "instance": {"type": "string", "format": "uri"},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/ErrorDetail"}},
        },
    });
    Map::from_iter([("ErrorDetail".to_owned(), detail), ("ErrorModel".to_owned(), model)])
}
