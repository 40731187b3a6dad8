//! `pacto doc`.

mod serve;

use pacto_core::check::Mode;
use pacto_core::db::Reach;
use serde_json::json;

use crate::args::{DocArgs, OutputFormat};
use crate::commands::explain::structural_errors;
use crate::contracts::{Loaded, Purpose};
use crate::exit::{CliError, Exit};
use crate::output::write_atomically;
use crate::session::Session;

pub fn run(args: DocArgs, session: &Session) -> Result<Exit, CliError> {
    let output = &session.output;
    if matches!(output.format, OutputFormat::Github | OutputFormat::Sarif) {
        return Err(output.unsupported());
    }
    let loaded = load(&args, session)?;
    let (_, subject, id, analysis) = loaded.first(false)?;
    session.bars.clear();
    if let Some(exit) = structural_errors(subject, &loaded, session) {
        return Ok(exit);
    }
    let Some(page) = analysis.document(id) else {
        return Err(CliError::new("INVALID_BUNDLE", "there is no contract"));
    };
    if args.serve {
        drop(analysis);
        return serve::run(&args, page, session);
    }
    let path = match &args.output {
        Some(dir) => {
            std::fs::create_dir_all(dir)
                .map_err(|error| CliError::io(&dir.display().to_string(), &error))?;
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
fn load(args: &DocArgs, session: &Session) -> Result<Loaded, CliError> {
    let use_siblings = args.siblings.local_siblings;
    let purpose = Purpose { mode: Mode::Batch, reach: Reach::Whole, use_siblings };
    Loaded::one(&args.contract.contract, &args.overrides, purpose, session)
}
