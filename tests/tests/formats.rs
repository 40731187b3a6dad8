//! The versions of the format: what each of them has, and what readiness comes to.
//!
//! The verdicts, codes, paths and scores of contracts are those of the published tool, 2.7.0, of the
//! same contracts. Two differ on purpose: format 1.0 also has the forms that older published tools
//! write (`configuration`, `policy`, an owner in one string, dependencies without names), and the
//! path of a field that a version lacks is that of the field.

use pacto_core::check::Severity;
use pacto_core::contract::{Date, assess};
use pacto_core::schema::FormatVersion;
use pacto_tests::diff::{diff, rows};
use pacto_tests::fixture::{Fixture, TODAY};

const SERVICE: &str = "service: {name: pay, version: 1.0.0, owner: {team: pay}}";
const CHECK: &str = "{id: a, type: url, status: done, weight: 1, evidence: x}";

fn contract(version: &str, rest: &str) -> String {
    format!("pactoVersion: \"{version}\"\n{SERVICE}\n{rest}\n")
}

/// Code and path of each error.
fn errors(text: &str) -> Vec<String> {
    let checked = Fixture::contract(text).check();
    let errors = checked.diagnostics.iter().filter(|d| d.severity == Severity::Error);
    errors.map(|d| format!("{} {}", d.rule.code, d.path)).collect()
}

#[test]
fn readiness_is_in_1_2_alone() {
    let readiness =
        format!("readiness: {{expires: \"2099-12-31\", minScore: 0, checks: [{CHECK}]}}");
    for version in ["1.0", "1.1"] {
        assert_eq!(errors(&contract(version, &readiness)), ["SCHEMA_VIOLATION readiness"]);
    }
    assert_eq!(errors(&contract("1.2", &readiness)), Vec::<String>::new());
}

#[test]
fn each_version_has_its_forms() {
    let nameless = "dependencies: [{ref: ../a, compatibility: ^1.0.0}]";
    for version in ["1.1", "1.2"] {
        let found = errors(&contract(version, nameless));
        assert!(found.contains(&"SCHEMA_VIOLATION dependencies[0].name".into()), "{found:?}");
        let owner = format!(
            "pactoVersion: \"{version}\"\nservice: {{name: a, version: 1.0.0, owner: b}}\n"
        );
        assert_eq!(errors(&owner), ["SCHEMA_VIOLATION service.owner"]);
    }
    assert!(!errors(&contract("1.0", nameless)).iter().any(|e| e.starts_with("SCHEMA")));
}

/// The errors of a contract of format 1.2 with this readiness.
fn of_readiness(rest: &str, checks: &[&str]) -> Vec<String> {
    errors(&contract("1.2", &readiness(rest, checks)))
}

fn readiness(rest: &str, checks: &[&str]) -> String {
    format!("readiness:\n{rest}\n  checks: [{}]", checks.join(", "))
}

#[test]
fn findings_about_readiness_are_those_of_the_published_tool() {
    let none: [&str; 0] = [];
    for (rest, checks, expected) in [
        ("  expires: 2099-06-30", &[CHECK][..], &none[..]),
        ("  expires: \"2099-6-30\"", &[CHECK], &["INVALID_READINESS_EXPIRES readiness.expires"]),
        (
            "  expires: \"2099-06-30T00:00:00Z\"",
            &[CHECK],
            &["INVALID_READINESS_EXPIRES readiness.expires"],
        ),
        ("  expires: \"2025-06-30\"\n  minScore: 0", &[CHECK], &none),
        (
            "  expires: \"2099-06-30\"",
            &[CHECK, CHECK],
            &["DUPLICATE_READINESS_ID readiness.checks[1].id"],
        ),
        (
            "  expires: \"2099-06-30\"\n  history: [{date: \"2026-1-1\", version: \" \", author: a, description: b}]",
            &["{id: a, type: url, status: done, weight: 1, evidence: \" \", description: \" \"}"],
            &[
                "INVALID_READINESS_REVISION readiness.history[0].date",
                "INVALID_READINESS_REVISION readiness.history[0].version",
                "EMPTY_READINESS_EVIDENCE readiness.checks[0].evidence",
                "EMPTY_READINESS_DESCRIPTION readiness.checks[0].description",
            ],
        ),
        (
            "  expires: \"2099-06-30\"",
            &["{id: A, type: url, status: done, weight: 101, evidence: x, category: none}"],
            &[
                "SCHEMA_VIOLATION readiness.checks[0].category",
                "SCHEMA_VIOLATION readiness.checks[0].id",
                "SCHEMA_VIOLATION readiness.checks[0].weight",
            ],
        ),
        (
            "  expires: \"2099-06-30\"\n  partialCredit: 1.5",
            &[CHECK],
            &["SCHEMA_VIOLATION readiness.partialCredit"],
        ),
    ] {
        let mut found = of_readiness(rest, checks);
        let mut expected: Vec<String> = expected.iter().map(|text| (*text).to_owned()).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{rest}");
    }
}

#[test]
fn scores_are_those_of_the_published_tool() {
    let four = [
        "{id: a, type: url, status: done, weight: 20, evidence: x}",
        "{id: b, type: url, status: partial, weight: 15, evidence: x}",
        "{id: c, type: url, status: not-done, weight: 25, evidence: x}",
        "{id: d, type: url, status: deferred, weight: 10, evidence: x}",
    ];
    for (rest, checks, (score, earned, total, passing, expired)) in [
        ("  expires: 2099-06-30\n  minScore: 47", &four[..], (47, 28, 60, true, false)),
        ("  expires: 2025-06-30\n  minScore: 0", &four, (0, 0, 60, false, true)),
        ("  expires: 2099-06-30\n  minScore: 0", &four[3..], (0, 0, 0, true, false)),
        ("  expires: 2099-06-30\n  partialCredit: 1", &four[1..2], (100, 15, 15, true, false)),
        ("  expires: 2099-6-30", &four[..1], (0, 0, 20, false, true)),
    ] {
        let text = contract("1.2", &readiness(rest, checks));
        let value = pacto_core::value::lower(&pacto_core::yaml::parse(text.as_str()), 0).value;
        let declared = pacto_core::contract::lower(value).readiness.expect("readiness");
        let it = assess(&declared, Date::parse(TODAY).expect("a day")).expect("checks");
        let found = (it.score, it.earned_weight, it.total_weight, it.passing, it.expired);
        assert_eq!(found, (score, earned, total, passing, expired), "{rest}");
    }
}

#[test]
fn an_assessment_that_has_ended_is_a_warning_and_a_low_score_a_hint() {
    let severity = |rest: &str| {
        let checks = ["{id: a, type: url, status: not-done, weight: 1, evidence: x}"];
        let checked = Fixture::contract(&contract("1.2", &readiness(rest, &checks))).check();
        let [finding] = &checked.diagnostics[..] else { panic!("{:?}", checked.diagnostics) };
        assert_eq!(finding.rule.code, "READINESS_GATE_UNMET");
        (finding.severity, finding.path.clone())
    };
    assert_eq!(severity("  expires: 2026-01-01"), (Severity::Hint, "readiness".into()));
    assert_eq!(severity("  expires: 2025-12-31"), (Severity::Warning, "readiness".into()));
}

/// What is offered at the cursor `┃`.
fn offered(text: &str) -> Vec<String> {
    let offset = text.find('┃').expect("a cursor");
    let fixture = Fixture::contract(&text.replace('┃', ""));
    let found = fixture.analysis().completions(&fixture.key, offset as u32);
    found.items.into_iter().map(|item| item.label).collect()
}

#[test]
fn completion_offers_what_the_declared_version_has() {
    let at_top = |version: &str| offered(&contract(version, "┃"));
    assert!(!at_top("1.0").contains(&"readiness".into()));
    assert!(!at_top("1.1").contains(&"readiness".into()));
    assert!(at_top("1.2").contains(&"readiness".into()));
    let in_check = "readiness:\n  expires: \"2099-12-31\"\n  checks:\n    - id: a\n      status: ┃";
    assert_eq!(offered(&contract("1.2", in_check)), ["done", "partial", "not-done", "deferred"]);
    assert_eq!(offered("pactoVersion: ┃\n"), ["1.0", "1.1", "1.2"]);
}

#[test]
fn hover_says_since_when_a_field_exists() {
    let about = |text: &str, key: &str| {
        let fixture = Fixture::contract(text);
        let offset = text.find(key).expect("the key") as u32;
        fixture.analysis().hover(&fixture.key, "pacto.yaml", offset).expect("a hover").markdown
    };
    for version in FormatVersion::ALL {
        let text =
            contract(version.text(), &format!("readiness: {{expires: x, checks: [{CHECK}]}}"));
        assert!(about(&text, "readiness").starts_with("**readiness** — object, since 1.2\n"));
        assert!(about(&text, "expires").contains("YYYY-MM-DD"), "{}", version.text());
    }
    let old = contract("1.0", "policy: {schema: a.json}");
    assert!(about(&old, "policy").starts_with("**policy** — object, until 1.0\n"));
    assert!(about(&old, "owner").starts_with("**owner** — string or object, until 1.0\n"));
    assert!(about(&contract("1.2", ""), "owner").starts_with("**owner** — object, since 1.1\n"));
}

#[test]
fn an_explanation_shows_the_score_of_the_day() {
    let checks =
        [CHECK, "{id: b, type: url, status: partial, weight: 3, evidence: y, category: testing}"];
    let history =
        "  history: [{date: \"2025-12-01\", version: 1.0.0, author: ann, description: First}]";
    let rest = format!("  expires: \"2026-01-31\"\n  minScore: 80\n{history}");
    let fixture = Fixture::contract(&contract("1.2", &readiness(&rest, &checks)));
    let explanation = fixture.analysis().explain(&fixture.key).expect("a contract");
    let text = explanation.text();
    let (_, shown) = text.split_once("Readiness:\n").expect("readiness");
    assert_eq!(
        shown,
        "  Score: 75
  Gate: FAIL (score 75 / minScore 80)
  Earned Weight: 3
  Total Weight: 4
  Expires: 2026-01-31 (30 days remaining)
  Status: 1 done, 1 partial, 0 not-done, 0 deferred

  Checks:
    - a                —                 done      weight=1 earned=1 evidence=x
    - b                testing           partial   weight=3 earned=2 evidence=y

  Revision History:
    - 2025-12-01  v1.0.0  ann: First
"
    );
    let json = &explanation.json()["readiness"];
    let expected = serde_json::json!({
        "score": 75, "minScore": 80, "passing": false, "totalWeight": 4, "earnedWeight": 3,
        "partialCredit": 0.5, "expires": "2026-01-31", "expired": false, "daysRemaining": 30,
        "doneCount": 1, "partialCount": 1, "notDoneCount": 0, "deferredCount": 0,
        "checks": [
            {"id": "a", "type": "url", "status": "done", "evidence": "x", "weight": 1,
             "earnedWeight": 1, "excluded": false},
            {"id": "b", "type": "url", "category": "testing", "status": "partial", "evidence": "y",
             "weight": 3, "earnedWeight": 2, "excluded": false},
        ],
        "revisions": [
            {"date": "2025-12-01", "version": "1.0.0", "author": "ann", "description": "First"},
        ],
    });
    assert_eq!(*json, expected);
    let page = fixture.analysis().document(&fixture.key).expect("a contract").markdown;
    assert!(page.contains("Readiness\n\n| Readiness | |\n|---|---|\n| Score | 75 |"), "{page}");
}

#[test]
fn changes_of_readiness_break_nobody() {
    let two = [
        "{id: a, type: url, status: done, weight: 20, evidence: x}",
        "{id: b, type: url, status: partial, weight: 15, evidence: x}",
    ];
    let one = ["{id: a, type: url, status: partial, weight: 15, evidence: x}"];
    let full = readiness("  expires: \"2099-06-30\"\n  minScore: 47", &two);
    let less = readiness(
        "  expires: \"2099-06-30\"\n  partialCredit: 1\n  history: [{date: \"2026-01-01\", version: 1.0.0, author: a, description: b}]",
        &one,
    );
    let changed = |old: &str, new: &str| {
        let [old, new] = [old, new].map(|text| format!("pactoVersion: '1.2'\n{text}"));
        rows(&diff(&[("pacto.yaml", &old)], &[("pacto.yaml", &new)]))
    };
    assert_eq!(
        changed(&full, &less),
        [
            "readiness.minScore removed N",
            "readiness.partialCredit added N",
            "readiness.checks[a] modified N",
            "readiness.checks[b] removed N",
        ]
    );
    assert_eq!(changed("", &full), ["readiness added N"]);
    assert_eq!(changed(&full, ""), ["readiness removed N"]);
}
