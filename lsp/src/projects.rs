//! What projects say about the contracts in them.

use std::path::Path;

use pacto_core::Root;
use pacto_core::contract::Date;
use pacto_core::db::Severities;
use pacto_core::diff::Settings;
use pacto_edge::session::{self, Environment, Project};

use crate::Log;

/// The projects' files, whose problems are logged.
pub(crate) struct Projects {
    environment: Environment,
    projects: session::Projects,
}

impl Projects {
    pub(crate) fn new() -> Projects {
        let environment = Environment::of_process();
        let projects = session::Projects::new(environment.home());
        Projects { environment, projects }
    }

    fn of(&mut self, root: &Root, log: &Log) -> Project {
        let Some(folder) = root.folder() else { return Project::default() };
        let (project, problem) = self.projects.of(Path::new(folder));
        if let Some(why) = problem {
            log.line(&why);
        }
        project
    }

    /// What holds for rules in the contract of the bundle in `root`.
    pub(crate) fn severities(&mut self, root: &Root, log: &Log) -> Severities {
        self.of(root, log).severities
    }

    /// The day on which contracts are judged.
    pub(crate) fn today(&self, log: &Log) -> Date {
        self.environment.today().unwrap_or_else(|error| {
            log.line(&error.message);
            session::clock()
        })
    }

    /// How the contract of the bundle in `root` is compared with its baseline.
    pub(crate) fn diff_settings(&mut self, root: &Root, log: &Log) -> Settings {
        let diff = self.of(root, log).diff;
        let as_of = self.today(log);
        Settings::read(&diff, as_of).unwrap_or_else(|why| {
            log.line(&why);
            Settings { as_of, ..Settings::default() }
        })
    }
}
