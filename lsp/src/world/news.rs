//! What the outside world says.

use pacto_core::db::Demand;
use pacto_core::fact::{Fact, Failure};
use pacto_core::{Change, ContractKey, Root};
use pacto_edge::session::ProjectFile;

use super::World;
use crate::documents::Place;
use crate::event::News;

impl World {
    pub(super) fn news(&mut self, news: News) {
        match news {
            News::Discovered(folder, keys) => {
                self.discovering.remove(&folder);
                self.add_contracts(keys);
                self.place_again();
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

    /// The disk has said where a file belongs. The contracts that an editor holds count as well.
    fn placed(&mut self, file: &str, on_disk: Option<(ContractKey, String)>) {
        let open = self.documents.contract_around(file);
        let depth = |place: &(ContractKey, String)| place.0.root.folder().map_or(0, str::len);
        let innermost = on_disk.into_iter().chain(open).max_by_key(depth);
        let place = innermost.map_or(Place::Nowhere, |(key, path)| Place::In(key, path));
        self.set_place(&crate::uri::of_file(file), place);
    }

    fn projects_said(&mut self, all: Vec<(Root, Option<ProjectFile>)>) {
        let mut roots = Vec::new();
        for (root, file) in all {
            self.projects_asked.remove(&root);
            if let Some(ProjectFile { content: Err(why), .. }) = &file {
                self.log.warning(why);
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

    /// The contracts whose files are not there, known or not.
    pub(super) fn missing_contracts(changes: &[Change]) -> Vec<ContractKey> {
        let missing = changes.iter().filter_map(|change| match change {
            Change::File { root, path, text: Fact::Failed(Failure::NotFound), .. } => {
                Some(ContractKey::new(root.clone(), path))
            }
            _ => None,
        });
        missing.collect()
    }

    /// Has the file of a closed document read.
    pub(super) fn read_closed(&mut self, root: &Root, path: &str) {
        let demand = Demand::File { root: root.clone(), path: path.to_owned() };
        self.outside.read(root, vec![demand]);
    }
}
