//! One pair of schemas while it is compared, and the ways in which keywords become rows.

use serde_json::Value as Json;

use super::arena::Schemas;
use super::form::{Normal, Others, SchemaId, Word};
use super::types::number;
use crate::diff::class::ChangeType::{self, Modified};
use crate::diff::class::Class;
use crate::diff::docs::{At, Spot, same};
use crate::diff::rule::{Column, Lens, Mark, Rule};
use crate::diff::rules::schema as rules;

/// A row without the path that leads to it.
pub(super) struct Row {
    /// The path from the schema.
    pub step: String,
    pub rule: &'static Rule,
    pub ty: ChangeType,
    pub old: Option<Json>,
    pub new: Option<Json>,
    pub class: Class,
    pub reason: String,
    pub old_at: Option<Spot>,
    pub new_at: Option<Spot>,
    pub anchor: Option<Spot>,
    pub hint: Option<String>,
}

impl Row {
    /// A row of the class that its rule usually has on this side, shown at `place`.
    pub fn new(
        rule: &'static Rule,
        ty: ChangeType,
        step: impl Into<String>,
        lens: Lens,
        place: At<'_>,
    ) -> Row {
        Row {
            step: step.into(),
            rule,
            ty,
            old: None,
            new: None,
            class: rule.seen(lens),
            reason: rule.reason.to_owned(),
            old_at: None,
            new_at: None,
            anchor: Some(place.spot()),
            hint: None,
        }
    }
}

/// One pair while it is compared.
pub(super) struct Step<'n, 'a> {
    pub o: &'n Normal<'a>,
    pub n: &'n Normal<'a>,
    pub olds: &'n Schemas<'a>,
    pub news: &'n Schemas<'a>,
    pub lens: Lens,
    /// The new schema.
    pub place: At<'a>,
    pub rows: Vec<Row>,
    pub children: Vec<(String, SchemaId, SchemaId, Lens)>,
}

impl<'a> Step<'_, 'a> {
    /// Whether nothing more can be said.
    pub(super) fn is_over(&self) -> bool {
        let is_own = |row: &Row| matches!(row.step.as_str(), "" | "type");
        self.rows.iter().any(|row| row.rule.is(Mark::Final) && is_own(row))
    }

    /// A row of the class that its rule usually has on this side.
    pub fn row(
        &mut self,
        rule: &'static Rule,
        ty: ChangeType,
        step: impl Into<String>,
    ) -> &mut Row {
        self.rows.push(Row::new(rule, ty, step, self.lens, self.place));
        self.rows.last_mut().expect("a row was pushed")
    }

    /// A row about a keyword that stands on one side or both.
    pub(super) fn word_row(
        &mut self,
        rule: &'static Rule,
        step: impl Into<String>,
        old: Option<Word<'a>>,
        new: Option<Word<'a>>,
    ) -> &mut Row {
        let ty = ChangeType::of(old.is_some(), new.is_some());
        let row = self.row(rule, ty, step);
        row.old = old.map(At::json);
        row.new = new.map(At::json);
        row.old_at = old.map(At::spot);
        row.new_at = new.map(At::spot);
        row
    }

    pub(super) fn spot_row(
        &mut self,
        rule: &'static Rule,
        step: impl Into<String>,
        old: Option<Spot>,
        new: Option<Spot>,
    ) -> &mut Row {
        let ty = ChangeType::of(old.is_some(), new.is_some());
        let row = self.row(rule, ty, step);
        row.old_at = old;
        row.new_at = new;
        row
    }

    pub fn undecided(&mut self) {
        self.row(rules::SCHEMA_UNDECIDED, Modified, "");
    }

    /// A keyword whose every change replaces what was.
    pub(super) fn replaced(&mut self, word: &'static str, rule: &'static Rule) {
        let (old, new) = (self.o.word(word), self.n.word(word));
        if !same(old, new) {
            self.word_row(rule, word, old, new);
        }
    }

    /// An upper limit: set, decreased, increased, removed.
    pub(super) fn limit(&mut self, name: &'static str, rules: [&'static Rule; 4]) {
        let (old, new) = (self.o.word(name), self.n.word(name));
        let value = |word: Option<Word<'a>>| word.and_then(|at| number(at.value));
        let rule = match (value(old), value(new)) {
            (None, Some(_)) => rules[0],
            (Some(_), None) => rules[3],
            (Some(a), Some(b)) if b < a => rules[1],
            (Some(a), Some(b)) if b > a => rules[2],
            _ => return,
        };
        self.word_row(rule, name, old, new);
    }

    /// A lower limit, whose absence is 0: increased, decreased.
    pub(super) fn floor(&mut self, name: &'static str, rules: [&'static Rule; 2]) {
        let (old, new) = (self.o.word(name), self.n.word(name));
        let value = |word: Option<Word<'a>>| word.and_then(|at| number(at.value)).unwrap_or(0.0);
        if value(new) > value(old) {
            self.word_row(rules[0], name, old, new);
        } else if value(new) < value(old) {
            self.word_row(rules[1], name, old, new);
        }
    }

    /// A schema below a keyword: compared, or a row for each side that lacks it.
    pub(super) fn below(
        &mut self,
        step: impl Into<String>,
        old: Option<(SchemaId, Spot)>,
        new: Option<(SchemaId, Spot)>,
        rules: [&'static Rule; 2],
    ) {
        let step = step.into();
        match (old, new) {
            (Some((old, _)), Some((new, _))) => {
                self.children.push((step, old, new, self.lens));
            }
            (None, Some((_, spot))) => {
                self.spot_row(rules[0], step, None, Some(spot));
            }
            (Some((_, spot)), None) => {
                self.spot_row(rules[1], step, Some(spot), None);
            }
            (None, None) => {}
        }
    }

    pub(super) fn others(&mut self, step: &str, old: Others, new: Others, rules: OtherRules) {
        let (rule, old_at, new_at) = match (old, new) {
            (Others::Schema(old, _), Others::Schema(new, _)) => {
                return self.children.push((step.to_owned(), old, new, self.lens));
            }
            (Others::Open, Others::Schema(_, spot)) => (rules.schema_added, None, Some(spot)),
            (Others::Schema(_, spot), Others::Open) => (rules.schema_removed, Some(spot), None),
            (Others::Open, Others::Closed(spot)) => (rules.closed, None, Some(spot)),
            (Others::Schema(_, was), Others::Closed(spot)) => (rules.closed, Some(was), Some(spot)),
            (Others::Closed(spot), Others::Open) => (rules.opened, Some(spot), None),
            (Others::Closed(was), Others::Schema(_, spot)) => (rules.opened, Some(was), Some(spot)),
            (Others::Open, Others::Open) | (Others::Closed(_), Others::Closed(_)) => return,
        };
        let row = self.spot_row(rule, step, old_at, new_at);
        row.ty = Modified;
        let shown = |others: Others| match others {
            Others::Open => None,
            Others::Closed(_) => Some(Json::Bool(false)),
            Others::Schema(..) => Some(Json::from("schema")),
        };
        row.old = shown(old);
        row.new = shown(new);
    }

    pub(super) fn class(&self, input: Class, output: Class, config: Class) -> Class {
        self.lens.class(|column| match column {
            Column::Input => input,
            Column::Output => output,
            Column::Config => config,
        })
    }
}

#[derive(Clone, Copy)]
pub(super) struct OtherRules {
    pub schema_added: &'static Rule,
    pub schema_removed: &'static Rule,
    pub closed: &'static Rule,
    pub opened: &'static Rule,
}

/// The word with this name.
pub(super) fn find<'a>(list: &[(&str, Word<'a>)], name: &str) -> Option<Word<'a>> {
    list.iter().find(|(other, _)| *other == name).map(|(_, at)| *at)
}
