//! What a readiness assessment must hold beside its form, and what comes of it today.

use crate::check::{Ctx, Finding, Fix, Severity, Sink, fix};
use crate::contract::{Date, Field, ReadinessCheck, assess};

fn checks<'a>(ctx: &Ctx<'a>) -> impl Iterator<Item = &'a ReadinessCheck> {
    ctx.contract.readiness.iter().flat_map(|readiness| &readiness.checks)
}

pub fn invalid_expires(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let Some(readiness) = &ctx.contract.readiness else { return };
    not_a_day(&readiness.expires, sink);
}

pub fn invalid_revision(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for revision in ctx.contract.readiness.iter().flat_map(|readiness| &readiness.history) {
        not_a_day(&revision.date, sink);
        for field in [&revision.version, &revision.author, &revision.description] {
            blank(field, "a revision", sink);
        }
    }
}

/// Reports a text that is not a day as `YYYY-MM-DD`; the fix writes the day that it seems to mean.
fn not_a_day(field: &Field<String>, sink: &mut Sink<'_>) {
    let Some((text, place)) = field.both().filter(|(text, _)| Date::parse_day(text).is_none())
    else {
        return;
    };
    let message = format!("\"{text}\" is not a day; expected YYYY-MM-DD, such as 2027-06-30");
    let finding = sink.report(place.value(), &place.path, message);
    if let Some(day) = meant_day(text) {
        let title = format!("Write {day}");
        finding.fix(Fix::replace("replace", title, place.value(), fix::quoted(&day)).preferred());
    }
}

/// `2027-6-3`, `2027/06/03` and a time of that day as `2027-06-03`.
fn meant_day(text: &str) -> Option<String> {
    if let Some(day) = Date::parse(text.trim()) {
        return Some(day.to_string());
    }
    let parts: Vec<&str> = text.trim().split(['-', '/', '.']).collect();
    let &[year, month, day] = &parts[..] else { return None };
    let day = format!("{year:0>4}-{month:0>2}-{day:0>2}");
    (year.len() == 4).then(|| Date::parse_day(&day)).flatten().map(|day| day.to_string())
}

/// Reports a text of white space only. An empty one is a breach of the format.
fn blank<'s>(field: &Field<String>, of: &str, sink: &'s mut Sink<'_>) -> Option<&'s mut Finding> {
    let (_, place) = field.both().filter(|(text, _)| !text.is_empty() && text.trim().is_empty())?;
    let path = place.path.to_string();
    let name = path.rsplit('.').next().unwrap_or_default();
    let message = format!("`{name}` of {of} is blank; expected some text");
    Some(sink.report(place.value(), &place.path, message))
}

pub fn duplicate_id(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    super::names::unique("check", checks(ctx).map(|check| (&check.id, &check.place)), sink);
}

pub fn empty_evidence(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for check in checks(ctx) {
        blank(&check.evidence, "a check", sink);
    }
}

pub fn empty_description(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for check in checks(ctx) {
        if let Some(finding) = blank(&check.description, "a check", sink)
            && let Some(place) = check.description.place()
        {
            finding.fix(Fix::remove("Remove `description`", place.pair()).preferred());
        }
    }
}

/// Says that the service is not ready today, where the day is known and the last day can be read.
/// That an assessment has ended is worth a warning; that work is left to do is not.
pub fn gate_unmet(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let (Some(readiness), Some(today)) = (&ctx.contract.readiness, ctx.today) else { return };
    let Some((expires, expires_at)) = readiness.expires.both() else { return };
    let Some(it) = assess(readiness, today).filter(|it| !it.passing) else { return };
    if Date::parse_day(expires).is_none() {
        return;
    }
    let counts = format!(
        "score {}, minScore {} ({} done, {} partial, {} not-done, {} deferred)",
        it.score, it.min_score, it.done, it.partial, it.not_done, it.deferred
    );
    if it.expired {
        let message =
            format!("the assessment ended on {expires}; assess the service again: {counts}");
        sink.report(expires_at.value(), &readiness.place.path, message).severity(Severity::Warning);
        return;
    }
    let message = format!("the service is not ready: {counts}");
    let finding = sink.report(readiness.place.owner(), &readiness.place.path, message);
    if let Some(place) = readiness.min_score.place() {
        finding.related(place.owner(), "the score from which on it is ready");
    }
}
