//! Value → typed model.

use super::model::*;
use crate::schema::{FormatVersion, with_integers};
use crate::value::{Data, DocPath, Value};

/// Lowers a contract, whichever version of the format it is written in. Nothing fails: what does not fit is `Missing` or `Invalid`.
pub fn lower(value: Value) -> Contract {
    let value = with_integers(value);
    let root = Node::root(&value);
    let contract = Contract {
        root: root.place.clone(),
        format: FormatVersion::declared(&value),
        service: root.object("service").map(|n| service(&n)),
        interfaces: root.list("interfaces").iter().map(interface).collect(),
        configurations: root
            .object("configuration")
            .iter()
            .map(|n| configuration(n, Form::Singular))
            .chain(root.list("configurations").iter().map(|n| configuration(n, Form::Plural)))
            .collect(),
        policies: root
            .object("policy")
            .iter()
            .map(|n| policy(n, Form::Singular))
            .chain(root.list("policies").iter().map(|n| policy(n, Form::Plural)))
            .collect(),
        dependencies: root.list("dependencies").iter().map(dependency).collect(),
        runtime: root.object("runtime").map(|n| runtime(&n)),
        scaling: root.object("scaling").map(|n| scaling(&n)),
        readiness: root.object("readiness").map(|n| readiness(&n)),
        value: Value::null(0, crate::yaml::NodeId::ROOT),
    };
    Contract { value, ..contract }
}

struct Node<'v> {
    value: &'v Value,
    place: Place,
}

impl<'v> Node<'v> {
    fn root(value: &'v Value) -> Self {
        let place =
            Place { source: value.source, node: value.node, key: None, path: DocPath::root() };
        Node { value, place }
    }

    fn child(&self, name: &str) -> Option<Node<'v>> {
        let entry = self.value.entry(name)?;
        // An overridden value names the override; its key may still be the contract's.
        let key = (entry.source == entry.value.source).then_some(entry.key_node);
        let place = Place {
            source: entry.value.source,
            node: entry.value.node,
            key,
            path: self.place.path.key(name),
        };
        Some(Node { value: &entry.value, place })
    }

    fn object(&self, name: &str) -> Option<Node<'v>> {
        self.child(name).filter(|n| matches!(n.value.data, Data::Map(_)))
    }

    /// The items of a list that are objects.
    fn list(&self, name: &str) -> Vec<Node<'v>> {
        let Some(list) = self.child(name) else {
            return Vec::new();
        };
        let items = list.value.items().iter().enumerate();
        items
            .filter(|(_, item)| matches!(item.data, Data::Map(_)))
            .map(|(i, value)| {
                let path = list.place.path.index(i);
                let place = Place { source: value.source, node: value.node, key: None, path };
                Node { value, place }
            })
            .collect()
    }

    fn field<T>(&self, name: &str, read: impl Fn(&Data) -> Option<T>) -> Field<T> {
        match self.child(name) {
            None => Field::Missing,
            Some(child) => match read(&child.value.data) {
                Some(value) => Field::Set(value, child.place),
                None => Field::Invalid(child.place),
            },
        }
    }

    fn text(&self, name: &str) -> Field<String> {
        self.field(name, |data| match data {
            Data::Str(text) => Some(text.to_string()),
            _ => None,
        })
    }

    fn int(&self, name: &str) -> Field<i64> {
        self.field(name, |data| match data {
            Data::Int(int) => Some(int.value),
            _ => None,
        })
    }

    fn number(&self, name: &str) -> Field<f64> {
        self.field(name, |data| match data {
            Data::Int(int) => Some(int.value as f64),
            Data::Float(float) => Some(float.value),
            _ => None,
        })
    }

    fn one_of<T>(&self, name: &str, from_text: impl Fn(&str) -> Option<T>) -> Field<T> {
        self.field(name, |data| match data {
            Data::Str(text) => from_text(text),
            _ => None,
        })
    }
}

fn service(node: &Node<'_>) -> Service {
    let image = node.object("image");
    let chart = node.object("chart");
    let below = |child: &Option<Node<'_>>, name: &str| {
        child.as_ref().map_or(Field::Missing, |child| child.text(name))
    };
    Service {
        place: node.place.clone(),
        name: node.text("name"),
        version: node.text("version"),
        owner: owner(node),
        image: below(&image, "ref"),
        chart: below(&chart, "ref"),
        chart_version: below(&chart, "version"),
    }
}

fn owner(node: &Node<'_>) -> Field<Owner> {
    let Some(child) = node.child("owner") else {
        return Field::Missing;
    };
    match &child.value.data {
        Data::Str(text) => Field::Set(Owner::Text(text.to_string()), child.place),
        Data::Map(_) => {
            let text = |name| child.value.get(name).and_then(Value::as_str).map(str::to_owned);
            Field::Set(Owner::Structured { team: text("team"), dri: text("dri") }, child.place)
        }
        _ => Field::Invalid(child.place),
    }
}

fn interface(node: &Node<'_>) -> Interface {
    Interface {
        place: node.place.clone(),
        name: node.text("name"),
        ty: node.one_of("type", InterfaceType::from_text),
        port: node.int("port"),
        visibility: node.one_of("visibility", Visibility::from_text),
        contract: node.text("contract"),
    }
}

fn configuration(node: &Node<'_>, form: Form) -> Configuration {
    let values = match node.child("values") {
        Some(child) if matches!(child.value.data, Data::Map(_)) => {
            Field::Set(child.value.clone(), child.place)
        }
        Some(child) => Field::Invalid(child.place),
        None => Field::Missing,
    };
    Configuration {
        place: node.place.clone(),
        form,
        name: node.text("name"),
        schema: node.text("schema"),
        reference: node.text("ref"),
        values,
    }
}

fn policy(node: &Node<'_>, form: Form) -> Policy {
    Policy {
        place: node.place.clone(),
        form,
        name: node.text("name"),
        schema: node.text("schema"),
        reference: node.text("ref"),
    }
}

fn dependency(node: &Node<'_>) -> Dependency {
    Dependency {
        place: node.place.clone(),
        name: node.text("name"),
        reference: node.text("ref"),
        required: node.field("required", |data| match data {
            Data::Bool(value) => Some(*value),
            _ => None,
        }),
        compatibility: node.text("compatibility"),
    }
}

fn runtime(node: &Node<'_>) -> Runtime {
    let lifecycle = node.object("lifecycle");
    Runtime {
        place: node.place.clone(),
        workload: node.one_of("workload", Workload::from_text),
        state: node.object("state").map(|n| state(&n)),
        upgrade_strategy: lifecycle
            .map_or(Field::Missing, |n| n.one_of("upgradeStrategy", UpgradeStrategy::from_text)),
        health: node.object("health").map(|n| probe(&n)),
        metrics: node.object("metrics").map(|n| probe(&n)),
    }
}

fn state(node: &Node<'_>) -> State {
    let persistence = node.object("persistence");
    State {
        ty: node.one_of("type", StateType::from_text),
        scope: persistence.as_ref().map_or(Field::Missing, |n| n.one_of("scope", Scope::from_text)),
        durability: persistence
            .as_ref()
            .map_or(Field::Missing, |n| n.one_of("durability", Durability::from_text)),
        criticality: node.one_of("dataCriticality", Criticality::from_text),
    }
}

fn probe(node: &Node<'_>) -> Probe {
    Probe { place: node.place.clone(), interface: node.text("interface"), path: node.text("path") }
}

fn scaling(node: &Node<'_>) -> Scaling {
    Scaling {
        place: node.place.clone(),
        replicas: node.int("replicas"),
        min: node.int("min"),
        max: node.int("max"),
    }
}

fn readiness(node: &Node<'_>) -> Readiness {
    Readiness {
        place: node.place.clone(),
        expires: node.text("expires"),
        min_score: node.int("minScore"),
        partial_credit: node.number("partialCredit"),
        checks: node.list("checks").iter().map(readiness_check).collect(),
        history: node.list("history").iter().map(readiness_revision).collect(),
    }
}

fn readiness_check(node: &Node<'_>) -> ReadinessCheck {
    ReadinessCheck {
        place: node.place.clone(),
        id: node.text("id"),
        ty: node.text("type"),
        category: node.text("category"),
        status: node.one_of("status", CheckStatus::from_text),
        evidence: node.text("evidence"),
        weight: node.int("weight"),
        description: node.text("description"),
    }
}

fn readiness_revision(node: &Node<'_>) -> ReadinessRevision {
    ReadinessRevision {
        place: node.place.clone(),
        date: node.text("date"),
        version: node.text("version"),
        author: node.text("author"),
        description: node.text("description"),
    }
}
