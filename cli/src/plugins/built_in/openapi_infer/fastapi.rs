//! FastAPI: the application is imported and asked for its document. This runs the project's code.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::plugins::built_in::input::names;

const FILES: [&str; 5] = ["requirements.txt", "pyproject.toml", "Pipfile", "setup.py", "setup.cfg"];
const MARK: &str = "--- pacto openapi ---";
const TIMEOUT: Duration = Duration::from_secs(60);
/// Upper bound on the Python files that are read.
const MAX_FILES: usize = 2_000;
const MAX_SOURCE: u64 = 2 << 20;
const MAX_OUTPUT: u64 = 16 << 20;

pub fn is_used(source: &Path) -> bool {
    names(source, &FILES, "fastapi")
}

/// The document of the application in `source`, without its health check.
pub fn document(source: &Path) -> Result<Value, String> {
    let (module, variable) = application(source)
        .ok_or_else(|| format!("{}: no `x = FastAPI(` was found", source.display()))?;
    let script = format!(
        "import sys, json, importlib\nsys.path.insert(0, '.')\napp = getattr(importlib.import_module('{module}'), '{variable}')\nprint('{MARK}')\nprint(json.dumps(app.openapi()))\nprint('{MARK}')\n"
    );
    let output = python(source, &script)?;
    let text = output.split(MARK).nth(1).ok_or("the application printed no document")?;
    let mut document: Value =
        serde_json::from_str(text.trim()).map_err(|error| error.to_string())?;
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        paths.shift_remove("/health");
    }
    Ok(document)
}

/// Module and name of the application: one called `app` before others.
fn application(source: &Path) -> Option<(String, String)> {
    let mut found = Vec::new();
    let mut queue = vec![(source.to_owned(), String::new())];
    let mut seen = 0;
    while let Some((folder, prefix)) = queue.pop() {
        let mut entries: Vec<PathBuf> =
            std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
        entries.sort();
        for path in entries {
            let name = path.file_name()?.to_str()?.to_owned();
            let is_hidden = name.starts_with('.')
                || matches!(
                    name.as_str(),
                    "venv" | "env" | "node_modules" | "__pycache__" | "tests"
                );
            if is_hidden || seen > MAX_FILES {
                continue;
            }
            if path.is_dir() {
                queue.push((path, format!("{prefix}{name}.")));
            } else if let Some(module) = name.strip_suffix(".py") {
                seen += 1;
                let text = pacto_edge::read_plain_text(&path, MAX_SOURCE).unwrap_or_default();
                if let Some(variable) = text.lines().find_map(assigned) {
                    let module = if module == "__init__" {
                        prefix.trim_end_matches('.').to_owned()
                    } else {
                        format!("{prefix}{module}")
                    };
                    found.push((variable != "app", module, variable));
                }
            }
        }
    }
    found.sort();
    let is_safe = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
    };
    found
        .into_iter()
        .map(|(_, module, variable)| (module, variable))
        .find(|(m, v)| is_safe(m) && is_safe(v))
}

/// The name in `name = FastAPI(` at the start of a line.
fn assigned(line: &str) -> Option<String> {
    let (left, right) = line.split_once('=')?;
    let name = left.split(':').next()?.trim_end();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let right = right.trim_start();
    let is_call = right.starts_with("FastAPI(") || right.starts_with("fastapi.FastAPI(");
    (is_name && is_call).then(|| name.to_owned())
}

/// The interpreters to try, in order.
fn interpreters(source: &Path) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let absolute = std::path::absolute(source).unwrap_or_else(|_| source.to_owned());
    for folder in absolute.ancestors().take(10) {
        for name in [".venv", "venv", "env"] {
            for program in ["bin/python", "Scripts/python.exe"] {
                let path = folder.join(name).join(program);
                if path.is_file() {
                    all.push(vec![path.display().to_string()]);
                }
            }
        }
    }
    if source.join("pyproject.toml").is_file() {
        all.push(vec!["uv".into(), "run".into(), "python".into()]);
    }
    all.push(vec!["python3".into()]);
    all.push(vec!["python".into()]);
    all
}

/// What a script prints, run in `source`.
fn python(source: &Path, script: &str) -> Result<String, String> {
    for interpreter in interpreters(source) {
        let (program, args) = interpreter.split_first().ok_or("no interpreter")?;
        let spawned = Command::new(program)
            .args(args)
            .args(["-c", script])
            .current_dir(source)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(format!("{program}: {error}")),
        };
        let read = |pipe: Option<Box<dyn Read + Send>>| {
            std::thread::spawn(move || {
                let mut text = Vec::new();
                if let Some(pipe) = pipe {
                    let _ = pipe.take(MAX_OUTPUT).read_to_end(&mut text);
                }
                String::from_utf8_lossy(&text).into_owned()
            })
        };
        let stdout = read(child.stdout.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>));
        let stderr = read(child.stderr.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>));
        let end = Instant::now() + TIMEOUT;
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if Instant::now() < end => std::thread::sleep(Duration::from_millis(10)),
                _ => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(format!(
                        "the application did not load within {} s",
                        TIMEOUT.as_secs()
                    ));
                }
            }
        };
        let (stdout, stderr) =
            (stdout.join().unwrap_or_default(), stderr.join().unwrap_or_default());
        if status.success() {
            return Ok(stdout);
        }
        let last = stderr.trim().lines().last().unwrap_or("it failed").to_owned();
        return Err(format!("the application cannot be imported: {last}"));
    }
    Err("Python was not found; install it, or make a .venv beside the sources".into())
}
