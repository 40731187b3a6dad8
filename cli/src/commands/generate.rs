//! `pacto generate`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pacto_core::check::Severity;
use serde_json::{Value, json};

use crate::args::{GenerateArgs, OutputFormat};
use crate::commands::validate::{print_subjects, verdict};
use crate::contracts::{Argument, Loaded, Purpose, private_folder};
use crate::exit::{CliError, Exit};
use crate::interrupt::Unfinished;
use crate::plugins::{self, Plugin, Request, Written};
use crate::session::Session;
use crate::settings::duration;

pub fn run(args: GenerateArgs, session: &Session) -> Result<Exit, CliError> {
    if args.list {
        return list(session);
    }
    let name = args.plugin.clone().unwrap_or_default();
    let plugin = Plugin::find(&name, session)?;
    let options = options(&name, &args.option, session)?;
    let timeout = match &args.timeout {
        Some(text) => duration(text).map_err(|why| CliError::usage(format!("--timeout: {why}")))?,
        None => session.settings.plugin_timeout,
    };
    let loaded = Loaded::one(&args.contract.contract, &args.overrides, Purpose::VALIDATE, session)?;
    let (argument, mut subject, id, analysis) = loaded.first(false)?;
    session.bars.clear();
    if !subject.is_valid() {
        subject.checked.diagnostics.retain(|d| d.severity == Severity::Error);
        let subjects = [subject];
        print_subjects(&subjects, false, &loaded.sources(), &session.output);
        return Ok(verdict(&subjects, &session.output));
    }
    let mut contract = analysis.contract_json(id).unwrap_or_default();
    if contract.get("interfaces").is_none() {
        contract["interfaces"] = json!([]);
    }
    let (bundle_dir, _unpacked) = bundle_dir(argument, session)?;
    let output_dir = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("{name}-output")));
    let shown = format!("{}/", output_dir.display().to_string().trim_end_matches('/'));
    let absolute =
        std::path::absolute(&output_dir).map_err(|error| CliError::io(&shown, &error))?;
    let request = Request {
        protocol_version: "1",
        contract,
        bundle_dir,
        output_dir: absolute.clone(),
        options,
    };
    session.bars.spin(&format!("running {name}"));
    let answered = plugin.run(&request, timeout, session);
    session.bars.clear();
    let response = answered?;
    let checked = plugins::check(response.files, &absolute, args.force)?;
    let written = plugins::write(checked, args.dry_run)?;
    print(&args, &name, &shown, &written, response.message.as_deref(), session)?;
    Ok(Exit::Success)
}

fn options(
    name: &str,
    typed: &[String],
    session: &Session,
) -> Result<BTreeMap<String, String>, CliError> {
    let mut options = session.settings.plugin_options.get(name).cloned().unwrap_or_default();
    for text in typed {
        let Some((key, value)) = text.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(CliError::usage(format!("--option {text}: write KEY=VALUE")));
        };
        options.insert(key.to_owned(), value.to_owned());
    }
    Ok(options)
}

/// Where a plugin finds the bundle's files: one in a registry is unpacked for it, read-only.
fn bundle_dir(
    argument: &Argument,
    session: &Session,
) -> Result<(PathBuf, Option<Unfinished>), CliError> {
    if !argument.is_published() {
        return Ok((PathBuf::from(argument.root.to_string()), None));
    }
    let reference = crate::session::parse_reference(&argument.root.to_string())?;
    let bundle = session.ask(async |store| store.bundle(&reference).await)?;
    let folder = private_folder(&argument.typed)?;
    for (path, bytes) in &bundle.files {
        let full = folder.path().join(path);
        let io = |error: std::io::Error| CliError::io(path, &error);
        std::fs::create_dir_all(full.parent().unwrap_or(Path::new("."))).map_err(io)?;
        std::fs::write(&full, bytes).map_err(io)?;
        let mut permissions = std::fs::metadata(&full).map_err(io)?.permissions();
        permissions.set_readonly(true);
        std::fs::set_permissions(&full, permissions).map_err(io)?;
    }
    Ok((folder.path().to_owned(), Some(folder)))
}

fn print(
    args: &GenerateArgs,
    name: &str,
    target: &str,
    written: &[Written],
    message: Option<&str>,
    session: &Session,
) -> Result<(), CliError> {
    let output = &session.output;
    if output.format == OutputFormat::Json {
        let files = written.iter();
        let files: Vec<Value> =
            files.map(|w| json!({"path": w.path, "size": w.size, "changed": w.changed})).collect();
        let mut body = json!({
            "schemaVersion": 1,
            "plugin": name,
            "outputDir": target,
            "filesCount": files.len(),
            "files": files,
        });
        if let Some(message) = message {
            body["message"] = json!(message);
        }
        output.json(&body);
        return Ok(());
    }
    if args.dry_run {
        let paths = written.iter().map(|file| format!("{target}{}\n", file.path));
        return output.plain(&paths.collect::<String>());
    }
    let mut text = format!("Generated {} file(s) using {name}\nOutput: {target}\n", written.len());
    if let Some(message) = message {
        text.push_str(&format!("Message: {}\n", pacto_core::report::sanitise(message)));
    }
    output.plain(&text)
}

fn list(session: &Session) -> Result<Exit, CliError> {
    let all = plugins::all(&session.settings.plugin_path);
    let output = &session.output;
    if output.format == OutputFormat::Json {
        let plugins = all.iter().map(|(name, about)| json!({"name": name, "about": about}));
        output.json(&json!({"schemaVersion": 1, "plugins": plugins.collect::<Vec<_>>()}));
    } else {
        let width = all.keys().map(String::len).max().unwrap_or(0);
        output.plain(
            &all.iter()
                .map(|(name, about)| format!("{name:width$}  {about}\n"))
                .collect::<String>(),
        )?;
    }
    Ok(Exit::Success)
}
