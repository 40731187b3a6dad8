//! Which version this is, and whether there is a newer one.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pacto_core::contract::Version;
use pacto_edge::release::{FEED, Feed};
use serde_json::{Value, json};

use crate::context::Context;
use crate::global::Manner;
use crate::output::Output;
use crate::output::OutputFormat;

/// How long the end of a command may wait for the answer.
const GRACE: Duration = Duration::from_millis(200);
const ONE_DAY: u64 = 24 * 3600;

/// The version of a release; none for a build of a checkout. `PACTO_RELEASE` is set where releases
/// are built; a debug build may be told to take itself for one, so that this can be tested.
pub fn released() -> Option<String> {
    let pretended =
        cfg!(debug_assertions).then(|| std::env::var("PACTO_ASSUME_RELEASE").ok()).flatten();
    let built = option_env!("PACTO_RELEASE").map(str::to_owned);
    pretended.or(built).map(|version| format!("v{}", version.trim_start_matches('v')))
}

/// Where releases are announced.
pub fn feed() -> String {
    std::env::var("PACTO_RELEASES_URL")
        .ok()
        .filter(|url| !url.is_empty())
        .unwrap_or_else(|| FEED.to_owned())
}

/// Looks for a newer version while a command runs.
pub struct Notice {
    current: String,
    answer: Receiver<Option<String>>,
}

impl Notice {
    /// Begins to look; none where nobody would see it.
    pub fn start(manner: &Manner, context: &Context) -> Option<Notice> {
        let current = released()?;
        let output = &context.output;
        let is_seen = output.stdout_is_terminal() && output.format == OutputFormat::Text;
        if !manner.checks_for_updates || !is_seen {
            return None;
        }
        let file = context.environment.cache_home()?.join("update-check.json");
        let (sender, answer) = channel();
        std::thread::spawn(move || drop(sender.send(newest(&file))));
        Some(Notice { current, answer })
    }

    /// Says so if there is one.
    pub fn finish(self, output: &Output) {
        let Ok(Some(newest)) = self.answer.recv_timeout(GRACE) else { return };
        if is_newer(&newest, &self.current) {
            output.note(&format!(
                "\nA new version of pacto is available: {} -> {newest}\nRun 'pacto update' to update.",
                self.current
            ));
        }
    }
}

pub fn is_newer(candidate: &str, current: &str) -> bool {
    match (Version::parse(candidate), Version::parse(current)) {
        (Ok(candidate), Ok(current)) => candidate > current,
        _ => false,
    }
}

/// The newest version, asked for once a day; none when the user was told of it today.
fn newest(file: &PathBuf) -> Option<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    let note: Value = pacto_edge::read_plain_text(file, 64 << 10)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    if now.saturating_sub(note["checkedAt"].as_u64().unwrap_or(0)) < ONE_DAY {
        return None;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let feed = Feed::new(&feed()).ok()?;
    let release = runtime.block_on(feed.release(None, false)).ok()?;
    std::fs::create_dir_all(file.parent()?).ok()?;
    let note = json!({"checkedAt": now, "version": release.tag_name});
    std::fs::write(file, note.to_string()).ok()?;
    Some(release.tag_name)
}
