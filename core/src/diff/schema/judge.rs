//! What values prove: whether one schema admits all that another does, found by trying one value of
//! each kind that the two distinguish.

use std::cell::Cell;

use serde_json::Value as Json;

use super::admits::Referee;
use super::arena::Schemas;
use super::form::SchemaId;
use super::samples::{Place, Sampler};
use crate::diff::rule::Lens;

/// Upper bound on the schemas that are asked to judge one pair.
pub(super) const MAX_FUEL: usize = 150_000;

/// Whether all values of one schema are values of another.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    Holds,
    /// This value is one of the one, but not of the other.
    Fails(Json),
    Undecided,
}

/// Whether what the schema `from` admits is admitted by `to`, as far as values show. `fuel` is how
/// many schemas may be asked in all.
pub(super) fn judge<'a>(
    lens: Lens,
    from: (&Schemas<'a>, SchemaId),
    to: (&Schemas<'a>, SchemaId),
    fuel: &Cell<usize>,
) -> Verdict {
    let budget = fuel.get().min(MAX_FUEL);
    let own = Cell::new(budget);
    // A property that one side did not know of proves nothing against a change; but where nobody is
    // to be hurt, such properties count.
    let verdict = match tried(lens, from, to, false, &own) {
        Verdict::Holds => match tried(lens, from, to, true, &own) {
            Verdict::Fails(_) => Verdict::Undecided,
            verdict => verdict,
        },
        verdict => verdict,
    };
    fuel.set(fuel.get() - (budget - own.get()));
    verdict
}

fn tried<'a>(
    lens: Lens,
    from: (&Schemas<'a>, SchemaId),
    to: (&Schemas<'a>, SchemaId),
    with_strangers: bool,
    fuel: &Cell<usize>,
) -> Verdict {
    let place = Place { from: from.0.parts(from.1).to_vec(), to: to.0.parts(to.1).to_vec() };
    let (from, to) =
        (Referee { schemas: from.0, lens, fuel }, Referee { schemas: to.0, lens, fuel });
    let mut sampler = Sampler { from: &from, to: &to, with_strangers, is_complete: true };
    let values = sampler.values(&place, 0);
    let mut is_proof = sampler.is_complete;
    let mut witness: Option<(usize, Json)> = None;
    for value in values {
        match (from.admits(&place.from, &value), to.admits(&place.to, &value)) {
            (Some(false), _) | (_, Some(true)) => {}
            (Some(true), Some(false)) => {
                let size = value.to_string().len();
                if witness.as_ref().is_none_or(|(least, _)| size < *least) {
                    witness = Some((size, value));
                }
            }
            _ => is_proof = false,
        }
    }
    match witness {
        Some((_, value)) => Verdict::Fails(value),
        None if is_proof && fuel.get() > 0 => Verdict::Holds,
        None => Verdict::Undecided,
    }
}
