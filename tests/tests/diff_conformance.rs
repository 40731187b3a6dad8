//! The conformance table of the specification of comparisons, row by row.

use pacto_core::diff::{Class, Date, Perspective, Settings};
use pacto_tests::diff::{diff, diff_with, rows};

/// A pair of bundles: number of the row, files of both sides, and the rows that appear.
struct Case {
    name: &'static str,
    old: Vec<(&'static str, String)>,
    new: Vec<(&'static str, String)>,
    rows: Vec<&'static str>,
}

fn check(cases: Vec<Case>) {
    check_with(
        cases,
        &Settings { as_of: Date::parse("2026-01-01").unwrap(), ..Settings::default() },
    );
}

fn check_with(cases: Vec<Case>, settings: &Settings) {
    let mut problems = Vec::new();
    for case in cases {
        let [old, new] = [&case.old, &case.new].map(|files| {
            files.iter().map(|(path, text)| (*path, text.as_str())).collect::<Vec<_>>()
        });
        let report = diff_with(&old, &new, settings.clone());
        let mut found = rows(&report);
        let mut expected: Vec<String> = case.rows.iter().map(|row| (*row).to_owned()).collect();
        found.sort();
        expected.sort();
        if found != expected {
            let stops: Vec<&str> =
                report.problems.iter().map(|problem| problem.problem.message.as_str()).collect();
            problems.push(format!(
                "{}:\n  found    {found:#?}\n  expected {expected:#?}\n  {stops:?}",
                case.name
            ));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn contract(name: &'static str, old: &str, new: &str, rows: &[&'static str]) -> Case {
    let files = |text: &str| vec![("pacto.yaml", text.to_owned())];
    Case { name, old: files(old), new: files(new), rows: rows.to_vec() }
}

/// Properties of a configuration.
fn config(name: &'static str, old: &str, new: &str, rows: &[&'static str]) -> Case {
    let files = |text: &str| {
        vec![
            ("pacto.yaml", "configuration: {schema: s.yaml}\n".to_owned()),
            ("s.yaml", format!("type: object\n{text}\n")),
        ]
    };
    Case { name, old: files(old), new: files(new), rows: rows.to_vec() }
}

const API: &str = "interfaces: [{name: api, type: http, port: 80, contract: api.yaml}]\n";

fn api(name: &'static str, old: &str, new: &str, rows: &[&'static str]) -> Case {
    let files = |text: &str| {
        let text = match text.contains("swagger:") || text.contains("openapi:") {
            true => text.to_owned(),
            false => format!("{{openapi: 3.1.0, {text}}}"),
        };
        vec![("pacto.yaml", API.to_owned()), ("api.yaml", text)]
    };
    Case { name, old: files(old), new: files(new), rows: rows.to_vec() }
}

/// The `get` of `/a`.
fn get(name: &'static str, old: &str, new: &str, rows: &[&'static str]) -> Case {
    let wrap = |text: &str| format!("paths: {{/a: {{get: {text}}}}}");
    api(name, &wrap(old), &wrap(new), rows)
}

/// The schema of the response of `get`.
fn response(name: &'static str, old: &str, new: &str, rows: &[&'static str]) -> Case {
    let wrap = |text: &str| {
        format!("{{responses: {{'200': {{content: {{application/json: {{schema: {text}}}}}}}}}}}")
    };
    get(name, &wrap(old), &wrap(new), rows)
}

/// The schema of the body of `post`.
fn request(name: &'static str, old: &str, new: &str, rows: &[&'static str]) -> Case {
    let wrap = |text: &str| {
        format!(
            "paths: {{/a: {{post: {{requestBody: {{content: {{application/json: {{schema: {text}}}}}}}, responses: {{}}}}}}}}"
        )
    };
    api(name, &wrap(old), &wrap(new), rows)
}

macro_rules! get {
    ($rest:literal) => {
        concat!("openapi.paths[/a].methods[GET]", $rest)
    };
}

macro_rules! r {
    ($rest:literal) => {
        concat!(
            "openapi.paths[/a].methods[GET].responses[200].content[application/json].schema",
            $rest
        )
    };
}

macro_rules! q {
    ($rest:literal) => {
        concat!(
            "openapi.paths[/a].methods[POST].request-body.content[application/json].schema",
            $rest
        )
    };
}

#[test]
fn contracts() {
    check(vec![
        contract(
            "2a",
            "service: {name: a, version: 1.0.0}",
            "service: {name: a, version: 2.0.0}",
            &["service.version modified N"],
        ),
        contract(
            "2b",
            "service: {name: a, version: 1.0.0}",
            "service: {name: b, version: 1.0.0}",
            &["service.name modified B"],
        ),
        contract(
            "3",
            "service: {name: a, owner: team/x}",
            "service: {name: a, owner: {team: team/x, dri: jo}}",
            &["service.owner.dri added N"],
        ),
        contract(
            "4a",
            "",
            "runtime: {workload: service, state: {type: stateful}}",
            &["runtime added N"],
        ),
        contract(
            "4b",
            "runtime: {state: {type: stateless}}",
            "runtime: {state: {type: stateful}}",
            &["runtime.state.type modified B"],
        ),
        contract(
            "5a",
            "runtime: {workload: service}",
            "runtime: {workload: service, lifecycle: {upgradeStrategy: ordered}}",
            &["runtime.lifecycle.upgradeStrategy added N"],
        ),
        contract(
            "5b",
            "runtime: {workload: service, health: {interface: a, path: /h}}",
            "runtime: {workload: service}",
            &["runtime.health removed P"],
        ),
        contract(
            "6",
            "interfaces: [{name: metrics, type: http, port: 80}]",
            "interfaces: []",
            &["interfaces removed B"],
        ),
        contract(
            "7a",
            "interfaces: [{name: a, type: http, port: 8081}]",
            "interfaces: [{name: a, type: http, port: 9090}]",
            &["interfaces.port modified B"],
        ),
        contract(
            "7b",
            "interfaces: [{name: a, type: event}]",
            "interfaces: [{name: a, type: event, port: 9000}]",
            &["interfaces.port added P"],
        ),
        contract(
            "8",
            "interfaces: [{name: a, type: http}]",
            "interfaces: [{name: a, type: http, visibility: internal}]",
            &[],
        ),
        Case {
            name: "9",
            old: vec![
                ("pacto.yaml", "interfaces: [{name: a, type: http, contract: a.yaml}]".into()),
                ("a.yaml", "{openapi: 3.0.0, paths: {}}".into()),
            ],
            new: vec![
                ("pacto.yaml", "interfaces: [{name: a, type: http, contract: b.yaml}]".into()),
                ("b.yaml", "{openapi: 3.0.0, paths: {}}".into()),
            ],
            rows: vec!["interfaces.contract modified P"],
        },
        contract(
            "12",
            "dependencies: [{ref: ../a, compatibility: ^1.0.0}]",
            "dependencies: [{ref: ../a, compatibility: '>=1.0.0'}]",
            &["dependencies.compatibility modified P"],
        ),
        contract(
            "13a",
            "scaling: {replicas: 3}",
            "scaling: {min: 1, max: 5}",
            &["scaling modified P"],
        ),
        contract(
            "13b",
            "scaling: {min: 1, max: 4}",
            "scaling: {min: 1, max: 8}",
            &["scaling.max modified N"],
        ),
        contract(
            "13c",
            "metadata: {tier: a}",
            "metadata: {tier: b}",
            &["metadata[tier] modified N"],
        ),
        Case {
            name: "14",
            old: vec![
                ("pacto.yaml", "configuration: {schema: s.json}".into()),
                ("s.json", "{}".into()),
            ],
            new: vec![
                ("pacto.yaml", "configurations: [{name: app, schema: s.json}]".into()),
                ("s.json", "{}".into()),
            ],
            rows: vec!["configurations[app] modified N"],
        },
    ]);
}

#[test]
fn reasons_name_the_relation_of_ranges() {
    let report = diff(
        &[("pacto.yaml", "dependencies: [{ref: ../a, compatibility: ^1.0.0}]")],
        &[("pacto.yaml", "dependencies: [{ref: ../a, compatibility: '>=1.0.0'}]")],
    );
    assert!(report.changes[0].change.reason.ends_with("(widened)"));
}

#[test]
fn configurations_and_policies() {
    check(vec![
        config(
            "15",
            "properties: {model_path: {type: string}, x: {}}",
            "properties: {x: {}}",
            &["configuration.properties[model_path] removed B"],
        ),
        config(
            "16a",
            "properties: {x: {}}",
            "required: [API_KEY]\nproperties: {x: {}, API_KEY: {type: string}}",
            &["configuration.properties[API_KEY] added B"],
        ),
        config(
            "16b",
            "properties: {x: {}}",
            "properties: {x: {}, DEBUG: {type: boolean}}",
            &["configuration.properties[DEBUG] added N"],
        ),
        config(
            "16c",
            "properties: {DEBUG: {type: boolean}}",
            "required: [DEBUG]\nproperties: {DEBUG: {type: boolean}}",
            &["configuration.properties[DEBUG].required modified B"],
        ),
        config(
            "17a",
            "properties: {LEVEL: {enum: [a, b]}}",
            "properties: {LEVEL: {enum: [a]}}",
            &["configuration.properties[LEVEL].enum[b] removed B"],
        ),
        config(
            "17b",
            "properties: {N: {type: integer}}",
            "properties: {N: {type: number}}",
            &["configuration.properties[N].type modified N"],
        ),
        config(
            "18a",
            "properties: {N: {type: integer, default: 1}}",
            "properties: {N: {type: integer, default: 2}}",
            &["configuration.properties[N].default modified P"],
        ),
        config(
            "18b",
            "properties: {N: {type: integer}}",
            "properties: {N: {type: integer, maximum: 10}}",
            &["configuration.properties[N].maximum added B"],
        ),
        Case {
            name: "19",
            old: vec![("pacto.yaml", "policy: {schema: p.json}".into()), ("p.json", "{}".into())],
            new: vec![
                ("pacto.yaml", "policy: {schema: p.json}".into()),
                ("p.json", "{\"required\": [\"metadata\"]}".into()),
            ],
            rows: vec!["policy.required[metadata] added P"],
        },
    ]);
}

#[test]
fn paths_and_parameters() {
    check(vec![
        Case {
            name: "1",
            old: vec![("pacto.yaml", API.into()), ("api.yaml", "openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths:\n  /a: {get: {responses: {200: {description: ok}}}}\n".into())],
            new: vec![("pacto.yaml", API.into()), ("api.yaml", r#"{"paths": {"/a": {"get": {"responses": {"200": {"description": "ok"}}}}}, "info": {"version": "1", "title": "a"}, "openapi": "3.1.0"}"#.into())],
            rows: vec![],
        },
        api("20", "paths: {/predict: {post: {}}, /a: {get: {}}}", "paths: {/a: {get: {}}}", &["openapi.paths[/predict] removed B"]),
        api("21", "paths: {/a: {get: {deprecated: true, x-sunset: '2025-01-01'}, put: {}}}", "paths: {/a: {put: {}}}", &["openapi.paths[/a].methods[GET] removed N"]),
        api("22", "paths: {'/pet/{id}': {get: {parameters: [{name: id, in: path, required: true, schema: {type: string}}]}}}", "paths: {'/pet/{petId}': {get: {parameters: [{name: petId, in: path, required: true, schema: {type: string}}]}}}", &["openapi.paths[/pet/{petId}] modified N"]),
        api("23", "servers: [{url: /}], paths: {/v1/a: {get: {}}}", "servers: [{url: /v1}], paths: {/a: {get: {}}}", &["openapi.paths[/a] modified N"]),
        get("24a", "{}", "{parameters: [{name: q, in: query, required: true, schema: {}}]}", &[get!(".parameters[q:query] added B")]),
        get("24b", "{}", "{parameters: [{name: q, in: query, schema: {}}]}", &[get!(".parameters[q:query] added N")]),
        get("25a", "{parameters: [{name: q, in: query, schema: {type: array}}]}", "{parameters: [{name: q, in: query, explode: false, schema: {type: array}}]}", &[get!(".parameters[q:query].explode modified B")]),
        get("25b", "{parameters: [{name: n, in: query, schema: {type: integer, default: 20}}]}", "{parameters: [{name: n, in: query, schema: {type: integer, default: 50}}]}", &[get!(".parameters[n:query].schema.default modified B")]),
        api("26", "paths: {/a: {post: {requestBody: {content: {}}}}}", "paths: {/a: {post: {requestBody: {required: true, content: {}}}}}", &["openapi.paths[/a].methods[POST].request-body.required modified B"]),
        get("39a", "{}", "{security: [{apiKey: []}]}", &[get!(".security[apiKey] added B")]),
        get("39b", "{security: [{a: []}, {b: []}]}", "{security: [{a: []}]}", &[get!(".security[b] removed B")]),
        get("39c", "{security: [{oauth: [read, write]}]}", "{security: [{oauth: [read]}]}", &[get!(".security[oauth].scopes[write] removed N")]),
        get("40", "{responses: {'404': {description: x}, default: {description: x}}}", "{responses: {default: {description: x}}}", &[]),
        get("41", "{responses: {'200': {content: {application/json: {schema: {}}}}}}", "{responses: {'200': {content: {application/xml: {schema: {}}}}}}", &[get!(".responses[200].content[application/json] removed B"), get!(".responses[200].content[application/xml] added N")]),
        api(
            "42",
            "paths: {/a: {post: {callbacks: {cb: {'{$url}': {post: {requestBody: {content: {application/json: {schema: {type: object, properties: {x: {}}}}}}}}}}}}}",
            "paths: {/a: {post: {callbacks: {cb: {'{$url}': {post: {requestBody: {content: {application/json: {schema: {type: object, required: [y], properties: {x: {}, y: {}}}}}}}}}}}}}",
            &["openapi.paths[/a].methods[POST].callbacks[cb][{$url}].methods[POST].request-body.content[application/json].schema.properties[y] added N"],
        ),
    ]);
}

#[test]
fn a_roll_up_stands_before_its_details() {
    let file = |required: &str| {
        format!(
            "{{openapi: 3.0.0, paths: {{/a: {{post: {{requestBody: {{{required} content: {{}}}}}}}}}}}}"
        )
    };
    let (old, new) = (file(""), file("required: true,"));
    let report = diff(
        &[("pacto.yaml", API), ("api.yaml", &old)],
        &[("pacto.yaml", API), ("api.yaml", &new)],
    );
    let all: Vec<(bool, &str, Class)> = report
        .changes
        .iter()
        .map(|row| (row.change.is_rollup(), row.change.path.as_str(), row.change.class))
        .collect();
    let path = "openapi.paths[/a].methods[POST].request-body";
    let detail = format!("{path}.required");
    assert_eq!(all, [(true, path, Class::Breaking), (false, detail.as_str(), Class::Breaking)]);
}

#[test]
fn schemas_of_requests_and_responses() {
    check(vec![
        request(
            "27a",
            "{type: object, properties: {y: {}}}",
            "{type: object, properties: {y: {}, x: {}}}",
            &[q!(".properties[x] added N")],
        ),
        request(
            "27b",
            "{type: object, properties: {y: {}}}",
            "{type: object, required: [x], properties: {y: {}, x: {type: integer, default: 1}}}",
            &[q!(".properties[x] added B")],
        ),
        request(
            "28",
            "{type: object, properties: {x: {}, y: {}}}",
            "{type: object, properties: {y: {}}}",
            &[q!(".properties[x] removed P")],
        ),
        request(
            "29a",
            "{type: object, properties: {x: {type: string, maxLength: 10}}}",
            "{type: object, properties: {x: {type: string, maxLength: 20}}}",
            &[q!(".properties[x].maxLength modified N")],
        ),
        response(
            "29b",
            "{type: object, properties: {x: {type: string, maxLength: 10}}}",
            "{type: object, properties: {x: {type: string, maxLength: 20}}}",
            &[r!(".properties[x].maxLength modified B")],
        ),
        response(
            "30a",
            "{type: object, properties: {id: {}, email: {}}}",
            "{type: object, properties: {id: {}}}",
            &[r!(".properties[email] removed B")],
        ),
        response(
            "30b",
            "{type: object, required: [id], properties: {id: {}, email: {}}}",
            "{type: object, required: [id], properties: {id: {}}}",
            &[r!(".properties[email] removed P")],
        ),
        response(
            "31",
            "{type: object, properties: {s: {enum: [a]}}}",
            "{type: object, properties: {s: {enum: [a, b]}}}",
            &[r!(".properties[s].enum[b] added P")],
        ),
        response(
            "33",
            "{type: object, properties: {s: {type: string}}}",
            "{type: object, properties: {s: {type: [string, 'null']}}}",
            &[r!(".properties[s].nullable modified B")],
        ),
        response(
            "34b",
            "{type: object, properties: {a: {type: string}, b: {type: integer}}}",
            "{allOf: [{type: object, properties: {a: {type: string}}}, {type: object, properties: {b: {type: integer}}}]}",
            &[],
        ),
        response(
            "36a",
            "{type: object, additionalProperties: {type: integer}}",
            "{type: object, additionalProperties: {type: string}}",
            &[r!(".additionalProperties.type modified B")],
        ),
        request(
            "36b",
            "{type: object, properties: {a: {}}}",
            "{type: object, properties: {a: {}}, additionalProperties: false}",
            &[q!(".additionalProperties modified B")],
        ),
        response(
            "38",
            "{type: object, properties: {id: {type: string}}}",
            "{type: object, properties: {id: {type: string, writeOnly: true}}}",
            &[r!(".properties[id].writeOnly modified B")],
        ),
    ]);
}

#[test]
fn dialects_references_and_unions() {
    let body = |schema: &str| {
        format!("{{responses: {{'200': {{content: {{application/json: {{schema: {schema}}}}}}}}}}}")
    };
    let with = |schema: &str, components: &str| {
        format!("paths: {{/a: {{get: {}}}}}, components: {{schemas: {components}}}", body(schema))
    };
    let animals = "{Cat: {type: object, required: [meow], properties: {meow: {type: string}}}, Dog: {type: object, required: [bark], properties: {bark: {type: string}}}}";
    let tree = |v: &str| {
        with(
            "{$ref: '#/components/schemas/T'}",
            &format!(
                "{{T: {{type: object, properties: {{v: {{type: {v}}}, kids: {{type: array, items: {{$ref: '#/components/schemas/T'}}}}}}}}}}"
            ),
        )
    };
    let post = |schema: &str| {
        format!(
            "paths: {{/a: {{post: {{requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}}}}}}}, components: {{schemas: {animals}}}"
        )
    };
    check(vec![
        api(
            "32a",
            &format!(
                "{{openapi: 3.0.3, paths: {{/a: {{get: {}}}}}}}",
                body("{type: object, properties: {s: {type: string, nullable: true}}}")
            ),
            &format!(
                "{{openapi: 3.1.0, paths: {{/a: {{get: {}}}}}}}",
                body("{type: object, properties: {s: {type: [string, 'null']}}}")
            ),
            &["openapi.dialect modified N"],
        ),
        api(
            "32b",
            "{swagger: '2.0', paths: {/a: {post: {consumes: [application/json], parameters: [{name: b, in: body, required: true, schema: {$ref: '#/definitions/A'}}], responses: {'200': {description: ok}}}}}, definitions: {A: {type: object, properties: {x: {type: string}}}}}",
            "{openapi: 3.0.3, paths: {/a: {post: {requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}, responses: {'200': {description: ok}}}}}, components: {schemas: {A: {type: object, properties: {x: {type: string}}}}}}",
            &["openapi.dialect modified N"],
        ),
        api(
            "34a",
            &with("{type: object, properties: {a: {type: string}}}", "{}"),
            &with(
                "{$ref: '#/components/schemas/A'}",
                "{A: {type: object, properties: {a: {type: string}}}}",
            ),
            &[],
        ),
        api(
            "35a",
            &with("{oneOf: [{$ref: '#/components/schemas/Cat'}]}", animals),
            &with(
                "{oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}",
                animals,
            ),
            &[r!(".oneOf[Dog] added B")],
        ),
        api(
            "35b",
            &post(
                "{anyOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}",
            ),
            &post("{anyOf: [{$ref: '#/components/schemas/Cat'}]}"),
            &[q!(".anyOf[Dog] removed B")],
        ),
        api("37", &tree("integer"), &tree("string"), &[r!(".properties[v].type modified B")]),
    ]);
}

fn proto(name: &'static str, old: &str, new: &str, rows: &[&'static str]) -> Case {
    let files = |text: &str| {
        vec![
            (
                "pacto.yaml",
                "interfaces: [{name: rpc, type: grpc, port: 80, contract: a.proto}]\n".to_owned(),
            ),
            ("a.proto", format!("syntax = \"proto3\"; package p; {text}")),
        ]
    };
    Case { name, old: files(old), new: files(new), rows: rows.to_vec() }
}

#[test]
fn protobuf() {
    let answers = "service S { rpc Get (Q) returns (M); } message Q {}";
    let reads = "service S { rpc Get (M) returns (R); } message R {}";
    check(vec![
        proto(
            "43a",
            &format!("{answers} message M {{ string email = 1; }}"),
            &format!("{answers} message M {{}}"),
            &["grpc.messages[p.M].fields[email] removed B"],
        ),
        proto(
            "43b",
            &format!("{reads} message M {{ string x = 3; }}"),
            &format!("{reads} message M {{ reserved 3; reserved \"x\"; }}"),
            &["grpc.messages[p.M].fields[x] removed P"],
        ),
        proto(
            "44",
            &format!("{answers} message M {{ int32 n = 1; }}"),
            &format!("{answers} message M {{ int64 n = 1; }}"),
            &["grpc.messages[p.M].fields[n] modified P"],
        ),
        proto(
            "45a",
            "service S { rpc Get (Q) returns (M); } message Q {} message M {}",
            "service S { rpc Get (Q) returns (stream M); } message Q {} message M {}",
            &["grpc.rpcs[p.S.Get] modified B"],
        ),
        proto(
            "45b",
            &format!("{answers} message M {{ E e = 1; }} enum E {{ A = 0; B = 1; }}"),
            &format!("{answers} message M {{ E e = 1; }} enum E {{ A = 0; B = 1; C = 2; }}"),
            &["grpc.enums[p.E].values[C] added P"],
        ),
    ]);
}

fn event(name: &'static str, old: &str, new: &str, rows: &[&'static str]) -> Case {
    let files = |text: &str| {
        vec![
            ("pacto.yaml", "interfaces: [{name: ev, type: event, contract: ev.yaml}]\n".to_owned()),
            ("ev.yaml", text.to_owned()),
        ]
    };
    Case { name, old: files(old), new: files(new), rows: rows.to_vec() }
}

#[test]
fn events() {
    let v3 = |action: &str, payload: &str| {
        format!(
            "{{asyncapi: 3.0.0, channels: {{c: {{address: a, messages: {{m: {{payload: {payload}}}}}}}}}, \
             operations: {{o: {{action: {action}, channel: {{$ref: '#/channels/c'}}}}}}}}"
        )
    };
    let v2 = |payload: &str| {
        format!(
            "{{asyncapi: 2.6.0, channels: {{a: {{publish: {{message: {{payload: {payload}}}}}}}}}}}"
        )
    };
    let old = "{type: object, properties: {y: {}}}";
    let new = "{type: object, required: [x], properties: {y: {}, x: {}}}";
    check(vec![
        event(
            "46",
            "{asyncapi: 2.6.0, channels: {order.created: {publish: {}}, b: {publish: {}}}}",
            "{asyncapi: 2.6.0, channels: {b: {publish: {}}}}",
            &["asyncapi.channels[order.created] removed B"],
        ),
        event(
            "47a",
            &v3("send", old),
            &v3("send", new),
            &["asyncapi.channels[a].messages[m].payload.properties[x] added N"],
        ),
        event(
            "47b",
            &v3("receive", old),
            &v3("receive", new),
            &["asyncapi.channels[a].messages[m].payload.properties[x] added B"],
        ),
        event(
            "47c",
            &v2(old),
            &v2(new),
            &["asyncapi.channels[a].publish.message.payload.properties[x] added B"],
        ),
        event("a migration", &v2(old), &v3("send", old), &["asyncapi.dialect modified N"]),
    ]);
    let sends = Settings { perspective: Some(Perspective::Application), ..Settings::default() };
    check_with(
        vec![event(
            "publishing is sending",
            &v2(old),
            &v2(new),
            &["asyncapi.channels[a].publish.message.payload.properties[x] added N"],
        )],
        &sends,
    );
}

#[test]
fn bills_of_materials_never_break() {
    let sbom =
        |packages: &str| format!("{{\"spdxVersion\": \"SPDX-2.3\", \"packages\": [{packages}]}}");
    let package = |name: &str, version: &str| {
        format!("{{\"name\": \"{name}\", \"versionInfo\": \"{version}\"}}")
    };
    let old = sbom(&format!("{}, {}", package("lib-a", "1.0.0"), package("lib-b", "1.0.0")));
    let new = sbom(&format!("{}, {}", package("lib-a", "2.0.0"), package("lib-c", "1.0.0")));
    let report = diff(
        &[("pacto.yaml", ""), ("sbom/a.spdx.json", &old)],
        &[("pacto.yaml", ""), ("sbom/a.spdx.json", &new)],
    );
    assert_eq!(report.sbom.changes.len(), 3);
    assert_eq!(report.class, Class::NonBreaking);
    assert!(report.changes.is_empty());
}

fn service(name: &str, version: &str, rest: &str) -> String {
    format!("pactoVersion: '1.0'\nservice: {{name: {name}, version: {version}, owner: t}}\n{rest}")
}

#[test]
fn dependency_trees() {
    let redis = |version: &str| service("redis", version, "");
    let (v1, v2) = (redis("7.2.0"), redis("7.4.0"));
    let registry = [
        ("oci://r.io/acme/redis:7.2.0/pacto.yaml", v1.as_str()),
        ("oci://r.io/acme/redis:7.4.0/pacto.yaml", v2.as_str()),
    ];
    let depends =
        |tag: &str| format!("dependencies: [{{name: redis, ref: 'oci://r.io/acme/redis:{tag}'}}]");
    let (old, new) = (depends("7.2.0"), depends("7.4.0"));
    let side = |contract: &'_ str| -> Vec<(String, String)> {
        let mut files = vec![("pacto.yaml".to_owned(), contract.to_owned())];
        files.extend(registry.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
        files
    };
    let compare = |old: &str, new: &str| {
        let (old, new) = (side(old), side(new));
        let old: Vec<(&str, &str)> = old.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
        let new: Vec<(&str, &str)> = new.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
        diff(&old, &new)
    };
    // 10
    let report = compare(&old, &new);
    assert_eq!(rows(&report), ["dependencies.ref modified P"]);
    let graph = report.graph.expect("a graph");
    assert_eq!(
        format!("{:?}", graph.changes[0].change),
        "Version { old: \"7.2.0\", new: \"7.4.0\" }"
    );
    // 11
    let report = compare(&old, "");
    assert_eq!(rows(&report), ["dependencies removed B"]);
    let graph = report.graph.expect("a graph");
    assert_eq!(format!("{:?}", graph.changes[0].change), "Removed { old: \"7.2.0\" }");
    // 50
    let report = compare(&old, &depends("9.9.9"));
    let graph = report.graph.expect("a graph");
    assert!(graph.changes.is_empty(), "{:?}", graph.changes);
    assert_eq!(graph.unresolved.len(), 1);
    assert!(report.problems.iter().any(|p| p.problem.code == "DEPENDENCY_UNRESOLVED"));
}

#[test]
fn sharing_a_dependency_elsewhere_is_no_change() {
    // 49: B is shared under A and C; the order decides where it is met first.
    let b = service("b", "1.0.0", "");
    let above = |name: &str| service(name, "1.0.0", "dependencies: [{ref: ../b}]");
    let (a, c) = (above("a"), above("c"));
    let files = |order: &'static str| -> Vec<(&'static str, String)> {
        vec![
            ("pacto.yaml", format!("dependencies: [{order}]")),
            ("../a/pacto.yaml", a.clone()),
            ("../b/pacto.yaml", b.clone()),
            ("../c/pacto.yaml", c.clone()),
        ]
    };
    let (old, new) = (files("{ref: ../a}, {ref: ../c}"), files("{ref: ../c}, {ref: ../a}"));
    let old: Vec<(&str, &str)> = old.iter().map(|(p, t)| (*p, t.as_str())).collect();
    let new: Vec<(&str, &str)> = new.iter().map(|(p, t)| (*p, t.as_str())).collect();
    let report = diff(&old, &new);
    assert!(report.graph.expect("a graph").changes.is_empty());
    assert!(report.changes.is_empty());
}

#[test]
fn what_breaks_below_breaks_above() {
    // 51: the contract of a transitive service breaks, and nothing else changed.
    let auth = service("auth", "1.0.0", "dependencies: [{ref: ../user-store}]");
    let store = |port: u16| {
        service(
            "user-store",
            "1.0.0",
            &format!("interfaces: [{{name: a, type: http, port: {port}}}]"),
        )
    };
    let files = |port: u16| {
        vec![
            ("pacto.yaml", "dependencies: [{ref: ../auth}]".to_owned()),
            ("../auth/pacto.yaml", auth.clone()),
            ("../user-store/pacto.yaml", store(port)),
        ]
    };
    let (old, new) = (files(80), files(81));
    let old: Vec<(&str, &str)> = old.iter().map(|(p, t)| (*p, t.as_str())).collect();
    let new: Vec<(&str, &str)> = new.iter().map(|(p, t)| (*p, t.as_str())).collect();
    let report = diff(&old, &new);
    assert!(report.changes.is_empty());
    assert_eq!(report.class, Class::Breaking);
    assert_eq!(report.dependencies[0].name, "user-store");
    assert_eq!(report.dependencies[0].via, [["pay", "auth", "user-store"]]);
}

#[test]
fn what_cannot_be_compared_is_a_row() {
    let good = "{openapi: 3.0.0, paths: {}}";
    for (name, broken, code) in [
        ("a YAML error", "openapi: 3.0.0\npaths: {\n", "INVALID_INTERFACE_SPEC"),
        ("a duplicate key", "openapi: 3.0.0\npaths: {}\npaths: {}\n", "INVALID_INTERFACE_SPEC"),
        (
            "a reference out of the bundle",
            "{openapi: 3.0.0, paths: {/a: {get: {responses: {'200': {$ref: '../../etc/x.yaml'}}}}}}",
            "PATH_ESCAPES_BUNDLE",
        ),
        (
            "a remote reference",
            "{openapi: 3.0.0, paths: {/a: {get: {responses: {'200': {$ref: 'https://h/x'}}}}}}",
            "REF_REMOTE",
        ),
        (
            "a reference to nowhere",
            "{openapi: 3.0.0, paths: {/a: {get: {responses: {'200': {$ref: '#/nowhere'}}}}}}",
            "SPEC_REF_UNRESOLVED",
        ),
        ("another kind", "{asyncapi: 3.0.0, channels: {}}", "SPEC_KIND_MISMATCH"),
    ] {
        let (old_text, new_text) = match name {
            "another kind" => (good.to_owned(), broken.to_owned()),
            _ if broken.contains("/a:") => (
                "{openapi: 3.0.0, paths: {/a: {get: {responses: {'200': {}}}}}}".to_owned(),
                broken.to_owned(),
            ),
            _ => (good.to_owned(), broken.to_owned()),
        };
        let report = diff(
            &[("pacto.yaml", API), ("api.yaml", &old_text)],
            &[("pacto.yaml", API), ("api.yaml", &new_text)],
        );
        let row = report.changes.iter().find(|row| row.change.rule_id() == "input/not-compared");
        let row = row.unwrap_or_else(|| panic!("{name}: {:?}", rows(&report)));
        assert!(row.change.reason.contains(code), "{name}: {}", row.change.reason);
        assert_eq!(row.change.class, Class::PotentialBreaking, "{name}");
        let problem = report.problems.iter().find(|p| p.problem.code == code).expect(name);
        assert!(problem.at.is_some(), "{name}: no place");
    }
}

#[test]
fn the_version_must_say_what_changed() {
    // 53
    let file = |version: &str, port: u16| {
        format!(
            "service: {{name: a, version: {version}}}\ninterfaces: [{{name: a, type: http, port: {port}}}]"
        )
    };
    let (old, new) = (file("1.2.0", 80), file("1.3.0", 81));
    let report = diff(&[("pacto.yaml", &old)], &[("pacto.yaml", &new)]);
    assert_eq!(report.advice.code.map(|code| code.text()), Some("VERSION_BUMP_REQUIRED"));
    assert_eq!(report.advice.minimum.as_deref(), Some("2.0.0"));
}
