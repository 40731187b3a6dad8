//! The order of rows in reports (3-diff, "Determinism").

use super::rules::contract::Field;

/// A part of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    Version,
    Service,
    Runtime,
    Interfaces,
    Configuration,
    Policy,
    Dependencies,
    Scaling,
    Readiness,
    Metadata,
}

impl Section {
    /// The section of a field.
    fn of(field: &str) -> Section {
        match field.split('.').next().unwrap_or("") {
            "service" => Section::Service,
            "runtime" => Section::Runtime,
            "interfaces" => Section::Interfaces,
            "configuration" | "configurations" => Section::Configuration,
            "policy" | "policies" => Section::Policy,
            "dependencies" => Section::Dependencies,
            "scaling" => Section::Scaling,
            "readiness" => Section::Readiness,
            "metadata" => Section::Metadata,
            _ => Section::Version,
        }
    }
}

/// The place of a row: section, subject, field, then the order in which its content is walked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    section: Section,
    subject: String,
    field: u16,
    sequence: usize,
}

impl Order {
    pub fn of_field(field: &Field, subject: &str) -> Order {
        let section = Section::of(field.path);
        Order { section, subject: subject.to_owned(), field: field.position(), sequence: 0 }
    }

    /// Of rows about what a file says; they follow those of the contract itself.
    pub fn of_content(section: Section, subject: &str, sequence: usize) -> Order {
        Order { section, subject: subject.to_owned(), field: u16::MAX, sequence }
    }
}
