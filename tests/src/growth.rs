//! Pairs of OpenAPI documents of which the comparison could grow faster than they do: every element
//! differs, and could be held against every other.

use std::fmt::Write;

/// Which of the two documents.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    Old,
    New,
}

/// A kind of document, with the size at which its growth is measured.
pub struct Growth {
    pub name: &'static str,
    /// How many elements there are.
    pub size: usize,
    /// The document with so many elements.
    pub document: fn(usize, Edition) -> String,
}

/// All kinds.
pub const ALL: &[Growth] = &[
    Growth { name: "`oneOf` of references", size: 2_000, document: references },
    Growth { name: "`oneOf` of references, all renamed", size: 2_000, document: renamed },
    Growth { name: "`oneOf` of objects", size: 2_000, document: inline },
    Growth { name: "properties of an object", size: 10_000, document: properties },
    Growth { name: "properties, all replaced", size: 10_000, document: replaced },
    Growth { name: "values of an `enum`, all replaced", size: 20_000, document: values },
    Growth { name: "paths with a renamed parameter", size: 4_000, document: parameters },
    Growth { name: "schemas that all refer to each other", size: 160, document: mutual },
    Growth { name: "alternatives of three, eight deep: leaves", size: 6_561, document: deep },
    Growth { name: "callbacks that all refer to each other", size: 40, document: callbacks },
];

const HEAD: &str = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n";

impl Edition {
    /// A limit that one edition lowers.
    fn limit(self) -> usize {
        match self {
            Edition::Old => 100,
            Edition::New => 99,
        }
    }

    /// A letter that names start with where all of them are replaced.
    fn letter(self) -> char {
        match self {
            Edition::Old => 'a',
            Edition::New => 'b',
        }
    }
}

fn list(count: usize, one: impl FnMut(usize) -> String) -> String {
    (0..count).map(one).collect::<Vec<_>>().join(", ")
}

/// A document whose one request body is `schema`.
fn request(schema: &str) -> String {
    format!(
        "{HEAD}paths:\n  /a:\n    post:\n      requestBody:\n        required: true\n        content:\n          \
         application/json:\n            schema: {schema}\n      responses: {{'200': {{description: ok}}}}\n"
    )
}

/// An object that demands one property of its own.
fn object(i: usize, edition: Edition) -> String {
    let limit = edition.limit();
    format!(
        "{{type: object, required: [k{i}], properties: {{k{i}: {{type: string, maxLength: {limit}}}}}}}"
    )
}

fn references(count: usize, edition: Edition) -> String {
    named_references(count, edition, 's')
}

fn renamed(count: usize, edition: Edition) -> String {
    named_references(count, edition, edition.letter())
}

fn named_references(count: usize, edition: Edition, letter: char) -> String {
    let all = list(count, |i| format!("{{$ref: '#/components/schemas/{letter}{i}'}}"));
    let mut out = request(&format!("{{oneOf: [{all}]}}")) + "components:\n  schemas:\n";
    for i in 0..count {
        let _ = writeln!(out, "    {letter}{i}: {}", object(i, edition));
    }
    out
}

fn inline(count: usize, edition: Edition) -> String {
    request(&format!("{{oneOf: [{}]}}", list(count, |i| object(i, edition))))
}

fn properties(count: usize, edition: Edition) -> String {
    let one = |i: usize| format!("p{i}: {{type: string, maxLength: {}}}", edition.limit());
    request(&format!("{{type: object, properties: {{{}}}}}", list(count, one)))
}

fn replaced(count: usize, edition: Edition) -> String {
    let one = |i: usize| format!("{}{i}: {{type: string}}", edition.letter());
    request(&format!("{{type: object, properties: {{{}}}}}", list(count, one)))
}

fn values(count: usize, edition: Edition) -> String {
    let all = list(count, |i| format!("{}{i}", edition.letter()));
    request(&format!("{{type: string, enum: [{all}]}}"))
}

fn parameters(count: usize, edition: Edition) -> String {
    let (name, limit) = (edition.letter(), edition.limit());
    let mut out = format!("{HEAD}paths:\n");
    for i in 0..count {
        let _ = write!(
            out,
            "  /r{i}/{{{name}}}:\n    get:\n      parameters:\n        - {{name: {name}, in: path, \
             required: true, schema: {{type: string, maxLength: {limit}}}}}\n      responses: \
             {{'200': {{description: ok}}}}\n"
        );
    }
    out
}

fn mutual(count: usize, edition: Edition) -> String {
    let all = list(count, |i| format!("p{i}: {{$ref: '#/components/schemas/s{i}'}}"));
    let mut out = request("{$ref: '#/components/schemas/s0'}") + "components:\n  schemas:\n";
    for i in 0..count {
        let _ = writeln!(
            out,
            "    s{i}: {{type: object, properties: {{own: {{type: string, maxLength: {}}}, {all}}}}}",
            edition.limit()
        );
    }
    out
}

fn deep(leaves: usize, edition: Edition) -> String {
    fn schema(leaves: usize, edition: Edition) -> String {
        if leaves < 3 {
            return format!("{{type: string, maxLength: {}}}", edition.limit());
        }
        let below = schema(leaves / 3, edition);
        let one = |i: usize| format!("{{type: object, properties: {{p{i}: {below}}}}}");
        format!("{{anyOf: [{}]}}", list(3, one))
    }
    request(&schema(leaves, edition))
}

fn callbacks(count: usize, edition: Edition) -> String {
    let all = list(count, |i| format!("k{i}: {{$ref: '#/components/callbacks/c{i}'}}"));
    let mut out = format!(
        "{HEAD}paths: {{/a: {{post: {{callbacks: {{{all}}}, responses: {{}}}}}}}}\ncomponents:\n  callbacks:\n"
    );
    for i in 0..count {
        let _ = writeln!(
            out,
            "    c{i}: {{'{{$url}}': {{post: {{requestBody: {{content: {{application/json: {{schema: \
             {{type: string, maxLength: {}}}}}}}}}, callbacks: {{{all}}}, responses: {{}}}}}}}}",
            edition.limit()
        );
    }
    out
}
