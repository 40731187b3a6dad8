//! Event interfaces: AsyncAPI documents and plain schemas (3-diff, "Event interfaces").

mod compare;
mod messages;
mod model;

use std::rc::Rc;

use super::change::Change;
use super::class::Side;
use super::docs::{At, Docs};
use super::rule::Lens;
use super::schema::{Comparison, Dialect, Schemas};
use super::settings::Settings;
use super::side::dialect_of;

/// The differences of two AsyncAPI documents.
pub fn asyncapi<'a>(
    (old_docs, old): (&Rc<Docs<'a>>, At<'a>),
    (new_docs, new): (&Rc<Docs<'a>>, At<'a>),
    settings: &Settings,
) -> Vec<Change> {
    let schemas =
        (Schemas::new(old_docs, Dialect::JsonSchema), Schemas::new(new_docs, Dialect::JsonSchema));
    let old = model::Api::read(old, &schemas.0, settings);
    let new = model::Api::read(new, &schemas.1, settings);
    let comparison = Comparison::new(&schemas.0, &schemas.1, settings);
    let mut differ = compare::Differ { old: &old, new: &new, comparison, rows: Vec::new() };
    differ.document();
    differ.rows
}

/// The differences of two schemas of an event.
pub fn plain<'a>(
    (old_docs, old): (&Rc<Docs<'a>>, At<'a>),
    (new_docs, new): (&Rc<Docs<'a>>, At<'a>),
    settings: &Settings,
) -> Vec<Change> {
    let side = match new.text("x-pacto-direction").or_else(|| old.text("x-pacto-direction")) {
        Some("send") => Side::Send,
        Some("receive") => Side::Receive,
        _ => Side::Both,
    };
    let schemas =
        (Schemas::new(old_docs, dialect_of(old)), Schemas::new(new_docs, dialect_of(new)));
    let mut comparison = Comparison::new(&schemas.0, &schemas.1, settings);
    let pair = comparison.compare(schemas.0.at(old), schemas.1.at(new), Lens::new(side));
    comparison.rows(pair, "event.schema")
}
