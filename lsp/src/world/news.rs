//! What the outside world says.

use pacto_core::db::Demand;
use pacto_core::fact::{Fact, Failure};
use pacto_core::{CONTRACT_FILE, Change, ContractKey, Origin, Root};

use super::World;
use crate::documents::Place;
use crate::event::News;
use crate::projects::ProjectFile;

impl World {
    pub(super) fn news(&mut self, news: News) {
        match news {
            News::Discovered(folder, keys) => {
                self.discovering.remove(&folder);
                self.add_contracts(keys);
                self.make_again();
            }
            News::Answered { demands, changes } => self.answers.push((demands, changes)),
            News::Placed(file, place) => self.placed(&file, place),
            News::Projects(all) => self.projects_said(all),
            News::Revision(key, answer) => self.revised(key, answer),
            News::Touched(roots) => {
                for root in &roots {
                    self.touch(root);
                }
                self.ask_projects(roots);
            }
        }
    }

    fn placed(&mut self, file: &str, place: Option<(ContractKey, String)>) {
        let uri = crate::uri::of_file(file);
        let Some(document) = self.documents.get_mut(&uri) else { return };
        document.place = match place {
            Some((key, path)) => Place::In(key, path),
            None => Place::Nowhere,
        };
        // A file that moved to another bundle is new there.
        document.is_dirty = true;
    }

    fn projects_said(&mut self, all: Vec<(Root, Option<ProjectFile>)>) {
        let mut roots = Vec::new();
        for (root, file) in all {
            self.projects_asked.remove(&root);
            if let Some(ProjectFile { content: Err(why), .. }) = &file {
                self.log.line(why);
            }
            self.projects.take(root.clone(), file);
            roots.push(root);
        }
        let keys: Vec<ContractKey> =
            self.engine.contracts().filter(|key| roots.contains(&key.root)).cloned().collect();
        for key in &keys {
            self.set_severities(key);
            self.set_diff_settings(key);
        }
        self.make_again();
        self.watch_later();
    }

    /// The contracts whose files are gone.
    pub(super) fn gone(&self, changes: &[Change]) -> Vec<ContractKey> {
        let gone = changes.iter().filter_map(|change| match change {
            Change::File { root, path, text: Fact::Failed(Failure::NotFound), .. } => {
                Some(ContractKey::new(root.clone(), path))
            }
            _ => None,
        });
        gone.filter(|key| self.engine.has(key)).collect()
    }

    /// What was known of bundles that are gone: nobody asks for it any more.
    pub(super) fn unknown_again(&self, changes: &[Change]) -> Vec<Change> {
        let mut unknown = Vec::new();
        for change in changes {
            let Change::File { root, path, text: Fact::Failed(Failure::NotFound), .. } = change
            else {
                continue;
            };
            if path != CONTRACT_FILE {
                continue;
            }
            let known = self.engine.known_files(root).into_iter().map(|(path, _)| path);
            let left = known.filter(|p| p != CONTRACT_FILE && !self.documents.is_open(root, p));
            unknown.extend(left.map(|path| Change::File {
                root: root.clone(),
                path,
                text: Fact::Pending,
                origin: Origin::Disk,
            }));
        }
        unknown
    }

    /// Has the file of a closed document read.
    pub(super) fn read_closed(&mut self, root: &Root, path: &str) {
        let demand = Demand::File { root: root.clone(), path: path.to_owned() };
        self.outside.read(root, vec![demand]);
    }
}
