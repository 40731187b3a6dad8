//! Contract → Kubernetes objects (4-cli, "Mapping of both generators"; 1-format, `runtime`).

use pacto_core::contract::is_secret;
use serde_json::{Map, Value, json};

use super::input::read_inside;
use crate::plugins::protocol::Request;

/// What a contract leaves to the platform: texts, or templates of a chart.
pub struct Knobs {
    pub image: Value,
    pub replicas: Option<Value>,
    pub schedule: Option<Value>,
    pub namespace: Option<String>,
    pub storage_size: Value,
    pub storage_class: Option<Value>,
    pub mount_path: Value,
    pub ingress_host: Option<Value>,
    pub ingress_class: Option<Value>,
    /// `key=value`.
    pub label: Option<(String, String)>,
}

/// Objects by file name, and what the author has still to do.
pub struct Manifests {
    pub objects: Vec<(String, Value)>,
    pub notes: Vec<String>,
}

/// A host that says of itself that it is none.
pub const PLACEHOLDER_HOST: &str = "CHANGE-ME.example.com";

/// The parts of a contract that decide what it runs as.
pub struct Service<'r> {
    pub name: String,
    pub version: String,
    pub workload: String,
    state: String,
    scope: String,
    durability: String,
    contract: &'r Value,
    as_written: &'r Value,
}

/// What keeps a service running.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Controller {
    Deployment,
    StatefulSet,
    Job,
    CronJob,
}

/// Where its files are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Storage {
    None,
    EmptyDir,
    /// A claim for each replica.
    Each,
    /// One claim for all.
    Shared,
}

impl<'r> Service<'r> {
    pub fn of(request: &'r Request) -> Service<'r> {
        let contract = &request.contract;
        let text = |pointer: &str| {
            contract.pointer(pointer).and_then(Value::as_str).unwrap_or("").to_owned()
        };
        let or = |text: String, usual: &str| if text.is_empty() { usual.to_owned() } else { text };
        Service {
            name: text("/service/name"),
            version: text("/service/version"),
            workload: or(text("/runtime/workload"), "service"),
            state: or(text("/runtime/state/type"), "stateless"),
            scope: or(text("/runtime/state/persistence/scope"), "local"),
            durability: or(text("/runtime/state/persistence/durability"), "ephemeral"),
            contract,
            as_written: &request.as_written,
        }
    }

    pub fn get(&self, pointer: &str) -> Option<&'r Value> {
        self.contract.pointer(pointer)
    }

    fn text(&self, pointer: &str) -> Option<&'r str> {
        self.get(pointer).and_then(Value::as_str)
    }

    pub fn controller(&self) -> Controller {
        match (self.workload.as_str(), self.state.as_str(), self.durability.as_str()) {
            ("job", ..) => Controller::Job,
            ("scheduled", ..) => Controller::CronJob,
            (_, "stateless", _) => Controller::Deployment,
            (_, "hybrid", "ephemeral") => Controller::Deployment,
            _ => Controller::StatefulSet,
        }
    }

    fn storage(&self) -> Storage {
        match (self.state.as_str(), self.scope.as_str(), self.durability.as_str()) {
            ("stateless", ..) => Storage::None,
            (_, "shared", "persistent") => Storage::Shared,
            (_, _, "persistent") => Storage::Each,
            _ => Storage::EmptyDir,
        }
    }

    /// Interfaces with a port: name as Kubernetes takes it, type, port, whether it is public.
    fn ports(&self) -> Vec<(String, String, i64, bool)> {
        let all = self.get("/interfaces").and_then(Value::as_array);
        let with_port = all.into_iter().flatten().filter_map(|interface| {
            let text = |key: &str| interface[key].as_str().unwrap_or("").to_owned();
            let public = interface["visibility"] == "public";
            Some((port_name(&text("name")), text("type"), interface["port"].as_i64()?, public))
        });
        with_port.collect()
    }

    fn port_of(&self, interface: &str) -> Option<(String, String, i64, bool)> {
        self.ports().into_iter().find(|(name, ..)| *name == port_name(interface))
    }

    /// The settings of all configurations: plain ones, and keys that come from a secret.
    pub fn settings(&self) -> (Map<String, Value>, Vec<String>) {
        let mut plain = Map::new();
        let mut secret = Vec::new();
        for configuration in configurations(self.as_written) {
            for (key, value) in configuration["values"].as_object().into_iter().flatten() {
                let text = match value {
                    Value::String(text) => text.clone(),
                    value => value.to_string(),
                };
                let is_reference =
                    text.starts_with("secret://") || text.starts_with("${") && text.ends_with('}');
                if is_reference || is_secret(key, &text) {
                    secret.push(key.clone());
                } else {
                    plain.insert(key.clone(), json!(text));
                }
            }
        }
        secret.retain(|key| !plain.contains_key(key));
        (plain, secret)
    }

    pub fn configurations(&self) -> Vec<&'r Value> {
        configurations(self.contract)
    }

    /// Settings that schemas require and the contract gives no value for.
    fn missing_settings(&self, request: &Request) -> Vec<String> {
        let mut missing = Vec::new();
        for configuration in self.configurations() {
            let Some(path) = configuration["schema"].as_str() else { continue };
            let Ok(text) = read_inside(request, path) else { continue };
            let Ok(schema) = serde_json::from_str::<Value>(&text) else { continue };
            let required =
                schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            missing.extend(
                required
                    .filter(|key| configuration["values"].get(*key).is_none())
                    .map(str::to_owned),
            );
        }
        missing
    }
}

/// A port's name: at most 15 letters, digits and dashes (Kubernetes, `IANA_SVC_NAME`).
fn port_name(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let kept: String =
        lower.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(15).collect();
    let trimmed = kept.trim_matches('-');
    if trimmed.chars().any(|c| c.is_ascii_alphabetic()) {
        trimmed.to_owned()
    } else {
        format!("p-{trimmed}")
    }
}

fn configurations(contract: &Value) -> Vec<&Value> {
    let single = contract.pointer("/configuration").into_iter();
    let many = contract.pointer("/configurations").and_then(Value::as_array).into_iter().flatten();
    single.chain(many).collect()
}

/// All objects of a service.
pub fn manifests(request: &Request, knobs: &Knobs) -> Result<Manifests, String> {
    let service = Service::of(request);
    let builder = Builder { service: &service, knobs };
    let mut objects = Vec::new();
    let mut notes = Vec::new();
    let (plain, secret) = service.settings();
    if !plain.is_empty() {
        objects.push(builder.object("configmap", "v1", "ConfigMap", "", json!({"data": plain})));
    }
    if service.storage() == Storage::Shared {
        let spec = json!({"spec": builder.claim("ReadWriteMany")});
        objects.push(builder.object(
            "persistentvolumeclaim",
            "v1",
            "PersistentVolumeClaim",
            "-data",
            spec,
        ));
    }
    objects.push(builder.controller()?);
    let is_service =
        matches!(service.controller(), Controller::Deployment | Controller::StatefulSet);
    if is_service {
        builder.services(&mut objects, &mut notes);
        builder.scaling(&mut objects);
    }
    let secrets = format!("{}-secrets", service.name);
    if !secret.is_empty() {
        notes.push(format!("create the Secret {secrets} with {}", secret.join(", ")));
    }
    let missing = service.missing_settings(request);
    if !missing.is_empty() {
        notes.push(format!("settings without a value: {}", missing.join(", ")));
    }
    if service.text("/runtime/lifecycle/upgradeStrategy") == Some("recreate")
        && service.controller() == Controller::StatefulSet
    {
        notes.push(
            "a StatefulSet does not recreate by itself: OnDelete waits until pods are deleted"
                .into(),
        );
    }
    if service.get("/service/image/private") == Some(&json!(true)) {
        notes.push(format!("create the image pull secret {}-registry", service.name));
    }
    Ok(Manifests { objects, notes })
}

struct Builder<'a> {
    service: &'a Service<'a>,
    knobs: &'a Knobs,
}

impl Builder<'_> {
    fn labels(&self) -> Value {
        let mut labels = json!({
            "app.kubernetes.io/name": self.service.name,
            "app.kubernetes.io/version": label_value(&self.service.version),
            "app.kubernetes.io/managed-by": "pacto",
        });
        if let Some((key, value)) = &self.knobs.label {
            labels[key] = json!(value);
        }
        labels
    }

    fn selector(&self) -> Value {
        json!({"app.kubernetes.io/name": self.service.name})
    }

    /// File stem and object.
    fn object(
        &self,
        file: &str,
        api: &str,
        kind: &str,
        suffix: &str,
        body: Value,
    ) -> (String, Value) {
        let mut metadata = json!({
            "name": format!("{}{suffix}", self.service.name),
            "labels": self.labels(),
            "annotations": {"pacto.io/contract": format!("{}@{}", self.service.name, self.service.version)},
        });
        if let Some(namespace) = &self.knobs.namespace {
            metadata["namespace"] = json!(namespace);
        }
        if kind == "PersistentVolumeClaim" && self.is_critical() {
            metadata["annotations"]["pacto.io/backup"] = json!("required");
        }
        let mut object = json!({"apiVersion": api, "kind": kind, "metadata": metadata});
        if let (Some(object), Value::Object(body)) = (object.as_object_mut(), body) {
            object.extend(body);
        }
        (file.to_owned(), object)
    }

    fn is_critical(&self) -> bool {
        self.service.text("/runtime/state/dataCriticality") == Some("high")
    }

    fn claim(&self, mode: &str) -> Value {
        let mut claim = json!({
            "accessModes": [mode],
            "resources": {"requests": {"storage": self.knobs.storage_size}},
        });
        if let Some(class) = &self.knobs.storage_class {
            claim["storageClassName"] = class.clone();
        }
        claim
    }

    fn controller(&self) -> Result<(String, Value), String> {
        let template = self.pod_template();
        Ok(match self.service.controller() {
            Controller::Deployment => {
                let mut spec =
                    json!({"selector": {"matchLabels": self.selector()}, "template": template});
                self.set_replicas(&mut spec);
                if let Some(strategy) = self.service.text("/runtime/lifecycle/upgradeStrategy") {
                    let kind = if strategy == "recreate" { "Recreate" } else { "RollingUpdate" };
                    spec["strategy"] = json!({"type": kind});
                }
                self.object("deployment", "apps/v1", "Deployment", "", json!({"spec": spec}))
            }
            Controller::StatefulSet => {
                let mut spec = json!({
                    "serviceName": format!("{}-headless", self.service.name),
                    "selector": {"matchLabels": self.selector()},
                    "template": template,
                });
                self.set_replicas(&mut spec);
                match self.service.text("/runtime/lifecycle/upgradeStrategy") {
                    Some("recreate") => spec["updateStrategy"] = json!({"type": "OnDelete"}),
                    Some("ordered") => spec["podManagementPolicy"] = json!("OrderedReady"),
                    Some(_) => spec["updateStrategy"] = json!({"type": "RollingUpdate"}),
                    None => {}
                }
                if self.service.storage() == Storage::Each {
                    let mut claim =
                        json!({"metadata": {"name": "data"}, "spec": self.claim("ReadWriteOnce")});
                    if self.is_critical() {
                        claim["metadata"]["annotations"] = json!({"pacto.io/backup": "required"});
                    }
                    spec["volumeClaimTemplates"] = json!([claim]);
                }
                self.object("statefulset", "apps/v1", "StatefulSet", "", json!({"spec": spec}))
            }
            Controller::Job => {
                self.object("job", "batch/v1", "Job", "", json!({"spec": {"template": template}}))
            }
            Controller::CronJob => {
                let schedule = self.knobs.schedule.clone();
                let schedule = schedule.ok_or(
                    "a scheduled workload needs its schedule: --option schedule=\"0 3 * * *\"",
                )?;
                let spec =
                    json!({"schedule": schedule, "jobTemplate": {"spec": {"template": template}}});
                self.object("cronjob", "batch/v1", "CronJob", "", json!({"spec": spec}))
            }
        })
    }

    fn set_replicas(&self, spec: &mut Value) {
        // With an autoscaler the number is not the controller's to set.
        if !self.is_autoscaled()
            && let Some(replicas) = self.replicas()
        {
            spec["replicas"] = replicas;
        }
    }

    fn replicas(&self) -> Option<Value> {
        let written = self.service.get("/scaling/replicas").or(self.service.get("/scaling/min"));
        self.knobs.replicas.clone().filter(|_| written.is_some()).or_else(|| written.cloned())
    }

    fn is_autoscaled(&self) -> bool {
        let number = |pointer: &str| self.service.get(pointer).and_then(Value::as_i64);
        matches!((number("/scaling/min"), number("/scaling/max")), (Some(min), Some(max)) if max > min)
    }

    fn pod_template(&self) -> Value {
        let mut metadata = json!({"labels": self.labels()});
        if let Some(interface) = self.service.text("/runtime/metrics/interface")
            && let Some((_, _, port, _)) = self.service.port_of(interface)
        {
            let path = self.service.text("/runtime/metrics/path").unwrap_or("/metrics");
            metadata["annotations"] = json!({
                "prometheus.io/scrape": "true",
                "prometheus.io/port": port.to_string(),
                "prometheus.io/path": path,
            });
        }
        let mut spec = json!({"containers": [self.container()]});
        if let Some(seconds) = self.service.get("/runtime/lifecycle/gracefulShutdownSeconds") {
            spec["terminationGracePeriodSeconds"] = seconds.clone();
        }
        if matches!(self.service.controller(), Controller::Job | Controller::CronJob) {
            spec["restartPolicy"] = json!("Never");
        }
        match self.service.storage() {
            Storage::EmptyDir => spec["volumes"] = json!([{"name": "data", "emptyDir": {}}]),
            Storage::Shared => {
                let claim = json!({"claimName": format!("{}-data", self.service.name)});
                spec["volumes"] = json!([{"name": "data", "persistentVolumeClaim": claim}]);
            }
            Storage::None | Storage::Each => {}
        }
        if self.service.get("/service/image/private") == Some(&json!(true)) {
            spec["imagePullSecrets"] = json!([{"name": format!("{}-registry", self.service.name)}]);
        }
        json!({"metadata": metadata, "spec": spec})
    }

    fn container(&self) -> Value {
        let mut container = json!({"name": self.service.name, "image": self.knobs.image});
        let ports = self.service.ports();
        if !ports.is_empty() {
            let ports =
                ports.iter().map(|(name, _, port, _)| json!({"name": name, "containerPort": port}));
            container["ports"] = ports.collect();
        }
        let (plain, secret) = self.service.settings();
        if !plain.is_empty() {
            container["envFrom"] = json!([{"configMapRef": {"name": self.service.name}}]);
        }
        if !secret.is_empty() {
            let from = format!("{}-secrets", self.service.name);
            let each = secret.iter().map(|key| {
                json!({"name": key, "valueFrom": {"secretKeyRef": {"name": from, "key": key}}})
            });
            container["env"] = each.collect();
        }
        if matches!(self.service.controller(), Controller::Deployment | Controller::StatefulSet)
            && let Some(probe) = self.probe()
        {
            container["readinessProbe"] = probe.clone();
            container["livenessProbe"] = probe;
        }
        if self.service.storage() != Storage::None {
            container["volumeMounts"] =
                json!([{"name": "data", "mountPath": self.knobs.mount_path}]);
        }
        container
    }

    fn probe(&self) -> Option<Value> {
        let (name, ty, port, _) =
            self.service.port_of(self.service.text("/runtime/health/interface")?)?;
        let mut probe = match ty.as_str() {
            "grpc" => json!({"grpc": {"port": port}}),
            _ => {
                let path = self.service.text("/runtime/health/path").unwrap_or("/");
                json!({"httpGet": {"path": path, "port": name}})
            }
        };
        if let Some(delay) = self.service.get("/runtime/health/initialDelaySeconds") {
            probe["initialDelaySeconds"] = delay.clone();
        }
        Some(probe)
    }

    fn services(&self, objects: &mut Vec<(String, Value)>, notes: &mut Vec<String>) {
        let ports = self.service.ports();
        let service_ports: Vec<Value> = ports
            .iter()
            .map(|(name, _, port, _)| json!({"name": name, "port": port, "targetPort": name}))
            .collect();
        if self.service.controller() == Controller::StatefulSet {
            let mut spec = json!({"clusterIP": "None", "selector": self.selector()});
            if !service_ports.is_empty() {
                spec["ports"] = json!(service_ports);
            }
            objects.push(self.object(
                "service-headless",
                "v1",
                "Service",
                "-headless",
                json!({"spec": spec}),
            ));
        }
        if service_ports.is_empty() {
            return;
        }
        let spec = json!({"selector": self.selector(), "ports": service_ports});
        objects.push(self.object("service", "v1", "Service", "", json!({"spec": spec})));
        for (name, ty, port, _) in ports.iter().filter(|(.., public)| *public) {
            if ty == "grpc" {
                let spec = json!({
                    "type": "LoadBalancer",
                    "selector": self.selector(),
                    "ports": [{"name": name, "port": port, "targetPort": name}],
                });
                let suffix = format!("-{name}-public");
                objects.push(self.object(
                    &format!("service-{name}-public"),
                    "v1",
                    "Service",
                    &suffix,
                    json!({"spec": spec}),
                ));
            } else {
                self.ingress(name, objects, notes);
            }
        }
    }

    fn ingress(&self, port: &str, objects: &mut Vec<(String, Value)>, notes: &mut Vec<String>) {
        let host = self.knobs.ingress_host.clone().unwrap_or_else(|| {
            notes.push(format!("the Ingress has the host {PLACEHOLDER_HOST}; set it with --option ingress-host=HOST"));
            json!(PLACEHOLDER_HOST)
        });
        let backend = json!({"service": {"name": self.service.name, "port": {"name": port}}});
        let mut spec = json!({
            "rules": [{"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}],
        });
        if let Some(class) = &self.knobs.ingress_class {
            spec["ingressClassName"] = class.clone();
        }
        let (file, suffix) = match objects.iter().any(|(file, _)| file == "ingress") {
            true => (format!("ingress-{port}"), format!("-{port}")),
            false => ("ingress".to_owned(), String::new()),
        };
        objects.push(self.object(
            &file,
            "networking.k8s.io/v1",
            "Ingress",
            &suffix,
            json!({"spec": spec}),
        ));
    }

    fn scaling(&self, objects: &mut Vec<(String, Value)>) {
        let kind = match self.service.controller() {
            Controller::StatefulSet => "StatefulSet",
            _ => "Deployment",
        };
        if self.is_autoscaled() {
            let spec = json!({
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": self.service.name},
                "minReplicas": self.service.get("/scaling/min").and_then(Value::as_i64).unwrap_or(1).max(1),
                "maxReplicas": self.service.get("/scaling/max"),
                "metrics": [{
                    "type": "Resource",
                    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
                }],
            });
            objects.push(self.object(
                "horizontalpodautoscaler",
                "autoscaling/v2",
                "HorizontalPodAutoscaler",
                "",
                json!({"spec": spec}),
            ));
        }
        let criticality = self.service.text("/runtime/state/dataCriticality");
        if matches!(criticality, Some("medium" | "high")) {
            let spec = json!({"maxUnavailable": 1, "selector": {"matchLabels": self.selector()}});
            objects.push(self.object(
                "poddisruptionbudget",
                "policy/v1",
                "PodDisruptionBudget",
                "",
                json!({"spec": spec}),
            ));
        }
    }
}

/// A version as the value of a label: `+` cannot stand there, and at most 63 characters can.
pub fn label_value(version: &str) -> String {
    let kept = version
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' });
    let text: String = kept.take(63).collect();
    text.trim_matches(['.', '_', '-']).to_owned()
}
