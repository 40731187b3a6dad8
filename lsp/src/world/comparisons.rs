//! What open contracts are compared with. A baseline takes the place of the one before it once all
//! of it is known.

use std::collections::BTreeMap;

use pacto_core::db::{Baseline, Reach};
use pacto_core::{CONTRACT_FILE, ContractKey, Root};
use tower_lsp::gen_lsp_types::{LogMessageNotification, LogMessageParams, MessageType};

use super::World;
use crate::baseline::{Revision, Wanted};
use crate::round::Look;

#[derive(Default)]
pub(super) struct Comparisons(BTreeMap<ContractKey, Comparison>);

#[derive(Default)]
struct Comparison {
    revision: Revision,
    /// What is being read, to become the baseline.
    candidate: Option<Baseline>,
}

impl Comparisons {
    pub(super) fn revision(&self, key: &ContractKey) -> Revision {
        self.0.get(key).map_or(Revision::Unasked, |comparison| comparison.revision.clone())
    }

    pub(super) fn forget(&mut self, key: &ContractKey) {
        self.0.remove(key);
    }

    /// Has git asked again, for settings may say otherwise now.
    pub(super) fn reset(&mut self) {
        self.0.clear();
    }
}

impl World {
    /// Has a contract compared with what it is to be compared with.
    pub(super) fn compare(&mut self, key: ContractKey, wanted: Wanted) {
        if let Some(demand) = wanted.demand
            && self.looks.asks(&demand, (key.clone(), Reach::Whole), false)
        {
            self.ask_registry(demand);
        }
        let comparison = self.comparisons.0.entry(key.clone()).or_default();
        if wanted.needs_git && comparison.revision == Revision::Unasked {
            comparison.revision = Revision::Asked;
            let git_ref = self.scopes.of(&key.root).git_ref.clone();
            self.outside.revision(key.clone(), git_ref);
        }
        if self.engine.baseline(&key) == wanted.baseline.as_ref() {
            comparison.candidate = None;
            return;
        }
        let Some(baseline) = wanted.baseline else {
            // While git is asked, the last answer stays.
            comparison.candidate = None;
            if comparison.revision != Revision::Asked {
                self.engine.set_baseline(&key, None);
            }
            return;
        };
        let looks = [(key.clone(), Reach::Compared), old_look(&key, &baseline)];
        if comparison.candidate.as_ref() != Some(&baseline) {
            comparison.candidate = Some(baseline);
            looks.into_iter().for_each(|look| self.looks.want(look));
        } else if looks.iter().all(|look| self.looks.is_settled(look)) {
            comparison.candidate = None;
            let settings = self.projects.diff_settings(&key.root);
            self.engine.set_baseline(&key, Some((baseline, settings)));
        }
    }

    /// Has a contract compared as its project says now.
    pub(super) fn set_diff_settings(&mut self, key: &ContractKey) {
        if let Some(baseline) = self.engine.baseline(key).cloned() {
            let settings = self.projects.diff_settings(&key.root);
            self.engine.set_baseline(key, Some((baseline, settings)));
        }
    }

    /// Git has answered, or cannot.
    pub(super) fn revised(&mut self, key: ContractKey, answer: Result<Option<Baseline>, String>) {
        let Some(comparison) = self.comparisons.0.get_mut(&key) else { return };
        match answer {
            Ok(baseline) => comparison.revision = Revision::Known(baseline),
            Err(why) => {
                // The last good answer stays.
                let kept = self.engine.baseline(&key).cloned();
                comparison.revision = Revision::Known(kept);
                let message = format!("{}: no comparison with git: {why}", key.file());
                self.log.warning(&message);
                let params = LogMessageParams { kind: MessageType::Warning, message };
                self.outbox.notify::<LogMessageNotification>(params);
            }
        }
        self.look_again();
    }

    /// Has git asked again for a contract.
    pub(super) fn recheck(&mut self, key: &ContractKey) {
        let revision = self.comparisons.0.get(key).map(|comparison| &comparison.revision);
        if matches!(revision, Some(Revision::Known(_))) {
            let git_ref = self.scopes.of(&key.root).git_ref.clone();
            self.outside.revision(key.clone(), git_ref);
        }
    }
}

/// Where a baseline is looked at; an earlier state of a folder has the file under its own name.
fn old_look(key: &ContractKey, baseline: &Baseline) -> Look {
    let path = match &baseline.root {
        Root::Revision { .. } => &*key.path,
        _ => CONTRACT_FILE,
    };
    (ContractKey::new(baseline.root.clone(), path), Reach::Compared)
}
