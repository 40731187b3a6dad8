//! The documentation of the rules, made from their tables.

use std::fmt::Write;

use super::{EVENTS, FIELDS, OPENAPI, PROTO, SCHEMA, SCHEMA_DOMAINS};
use crate::diff::change::{ChangeType, Class};
use crate::diff::rule::{Classes, Column, Meaning, Rule};

const INTRODUCTION: &str = "# How changes are classified

`pacto diff` and the editor compare two versions of a contract with everything that it names, and
give each change a class:

| class | meaning |
|---|---|
| `NON_BREAKING` (N) | Nobody who honoured the old contract can be affected. |
| `POTENTIAL_BREAKING` (P) | Some may be affected, depending on how they use what changed; or it cannot be decided. |
| `BREAKING` (B) | At least one correct user of the old contract stops working. |

The class of the whole is the worst of all that count. What no rule knows is P. `A or B` means that
the class depends on what stands around the change; the first is the usual one.

Data has a side. *Input* is what the service reads: request bodies and parameters, events that it
receives. *Output* is what it writes: responses, events that it sends. *Configuration* is what the
platform supplies. An input must go on admitting what it admitted; an output must not go beyond what
it was. Callbacks and webhooks go the other way. Policies are judged as configuration, with B lowered
to P. An AsyncAPI 2 document that does not say who publishes gets the worse of both sides
(`asyncapi.perspective: application` or `client` in the `diff` block of `.pacto.yaml`, or
`x-pacto-perspective` in the document).

This page is generated from the tables of the rules, and every example runs as a test.
";

/// The whole page, as Markdown.
pub fn page() -> String {
    let mut out = INTRODUCTION.to_owned();
    out.push_str(SETTINGS);
    contract(&mut out);
    out.push_str(
        "\n## Schemas\n\nOne table for all schemas. Rule ids have a prefix that says where the schema \
         stands:\n`openapi/request/`, `openapi/response/`, `event/receive/`, `event/send/`, `event/` \
         (direction unknown),\n`config/`, `policy/`.\n\n| rule | meaning | input | output | \
         configuration |\n|---|---|---|---|---|\n",
    );
    for rule in SCHEMA {
        let class = |column| classes(rule.classes(column));
        let _ = writeln!(
            out,
            "| [`{}`](#{}) | {} | {} | {} | {} |",
            rule.id,
            rule.id,
            rule.reason,
            class(Column::Input),
            class(Column::Output),
            class(Column::Config)
        );
    }
    table(&mut out, "OpenAPI", "openapi/", OPENAPI);
    table(&mut out, "Protobuf", "proto/", PROTO);
    table(&mut out, "AsyncAPI", "asyncapi/", EVENTS);
    out.push_str(OTHERS);
    out.push_str("\n---\n");
    for rule in SCHEMA {
        example(&mut out, "", "yaml", rule);
    }
    for (domain, language, rules) in [
        ("openapi/", "yaml", OPENAPI),
        ("proto/", "protobuf", PROTO),
        ("asyncapi/", "yaml", EVENTS),
    ] {
        for rule in rules {
            example(&mut out, domain, language, rule);
        }
    }
    out
}

const SETTINGS: &str = "
## Settings

The `diff` block of `.pacto.yaml`, or a file for `pacto diff --rules`:

```yaml
diff:
  severity:                       # another class for a rule; none can be switched off
    openapi/operation-id-changed: NON_BREAKING
  ignore:                         # shown, and not counted
    - rule: openapi/path-removed
      path: openapi.paths[/predict]
      reason: nobody calls it
      until: 2027-06-30           # then it counts again
    - fingerprint: '5d0c2f7a91be4e36'
      reason: agreed with the only consumer
  deprecation: {minDaysStable: 90, minDaysBeta: 30}
  asyncapi: {perspective: application}
  proto: {json: true, capUnstable: true}
  enforceVersion: true            # a version that does not say what changed fails the gate
```

The fingerprint of a change is in the JSON output. It depends neither on positions nor on wording.

## In an editor

The language server compares with the nearest published version, else with the commit at which the
branch left the default branch. Settings, as `initializationOptions` or a change of configuration:

| setting | meaning |
|---|---|
| `pacto.baseline.mode` | `auto` (usual), `registry`, `git`, `file`, `off` |
| `pacto.baseline.path` | a folder, or an `oci://` reference |
| `pacto.baseline.gitRef` | a revision instead of the merge base |
| `pacto.registry.repositories` | where contracts are published, such as `oci://ghcr.io/acme/{service}-pacto` |
| `pacto.breaking.files`, `.inlay`, `.lens` | findings in specifications, texts beside lines, lenses; all on |
";

const OTHERS: &str = "
## Other rules

| rule | meaning | class |
|---|---|---|
| `input/not-compared` | A file could not be compared; the reason names the code of the diagnostic. | P |
| `config/required-with-new-section` | A property that a configuration demands which was not there before. | P |

Bills of materials (`sbom/*.spdx.json`, `sbom/*.cdx.json`) are compared for information; they never
have a class.
";

fn contract(out: &mut String) {
    out.push_str(
        "\n## Contract fields\n\nThe id of a rule is `contract/`, the path with dashes for dots, and \
         what happened:\n`contract/interfaces-port-modified`.\n\n| path | added | modified | removed \
         | example |\n|---|---|---|---|---|\n",
    );
    for field in FIELDS {
        let class = |ty| classes(field.classes(ty));
        let [absent, one, other] = field.examples;
        let (a, b) = match field.modified.is_empty() {
            true => (absent, one),
            false => (one, other),
        };
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} | `{a}` → `{b}` |",
            field.path,
            class(ChangeType::Added),
            class(ChangeType::Modified),
            class(ChangeType::Removed),
        );
    }
}

fn classes(classes: Classes) -> String {
    let letter = |class: &Class| match class {
        Class::NonBreaking => "N",
        Class::PotentialBreaking => "P",
        Class::Breaking => "B",
    };
    match classes {
        [] => "–".to_owned(),
        classes => classes.iter().map(letter).collect::<Vec<_>>().join(" or "),
    }
}

fn meaning(rule: &Rule) -> String {
    match rule.meaning {
        Meaning::Always(always) => classes(always),
        Meaning::BySide { input, output, config } => {
            let mut text = format!("input {}, output {}", classes(input), classes(output));
            if !config.is_empty() {
                let _ = write!(text, ", configuration {}", classes(config));
            }
            text
        }
    }
}

fn table(out: &mut String, title: &str, domain: &str, rules: &[Rule]) {
    let _ = write!(out, "\n## {title}\n\n| rule | meaning | class |\n|---|---|---|\n");
    for rule in rules {
        let id = format!("{domain}{}", rule.id);
        let _ =
            writeln!(out, "| [`{id}`](#{}) | {} | {} |", anchor(&id), rule.reason, meaning(rule));
    }
}

fn example(out: &mut String, domain: &str, language: &str, rule: &Rule) {
    let _ = write!(
        out,
        "\n### {domain}{}\n\n{}: {}.\n\n```{language}\n",
        rule.id,
        meaning(rule),
        rule.reason
    );
    let comment = if language == "protobuf" { "//" } else { "#" };
    let [old, new] = rule.example;
    for (name, text) in [("before", old), ("after", new)] {
        let text = if language == "protobuf" { text.replace('\'', "\"") } else { text.to_owned() };
        let text = if text.is_empty() { String::new() } else { format!("{text}\n") };
        let _ = write!(out, "{comment} {name}\n{text}");
    }
    out.push_str("```\n");
}

/// Where a rule stands on the page.
pub fn anchor(id: &str) -> String {
    if id.starts_with("contract/") {
        return "contract-fields".to_owned();
    }
    if super::OWN.contains(&id) {
        return "other-rules".to_owned();
    }
    let schema = SCHEMA_DOMAINS
        .iter()
        .filter_map(|domain| id.strip_prefix(domain))
        .find(|rest| super::schema(rest).is_some());
    schema.map_or_else(|| id.replace('/', ""), str::to_owned)
}

/// What `pacto explain-rule` says of a rule, as Markdown; `None` when there is no such rule.
pub fn explain(id: &str) -> Option<String> {
    if !super::exists(id) {
        return None;
    }
    let mut out = format!("# {id}\n");
    let of_schema = SCHEMA_DOMAINS.iter().find_map(|d| super::schema(id.strip_prefix(d)?));
    let others = [("openapi/", "yaml"), ("proto/", "protobuf"), ("asyncapi/", "yaml")];
    let other = others.iter().find_map(|(domain, language)| {
        Some((super::find(domain, id.strip_prefix(domain)?)?, *language))
    });
    match of_schema.map(|rule| (rule, "yaml")).or(other) {
        Some((rule, language)) => {
            let mut text = String::new();
            example(&mut text, "", language, rule);
            let text = text.trim_start().split_once('\n').map_or("", |(_, rest)| rest);
            out.push_str(text);
        }
        None => {
            let _ = write!(out, "\n{}.\n", super::summary(id));
        }
    }
    Some(out)
}
