//! Whole contracts, in a file that holds nothing yet.

use super::context::Context;
use super::item::{Completion, CompletionKind, plain};
use crate::check::fix;

const HEAD: &str = "pactoVersion: \"1.0\"\n\nservice:\n  name: ${1:my-service}\n  version: ${2:1.0.0}\n  owner:\n    team: ${3:my-team}\n";
const HTTP: &str = "\ninterfaces:\n  - name: api\n    type: http\n    port: ${4:8080}\n";
const GRPC: &str = "\ninterfaces:\n  - name: rpc\n    type: grpc\n    port: ${4:9090}\n    contract: ${5:interfaces/service.proto}\n";
const EVENT: &str = "\ninterfaces:\n  - name: events\n    type: event\n    contract: ${4:interfaces/asyncapi.yaml}\n";
const RUNTIME: &str = "\nruntime:\n  workload: service\n  state:\n    type: stateless\n    persistence:\n      scope: local\n      durability: ephemeral\n    dataCriticality: low\n";
const HEALTH: &str =
    "  health:\n    interface: api\n    path: ${5:/health}\n\nscaling:\n  min: 1\n  max: 3\n";
const LIBRARY: &str = "\nmetadata:\n  kind: library\n";
const POLICY: &str = "\npolicies:\n  - name: ${4:base}\n    schema: ${5:policy/schema.json}\n";
const CONFIGURATION: &str =
    "\nconfigurations:\n  - name: ${4:shared}\n    schema: ${5:configuration/schema.json}\n";

/// The kinds of contracts: label, what it is, and its text as a snippet.
fn kinds() -> [(&'static str, &'static str, String); 9] {
    let stateful = RUNTIME.replace("stateless", "stateful").replace("ephemeral", "persistent");
    let job = RUNTIME.replace("workload: service", "workload: scheduled");
    let all: [(&str, &str, &[&str]); 9] = [
        ("minimal contract", "Identity and nothing else.", &[]),
        ("http service", "A stateless service with an HTTP API.", &[HTTP, RUNTIME, HEALTH]),
        ("grpc service", "A stateless service with a gRPC API.", &[GRPC, RUNTIME]),
        ("event worker", "A worker that reads messages.", &[EVENT, RUNTIME]),
        ("scheduled job", "Runs on a schedule that is kept elsewhere.", &[&job]),
        ("stateful service", "Keeps data on volumes of its own.", &[&stateful]),
        ("library", "A version that others depend on, without a runtime.", &[LIBRARY]),
        ("shared policy", "Policies that other contracts adopt.", &[POLICY]),
        ("shared configuration", "Settings that other contracts adopt.", &[CONFIGURATION]),
    ];
    all.map(|(label, documentation, parts)| {
        (label, documentation, HEAD.to_owned() + &parts.concat())
    })
}

/// The labels of the kinds of contracts.
pub fn kind_labels() -> Vec<&'static str> {
    kinds().into_iter().map(|(label, ..)| label).collect()
}

/// The text of a new contract of a kind, by its label, for the service `name`; `None` where there is
/// no such kind.
pub fn new_contract(kind: &str, name: &str) -> Option<String> {
    let (.., snippet) = kinds().into_iter().find(|(label, ..)| *label == kind)?;
    Some(plain(&snippet).replacen("my-service", &fix::scalar(name), 1))
}

pub(super) fn completions(context: &Context<'_>) -> Vec<Completion> {
    let each =
        kinds().into_iter().enumerate().map(|(i, (label, documentation, snippet))| Completion {
            detail: "whole contract".into(),
            documentation: documentation.to_owned(),
            ..context.item(label, CompletionKind::Snippet, snippet, i as u32)
        });
    each.collect()
}
