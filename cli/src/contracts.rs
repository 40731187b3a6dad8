//! Contract arguments: what was typed, where it is, how its files are shown.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pacto_core::check::Mode;
use pacto_core::db::{CONTRACT_FILE, Override};
use pacto_core::fact::{Fact, Failure};
use pacto_core::report::{Sources, Subject};
use pacto_core::value::overrides::Set;
use pacto_core::{Analysis, Change, ContractId, Host, Origin};
use pacto_edge::{DiskFiles, decode, normalise, settle};

use crate::args::OverrideArgs;
use crate::exit::CliError;

/// A contract argument, found on disk.
#[derive(Debug)]
pub struct Argument {
    /// As it was typed.
    pub typed: String,
    /// The folder of the bundle.
    pub root: String,
    /// The text, when it does not come from the bundle's `pacto.yaml`, and what it is called.
    text: Option<(String, Arc<str>)>,
}

impl Argument {
    /// Finds what `typed` means: a folder, a file, `file://…`, or `-` for stdin.
    pub fn resolve(typed: &str) -> Result<Argument, CliError> {
        if typed == "-" {
            let text = read_stdin()?;
            let root = folder(Path::new("."), typed)?;
            let text = Some(("<stdin>".to_owned(), text));
            return Ok(Argument { typed: typed.to_owned(), root, text });
        }
        if typed.starts_with("oci://") {
            let message = format!("{typed}: contracts in registries cannot be read yet");
            return Err(
                CliError::new("UNSUPPORTED", message).hint("name a local folder with a pacto.yaml")
            );
        }
        let path = Path::new(typed.strip_prefix("file://").unwrap_or(typed));
        let metadata = std::fs::metadata(path).map_err(|error| not_there(typed, &error))?;
        if metadata.is_dir() {
            if !path.join(CONTRACT_FILE).symlink_metadata().is_ok_and(|m| !m.is_dir()) {
                let message = format!("{typed}: there is no {CONTRACT_FILE} in this folder");
                return Err(CliError::new("NOT_FOUND", message)
                    .hint("name a folder that holds a contract, or the contract's file"));
            }
            return Ok(Argument {
                typed: typed.to_owned(),
                root: folder(path, typed)?,
                text: None,
            });
        }
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let root = folder(parent, typed)?;
        if path.file_name().is_some_and(|name| name == CONTRACT_FILE) {
            return Ok(Argument { typed: typed.to_owned(), root, text: None });
        }
        let text = read_text(typed, path)?;
        Ok(Argument { typed: typed.to_owned(), root, text: Some((typed.to_owned(), text)) })
    }
}

fn not_there(typed: &str, error: &std::io::Error) -> CliError {
    let mut parts = typed.splitn(2, '/');
    let host = parts.next().unwrap_or("");
    let looks_like_registry =
        host.contains('.') && !host.starts_with('.') && parts.next().is_some();
    let error = CliError::io(typed, error);
    if looks_like_registry { error.hint(format!("did you mean oci://{typed}?")) } else { error }
}

fn folder(path: &Path, typed: &str) -> Result<String, CliError> {
    normalise(path).map_err(|error| CliError::io(typed, &error))
}

fn read_stdin() -> Result<Arc<str>, CliError> {
    let mut bytes = Vec::new();
    let limit = (64 << 20) + 1;
    std::io::stdin()
        .lock()
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|error| CliError::io("<stdin>", &error))?;
    decode(bytes).map_err(|failure| unreadable("<stdin>", &failure))
}

/// A text file named on the command line; `-` is stdin.
pub fn read_text(typed: &str, path: &Path) -> Result<Arc<str>, CliError> {
    if typed == "-" {
        return read_stdin();
    }
    let metadata = std::fs::metadata(path).map_err(|error| CliError::io(typed, &error))?;
    if !metadata.is_file() {
        return Err(CliError::new("IO", format!("{typed}: it is not a regular file")));
    }
    let bytes = std::fs::read(path).map_err(|error| CliError::io(typed, &error))?;
    decode(bytes).map_err(|failure| unreadable(typed, &failure))
}

fn unreadable(what: &str, failure: &Failure) -> CliError {
    let code = if *failure == Failure::NotFound { "NOT_FOUND" } else { "IO" };
    CliError::new(code, format!("{what}: {failure}"))
}

/// The overrides of the command line.
pub fn overrides(args: &OverrideArgs) -> Result<Vec<Override>, CliError> {
    let mut layers = Vec::new();
    for file in &args.values {
        let text = read_text(file, Path::new(file))?;
        let tree = pacto_core::yaml::parse(text.clone());
        if let Some(error) = pacto_core::yaml::referee::arbitrate(&tree).first() {
            let message = format!("{file}: not well-formed YAML: {}", error.message);
            return Err(CliError::usage(message));
        }
        let is_map = tree.root_value().is_some_and(|root| tree.kind(root).is_map());
        if !is_map && !text.trim().is_empty() {
            return Err(CliError::usage(format!("{file}: a values file holds a mapping")));
        }
        layers.push(Override::Values { file: file.clone(), text });
    }
    for argument in &args.set {
        let set = Set::parse(argument)
            .map_err(|error| CliError::usage(format!("--set {argument}: {error}")))?;
        layers.push(Override::Set { argument: argument.clone(), set });
    }
    Ok(layers)
}

/// Contracts that were read and can be asked about.
pub struct Loaded {
    host: Host,
    arguments: Vec<Argument>,
    ids: Vec<ContractId>,
}

impl Loaded {
    /// Reads the contracts and everything that they name.
    pub fn new(arguments: Vec<Argument>, overrides: Vec<Override>) -> Loaded {
        let mut host = Host::default();
        let roots: Vec<String> = arguments.iter().map(|a| a.root.clone()).collect();
        for argument in &arguments {
            if let Some((_, text)) = &argument.text {
                let (root, path) = (argument.root.clone(), CONTRACT_FILE.to_owned());
                host.apply([Change::File {
                    root,
                    path,
                    text: Fact::Ready(text.clone()),
                    origin: Origin::Disk,
                }]);
            }
        }
        if overrides.is_empty() {
            host.add_contracts(&roots, Mode::Batch);
        } else {
            for root in &roots {
                host.add_contract(root, overrides.clone(), Mode::Batch);
            }
        }
        let ids = roots.iter().filter_map(|root| host.contract(root)).collect();
        settle(&mut host, roots, &DiskFiles);
        Loaded { host, arguments, ids }
    }

    /// Each contract with its findings, or why its file could not be read.
    pub fn subjects(&self, is_strict: bool) -> Vec<Result<Subject, CliError>> {
        let analysis = self.host.analysis();
        let all = self.arguments.iter().zip(&self.ids);
        all.map(|(argument, id)| subject(&analysis, argument, *id, is_strict)).collect()
    }

    pub fn sources(&self) -> LoadedSources {
        let names = self.arguments.iter().filter_map(|argument| {
            let (name, _) = argument.text.as_ref()?;
            Some((format!("{}/{CONTRACT_FILE}", argument.root), name.clone()))
        });
        LoadedSources {
            analysis: self.host.analysis(),
            names: names.collect(),
            working_directory: std::env::current_dir().ok(),
        }
    }
}

fn subject(
    analysis: &Analysis,
    argument: &Argument,
    id: ContractId,
    is_strict: bool,
) -> Result<Subject, CliError> {
    if let Fact::Failed(failure) = analysis.contract_text(id) {
        let file = match &argument.text {
            Some((name, _)) => name.clone(),
            None => format!("{}/{CONTRACT_FILE}", argument.typed.trim_end_matches('/')),
        };
        return Err(unreadable(&file, &failure));
    }
    if let Some((set, why)) = analysis.override_errors(id).first() {
        return Err(CliError::usage(format!("--set {set}: {why}")));
    }
    let (name, version) = analysis.service(id);
    let checked = analysis.check(id).clone();
    Ok(Subject { argument: argument.typed.clone(), name, version, checked, is_strict })
}

/// The texts that findings point into, shown relative to the working directory.
pub struct LoadedSources {
    analysis: Analysis,
    names: Vec<(String, String)>,
    working_directory: Option<PathBuf>,
}

impl Sources for LoadedSources {
    fn text(&self, file: &str) -> Option<Arc<str>> {
        for (root, _) in self.analysis.contracts() {
            let inside = file.strip_prefix(root).and_then(|rest| rest.strip_prefix('/'));
            if let Some(path) = inside
                && let Fact::Ready(text) = self.analysis.file_text(root, path)
            {
                return Some(text);
            }
        }
        // A file of another bundle, or a values file.
        let path = Path::new(file);
        read_text(file, path).ok()
    }

    fn shown(&self, file: &str) -> String {
        if let Some((_, name)) = self.names.iter().find(|(path, _)| path == file) {
            return name.clone();
        }
        let relative = self
            .working_directory
            .as_ref()
            .and_then(|folder| Path::new(file).strip_prefix(folder).ok().and_then(Path::to_str));
        relative.unwrap_or(file).to_owned()
    }
}
