//! `openapi-infer`: an OpenAPI document from the sources of a service.

mod fastapi;
mod go;
mod huma;

use std::path::PathBuf;

use serde_json::Value;

use super::input::{check_options, option};
use crate::plugins::protocol::{File, Request, Response};

pub fn run(request: &Request) -> Result<Response, String> {
    check_options(request, &["source", "framework", "output"])?;
    let source = source(request)?;
    let framework = match option(request, "framework") {
        Some(name @ ("fastapi" | "huma")) => name,
        Some(other) => {
            return Err(format!("the framework {other} is not supported; fastapi and huma are"));
        }
        None if fastapi::is_used(&source) => "fastapi",
        None if huma::is_used(&source) => "huma",
        None => {
            return Err(format!(
                "{}: no supported framework was found; supported are fastapi (requirements.txt, pyproject.toml, Pipfile, setup.py, setup.cfg) and huma (go.mod)",
                source.display()
            ));
        }
    };
    let document = match framework {
        "fastapi" => fastapi::document(&source)?,
        _ => huma::document(&source, request)?,
    };
    let count = document["paths"].as_object().map_or(0, |paths| paths.len());
    let path = option(request, "output").unwrap_or("interfaces/openapi.yaml");
    Ok(Response {
        files: vec![File::text(path, render(path, &document)?)],
        message: Some(format!("{count} path(s) from {framework}")),
        ..Response::default()
    })
}

/// The folder with the sources, by default the bundle.
fn source(request: &Request) -> Result<PathBuf, String> {
    let path = match option(request, "source") {
        Some(path) => request.bundle_dir.join(path),
        None => request.bundle_dir.clone(),
    };
    match path.is_dir() {
        true => Ok(path),
        false => Err(format!("{}: there is no such folder", path.display())),
    }
}

fn render(path: &str, document: &Value) -> Result<String, String> {
    if path.ends_with(".json") {
        return Ok(serde_json::to_string_pretty(document).unwrap_or_default() + "\n");
    }
    serde_yaml::to_string(document).map_err(|error| error.to_string())
}
