//! Running the rules of one layer.

use super::ctx::Ctx;
use super::finding::Report;
use super::rule::{Layer, Sink};
use super::rules::RULES;

/// Runs every rule of `layer`.
pub fn run_layer(ctx: &Ctx<'_>, layer: Layer) -> Report {
    let mut report = Report::default();
    for rule in RULES.iter().filter(|rule| rule.layer == layer) {
        (rule.check)(ctx, &mut Sink { rule, report: &mut report });
    }
    report
}
