//! The plugins that come with the program.

mod helm;
mod input;
mod kubernetes;
mod openapi_infer;
mod schema_infer;
mod workload;

use super::protocol::BuiltIn;

/// All of them.
pub static BUILT_IN: &[BuiltIn] = &[
    BuiltIn {
        name: "helm",
        about: "a Helm chart: Chart.yaml, values with a schema, templates",
        run: helm::run,
    },
    BuiltIn {
        name: "kubernetes",
        about: "Kubernetes manifests, one file for each object",
        run: kubernetes::run,
    },
    BuiltIn {
        name: "openapi-infer",
        about: "an OpenAPI document from FastAPI (runs its code) or Huma (Go) sources",
        run: openapi_infer::run,
    },
    BuiltIn {
        name: "schema-infer",
        about: "a JSON Schema from a configuration file in JSON, YAML or TOML",
        run: schema_infer::run,
    },
];
