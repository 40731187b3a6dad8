//! `helm`: a chart from a contract. The objects are those of `kubernetes`, with templates where
//! they leave something to the platform.

use serde_json::{Map, Value, json};

use super::input::{check_options, option, read_inside};
use super::kubernetes::{OPTIONS, image, label};
use super::workload::{Controller, Knobs, PLACEHOLDER_HOST, Service, manifests};
use crate::plugins::protocol::{File, Request, Response};

/// Marks a template that is not a string: its quotes are taken off.
const BARE: &str = "@bare@";

pub fn run(request: &Request) -> Result<Response, String> {
    let mut known = OPTIONS.to_vec();
    known.push("chart-name");
    check_options(request, &known)?;
    let service = Service::of(request);
    let name = option(request, "chart-name").unwrap_or(&service.name);
    if request.contract.pointer("/service/chart").is_some() {
        return wrapper(request, &service, name);
    }
    let (plain, _) = service.settings();
    let template = |path: &str| json!(format!("{{{{ .Values.{path} }}}}"));
    let has_replicas = service.get("/scaling").is_some();
    let knobs = Knobs {
        image: json!("{{ required \"set image\" .Values.image }}"),
        replicas: has_replicas.then(|| json!(format!("{BARE}{{{{ .Values.replicas }}}}"))),
        schedule: Some(json!("{{ required \"set schedule\" .Values.schedule }}")),
        namespace: None,
        storage_size: template("storage.size"),
        storage_class: option(request, "storage-class").map(|_| template("storage.class")),
        mount_path: template("storage.mountPath"),
        ingress_host: Some(template("ingress.host")),
        ingress_class: option(request, "ingress-class").map(|_| template("ingress.class")),
        label: label(request)?,
    };
    let made = manifests(request, &knobs)?;
    let mut files = vec![
        chart(&service, name, None)?,
        values(request, &service, &plain)?,
        File::text("values.schema.json", pretty(&schema(request, &service))),
    ];
    for (file, object) in &made.objects {
        let text = match file.as_str() {
            "configmap" => config_map(object)?,
            _ => unquote(&yaml(object)?),
        };
        files.push(File::text(format!("templates/{file}.yaml"), text));
    }
    let message = (!made.notes.is_empty()).then(|| made.notes.join("; "));
    Ok(Response { files, message, ..Response::default() })
}

fn yaml(value: &Value) -> Result<String, String> {
    serde_yaml::to_string(value).map_err(|error| error.to_string())
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

/// Takes the quotes off templates that are not strings.
fn unquote(text: &str) -> String {
    text.lines()
        .map(|line| match line.split_once(BARE) {
            Some((before, after)) => {
                let before = before.trim_end_matches(['\'', '"']);
                format!("{before}{}\n", after.trim_end_matches(['\'', '"']))
            }
            None => format!("{line}\n"),
        })
        .collect()
}

/// The settings come from the chart's values.
fn config_map(object: &Value) -> Result<String, String> {
    let mut head = object.clone();
    if let Some(map) = head.as_object_mut() {
        map.shift_remove("data");
    }
    let loop_text = "data:\n  {{- range $key, $value := .Values.config }}\n  {{ $key }}: {{ $value | quote }}\n  {{- end }}\n";
    Ok(yaml(&head)? + loop_text)
}

fn chart(service: &Service<'_>, name: &str, dependency: Option<Value>) -> Result<File, String> {
    let mut chart = json!({
        "apiVersion": "v2",
        "name": name,
        "description": format!("{} as its contract describes it", service.name),
        "type": "application",
        "version": chart_version(&service.version),
        "appVersion": service.version,
    });
    if let Some(dependency) = dependency {
        chart["dependencies"] = json!([dependency]);
    }
    Ok(File::text("Chart.yaml", yaml(&chart)?))
}

/// Charts take strict versions only.
fn chart_version(version: &str) -> String {
    pacto_core::contract::Version::parse(version)
        .map_or_else(|_| version.to_owned(), |v| v.normal.to_string())
}

fn values(
    request: &Request,
    service: &Service<'_>,
    plain: &Map<String, Value>,
) -> Result<File, String> {
    let mut values = Map::new();
    let text = |name: &str, usual: &str| json!(option(request, name).unwrap_or(usual));
    let image = option(request, "image").map(|image| json!(image)).or_else(|| image(request));
    values.insert("image".into(), image.unwrap_or(json!("")));
    if let Some(replicas) = service.get("/scaling/replicas").or(service.get("/scaling/min")) {
        values.insert("replicas".into(), replicas.clone());
    }
    if service.controller() == Controller::CronJob {
        values.insert("schedule".into(), text("schedule", ""));
    }
    let mut storage =
        json!({"size": text("storage-size", "1Gi"), "mountPath": text("mount-path", "/data")});
    if let Some(class) = option(request, "storage-class") {
        storage["class"] = json!(class);
    }
    values.insert("storage".into(), storage);
    let mut ingress = json!({"host": text("ingress-host", PLACEHOLDER_HOST)});
    if let Some(class) = option(request, "ingress-class") {
        ingress["class"] = json!(class);
    }
    values.insert("ingress".into(), ingress);
    values.insert("config".into(), Value::Object(plain.clone()));
    Ok(File::text("values.yaml", yaml(&Value::Object(values))?))
}

/// The schema of the values: the service's own settings stand below `config`.
fn schema(request: &Request, service: &Service<'_>) -> Value {
    let own = service.configurations().into_iter().find_map(|configuration| {
        let text = read_inside(request, configuration["schema"].as_str()?).ok()?;
        serde_json::from_str::<Value>(&text).ok()
    });
    let mut config = own.unwrap_or_else(|| json!({"type": "object"}));
    if let Some(map) = config.as_object_mut() {
        map.shift_remove("$schema");
        map.shift_remove("$id");
        // Values of secrets are not in the chart, so that nothing can be required here; and what
        // becomes an environment variable may be written as a text.
        map.shift_remove("required");
        for (_, property) in
            map.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten()
        {
            relax(property);
        }
    }
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {
            "image": {"type": "string"},
            "replicas": {"type": "integer", "minimum": 0},
            "schedule": {"type": "string"},
            "storage": {"type": "object"},
            "ingress": {"type": "object"},
            "config": config,
        },
    })
}

/// Numbers and booleans may come as texts.
fn relax(property: &mut Value) {
    if matches!(property["type"].as_str(), Some("integer" | "number" | "boolean")) {
        let strict = property.clone();
        *property = json!({"anyOf": [strict, {"type": "string"}]});
    }
}

/// A chart of its own exists: ours depends on it.
fn wrapper(request: &Request, service: &Service<'_>, name: &str) -> Result<Response, String> {
    let text =
        |pointer: &str| request.contract.pointer(pointer).and_then(Value::as_str).unwrap_or("");
    let reference = text("/service/chart/ref").trim_end_matches('/');
    let (repository, chart_name) = match reference.rsplit_once('/') {
        Some((repository, chart_name)) if reference.starts_with("oci://") => {
            (repository.to_owned(), chart_name)
        }
        Some((_, chart_name)) => (format!("file://{reference}"), chart_name),
        None => (format!("file://{reference}"), reference),
    };
    let dependency = json!({
        "name": chart_name,
        "version": text("/service/chart/version"),
        "repository": repository,
    });
    let (plain, _) = service.settings();
    let values = json!({chart_name: {"config": plain}});
    Ok(Response {
        files: vec![
            chart(service, name, Some(dependency))?,
            File::text("values.yaml", yaml(&values)?),
        ],
        message: Some(format!("run `helm dependency update` to fetch {chart_name}")),
        ..Response::default()
    })
}
