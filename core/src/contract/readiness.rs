//! What a declared readiness comes to on a day.

use super::date::Date;
use super::model::{CheckStatus, Field, Readiness, ReadinessCheck};

/// The score from which on a service is ready, where the contract does not say.
const DEFAULT_MIN_SCORE: i64 = 100;
/// The share of its weight that a partial check earns, where the contract does not say.
const DEFAULT_PARTIAL_CREDIT: f64 = 0.5;

/// The assessment of a service on one day. Weights and scores are whole numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// The earned part of the weight, 0 to 100.
    pub score: i64,
    pub min_score: i64,
    /// Whether the score is enough and has not expired.
    pub passing: bool,
    /// The weight of all checks but the deferred ones.
    pub total_weight: i64,
    pub earned_weight: i64,
    pub partial_credit: f64,
    /// As written.
    pub expires: String,
    /// Whether the last day has passed, or cannot be read.
    pub expired: bool,
    /// From this day to the last one; `None` once it has passed.
    pub days_remaining: Option<i64>,
    pub done: usize,
    pub partial: usize,
    pub not_done: usize,
    pub deferred: usize,
    /// In the order of the contract.
    pub checks: Vec<AssessedCheck>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct AssessedCheck {
    pub id: String,
    pub ty: String,
    pub category: Option<String>,
    pub status: CheckStatus,
    pub evidence: String,
    pub description: Option<String>,
    pub weight: i64,
    pub earned_weight: i64,
}

impl AssessedCheck {
    /// Whether it is left out of the score.
    pub fn is_excluded(&self) -> bool {
        self.status == CheckStatus::Deferred
    }
}

/// Assesses `readiness` on the day `today`; `None` when it has no checks.
///
/// What is declared is believed: no evidence is looked at. A status that cannot be read counts as
/// not done, a weight that cannot be read as 0.
pub fn assess(readiness: &Readiness, today: Date) -> Option<Assessment> {
    if readiness.checks.is_empty() {
        return None;
    }
    let expires = text(&readiness.expires);
    let days_remaining =
        Date::parse_day(&expires).map(|last| last.days_since(today)).filter(|days| *days >= 0);
    let expired = days_remaining.is_none();
    let partial_credit = readiness.partial_credit.get().copied().unwrap_or(DEFAULT_PARTIAL_CREDIT);
    let credit = if expired { None } else { Some(partial_credit) };
    let checks: Vec<AssessedCheck> =
        readiness.checks.iter().map(|check| assess_check(check, credit)).collect();
    let count = |status| checks.iter().filter(|check| check.status == status).count();
    let counted = || checks.iter().filter(|check| !check.is_excluded());
    let total_weight = counted().fold(0, |sum: i64, check| sum.saturating_add(check.weight));
    let earned_weight =
        counted().fold(0, |sum: i64, check| sum.saturating_add(check.earned_weight));
    let score = match total_weight {
        0 => 0,
        _ => (earned_weight as f64 / total_weight as f64 * 100.0).round() as i64,
    };
    let min_score = readiness.min_score.get().copied().unwrap_or(DEFAULT_MIN_SCORE);
    Some(Assessment {
        score,
        min_score,
        passing: !expired && score >= min_score,
        total_weight,
        earned_weight,
        partial_credit,
        expires,
        expired,
        days_remaining,
        done: count(CheckStatus::Done),
        partial: count(CheckStatus::Partial),
        not_done: count(CheckStatus::NotDone),
        deferred: count(CheckStatus::Deferred),
        checks,
    })
}

/// `credit` is what a partial check earns of its weight; `None` once nothing counts any more.
fn assess_check(check: &ReadinessCheck, credit: Option<f64>) -> AssessedCheck {
    let status = check.status.get().copied().unwrap_or(CheckStatus::NotDone);
    let weight = check.weight.get().map_or(0, |weight| (*weight).max(0));
    let earned_weight = match (status, credit) {
        (CheckStatus::Done, Some(_)) => weight,
        (CheckStatus::Partial, Some(credit)) => (weight as f64 * credit).round() as i64,
        _ => 0,
    };
    AssessedCheck {
        id: text(&check.id),
        ty: text(&check.ty),
        category: check.category.get().cloned(),
        status,
        evidence: text(&check.evidence),
        description: check.description.get().cloned(),
        weight,
        earned_weight,
    }
}

fn text(field: &Field<String>) -> String {
    field.get().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The assessment of checks written as `status weight`, with `head` above them.
    fn assessed(head: &str, checks: &[(&str, u32)], today: &str) -> Assessment {
        let mut text = format!("readiness:\n  {head}\n  checks:\n");
        for (i, (status, weight)) in checks.iter().enumerate() {
            text.push_str(&format!(
                "    - {{id: c{i}, type: url, status: {status}, weight: {weight}, evidence: x}}\n"
            ));
        }
        let value = crate::value::lower(&crate::yaml::parse(text), 0).value;
        let contract = crate::contract::lower(value);
        assess(&contract.readiness.unwrap(), Date::parse(today).unwrap()).unwrap()
    }

    #[test]
    fn deferred_checks_are_left_out_and_partial_ones_earn_their_share() {
        let checks = [("done", 20), ("partial", 15), ("not-done", 25), ("deferred", 10)];
        let it = assessed("expires: 2026-12-31\n  minScore: 47", &checks, "2026-12-01");
        assert_eq!((it.earned_weight, it.total_weight, it.score), (28, 60, 47));
        assert!(it.passing);
        assert_eq!((it.done, it.partial, it.not_done, it.deferred), (1, 1, 1, 1));
        assert_eq!(it.days_remaining, Some(30));
        let earned: Vec<i64> = it.checks.iter().map(|check| check.earned_weight).collect();
        assert_eq!(earned, [20, 8, 0, 0]);
        assert!(it.checks[3].is_excluded());
    }

    #[test]
    fn an_assessment_counts_through_its_last_day() {
        let checks = [("done", 1)];
        let on = |today| assessed("expires: 2026-06-30", &checks, today);
        assert_eq!((on("2026-06-30").score, on("2026-06-30").days_remaining), (100, Some(0)));
        assert!(on("2026-06-30").passing);
        let after = on("2026-07-01");
        assert_eq!((after.score, after.earned_weight, after.total_weight), (0, 0, 1));
        assert!(after.expired && !after.passing);
        assert_eq!((after.days_remaining, after.done), (None, 1));
    }

    #[test]
    fn an_expired_assessment_does_not_pass_even_a_gate_of_zero() {
        let it = assessed("expires: 2026-06-30\n  minScore: 0", &[("done", 1)], "2027-01-01");
        assert!(!it.passing);
    }

    #[test]
    fn a_last_day_that_cannot_be_read_has_passed() {
        for expires in ["2026-6-30", "soon", "2026-02-30", "2026-06-30T00:00:00Z"] {
            assert!(
                assessed(&format!("expires: '{expires}'"), &[("done", 1)], "2026-01-01").expired
            );
        }
    }

    #[test]
    fn without_more_all_checks_must_be_done_and_partial_ones_earn_half() {
        let it = assessed("expires: 2026-12-31", &[("done", 1), ("partial", 1)], "2026-01-01");
        assert_eq!((it.min_score, it.partial_credit), (100, 0.5));
        // Half of 1 is rounded up.
        assert_eq!((it.earned_weight, it.score, it.passing), (2, 100, true));
    }

    #[test]
    fn where_nothing_counts_the_score_is_zero() {
        let it = assessed("expires: 2026-12-31", &[("deferred", 10)], "2026-01-01");
        assert_eq!((it.total_weight, it.score, it.passing), (0, 0, false));
    }
}
