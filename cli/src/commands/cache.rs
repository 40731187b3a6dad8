//! `pacto cache`.

use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, Subcommand};
use pacto_edge::bundle::human_bytes;
use pacto_edge::cache::{Cache, Entry, Pruned};
use pacto_edge::config::ByteSize;
use pacto_edge::session::{Code, Error, parse_reference};
use serde_json::json;

use crate::context::Context;
use crate::exit::Exit;
use crate::output::OutputFormat;

/// Look at the cache of bundles, or make it smaller
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto cache list
  pacto cache prune --max-size 200MiB
  pacto cache clean ghcr.io/acme/payments")]
pub struct CacheArgs {
    #[command(subcommand)]
    pub action: CacheAction,
}

#[derive(Subcommand, Debug)]
pub enum CacheAction {
    /// Print where it is
    #[command(after_long_help = "Examples:
  pacto cache dir
  du -sh \"$(pacto cache dir)\"")]
    Dir,
    /// List the bundles in it
    #[command(after_long_help = "Examples:
  pacto cache list
  pacto cache list --output-format json")]
    List,
    /// Remove what was used least lately
    #[command(after_long_help = "Examples:
  pacto cache prune
  pacto cache prune --max-size 200MiB")]
    Prune {
        /// What may stay, such as 500MiB [default: 1GiB, or cache.max-size]
        #[arg(long, value_name = "SIZE")]
        max_size: Option<ByteSize>,
    },
    /// Remove everything, or one repository, tag or digest
    #[command(after_long_help = "Examples:
  pacto cache clean
  pacto cache clean ghcr.io/acme/payments
  pacto cache clean ghcr.io/acme/payments:1.0.0")]
    Clean {
        /// What to remove; without it everything
        #[arg(value_name = "REF")]
        reference: Option<String>,
    },
}

pub fn run(args: CacheArgs, context: &Context) -> Result<Exit, Error> {
    let Some(dir) = context.session.settings.cache_dir.clone() else {
        return Err(Error::new(Code::Config, "there is no home folder for a cache")
            .hint("set PACTO_CACHE_DIR"));
    };
    let output = &context.output;
    if matches!(args.action, CacheAction::Dir) {
        let shown = dir.display().to_string();
        match output.format {
            OutputFormat::Json => output.json(&json!({"schemaVersion": 1, "dir": shown})),
            _ => output.plain(&format!("{shown}\n")),
        }
        return Ok(Exit::Success);
    }
    let cache = Cache::open(&dir).map_err(|error| Error::io(&dir.display().to_string(), error))?;
    let io = |error: std::io::Error| Error::io(&dir.display().to_string(), error);
    match args.action {
        CacheAction::Dir => {}
        CacheAction::List => list(&cache, context)?,
        CacheAction::Prune { max_size } => {
            let bound = max_size.map_or(context.session.settings.cache_size, |size| size.0);
            removed(cache.prune(bound).map_err(io)?, context)?;
        }
        CacheAction::Clean { reference: None } => {
            removed(cache.clean(|_| true).map_err(io)?, context)?
        }
        CacheAction::Clean { reference: Some(typed) } => {
            let wanted = parse_reference(&typed)?.to_string();
            let is_whole =
                !wanted.contains('@') && !wanted.rsplit('/').next().unwrap_or("").contains(':');
            let is_meant = |name: &str| {
                let rest = name.strip_prefix(wanted.as_str());
                rest.is_some_and(|rest| rest.is_empty() || is_whole && rest.starts_with([':', '@']))
            };
            removed(cache.clean(is_meant).map_err(io)?, context)?;
        }
    }
    Ok(Exit::Success)
}

fn removed(pruned: Option<Pruned>, context: &Context) -> Result<(), Error> {
    let Some(Pruned { bundles, bytes }) = pruned else {
        return Err(Error::new(Code::Io, "another process is using the cache")
            .hint("try again when it has ended"));
    };
    let output = &context.output;
    match output.format {
        OutputFormat::Json => {
            output.json(&json!({"schemaVersion": 1, "removed": bundles, "bytes": bytes}));
        }
        _ => output.plain(&format!("Removed {bundles} bundle(s), {}\n", human_bytes(bytes))),
    }
    Ok(())
}

fn list(cache: &Cache, context: &Context) -> Result<(), Error> {
    let entries = cache.entries();
    let output = &context.output;
    if output.format == OutputFormat::Json {
        let shown = entries.iter().map(|entry| {
            json!({
                "ref": entry.reference,
                "digest": entry.digest,
                "size": entry.size,
                "lastUsed": seconds(entry.last_used),
            })
        });
        output.json(&json!({
            "schemaVersion": 1,
            "dir": cache.dir().display().to_string(),
            "total": entries.iter().map(|entry| entry.size).sum::<u64>(),
            "entries": shown.collect::<Vec<_>>(),
        }));
        return Ok(());
    }
    let rows: Vec<[String; 4]> = entries.iter().map(row).collect();
    let head = ["REF", "DIGEST", "SIZE", "LAST USED"].map(str::to_owned);
    let widths: Vec<usize> = (0..4)
        .map(|i| rows.iter().chain([&head]).map(|row| row[i].chars().count()).max().unwrap_or(0))
        .collect();
    let line = |row: &[String; 4]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    output.plain(&[head.clone()].iter().chain(&rows).map(line).collect::<String>());
    Ok(())
}

fn row(entry: &Entry) -> [String; 4] {
    let digest = entry.digest.as_deref().and_then(|digest| digest.strip_prefix("sha256:"));
    let short = |hex: &str| format!("sha256:{}", hex.chars().take(12).collect::<String>());
    let digest = digest.map_or("unverified".to_owned(), short);
    let age = entry.last_used.elapsed().unwrap_or_default().as_secs();
    let age = match age {
        0..=59 => "now".to_owned(),
        60..=3_599 => format!("{} min ago", age / 60),
        3_600..=86_399 => format!("{} h ago", age / 3_600),
        _ => format!("{} d ago", age / 86_400),
    };
    [entry.reference.clone(), digest, human_bytes(entry.size), age]
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |duration| duration.as_secs())
}
