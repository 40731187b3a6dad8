//! What projects say about the contracts in them: `.pacto.yaml`, which travels with a checkout.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use pacto_core::db::Severities;

use crate::config::{Owner, PROJECT_FILE, load};

/// What a project's file says about contracts.
#[derive(Clone, Debug, Default)]
pub struct Project {
    pub severities: Severities,
    /// How contracts are compared, as it is written.
    pub diff: serde_json::Value,
}

/// The projects of a front that lives long, each read when its file has changed.
#[derive(Default)]
pub struct Projects {
    home: Option<PathBuf>,
    known: BTreeMap<PathBuf, (Stamp, Project)>,
}

/// Time and size by which a changed file is told from an unchanged one.
type Stamp = Option<(SystemTime, u64)>;

impl Projects {
    /// `home` is a folder above which no project's file is looked for.
    pub fn new(home: Option<PathBuf>) -> Projects {
        Projects { home, known: BTreeMap::new() }
    }

    /// What holds for the contract in `folder`. The second part says, once, why the project's file
    /// cannot be used; what it said before it was broken holds until it is mended.
    pub fn of(&mut self, folder: &Path) -> (Project, Option<String>) {
        let Some(file) = find(folder, self.home.as_deref()) else {
            return (Project::default(), None);
        };
        let metadata = std::fs::metadata(&file).ok();
        let stamp = metadata.and_then(|data| Some((data.modified().ok()?, data.len())));
        let known = self.known.get(&file);
        if let Some((_, project)) = known.filter(|(known, _)| stamp.is_some() && *known == stamp) {
            return (project.clone(), None);
        }
        let (project, problem) = match load(&file, Owner::Project) {
            Ok(loaded) => {
                let severities = loaded.config.severities();
                (Project { severities, diff: loaded.config.diff.unwrap_or_default() }, None)
            }
            Err(why) => (known.map(|(_, project)| project.clone()).unwrap_or_default(), Some(why)),
        };
        self.known.insert(file, (stamp, project.clone()));
        (project, problem)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_file_says_what_it_said_before() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(PROJECT_FILE);
        let mut projects = Projects::new(None);
        let count = |projects: &mut Projects| {
            let (project, problem) = projects.of(folder.path());
            (project.severities.len(), problem.is_some())
        };
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        assert_eq!(count(&mut projects), (0, false));
        std::fs::write(&file, "rules: {PORT_IGNORED: off}\n").unwrap();
        assert_eq!(count(&mut projects), (1, false));
        std::fs::write(&file, "rules: {PORT_IGNORED: \n").unwrap();
        assert_eq!(count(&mut projects), (1, true));
        assert_eq!(count(&mut projects), (1, false), "said once");
        std::fs::write(&file, "rules: {PORT_IGNORED: off, PORT_REQUIRED: error}\n").unwrap();
        assert_eq!(count(&mut projects), (2, false));
    }
}
