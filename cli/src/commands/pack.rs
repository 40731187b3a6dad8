//! `pacto pack`, and what it shares with `push`: a checked bundle, packed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pacto_core::check::Mode;
use pacto_core::report::Subject;
use pacto_edge::bundle::artifact::{Identity, Layout};
use pacto_edge::bundle::{Artifact, Bundle, select};
use serde_json::json;

use crate::args::{OutputFormat, OverrideArgs, PackArgs};
use crate::commands::validate::{print_subjects, verdict};
use crate::contracts::{Loaded, Purpose};
use crate::exit::{CliError, Exit};
use crate::output::write_atomically;
use crate::session::Session;

/// A bundle that was validated, with the overrides worked into its contract.
pub struct Prepared {
    pub identity: Identity,
    pub bundle: Bundle,
    pub ignored: Vec<String>,
}

/// Validates a bundle and collects its files; prints the findings and returns none when it is
/// invalid.
pub fn prepare(
    typed: &str,
    overrides: &OverrideArgs,
    mode: Mode,
    session: &Session,
) -> Result<Option<Prepared>, CliError> {
    let purpose = Purpose { mode, ..Purpose::VALIDATE };
    let loaded = Loaded::one(typed, overrides, purpose, session)?;
    let (argument, subject, id, analysis) = loaded.first(false)?;
    if !argument.is_folder() {
        let message = format!("{typed}: a bundle is packed from its folder");
        return Err(CliError::usage(message).hint("name a folder that holds a pacto.yaml"));
    }
    session.bars.clear();
    if !subject.is_valid() {
        let sources = loaded.sources();
        let subjects = [errors_only(subject)];
        print_subjects(&subjects, false, &sources, &session.output);
        verdict(&subjects, &session.output);
        return Ok(None);
    }
    let json = analysis.contract_json(id).unwrap_or_default();
    let text =
        |pointer: &str| json.pointer(pointer).and_then(|v| v.as_str()).unwrap_or("").to_owned();
    let identity = Identity {
        name: text("/service/name"),
        version: text("/service/version"),
        pacto_version: text("/pactoVersion"),
    };
    let contract = analysis.merged_text(id).unwrap_or_default();
    let named = analysis.named_files(id);
    let limits = &session.settings.limits;
    let selection = select(
        Path::new(&argument.root.to_string()),
        &contract,
        &named,
        Some(&identity.name),
        limits,
    )?;
    for note in &selection.notes {
        session.output.note(note);
    }
    Ok(Some(Prepared { identity, bundle: selection.bundle, ignored: selection.ignored }))
}

/// What keeps a bundle from being packed, without the rest.
fn errors_only(mut subject: Subject) -> Subject {
    use pacto_core::check::Severity;
    subject.checked.diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error);
    subject.checked.not_checked.clear();
    subject
}

pub fn run(args: PackArgs, session: &Session) -> Result<Exit, CliError> {
    let Some(prepared) = prepare(&args.contract, &args.overrides, Mode::Batch, session)? else {
        return Ok(Exit::Findings);
    };
    let Prepared { identity, bundle, ignored } = prepared;
    let layout = Layout { annotations: BTreeMap::new(), is_image_compatible: false };
    let artifact = Artifact::new(&bundle, &identity, &layout, &session.settings.limits)?;
    let default = PathBuf::from(format!("{}-{}.tar.gz", identity.name, identity.version));
    let path = args.output.unwrap_or(default);
    if !args.list {
        write_atomically(&path, &artifact.layer)?;
    }
    let output = &session.output;
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
        output.plain(&bundle.files.keys().map(|path| format!("{path}\n")).collect::<String>())?;
    } else {
        output.plain(&format!("Packed {}@{} -> {shown}\n", identity.name, identity.version))?;
    }
    Ok(Exit::Success)
}
