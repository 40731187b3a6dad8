//! Rules as data: what each change means, for whom, and an example of it.

use super::class::{Class, Side};

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

/// What a rule is about; the first part of its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    Contract,
    /// Schemas, wherever they stand; the id tells the side.
    Schema,
    OpenApi,
    Proto,
    AsyncApi,
    /// A new section that demands something.
    Configuration,
    /// Whether files can be compared at all.
    Input,
}

impl Domain {
    /// What the ids of the rules start with. Those of schemas tell the `side` of the data.
    pub fn prefix(self, side: Option<Side>) -> &'static str {
        match self {
            Domain::Contract => "contract/",
            Domain::Schema => side.unwrap_or(Side::Both).prefix(),
            Domain::OpenApi => "openapi/",
            Domain::Proto => "proto/",
            Domain::AsyncApi => "asyncapi/",
            Domain::Configuration => "config/",
            Domain::Input => "input/",
        }
    }
}

/// What a kind of change means.
#[derive(Debug)]
pub struct Rule {
    pub domain: Domain,
    /// The id without the prefix of the domain.
    pub name: &'static str,
    pub meaning: Meaning,
    pub reason: &'static str,
    /// A pair of texts between which it fires.
    pub example: [&'static str; 2],
    /// A pair of texts between which it does not; without one, the example with its sides
    /// exchanged.
    pub counter_example: Option<[&'static str; 2]>,
    pub marks: &'static [Mark],
}

/// What is true of the changes of some rules, for readers that treat them in another way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Consumers can use something that was not there: the version goes up by a minor step.
    Feature,
    /// A path or a method of an HTTP interface is gone.
    OperationRemoval,
    /// A property must be given that could be left out.
    Demand,
    /// It is about a sunset, so the day of the comparison is part of the result.
    Sunset,
    /// The row sums up the rows that follow it.
    Rollup,
    /// It says all there is to say about a pair of schemas: nothing below them is compared.
    Final,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Rule) -> bool {
        (self.domain, self.name) == (other.domain, other.name)
    }
}

impl Eq for Rule {}

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
    /// It must be given, so that its default never applies.
    pub is_required: bool,
    /// The `xml` keyword counts.
    pub is_xml: bool,
}

impl Lens {
    pub fn new(side: Side) -> Lens {
        Lens { side, is_flipped: false, is_parameter: false, is_required: false, is_xml: false }
    }

    /// Whether old values must still be admitted, and whether new ones must have been before.
    pub fn directions(self) -> (bool, bool) {
        let (reads, writes) = match self.side {
            Side::Request | Side::Receive | Side::Config | Side::Policy => (true, false),
            Side::Response | Side::Send => (false, true),
            Side::Both => (true, true),
        };
        if self.is_flipped { (writes, reads) } else { (reads, writes) }
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

impl Rule {
    /// A rule with its example.
    pub const fn new(
        domain: Domain,
        name: &'static str,
        meaning: Meaning,
        reason: &'static str,
        example: [&'static str; 2],
    ) -> Rule {
        Rule { domain, name, meaning, reason, example, counter_example: None, marks: &[] }
    }

    /// With a pair between which it does not fire, since it fires on the exchanged example, too.
    pub const fn unless(self, counter: [&'static str; 2]) -> Rule {
        Rule { counter_example: Some(counter), ..self }
    }

    pub const fn marked(self, marks: &'static [Mark]) -> Rule {
        Rule { marks, ..self }
    }

    pub fn is(&self, mark: Mark) -> bool {
        self.marks.contains(&mark)
    }

    /// The published id. `side` is that of the data, for rules of schemas.
    pub fn id(&self, side: Option<Side>) -> String {
        format!("{}{}", self.domain.prefix(side), self.name)
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

    /// The usual class for data that is looked at through `lens`.
    pub fn seen(&self, lens: Lens) -> Class {
        lens.class(|column| self.usual(column))
    }
}

/// Whether a constant has the letters of the rule or the field that it stands for: `PATH_REMOVED` of
/// `path-removed`, `SERVICE_NAME` of `service.name`.
pub(crate) const fn are_same_name(constant: &str, name: &str) -> bool {
    const fn next(text: &[u8], mut at: usize) -> usize {
        while at < text.len() && !text[at].is_ascii_alphanumeric() {
            at += 1;
        }
        at
    }
    let (constant, name) = (constant.as_bytes(), name.as_bytes());
    let (mut i, mut j) = (next(constant, 0), next(name, 0));
    while i < constant.len() && j < name.len() {
        if constant[i] != name[j].to_ascii_uppercase() {
            return false;
        }
        (i, j) = (next(constant, i + 1), next(name, j + 1));
    }
    i == constant.len() && j == name.len()
}
