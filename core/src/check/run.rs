//! Running the rules of one layer.

use super::ctx::Ctx;
use super::rule::Layer;
use super::rules::{CHECKS, RULES};
use super::sink::{Report, Sink};

/// Runs every rule of `layer`.
pub fn run_layer(ctx: &Ctx<'_>, layer: Layer) -> Report {
    let mut report = Report::default();
    let all = RULES.iter().zip(CHECKS);
    for (rule, check) in all.filter(|(rule, _)| rule.layer == layer) {
        check(ctx, &mut Sink { rule, report: &mut report });
    }
    report
}
