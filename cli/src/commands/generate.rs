//! `pacto generate`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use clap_complete::ArgValueCompleter;
use pacto_edge::scratch::Scratch;
use pacto_edge::session::{Error, Purpose, Target, duration, parse_reference};
use serde_json::{Value, json};

use crate::complete;
use crate::context::Context;
use crate::contract;
use crate::contract::{ContractArg, OverrideArgs};
use crate::exit::Exit;
use crate::output::OutputFormat;
use crate::plugins::{self, Plugin, Request, Written};
use crate::show::all_errors;

/// Generate files from a contract with a plugin
///
/// Built in are kubernetes, helm, schema-infer and openapi-infer. Any program named
/// pacto-plugin-NAME serves, too: it reads one JSON object and writes one. openapi-infer runs code
/// of a FastAPI project. Exit code 1: the contract is invalid.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto generate kubernetes --option image=ghcr.io/acme/payments:2.1.0
  pacto generate helm -o chart
  pacto generate schema-infer --option file=config.yaml -o configuration
  pacto generate --list")]
pub struct GenerateArgs {
    /// The plugin
    #[arg(required_unless_present = "list", add = ArgValueCompleter::new(complete::plugins))]
    pub plugin: Option<String>,
    #[command(flatten)]
    pub contract: ContractArg,
    /// The folder to write to [default: <PLUGIN>-output]
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// An option of the plugin
    #[arg(long, value_name = "KEY=VALUE")]
    pub option: Vec<String>,
    /// How long the plugin may run, such as 90s or 5m [default: 5m]
    #[arg(long, value_name = "TIME")]
    pub timeout: Option<String>,
    /// List the files, and write none
    #[arg(long)]
    pub dry_run: bool,
    /// Overwrite files of a bundle
    #[arg(long)]
    pub force: bool,
    /// List the plugins
    #[arg(long)]
    pub list: bool,
    #[command(flatten)]
    pub overrides: OverrideArgs,
}

pub fn run(args: GenerateArgs, context: &Context) -> Result<Exit, Error> {
    if args.list {
        return list(context);
    }
    let name = args.plugin.clone().unwrap_or_default();
    let plugin = Plugin::find(&name, &context.session.settings.plugin_path)?;
    let options = options(&name, &args.option, context)?;
    let timeout = match &args.timeout {
        Some(text) => duration(text).map_err(|why| Error::usage(format!("--timeout: {why}")))?,
        None => context.session.settings.plugin_timeout,
    };
    let loaded =
        contract::load(&args.contract.contract, &args.overrides, Purpose::VALIDATE, context)?;
    let opened = loaded.first(false)?;
    if let Some(exit) = all_errors(&opened, &loaded, &context.output) {
        return Ok(exit);
    }
    let mut contract = opened.analysis.contract_json(opened.key).unwrap_or_default();
    if contract.get("interfaces").is_none() {
        contract["interfaces"] = json!([]);
    }
    let as_written = opened.analysis.shown_contract_json(opened.key).unwrap_or_default();
    let (bundle_dir, _unpacked) = bundle_dir(opened.target, context)?;
    let output_dir = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("{name}-output")));
    let shown = format!("{}/", output_dir.display().to_string().trim_end_matches('/'));
    let absolute = std::path::absolute(&output_dir).map_err(|error| Error::io(&shown, error))?;
    let request = Request {
        protocol_version: "1",
        contract,
        as_written,
        bundle_dir,
        output_dir: absolute.clone(),
        options,
    };
    context.bars.spin(&format!("running {name}"));
    let answered = plugin.run(&request, timeout, context.output.verbose > 0);
    context.bars.clear();
    let response = answered?;
    let checked = plugins::check(response.files, &absolute, args.force)?;
    let written = plugins::write(checked, args.dry_run)?;
    print(&args, &name, &shown, &written, response.message.as_deref(), context)?;
    Ok(Exit::Success)
}

fn options(
    name: &str,
    typed: &[String],
    context: &Context,
) -> Result<BTreeMap<String, String>, Error> {
    let mut options =
        context.session.settings.plugin_options.get(name).cloned().unwrap_or_default();
    for text in typed {
        let Some((key, value)) = text.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(Error::usage(format!("--option {text}: write KEY=VALUE")));
        };
        options.insert(key.to_owned(), value.to_owned());
    }
    Ok(options)
}

/// Where a plugin finds the bundle's files: one in a registry is unpacked for it, read-only.
fn bundle_dir(target: &Target, context: &Context) -> Result<(PathBuf, Option<Scratch>), Error> {
    if !target.is_published() {
        return Ok((PathBuf::from(target.root.to_string()), None));
    }
    let reference = parse_reference(&target.root.to_string())?;
    let bundle = context.session.ask(async |store| store.bundle(&reference).await)?;
    let folder = Scratch::folder().map_err(|error| Error::io(&target.typed, error))?;
    for (path, bytes) in &bundle.files {
        let full = folder.path().join(path);
        let io = |error: std::io::Error| Error::io(path, error);
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
    context: &Context,
) -> Result<(), Error> {
    let output = &context.output;
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
        output.plain(&paths.collect::<String>());
        return Ok(());
    }
    let mut text = format!("Generated {} file(s) using {name}\nOutput: {target}\n", written.len());
    if let Some(message) = message {
        text.push_str(&format!("Message: {}\n", pacto_core::report::sanitise(message)));
    }
    output.plain(&text);
    Ok(())
}

fn list(context: &Context) -> Result<Exit, Error> {
    let all = plugins::all(&context.session.settings.plugin_path);
    let output = &context.output;
    if output.format == OutputFormat::Json {
        let plugins = all.iter().map(|(name, about)| json!({"name": name, "about": about}));
        output.json(&json!({"schemaVersion": 1, "plugins": plugins.collect::<Vec<_>>()}));
    } else {
        let width = all.keys().map(String::len).max().unwrap_or(0);
        output.plain(
            &all.iter()
                .map(|(name, about)| format!("{name:width$}  {about}\n"))
                .collect::<String>(),
        );
    }
    Ok(Exit::Success)
}
