//! The typed model of a contract. It holds the plural forms only; places keep what was written.

use crate::schema::FormatVersion;
use crate::value::{DocPath, SourceId, Value};
use crate::yaml::NodeId;

/// Where a value is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub source: SourceId,
    /// The value.
    pub node: NodeId,
    /// Its key, when it is the value of a key.
    pub key: Option<NodeId>,
    pub path: DocPath,
}

/// A field whose absence and whose unreadable values are kept apart, so that a rule runs exactly
/// when what it reads is well-formed.
#[derive(Clone, Debug, PartialEq)]
pub enum Field<T> {
    Missing,
    /// Of the wrong type, or not one of the legal values.
    Invalid(Place),
    Set(T, Place),
}

impl<T> Field<T> {
    pub fn get(&self) -> Option<&T> {
        match self {
            Field::Set(value, _) => Some(value),
            _ => None,
        }
    }

    pub fn place(&self) -> Option<&Place> {
        match self {
            Field::Set(_, place) | Field::Invalid(place) => Some(place),
            Field::Missing => None,
        }
    }

    pub fn both(&self) -> Option<(&T, &Place)> {
        match self {
            Field::Set(value, place) => Some((value, place)),
            _ => None,
        }
    }

    pub fn is_missing(&self) -> bool {
        matches!(self, Field::Missing)
    }
}

/// Enumerations with the texts of the format.
macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($variant),+ }

        impl $name {
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some($name::$variant),)+ _ => None }
            }

            pub fn text(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }
        }
    };
}

text_enum!(InterfaceType { Http = "http", Grpc = "grpc", Event = "event" });
text_enum!(Visibility { Public = "public", Internal = "internal" });
text_enum!(Workload { Service = "service", Job = "job", Scheduled = "scheduled" });
text_enum!(StateType { Stateless = "stateless", Stateful = "stateful", Hybrid = "hybrid" });
text_enum!(Scope { Local = "local", Shared = "shared" });
text_enum!(Durability { Ephemeral = "ephemeral", Persistent = "persistent" });
text_enum!(Criticality { Low = "low", Medium = "medium", High = "high" });
text_enum!(CheckStatus {
    Done = "done",
    Partial = "partial",
    NotDone = "not-done",
    Deferred = "deferred",
});
text_enum!(UpgradeStrategy { Rolling = "rolling", Recreate = "recreate", Ordered = "ordered" });

#[derive(Clone, Debug, PartialEq)]
pub struct Contract {
    pub root: Place,
    /// The version of the format that it declares; `None` where it declares none that is understood.
    pub format: Option<FormatVersion>,
    pub service: Option<Service>,
    pub interfaces: Vec<Interface>,
    pub configurations: Vec<Configuration>,
    pub policies: Vec<Policy>,
    pub dependencies: Vec<Dependency>,
    pub runtime: Option<Runtime>,
    pub scaling: Option<Scaling>,
    pub readiness: Option<Readiness>,
    /// The whole contract as written, after overrides: what policies see.
    pub value: Value,
}

impl Contract {
    /// The name of the service, as written.
    pub fn name(&self) -> Option<&str> {
        self.service.as_ref()?.name.get().map(String::as_str)
    }

    /// The version of the service, as written.
    pub fn version(&self) -> Option<&str> {
        self.service.as_ref()?.version.get().map(String::as_str)
    }

    /// Every field that names a file of the bundle.
    pub fn file_fields(&self) -> impl Iterator<Item = &Field<String>> {
        let interfaces = self.interfaces.iter().map(|i| &i.contract);
        let configurations = self.configurations.iter().map(|c| &c.schema);
        let policies = self.policies.iter().map(|p| &p.schema);
        interfaces.chain(configurations).chain(policies)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    pub place: Place,
    pub name: Field<String>,
    pub version: Field<String>,
    pub owner: Field<Owner>,
    pub image: Field<String>,
    pub chart: Field<String>,
    pub chart_version: Field<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Owner {
    Text(String),
    Structured { team: Option<String>, dri: Option<String> },
}

impl Owner {
    /// The key by which services are grouped: team, else the plain text, else the individual.
    pub fn key(&self) -> Option<&str> {
        match self {
            Owner::Text(text) => Some(text),
            Owner::Structured { team, dri } => team.as_deref().or(dri.as_deref()),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Interface {
    pub place: Place,
    pub name: Field<String>,
    pub ty: Field<InterfaceType>,
    pub port: Field<i64>,
    pub visibility: Field<Visibility>,
    pub contract: Field<String>,
}

/// Which form an entry was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Singular,
    Plural,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    pub place: Place,
    pub form: Form,
    pub name: Field<String>,
    pub schema: Field<String>,
    pub reference: Field<String>,
    pub values: Field<Value>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    pub place: Place,
    pub form: Form,
    pub name: Field<String>,
    pub schema: Field<String>,
    pub reference: Field<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Dependency {
    pub place: Place,
    pub name: Field<String>,
    pub reference: Field<String>,
    pub required: Field<bool>,
    pub compatibility: Field<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Runtime {
    pub place: Place,
    pub workload: Field<Workload>,
    pub state: Option<State>,
    pub upgrade_strategy: Field<UpgradeStrategy>,
    pub health: Option<Probe>,
    pub metrics: Option<Probe>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub ty: Field<StateType>,
    pub scope: Field<Scope>,
    pub durability: Field<Durability>,
    pub criticality: Field<Criticality>,
}

/// `health` or `metrics`.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    pub place: Place,
    pub interface: Field<String>,
    pub path: Field<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    pub place: Place,
    pub replicas: Field<i64>,
    pub min: Field<i64>,
    pub max: Field<i64>,
}

impl Scaling {
    /// The greatest number of replicas that is possible, if it is known.
    pub fn greatest(&self) -> Option<i64> {
        self.replicas.get().or(self.max.get()).copied()
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Readiness {
    pub place: Place,
    pub expires: Field<String>,
    pub min_score: Field<i64>,
    pub partial_credit: Field<f64>,
    pub checks: Vec<ReadinessCheck>,
    pub history: Vec<ReadinessRevision>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ReadinessCheck {
    pub place: Place,
    pub id: Field<String>,
    pub ty: Field<String>,
    pub category: Field<String>,
    pub status: Field<CheckStatus>,
    pub evidence: Field<String>,
    pub weight: Field<i64>,
    pub description: Field<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ReadinessRevision {
    pub place: Place,
    pub date: Field<String>,
    pub version: Field<String>,
    pub author: Field<String>,
    pub description: Field<String>,
}
