//! The tools: one file for each, with its description, arguments and output beside what it does.

mod diff;
mod explain;
mod explain_rule;
mod generate_docs;
mod resolve_dependencies;
mod schema;
mod validate;

use std::sync::Arc;

use pacto_core::check::{Layer, Severity};
use pacto_core::report::Subject;
use pacto_edge::session::{Loaded, Purpose, Session, overrides};
use rmcp::model::{CallToolResult, Tool as Description, ToolAnnotations};
use serde_json::{Map, Value};

use crate::answer::{Answer, Failure};
use crate::arguments::{self, Argument, Arguments, Kind};
use crate::workspace::{Place, Workspace};

/// A tool.
pub struct Tool {
    name: &'static str,
    title: &'static str,
    /// What it answers, and when to use another tool; at most 400 characters.
    description: &'static str,
    arguments: &'static [Argument],
    output: fn() -> Value,
    /// Whether it may speak to registries.
    asks_registries: bool,
    run: fn(&Call<'_>) -> Result<Answer, Failure>,
}

/// All tools, by name.
const TOOLS: [&Tool; 7] = [
    &diff::TOOL,
    &explain::TOOL,
    &explain_rule::TOOL,
    &generate_docs::TOOL,
    &resolve_dependencies::TOOL,
    &schema::TOOL,
    &validate::TOOL,
];

/// The names of all tools.
pub fn names() -> impl Iterator<Item = &'static str> {
    TOOLS.iter().map(|tool| tool.name)
}

pub fn by_name(name: &str) -> Option<&'static Tool> {
    TOOLS.into_iter().find(|tool| tool.name == name)
}

/// The tools as clients see them.
pub fn descriptions() -> Vec<Description> {
    TOOLS.iter().map(|tool| tool.describe()).collect()
}

impl Tool {
    fn describe(&self) -> Description {
        let input = Arc::new(arguments::schema(self.arguments));
        let output = (self.output)().as_object().cloned().unwrap_or_default();
        // Every tool so far only reads.
        let annotations = ToolAnnotations::with_title(self.title)
            .read_only(true)
            .destructive(false)
            .idempotent(true)
            .open_world(self.asks_registries);
        Description::new(self.name, self.description, input)
            .with_title(self.title)
            .with_raw_output_schema(Arc::new(output))
            .with_annotations(annotations)
    }
}

/// Runs a tool.
pub fn call(tool: &Tool, given: &Map<String, Value>, workspace: &Workspace) -> CallToolResult {
    let answer = Arguments::check(given, tool.arguments)
        .and_then(|arguments| (tool.run)(&Call { arguments, workspace }))
        .and_then(|answer| answer.result(workspace.max_output));
    answer.unwrap_or_else(Failure::result)
}

/// One call of a tool.
pub struct Call<'c> {
    arguments: Arguments,
    workspace: &'c Workspace,
}

const PATH: &str = "A folder with a pacto.yaml or a file under a root of the server, or oci://HOST/REPOSITORY[:TAG][@DIGEST]";
const OFFLINE: Argument =
    Argument::new("offline", Kind::Flag, "Ask no registry; only what is cached is known", "true");
const VALUES: Argument = Argument::new(
    "values",
    Kind::Settings,
    "Values that are laid over the contract for this call, as of --set; nothing is written",
    "[{\"path\": \"service.version\", \"value\": \"2.0.0\"}]",
);
const VALUES_FILES: Argument = Argument::new(
    "values_files",
    Kind::Texts,
    "YAML or JSON files under a root that are laid over the contract for this call",
    "[\"values/production.yaml\"]",
);

impl Call<'_> {
    /// The place of the contract that a required argument names.
    fn place(&self, argument: &str) -> Result<Place, Failure> {
        self.workspace.place(self.arguments.text(argument).unwrap_or_default())
    }

    fn session(&self, place: &Place) -> Result<Session, Failure> {
        self.workspace.session(place, self.arguments.flag("offline"))
    }

    /// Reads a contract with the overrides of this call.
    fn load(&self, session: &Session, place: &Place, purpose: Purpose) -> Result<Loaded, Failure> {
        let target = session.find(&place.typed)?;
        let texts = self.arguments.texts("values_files").into_iter().map(|file| {
            self.workspace.file(file, file)?;
            Ok((file.to_owned(), session.read_text(file, file.as_ref())?))
        });
        let texts = texts.collect::<Result<Vec<_>, Failure>>()?;
        let layers = overrides(texts, &self.arguments.settings("values"))?;
        Ok(session.load(vec![target], layers, purpose))
    }
}

/// # Errors
/// The contract has errors that keep it from being understood.
fn check_structure(subject: &Subject) -> Result<(), Failure> {
    let counts = |layer| matches!(layer, Layer::Yaml | Layer::Structural);
    let mut errors = subject.checked.diagnostics.iter();
    let first = errors.find(|d| d.severity == Severity::Error && counts(d.rule.layer));
    match first {
        None => Ok(()),
        Some(d) => {
            let message = format!("{}: the contract is invalid: {}", subject.argument, d.message);
            let hint = format!("call pacto_validate with path \"{}\"", subject.argument);
            Err(Failure::new("INVALID_BUNDLE", message).hint(hint))
        }
    }
}

/// Where there is none.
fn no_contract(place: &Place) -> Failure {
    Failure::new("INVALID_BUNDLE", format!("{}: there is no contract", place.typed))
}
