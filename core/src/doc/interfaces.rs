//! The interfaces of a contract with the operations that their specifications describe.

use serde_json::{Value as Json, json};

use crate::bundle::BundleView;
use crate::contract::{Contract, Interface, InterfaceType};
use crate::fact::Fact;
use crate::spec::{BundlePath, operations, proto};
use crate::value::{Data, Value};

/// One thing that an interface offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// `http`, `rpc` or `channel`.
    pub kind: &'static str,
    /// `GET` with the path, `Service/Method`, or the name of a channel.
    pub method: Option<String>,
    pub name: String,
    pub summary: Option<String>,
    pub is_deprecated: bool,
}

/// An interface, and what it offers.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    pub name: String,
    pub ty: String,
    pub port: Option<i64>,
    pub visibility: Option<String>,
    pub contract: Option<String>,
    /// What its specification describes, or why it cannot be read; nothing without one.
    pub offered: Result<Vec<Offered>, String>,
}

/// The interfaces of `contract`, the contract of `bundle`, in its order.
pub fn interfaces(bundle: &dyn BundleView, contract: &Contract) -> Vec<Listed> {
    contract.interfaces.iter().map(|interface| listed(bundle, interface)).collect()
}

fn listed(bundle: &dyn BundleView, interface: &Interface) -> Listed {
    let file = interface.contract.get();
    Listed {
        name: interface.name.get().cloned().unwrap_or_default(),
        ty: interface.ty.get().map_or("", |ty| ty.text()).to_owned(),
        port: interface.port.get().copied(),
        visibility: interface.visibility.get().map(|v| v.text().to_owned()),
        contract: file.cloned(),
        offered: file.map_or(Ok(Vec::new()), |file| offered(bundle, interface, file)),
    }
}

fn offered(
    bundle: &dyn BundleView,
    interface: &Interface,
    file: &str,
) -> Result<Vec<Offered>, String> {
    let path =
        BundlePath::parse(file).map_err(|_| "its path leads out of the bundle".to_owned())?;
    if interface.ty.get() == Some(&InterfaceType::Grpc) {
        return match bundle.proto(&path) {
            Fact::Ready(proto) => match proto.errors.first() {
                Some(error) => Err(error.message.to_string()),
                None => Ok(methods(proto)),
            },
            Fact::Failed(failure) => Err(failure.to_string()),
            Fact::Pending => Err("it was not read".to_owned()),
        };
    }
    let document = match bundle.document(&path) {
        Fact::Ready(document) => document,
        Fact::Failed(failure) => return Err(failure.to_string()),
        Fact::Pending => return Err("it was not read".to_owned()),
    };
    if let Some(error) = document.syntax.first() {
        return Err(error.message.to_string());
    }
    let mut all = http(&document.value);
    all.extend(channels(&document.value));
    Ok(all)
}

fn http(document: &Value) -> Vec<Offered> {
    let is_deprecated = |path: &str, method: &str| {
        let operation = document.get("paths").and_then(|paths| paths.get(path));
        let operation = operation.and_then(|path| path.get(&method.to_ascii_lowercase()));
        operation.and_then(|o| o.get("deprecated")).is_some_and(|d| d.data == Data::Bool(true))
    };
    let each = operations(document).into_iter().map(|operation| Offered {
        kind: "http",
        is_deprecated: is_deprecated(&operation.path, &operation.method),
        method: Some(operation.method),
        name: operation.path,
        summary: operation.summary,
    });
    each.collect()
}

fn methods(proto: &proto::Proto) -> Vec<Offered> {
    let each = proto.services.iter().flat_map(|service| {
        service.methods.iter().map(|method| Offered {
            kind: "rpc",
            method: None,
            name: format!("{}/{}", service.name.text, method.name.text),
            summary: None,
            is_deprecated: proto::option(&method.options, "deprecated")
                .is_some_and(|option| option.value == "true"),
        })
    });
    each.collect()
}

/// The channels of an AsyncAPI document.
fn channels(document: &Value) -> Vec<Offered> {
    let entries = document.get("channels").map_or(&[][..], Value::entries);
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let each = entries.iter().map(|entry| Offered {
        kind: "channel",
        method: None,
        name: text(&entry.value, "address").unwrap_or_else(|| entry.key.to_string()),
        summary: text(&entry.value, "summary").or_else(|| text(&entry.value, "description")),
        is_deprecated: entry.value.get("deprecated").is_some_and(|d| d.data == Data::Bool(true)),
    });
    each.collect()
}

impl Offered {
    /// For programs.
    pub fn json(&self) -> Json {
        let key = if self.method.is_some() { "path" } else { "name" };
        let mut out = json!({"kind": self.kind});
        if let Some(method) = &self.method {
            out["method"] = json!(method);
        }
        out[key] = json!(self.name);
        if let Some(summary) = &self.summary {
            out["summary"] = json!(summary);
        }
        out["deprecated"] = json!(self.is_deprecated);
        out
    }
}

impl Listed {
    /// For programs; with what it offers if that is asked for.
    pub fn json(&self, with_operations: bool) -> Json {
        let mut out = json!({"name": self.name, "type": self.ty});
        if let Some(port) = self.port {
            out["port"] = json!(port);
        }
        if let Some(visibility) = &self.visibility {
            out["visibility"] = json!(visibility);
        }
        if let Some(contract) = &self.contract {
            out["contract"] = json!(contract);
        }
        if with_operations {
            let offered = self.offered.as_deref().unwrap_or_default();
            out["operations"] = offered.iter().map(Offered::json).collect();
        }
        if let Err(problem) = &self.offered {
            out["problem"] = json!(problem);
        }
        out
    }
}
