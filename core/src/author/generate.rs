//! A contract from a few answers, as the published server makes it.

use serde_json::{Map, Value as Json, json};

use super::create::{Draft, Plan, create};
use crate::schema::format::StrRule;

/// The answers.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    pub name: String,
    pub language: Option<String>,
    pub owner: Option<String>,
    pub has_http: bool,
    pub has_grpc: bool,
    /// What a database's contract is referred to by, if one is needed.
    pub database: Option<String>,
    /// What a cache's contract is referred to by, if one is needed.
    pub cache: Option<String>,
}

/// The bundle of a service; nothing that it names is missing.
pub fn generate(answers: &Answers) -> Draft {
    let mut interfaces = Vec::new();
    let mut files = Vec::new();
    if answers.has_http {
        interfaces.push(
            json!({"name": "http-api", "type": "http", "port": 8080, "visibility": "public"}),
        );
    }
    if answers.has_grpc {
        interfaces.push(json!({
            "name": "grpc-api", "type": "grpc", "port": 9090, "visibility": "internal",
            "contract": "interfaces/grpc-api.proto",
        }));
    }
    let dependency = |name: &str, reference: &Option<String>, required: bool| {
        let reference = reference.as_ref()?;
        Some(
            json!({"name": name, "ref": reference, "required": required, "compatibility": "^1.0.0"}),
        )
    };
    let dependencies = [
        dependency("postgres", &answers.database, true),
        dependency("redis", &answers.cache, false),
    ];
    let stores = answers.database.is_some();
    let metadata = answers.language.as_ref().map(|language| json!({"language": language}));
    let health = match (answers.has_http, answers.has_grpc) {
        (true, _) => Some(json!({"interface": "http-api", "path": "/health"})),
        (false, true) => Some(json!({"interface": "grpc-api"})),
        (false, false) => None,
    };
    let runtime: Map<String, Json> =
        health.into_iter().map(|health| ("health".to_owned(), health)).collect();
    let plan = Plan {
        name: answers.name.clone(),
        owner: answers.owner.as_ref().map(|owner| json!(owner)),
        metadata,
        dependencies: dependencies.into_iter().flatten().collect(),
        stores_data: Some(stores),
        survives_restart: Some(stores),
        is_shared: Some(stores),
        runtime: Some(Json::Object(runtime)),
        ..Plan::default()
    };
    // The file of an http interface is not known, so that none is named.
    let plan = Plan { interfaces: interfaces.clone(), ..plan };
    let draft = create(&plan);
    let mut yaml = draft.yaml;
    if answers.has_http {
        yaml = yaml.replacen("    contract: interfaces/http-api.yaml\n", "", 1);
    }
    files.extend(draft.files.into_iter().filter(|(path, _)| path != "interfaces/http-api.yaml"));
    Draft { yaml, files, derived: Vec::new() }
}

/// The name of a service that comes nearest to `text`; none where nothing of it can be kept.
pub fn proposed_name(text: &str) -> Option<String> {
    let mut name = String::new();
    for c in text.trim().chars() {
        match c {
            c if c.is_ascii_alphanumeric() => name.push(c.to_ascii_lowercase()),
            _ if !name.ends_with('-') => name.push('-'),
            _ => {}
        }
    }
    let name = name.trim_matches('-').to_owned();
    StrRule::ServiceName.matches(&name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_make_the_published_contract() {
        let draft = generate(&Answers {
            name: "payments".into(),
            language: Some("go".into()),
            has_http: true,
            has_grpc: true,
            database: Some("oci://registry.example.com/postgres-pacto".into()),
            ..Answers::default()
        });
        for part in ["name: payments", "http-api", "name: postgres", "language: go", "/health"] {
            assert!(draft.yaml.contains(part), "{part}: {}", draft.yaml);
        }
        assert!(!draft.yaml.contains("http-api.yaml"), "{}", draft.yaml);
        let paths: Vec<&str> = draft.files.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["interfaces/grpc-api.proto"]);
    }

    #[test]
    fn names_are_proposed() {
        assert_eq!(proposed_name("My Service\n").as_deref(), Some("my-service"));
        assert_eq!(proposed_name("a: {}").as_deref(), Some("a"));
        assert_eq!(proposed_name("{}"), None);
    }
}
