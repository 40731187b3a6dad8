//! Log lines on stderr: warnings always, what is done with `-v`, headers with `-vv`.

use std::fmt::{self, Write as _};
use std::io::Write as _;

use clap::ValueEnum;
use pacto_core::report::{is_unsafe, mask_credentials};
use pacto_core::text::escape_json;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

use crate::output::Look;

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

/// Takes the engine's and the edge's events; those of libraries are left out.
struct Log {
    level: Level,
    format: LogFormat,
}

/// Starts logging.
pub fn start(look: Look, format: LogFormat) {
    let level = match (look.quiet, look.verbose) {
        (1.., _) => Level::ERROR,
        (0, 0) => Level::WARN,
        (0, 1) => Level::DEBUG,
        (0, _) => Level::TRACE,
    };
    let _ = tracing::subscriber::set_global_default(Log { level, format });
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "pacto" && metadata.is_event() && *metadata.level() <= self.level
    }

    fn event(&self, event: &Event<'_>) {
        let mut message = Message(String::new());
        event.record(&mut message);
        let text = mask_credentials(&message.0);
        let level = match *event.metadata().level() {
            Level::ERROR => "error",
            Level::WARN => "warning",
            Level::INFO => "info",
            Level::DEBUG => "debug",
            Level::TRACE => "trace",
        };
        let line = match self.format {
            LogFormat::Text => {
                format!("{level}: {}", pacto_core::report::sanitise(&text))
            }
            LogFormat::Json => {
                let line = serde_json::json!({"level": level, "message": text}).to_string();
                escape_json(&line, is_unsafe)
            }
        };
        let _ = writeln!(std::io::stderr(), "{line}");
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            let _ = write!(self.0, "{value:?}");
        }
    }
}
