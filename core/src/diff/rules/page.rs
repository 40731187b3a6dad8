//! The documentation of the rules, made from their tables.

use std::fmt::Write;

use super::{EVENTS, FIELDS, INPUT, OPENAPI, PROTO, SCHEMA};
use crate::diff::class::{ChangeType, Class};
use crate::diff::rule::{Classes, Column, Domain, Meaning, Rule};

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

## How schemas are judged

What counts is which values a schema admits, not how it is written:

- Alternatives: with `oneOf` a value that two of them admit is refused, so one more alternative can be
  a break for those who write. Where keywords depend on each other (`oneOf`, `not`, `if`, patterns,
  `unevaluatedProperties`), values that both sides tell apart are tried on both: one that is refused now is
  named in the row (`values-refused`, `values-admitted`); where there is none, nothing breaks.
- Maps: `additionalProperties`, `unevaluatedProperties` and `patternProperties` bind what `properties`
  does not name, so a property that comes or goes is compared with what the map says of it. A property
  that an open object never spoke of is taken to be absent before.
- Null is a type and a value of enumerations like any other. `nullable` in OpenAPI 3.0 beside an `enum`
  that does not list null is read both ways, so that what hangs on it is P at the most.
- What no value can satisfy (an `allOf` of a text and a number, bounds that cross) is forbidden.
- Undecided: what hangs on who refers (`$dynamicRef`), alternatives of `oneOf` of which it is not known
  whether they overlap, and what lies beyond a limit (`LIMIT_REACHED`) is `schema-undecided`, P.
- Alternatives are matched by the discriminator, the name of the component, the title, and equality. What
  is left is matched by what it admits, for up to `unionBranches` × `unionBranches` pairs, of which those
  count that could fit: with the same constants, and with no property demanded that the other does not
  demand. An alternative of which the limit leaves open whether another admits its values is P.
- In a query every value is a text: one value may become a list of texts. The default of a parameter
  that must be given means nothing.

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
            rule.name,
            rule.name,
            rule.reason,
            class(Column::Input),
            class(Column::Output),
            class(Column::Config)
        );
    }
    table(&mut out, "OpenAPI", OPENAPI);
    table(&mut out, "Protobuf", PROTO);
    table(&mut out, "AsyncAPI", EVENTS);
    table(&mut out, "Other rules", INPUT);
    out.push_str(MATERIALS);
    out.push_str("\n---\n");
    for rule in [SCHEMA, OPENAPI, PROTO, EVENTS, INPUT].into_iter().flatten() {
        let _ = write!(out, "\n### {}\n", heading(rule));
        example(&mut out, rule);
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
  limits: {schemaPairs: 2000000, unionBranches: 64}
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

const MATERIALS: &str = "
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
        let class = |ty| classes(field.rule(ty).classes(Column::Input));
        let usual = match class(ChangeType::Modified).as_str() {
            "–" => &field.added,
            _ => &field.modified,
        };
        let [a, b] = usual.example;
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

fn table(out: &mut String, title: &str, rules: &[&Rule]) {
    let _ = write!(out, "\n## {title}\n\n| rule | meaning | class |\n|---|---|---|\n");
    for rule in rules {
        let id = rule.id(None);
        let _ =
            writeln!(out, "| [`{id}`](#{}) | {} | {} |", anchor(&id), rule.reason, meaning(rule));
    }
}

/// What a rule is called on the page: rules of schemas without the side.
fn heading(rule: &Rule) -> String {
    match rule.domain {
        Domain::Schema => rule.name.to_owned(),
        _ => rule.id(None),
    }
}

/// The meaning of a rule with its example.
fn example(out: &mut String, rule: &Rule) {
    let (language, comment) = match rule.domain {
        Domain::Proto => ("protobuf", "//"),
        _ => ("yaml", "#"),
    };
    let _ = write!(out, "\n{}: {}.\n\n```{language}\n", meaning(rule), rule.reason);
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
    match super::by_id(id) {
        Some(rule) if rule.domain == Domain::Contract => "contract-fields".to_owned(),
        Some(rule) => heading(rule).replace('/', ""),
        None => id.replace('/', ""),
    }
}

/// What `pacto explain-rule` says of a rule, as Markdown; `None` when there is no such rule.
pub fn explain(id: &str) -> Option<String> {
    let rule = super::by_id(id)?;
    let mut out = format!("# {id}\n");
    example(&mut out, rule);
    Some(out)
}
