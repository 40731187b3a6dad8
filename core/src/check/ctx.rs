//! What a rule may look at.

use crate::bundle::BundleView;
use crate::contract::{Contract, Date, Interface, InterfaceType};
use crate::fact::Fact;
use crate::spec::{BundlePath, Document, Operation, operations};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    Batch,
    /// What is not there yet is treated more gently.
    Editor,
    /// The contract is, or is about to be, in a registry: nothing may point to this machine.
    Published,
}

/// The context of one check.
pub struct Ctx<'a> {
    /// The contract's file, as a path from its bundle's folder.
    pub file: &'a str,
    pub contract: &'a Contract,
    /// The contract's own text as a document.
    pub document: &'a Document,
    pub bundle: &'a dyn BundleView,
    pub mode: Mode,
    /// The day on which readiness is judged; `None` where nobody said what day it is.
    pub today: Option<Date>,
}

impl Ctx<'_> {
    /// The operations of an http interface's specification; empty when there is none to read.
    pub fn operations(&self, interface: &Interface) -> Vec<Operation> {
        let path = interface.contract.get().and_then(|text| BundlePath::parse(text).ok());
        let Some(path) = path else { return Vec::new() };
        match self.bundle.document(&path) {
            Fact::Ready(document) => operations(&document.value),
            _ => Vec::new(),
        }
    }

    /// The declared interface of this name.
    pub fn interface(&self, name: &str) -> Option<&Interface> {
        self.contract.interfaces.iter().find(|i| i.name.get().is_some_and(|n| n == name))
    }

    /// Names of the interfaces that can be asked: http and grpc ones, and those whose type is not
    /// readable yet.
    pub fn reachable_interfaces(&self) -> Vec<&str> {
        let reachable = |i: &&Interface| i.ty.get() != Some(&InterfaceType::Event);
        let all = self.contract.interfaces.iter().filter(reachable);
        all.filter_map(|i| i.name.get().map(String::as_str)).collect()
    }

    /// The lowest port from 8080 (http) or 9090 (grpc) that no interface uses.
    pub fn free_port(&self, ty: InterfaceType) -> i64 {
        let used: Vec<i64> =
            self.contract.interfaces.iter().filter_map(|i| i.port.get().copied()).collect();
        let first = if ty == InterfaceType::Grpc { 9090 } else { 8080 };
        (first..=65535).find(|port| !used.contains(port)).unwrap_or(first)
    }

    /// Every bundle path that the contract names and that is well-formed, with its place.
    pub fn named_files(&self) -> Vec<(BundlePath, &crate::contract::Place)> {
        let all = self.contract.file_fields();
        all.filter_map(|field| field.both())
            .filter_map(|(text, place)| Some((BundlePath::parse(text).ok()?, place)))
            .collect()
    }
}
