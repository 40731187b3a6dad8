//! Contract arguments: what was typed, where it is, how its files are shown.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pacto_core::check::Mode;
use pacto_core::db::{DiffReport, DiffSettings, Override, Reach};
use pacto_core::fact::{Fact, Failure};
use pacto_core::graph::Options;
use pacto_core::report::{Sources, Subject};
use pacto_core::value::overrides::Set;
use pacto_core::{Analysis, CONTRACT_FILE, Change, ContractKey, Host, Origin, Role, Root};
use pacto_edge::bundle::unpack_to_directory;
use pacto_edge::{Driver, decode, normalise};

use crate::args::{DiffArgs, OverrideArgs};
use crate::exit::CliError;
use crate::interrupt::Unfinished;
use crate::session::{Session, parse_reference};

/// A contract argument, found.
#[derive(Debug)]
pub struct Argument {
    /// As it was typed.
    pub typed: String,
    /// Where the bundle is.
    pub root: Root,
    /// The text, when it does not come from the bundle's `pacto.yaml`, and what it is called.
    text: Option<(String, Arc<str>)>,
    /// The folder that an archive was unpacked to; it goes away with the argument.
    unpacked: Option<Unfinished>,
}

impl Argument {
    /// Finds what `typed` means: a folder, a file, an archive, `file://…`, `oci://…`, or `-` for
    /// stdin.
    pub fn resolve(typed: &str, session: &Session) -> Result<Argument, CliError> {
        let found =
            |root: Root| Argument { typed: typed.to_owned(), root, text: None, unpacked: None };
        if typed == "-" {
            let text = read_stdin()?;
            let root = folder_of(Path::new("."), typed)?;
            return Ok(Argument { text: Some(("<stdin>".to_owned(), text)), ..found(root) });
        }
        if typed.starts_with("git:") {
            let here = std::env::current_dir().map_err(|error| CliError::io(".", &error))?;
            let new = found(Root::from(here.to_string_lossy().into_owned()));
            return Argument::revision(typed, &new).map(|found| found.unwrap_or(new));
        }
        if typed.starts_with("oci://") {
            let reference = parse_reference(typed)?;
            let pinned = session.ask(async |store| store.pin(&reference).await)?;
            let digest = pinned.digest.clone().unwrap_or_default();
            return Ok(found(Root::published(&pinned.repository(), &digest)));
        }
        let path = Path::new(typed.strip_prefix("file://").unwrap_or(typed));
        let metadata = std::fs::metadata(path).map_err(|error| not_there(typed, &error))?;
        if metadata.is_dir() {
            if !path.join(CONTRACT_FILE).symlink_metadata().is_ok_and(|m| !m.is_dir()) {
                let message = format!("{typed}: there is no {CONTRACT_FILE} in this folder");
                return Err(CliError::new("NOT_FOUND", message)
                    .hint("name a folder that holds a contract, or the contract's file"));
            }
            return Ok(found(folder_of(path, typed)?));
        }
        if is_archive(path) {
            return Argument::archive(typed, path, session);
        }
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let root = folder_of(parent, typed)?;
        if path.file_name().is_some_and(|name| name == CONTRACT_FILE) {
            return Ok(found(root));
        }
        let text = read_text(typed, path)?;
        Ok(Argument { text: Some((typed.to_owned(), text)), ..found(root) })
    }

    /// `git:REV[:PATH]`: a folder as it was at a revision; without a path that of `new`.
    ///
    /// # Errors
    /// There is no repository, no git, or no such revision.
    pub fn revision(typed: &str, new: &Argument) -> Result<Option<Argument>, CliError> {
        let Some(rest) = typed.strip_prefix("git:") else { return Ok(None) };
        let (revision, path) = match rest.split_once(':') {
            Some((revision, path)) => (revision, Some(path)),
            None => (rest, None),
        };
        let here = std::env::current_dir().map_err(|error| CliError::io(".", &error))?;
        let own = new.root.folder().filter(|_| path.is_none() && new.is_folder());
        let folder = match own {
            Some(folder) => PathBuf::from(folder),
            None => {
                // The folder need not be there any more.
                let folder = here.join(path.unwrap_or("."));
                folder_of(&folder, typed)?.folder().map(PathBuf::from).unwrap_or(folder)
            }
        };
        let root = pacto_edge::git::revision_root(revision, &folder)
            .map_err(|error| CliError::new("NOT_FOUND", error.message))?;
        Ok(Some(Argument { typed: typed.to_owned(), root, text: None, unpacked: None }))
    }

    /// Unpacks an archive that `pack` made to a folder of its own.
    fn archive(typed: &str, path: &Path, session: &Session) -> Result<Argument, CliError> {
        let file = std::fs::File::open(path).map_err(|error| CliError::io(typed, &error))?;
        let folder = private_folder(typed)?;
        let limits = &session.settings.limits;
        unpack_to_directory(std::io::BufReader::new(file), folder.path(), limits, typed)?;
        let root = folder_of(folder.path(), typed)?;
        Ok(Argument { typed: typed.to_owned(), root, text: None, unpacked: Some(folder) })
    }

    /// Whether the bundle is in a registry.
    pub fn is_published(&self) -> bool {
        self.root.is_published()
    }

    /// Whether the bundle is a folder of the user's.
    pub fn is_folder(&self) -> bool {
        self.root.is_folder() && self.unpacked.is_none() && self.text.is_none()
    }
}

/// A temporary folder that nobody else can read, removed when the process ends.
pub fn private_folder(what: &str) -> Result<Unfinished, CliError> {
    let folder = tempfile::Builder::new().prefix("pacto-").tempdir();
    let folder = folder.map_err(|error| CliError::io(what, &error))?;
    Ok(Unfinished::new(folder.keep()))
}

fn is_archive(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    [".tar.gz", ".tgz", ".tar", ".tar.zst"].iter().any(|end| name.ends_with(end))
}

fn not_there(typed: &str, error: &std::io::Error) -> CliError {
    let mut parts = typed.splitn(2, '/');
    let host = parts.next().unwrap_or("");
    let looks_like_registry =
        host.contains('.') && !host.starts_with('.') && parts.next().is_some();
    let error = CliError::io(typed, error);
    if looks_like_registry { error.hint(format!("did you mean oci://{typed}?")) } else { error }
}

fn folder_of(path: &Path, typed: &str) -> Result<Root, CliError> {
    let folder = normalise(path).map_err(|error| CliError::io(typed, &error))?;
    Ok(Root::Folder(folder.into()))
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
    pub arguments: Vec<Argument>,
    keys: Vec<ContractKey>,
}

/// Hands over contracts that do not come from their bundle's file.
fn set_texts(host: &mut Host, arguments: &[Argument]) {
    for argument in arguments {
        if let Some((_, text)) = &argument.text {
            let (root, path) = (argument.root.clone(), CONTRACT_FILE.to_owned());
            let text = Fact::Ready(text.clone());
            host.apply([Change::File { root, path, text, origin: Origin::Disk }]);
        }
    }
}

/// How contracts are read.
#[derive(Clone, Copy)]
pub struct Purpose {
    pub mode: Mode,
    /// How much of each bundle and of those that it leads to.
    pub reach: Reach,
    /// Whether dependencies are looked for beside the contract first.
    pub use_siblings: bool,
}

impl Purpose {
    /// To check contracts in all layers.
    pub const VALIDATE: Purpose =
        Purpose { mode: Mode::Batch, reach: Reach::Whole, use_siblings: false };
}

impl Loaded {
    /// Reads the contracts and everything that they name.
    pub fn new(
        arguments: Vec<Argument>,
        overrides: Vec<Override>,
        purpose: Purpose,
        session: &Session,
    ) -> Loaded {
        let mut host = Host::default();
        set_texts(&mut host, &arguments);
        let is_plain = overrides.is_empty()
            && purpose.mode == Mode::Batch
            && session.settings.severities.is_empty();
        if is_plain && !arguments.iter().any(Argument::is_published) {
            let keys: Vec<ContractKey> = arguments.iter().map(|a| (&a.root).into()).collect();
            host.add_contracts(&keys, Mode::Batch);
        } else {
            for argument in &arguments {
                let mode = if argument.is_published() { Mode::Published } else { purpose.mode };
                let key = host.add_contract(&argument.root, overrides.clone(), mode);
                host.set_severities(&key, session.settings.severities.clone());
            }
        }
        if purpose.use_siblings
            && let Some(first) = arguments.first().filter(|argument| argument.is_folder())
        {
            host.set_siblings(first.root.parent().map(|(parent, _)| parent));
        }
        let keys: Vec<ContractKey> = arguments.iter().map(|a| (&a.root).into()).collect();
        let mut driver = Driver::default();
        driver.settle(&mut host, keys.iter().map(|key| (key, purpose.reach)), session);
        Loaded { host, arguments, keys }
    }

    /// Reads one contract.
    ///
    /// # Errors
    /// It is not there, or cannot be read.
    pub fn one(
        typed: &str,
        overrides: &OverrideArgs,
        purpose: Purpose,
        session: &Session,
    ) -> Result<Loaded, CliError> {
        let layers = self::overrides(overrides)?;
        let argument = Argument::resolve(typed, session)?;
        Ok(Loaded::new(vec![argument], layers, purpose, session))
    }

    /// The first contract: its argument, its findings, and what to ask it with.
    ///
    /// # Errors
    /// Its file could not be read.
    pub fn first(
        &self,
        is_strict: bool,
    ) -> Result<(&Argument, Subject, &ContractKey, Analysis), CliError> {
        let (Some(argument), Some(key)) = (self.arguments.first(), self.keys.first()) else {
            return Err(CliError::usage("no contract is named"));
        };
        let analysis = self.host.analysis();
        let subject = subject(&analysis, argument, key, is_strict)?;
        Ok((argument, subject, key, analysis))
    }

    /// Each contract with its findings, or why its file could not be read.
    pub fn subjects(&self, is_strict: bool) -> Vec<Result<Subject, CliError>> {
        let analysis = self.host.analysis();
        let all = self.arguments.iter().zip(&self.keys);
        all.map(|(argument, key)| subject(&analysis, argument, key, is_strict)).collect()
    }

    pub fn sources(&self) -> LoadedSources {
        sources(&self.host, &self.arguments)
    }
}

/// Two contracts that are compared.
pub struct Pair {
    host: Host,
    arguments: Vec<Argument>,
    keys: [ContractKey; 2],
    settings: DiffSettings,
}

impl Pair {
    /// Reads both contracts and everything that a comparison looks at.
    pub fn load(
        arguments: [Argument; 2],
        overrides: [Vec<Override>; 2],
        settings: pacto_core::diff::Settings,
        args: &DiffArgs,
        session: &Session,
    ) -> Pair {
        let mut host = Host::default();
        let arguments = Vec::from(arguments);
        set_texts(&mut host, &arguments);
        let new = &arguments[1];
        if args.siblings.local_siblings && new.is_folder() {
            host.set_siblings(new.root.parent().map(|(parent, _)| parent));
        }
        let [old_layers, new_layers] = overrides;
        let mut side = |argument: &Argument, role, layers| {
            let key = ContractKey::from(&argument.root).with_role(role);
            host.add_contract(key, layers, Mode::Batch)
        };
        let keys = [
            side(&arguments[0], Role::Old, old_layers),
            side(&arguments[1], Role::New, new_layers),
        ];
        let reach = match args.with_references {
            true => Reach::ComparedReferences,
            false => Reach::ComparedWhole,
        };
        Driver::default().settle(&mut host, keys.iter().map(|key| (key, reach)), session);
        let settings = host.add_diff_settings(settings);
        Pair { host, arguments, keys, settings }
    }

    /// Each side with its findings, or why its file could not be read.
    pub fn subjects(&self) -> Vec<Result<Subject, CliError>> {
        let analysis = self.host.analysis();
        let all = self.arguments.iter().zip(&self.keys);
        all.map(|(argument, key)| subject(&analysis, argument, key, false)).collect()
    }

    /// What changed; `None` while a contract is not known.
    pub fn report(&self, graph: Options) -> Option<DiffReport> {
        let [old, new] = &self.keys;
        self.host.analysis().diff(old, new, self.settings, Some(graph))
    }

    pub fn sources(&self) -> LoadedSources {
        sources(&self.host, &self.arguments)
    }
}

fn sources(host: &Host, arguments: &[Argument]) -> LoadedSources {
    let texts = arguments.iter().filter_map(|argument| {
        let (name, _) = argument.text.as_ref()?;
        Some((argument.root.file(CONTRACT_FILE), name.clone()))
    });
    // What was unpacked or fetched is shown as a part of what was typed.
    let is_elsewhere = |a: &&Argument| a.unpacked.is_some() || !a.root.is_folder();
    let archives = arguments.iter().filter(is_elsewhere);
    let archives = archives.map(|argument| (argument.root.to_string(), argument.typed.clone()));
    let names = texts.chain(archives);
    LoadedSources {
        analysis: host.analysis(),
        roots: arguments.iter().map(|argument| argument.root.clone()).collect(),
        names: names.collect(),
        working_directory: std::env::current_dir().ok(),
    }
}

fn subject(
    analysis: &Analysis,
    argument: &Argument,
    key: &ContractKey,
    is_strict: bool,
) -> Result<Subject, CliError> {
    if let Fact::Failed(failure) = analysis.contract_text(key) {
        let file = match &argument.text {
            Some((name, _)) => name.clone(),
            None => format!("{}/{CONTRACT_FILE}", argument.typed.trim_end_matches('/')),
        };
        return Err(match failure {
            Failure::Registry(failure) => (*failure).into(),
            failure => unreadable(&file, &failure),
        });
    }
    if let Some((set, why)) = analysis.override_errors(key).first() {
        return Err(CliError::usage(format!("--set {set}: {why}")));
    }
    let (name, version) = analysis.service(key);
    let checked = analysis.check(key).clone();
    Ok(Subject { argument: argument.typed.clone(), name, version, checked, is_strict })
}

/// The texts that findings point into, shown relative to the working directory.
pub struct LoadedSources {
    analysis: Analysis,
    roots: Vec<Root>,
    names: Vec<(String, String)>,
    working_directory: Option<PathBuf>,
}

impl Sources for LoadedSources {
    fn text(&self, file: &str) -> Option<Arc<str>> {
        for root in &self.roots {
            if let Some(path) = root.path_of(file)
                && let Fact::Ready(text) = self.analysis.file_text(root, path)
            {
                return Some(text);
            }
        }
        if let Some((root, path)) = split_published(file) {
            return self.analysis.file_text(&root, path).ready().cloned();
        }
        // A file of another bundle, or a values file.
        let path = Path::new(file);
        read_text(file, path).ok()
    }

    fn shown(&self, file: &str) -> String {
        for (path, name) in &self.names {
            match file.strip_prefix(path.as_str()) {
                Some("") => return name.clone(),
                Some(rest) if rest.starts_with('/') => return format!("{name}{rest}"),
                _ => {}
            }
        }
        let relative = self
            .working_directory
            .as_ref()
            .and_then(|folder| Path::new(file).strip_prefix(folder).ok().and_then(Path::to_str));
        relative.unwrap_or(file).to_owned()
    }
}

/// Root and path of a file in a registry's bundle.
fn split_published(file: &str) -> Option<(Root, &str)> {
    let at = file.strip_prefix("oci://")?.find('@')? + 6;
    let slash = at + file[at..].find('/')?;
    Some((Root::from(&file[..slash]), &file[slash + 1..]))
}
