//! A contract to start from (4-cli, `init`).

/// The files of a new bundle: path and text. `registry` (`host/org`) is used in the example of a
/// dependency.
pub fn scaffold(name: &str, registry: Option<&str>) -> [(&'static str, String); 3] {
    let registry = registry.unwrap_or("ghcr.io/my-org");
    let contract = format!(
        "pactoVersion: \"1.0\"

service:
  name: {name}
  version: 0.1.0
  owner:
    team: team/my-team

interfaces:
  - name: api
    type: http
    port: 8080
    visibility: internal
    contract: interfaces/openapi.yaml

configurations:
  - name: default
    schema: configuration/schema.json

# What this service needs of others:
# dependencies:
#   - name: auth
#     ref: oci://{registry}/auth
#     required: true
#     compatibility: ^1.0.0

runtime:
  workload: service
  state:
    type: stateless
    persistence:
      scope: local
      durability: ephemeral
    dataCriticality: low
  lifecycle:
    upgradeStrategy: rolling
    gracefulShutdownSeconds: 30
  health:
    interface: api
    path: /health

scaling:
  min: 1
  max: 3
"
    );
    let openapi = format!(
        "openapi: 3.1.0
info:
  title: {name}
  version: 0.1.0
paths:
  /health:
    get:
      summary: Whether the service can take requests
      responses:
        \"200\":
          description: It can
"
    );
    let schema = "{
  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",
  \"type\": \"object\",
  \"properties\": {
    \"LOG_LEVEL\": {
      \"type\": \"string\",
      \"description\": \"The least severe messages that are logged\",
      \"enum\": [\"debug\", \"info\", \"warn\", \"error\"],
      \"default\": \"info\"
    }
  },
  \"additionalProperties\": false
}
";
    [
        ("pacto.yaml", contract),
        ("interfaces/openapi.yaml", openapi),
        ("configuration/schema.json", schema.to_owned()),
    ]
}
