//! Rules as data: what each change means, for whom, and an example of it.

use super::change::{Class, Side};

/// The classes that a rule can give; the first is the usual one, the others depend on what stands
/// around the change. Empty: it cannot occur.
pub type Classes = &'static [Class];

pub(super) mod classes {
    use super::Class::{self, Breaking, NonBreaking, PotentialBreaking};

    pub const N: &[Class] = &[NonBreaking];
    pub const P: &[Class] = &[PotentialBreaking];
    pub const B: &[Class] = &[Breaking];
    pub const NP: &[Class] = &[NonBreaking, PotentialBreaking];
    pub const NB: &[Class] = &[NonBreaking, Breaking];
    pub const PN: &[Class] = &[PotentialBreaking, NonBreaking];
    pub const PB: &[Class] = &[PotentialBreaking, Breaking];
    pub const PBN: &[Class] = &[PotentialBreaking, Breaking, NonBreaking];
    pub const BN: &[Class] = &[Breaking, NonBreaking];
    pub const BP: &[Class] = &[Breaking, PotentialBreaking];
    pub const BPN: &[Class] = &[Breaking, PotentialBreaking, NonBreaking];
    pub const NONE: &[Class] = &[];
}

/// What a kind of change means.
#[derive(Debug)]
pub struct Rule {
    /// Without its domain, for rules of schemas; else with it.
    pub id: &'static str,
    pub meaning: Meaning,
    pub reason: &'static str,
    /// A pair of texts between which it fires.
    pub example: [&'static str; 2],
    /// A pair of texts between which it does not; without one, the example with its sides
    /// exchanged.
    pub counter_example: Option<[&'static str; 2]>,
}

/// Whom a change hurts.
#[derive(Clone, Copy, Debug)]
pub enum Meaning {
    /// The same wherever it occurs.
    Always(Classes),
    /// By who reads and who writes.
    BySide {
        /// The service reads: requests, events that are received.
        input: Classes,
        /// The service writes: responses, events that are sent.
        output: Classes,
        /// The platform supplies: configuration.
        config: Classes,
    },
}

/// From which side data is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lens {
    pub side: Side,
    /// Below a `not`, what tightens loosens.
    pub is_flipped: bool,
    /// Defaults of parameters are part of the request.
    pub is_parameter: bool,
    /// The `xml` keyword counts.
    pub is_xml: bool,
}

impl Lens {
    pub fn new(side: Side) -> Lens {
        Lens { side, is_flipped: false, is_parameter: false, is_xml: false }
    }

    /// The prefix of the rules' ids.
    pub fn domain(self) -> &'static str {
        match self.side {
            Side::Request => "openapi/request/",
            Side::Response => "openapi/response/",
            Side::Receive => "event/receive/",
            Side::Send => "event/send/",
            Side::Both => "event/",
            Side::Config => "config/",
            Side::Policy => "policy/",
        }
    }

    /// Whether the service reads the data, without regard to `not`.
    pub fn is_input(self) -> bool {
        matches!(self.side, Side::Request | Side::Receive)
    }

    pub fn is_output(self) -> bool {
        matches!(self.side, Side::Response | Side::Send)
    }

    /// The side as it is seen below a `not`.
    pub fn flipped(self) -> Lens {
        Lens { is_flipped: !self.is_flipped, ..self }
    }

    /// The class that `choose` picks out of a rule's columns for this side.
    pub fn class(self, pick: impl Fn(Column) -> Class) -> Class {
        let (input, output) = match self.is_flipped {
            false => (Column::Input, Column::Output),
            true => (Column::Output, Column::Input),
        };
        match self.side {
            Side::Request | Side::Receive => pick(input),
            Side::Response | Side::Send => pick(output),
            Side::Both => pick(input).max(pick(output)),
            Side::Config if self.is_flipped => pick(Column::Output),
            Side::Config => pick(Column::Config),
            Side::Policy if self.is_flipped => pick(Column::Output).min(Class::PotentialBreaking),
            Side::Policy => pick(Column::Config).min(Class::PotentialBreaking),
        }
    }
}

/// A column of the tables of 3-diff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Input,
    Output,
    Config,
}

/// A rule that means the same wherever it fires.
pub const fn always(
    id: &'static str,
    classes: Classes,
    reason: &'static str,
    old: &'static str,
    new: &'static str,
) -> Rule {
    Rule::new(id, Meaning::Always(classes), reason, [old, new])
}

impl Rule {
    /// A rule with its example.
    pub const fn new(
        id: &'static str,
        meaning: Meaning,
        reason: &'static str,
        example: [&'static str; 2],
    ) -> Rule {
        Rule { id, meaning, reason, example, counter_example: None }
    }

    /// With a pair between which it does not fire, since it fires on the exchanged example, too.
    pub const fn unless(self, counter: [&'static str; 2]) -> Rule {
        Rule { counter_example: Some(counter), ..self }
    }

    /// The classes that this rule gives in a column.
    pub fn classes(&self, column: Column) -> Classes {
        match (self.meaning, column) {
            (Meaning::Always(classes), _) => classes,
            (Meaning::BySide { input, .. }, Column::Input) => input,
            (Meaning::BySide { output, .. }, Column::Output) => output,
            (Meaning::BySide { config, .. }, Column::Config) => config,
        }
    }

    /// The usual class of a column.
    pub fn usual(&self, column: Column) -> Class {
        self.classes(column).first().copied().unwrap_or(Class::PotentialBreaking)
    }
}
