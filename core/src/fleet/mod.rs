//! The contracts of a workspace as a whole: who is called how, who uses whom, what a change hurts.
//! Plain data; `db::fleet` makes it from what is known.

mod search;

pub use search::{Field, Hit, Match, match_text, search};

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::contract::{Contract, ContractRef};
use crate::root::Root;

/// As what a contract names another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum UseKind {
    Dependency,
    Configuration,
    Policy,
}

/// One reference of a contract to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    pub kind: UseKind,
    /// Its place among the contract's dependencies, configurations or policies, from 0.
    pub index: usize,
    pub reference: ContractRef,
    pub constraint: Option<String>,
    /// The bundle that it leads to, as far as that is known.
    pub target: Option<Root>,
}

/// Who a contract is, for those who look for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    pub name: Option<String>,
    pub version: Option<String>,
    pub owner: Option<String>,
    /// The names of its interfaces.
    pub interfaces: Vec<String>,
}

impl Profile {
    pub fn of(contract: &Contract) -> Profile {
        let service = contract.service.as_ref();
        Profile {
            name: contract.name().map(str::to_owned),
            version: contract.version().map(str::to_owned),
            owner: service.and_then(|s| s.owner.get()?.key()).map(str::to_owned),
            interfaces: contract.interfaces.iter().filter_map(|i| i.name.get().cloned()).collect(),
        }
    }
}

/// A bundle in reach of the workspace, as the index takes it.
pub struct Member<'a> {
    pub root: &'a Root,
    /// Whether it is one of the workspace, and not only led to.
    pub is_own: bool,
    pub name: Option<&'a str>,
    pub uses: &'a [Use],
}

/// Who uses a bundle, and how.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dependent {
    pub root: Root,
    pub kind: UseKind,
    /// The place of the reference among those of its kind.
    pub index: usize,
    pub constraint: Option<String>,
}

/// A bundle that a change of another may hurt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impacted {
    pub root: Root,
    /// The bundle on the way to the change that it uses.
    pub via: Root,
    /// The number of uses on the shortest way to the change; 1 for those that use it themselves.
    pub distance: usize,
}

/// The index. It holds names and uses alone, so that only edits of these make it anew.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Fleet {
    names: BTreeMap<String, Vec<Root>>,
    dependents: BTreeMap<Root, Vec<Dependent>>,
    repositories: BTreeMap<String, String>,
    /// The folder that a published bundle was pushed from, as far as its name says.
    sources: BTreeMap<Root, Root>,
}

impl Fleet {
    pub fn new<'a>(members: &[Member<'a>]) -> Fleet {
        let mut fleet = Fleet::default();
        for member in members {
            if let Some(name) = member.name {
                fleet.names.entry(name.to_owned()).or_default().push(member.root.clone());
            }
        }
        let own: BTreeMap<&str, &Root> =
            members.iter().filter(|m| m.is_own).filter_map(|m| Some((m.name?, m.root))).collect();
        for member in members.iter().filter(|m| m.root.is_published()) {
            if let Some(source) = member.name.and_then(|name| own.get(name)) {
                fleet.sources.insert(member.root.clone(), (*source).clone());
            }
        }
        for member in members {
            for used in member.uses {
                fleet.add(member, used);
            }
        }
        for dependents in fleet.dependents.values_mut() {
            dependents.sort();
        }
        fleet
    }

    fn add(&mut self, member: &Member<'_>, used: &Use) {
        if let (true, UseKind::Dependency, ContractRef::Oci(oci)) =
            (member.is_own, used.kind, &used.reference)
        {
            let last = oci.path.rsplit('/').next().unwrap_or(&oci.path);
            let name = last.strip_suffix("-pacto").unwrap_or(last);
            self.repositories.entry(name.to_owned()).or_insert_with(|| oci.repository());
        }
        let Some(target) = &used.target else { return };
        let dependent = Dependent {
            root: member.root.clone(),
            kind: used.kind,
            index: used.index,
            constraint: used.constraint.clone(),
        };
        self.dependents.entry(self.source(target).clone()).or_default().push(dependent);
    }

    /// The bundles that hold a service of this name, in the order of their roots.
    pub fn named(&self, name: &str) -> &[Root] {
        self.names.get(name).map_or(&[], Vec::as_slice)
    }

    /// The names of all services, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }

    /// The bundle that stands for `root`: the contract of the workspace that a published one was
    /// pushed from, else itself.
    pub fn source<'a>(&'a self, root: &'a Root) -> &'a Root {
        self.sources.get(root).unwrap_or(root)
    }

    /// Who uses a bundle, whichever version: as a dependency, or for the configuration or policy
    /// that it shares. In the order of their roots.
    pub fn dependents(&self, root: &Root) -> &[Dependent] {
        self.dependents.get(self.source(root)).map_or(&[], Vec::as_slice)
    }

    /// A repository of which some contract of the workspace says that it holds the service `name`.
    pub fn repository(&self, name: &str) -> Option<&str> {
        self.repositories.get(name).map(String::as_str)
    }

    /// The services of which some contract of the workspace names the repository, with it.
    pub fn repositories(&self) -> impl Iterator<Item = (&str, &str)> {
        self.repositories.iter().map(|(name, repository)| (name.as_str(), repository.as_str()))
    }

    /// Everything that a change of the bundle in `root` may hurt, nearest first.
    pub fn impact(&self, root: &Root) -> Vec<Impacted> {
        let start = self.source(root);
        let mut seen = BTreeSet::from([start]);
        let mut queue = VecDeque::from([(start, 0)]);
        let mut found = Vec::new();
        while let Some((via, distance)) = queue.pop_front() {
            for dependent in self.dependents(via) {
                let root = self.source(&dependent.root);
                if seen.insert(root) {
                    let (root, via) = (root.clone(), via.clone());
                    found.push(Impacted { root, via, distance: distance + 1 });
                    queue.push_back((self.source(&dependent.root), distance + 1));
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dependency(index: usize, reference: &str, target: &str) -> Use {
        Use {
            kind: UseKind::Dependency,
            index,
            reference: ContractRef::parse(reference).expect("a reference"),
            constraint: Some("^1.0.0".into()),
            target: Some(Root::from(target)),
        }
    }

    /// `shop` uses `pay` and `pay` uses `auth`, which is in a registry and in the workspace.
    fn fleet() -> Fleet {
        let published = "oci://h.io/team/auth-pacto@sha256:1";
        let roots = ["/f/auth", "/f/pay", "/f/shop", published].map(Root::from);
        let shop = [dependency(0, "../pay", "/f/pay"), dependency(1, "../auth", "/f/auth")];
        let pay = [dependency(0, "oci://h.io/team/auth-pacto", published)];
        let uses: [&[Use]; 4] = [&[], &pay, &shop, &[]];
        let names = ["auth", "pay", "shop", "auth"];
        let members: Vec<Member<'_>> = (0..4)
            .map(|i| Member { root: &roots[i], is_own: i < 3, name: Some(names[i]), uses: uses[i] })
            .collect();
        Fleet::new(&members)
    }

    #[test]
    fn a_published_bundle_counts_as_the_contract_it_was_pushed_from() {
        let fleet = fleet();
        let (auth, pay) = (Root::from("/f/auth"), Root::from("/f/pay"));
        let users: Vec<(String, usize)> =
            fleet.dependents(&auth).iter().map(|d| (d.root.name(), d.index)).collect();
        assert_eq!(users, [("pay".to_owned(), 0), ("shop".to_owned(), 1)]);
        assert_eq!(fleet.dependents(&pay)[0].constraint.as_deref(), Some("^1.0.0"));
        let published = Root::from("oci://h.io/team/auth-pacto@sha256:1");
        assert_eq!(fleet.dependents(&published), fleet.dependents(&auth));
        assert_eq!(fleet.named("auth"), [auth, published]);
        assert_eq!(fleet.repository("auth"), Some("h.io/team/auth-pacto"));
        assert_eq!(fleet.names().collect::<Vec<_>>(), ["auth", "pay", "shop"]);
    }

    #[test]
    fn a_change_hurts_who_uses_it_and_who_uses_those() {
        let fleet = fleet();
        let hurt = |root: &str| {
            let found = fleet.impact(&Root::from(root));
            found.into_iter().map(|i| (i.root.name(), i.distance)).collect::<Vec<_>>()
        };
        assert_eq!(hurt("/f/auth"), [("pay".to_owned(), 1), ("shop".to_owned(), 1)]);
        assert_eq!(hurt("/f/pay"), [("shop".to_owned(), 1)]);
        assert_eq!(hurt("/f/shop"), []);
    }
}
