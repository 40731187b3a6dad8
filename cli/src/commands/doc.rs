//! `pacto doc`.

mod serve;

use std::path::PathBuf;

use clap::Args;
use pacto_core::check::Mode;
use pacto_core::db::Reach;
use pacto_core::fact::RegistryCode;
use pacto_edge::session::{Error, Loaded, Purpose};
use serde_json::json;

use crate::context::Context;
use crate::contract;
use crate::contract::{ContractArg, OverrideArgs, SiblingsArg};
use crate::exit::Exit;
use crate::output::OutputFormat;
use crate::output::write_atomically;
use crate::show::structural_errors;

/// Write the documentation of a contract
///
/// Markdown with an architecture diagram, interfaces with their operations, settings and
/// dependencies. Exit code 1: the contract has structural errors.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto doc > payments.md
  pacto doc -o docs
  pacto doc --serve --open")]
pub struct DocArgs {
    #[command(flatten)]
    pub contract: ContractArg,
    /// Write DIR/<service>.md instead of stdout
    #[arg(short, long, value_name = "DIR", conflicts_with = "serve")]
    pub output: Option<PathBuf>,
    /// Show it in a browser, and again whenever a file changes
    #[arg(long)]
    pub serve: bool,
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 8484, requires = "serve")]
    pub port: u16,
    /// Open the browser
    #[arg(long, requires = "serve")]
    pub open: bool,
    #[command(flatten)]
    pub siblings: SiblingsArg,
    #[command(flatten)]
    pub overrides: OverrideArgs,
}

pub fn run(args: DocArgs, context: &Context) -> Result<Exit, Error> {
    let output = &context.output;
    let loaded = load(&args, context)?;
    let contract = loaded.first(false)?;
    if let Some(exit) = structural_errors(&contract, &loaded, output) {
        return Ok(exit);
    }
    let Some(page) = contract.analysis.document(contract.key) else {
        return Err(Error::new(RegistryCode::InvalidBundle, "there is no contract"));
    };
    if args.serve {
        drop(contract);
        let served = serve::Served {
            port: args.port,
            opens_browser: args.open,
            contract: &args.contract.contract,
            values: &args.overrides.values,
            load: &|| {
                let loaded = load(&args, context)?;
                let contract = loaded.first(false)?;
                Ok(contract.analysis.document(contract.key))
            },
        };
        return serve::run(&served, page, context);
    }
    let path = match &args.output {
        Some(dir) => {
            std::fs::create_dir_all(dir)
                .map_err(|error| Error::io(&dir.display().to_string(), error))?;
            let path = dir.join(format!("{}.md", page.service));
            write_atomically(&path, &page.markdown)?;
            Some(path.display().to_string())
        }
        None => None,
    };
    match (output.format, &path) {
        (OutputFormat::Json, path) => {
            let mut body =
                json!({"schemaVersion": 1, "serviceName": page.service, "markdown": page.markdown});
            if let Some(path) = path {
                body["path"] = json!(path);
            }
            output.json(&body);
        }
        (_, Some(path)) => output.note(&format!("Wrote {path}")),
        (_, None) => output.result(&page.markdown),
    }
    Ok(Exit::Success)
}

/// The contract with everything that its documentation shows.
fn load(args: &DocArgs, context: &Context) -> Result<Loaded, Error> {
    let use_siblings = args.siblings.local_siblings;
    let purpose = Purpose { mode: Mode::Batch, reach: Reach::Documented, use_siblings };
    contract::load(&args.contract.contract, &args.overrides, purpose, context)
}
