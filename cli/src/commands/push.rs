//! `pacto push`.

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};
use clap_complete::ArgValueCompleter;
use pacto_core::check::{Layer, Mode, Severity};
use pacto_core::contract::tags::tag_of_version;
use pacto_core::contract::{OciReference, Version};
use pacto_core::db::Reach;
use pacto_core::fact::{RegistryCode, RegistryFailure};
use pacto_core::report::Subject;
use pacto_edge::Store;
use pacto_edge::bundle::artifact::{CONTENT_DIGEST, Layout, MANIFEST_TYPE, Manifest};
use pacto_edge::bundle::{Artifact, Limits, human_bytes};
use pacto_edge::registry::{Access, Pushed};
use pacto_edge::session::{Code, Error, parse_reference};
use serde_json::json;

use super::pack::{Demands, Prepared, prepare};
use crate::complete;
use crate::context::Context;
use crate::contract::OverrideArgs;
use crate::exit::Exit;
use crate::output::OutputFormat;

/// Publish a bundle in a registry
///
/// The contract is validated first. What it depends on may be published later: what is missing at
/// the registry is a warning. A tag that exists already is left alone, unless --force. Exit code 1:
/// the contract is invalid, or refers to local folders.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto push ghcr.io/acme/payments
  pacto push oci://ghcr.io/acme/payments:2.1.0 -p services/payments --tag latest
  pacto push ghcr.io/acme/payments --dry-run")]
pub struct PushArgs {
    /// The repository, with a tag if it is not to be the contract's version
    #[arg(value_name = "REF", add = ArgValueCompleter::new(complete::references))]
    pub reference: String,
    /// The bundle
    #[arg(short, long, value_name = "DIR", default_value = ".", value_hint = clap::ValueHint::DirPath)]
    pub path: String,
    /// Write the tag even if it exists
    #[arg(short, long)]
    pub force: bool,
    /// Another tag for the same bundle
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
    /// What to do about a tag that exists
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    pub if_exists: IfExists,
    /// An annotation of the manifest
    #[arg(long, value_name = "KEY=VALUE")]
    pub annotation: Vec<String>,
    /// Let warnings fail, too
    #[arg(long)]
    pub strict: bool,
    /// Do not look at dependencies
    #[arg(long)]
    pub no_refs: bool,
    /// Do everything but write
    #[arg(long)]
    pub dry_run: bool,
    /// Write the layout of a container image, for registries that refuse others
    #[arg(long)]
    pub image_compat: bool,
    /// Lay a YAML or JSON file over the contract; - is stdin
    #[arg(long, value_name = "FILE")]
    pub values: Vec<String>,
    /// Set one value of the contract, such as service.version=2.0.0
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IfExists {
    #[default]
    Warn,
    Error,
}

/// Beyond these the operator will not load a bundle.
const OPERATOR_LAYER: u64 = 16 << 20;
const OPERATOR_ENTRIES: usize = 5_000;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Status {
    Pushed,
    /// Other content stands under the tag.
    Exists,
    /// The same content stands under the tag.
    Identical,
    DryRun,
}

impl Status {
    fn text(&self) -> &'static str {
        match self {
            Status::Pushed => "pushed",
            Status::Exists => "exists",
            Status::Identical => "identical",
            Status::DryRun => "dryRun",
        }
    }
}

/// What is pushed, and where.
struct Plan {
    target: OciReference,
    tags: Vec<String>,
    artifact: Artifact,
    prepared: Prepared,
}

pub fn run(args: PushArgs, context: &Context) -> Result<Exit, Error> {
    if context.session.settings.is_offline {
        return Err(Error::new(RegistryCode::Offline, "push needs the network")
            .hint("run it without --offline"));
    }
    let reference = parse_reference(&args.reference)?;
    if reference.digest.is_some() {
        let message = format!("{}: a digest cannot be chosen; push to a tag", args.reference);
        return Err(Error::usage(message));
    }
    let annotations = annotations(&args.annotation)?;
    let overrides = OverrideArgs { values: args.values.clone(), set: args.set.clone() };
    let demands = Demands {
        mode: Mode::Published,
        reach: if args.no_refs { Reach::Enforced } else { Reach::Whole },
        judge: if args.no_refs { without_references } else { excuse_missing },
        is_strict: args.strict || context.session.settings.is_strict,
    };
    let Some(prepared) = prepare(&args.path, &overrides, demands, context)? else {
        return Ok(Exit::Findings);
    };
    let plan = plan(&args, reference, prepared, annotations, context)?;
    let (status, existing) = context.session.ask(async |store| push(&args, &plan, store).await)?;
    if status == Status::Exists && args.if_exists == IfExists::Error {
        let message = format!("artifact already exists: {}", plan.target);
        return Err(Error::new(Code::Refused(RegistryCode::AlreadyExists), message)
            .hint("--force overwrites it; better, bump service.version"));
    }
    if status == Status::Pushed
        && let Some(cache) = context.session.cache()
    {
        // The tag may have meant something else to this machine.
        let _ = cache.clean(|reference| reference == plan.target.to_string());
    }
    print(&plan, &status, existing.as_deref(), context)?;
    Ok(Exit::Success)
}

/// What is not published yet is not a reason to refuse: of services that need each other one comes
/// first.
fn excuse_missing(subject: &mut Subject) {
    let codes = ["DEPENDENCY_NOT_FOUND", "DEPENDENCY_NO_MATCH"];
    for diagnostic in &mut subject.checked.diagnostics {
        if codes.contains(&diagnostic.rule.code) && diagnostic.severity == Severity::Error {
            diagnostic.severity = Severity::Warning;
        }
    }
}

/// References that need an answer from elsewhere are not looked at.
fn without_references(subject: &mut Subject) {
    subject.checked.diagnostics.retain(|d| d.rule.layer != Layer::Reference);
    subject.checked.not_checked.clear();
}

fn annotations(typed: &[String]) -> Result<BTreeMap<String, String>, Error> {
    let pairs = typed.iter().map(|text| match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(Error::usage(format!("--annotation {text}: write KEY=VALUE"))),
    });
    pairs.collect()
}

fn plan(
    args: &PushArgs,
    reference: OciReference,
    prepared: Prepared,
    annotations: BTreeMap<String, String>,
    context: &Context,
) -> Result<Plan, Error> {
    let version = &prepared.identity.version;
    let own_tag = tag_of_version(version);
    let tag = reference.tag.clone().unwrap_or_else(|| own_tag.clone());
    let is_version = Version::parse(&tag.replacen('_', "+", 1)).is_ok();
    if is_version && tag != own_tag {
        context
            .output
            .note(&format!("warning: the tag is {tag}, and service.version is {version}"));
    }
    let mut tags = vec![tag.clone()];
    for extra in &args.tag {
        let text = format!("{}:{extra}", reference.repository());
        let parsed = parse_reference(&text)?.tag;
        let Some(extra) = parsed.filter(|parsed| parsed == extra) else {
            return Err(Error::usage(format!("--tag {extra}: it is not a tag")));
        };
        if !tags.contains(&extra) {
            tags.push(extra);
        }
    }
    let layout = Layout { annotations, is_image_compatible: args.image_compat };
    let artifact = Artifact::new(
        &prepared.bundle,
        &prepared.identity,
        &layout,
        &context.session.settings.limits,
    )?;
    let said = serde_json::from_slice::<Manifest>(&artifact.manifest);
    let said = said.map(|manifest| manifest.annotations).unwrap_or_default();
    for typed in &args.annotation {
        let (key, value) = typed.split_once('=').unwrap_or_default();
        if let Some(kept) = said.get(key).filter(|kept| *kept != value) {
            context.output.note(&format!(
                "warning: --annotation {typed}: the bundle itself says {kept}, which stays"
            ));
        }
    }
    check_published_limits(&prepared, &artifact)?;
    let size = artifact.layer.len() as u64;
    if size > OPERATOR_LAYER || prepared.bundle.files.len() > OPERATOR_ENTRIES {
        context.output.note(&format!(
            "warning: the bundle has {} in {} files; the operator loads at most {} and {OPERATOR_ENTRIES} files",
            human_bytes(size),
            prepared.bundle.files.len(),
            human_bytes(OPERATOR_LAYER)
        ));
    }
    Ok(Plan { target: reference.with_tag(Some(&tag)), tags, artifact, prepared })
}

/// What is pushed must be readable everywhere, whatever this machine allows.
fn check_published_limits(prepared: &Prepared, artifact: &Artifact) -> Result<(), Error> {
    let limits = Limits::PUBLISHED;
    let largest = prepared.bundle.files.iter().max_by_key(|(_, bytes)| bytes.len());
    let problem = match largest {
        Some((path, bytes)) if bytes.len() as u64 > limits.file => {
            Some((format!("`{path}`"), bytes.len() as u64, limits.file))
        }
        _ if prepared.bundle.size() > limits.total => {
            Some(("the bundle".to_owned(), prepared.bundle.size(), limits.total))
        }
        _ if artifact.layer.len() as u64 > limits.layer => {
            Some(("the layer".to_owned(), artifact.layer.len() as u64, limits.layer))
        }
        _ => None,
    };
    match problem {
        None => Ok(()),
        Some((what, size, limit)) => Err(Error::new(
            RegistryCode::TooLarge,
            format!("{what} is {}, limit {}", human_bytes(size), human_bytes(limit)),
        )
        .hint("other readers refuse larger ones, whatever this machine's limits are")),
    }
}

/// Asks for the tag, then writes. Returns the digest that stood there.
async fn push(
    args: &PushArgs,
    plan: &Plan,
    store: &Store,
) -> Result<(Status, Option<String>), RegistryFailure> {
    let client = store.client();
    let existing = client.digest(&plan.target, Access::Push).await?;
    let is_same = match &existing {
        Some(digest) => {
            *digest == plan.artifact.digest || has_same_content(plan, digest, store).await
        }
        None => false,
    };
    if let Some(existing) = &existing
        && !args.force
    {
        let status = if is_same { Status::Identical } else { Status::Exists };
        // Further tags of the same content are still set.
        if !(is_same && *existing == plan.artifact.digest && plan.tags.len() > 1) || args.dry_run {
            return Ok((status, Some(existing.clone())));
        }
        client.push(&plan.target, &plan.artifact, MANIFEST_TYPE, &plan.tags[1..]).await?;
        return Ok((status, Some(existing.clone())));
    }
    if args.dry_run {
        return Ok((Status::DryRun, existing));
    }
    match client.push(&plan.target, &plan.artifact, MANIFEST_TYPE, &plan.tags).await? {
        Pushed::Done => Ok((Status::Pushed, existing)),
        Pushed::Immutable => Ok((Status::Exists, existing)),
    }
}

/// Whether the bundle under a digest holds the same files, whoever packed it.
async fn has_same_content(plan: &Plan, digest: &str, store: &Store) -> bool {
    let pinned = OciReference { digest: Some(digest.to_owned()), ..plan.target.clone() };
    let Ok(fetched) = store.client().manifest(&pinned).await else { return false };
    let Ok(manifest) = serde_json::from_slice::<Manifest>(&fetched.bytes) else { return false };
    if let Some(content) = manifest.annotations.get(CONTENT_DIGEST) {
        return *content == plan.artifact.content_digest;
    }
    // Without the annotation it is unpacked and hashed in canonical form.
    match store.bundle(&pinned).await {
        Ok(bundle) => {
            let tar = pacto_edge::bundle::archive::tar(&bundle);
            pacto_edge::bundle::sha256(&tar) == plan.artifact.content_digest
        }
        Err(_) => false,
    }
}

fn print(
    plan: &Plan,
    status: &Status,
    existing: Option<&str>,
    context: &Context,
) -> Result<(), Error> {
    let output = &context.output;
    let Plan { target, tags, artifact, prepared } = plan;
    let identity = &prepared.identity;
    let digest = match (status, existing) {
        (Status::Exists | Status::Identical, Some(existing)) => existing,
        _ => &artifact.digest,
    };
    if output.format == OutputFormat::Json {
        let mut body = json!({
            "schemaVersion": 1,
            "ref": target.to_string(),
            "digest": digest,
            "name": identity.name,
            "version": identity.version,
            "status": status.text(),
            "tags": tags,
            "size": artifact.layer.len(),
            "contentDigest": artifact.content_digest,
        });
        if let Some(existing) = existing {
            body["existingDigest"] = json!(existing);
        }
        for (key, value) in [
            ("Ref", target.to_string()),
            ("Digest", digest.to_owned()),
            ("Name", identity.name.clone()),
            ("Version", identity.version.clone()),
        ] {
            body[key] = json!(value);
        }
        output.json(&body);
        return Ok(());
    }
    match status {
        Status::Pushed | Status::DryRun => {
            let verb = if *status == Status::Pushed { "Pushed" } else { "Would push" };
            let head = format!("{verb} {}@{} -> {target}\n", identity.name, identity.version);
            let more =
                tags.iter().skip(1).map(|tag| format!("Tag: {}\n", target.with_tag(Some(tag))));
            output.plain(&format!("{head}{}Digest: {digest}\n", more.collect::<String>()));
            if let Some(existing) = existing.filter(|existing| *existing != artifact.digest) {
                output.note(&format!(
                    "note: the tag was {existing} before; signatures and pins stay with that digest"
                ));
            }
        }
        Status::Exists | Status::Identical => {
            output.note(&format!(
                "Warning: artifact already exists: {target} (use --force to overwrite)"
            ));
            if *status == Status::Exists {
                output
                    .note("Warning: its content differs; bump service.version to publish this one");
            }
        }
    }
    Ok(())
}
