//! What a tool is, and what tools share: arguments that several take, and how they come to contracts.

use std::sync::Arc;

use pacto_core::check::{Layer, Severity};
use pacto_core::report::Subject;
use pacto_edge::session::{Loaded, Opened, Purpose, Session, overrides};
use rmcp::model::{CallToolResult, Tool as Description, ToolAnnotations};
use serde_json::{Map, Value};

use crate::answer::{Answer, Failure};
use crate::arguments::{self, Argument, Arguments, Kind};
use crate::workspace::{Place, Workspace};

/// The groups by which tools are switched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    Contract,
    Author,
    Fleet,
}

impl Set {
    pub const ALL: [Set; 3] = [Set::Contract, Set::Author, Set::Fleet];

    pub fn text(self) -> &'static str {
        match self {
            Set::Contract => "contract",
            Set::Author => "author",
            Set::Fleet => "fleet",
        }
    }
}

/// What a tool does to files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Reads,
    /// Writes new files.
    Creates,
    /// Changes files.
    Edits,
}

/// A tool.
pub struct Tool {
    pub name: &'static str,
    pub title: &'static str,
    /// What it answers, and when to use another tool; at most 400 characters.
    pub description: &'static str,
    pub arguments: &'static [Argument],
    pub output: fn() -> Value,
    pub set: Set,
    pub effect: Effect,
    /// Whether it may speak to registries.
    pub asks_registries: bool,
    pub run: fn(&Call<'_>) -> Result<Answer, Failure>,
}

impl Tool {
    /// The tool as clients see it.
    pub fn describe(&self) -> Description {
        let input = Arc::new(arguments::schema(self.arguments));
        let output = (self.output)().as_object().cloned().unwrap_or_default();
        let annotations = ToolAnnotations::new()
            .read_only(self.effect == Effect::Reads)
            .destructive(self.effect == Effect::Edits)
            .idempotent(self.effect == Effect::Reads)
            .open_world(self.asks_registries);
        Description::new(self.name, self.description, input)
            .with_title(self.title)
            .with_raw_output_schema(Arc::new(output))
            .with_annotations(annotations)
    }
}

/// Runs a tool.
pub fn call(tool: &Tool, given: &Map<String, Value>, workspace: &Workspace) -> CallToolResult {
    let answer =
        answer(tool, given, workspace).and_then(|answer| answer.result(workspace.max_output));
    answer.unwrap_or_else(Failure::result)
}

/// What a tool answers.
///
/// # Errors
/// The arguments are not what it takes, or it fails.
pub fn answer(
    tool: &Tool,
    given: &Map<String, Value>,
    workspace: &Workspace,
) -> Result<Answer, Failure> {
    let arguments = Arguments::check(given, tool.arguments)?;
    (tool.run)(&Call { arguments, workspace })
}

/// One call of a tool.
pub struct Call<'c> {
    pub arguments: Arguments,
    pub workspace: &'c Workspace,
}

pub const PATH: &str = "A contract's folder, a service's name, or oci://HOST/REPOSITORY[:TAG]";
pub const OFFLINE: Argument = Argument::new("offline", Kind::Flag, "Ask no registry", "true");
pub const VALUES: Argument = Argument::new(
    "values",
    Kind::Settings,
    "Values laid over the contract (grammar of --set)",
    "[{\"path\": \"service.version\", \"value\": \"2.0.0\"}]",
);
pub const VALUES_FILES: Argument = Argument::new(
    "values_files",
    Kind::Texts,
    "Files under a root laid over the contract",
    "[\"values/production.yaml\"]",
);

/// The contract that a tool is about.
pub const REF: Argument =
    Argument::new("ref", Kind::Text, PATH, "\"services/payments\"").required();

/// What the contract that a tool is about was read with.
pub struct Read {
    pub place: Place,
    pub session: Session,
    pub loaded: Loaded,
}

impl Read {
    /// The contract.
    ///
    /// # Errors
    /// It could not be read, or has errors that keep it from being understood.
    pub fn understood(&self) -> Result<Opened<'_>, Failure> {
        let contract = self.loaded.first(false)?;
        check_structure(&contract.subject)?;
        Ok(contract)
    }

    /// The failure of a place where no contract is.
    pub fn no_contract(&self) -> Failure {
        Failure::new("INVALID_BUNDLE", format!("{}: there is no contract", self.place.typed))
    }
}

impl Call<'_> {
    /// Reads the contract that a required argument names, with the overrides of this call.
    pub fn read(&self, argument: &str, purpose: Purpose) -> Result<Read, Failure> {
        let place = self.place(argument)?;
        let session = self.session(&place)?;
        let loaded = self.load(&session, &place, purpose)?;
        Ok(Read { place, session, loaded })
    }

    /// The place of the contract that a required argument names.
    pub fn place(&self, argument: &str) -> Result<Place, Failure> {
        self.workspace.place(self.arguments.text(argument).unwrap_or_default())
    }

    pub fn session(&self, place: &Place) -> Result<Session, Failure> {
        self.workspace.session(place, self.arguments.flag("offline"))
    }

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
pub fn check_structure(subject: &Subject) -> Result<(), Failure> {
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
