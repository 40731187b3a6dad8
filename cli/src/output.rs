//! Streams, formats, colours and the last line.

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::sync::Mutex;

use clap::ValueEnum;
use pacto_core::report::{is_unsafe, mask_credentials, sanitise, sanitise_lines};
use pacto_core::text::escape_json;
use pacto_edge::scratch::Scratch;
use pacto_edge::session::Error;

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutputFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// For pull requests
    Markdown,
    /// GitHub workflow annotations (validate and diff)
    Github,
    /// SARIF 2.1.0, for code scanning (validate and diff)
    Sarif,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorChoice {
    #[default]
    Auto,
    Always,
    Never,
}

/// How results and notes look.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub format: OutputFormat,
    pub verbose: u8,
    pub quiet: u8,
    pub color: ColorChoice,
}

/// Where results and notes go.
pub struct Output {
    pub format: OutputFormat,
    pub verbose: u8,
    quiet: u8,
    color: ColorChoice,
    /// Why a result did not reach stdout.
    lost: Mutex<Option<std::io::Error>>,
}

impl Output {
    pub fn new(look: Look) -> Output {
        let Look { format, verbose, quiet, color } = look;
        Output { format, verbose, quiet, color, lost: Mutex::default() }
    }

    /// Writes the result to stdout, without passwords; [`Output::finish`] says whether that went well.
    pub fn result(&self, text: &str) {
        self.verbatim(&mask_credentials(text));
    }

    /// Writes a file of the user's to stdout.
    pub fn verbatim(&self, text: &str) {
        if self.quiet < 2 {
            let mut stdout = std::io::stdout().lock();
            if let Err(error) = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
                let mut lost = self.lost.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                lost.get_or_insert(error);
            }
        }
    }

    /// Whether all results reached stdout. A reader that has closed the pipe wants no more.
    ///
    /// # Errors
    /// They did not: a full disk, for example.
    pub fn finish(&self) -> Result<(), Error> {
        let lost = self.lost.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
        match lost {
            Some(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(Error::io("<stdout>", error))
            }
            _ => Ok(()),
        }
    }

    /// A JSON result: two-space indent, one final newline.
    pub fn json(&self, value: &serde_json::Value) {
        let text = serde_json::to_string_pretty(value).unwrap_or_default();
        self.result(&(escape_json(&text, is_unsafe) + "\n"));
    }

    /// A note on stderr.
    pub fn note(&self, text: &str) {
        if self.quiet == 0 {
            say(text);
        }
    }

    /// A line on stderr about something that went wrong.
    pub fn problem(&self, text: &str) {
        if self.quiet < 2 {
            say(text);
        }
    }

    /// The last line on stderr when the verdict is bad; in text only, since pipelines merge streams.
    pub fn summary(&self, text: &str) {
        if self.quiet < 2 && self.format == OutputFormat::Text {
            say(text);
        }
    }

    /// Why a command could not do what it was asked.
    pub fn error(&self, error: &Error) {
        if self.quiet >= 2 {
            return;
        }
        let mut stderr = std::io::stderr();
        let message = mask_credentials(&error.message);
        let hint = error.hint.as_deref().map(mask_credentials);
        if self.format == OutputFormat::Json {
            let mut body = serde_json::json!({"code": error.code.text(), "message": message});
            if let Some(hint) = &hint {
                body["hint"] = hint.as_ref().into();
            }
            let body = serde_json::json!({ "error": body }).to_string();
            let _ = writeln!(stderr, "{}", escape_json(&body, is_unsafe));
        } else {
            let _ = writeln!(stderr, "error: {}", sanitise(&message));
            if let Some(hint) = &hint {
                let _ = writeln!(stderr, "hint: {}", sanitise(hint));
            }
        }
    }

    pub fn stdout_is_terminal(&self) -> bool {
        std::io::stdout().is_terminal()
    }

    /// Whether to colour stdout: the flag, then `NO_COLOR`, then `CLICOLOR_FORCE` and
    /// `FORCE_COLOR`, then whether it is a terminal.
    pub fn colour(&self) -> bool {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if is_set("NO_COLOR") => false,
            ColorChoice::Auto if is_set("CLICOLOR_FORCE") || is_set("FORCE_COLOR") => true,
            ColorChoice::Auto => {
                self.stdout_is_terminal() && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
            }
        }
    }

    /// Text results of commands without a Markdown form of their own, which stand in a fence there;
    /// without characters that drive a terminal, as names of files may hold them.
    pub fn plain(&self, text: &str) {
        let text = sanitise_lines(text);
        match self.format {
            OutputFormat::Markdown => self.result(&format!("```\n{text}```\n")),
            _ => self.result(&text),
        }
    }

    /// # Errors
    /// Findings are asked for in a form that other results do not have.
    pub fn check_format(&self) -> Result<(), Error> {
        match self.format {
            OutputFormat::Github | OutputFormat::Sarif => {
                Err(Error::usage("this command has no github and sarif output")
                    .hint("use --output-format text, json or markdown"))
            }
            OutputFormat::Text | OutputFormat::Json | OutputFormat::Markdown => Ok(()),
        }
    }
}

/// Writes lines to stderr, without passwords and without characters that drive a terminal.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", sanitise_lines(&mask_credentials(text)));
}

/// Writes a file by way of a temporary sibling, so that nothing is ever half-written.
pub fn write_atomically(path: &Path, bytes: impl AsRef<[u8]>) -> Result<(), Error> {
    let shown = path.display().to_string();
    let fail = |error: std::io::Error| Error::io(&shown, error);
    // A link keeps pointing where it does: what it points to is replaced.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("out");
    let temporary = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let _scratch = Scratch::new(temporary.clone());
    let written = std::fs::File::create_new(&temporary).and_then(|mut file| {
        file.write_all(bytes.as_ref())?;
        if let Ok(metadata) = std::fs::metadata(&path) {
            file.set_permissions(metadata.permissions())?;
        }
        file.sync_all()
    });
    let renamed = written.and_then(|()| std::fs::rename(&temporary, &path));
    renamed.map_err(fail)
}
