//! Disks, git and registries, asked on threads of their own. Answers come as news.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use crossbeam_channel::Sender;
use pacto_core::db::Demand;
use pacto_core::{Change, ContractKey, Origin, Root};
use pacto_edge::session::{Environment, read_projects};
use pacto_edge::{DiskFiles, Files, local_answer};

use crate::event::{Event, News};
use crate::registry::Registries;
use crate::workers::Workers;
use crate::{baseline, documents};

/// Upper bounds on threads that wait for disks and for git.
const DISK_THREADS: usize = 16;
const GIT_THREADS: usize = 4;
/// Upper bound on the paths that are polled.
const MAX_POLLED: usize = 2_000;

/// Modification time and size; `None` for what is not there.
type Stamp = Option<(SystemTime, u64)>;

pub(crate) struct Outside {
    disk: Workers,
    git: Workers,
    registries: Registries,
    events: Sender<Event>,
    stamps: Arc<Mutex<BTreeMap<String, Stamp>>>,
}

impl Outside {
    pub(crate) fn new(registries: Registries, events: Sender<Event>) -> Outside {
        Outside {
            disk: Workers::new("disk", DISK_THREADS),
            git: Workers::new("git", GIT_THREADS),
            registries,
            events,
            stamps: Arc::default(),
        }
    }

    /// Runs a job on `workers`; what it says is sent as news.
    fn tell(
        &self,
        workers: &Workers,
        subject: String,
        job: impl FnOnce() -> News + Send + 'static,
    ) {
        let events = self.events.clone();
        workers.run(subject, move || {
            let _ = events.send(Event::News(job()));
        });
    }

    /// Reads files and listings of one bundle, from disk or from git.
    pub(crate) fn read(&self, root: &Root, demands: Vec<Demand>) {
        let (workers, subject) = match root {
            Root::Folder(folder) => (&self.disk, folder.to_string()),
            // The commits of one folder hang together.
            Root::Revision { folder, .. } => (&self.git, folder.to_string()),
            Root::Published { .. } | Root::Buffer(_) => return,
        };
        self.tell(workers, subject, move || {
            let answer = |demand: &Demand| local_answer(&DiskFiles, demand.clone());
            let changes = demands.iter().filter_map(answer).collect();
            News::Answered { demands, changes }
        });
    }

    /// Reads files of a folder again, and what there is in it. What is the same as before is told
    /// too: only who takes the answers in order knows what came before.
    pub(crate) fn read_again(&self, root: &Root, paths: Vec<String>) {
        let Some(folder) = root.folder() else { return };
        let root = root.clone();
        self.tell(&self.disk, folder.to_owned(), move || {
            let read = |path: String| {
                let text = DiskFiles.read(&root, &path);
                Change::File { root: root.clone(), path, text, origin: Origin::Disk }
            };
            let mut changes: Vec<Change> = paths.into_iter().map(read).collect();
            changes.push(Change::Listing { root: root.clone(), files: DiskFiles.list(&root) });
            News::Answered { demands: Vec::new(), changes }
        });
    }

    /// Finds the bundle of an open file.
    pub(crate) fn place(&self, key: String) {
        let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        self.tell(&self.disk, folder, move || {
            let place = documents::place_on_disk(&key);
            News::Placed(key, place)
        });
    }

    /// Finds the contracts in and below a folder.
    pub(crate) fn discover(&self, folder: String) {
        self.tell(&self.disk, format!("below {folder}"), move || {
            let found = pacto_edge::contracts_below(&folder).into_iter();
            let found = found.map(|folder| ContractKey::from(folder.as_str())).collect();
            News::Discovered(folder, found)
        });
    }

    /// Reads the project files of bundles.
    pub(crate) fn projects(&self, roots: Vec<Root>) {
        let subject = match roots.as_slice() {
            [Root::Folder(folder)] => format!("project of {folder}"),
            _ => "projects".to_owned(),
        };
        self.tell(&self.disk, subject, move || {
            let home = Environment::of_process().home();
            News::Projects(read_projects(home.as_deref(), roots))
        });
    }

    /// Has git say what a contract is compared with.
    pub(crate) fn revision(&self, key: ContractKey, git_ref: Option<String>) {
        let subject = key.root.folder().unwrap_or_default().to_owned();
        self.tell(&self.git, subject, move || {
            let baseline = baseline::revision(&key, git_ref);
            News::Revision(key, baseline)
        });
    }

    /// Looks at files, and tells the bundles of those that have changed since they were looked at
    /// before.
    pub(crate) fn poll(&self, files: Vec<(Root, String)>) {
        let stamps = Arc::clone(&self.stamps);
        self.tell(&self.disk, "poll".to_owned(), move || {
            let mut touched = Vec::new();
            let mut fresh = BTreeMap::new();
            let mut old = stamps.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            for (root, file) in files.into_iter().take(MAX_POLLED) {
                let metadata = std::fs::metadata(&file).ok();
                let stamp = metadata.and_then(|m| Some((m.modified().ok()?, m.len())));
                if old.get(&file).is_some_and(|old| *old != stamp) {
                    touched.push(root);
                }
                fresh.insert(file, stamp);
            }
            *old = fresh;
            touched.sort();
            touched.dedup();
            News::Touched(touched)
        });
    }

    /// Asks a registry.
    pub(crate) fn ask(&self, demand: Demand) {
        let (registries, events) = (self.registries.clone(), self.events.clone());
        self.disk.run("registries", move || {
            registries.ask(demand.clone(), move |change| {
                let news = News::Answered { demands: vec![demand], changes: vec![change] };
                let _ = events.send(Event::News(news));
            });
        });
    }

    /// Whether there are registries to be asked.
    pub(crate) fn has_registries(&self) -> bool {
        self.registries.is_there()
    }

    /// From now on registries are asked again for what they could not answer.
    pub(crate) fn forget_failures(&self) {
        self.registries.forget();
    }
}
