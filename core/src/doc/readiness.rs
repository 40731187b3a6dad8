//! The readiness of a service in the forms in which it is shown.

use std::fmt::Write;

use serde_json::{Map, Value as Json, json};

use crate::contract::{AssessedCheck, Assessment, Contract, Date, Field, assess};

/// What is declared of a service's readiness, and what it comes to on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Readiness {
    pub assessment: Assessment,
    pub revisions: Vec<Revision>,
}

/// A change of the assessment, as the contract tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    pub date: String,
    pub version: String,
    pub author: String,
    pub description: String,
}

/// The readiness of `contract` on the day `today`; `None` when it declares none, or the day is not
/// known.
pub fn readiness(contract: &Contract, today: Option<Date>) -> Option<Readiness> {
    let declared = contract.readiness.as_ref()?;
    let text = |field: &Field<String>| field.get().cloned().unwrap_or_default();
    let revisions = declared.history.iter().map(|revision| Revision {
        date: text(&revision.date),
        version: text(&revision.version),
        author: text(&revision.author),
        description: text(&revision.description),
    });
    Some(Readiness { assessment: assess(declared, today?)?, revisions: revisions.collect() })
}

const EXPIRES: &str = "Expires";

impl Readiness {
    /// For a screen.
    pub fn text(&self) -> String {
        let it = &self.assessment;
        let mut out = String::from("Readiness:\n");
        let remaining = match it.days_remaining {
            Some(1) => " (1 day remaining)".to_owned(),
            Some(days) => format!(" ({days} days remaining)"),
            None => String::new(),
        };
        for (label, text) in self.lines() {
            let more = if label == EXPIRES { remaining.as_str() } else { "" };
            let _ = writeln!(out, "  {label}: {text}{more}");
        }
        out.push_str("\n  Checks:\n");
        for check in &it.checks {
            let _ = writeln!(out, "    - {}", line(check));
        }
        if !self.revisions.is_empty() {
            out.push_str("\n  Revision History:\n");
            for r in &self.revisions {
                let version = r.version.trim_start_matches('v');
                let _ =
                    writeln!(out, "    - {}  v{version}  {}: {}", r.date, r.author, r.description);
            }
        }
        out
    }

    /// What is the same on every day up to the last one.
    fn lines(&self) -> [(&'static str, String); 6] {
        let it = &self.assessment;
        let gate = if it.passing { "PASS" } else { "FAIL" };
        let expired = if it.expired { " (EXPIRED)" } else { "" };
        [
            ("Score", it.score.to_string()),
            ("Gate", format!("{gate} (score {} / minScore {})", it.score, it.min_score)),
            ("Earned Weight", it.earned_weight.to_string()),
            ("Total Weight", it.total_weight.to_string()),
            (EXPIRES, format!("{}{expired}", it.expires)),
            (
                "Status",
                format!(
                    "{} done, {} partial, {} not-done, {} deferred",
                    it.done, it.partial, it.not_done, it.deferred
                ),
            ),
        ]
    }

    /// Tables for pull requests and documentation. `cell` makes text safe inside of a table.
    pub fn markdown(&self, cell: &dyn Fn(&str) -> String) -> String {
        let mut out = String::from("| Readiness | |\n|---|---|\n");
        for (label, text) in self.lines() {
            let _ = writeln!(out, "| {label} | {} |", cell(&text));
        }
        out.push_str(
            "\n| Check | Type | Category | Status | Weight | Earned | Evidence | Description |\n\
             |---|---|---|---|---:|---:|---|---|\n",
        );
        for check in &self.assessment.checks {
            let optional = |text: &Option<String>| cell(text.as_deref().unwrap_or(""));
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} | {} |",
                cell(&check.id),
                cell(&check.ty),
                optional(&check.category),
                check.status.text(),
                check.weight,
                check.earned_weight,
                cell(&check.evidence),
                optional(&check.description)
            );
        }
        if !self.revisions.is_empty() {
            out.push_str("\n| Date | Version | Author | Change |\n|---|---|---|---|\n");
            for r in &self.revisions {
                let each = [&r.date, &r.version, &r.author, &r.description].map(|text| cell(text));
                let _ = writeln!(out, "| {} |", each.join(" | "));
            }
        }
        out
    }

    /// For programs, with the names of the operator's status.
    pub fn json(&self) -> Json {
        let it = &self.assessment;
        let mut out = json!({
            "score": it.score,
            "minScore": it.min_score,
            "passing": it.passing,
            "totalWeight": it.total_weight,
            "earnedWeight": it.earned_weight,
            "partialCredit": it.partial_credit,
            "expires": it.expires,
            "expired": it.expired,
            "doneCount": it.done,
            "partialCount": it.partial,
            "notDoneCount": it.not_done,
            "deferredCount": it.deferred,
            "checks": it.checks.iter().map(check_json).collect::<Vec<_>>(),
        });
        if let Some(days) = it.days_remaining {
            out["daysRemaining"] = json!(days);
        }
        if !self.revisions.is_empty() {
            let each = self.revisions.iter().map(|r| {
                json!({
                    "date": r.date,
                    "version": r.version,
                    "author": r.author,
                    "description": r.description,
                })
            });
            out["revisions"] = each.collect();
        }
        out
    }
}

fn line(check: &AssessedCheck) -> String {
    let category = check.category.as_deref().unwrap_or("—");
    let excluded = if check.is_excluded() { " (excluded)" } else { "" };
    format!(
        "{:<16} {category:<17} {:<9} weight={} earned={}{excluded} evidence={}",
        check.id,
        check.status.text(),
        check.weight,
        check.earned_weight,
        check.evidence
    )
}

fn check_json(check: &AssessedCheck) -> Json {
    let mut out = Map::new();
    out.insert("id".into(), json!(check.id));
    out.insert("type".into(), json!(check.ty));
    for (key, text) in [("category", &check.category), ("description", &check.description)] {
        if let Some(text) = text {
            out.insert(key.into(), json!(text));
        }
    }
    out.insert("status".into(), json!(check.status.text()));
    out.insert("evidence".into(), json!(check.evidence));
    out.insert("weight".into(), json!(check.weight));
    out.insert("earnedWeight".into(), json!(check.earned_weight));
    out.insert("excluded".into(), json!(check.is_excluded()));
    Json::Object(out)
}
