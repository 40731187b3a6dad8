//! The interfaces of a contract, in short.

use super::Subject;
use crate::db;
use crate::spec::BundlePath;
use crate::text::Span;

/// An interface, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceOutline {
    pub name: String,
    /// Its name in the contract's file.
    pub span: Span,
    /// How many operations its specification has.
    pub operations: usize,
}

/// The interfaces that the contract's own file names.
pub fn interfaces(subject: &Subject<'_>) -> Vec<InterfaceOutline> {
    let db = subject.db;
    let each = subject.merged.contract.interfaces.iter().filter_map(|interface| {
        let (name, place) = interface.name.both().filter(|(_, place)| place.source == 0)?;
        let path = interface.contract.get().and_then(|path| BundlePath::parse(path).ok());
        let operations = path.map_or(0, |path| {
            let file = db.inputs().file(db, subject.root(), path.as_str());
            db::operations_of(db, file).len()
        });
        let span = subject.tree.span(place.node);
        Some(InterfaceOutline { name: name.clone(), span, operations })
    });
    each.collect()
}
