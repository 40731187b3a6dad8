//! Kubernetes manifests and Helm charts: what the platform tables say, checked against the types of
//! Kubernetes and by Helm itself.

use std::path::Path;
use std::process::Command;

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Service};
use k8s_openapi::api::networking::v1::Ingress;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use pacto_tests::registry::{User, output};
use pacto_tests::repository;
use serde_json::{Value, json};

/// Reads an object as its type and writes it again: a field that the type does not have is lost, and
/// a wrong one is an error.
fn typed<T: serde::de::DeserializeOwned + serde::Serialize>(
    object: &Value,
) -> Result<Value, String> {
    let typed: T = serde_json::from_value(object.clone()).map_err(|error| error.to_string())?;
    serde_json::to_value(typed).map_err(|error| error.to_string())
}

fn check(object: &Value) -> Result<(), String> {
    let kind = object["kind"].as_str().unwrap_or("");
    let back = match kind {
        "Deployment" => typed::<Deployment>(object),
        "StatefulSet" => typed::<StatefulSet>(object),
        "Job" => typed::<Job>(object),
        "CronJob" => typed::<CronJob>(object),
        "Service" => typed::<Service>(object),
        "ConfigMap" => typed::<ConfigMap>(object),
        "PersistentVolumeClaim" => typed::<PersistentVolumeClaim>(object),
        "HorizontalPodAutoscaler" => typed::<HorizontalPodAutoscaler>(object),
        "PodDisruptionBudget" => typed::<PodDisruptionBudget>(object),
        "Ingress" => typed::<Ingress>(object),
        other => Err(format!("{other} is not expected")),
    };
    let back = back?;
    match contains(&back, object) {
        true => Ok(()),
        false => Err(format!("{kind}: {object} became {back}")),
    }
}

/// Whether everything of `part` is in `whole`.
fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(key, value)| whole.get(key).is_some_and(|own| contains(own, value)))
        }
        (Value::Array(whole), Value::Array(part)) => {
            whole.len() == part.len() && whole.iter().zip(part).all(|(a, b)| contains(a, b))
        }
        _ => whole == part,
    }
}

fn objects(folder: &Path) -> Vec<(String, Value)> {
    let mut found: Vec<(String, Value)> = std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|entry| {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name.trim_end_matches(".yaml").to_owned(), yaml(&text))
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn yaml(text: &str) -> Value {
    pacto_core::value::lower(&pacto_core::yaml::parse(text), 0).value.to_json()
}

fn bundle(state: &str, scope: &str, durability: &str, workload: &str, rest: &str) -> String {
    let scaling = if workload == "job" { "" } else { "scaling: {min: 2, max: 5}\n" };
    format!(
        "pactoVersion: \"1.0\"
service: {{name: pay, version: 1.2.0+b5, owner: {{team: t}}, image: {{ref: ghcr.io/a/pay:1.2.0, private: true}}}}
interfaces:
  - {{name: public-api-with-a-long-name, type: http, port: 8080, visibility: public}}
  - {{name: rpc, type: grpc, port: 9090, contract: interfaces/a.proto, visibility: public}}
configuration:
  schema: configuration/schema.json
  values: {{LOG_LEVEL: info, RETRIES: 3, API_TOKEN: secret://vault/pay}}
runtime:
  workload: {workload}
  state:
    type: {state}
    persistence: {{scope: {scope}, durability: {durability}}}
    dataCriticality: high
  health: {{interface: public-api-with-a-long-name, path: /health, initialDelaySeconds: 3}}
  metrics: {{interface: public-api-with-a-long-name, path: /metrics}}
{rest}{scaling}"
    )
}

fn write(user: &User, contract: &str) {
    user.folder.write("pay/pacto.yaml", contract);
    user.folder.write("pay/interfaces/a.proto", "syntax = \"proto3\";\nservice A {}\n");
    user.folder.write("pay/configuration/schema.json", "{\"type\": \"object\", \"required\": [\"LOG_LEVEL\", \"DB\"], \"properties\": {\"LOG_LEVEL\": {\"type\": \"string\"}, \"RETRIES\": {\"type\": \"integer\"}}}");
}

#[test]
fn each_row_of_the_platform_table_becomes_its_objects() {
    let user = User::new();
    for (state, scope, durability, workload, controller, storage) in [
        ("stateless", "local", "ephemeral", "service", "deployment", ""),
        ("hybrid", "local", "ephemeral", "service", "deployment", "emptyDir"),
        ("stateful", "local", "persistent", "service", "statefulset", "ReadWriteOnce"),
        ("hybrid", "local", "persistent", "service", "statefulset", "ReadWriteOnce"),
        ("stateful", "local", "ephemeral", "service", "statefulset", "emptyDir"),
        ("stateful", "shared", "persistent", "service", "statefulset", "ReadWriteMany"),
        ("hybrid", "shared", "persistent", "service", "statefulset", "ReadWriteMany"),
        ("stateless", "local", "ephemeral", "job", "job", ""),
        ("stateless", "local", "ephemeral", "scheduled", "cronjob", ""),
    ] {
        for strategy in ["rolling", "recreate", "ordered"] {
            if strategy == "ordered" && state == "stateless" {
                continue;
            }
            let rest = format!(
                "  lifecycle: {{upgradeStrategy: {strategy}, gracefulShutdownSeconds: 45}}\n"
            );
            // A required setting without a value makes the contract invalid; here it comes later.
            let text = bundle(state, scope, durability, workload, &rest)
                .replace("LOG_LEVEL: info,", "LOG_LEVEL: info, DB: x,");
            write(&user, &text);
            let _ = std::fs::remove_dir_all(user.folder.path().join("out"));
            let run = user
                .run(&[
                    "generate",
                    "kubernetes",
                    "pay",
                    "-o",
                    "out",
                    "--option",
                    "schedule=0 3 * * *",
                    "--option",
                    "namespace=shop",
                ])
                .ends_with(0);
            let made = objects(&user.folder.path().join("out"));
            for (file, object) in &made {
                check(object).unwrap_or_else(|error| panic!("{file}: {error}"));
                assert_eq!(object["metadata"]["namespace"], "shop");
                assert_eq!(object["metadata"]["labels"]["app.kubernetes.io/version"], "1.2.0_b5");
                assert_eq!(object["metadata"]["annotations"]["pacto.io/contract"], "pay@1.2.0+b5");
            }
            let text = format!("{made:?}");
            assert!(made.iter().any(|(file, _)| file == controller), "{controller}: {run:?}");
            assert!(text.contains(storage), "{storage}: {text}");
            assert!(!text.contains("secret://"), "{text}");
            let is_service = workload == "service";
            for file in [
                "service",
                "ingress",
                "service-rpc-public",
                "horizontalpodautoscaler",
                "poddisruptionbudget",
            ] {
                assert_eq!(made.iter().any(|(name, _)| name == file), is_service, "{file}");
            }
            assert!(run.stdout.contains("create the Secret pay-secrets with API_TOKEN"), "{run:?}");
            match (controller, strategy) {
                ("deployment", "recreate") => assert!(text.contains("\"Recreate\"")),
                ("statefulset", "recreate") => {
                    assert!(text.contains("\"OnDelete\"") && run.stdout.contains("OnDelete"))
                }
                ("statefulset", "ordered") => assert!(text.contains("\"OrderedReady\"")),
                _ => {}
            }
        }
    }
    let controller = objects(&user.folder.path().join("out"));
    let (_, cron) = controller.iter().find(|(name, _)| name == "cronjob").unwrap();
    let pod = &cron["spec"]["jobTemplate"]["spec"]["template"]["spec"];
    assert_eq!(pod["restartPolicy"], "Never");
    assert_eq!(
        pod["containers"][0]["env"][0]["valueFrom"]["secretKeyRef"],
        json!({"name": "pay-secrets", "key": "API_TOKEN"})
    );
    assert_eq!(pod["containers"][0]["ports"][0]["name"], "public-api-with");
}

#[test]
fn what_is_missing_is_asked_for() {
    let user = User::new();
    write(
        &user,
        &bundle("stateless", "local", "ephemeral", "scheduled", "")
            .replace("LOG_LEVEL: info,", "LOG_LEVEL: info, DB: x,"),
    );
    let run = user.run(&["generate", "kubernetes", "pay"]).ends_with(2);
    assert!(
        run.stderr.contains("plugin kubernetes: a scheduled workload needs its schedule"),
        "{run:?}"
    );
    let run = user.run(&["generate", "kubernetes", "pay", "--option", "immage=x"]).ends_with(2);
    assert!(run.stderr.contains("unknown option immage (did you mean image?)"), "{run:?}");
    user.folder.write(
        "pay/pacto.yaml",
        "pactoVersion: \"1.0\"\nservice: {name: pay, version: 1.0.0, owner: {team: t}}\n",
    );
    let run = user.run(&["generate", "kubernetes", "pay"]).ends_with(2);
    assert!(run.stderr.contains("there is no image"), "{run:?}");
    user.run(&["generate", "kubernetes", "pay", "--option", "image=x:1", "--dry-run"]).ends_with(0);
    assert!(!user.folder.path().join("kubernetes-output").exists());
    user.folder.write("pay/pacto.yaml", "pactoVersion: \"1.0\"\n");
    user.run(&["generate", "kubernetes", "pay"]).ends_with(1);
}

#[test]
fn helm_takes_the_charts() {
    let helm = repository().join(".cache/testbed/helm/helm");
    let user = User::new();
    let mut charts = Vec::new();
    for (name, contract) in [
        ("a", bundle("stateless", "local", "ephemeral", "service", "")),
        ("b", bundle("stateful", "local", "persistent", "service", "")),
        ("c", bundle("stateless", "local", "ephemeral", "scheduled", "")),
        (
            "d",
            bundle("stateless", "local", "ephemeral", "service", "")
                .replace("{min: 2, max: 5}", "{replicas: 3}"),
        ),
    ] {
        write(&user, &contract.replace("LOG_LEVEL: info,", "LOG_LEVEL: info, DB: x,"));
        user.run(&["generate", "helm", "pay", "-o", name]).ends_with(0);
        charts.push(name);
    }
    for name in charts {
        let chart = user.folder.path().join(name);
        let lint = Command::new(&helm)
            .args(["lint", "--strict", "--set", "schedule=@daily"])
            .arg(&chart)
            .output()
            .expect("helm; `cargo xtask setup` installs it");
        assert!(lint.status.success(), "{}", String::from_utf8_lossy(&lint.stdout));
        let text = output(
            Command::new(&helm)
                .args([
                    "template",
                    "x",
                    "--set",
                    "schedule=@daily",
                    "--set",
                    "config.LOG_LEVEL=warn",
                    "--set",
                    "replicas=7",
                ])
                .arg(&chart),
        );
        let mut count = 0;
        for document in text.split("\n---\n").filter(|part| part.contains("kind:")) {
            let object = yaml(document);
            check(&object).unwrap_or_else(|error| panic!("{name}: {error}"));
            count += 1;
        }
        assert!(count >= 2 && text.contains("LOG_LEVEL: \"warn\""), "{text}");
        assert_eq!(text.contains("replicas: 7"), name == "d", "{name}: {text}");
    }
    // A schedule that is not there is said by Helm itself.
    let run = Command::new(&helm)
        .args(["template", "x"])
        .arg(user.folder.path().join("c"))
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&run.stderr).contains("set schedule"));
    // With a chart of its own, ours wraps it.
    write(
        &user,
        &bundle("stateless", "local", "ephemeral", "service", "")
            .replace("LOG_LEVEL: info,", "LOG_LEVEL: info, DB: x,")
            .replace(
                "image: {ref: ghcr.io/a/pay:1.2.0, private: true}",
                "chart: {ref: oci://ghcr.io/a/charts/pay, version: 3.0.0}",
            ),
    );
    user.run(&["generate", "helm", "pay", "-o", "w"]).ends_with(0);
    let chart = std::fs::read_to_string(user.folder.path().join("w/Chart.yaml")).unwrap();
    assert!(chart.contains("repository: oci://ghcr.io/a/charts"), "{chart}");
}

#[test]
fn settings_keep_the_text_of_their_numbers() {
    let user = User::new();
    let text = bundle("stateless", "local", "ephemeral", "service", "").replace(
        "LOG_LEVEL: info, RETRIES: 3,",
        "LOG_LEVEL: info, DB: x, RETRIES: 3, API: 1.10, RATE: 1e3, SHARE: 1.0, BIG: 12345678901234567890, MASK: 0o17,",
    );
    write(&user, &text);
    user.run(&["generate", "kubernetes", "pay", "-o", "out"]).ends_with(0);
    user.run(&["generate", "helm", "pay", "-o", "chart"]).ends_with(0);
    let map = &objects(&user.folder.path().join("out"));
    let (_, map) = map.iter().find(|(file, _)| file == "configmap").unwrap();
    let values = std::fs::read_to_string(user.folder.path().join("chart/values.yaml")).unwrap();
    let config = &yaml(&values)["config"];
    for (key, text) in [
        ("RETRIES", "3"),
        ("API", "1.10"),
        ("RATE", "1e3"),
        ("SHARE", "1.0"),
        ("BIG", "12345678901234567890"),
        ("MASK", "0o17"),
    ] {
        assert_eq!(map["data"][key], text, "{map}");
        assert_eq!(config[key], text, "{values}");
    }
}
