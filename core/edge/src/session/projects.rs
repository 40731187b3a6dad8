//! What projects say in their `.pacto.yaml`, which travels with a checkout: severities, and how
//! contracts are compared. For fronts that live long: files are read on one thread and taken in on
//! another.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pacto_core::Root;
use pacto_core::contract::Date;
use pacto_core::db::Severities;
use pacto_core::diff;

use super::environment::{Environment, clock};
use crate::config::{Loaded, Owner, PROJECT_FILE, load};

/// A project's file as it was read.
#[derive(Clone)]
pub struct ProjectFile {
    /// Absolute.
    pub path: String,
    /// What it says, or why it cannot be used.
    pub content: Result<Arc<Loaded>, String>,
}

/// Something to say about a project's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectProblem {
    pub message: String,
    pub is_error: bool,
}

/// Reads what the projects of these bundles say, each file once. Above `home` none is looked for.
pub fn read_projects(home: Option<&Path>, roots: Vec<Root>) -> Vec<(Root, Option<ProjectFile>)> {
    let mut read: BTreeMap<PathBuf, ProjectFile> = BTreeMap::new();
    let each = roots.into_iter().map(|root| {
        let folder = root.folder().map(Path::new);
        let file = folder.and_then(|folder| find(folder, home));
        let file = file.map(|path| {
            let load = |path: &PathBuf| ProjectFile {
                path: path.display().to_string(),
                content: load(path, Owner::Project).map(Arc::new),
            };
            read.entry(path.clone()).or_insert_with(|| load(&path)).clone()
        });
        (root, file)
    });
    each.collect()
}

/// What is known of projects. A file that cannot be read leaves what it said before.
#[derive(Default)]
pub struct Projects {
    /// The file of each bundle; `None` where there is none.
    files: BTreeMap<Root, Option<String>>,
    contents: BTreeMap<String, Content>,
    problems: Arc<BTreeMap<String, Vec<ProjectProblem>>>,
}

#[derive(Default)]
struct Content {
    /// What it said when it could last be read.
    good: Option<Arc<Loaded>>,
    problems: Vec<ProjectProblem>,
}

impl Projects {
    /// Takes in what was read for a bundle; `None` where no project is around it.
    pub fn take(&mut self, root: Root, file: Option<ProjectFile>) {
        let Some(file) = file else {
            self.files.insert(root, None);
            self.drop_unused();
            return;
        };
        let name = Path::new(&file.path).file_name().map(|n| n.to_string_lossy().into_owned());
        let strip = |text: &String| {
            let text = text.strip_prefix(&format!("{}: ", file.path)).unwrap_or(text);
            text.to_owned()
        };
        let content = self.contents.entry(file.path.clone()).or_default();
        content.problems = match &file.content {
            Ok(loaded) => {
                content.good = Some(Arc::clone(loaded));
                let settings = read_diff(loaded).err().map(|message| (message, true));
                let warnings = loaded.warnings.iter().map(|warning| (strip(warning), false));
                let all = warnings.chain(settings);
                all.map(|(message, is_error)| ProjectProblem { message, is_error }).collect()
            }
            Err(why) => {
                let rest = match content.good {
                    Some(_) => "; what it said before still counts",
                    None => "; it is left out of account",
                };
                let name = name.as_deref().unwrap_or("the file");
                let message = format!("{name} cannot be used: {}{rest}", strip(why));
                vec![ProjectProblem { message, is_error: true }]
            }
        };
        self.files.insert(root, Some(file.path));
        self.drop_unused();
    }

    fn drop_unused(&mut self) {
        let used: BTreeSet<&String> = self.files.values().flatten().collect();
        self.contents.retain(|path, _| used.contains(path));
        let problems: BTreeMap<_, _> =
            self.contents.iter().map(|(path, c)| (path.clone(), c.problems.clone())).collect();
        if *self.problems != problems {
            self.problems = Arc::new(problems);
        }
    }

    /// What is wrong with the files, by file; those without problems are there, too.
    pub fn problems(&self) -> Arc<BTreeMap<String, Vec<ProjectProblem>>> {
        Arc::clone(&self.problems)
    }

    /// The files that were read.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.contents.keys().map(String::as_str)
    }

    /// The bundles in or below a folder whose projects are known.
    pub fn roots_below(&self, folder: &str) -> Vec<Root> {
        let inside =
            |root: &&Root| root.folder().is_some_and(|path| Path::new(path).starts_with(folder));
        self.files.keys().filter(inside).cloned().collect()
    }

    /// Forgets a bundle, and the file that was read for it alone.
    pub fn forget(&mut self, root: &Root) {
        self.files.remove(root);
        self.drop_unused();
    }

    fn loaded(&self, root: &Root) -> Option<&Arc<Loaded>> {
        self.contents.get(self.files.get(root)?.as_ref()?)?.good.as_ref()
    }

    /// What a bundle's project says about rules.
    pub fn severities(&self, root: &Root) -> Severities {
        self.loaded(root).map(|loaded| loaded.config.severities()).unwrap_or_default()
    }

    /// How a bundle's contracts are compared with their baselines.
    pub fn diff_settings(&self, root: &Root) -> diff::Settings {
        let read = self.loaded(root).and_then(|loaded| read_diff(loaded).ok());
        read.unwrap_or_else(|| diff::Settings { as_of: today(), ..diff::Settings::default() })
    }
}

/// The project's file for what lies in `folder`: the nearest one above, not beyond the repository's
/// root or the home folder.
pub fn find(folder: &Path, home: Option<&Path>) -> Option<PathBuf> {
    for ancestor in folder.ancestors() {
        let candidate = ancestor.join(PROJECT_FILE);
        if candidate.is_file() {
            return Some(candidate);
        }
        if ancestor.join(".git").exists() || home == Some(ancestor) {
            return None;
        }
    }
    None
}

/// The day on which things are judged.
pub fn today() -> Date {
    Environment::of_process().today().unwrap_or_else(|_| clock())
}

fn read_diff(loaded: &Loaded) -> Result<diff::Settings, String> {
    diff::Settings::read(&loaded.config.diff.clone().unwrap_or_default(), today())
}
