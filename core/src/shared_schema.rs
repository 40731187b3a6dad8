//! The schemas that a contract shares with the contracts that refer to it (1-format, "The bundle").

use std::fmt;

use crate::bundle::BundleView;
use crate::contract::{Contract, ContractRef};
use crate::fact::{Fact, Failure};
use crate::root::{CONTRACT_FILE, Root};
use crate::spec::BundlePath;

/// The longest chain of references that is followed.
const MAX_CHAIN: usize = 64;

/// What is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shared {
    Configuration,
    Policy,
}

/// Why a reference leads to no schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoSchema {
    /// The reference itself leads nowhere.
    Unavailable(Failure),
    /// Something that is needed on the way is not in a bundle that the reference leads to.
    UnavailableThere(String, Failure),
    Circle,
}

impl Shared {
    /// Where a bundle keeps it if its contract does not say where.
    pub fn usual_path(self) -> &'static str {
        match self {
            Shared::Configuration => "configuration/schema.json",
            Shared::Policy => "policy/schema.json",
        }
    }

    /// Where a bundle with this contract may have it; the first place that is there counts. Only
    /// policies are shared from where they are declared.
    fn places(self, contract: &Contract) -> Vec<SharedPlace<'_>> {
        let usual = SharedPlace::File(self.usual_path());
        match self {
            Shared::Configuration => {
                let mut references = contract.configurations.iter().map(|c| c.reference.get());
                let next =
                    references.find_map(|text| text.map(|text| SharedPlace::Reference(text)));
                [Some(usual), next].into_iter().flatten().collect()
            }
            Shared::Policy => {
                let first = contract.policies.first().map(|p| (p.schema.get(), p.reference.get()));
                vec![match first {
                    Some((Some(schema), _)) => SharedPlace::File(schema),
                    Some((None, Some(reference))) => SharedPlace::Reference(reference),
                    _ => usual,
                }]
            }
        }
    }
}

/// A file of the bundle, or the reference that leads on.
enum SharedPlace<'a> {
    File(&'a str),
    Reference(&'a str),
}

impl NoSchema {
    /// Whether nothing is known because no network may be used.
    pub fn is_offline(&self) -> bool {
        match self {
            NoSchema::Unavailable(failure) | NoSchema::UnavailableThere(_, failure) => {
                failure.is_offline()
            }
            NoSchema::Circle => false,
        }
    }
}

impl fmt::Display for NoSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoSchema::Unavailable(failure) => failure.fmt(f),
            NoSchema::UnavailableThere(what, failure) => write!(f, "{what} there: {failure}"),
            NoSchema::Circle => f.write_str("the references go in a circle"),
        }
    }
}

/// The schema that a reference in `bundle` leads to, over the references of other contracts: the
/// root of its bundle and its path there. None as long as something on the way is unanswered.
pub fn shared_schema(
    bundle: &dyn BundleView,
    reference: &ContractRef,
    shared: Shared,
) -> Result<Option<(Root, BundlePath)>, NoSchema> {
    let mut chain = vec![bundle.root().clone()];
    let first = match bundle.follow(reference, None) {
        Fact::Pending => return Ok(None),
        Fact::Failed(failure) => return Err(NoSchema::Unavailable(failure)),
        Fact::Ready(followed) => followed.bundle,
    };
    let mut at = first.at(first.root());
    while !chain.contains(at.root()) && chain.len() <= MAX_CHAIN {
        chain.push(at.root().clone());
        let next = match look(&*at, shared)? {
            None => return Ok(None),
            Some(Found::Schema(path)) => return Ok(Some((at.root().clone(), path))),
            Some(Found::Next(root)) => first.at(&root),
        };
        at = next;
    }
    Err(NoSchema::Circle)
}

enum Found {
    Schema(BundlePath),
    Next(Root),
}

/// What one bundle of the chain shares. A folder without a contract is not a bundle; nothing in it
/// is looked at.
fn look(bundle: &dyn BundleView, shared: Shared) -> Result<Option<Found>, NoSchema> {
    let missing = |what: &str, failure| NoSchema::UnavailableThere(what.to_owned(), failure);
    let contract = match bundle.contract() {
        Fact::Pending => return Ok(None),
        Fact::Failed(failure) => return Err(missing(CONTRACT_FILE, failure)),
        Fact::Ready(contract) => contract,
    };
    let mut why = missing(shared.usual_path(), Failure::NotFound);
    for place in shared.places(contract) {
        let (what, found) = match place {
            SharedPlace::File(path) => (path.to_owned(), file(bundle, path)),
            SharedPlace::Reference(text) => (format!("`{text}`"), next(bundle, text)),
        };
        match found {
            Fact::Pending => return Ok(None),
            Fact::Ready(found) => return Ok(Some(found)),
            Fact::Failed(failure) => why = missing(&what, failure),
        }
    }
    Err(why)
}

fn file(bundle: &dyn BundleView, path: &str) -> Fact<Found> {
    let Ok(path) = BundlePath::parse(path) else { return Fact::Failed(Failure::NotFound) };
    bundle.exists(&path).map(|()| Found::Schema(path))
}

fn next(bundle: &dyn BundleView, text: &str) -> Fact<Found> {
    let Ok(reference) = ContractRef::parse(text) else { return Fact::Failed(Failure::NotFound) };
    bundle.follow(&reference, None).map(|f| Found::Next(f.bundle.root().clone()))
}
