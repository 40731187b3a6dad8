//! The registry of rules holds what it promises, rule by rule.

use pacto_core::check::rules::RULES;
use pacto_core::check::{Applicability, ResolvedFix, Rule, Severity};
use pacto_core::text::apply_edits;
use pacto_tests::fixture::{Example, Fixture, ROOT, created, examples};

/// A local reference is what several examples need and is itself a hint.
const BESIDES: &str = "LOCAL_REF_NOT_PUBLISHABLE";

fn codes(example: &Example, rule: &Rule) -> Vec<&'static str> {
    let mut codes = example.fixture().codes();
    codes.retain(|code| *code != BESIDES || rule.code == BESIDES);
    codes
}

#[test]
fn codes_are_unique_and_documented() {
    let mut codes: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), RULES.len());
    for rule in RULES {
        assert!(rule.docs.starts_with(&format!("# {}\n", rule.code)), "{}", rule.code);
        assert!(rule.summary().len() > 10, "{} has no summary", rule.code);
    }
}

#[test]
fn each_bad_example_yields_exactly_its_code_and_each_good_one_nothing() {
    let mut problems = Vec::new();
    for rule in RULES {
        let (bad, good) = examples(rule);
        let found = codes(&bad, rule);
        if found != [rule.code] {
            problems.push(format!("{}: the bad example yields {found:?}", rule.code));
        }
        let found = codes(&good, rule);
        if !found.is_empty() {
            problems.push(format!("{}: the good example yields {found:?}", rule.code));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn what_no_registry_has_answered_is_said_to_be_unchecked() {
    for rule in RULES.iter().filter(|rule| rule.needs_registry) {
        let (bad, _) = examples(rule);
        let local = bad.files.iter().filter(|(path, _)| !path.starts_with("oci://"));
        let files = local.map(|(path, text)| (format!("{ROOT}/{path}"), text.clone()));
        let files = pacto_edge::MemoryFiles(files.collect());
        let mut host = pacto_core::Host::default();
        let key = host.add_contract(ROOT, Vec::new(), pacto_core::check::Mode::Batch);
        pacto_edge::settle(&mut host, [&key], &files);
        let analysis = host.analysis();
        let checked = analysis.check(&key);
        assert!(checked.diagnostics.iter().all(|d| d.rule.code != rule.code));
        assert!(!checked.not_checked.is_empty(), "{}", rule.code);
    }
}

/// Applies one fix to a bundle.
fn fixed(example: &Example, fix: &ResolvedFix) -> Fixture {
    let mut files: Vec<(String, String)> = example
        .files
        .iter()
        .map(|(path, text)| {
            let absolute = format!("{ROOT}/{path}");
            let own: Vec<_> = fix
                .edits
                .iter()
                .filter(|(file, _)| *file == absolute)
                .map(|(_, e)| e.clone())
                .collect();
            (path.clone(), apply_edits(text, &own))
        })
        .collect();
    files.extend(created(fix).map(|(path, text)| (path.to_owned(), text.to_owned())));
    Fixture::new(files.iter().map(|(path, text)| (path.as_str(), text.as_str())))
}

#[test]
fn each_fix_removes_its_finding_and_adds_no_error() {
    let mut fixes = 0;
    let mut problems = Vec::new();
    for rule in RULES {
        let (bad, _) = examples(rule);
        let before = bad.fixture().check();
        let count = |checked: &pacto_core::db::Checked| {
            checked.diagnostics.iter().filter(|d| d.rule.code == rule.code).count()
        };
        for diagnostic in before.diagnostics.iter().filter(|d| d.rule.code == rule.code) {
            for fix in &diagnostic.fixes {
                fixes += 1;
                let after = fixed(&bad, fix).check();
                let new_errors: Vec<_> = after
                    .diagnostics
                    .iter()
                    .filter(|d| d.severity == Severity::Error && d.rule.code != rule.code)
                    .map(|d| d.rule.code)
                    .collect();
                let is_safe = fix.applicability == Applicability::Safe;
                if count(&after) >= count(&before) {
                    problems.push(format!("{}: `{}` does not help", rule.code, fix.title));
                }
                // A suggestion may ask for more, such as a placeholder; a safe fix may not.
                if is_safe && !new_errors.is_empty() {
                    problems.push(format!("{}: `{}` adds {new_errors:?}", rule.code, fix.title));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(fixes > 45, "only {fixes} fixes were tried");
}

#[test]
fn fixes_stand_where_the_specification_lists_them() {
    // Rules whose row names a repair that needs no registry.
    let with_fix = [
        "YAML_DUPLICATE_KEY",
        "UNSUPPORTED_PACTO_VERSION",
        "SCHEMA_VIOLATION",
        "DUPLICATE_INTERFACE_NAME",
        "DUPLICATE_CONFIGURATION_NAME",
        "DUPLICATE_POLICY_NAME",
        "DUPLICATE_DEPENDENCY_NAME",
        "PORT_REQUIRED",
        "PORT_IGNORED",
        "HEALTH_INTERFACE_NOT_FOUND",
        "METRICS_INTERFACE_NOT_FOUND",
        "HEALTH_PATH_REQUIRED",
        "METRICS_PATH_REQUIRED",
        "CONTRACT_REQUIRED",
        "FILE_NOT_FOUND",
        "HEALTH_PATH_IGNORED",
        "METRICS_PATH_IGNORED",
        "CONFIG_VALUES_VALIDATION_FAILED",
        "SCALING_MIN_EXCEEDS_MAX",
        "JOB_SCALING_NOT_ALLOWED",
        "STATELESS_PERSISTENT_CONFLICT",
        "COMPATIBILITY_UNSATISFIED",
        "DEPRECATED_FORM",
        "UPGRADE_STRATEGY_STATE_MISMATCH",
        "DUPLICATE_PORT",
        "EMPTY_COMPATIBILITY",
        "INVALID_OCI_REF",
        "VALUES_WITHOUT_SCHEMA",
        "HEALTH_PATH_UNDOCUMENTED",
        "SECRET_IN_VALUES",
        "POLICY_EMPTY",
        "POLICY_VIOLATION",
        "OWNER_MISSING",
        "INVALID_READINESS_EXPIRES",
        "DUPLICATE_READINESS_ID",
        "EMPTY_READINESS_DESCRIPTION",
        "SERVICE_WITHOUT_HEALTH",
    ];
    for code in with_fix {
        let rule = pacto_core::check::rule_by_code(code).expect(code);
        let (bad, _) = examples(rule);
        let checked = bad.fixture().check();
        let has_fix =
            checked.diagnostics.iter().any(|d| d.rule.code == code && !d.fixes.is_empty());
        assert!(has_fix, "{code} offers no fix");
    }
}

#[test]
fn places_are_on_one_line_and_inside_of_their_file() {
    for rule in RULES {
        let (bad, _) = examples(rule);
        let fixture = bad.fixture();
        for diagnostic in fixture.check().diagnostics {
            let file = diagnostic.file.expect("a file");
            let text = &fixture.files.0[&file];
            let source = diagnostic.span.slice(text);
            assert!(!source.contains('\n'), "{}: {source:?}", rule.code);
            assert!(diagnostic.span.end as usize <= text.len(), "{}", rule.code);
        }
    }
}

/// The first fix of the only finding with this detail, and the contract with it applied.
fn first_fix(text: &str, detail: &str) -> (String, String) {
    let fixture = Fixture::contract(text);
    let checked = fixture.check();
    let found: Vec<_> = checked.diagnostics.iter().filter(|d| d.detail == Some(detail)).collect();
    let [diagnostic] = found[..] else { panic!("{:?}", checked.diagnostics) };
    let fix = diagnostic.fixes.first().expect("a fix");
    let edits: Vec<_> = fix.edits.iter().map(|(_, edit)| edit.clone()).collect();
    (fix.title.clone(), apply_edits(text, &edits))
}

const SERVICE: &str = "service: {name: pay, version: 1.0.0, owner: {team: pay}}\n";
const READINESS: &str = "readiness:\n  expires: \"2099-12-31\"\n  minScore: 0\n  checks:\n    - {id: a, type: url, status: done, weight: 1, evidence: x}\n";

#[test]
fn what_a_version_lacks_is_named_and_the_version_is_raised() {
    for declared in ["1.0", "1.1"] {
        let text = format!("pactoVersion: \"{declared}\"\n{SERVICE}{READINESS}");
        let checked = Fixture::contract(&text).check();
        let [diagnostic] = &checked.diagnostics[..] else { panic!("{:?}", checked.diagnostics) };
        assert_eq!(
            (diagnostic.rule.code, diagnostic.path.as_str()),
            ("SCHEMA_VIOLATION", "readiness")
        );
        let expected =
            format!("`readiness` is in the format since 1.2; this contract is {declared}");
        assert_eq!(diagnostic.message, expected);
        let fix = &diagnostic.fixes[0];
        assert!(fix.preferred && fix.applicability == Applicability::Safe);
        let (title, fixed) = first_fix(&text, "format-version");
        assert_eq!(title, "Raise pactoVersion to 1.2");
        assert_eq!(fixed, format!("pactoVersion: \"1.2\"\n{SERVICE}{READINESS}"));
        assert_eq!(Fixture::contract(&fixed).codes(), Vec::<&str>::new());
    }
}

#[test]
fn raising_the_version_is_not_safe_where_the_contract_has_forms_that_it_lacks() {
    let text = format!(
        "pactoVersion: \"1.0\"\nservice: {{name: pay, version: 1.0.0, owner: pay}}\n{READINESS}"
    );
    let checked = Fixture::contract(&text).check();
    let fixes = checked.diagnostics.iter().flat_map(|d| &d.fixes);
    let raise: Vec<_> = fixes.filter(|fix| fix.title == "Raise pactoVersion to 1.2").collect();
    let [raise] = raise[..] else { panic!("{raise:?}") };
    assert!(raise.preferred && raise.applicability == Applicability::Review);
}

#[test]
fn forms_that_a_version_no_longer_has_are_rewritten() {
    let schema = "{\"type\": \"object\"}";
    for (old, new) in [
        (
            "configuration:\n  schema: s.json\n",
            "configurations:\n  - name: default\n    schema: s.json\n",
        ),
        ("policy: {schema: s.json}\n", "policies: [{name: default, schema: s.json}]\n"),
    ] {
        let text = format!("pactoVersion: \"1.1\"\n{SERVICE}{old}");
        let (_, fixed) = first_fix(&text, "format-version");
        assert_eq!(fixed, format!("pactoVersion: \"1.1\"\n{SERVICE}{new}"));
        let after = Fixture::new([("pacto.yaml", fixed.as_str()), ("s.json", schema)]);
        assert_eq!(after.codes(), Vec::<&str>::new());
    }
    let owner = "pactoVersion: \"1.2\"\nservice: {name: pay, version: 1.0.0, owner: me@a.b}\n";
    let (_, fixed) = first_fix(owner, "type");
    assert!(fixed.contains("owner: {dri: me@a.b}"), "{fixed}");
    assert_eq!(Fixture::contract(&fixed).codes(), Vec::<&str>::new());
}

#[test]
fn an_unsupported_version_is_replaced_by_the_nearest() {
    for (version, rest, nearest) in [
        ("2.0", "", "1.2"),
        ("v1.1", "", "1.1"),
        ("0.9", "", "1.0"),
        // Where nothing is near, the first version that has all of the contract.
        ("newest", "", "1.0"),
        ("newest", READINESS, "1.2"),
    ] {
        let text = format!("pactoVersion: \"{version}\"\n{SERVICE}{rest}");
        let checked = Fixture::contract(&text).check();
        let [diagnostic] = &checked.diagnostics[..] else { panic!("{:?}", checked.diagnostics) };
        assert_eq!(diagnostic.rule.code, "UNSUPPORTED_PACTO_VERSION");
        assert!(diagnostic.message.ends_with("supported: \"1.0\", \"1.1\" or \"1.2\""));
        assert_eq!(diagnostic.fixes[0].title, format!("Use \"{nearest}\""));
    }
}
