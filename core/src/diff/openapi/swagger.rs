//! Swagger 2.0 in the words of OpenAPI 3.0. Nodes stay those of the file, so that places do, too.

use crate::spec::METHODS;
use crate::value::{Data, Entry, Value};
use crate::yaml::NodeId;

/// The document as OpenAPI 3.0; `None` when it is not a Swagger document.
pub fn upgrade(document: &Value) -> Option<Value> {
    document.get("swagger")?;
    let mut root = document.clone();
    rewrite_references(&mut root, 0);
    let consumes = take(&mut root, "consumes");
    let produces = take(&mut root, "produces");
    let servers = servers(&mut root);
    if let Some(servers) = servers {
        put(&mut root, "servers", servers);
    }
    let mut components = map(root.node);
    for (old, new) in [
        ("definitions", "schemas"),
        ("parameters", "parameters"),
        ("responses", "responses"),
        ("securityDefinitions", "securitySchemes"),
    ] {
        if let Some(mut value) = take(&mut root, old) {
            each_entry(&mut value, |entry| match new {
                "parameters" => parameter(&mut entry.value),
                "responses" => response(&mut entry.value, produces.as_ref()),
                "securitySchemes" => security_scheme(&mut entry.value),
                _ => {}
            });
            put(&mut components, new, value);
        }
    }
    put(&mut root, "components", components);
    with(&mut root, "paths", |paths| {
        each_entry(paths, |path| {
            path_item(&mut path.value, consumes.as_ref(), produces.as_ref());
        });
    });
    Some(root)
}

fn map(node: NodeId) -> Value {
    Value { source: 0, node, data: Data::empty_map() }
}

fn text(node: NodeId, text: &str) -> Value {
    Value { source: 0, node, data: Data::Str(text.into()) }
}

fn each_entry(value: &mut Value, change: impl FnMut(&mut Entry)) {
    value.edit_entries(|entries| entries.iter_mut().for_each(change));
}

/// Changes what a key holds, if it is there.
fn with(value: &mut Value, key: &str, change: impl FnOnce(&mut Value)) {
    value.edit_entries(|entries| {
        if let Some(entry) = entries.iter_mut().find(|entry| *entry.key == *key) {
            change(&mut entry.value);
        }
    });
}

fn take(value: &mut Value, key: &str) -> Option<Value> {
    let at = value.entries().iter().position(|entry| *entry.key == *key)?;
    value.edit_entries(|entries| Some(entries.remove(at).value))
}

fn put(value: &mut Value, key: &str, new: Value) {
    let node = new.node;
    value.edit_entries(|entries| {
        entries.push(Entry { key: key.into(), key_node: node, source: 0, value: new });
    });
}

fn rewrite_references(value: &mut Value, depth: u32) {
    if depth > crate::yaml::MAX_DEPTH {
        return;
    }
    each_entry(value, |entry| {
        if *entry.key == *"$ref"
            && let Data::Str(reference) = &mut entry.value.data
        {
            for (old, new) in [
                ("#/definitions/", "#/components/schemas/"),
                ("#/parameters/", "#/components/parameters/"),
                ("#/responses/", "#/components/responses/"),
            ] {
                if let Some(name) = reference.strip_prefix(old) {
                    *reference = format!("{new}{name}").into();
                }
            }
        }
        rewrite_references(&mut entry.value, depth + 1);
    });
    value.edit_items(|items| {
        for item in items {
            rewrite_references(item, depth + 1);
        }
    });
}

fn servers(root: &mut Value) -> Option<Value> {
    let host = take(root, "host");
    let base = take(root, "basePath");
    let schemes = take(root, "schemes");
    let node = host.as_ref().or(base.as_ref()).or(schemes.as_ref())?.node;
    let part =
        |value: &Option<Value>| value.as_ref().and_then(Value::as_str).unwrap_or("").to_owned();
    let (host, base) = (part(&host), part(&base));
    let names: Vec<&str> = schemes
        .as_ref()
        .map_or(Vec::new(), |v| v.items().iter().filter_map(Value::as_str).collect());
    let urls: Vec<String> = match (host.is_empty(), names.is_empty()) {
        (true, _) => vec![if base.is_empty() { "/".to_owned() } else { base }],
        (false, true) => vec![format!("//{host}{base}")],
        (false, false) => names.iter().map(|name| format!("{name}://{host}{base}")).collect(),
    };
    let server = |url: String| {
        let mut server = map(node);
        put(&mut server, "url", text(node, &url));
        server
    };
    let items = urls.into_iter().map(server).collect();
    Some(Value { source: 0, node, data: Data::Seq(items) })
}

fn path_item(item: &mut Value, consumes: Option<&Value>, produces: Option<&Value>) {
    with(item, "parameters", |parameters| {
        parameters.edit_items(|list| list.iter_mut().for_each(parameter));
    });
    each_entry(item, |entry| {
        if METHODS.contains(&&*entry.key) {
            operation(&mut entry.value, consumes, produces);
        }
    });
}

fn operation(operation: &mut Value, consumes: Option<&Value>, produces: Option<&Value>) {
    let own_consumes = take(operation, "consumes");
    let own_produces = take(operation, "produces");
    let consumes = own_consumes.as_ref().or(consumes);
    let produces = own_produces.as_ref().or(produces);
    if let Some(parameters) = take(operation, "parameters") {
        let node = parameters.node;
        let Data::Seq(list) = &parameters.data else { return };
        let place = |value: &Value| value.get("in").and_then(Value::as_str).map(str::to_owned);
        let (mut rest, mut body, mut form) = (Vec::new(), None, Vec::new());
        for mut item in list.iter().cloned() {
            match place(&item).as_deref() {
                Some("body") => body = Some(item),
                Some("formData") => form.push(item),
                _ => {
                    parameter(&mut item);
                    rest.push(item);
                }
            }
        }
        if let Some(body) = body {
            put(operation, "requestBody", request_body(body, consumes));
        } else if !form.is_empty() {
            put(operation, "requestBody", form_body(form, consumes));
        }
        put(operation, "parameters", Value { source: 0, node, data: Data::Seq(rest.into()) });
    }
    with(operation, "responses", |responses| {
        each_entry(responses, |entry| response(&mut entry.value, produces));
    });
}

fn media_types(list: Option<&Value>, default: &str) -> Vec<String> {
    let names: Vec<String> = list.map_or(Vec::new(), |v| {
        v.items().iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
    });
    if names.is_empty() { vec![default.to_owned()] } else { names }
}

fn content(schema: &Value, names: Vec<String>) -> Value {
    let mut content = map(schema.node);
    for name in names {
        let mut media = map(schema.node);
        put(&mut media, "schema", schema.clone());
        put(&mut content, &name, media);
    }
    content
}

fn request_body(mut parameter: Value, consumes: Option<&Value>) -> Value {
    let mut body = map(parameter.node);
    for key in ["description", "required"] {
        if let Some(value) = take(&mut parameter, key) {
            put(&mut body, key, value);
        }
    }
    let schema = take(&mut parameter, "schema").unwrap_or_else(|| map(parameter.node));
    put(&mut body, "content", content(&schema, media_types(consumes, "application/json")));
    body
}

fn form_body(fields: Vec<Value>, consumes: Option<&Value>) -> Value {
    let node = fields[0].node;
    let (mut schema, mut properties, mut required) = (map(node), map(node), Vec::new());
    let mut has_file = false;
    for mut field in fields {
        let name = take(&mut field, "name");
        let name = name.as_ref().and_then(Value::as_str).unwrap_or("").to_owned();
        take(&mut field, "in");
        if take(&mut field, "required").is_some_and(|v| v.data == Data::Bool(true)) {
            required.push(text(field.node, &name));
        }
        has_file |= field.get("type").and_then(Value::as_str) == Some("file");
        binary(&mut field);
        put(&mut properties, &name, field);
    }
    put(&mut schema, "type", text(node, "object"));
    put(&mut schema, "properties", properties);
    if !required.is_empty() {
        put(&mut schema, "required", Value { source: 0, node, data: Data::Seq(required.into()) });
    }
    let default =
        if has_file { "multipart/form-data" } else { "application/x-www-form-urlencoded" };
    let mut body = map(node);
    put(&mut body, "content", content(&schema, media_types(consumes, default)));
    body
}

/// `type: file` is a string of bytes.
fn binary(schema: &mut Value) {
    if schema.get("type").and_then(Value::as_str) == Some("file") {
        let node = schema.node;
        with(schema, "type", |ty| ty.data = Data::Str("string".into()));
        put(schema, "format", text(node, "binary"));
    }
}

/// Types and limits of a parameter move below `schema`.
fn parameter(parameter: &mut Value) {
    const OUTSIDE: [&str; 8] = [
        "name",
        "in",
        "description",
        "required",
        "schema",
        "allowEmptyValue",
        "collectionFormat",
        "$ref",
    ];
    if parameter.get("schema").is_some() || parameter.get("$ref").is_some() {
        return;
    }
    let node = parameter.node;
    let Data::Map(entries) = &parameter.data else { return };
    let is_outside = |entry: &Entry| OUTSIDE.contains(&&*entry.key) || entry.key.starts_with("x-");
    let (outside, inside): (Vec<Entry>, Vec<Entry>) = entries.iter().cloned().partition(is_outside);
    parameter.data = Data::Map(outside.into());
    let mut schema = Value { source: 0, node, data: Data::Map(inside.into()) };
    binary(&mut schema);
    let is_array = schema.get("type").and_then(Value::as_str) == Some("array");
    put(parameter, "schema", schema);
    let format = take(parameter, "collectionFormat");
    if !is_array {
        return;
    }
    let place = parameter.get("in").and_then(Value::as_str).unwrap_or("").to_owned();
    let format = format.as_ref().and_then(Value::as_str).unwrap_or("csv").to_owned();
    let (style, explode) = match (format.as_str(), place.as_str()) {
        ("multi", _) => ("form", true),
        ("ssv", _) => ("spaceDelimited", false),
        ("tsv", _) => ("tabDelimited", false),
        ("pipes", _) => ("pipeDelimited", false),
        (_, "query" | "cookie") => ("form", false),
        _ => ("simple", false),
    };
    put(parameter, "style", text(node, style));
    put(parameter, "explode", Value { source: 0, node, data: Data::Bool(explode) });
}

fn response(response: &mut Value, produces: Option<&Value>) {
    if let Some(mut schema) = take(response, "schema") {
        binary(&mut schema);
        let content = content(&schema, media_types(produces, "application/json"));
        put(response, "content", content);
    }
    with(response, "headers", |headers| {
        each_entry(headers, |header| parameter(&mut header.value));
    });
}

fn security_scheme(scheme: &mut Value) {
    let node = scheme.node;
    match scheme.get("type").and_then(Value::as_str) {
        Some("basic") => {
            with(scheme, "type", |ty| ty.data = Data::Str("http".into()));
            put(scheme, "scheme", text(node, "basic"));
        }
        Some("oauth2") => {
            let name = match take(scheme, "flow").as_ref().and_then(Value::as_str) {
                Some("application") => "clientCredentials",
                Some("accessCode") => "authorizationCode",
                Some("password") => "password",
                _ => "implicit",
            };
            let mut flow = map(node);
            for key in ["authorizationUrl", "tokenUrl", "scopes"] {
                if let Some(value) = take(scheme, key) {
                    put(&mut flow, key, value);
                }
            }
            let mut flows = map(node);
            put(&mut flows, name, flow);
            put(scheme, "flows", flows);
        }
        _ => {}
    }
}
