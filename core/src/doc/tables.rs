//! Interfaces and settings as tables, with what the files of a bundle say of them.

use std::fmt::Write;

use super::markup::{cell, code};
use super::settings::{Property, properties};
use crate::bundle::BundleView;
use crate::contract::{Contract, Interface, InterfaceType, Visibility};
use crate::fact::Fact;
use crate::spec::proto::{Proto, Service};
use crate::spec::{BundlePath, Operation, operations};
use crate::value::Value;

/// The interfaces of a contract.
pub fn interfaces(contract: &Contract) -> String {
    let mut out = String::from("| Name | Type | Port | Visibility |\n|---|---|---|---|\n");
    for interface in &contract.interfaces {
        let port = interface.port.get().map_or("—".to_owned(), i64::to_string);
        let _ = writeln!(
            out,
            "| {} | {} | {port} | {} |",
            cell(interface.name.get().map_or("", String::as_str)),
            interface.ty.get().map_or("", |ty| ty.text()),
            interface.visibility.get().map_or("internal", |v| v.text()),
        );
    }
    out
}

/// Name of an interface, and what there is to say of it: what it is, and the first `max` of its
/// operations or channels.
pub fn interface(bundle: &dyn BundleView, interface: &Interface, max: usize) -> (String, String) {
    let name = interface.name.get().cloned().unwrap_or_default();
    let public = interface.visibility.get() == Some(&Visibility::Public);
    let reach = if public { "reachable from outside" } else { "internal" };
    let mut text = match interface.ty.get() {
        Some(ty) => {
            let port =
                interface.port.get().map_or(String::new(), |port| format!(" on port {port}"));
            format!("`{}`{port}, {reach}.", ty.text())
        }
        None => String::new(),
    };
    if let Some(file) = interface.contract.get() {
        let _ = write!(text, " Described by `{}`.", code(file));
        text.push_str("\n\n");
        text.push_str(&specification(bundle, interface, file, max));
    } else {
        text.push('\n');
    }
    (name, text.trim_end().to_owned() + "\n")
}

fn specification(bundle: &dyn BundleView, interface: &Interface, file: &str, max: usize) -> String {
    let unreadable = |why: &str| format!("*`{}` cannot be read: {}*\n", code(file), cell(why));
    let Ok(path) = BundlePath::parse(file) else {
        return unreadable("its path leads out of the bundle");
    };
    if interface.ty.get() == Some(&InterfaceType::Grpc) {
        return match bundle.proto(&path) {
            Fact::Ready(proto) => methods(proto, max),
            Fact::Failed(failure) => unreadable(&failure.to_string()),
            Fact::Pending => unreadable("it was not read"),
        };
    }
    let document = match bundle.document(&path) {
        Fact::Ready(document) => document,
        Fact::Failed(failure) => return unreadable(&failure.to_string()),
        Fact::Pending => return unreadable("it was not read"),
    };
    if let Some(error) = document.syntax.first() {
        return unreadable(&error.message);
    }
    let mut all = operations(&document.value);
    if all.is_empty() {
        return channels(&document.value, max);
    }
    all.sort_by(|a, b| (&a.path, rank(a)).cmp(&(&b.path, rank(b))));
    let rows = all.iter().map(|operation| {
        let summary = cell(operation.summary.as_deref().unwrap_or(""));
        format!("| {} | `{}` | {summary} |\n", operation.method, code(&operation.path))
    });
    table("| Method | Path | Summary |\n|---|---|---|\n", rows, max)
}

/// The first `max` settings of a schema, as a table.
pub fn settings(bundle: &dyn BundleView, file: &str, max: usize) -> String {
    let unreadable = |why: &str| format!("*`{}` cannot be read: {}*\n", code(file), cell(why));
    let Ok(path) = BundlePath::parse(file) else {
        return unreadable("its path leads out of the bundle");
    };
    match properties(bundle, &path) {
        Err(why) => unreadable(&why),
        Ok(found) if found.is_empty() => format!("`{}` names no properties.\n", code(file)),
        Ok(found) => settings_table(&found, max),
    }
}

fn settings_table(found: &[Property], max: usize) -> String {
    let rows = found.iter().map(|property| {
        let default =
            property.default.as_ref().map_or("—".to_owned(), |text| format!("`{}`", code(text)));
        let required = if property.required { "yes" } else { "no" };
        format!(
            "| `{}` | {} | {} | {default} | {required} |\n",
            code(&property.name),
            cell(&property.ty),
            cell(&property.description),
        )
    });
    let head = "| Property | Type | Description | Default | Required |\n|---|---|---|---|---|\n";
    table(head, rows, max)
}

/// The first `max` of these rows below a head, and how many are left out.
fn table(head: &str, rows: impl ExactSizeIterator<Item = String>, max: usize) -> String {
    let left = rows.len().saturating_sub(max);
    let shown: String = rows.take(max).collect();
    match left {
        0 => format!("{head}{shown}"),
        left => format!("{head}{shown}\n*{left} more are left out.*\n"),
    }
}

fn rank(operation: &Operation) -> usize {
    const ORDER: [&str; 8] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"];
    ORDER.iter().position(|method| *method == operation.method).unwrap_or(ORDER.len())
}

/// The methods of the services in a protobuf file.
fn methods(proto: &Proto, max: usize) -> String {
    let stream = |is_stream| if is_stream { "stream " } else { "" };
    let of_service = |service: &Service| {
        let rows = service.methods.iter().map(|method| {
            let (name, of) = (code(&method.name.text), code(&service.name.text));
            let input = format!("{}{}", stream(method.is_client_streaming), code(&method.input));
            let output = format!("{}{}", stream(method.is_server_streaming), code(&method.output));
            format!("| `{of}/{name}` | `{input}` | `{output}` |\n")
        });
        rows.collect::<Vec<_>>()
    };
    let rows: Vec<String> = proto.services.iter().flat_map(of_service).collect();
    match rows.is_empty() {
        true => String::new(),
        false => table("| Method | Request | Answer |\n|---|---|---|\n", rows.into_iter(), max),
    }
}

/// The channels of an AsyncAPI document.
fn channels(document: &Value, max: usize) -> String {
    let names = document.get("channels").map_or(&[][..], Value::entries);
    if names.is_empty() {
        return String::new();
    }
    let rows = names.iter().map(|entry| format!("| `{}` |\n", code(&entry.key)));
    table("| Channel |\n|---|\n", rows, max)
}
