//! What tools may look at: folders that cannot be left, and registries.

use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pacto_core::CONTRACT_FILE;
use pacto_core::Root;
use pacto_core::check::nearest;
use pacto_core::diff::Date;
use pacto_core::schema::format::StrRule;
use pacto_edge::session::{Environment, Error, Flags, Session, Settings};
use serde_json::json;

use crate::answer::Failure;
use crate::index::{self, Index, View};
use crate::write::is_refused;

/// How a server is started.
pub struct Options {
    /// The only folders whose files tools read; not empty.
    pub roots: Vec<PathBuf>,
    /// What holds for every call. `named` stays empty: credentials of flags and variables are for
    /// hosts that a person typed, and here a model types.
    pub flags: Flags,
    pub environment: Environment,
    /// Upper bound on the text of one answer, in bytes.
    pub max_output: usize,
}

/// Roots, and what holds for every call.
pub struct Workspace {
    /// Real paths.
    roots: Vec<PathBuf>,
    flags: Flags,
    environment: Environment,
    pub max_output: usize,
    index: Index,
    /// Held while files are written, so that one edit sees what the one before it left.
    writing: Mutex<()>,
}

/// Where something is that a client named.
#[derive(Debug)]
pub struct Place {
    /// As it was typed; of a service's name the path that it stands for.
    pub typed: String,
    /// Relative paths start here.
    root: PathBuf,
}

impl Place {
    /// The absolute path of what is on the disk.
    pub fn path(&self) -> PathBuf {
        self.root.join(self.typed.strip_prefix("file://").unwrap_or(&self.typed))
    }

    /// Whether it is in a registry.
    pub fn is_remote(&self) -> bool {
        self.typed.starts_with("oci://")
    }
}

impl Workspace {
    /// # Errors
    /// A root is not a folder.
    pub fn new(options: Options) -> Result<Workspace, Error> {
        let Options { roots, flags, environment, max_output } = options;
        let real = roots.iter().map(|root| {
            let shown = root.display().to_string();
            let real = environment.working_directory.join(root).canonicalize();
            let real = real.map_err(|error| Error::io(&shown, error))?;
            if real.is_dir() {
                Ok(real)
            } else {
                Err(Error::usage(format!("--root {shown}: this is not a folder")))
            }
        });
        let roots = real.collect::<Result<Vec<_>, Error>>()?;
        let (index, writing) = (Index::default(), Mutex::default());
        Ok(Workspace { roots, flags, environment, max_output, index, writing })
    }

    /// The place of a contract: a path under a root, or `oci://…`.
    ///
    /// # Errors
    /// It is outside of the roots, is not there, or is neither of these.
    pub fn place(&self, typed: &str) -> Result<Place, Failure> {
        if typed.starts_with("oci://") {
            return self.anywhere(typed);
        }
        let written = typed.strip_prefix("file://").unwrap_or(typed);
        if written.contains("://") || written.starts_with("git:") || written == "-" {
            return Err(Failure::new("INVALID_REF", format!("\"{typed}\" is not a reference"))
                .hint("name a path under a root, or oci://HOST/REPOSITORY[:TAG]"));
        }
        if let Some(place) = self.service(typed)? {
            return Ok(place);
        }
        let is_yaml = |end: &std::ffi::OsStr| end == "yaml" || end == "yml" || end == "json";
        let place = self.file(typed, written)?;
        let path = place.root.join(written);
        if path.is_file() && !path.extension().is_some_and(is_yaml) {
            return Err(Failure::new("INVALID_REF", format!("{typed}: this is not a YAML file"))
                .hint("name a folder with a pacto.yaml"));
        }
        // A contract that is a link must not lead out, either.
        self.file(typed, &format!("{written}/{CONTRACT_FILE}")).map_or_else(
            |failure| if failure.code == OUTSIDE { Err(failure) } else { Ok(()) },
            |_| Ok(()),
        )?;
        Ok(place)
    }

    /// The contract of a service by its name, `NAME[@VERSION]`, where no such path is there.
    ///
    /// # Errors
    /// Several contracts have the name.
    fn service(&self, typed: &str) -> Result<Option<Place>, Failure> {
        let (name, version) = match typed.split_once('@') {
            Some((name, version)) => (name, Some(version)),
            None => (typed, None),
        };
        let is_path = || self.roots.iter().any(|root| root.join(typed).symlink_metadata().is_ok());
        if !StrRule::ServiceName.matches(name) || is_path() {
            return Ok(None);
        }
        let (mut found, published) = self.ask(|view| {
            let fits = |root: &&&Root| {
                let own = view.analysis.profile(root).version.as_deref();
                view.is_own(root) && version.is_none_or(|version| own == Some(version))
            };
            let named = view.named(name);
            let own: Vec<String> = named.iter().filter(fits).map(|root| view.shown(root)).collect();
            let repository = view.analysis.fleet().repository(name).map(str::to_owned);
            (own, repository)
        })?;
        match (found.len(), version, published) {
            (1, ..) => Ok(Some(self.anywhere(&found.remove(0))?)),
            (0, Some(version), Some(repository)) => {
                let tag = version.replace('+', "_");
                Ok(Some(self.anywhere(&format!("oci://{repository}:{tag}"))?))
            }
            (0, ..) => Ok(None),
            _ => {
                let message = format!("several contracts describe a service {typed}");
                Err(Failure::new("AMBIGUOUS_REF", message)
                    .hint(format!("name one of these paths: {}", found.join(", ")))
                    .details(json!({"candidates": found})))
            }
        }
    }

    /// Asks about all contracts under the roots.
    ///
    /// # Errors
    /// A configuration file or a variable that cannot be used.
    pub fn ask<T>(&self, question: impl FnOnce(&View<'_>) -> T) -> Result<T, Failure> {
        let session = self.session(&self.anywhere(".")?, true)?;
        let home = self.environment.home();
        Ok(self.index.ask(&self.roots, home.as_deref(), &session, question))
    }

    /// The place of a folder that need not be there.
    ///
    /// # Errors
    /// It would be outside of the roots, or where nothing is written.
    pub fn fresh(&self, typed: &str) -> Result<Place, Failure> {
        let written = typed.strip_prefix("file://").unwrap_or(typed);
        let root = self.anywhere(typed)?.root;
        let outside = || {
            Failure::new(OUTSIDE, format!("{typed}: this is outside of the roots"))
                .hint("name a path under a folder that the server was started with (--root)")
        };
        if written.contains("://") || written.starts_with("git:") {
            return Err(Failure::new("INVALID_REF", format!("\"{typed}\" is no path"))
                .hint("name a folder under a root"));
        }
        let real = real_path(&root.join(written)).ok_or_else(outside)?;
        let own = self.roots.iter().find(|own| real.starts_with(own)).ok_or_else(outside)?;
        let relative = real.strip_prefix(own).unwrap_or(&real);
        let parts = relative.components().filter_map(|part| part.as_os_str().to_str());
        if let Some(part) = parts.into_iter().find(|part| is_refused(part)) {
            return Err(Failure::new(OUTSIDE, format!("{typed}: nothing is written to {part}"))
                .hint("name another folder"));
        }
        Ok(Place { typed: typed.to_owned(), root })
    }

    /// The real paths of the roots.
    pub fn roots(&self) -> &[PathBuf] {
        &self.roots
    }

    /// Keeps other calls from writing.
    pub fn lock(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that files were written.
    pub fn touch(&self) {
        self.index.touch();
    }

    /// How a bundle is referred to in a call.
    pub fn shown(&self, root: &Root) -> String {
        index::shown(&self.roots, root)
    }

    /// Nearest names and paths of what was not found.
    fn missing(&self, typed: &str) -> Failure {
        let failure =
            Failure::new("NOT_FOUND", format!("{typed}: there is no such file or folder"));
        let near = self.ask(|view| {
            let paths: Vec<String> = view.entries.iter().map(|e| view.shown(&e.root)).collect();
            let names = view.entries.iter().map(|entry| entry.name.as_str());
            let last = typed.trim_end_matches('/').rsplit('/').next().unwrap_or(typed);
            let near = nearest(typed, paths.iter().map(String::as_str));
            near.or_else(|| nearest(last, names)).map(str::to_owned)
        });
        failure.hint(match near {
            Ok(Some(near)) => format!("did you mean {near}? pacto_search finds contracts"),
            _ => "paths start at a root of this server; pacto_search finds contracts".to_owned(),
        })
    }

    /// What has no place on the disk.
    ///
    /// # Errors
    /// There is no root.
    pub fn anywhere(&self, typed: &str) -> Result<Place, Failure> {
        let root = self.roots.first().ok_or_else(|| Failure::new(OUTSIDE, "there is no root"))?;
        Ok(Place { typed: typed.to_owned(), root: root.clone() })
    }

    /// A file or folder under a root: under the first one that has it.
    ///
    /// # Errors
    /// It is outside of the roots, or not there.
    pub fn file(&self, typed: &str, written: &str) -> Result<Place, Failure> {
        let mut is_inside = false;
        for root in &self.roots {
            let Some(real) = real_path(&root.join(written)) else { continue };
            if !self.roots.iter().any(|root| real.starts_with(root)) {
                continue;
            }
            is_inside = true;
            // What is neither may never end when it is read.
            if real.is_dir() || real.is_file() {
                return Ok(Place { typed: typed.to_owned(), root: root.clone() });
            }
        }
        Err(match is_inside {
            true => self.missing(typed),
            false => Failure::new(OUTSIDE, format!("{typed}: this is outside of the roots"))
                .hint("name a path under a folder that the server was started with (--root)"),
        })
    }

    /// The day on which sunsets are judged.
    ///
    /// # Errors
    /// `SOURCE_DATE_EPOCH` holds no number.
    pub fn today(&self) -> Result<Date, Error> {
        self.environment.today()
    }

    /// A session in the place's root, under the settings of its project as they are now.
    ///
    /// # Errors
    /// A configuration file or a variable that cannot be used.
    pub fn session(&self, place: &Place, is_offline: bool) -> Result<Session, Failure> {
        let flags = Flags {
            contract: Some(place.typed.clone()),
            is_offline: self.flags.is_offline || is_offline,
            ..self.flags.clone()
        };
        let environment =
            Environment { working_directory: place.root.clone(), ..self.environment.clone() };
        let mut settings = Settings::read(&flags, &environment)?;
        settings.bounds = Some(self.roots.clone());
        Ok(Session::new(settings, None))
    }
}

const OUTSIDE: &str = "OUTSIDE_ROOTS";

/// The path with all links followed, as far as it is there; none of one that cannot be told.
fn real_path(path: &Path) -> Option<PathBuf> {
    // No file has such a name; what is there does not change what is said.
    if path.as_os_str().as_encoded_bytes().contains(&0) {
        return None;
    }
    for ancestor in path.ancestors() {
        if let Ok(real) = ancestor.canonicalize() {
            let rest = path.strip_prefix(ancestor).ok()?;
            let is_plain = rest.components().all(|part| matches!(part, Component::Normal(_)));
            return is_plain.then(|| real.join(rest));
        }
        // A link that leads to nothing may lead out.
        if ancestor.is_symlink() {
            return None;
        }
    }
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn roots_cannot_be_left() {
        let folder = std::env::temp_dir().join(format!("pacto-mcp-roots-{}", std::process::id()));
        for path in ["root/svc", "root/linked", "root-evil/svc", "out"] {
            std::fs::create_dir_all(folder.join(path)).expect("a folder");
        }
        std::fs::write(folder.join("out/pacto.yaml"), "x").expect("a file");
        let link = |to: &str, at: &str| {
            let _ = std::os::unix::fs::symlink(folder.join(to), folder.join(at));
        };
        link("out", "root/way-out");
        link("nowhere", "root/dangling");
        link("out/pacto.yaml", "root/linked/pacto.yaml");
        let workspace = Workspace::new(Options {
            roots: vec![folder.join("root")],
            flags: Flags::default(),
            environment: Environment::default(),
            max_output: 65536,
        });
        let workspace = workspace.unwrap_or_else(|error| panic!("{error}"));
        let evil = folder.join("root-evil/svc").display().to_string();
        for outside in [
            "..",
            "../root-evil/svc",
            "svc/../../out",
            "way-out",
            "way-out/absent",
            "dangling",
            "dangling/x",
            "linked",
            "absent/../../out",
            "/etc/passwd",
            "file:///etc",
            "a\0b",
            &evil,
        ] {
            let failure = workspace.place(outside).expect_err(outside);
            assert_eq!(failure.code, "OUTSIDE_ROOTS", "{outside}: {}", failure.message);
        }
        for (typed, code) in
            [("absent", "NOT_FOUND"), ("git:main", "INVALID_REF"), ("http://x", "INVALID_REF")]
        {
            assert_eq!(workspace.place(typed).expect_err(typed).code, code);
        }
        let inside = folder.join("root/svc").display().to_string();
        for inside in [".", "svc", "./svc/../svc", "file://svc", &inside, "oci://h.io/x/y"] {
            assert!(workspace.place(inside).is_ok(), "{inside}");
        }
        let _ = std::fs::remove_dir_all(&folder);
    }
}
