//! What an OpenAPI document says, with references followed and defaults made explicit.

use crate::diff::docs::{At, Docs, Level};
use crate::diff::schema::{SchemaId, Schemas};
use crate::spec::METHODS;
use crate::value::Data;

/// One document.
pub struct Api<'s, 'a> {
    pub root: At<'a>,
    pub schemas: &'s Schemas<'a>,
}

pub struct PathItem<'a> {
    /// The template, or the expression of a callback.
    pub name: String,
    /// The key of the path.
    pub key: At<'a>,
    pub at: At<'a>,
}

#[derive(Clone)]
pub struct Operation<'a> {
    /// In upper case.
    pub method: String,
    pub at: At<'a>,
}

pub struct Parameter<'a> {
    pub name: String,
    pub place: &'a str,
    /// Where it is listed.
    pub key: At<'a>,
    pub at: At<'a>,
    pub is_required: bool,
    pub style: String,
    pub explode: bool,
    pub schema: Option<SchemaId>,
    /// A media type instead of a schema.
    pub content: Option<String>,
}

/// What the keys of a map are (OpenAPI 3.1, "Specification Extensions": those with a pattern for the
/// names of their fields may have extensions; maps may not, so a name may start with `x-`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    Names,
    /// Names whose case does not matter: headers (RFC 9110, 5.1), media types (8.3.1).
    AnyCase,
    /// Fields of an object, among which extensions may stand: responses, callbacks.
    Fields,
}

pub struct Named<'a> {
    pub name: String,
    pub key: At<'a>,
    pub at: At<'a>,
}

impl<'a> Api<'_, 'a> {
    pub fn docs(&self) -> &Docs<'a> {
        &self.schemas.docs
    }

    /// What a parameter, a response, … is when its `$ref` is followed.
    pub fn follow(&self, at: At<'a>) -> At<'a> {
        self.docs().target(at)
    }

    pub fn path_items(&self, key: &str) -> Vec<PathItem<'a>> {
        let Some(paths) = self.root.get(key) else { return Vec::new() };
        let mut items: Vec<PathItem<'a>> = paths
            .entries()
            // The paths of a document may stand among extensions; webhooks are a plain map.
            .filter(|(name, _)| key != "paths" || !name.starts_with("x-"))
            .map(|(name, key)| PathItem { name: name.to_owned(), key, at: self.follow(key) })
            .collect();
        items.sort_by(|a, b| a.name.cmp(&b.name));
        items
    }

    pub fn operations(&self, item: &PathItem<'a>) -> Vec<Operation<'a>> {
        let known = METHODS.iter().filter_map(|method| {
            let at = item.at.get(method)?;
            Some(Operation { method: method.to_ascii_uppercase(), at })
        });
        let additional = item.at.get("additionalOperations");
        let more = additional.into_iter().flat_map(At::entries);
        let more = more.map(|(name, at)| Operation { method: name.to_ascii_uppercase(), at });
        known.chain(more).collect()
    }

    /// The parameters of an operation with those of its path, in the order of reports.
    pub fn parameters(&self, item: &PathItem<'a>, operation: &Operation<'a>) -> Vec<Parameter<'a>> {
        let list = |at: At<'a>| -> Vec<Parameter<'a>> {
            let items = at.get("parameters").map_or(Vec::new(), |list| list.items().collect());
            items.into_iter().filter_map(|at| self.parameter(at)).collect()
        };
        let mut all = list(operation.at);
        for shared in list(item.at) {
            if !all.iter().any(|own| own.name == shared.name && own.place == shared.place) {
                all.push(shared);
            }
        }
        let place = |parameter: &Parameter<'_>| {
            ["path", "query", "header", "cookie"].iter().position(|p| *p == parameter.place)
        };
        all.sort_by(|a, b| (place(a), &a.name).cmp(&(place(b), &b.name)));
        all
    }

    fn parameter(&self, key: At<'a>) -> Option<Parameter<'a>> {
        let at = self.follow(key);
        let place = at.text("in")?;
        let mut name = at.text("name")?.to_owned();
        if place == "header" {
            name = name.to_ascii_lowercase();
            if ["accept", "content-type", "authorization"].contains(&name.as_str()) {
                return None;
            }
        }
        let default = if matches!(place, "query" | "cookie") { "form" } else { "simple" };
        let style = at.text("style").unwrap_or(default).to_owned();
        let explode = at.get("explode").map(|at| at.value.data == Data::Bool(true));
        let content = at.get("content").and_then(|content| content.entries().next());
        let schema = at
            .get("schema")
            .or_else(|| content.and_then(|(_, media)| media.get("schema")))
            .map(|at| self.schemas.at(at));
        Some(Parameter {
            is_required: at.flag("required") || place == "path",
            explode: explode.unwrap_or(style == "form"),
            content: content.map(|(name, _)| name.to_owned()),
            name,
            place,
            key,
            at,
            style,
            schema,
        })
    }

    /// The entries of a map of things that may be references, by name.
    pub fn named(&self, at: Option<At<'a>>, keys: Keys) -> Vec<Named<'a>> {
        let one = |(name, key): (&str, At<'a>)| {
            let name = match keys {
                Keys::AnyCase => name.to_ascii_lowercase(),
                Keys::Names | Keys::Fields => name.to_owned(),
            };
            Named { name, key, at: self.follow(key) }
        };
        let is_one = |(name, _): &(&str, At<'a>)| keys != Keys::Fields || !name.starts_with("x-");
        let mut all: Vec<Named<'a>> =
            at.into_iter().flat_map(At::entries).filter(is_one).map(one).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// Reports what violates the standard; the rest is compared.
    pub fn check(&self) {
        let report = |message: String, at: At<'a>| {
            let place = Some(self.docs().anchor(at.spot()));
            self.docs().report("INVALID_INTERFACE_SPEC", Level::Warning, message, place);
        };
        for item in self.path_items("paths") {
            for operation in self.operations(&item) {
                for (code, at) in operation.at.get("responses").into_iter().flat_map(At::entries) {
                    let is_status = code.len() == 3
                        && code.starts_with(|c: char| ('1'..='5').contains(&c))
                        && (code[1..].eq_ignore_ascii_case("xx")
                            || code[1..].bytes().all(|b| b.is_ascii_digit()));
                    if !is_status && code != "default" && !code.starts_with("x-") {
                        report(format!("`{code}` is not a status code"), at);
                    }
                }
                for key in operation.at.get("parameters").into_iter().flat_map(At::items) {
                    let at = self.follow(key);
                    const PLACES: [&str; 6] =
                        ["path", "query", "header", "cookie", "querystring", "body"];
                    if let Some(place) = at.text("in")
                        && !PLACES.contains(&place)
                    {
                        report(format!("`in: {place}` is not a location of parameters"), at);
                    }
                }
            }
        }
    }

    /// The version as written in the document, such as `3.0`.
    pub fn dialect(&self) -> String {
        let field = self.root.get("openapi").or_else(|| self.root.get("swagger"));
        let text = field.map_or(String::new(), |at| match at.value.as_str() {
            Some(text) => text.to_owned(),
            None => at.json().to_string(),
        });
        text.split('.').take(2).collect::<Vec<_>>().join(".")
    }
}

/// The path that all servers of a document share; `None` when they have different ones.
pub fn base_path(api: &Api<'_, '_>) -> Option<String> {
    let urls: Vec<String> = match api.root.get("servers") {
        Some(servers) if !servers.value.items().is_empty() => {
            servers.items().filter_map(|server| server.text("url").map(path_of)).collect()
        }
        _ => vec![String::new()],
    };
    let first = urls.first()?.clone();
    urls.iter().all(|path| *path == first).then_some(first)
}

/// The path of a server's URL, without a slash at its end.
pub fn path_of(url: &str) -> String {
    let rest = url.split_once("//").map_or(url, |(_, rest)| rest);
    let has_host = url.contains("//");
    let path = match (has_host, rest.find('/')) {
        (true, None) => "",
        (true, Some(at)) => &rest[at..],
        (false, _) => rest,
    };
    path.trim_end_matches('/').to_owned()
}
