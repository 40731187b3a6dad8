//! Dependencies that a contract may lack.

use std::collections::BTreeMap;

use crate::bundle::BundleView;
use crate::contract::{
    Contract, ContractRef, Durability, InterfaceType, Scope, StateType, Visibility, Workload,
};
use crate::fact::Fact;
use crate::spec::BundlePath;
use crate::value::Value;

/// A dependency that may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggested {
    pub name: String,
    pub reason: String,
    /// Which observation it rests on.
    pub rule: &'static str,
    /// `low`, `medium` or `high`.
    pub confidence: &'static str,
    /// What the service is referred to by, where that is known.
    pub reference: Option<String>,
}

/// What the contract of `bundle` may lack. `known` are services of the workspace with their
/// references.
pub fn suggest(
    bundle: &dyn BundleView,
    contract: &Contract,
    known: &BTreeMap<String, String>,
) -> Vec<Suggested> {
    let mut found = Vec::new();
    let mut add = |name: &str, rule, confidence, reason: String| {
        let is_new = |found: &Vec<Suggested>| found.iter().all(|own: &Suggested| own.name != name);
        if is_new(&found) && !has_dependency(contract, name) {
            let reference = known.get(name).cloned();
            found.push(Suggested { name: name.to_owned(), reason, rule, confidence, reference });
        }
    };
    let is_public = contract.interfaces.iter().any(|interface| {
        interface.ty.get() == Some(&InterfaceType::Http)
            && interface.visibility.get() == Some(&Visibility::Public)
    });
    if is_public {
        let reason = "a public http interface mostly stands behind a gateway";
        add("api-gateway", "public-http", "medium", reason.to_owned());
    }
    let runtime = contract.runtime.as_ref();
    if let Some(state) = runtime.and_then(|runtime| runtime.state.as_ref()) {
        let is_stateful = state.ty.get() == Some(&StateType::Stateful);
        if is_stateful && state.durability.get() == Some(&Durability::Persistent) {
            add("postgres", "persistent-state", "medium", "its state outlives restarts".into());
        }
        if is_stateful && state.scope.get() == Some(&Scope::Shared) {
            add("redis", "shared-state", "medium", "its instances share state".into());
        }
        if state.ty.get() == Some(&StateType::Stateless) {
            add(
                "redis",
                "stateless-cache",
                "low",
                "a service without state may use a cache".into(),
            );
        }
    }
    if runtime.and_then(|runtime| runtime.workload.get()) == Some(&Workload::Service) {
        add("prometheus", "service-metrics", "low", "a service is mostly monitored".into());
    }
    let own = contract.name();
    for (key, text) in settings(contract) {
        let named =
            known.keys().find(|name| Some(name.as_str()) != own && names(&key, &text, name));
        if let Some(name) = named {
            let reason = format!("the setting {key} speaks of the service {name}");
            add(name, "configuration", "medium", reason);
        }
    }
    for (file, host) in servers(bundle, contract) {
        let first = host.split(['.', ':', '/']).next().unwrap_or("");
        if known.contains_key(first) && Some(first) != own {
            add(first, "server", "medium", format!("{file} names the server {host}"));
        }
    }
    found
}

/// Whether a dependency has this name, or leads to a repository of it.
fn has_dependency(contract: &Contract, name: &str) -> bool {
    contract.dependencies.iter().any(|dependency| {
        let reference = dependency.reference.get().and_then(|text| ContractRef::parse(text).ok());
        let of_reference = reference.as_ref().map(ContractRef::default_name);
        let own = dependency.name.get().map(String::as_str);
        [own, of_reference]
            .into_iter()
            .flatten()
            .any(|found| found == name || found.strip_suffix("-pacto") == Some(name))
    })
}

/// The settings that a contract gives values: key and text.
fn settings(contract: &Contract) -> Vec<(String, String)> {
    let values = contract.configurations.iter().filter_map(|c| c.values.get());
    let each = values.flat_map(|values| values.entries());
    each.filter_map(|entry| Some((entry.key.to_string(), entry.value.as_str()?.to_owned())))
        .collect()
}

/// Whether a setting is about the service `name`: `PAYMENTS_URL`, or a URL with that host.
fn names(key: &str, text: &str, name: &str) -> bool {
    let key = key.to_ascii_lowercase().replace('_', "-");
    let is_address = ["-url", "-uri", "-host", "-addr", "-address", "-token", "-api-key"]
        .iter()
        .any(|end| key.strip_suffix(end) == Some(name));
    let host = text.split_once("://").map(|(_, rest)| rest.split(['/', ':', '.']).next());
    is_address || host.flatten() == Some(name)
}

/// The hosts that the specifications of interfaces name as servers, each with its file.
fn servers(bundle: &dyn BundleView, contract: &Contract) -> Vec<(String, String)> {
    let files = contract.interfaces.iter().filter_map(|interface| interface.contract.get());
    let mut found = Vec::new();
    for file in files {
        let Ok(path) = BundlePath::parse(file) else { continue };
        let Fact::Ready(document) = bundle.document(&path) else { continue };
        let servers = document.value.get("servers");
        let listed = servers.map_or(&[][..], Value::items).iter();
        let named = servers.map_or(&[][..], Value::entries).iter().map(|entry| &entry.value);
        for server in listed.chain(named) {
            let url = server.get("url").or(server.get("host")).and_then(Value::as_str);
            let host = url.map(|url| url.split_once("://").map_or(url, |(_, host)| host));
            found.extend(host.map(|host| (file.clone(), host.to_owned())));
        }
    }
    found
}
