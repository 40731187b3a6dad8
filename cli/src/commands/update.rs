//! `pacto update`.

use std::path::{Path, PathBuf};

use clap::Args;
use pacto_core::fact::RegistryCode;
use pacto_edge::release::Feed;
use pacto_edge::scratch::Scratch;
use pacto_edge::session::Error;
use serde_json::json;

use crate::context::Context;
use crate::exit::Exit;
use crate::output::OutputFormat;
use crate::release::{feed, is_newer, released};

/// Replace this program by a newer release
///
/// The download is checked against the checksums of the release. Exit code 1: --check, and there is
/// a newer one.
#[derive(Args, Debug)]
#[command(disable_version_flag = true)]
#[command(after_long_help = "Examples:
  pacto update
  pacto update --check
  pacto update v1.2.0")]
pub struct UpdateArgs {
    /// The version [default: the latest]
    #[arg(value_name = "VERSION")]
    pub release: Option<String>,
    /// Only say whether there is a newer one
    #[arg(long)]
    pub check: bool,
    /// Look at pre-releases, too
    #[arg(long)]
    pub prerelease: bool,
}

pub fn run(args: UpdateArgs, context: &Context) -> Result<Exit, Error> {
    let current = released().ok_or_else(|| {
        Error::new(
            RegistryCode::Unsupported,
            "this is a development build, which does not update itself",
        )
        .hint("build a newer checkout, or install a release")
    })?;
    if context.session.settings.is_offline {
        return Err(Error::new(RegistryCode::Offline, "update needs the network")
            .hint("run it without --offline"));
    }
    let program = std::env::current_exe().and_then(|path| path.canonicalize());
    let program = program.map_err(|error| Error::io("this program", error))?;
    if !args.check
        && let Some((manager, command)) = package_manager(&program)
    {
        let message = format!("this program belongs to {manager}");
        return Err(Error::new(RegistryCode::Unsupported, message)
            .hint(format!("update it with: {command}")));
    }
    let output = &context.output;
    output.note("Checking for updates...");
    let fail = |why: String| Error::new(RegistryCode::Unreachable, why);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::io("the network", error))?;
    let feed = Feed::new(&feed()).map_err(fail)?;
    let release =
        runtime.block_on(feed.release(args.release.as_deref(), args.prerelease)).map_err(fail)?;
    let newest = release.tag_name.clone();
    let has_newer = is_newer(&newest, &current);
    let is_other = newest.trim_start_matches('v') != current.trim_start_matches('v');
    // A version that is named may be older.
    let is_wanted = has_newer || args.release.is_some() && is_other;
    if is_wanted && !args.check {
        install(&program, &feed, &release, &runtime, context)?;
    }
    let is_updated = is_wanted && !args.check;
    let text = match (is_updated, has_newer) {
        (true, _) => format!("Updated pacto {current} -> {newest}\n"),
        (false, true) => format!("pacto {newest} is available; this is {current}\n"),
        (false, false) => format!("pacto {current} is up to date\n"),
    };
    match output.format {
        OutputFormat::Json => output.json(&json!({
            "schemaVersion": 1,
            "previousVersion": current,
            "newVersion": newest,
            "updated": is_updated,
        })),
        _ => output.plain(&text),
    }
    Ok(if args.check && has_newer { Exit::Findings } else { Exit::Success })
}

/// Who else takes care of this program, and how.
fn package_manager(program: &Path) -> Option<(&'static str, &'static str)> {
    let path = program.display().to_string().replace('\\', "/");
    let has = |part: &str| path.contains(part);
    if has("/Cellar/") || has("/homebrew/") || has("/linuxbrew/") {
        Some(("Homebrew", "brew upgrade pacto"))
    } else if has("/nix/store/") {
        Some(("Nix", "nix profile upgrade pacto"))
    } else if has("/.cargo/bin/") {
        Some(("cargo", "cargo install pacto"))
    } else if path.starts_with("/usr/bin/") || path.starts_with("/bin/") {
        Some(("the system's packages", "your package manager's upgrade"))
    } else {
        None
    }
}

/// Downloads beside the program, checks, and puts it in the program's place.
fn install(
    program: &Path,
    feed: &Feed,
    release: &pacto_edge::release::Release,
    runtime: &tokio::runtime::Runtime,
    context: &Context,
) -> Result<(), Error> {
    let shown = program.display().to_string();
    let io = |error: std::io::Error| {
        Error::io(&shown, error)
            .hint("run it as a user who may write there, or install another way")
    };
    let temporary: PathBuf = program.with_file_name(format!(".pacto.{}.tmp", std::process::id()));
    let mut file = std::fs::File::create_new(&temporary).map_err(io)?;
    let _unfinished = Scratch::new(temporary.clone());
    let listener = context.bars.listener();
    let downloaded = runtime.block_on(feed.download(release, &mut file, listener.as_ref()));
    downloaded
        .map_err(|why| Error::new(RegistryCode::DigestMismatch, why).hint("nothing was changed"))?;
    let permissions = std::fs::metadata(program).map_err(io)?.permissions();
    file.set_permissions(permissions).map_err(io)?;
    file.sync_all().map_err(io)?;
    drop(file);
    // A running program cannot be replaced on Windows, but it can be moved.
    #[cfg(windows)]
    std::fs::rename(program, program.with_extension("old")).map_err(io)?;
    std::fs::rename(&temporary, program).map_err(io)
}
