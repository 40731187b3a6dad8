//! The structural check: a value against the table.
//!
//! It interprets the table directly, so that each breach knows its place, its keyword and what the
//! author seems to mean. A property test holds it to the verdict of the JSON Schemas that are made
//! from the same table. What is legal is what the version has that the contract declares; where it
//! declares none that is understood, what any version has.

use super::format::{CONTRACT, Field, Object, ObjectRule, StrRule, Type};
use super::version::FormatVersion;
use crate::value::{Data, DocPath, Entry, Value};

/// One breach of the format. `at` is the offending value, or the object that lacks something.
#[derive(Debug)]
pub struct Breach<'v> {
    pub at: &'v Value,
    /// The entry to point at, where a key is at fault.
    pub entry: Option<&'v Entry>,
    pub path: DocPath,
    pub kind: BreachKind<'v>,
}

#[derive(Debug)]
pub enum BreachKind<'v> {
    /// `siblings` is the mapping that holds the field.
    UnknownField {
        object: &'static Object,
        siblings: &'v Value,
    },
    /// A field that other versions of the format have; its form that is closest to the declared one.
    OtherVersion {
        field: &'static Field,
        declared: FormatVersion,
    },
    Required {
        field: &'static Field,
    },
    Type {
        expected: &'static Type,
    },
    Enum {
        values: Vec<&'static str>,
    },
    Pattern {
        rule: StrRule,
    },
    Empty,
    /// More characters than there may be.
    TooLong {
        max: usize,
    },
    Range {
        min: i64,
        max: Option<i64>,
    },
    /// A number outside of its bounds.
    Bounds {
        min: f64,
        max: f64,
    },
    MinItems {
        min: usize,
    },
    /// Two fields that exclude each other; `at` of the breach is the later one.
    Exclusive {
        first: &'v Entry,
        second: &'v Entry,
    },
    /// None of several fields of which one is needed.
    NoneOf {
        fields: Vec<&'static str>,
    },
    /// A part of what belongs together.
    Incomplete {
        missing: Vec<&'static str>,
    },
    /// Anything that a rule with a code of its own reports.
    Own {
        code: &'static str,
        then: &'static str,
    },
}

/// Checks a whole contract. Values that could not be read are passed over.
pub fn check(contract: &Value) -> Vec<Breach<'_>> {
    check_as(contract, FormatVersion::declared(contract))
}

/// Checks a whole contract as one of `version`, whatever it declares.
pub fn check_as(contract: &Value, version: Option<FormatVersion>) -> Vec<Breach<'_>> {
    let mut checker = Checker { version, breaches: Vec::new() };
    checker.object(contract, None, &CONTRACT, &DocPath::root());
    checker.breaches
}

struct Checker<'v> {
    version: Option<FormatVersion>,
    breaches: Vec<Breach<'v>>,
}

impl<'v> Checker<'v> {
    fn push(
        &mut self,
        at: &'v Value,
        entry: Option<&'v Entry>,
        path: &DocPath,
        kind: BreachKind<'v>,
    ) {
        self.breaches.push(Breach { at, entry, path: path.clone(), kind });
    }

    fn value(
        &mut self,
        value: &'v Value,
        entry: Option<&'v Entry>,
        ty: &'static Type,
        path: &DocPath,
    ) {
        match (ty, &value.data) {
            (_, Data::Invalid) => {}
            (Type::Object(object), Data::Map(_)) => self.object(value, entry, object, path),
            (Type::StrOr(object), Data::Map(_)) => self.object(value, entry, object, path),
            (Type::StrOr(_), Data::Str(text)) if text.is_empty() => {
                self.push(value, entry, path, BreachKind::Empty);
            }
            (Type::StrOr(_), Data::Str(_))
            | (Type::Free, Data::Map(_))
            | (Type::Bool, Data::Bool(_)) => {}
            (Type::Array { item, min_items }, Data::Seq(items)) => {
                if items.len() < *min_items {
                    self.push(value, entry, path, BreachKind::MinItems { min: *min_items });
                }
                for (i, element) in items.iter().enumerate() {
                    self.value(element, None, item, &path.index(i));
                }
            }
            (Type::Str(rule), Data::Str(text)) => self.string(value, entry, path, *rule, text),
            (Type::Enum(values), Data::Str(text)) => {
                if !values.iter().any(|v| *v.value == **text) {
                    let values = values.iter().map(|v| v.value).collect();
                    self.push(value, entry, path, BreachKind::Enum { values });
                }
            }
            (Type::Int { min, max }, Data::Int(int)) => {
                if int.value < *min || max.is_some_and(|max| int.value > max) {
                    self.push(value, entry, path, BreachKind::Range { min: *min, max: *max });
                }
            }
            // JSON Schema counts 3.0 as an integer.
            (Type::Int { min, max }, Data::Float(float)) if float.value.fract() == 0.0 => {
                if float.value < *min as f64 || max.is_some_and(|max| float.value > max as f64) {
                    self.push(value, entry, path, BreachKind::Range { min: *min, max: *max });
                }
            }
            (Type::Number { min, max }, Data::Int(int)) => {
                self.number(value, entry, path, int.value as f64, (*min, *max));
            }
            (Type::Number { min, max }, Data::Float(number)) => {
                self.number(value, entry, path, number.value, (*min, *max));
            }
            _ => self.push(value, entry, path, BreachKind::Type { expected: ty }),
        }
    }

    fn number(
        &mut self,
        value: &'v Value,
        entry: Option<&'v Entry>,
        path: &DocPath,
        number: f64,
        (min, max): (f64, f64),
    ) {
        if !(min..=max).contains(&number) {
            self.push(value, entry, path, BreachKind::Bounds { min, max });
        }
    }

    fn string(
        &mut self,
        value: &'v Value,
        entry: Option<&'v Entry>,
        path: &DocPath,
        rule: StrRule,
        text: &str,
    ) {
        if text.is_empty() && rule.min_length() > 0 {
            self.push(value, entry, path, BreachKind::Empty);
        } else if let Some(max) = rule.max_length().filter(|max| text.chars().count() > *max) {
            self.push(value, entry, path, BreachKind::TooLong { max });
        } else if !rule.matches(text) {
            self.push(value, entry, path, BreachKind::Pattern { rule });
        } else if rule == StrRule::FormatVersion && FormatVersion::from_text(text).is_none() {
            let code = "UNSUPPORTED_PACTO_VERSION";
            self.push(value, entry, path, BreachKind::Own { code, then: "" });
        }
    }

    fn object(
        &mut self,
        value: &'v Value,
        owner: Option<&'v Entry>,
        object: &'static Object,
        path: &DocPath,
    ) {
        if !matches!(value.data, Data::Map(_)) {
            if value.data != Data::Invalid {
                let ty = if path.0.is_empty() { &ROOT } else { return };
                self.push(value, owner, path, BreachKind::Type { expected: ty });
            }
            return;
        }
        for entry in value.entries() {
            let path = path.key(&entry.key);
            match object.field(&entry.key, self.version) {
                Some(field) => self.value(&entry.value, Some(entry), &field.ty, &path),
                None => {
                    let kind = self.not_a_field(object, &entry.key, value);
                    self.push(&entry.value, Some(entry), &path, kind);
                }
            }
        }
        for field in object.fields_in(self.version).filter(|f| f.required) {
            if value.entry(field.name).is_none() {
                self.push(value, owner, &path.key(field.name), BreachKind::Required { field });
            }
        }
        for rule in object.rules_in(self.version) {
            self.rule(value, owner, path, rule);
        }
    }

    /// What is wrong with a key that is not a field of `object` in this version.
    fn not_a_field(
        &self,
        object: &'static Object,
        key: &str,
        siblings: &'v Value,
    ) -> BreachKind<'v> {
        let Some(declared) = self.version else {
            return BreachKind::UnknownField { object, siblings };
        };
        let later = object.forms(key).find(|field| field.since > declared);
        match later.or(object.forms(key).last()) {
            Some(field) => BreachKind::OtherVersion { field, declared },
            None => BreachKind::UnknownField { object, siblings },
        }
    }

    fn rule(
        &mut self,
        value: &'v Value,
        owner: Option<&'v Entry>,
        path: &DocPath,
        rule: &'static ObjectRule,
    ) {
        match rule {
            ObjectRule::AnyOf(fields) => {
                if !fields.iter().any(|f| value.entry(f).is_some()) {
                    let fields = fields.to_vec();
                    self.push(value, owner, path, BreachKind::NoneOf { fields });
                }
            }
            ObjectRule::Exclusive(a, b) => self.exclusive(value, path, a, b),
            ObjectRule::OneOf { fields, none_code } => {
                if let [a, b] = fields {
                    self.exclusive(value, path, a, b);
                }
                if fields.iter().all(|f| value.entry(f).is_none()) {
                    match none_code {
                        Some(code) => {
                            self.push(
                                value,
                                owner,
                                path,
                                BreachKind::Own { code, then: fields[0] },
                            );
                        }
                        // `values` alone is reported once, by its own rule.
                        None if value.entry("values").is_some() => {}
                        None => {
                            let fields = fields.to_vec();
                            self.push(value, owner, path, BreachKind::NoneOf { fields });
                        }
                    }
                }
            }
            ObjectRule::OnlyBeside { field, beside, code } => {
                if let Some(entry) = value.entry(field)
                    && value.entry(beside).is_none()
                {
                    let kind = BreachKind::Own { code, then: beside };
                    self.push(&entry.value, Some(entry), &path.key(field), kind);
                }
            }
            ObjectRule::EitherOrAll { alone, all } => {
                self.either_or_all(value, owner, path, alone, all)
            }
            ObjectRule::RequiredWhen { field, values, then, code } => {
                let Some(entry) = value.entry(field) else {
                    return;
                };
                let applies = entry.value.as_str().is_some_and(|text| values.contains(&text));
                if applies && value.entry(then).is_none() {
                    let kind = BreachKind::Own { code, then };
                    self.push(&entry.value, None, &path.key(then), kind);
                }
            }
        }
    }

    fn exclusive(&mut self, value: &'v Value, path: &DocPath, a: &str, b: &str) {
        let (Some(a), Some(b)) = (value.entry(a), value.entry(b)) else {
            return;
        };
        let (first, second) = if a.key_node <= b.key_node { (a, b) } else { (b, a) };
        let path = path.key(&second.key);
        self.push(&second.value, Some(second), &path, BreachKind::Exclusive { first, second });
    }

    fn either_or_all(
        &mut self,
        value: &'v Value,
        owner: Option<&'v Entry>,
        path: &DocPath,
        alone: &'static str,
        all: &'static [&'static str],
    ) {
        let present: Vec<&str> = all.iter().copied().filter(|f| value.entry(f).is_some()).collect();
        match (value.entry(alone), present.len()) {
            (None, 0) => {
                let fields = std::iter::once(alone).chain(all.iter().copied()).collect();
                self.push(value, owner, path, BreachKind::NoneOf { fields });
            }
            (Some(_), 0) => {}
            (Some(_), _) => self.exclusive(value, path, alone, present[0]),
            (None, n) if n == all.len() => {}
            (None, _) => {
                let missing: Vec<&str> =
                    all.iter().copied().filter(|f| value.entry(f).is_none()).collect();
                let path = path.key(missing[0]);
                self.push(value, owner, &path, BreachKind::Incomplete { missing });
            }
        }
    }
}

static ROOT: Type = Type::Object(&CONTRACT);

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::value::lower;
    use crate::yaml::parse;
    use proptest::prelude::*;

    /// Our verdict about a contract of `version`, and that of the generated JSON Schema.
    fn verdicts(version: FormatVersion, text: &str) -> (bool, bool) {
        static VALIDATORS: LazyLock<[jsonschema::Validator; 3]> = LazyLock::new(|| {
            FormatVersion::ALL.map(|version| {
                let schema = crate::schema::json_schema(version, "").unwrap();
                jsonschema::validator_for(&schema).unwrap()
            })
        });
        let value = lower(&parse(format!("pactoVersion: '{}'\n{text}", version.text())), 0).value;
        let ours = check(&value).is_empty();
        (ours, VALIDATORS[version as usize].is_valid(&value.to_json()))
    }

    /// The versions in which a contract is valid, by both verdicts.
    fn valid_in(text: &str) -> Vec<&'static str> {
        let text = format!("service: {{name: a, version: 1.0.0}}\n{text}");
        let is_valid = |version: &FormatVersion| match verdicts(*version, &text) {
            (ours, schema) if ours == schema => ours,
            _ => panic!("the verdicts differ for {}: {text}", version.text()),
        };
        FormatVersion::ALL.into_iter().filter(is_valid).map(FormatVersion::text).collect()
    }

    #[test]
    fn the_declared_version_decides_which_fields_there_are() {
        let check = "{id: a, type: url, status: done, evidence: x, weight: 1}";
        let readiness = format!("readiness: {{expires: 2099-12-31, checks: [{check}]}}\n");
        for (text, versions) in [
            ("", &["1.0", "1.1", "1.2"][..]),
            (&readiness, &["1.2"]),
            ("configuration: {schema: a.json}\n", &["1.0"]),
            ("configurations: [{name: a, schema: a.json}]\n", &["1.0", "1.1", "1.2"]),
            ("policy: {schema: a.json}\n", &["1.0"]),
            ("policies: [{schema: a.json}]\n", &["1.0"]),
            ("policies: [{name: a, schema: a.json}]\n", &["1.0", "1.1", "1.2"]),
            ("dependencies: [{ref: ../a, compatibility: ^1}]\n", &["1.0"]),
            ("dependencies: [{name: a, ref: ../a, compatibility: ^1}]\n", &["1.0", "1.1", "1.2"]),
        ] {
            assert_eq!(valid_in(text), versions, "{text}");
        }
    }

    #[test]
    fn a_field_of_another_version_is_told_from_an_unknown_one() {
        let kind = |text: &str| {
            let value = lower(&parse(text), 0).value;
            let breaches = check(&value);
            let kinds = breaches.iter().map(|breach| match &breach.kind {
                BreachKind::OtherVersion { field, .. } => field.lifetime(),
                BreachKind::UnknownField { .. } => "unknown".into(),
                other => format!("{other:?}"),
            });
            kinds.collect::<Vec<_>>().join(", ")
        };
        let service = "service: {name: a, version: 1.0.0}";
        assert_eq!(kind(&format!("pactoVersion: '1.0'\n{service}\nreadiness: 1\n")), "since 1.2");
        assert_eq!(kind(&format!("pactoVersion: '1.2'\n{service}\npolicy: 1\n")), "until 1.0");
        assert_eq!(kind(&format!("pactoVersion: '1.2'\n{service}\nready: 1\n")), "unknown");
    }

    #[test]
    fn bounds_of_readiness_are_those_of_the_schema() {
        let long = "x".repeat(2049);
        for (check, outer, is_valid) in [
            ("id: a, evidence: x, weight: 1", "minScore: 100", true),
            ("id: a-b.c_d, evidence: x, weight: 0", "partialCredit: 1", true),
            ("id: a, evidence: x, weight: 100", "partialCredit: 0.25", true),
            ("id: A, evidence: x, weight: 1", "minScore: 1", false),
            ("id: a-, evidence: x, weight: 1", "minScore: 1", false),
            ("id: a, evidence: '', weight: 1", "minScore: 1", false),
            (&format!("id: a, evidence: {long}, weight: 1"), "minScore: 1", false),
            ("id: a, evidence: x, weight: 101", "minScore: 1", false),
            ("id: a, evidence: x, weight: 1", "minScore: 101", false),
            ("id: a, evidence: x, weight: 1", "partialCredit: 1.5", false),
            ("id: a, evidence: x, weight: 1", "partialCredit: -1", false),
            ("id: a, evidence: x, weight: 1", "partialCredit: half", false),
            ("id: a, evidence: x, weight: 1", "history: [{date: 2026-01-01}]", false),
        ] {
            let text = format!(
                "readiness: {{expires: 2099-12-31, {outer}, checks: [{{type: url, status: done, {check}}}]}}\n"
            );
            assert_eq!(valid_in(&text), if is_valid { vec!["1.2"] } else { vec![] }, "{text}");
        }
    }

    fn scalar() -> impl Strategy<Value = String> {
        prop::sample::select(vec![
            "1",
            "0",
            "70000",
            "-1",
            "2.0",
            "2.5",
            "\"1.0\"",
            "\"\"",
            "a",
            "A b",
            "http",
            "event",
            "grpc",
            "public",
            "true",
            "null",
            "[]",
            "{}",
            "[a]",
            "service",
            "stateless",
            "local",
            "ephemeral",
            "low",
            "x.json",
            "{team: t}",
            "{contacts: []}",
            "{a: 1}",
            "0.5",
            "done",
            "url",
            "2099-12-31",
        ])
        .prop_map(str::to_owned)
    }

    /// A mapping with some of `keys`, each with a random scalar.
    fn map(keys: &'static [&'static str]) -> impl Strategy<Value = String> {
        let keys = prop::sample::subsequence(keys, 0..=keys.len());
        keys.prop_flat_map(|keys| {
            let n = keys.len();
            (Just(keys), prop::collection::vec(scalar(), n))
        })
        .prop_map(|(keys, values)| {
            let pairs: Vec<String> =
                keys.iter().zip(values).map(|(k, v)| format!("{k}: {v}")).collect();
            format!("{{{}}}", pairs.join(", "))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn the_verdict_is_that_of_the_generated_json_schema(
            service in map(&["name", "version", "owner", "image", "chart", "extra"]),
            interface in map(&["name", "type", "port", "visibility", "contract"]),
            configuration in map(&["schema", "ref", "values"]),
            policy in map(&["name", "schema", "ref"]),
            dependency in map(&["name", "ref", "required", "compatibility"]),
            state in map(&["type", "persistence", "dataCriticality"]),
            health in map(&["interface", "path", "initialDelaySeconds"]),
            scaling in map(&["replicas", "min", "max"]),
            check in map(&["id", "type", "category", "status", "evidence", "weight", "description"]),
            revision in map(&["date", "version", "author", "description"]),
            assessment in map(&["minScore", "partialCredit", "extra"]),
            checks in any::<bool>(),
            version in prop::sample::select(FormatVersion::ALL.to_vec()),
            sections in prop::sample::subsequence((0..8).collect::<Vec<_>>(), 0..=3),
        ) {
            let all = [
                format!("interfaces: [{interface}]"),
                format!("configuration: {configuration}"),
                format!("policies: [{policy}]"),
                format!("dependencies: [{dependency}]"),
                format!("runtime: {{workload: job, state: {state}, health: {health}}}"),
                format!("scaling: {scaling}"),
                format!("service: {service}"),
                match checks {
                    true => format!(
                        "readiness: {{expires: 2099-12-31, checks: [{check}], history: [{revision}]}}"
                    ),
                    false => format!("readiness: {assessment}"),
                },
            ];
            let mut text = String::new();
            if !sections.contains(&6) {
                text.push_str("service: {name: a, version: 1.0.0}\n");
            }
            for section in sections {
                text.push_str(&all[section]);
                text.push('\n');
            }
            let (ours, schema) = verdicts(version, &text);
            prop_assert_eq!(ours, schema, "{}: {}", version.text(), text);
        }
    }
}
