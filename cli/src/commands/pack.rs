//! `pacto pack`, and what it shares with `push`: a checked bundle, packed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use pacto_core::check::{Mode, Severity};
use pacto_core::db::Reach;
use pacto_core::report::Subject;
use pacto_edge::bundle::artifact::{Identity, Layout};
use pacto_edge::bundle::{Artifact, Bundle, select};
use pacto_edge::session::{Error, Opened, Purpose};
use serde_json::json;

use crate::context::Context;
use crate::contract;
use crate::contract::OverrideArgs;
use crate::exit::Exit;
use crate::output::OutputFormat;
use crate::output::write_atomically;
use crate::show::{all_errors, beside};

/// Pack a bundle into an archive
///
/// Writes exactly the bytes that push would upload: the same files make the same archive on any
/// machine. Files are left out by built-in patterns (.git, node_modules, secrets, …) and by the
/// bundle's .pactoignore. Exit code 1: the contract is invalid.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto pack
  pacto pack services/payments -o payments.tar.gz
  pacto pack --list")]
pub struct PackArgs {
    /// The bundle
    #[arg(value_name = "DIR", default_value = ".", value_hint = clap::ValueHint::DirPath)]
    pub contract: String,
    /// The archive [default: <name>-<version>.tar.gz]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// List the files that would be packed, and make no archive
    #[arg(long)]
    pub list: bool,
    #[command(flatten)]
    pub overrides: OverrideArgs,
}

/// A bundle that was validated, with the overrides worked into its contract.
pub struct Prepared {
    pub identity: Identity,
    pub bundle: Bundle,
    pub ignored: Vec<String>,
}

/// What a bundle must be like.
pub struct Demands {
    pub mode: Mode,
    /// How far it is looked around: what is not asked about is not fetched.
    pub reach: Reach,
    /// What becomes of its findings before they count.
    pub judge: fn(&mut Subject),
    /// Whether warnings count.
    pub is_strict: bool,
}

/// Validates a bundle and collects its files; prints the findings and returns none when it is
/// invalid.
pub fn prepare(
    typed: &str,
    overrides: &OverrideArgs,
    demands: Demands,
    context: &Context,
) -> Result<Option<Prepared>, Error> {
    let Demands { mode, reach, judge, is_strict } = demands;
    let purpose = Purpose { mode, reach, ..Purpose::VALIDATE };
    let loaded = contract::load(typed, overrides, purpose, context)?;
    let mut contract = loaded.first(is_strict)?;
    judge(&mut contract.subject);
    if !contract.target.is_folder() {
        let message = format!("{typed}: a bundle is packed from its folder");
        return Err(Error::usage(message).hint("name a folder that holds a pacto.yaml"));
    }
    if all_errors(&contract, &loaded, &context.output).is_some() {
        return Ok(None);
    }
    let Opened { target, key, analysis, subject } = contract;
    let json = analysis.contract_json(key).unwrap_or_default();
    let text =
        |pointer: &str| json.pointer(pointer).and_then(|v| v.as_str()).unwrap_or("").to_owned();
    let identity = Identity {
        name: text("/service/name"),
        version: text("/service/version"),
        pacto_version: text("/pactoVersion"),
    };
    let contract = analysis.merged_text(key).unwrap_or_default();
    let named = analysis.named_files(key);
    let limits = &context.session.settings.limits;
    let folder = target.root.to_string();
    let selection = select(Path::new(&folder), &contract, &named, Some(&identity.name), limits)?;
    for note in &selection.notes {
        context.output.note(note);
    }
    if mode == Mode::Published && subject.count(Severity::Warning) > 0 {
        context.output.note(&beside(&subject, &loaded.sources()));
    }
    Ok(Some(Prepared { identity, bundle: selection.bundle, ignored: selection.ignored }))
}

pub fn run(args: PackArgs, context: &Context) -> Result<Exit, Error> {
    let demands =
        Demands { mode: Mode::Batch, reach: Reach::Whole, judge: |_| {}, is_strict: false };
    let Some(prepared) = prepare(&args.contract, &args.overrides, demands, context)? else {
        return Ok(Exit::Findings);
    };
    let Prepared { identity, bundle, ignored } = prepared;
    let layout = Layout { annotations: BTreeMap::new(), is_image_compatible: false };
    let artifact = Artifact::new(&bundle, &identity, &layout, &context.session.settings.limits)?;
    let default = PathBuf::from(format!("{}-{}.tar.gz", identity.name, identity.version));
    let path = args.output.unwrap_or(default);
    if !args.list {
        write_atomically(&path, &artifact.layer)?;
    }
    let output = &context.output;
    let shown = path.display().to_string();
    if output.format == OutputFormat::Json {
        let mut body = json!({
            "schemaVersion": 1,
            "output": shown,
            "name": identity.name,
            "version": identity.version,
            "files": bundle.files.len(),
            "size": artifact.layer.len(),
            "layerDigest": artifact.layer_digest,
            "contentDigest": artifact.content_digest,
            "ignored": ignored,
            "Output": shown,
            "Name": identity.name,
            "Version": identity.version,
        });
        if args.list {
            body["paths"] = bundle.files.keys().cloned().collect();
        }
        output.json(&body);
    } else if args.list {
        output.plain(&bundle.files.keys().map(|path| format!("{path}\n")).collect::<String>());
    } else {
        output.plain(&format!("Packed {}@{} -> {shown}\n", identity.name, identity.version));
    }
    Ok(Exit::Success)
}
