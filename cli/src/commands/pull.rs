//! `pacto pull`.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use clap_complete::ArgValueCompleter;
use pacto_core::contract::{OciReference, summary};
use pacto_core::fact::RegistryCode;
use pacto_core::schema::format::StrRule;
use pacto_edge::Layer;
use pacto_edge::bundle::unpack_to_directory;
use pacto_edge::read_regular;
use pacto_edge::scratch::Scratch;
use pacto_edge::session::{Code, Error, parse_reference};
use serde_json::json;

use crate::complete;
use crate::context::Context;
use crate::exit::Exit;
use crate::output::OutputFormat;

/// Fetch a bundle from a registry
///
/// Nothing is ever merged into a folder: one that holds something else is an error, unless --force,
/// which replaces it whole.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto pull ghcr.io/acme/payments
  pacto pull oci://ghcr.io/acme/payments:2.1.0 -o vendor/payments
  pacto pull ghcr.io/acme/payments@sha256:…")]
pub struct PullArgs {
    /// The bundle; without a tag the highest version
    #[arg(value_name = "REF", add = ArgValueCompleter::new(complete::references))]
    pub reference: String,
    /// The folder to make [default: the name of the service]
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Replace a folder that is there already
    #[arg(long)]
    pub force: bool,
}

pub fn run(args: PullArgs, context: &Context) -> Result<Exit, Error> {
    let reference = parse_reference(&args.reference)?;
    let (pinned, layer) = context.session.ask(async |store| {
        let pinned = store.pin(&reference).await?;
        let layer = store.layer(&pinned).await?;
        Ok((pinned, layer))
    })?;
    let is_from_cache = layer.is_from_cache;
    let pulled = unpack(&args, &pinned, layer, context)?;
    let digest = pinned.digest.clone().unwrap_or_default();
    let shown = OciReference { digest: None, ..pinned.clone() };
    let shown = if shown.tag.is_some() { shown.to_string() } else { pinned.to_string() };
    let target = format!("{}/", pulled.target.display().to_string().trim_end_matches('/'));
    let output = &context.output;
    if output.format == OutputFormat::Json {
        output.json(&json!({
            "schemaVersion": 1,
            "ref": shown,
            "digest": digest,
            "output": target,
            "name": pulled.name,
            "version": pulled.version,
            "files": pulled.files,
            "fromCache": is_from_cache,
            "Ref": shown,
            "Output": target,
            "Name": pulled.name,
            "Version": pulled.version,
        }));
        return Ok(Exit::Success);
    }
    let mut text = format!("Pulled {}@{} -> {target}\n", pulled.name, pulled.version);
    if output.verbose > 0 {
        text.push_str(&format!("Digest: {digest}\n"));
    }
    output.plain(&text);
    Ok(Exit::Success)
}

struct Pulled {
    target: PathBuf,
    name: String,
    version: String,
    files: usize,
}

/// Unpacks beside the target, then puts it there whole.
fn unpack(
    args: &PullArgs,
    pinned: &OciReference,
    mut layer: Layer,
    context: &Context,
) -> Result<Pulled, Error> {
    let parent = match &args.output {
        Some(output) => parent_of(output),
        None => PathBuf::from("."),
    };
    let io = |path: &Path| {
        let shown = path.display().to_string();
        move |error: std::io::Error| Error::io(&shown, error)
    };
    fs::create_dir_all(&parent).map_err(io(&parent))?;
    let staging = tempfile::Builder::new().prefix(".pacto-pull-").tempdir_in(&parent);
    let staging = Scratch::new(staging.map_err(io(&parent))?.keep());
    // Its own mode is for nobody else; what is moved out of it has the usual one.
    let fresh = staging.path().join("bundle");
    fs::create_dir(&fresh).map_err(io(&fresh))?;
    let shown = pinned.to_string();
    let limits = &context.session.settings.limits;
    let files = unpack_to_directory(layer.content.reader(), &fresh, limits, &shown)?;
    let invalid = |cause: String| {
        Error::new(RegistryCode::InvalidBundle, format!("{shown} is not a valid bundle: {cause}"))
    };
    let text = pacto_edge::read_regular_text(&fresh.join("pacto.yaml"));
    let text = text.map_err(|failure| invalid(format!("pacto.yaml: {failure}")))?;
    let summary = summary(&text).map_err(|cause| invalid(format!("pacto.yaml: {cause}")))?;
    layer.check_labels(&summary, &shown);
    context.session.store()?.0.keep(&mut layer);
    let name = summary.name.unwrap_or_default();
    let target = match &args.output {
        Some(output) => output.clone(),
        None if StrRule::ServiceName.matches(&name) => PathBuf::from(&name),
        None => {
            let message = format!(
                "service.name \"{}\" is not a name for a folder",
                pacto_core::report::sanitise(&name)
            );
            return Err(invalid(message).hint("name one with --output DIR"));
        }
    };
    place(&fresh, &target, args.force, staging.path())?;
    Ok(Pulled { target, name, version: summary.version.unwrap_or_default(), files })
}

fn parent_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Moves a folder to its place. One that is there already is left alone when it is equal, and
/// replaced whole when that is wanted.
fn place(fresh: &Path, target: &Path, is_forced: bool, staging: &Path) -> Result<(), Error> {
    let shown = target.display().to_string();
    let io = |error: std::io::Error| Error::io(&shown, error);
    let Ok(metadata) = target.symlink_metadata() else {
        return fs::rename(fresh, target).map_err(io);
    };
    if !metadata.is_dir() {
        let message = format!("{shown}: it exists and is not a folder");
        return Err(Error::new(Code::Io, message).hint("name another place with --output DIR"));
    }
    let is_empty = fs::read_dir(target).map_err(io)?.next().is_none();
    if is_empty {
        fs::remove_dir(target).map_err(io)?;
        return fs::rename(fresh, target).map_err(io);
    }
    if is_equal(fresh, target).map_err(io)? {
        return Ok(());
    }
    if !is_forced {
        let message = format!("{shown}: it exists and holds something else");
        return Err(Error::new(Code::Io, message)
            .hint("--force replaces it whole; --output DIR names another place"));
    }
    let old = staging.join("old");
    fs::rename(target, &old).map_err(io)?;
    fs::rename(fresh, target).map_err(|error| {
        let _ = fs::rename(&old, target);
        Error::io(&shown, error)
    })
}

/// Whether two folders hold the same files.
fn is_equal(a: &Path, b: &Path) -> std::io::Result<bool> {
    let names = |folder: &Path| -> std::io::Result<Vec<(std::ffi::OsString, bool, bool)>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            names.push((entry.file_name(), kind.is_dir(), kind.is_file()));
        }
        names.sort();
        Ok(names)
    };
    let (left, right) = (names(a)?, names(b)?);
    if left != right {
        return Ok(false);
    }
    for (name, is_dir, _) in left {
        let (a, b) = (a.join(&name), b.join(&name));
        let is_same = if is_dir { is_equal(&a, &b)? } else { has_same_bytes(&a, &b)? };
        if !is_same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether two regular files hold the same bytes.
fn has_same_bytes(a: &Path, b: &Path) -> std::io::Result<bool> {
    let size = fs::metadata(a)?.len();
    let read = |path| {
        read_regular(path, size).map_err(|failure| std::io::Error::other(failure.to_string()))
    };
    Ok(size == fs::metadata(b)?.len() && read(a)? == read(b)?)
}
