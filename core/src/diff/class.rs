//! The words for changes: whom one hurts, what happened, whose data it is.

/// Whom a change hurts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Nobody who honoured the old contract can be affected.
    NonBreaking,
    /// Some may be affected, depending on how they use what changed, or it cannot be decided.
    PotentialBreaking,
    /// At least one correct user of the old contract stops working.
    Breaking,
}

impl Class {
    pub const ALL: [Class; 3] = [Class::NonBreaking, Class::PotentialBreaking, Class::Breaking];

    pub fn text(self) -> &'static str {
        match self {
            Class::NonBreaking => "NON_BREAKING",
            Class::PotentialBreaking => "POTENTIAL_BREAKING",
            Class::Breaking => "BREAKING",
        }
    }

    pub fn from_text(text: &str) -> Option<Class> {
        Class::ALL.into_iter().find(|class| class.text() == text)
    }
}

/// What happened to an element. The order is that of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChangeType {
    Removed,
    Added,
    Modified,
}

impl ChangeType {
    /// What happened to something, by the sides that have it.
    pub fn of(has_old: bool, has_new: bool) -> ChangeType {
        match (has_old, has_new) {
            (true, false) => ChangeType::Removed,
            (false, true) => ChangeType::Added,
            _ => ChangeType::Modified,
        }
    }

    pub fn text(self) -> &'static str {
        match self {
            ChangeType::Removed => "removed",
            ChangeType::Added => "added",
            ChangeType::Modified => "modified",
        }
    }
}

/// Who reads or writes the data that a change is about, as seen from the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    Request,
    Response,
    Receive,
    Send,
    /// An event whose direction is unknown.
    Both,
    Config,
    Policy,
}

impl Side {
    pub fn text(self) -> &'static str {
        match self {
            Side::Request => "request",
            Side::Response => "response",
            Side::Receive => "receive",
            Side::Send => "send",
            Side::Both => "both",
            Side::Config => "config",
            Side::Policy => "policy",
        }
    }

    /// What the ids of the rules of schemas start with.
    pub fn prefix(self) -> &'static str {
        match self {
            Side::Request => "openapi/request/",
            Side::Response => "openapi/response/",
            Side::Receive => "event/receive/",
            Side::Send => "event/send/",
            Side::Both => "event/",
            Side::Config => "config/",
            Side::Policy => "policy/",
        }
    }

    /// Whether the data is that of an HTTP interface.
    pub fn is_http(self) -> bool {
        matches!(self, Side::Request | Side::Response)
    }
}
