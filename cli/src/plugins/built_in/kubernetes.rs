//! `kubernetes`: manifests from a contract, one file for each object.

use serde_json::{Value, json};

use super::input::{check_options, option};
use super::workload::{Knobs, manifests};
use crate::plugins::protocol::{File, Request, Response};

/// The options of both generators.
pub const OPTIONS: [&str; 9] = [
    "namespace",
    "image",
    "schedule",
    "storage-size",
    "storage-class",
    "mount-path",
    "ingress-host",
    "ingress-class",
    "label",
];

pub fn run(request: &Request) -> Result<Response, String> {
    check_options(request, &OPTIONS)?;
    let text = |name: &str| option(request, name).map(|text| json!(text));
    let image = text("image").or_else(|| image(request));
    let knobs = Knobs {
        image: image.ok_or("there is no image: set service.image.ref, or --option image=REF")?,
        replicas: None,
        schedule: text("schedule"),
        namespace: option(request, "namespace").map(str::to_owned),
        storage_size: text("storage-size").unwrap_or(json!("1Gi")),
        storage_class: text("storage-class"),
        mount_path: text("mount-path").unwrap_or(json!("/data")),
        ingress_host: text("ingress-host"),
        ingress_class: text("ingress-class"),
        label: label(request)?,
    };
    let made = manifests(request, &knobs)?;
    let files = made.objects.iter().map(|(name, object)| {
        let text = serde_yaml::to_string(object).map_err(|error| error.to_string())?;
        Ok(File::text(format!("{name}.yaml"), text))
    });
    Ok(Response {
        files: files.collect::<Result<_, String>>()?,
        message: (!made.notes.is_empty()).then(|| made.notes.join("; ")),
        ..Response::default()
    })
}

/// The image that the contract names.
pub fn image(request: &Request) -> Option<Value> {
    request.contract.pointer("/service/image/ref").cloned()
}

/// The option `label`, as `key=value`.
pub fn label(request: &Request) -> Result<Option<(String, String)>, String> {
    let Some(text) = option(request, "label") else { return Ok(None) };
    let (key, value) = text.split_once('=').ok_or("the option label is written key=value")?;
    Ok(Some((key.to_owned(), value.to_owned())))
}
