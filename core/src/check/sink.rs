//! What the rules of a layer say, and how they say it.

use super::finding::{Finding, NotChecked};
use super::rule::Rule;
use crate::place::Anchor;

/// What the rules of a layer said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    pub findings: Vec<Finding>,
    pub not_checked: Vec<NotChecked>,
}

/// Takes the findings of one rule.
pub struct Sink<'r> {
    pub(super) rule: &'static Rule,
    pub(super) report: &'r mut Report,
}

impl Sink<'_> {
    /// Adds a finding with the rule's own severity; the answer is there to be completed.
    pub fn report(
        &mut self,
        at: Anchor,
        path: impl ToString,
        message: impl Into<String>,
    ) -> &mut Finding {
        self.report.findings.push(Finding {
            rule: self.rule,
            severity: self.rule.severity,
            message: message.into(),
            detail: None,
            path: path.to_string(),
            at,
            related: Vec::new(),
            fixes: Vec::new(),
            tag: None,
        });
        let last = self.report.findings.len() - 1;
        &mut self.report.findings[last]
    }

    /// Says that something was not looked at.
    pub fn not_checked(&mut self, reference: &str, path: impl ToString, reason: &str) {
        self.report.not_checked.push(NotChecked {
            reference: reference.to_owned(),
            path: path.to_string(),
            reason: reason.to_owned(),
        });
    }
}
