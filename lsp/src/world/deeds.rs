//! What commands have done: registries asked again, another baseline.

use std::collections::BTreeSet;
use std::sync::Arc;

use pacto_core::db::Demand;

use super::World;
use crate::handlers::commands::done::Deed;

impl World {
    pub(super) fn carry_out(&mut self, deed: Deed) {
        match deed {
            Deed::AskAgain(repositories) => self.ask_again(repositories),
            Deed::ForgetAnswers => {
                self.outside.forget_failures();
                self.engine.forget_registry_answers();
                self.freshness.forget();
                self.looks.again();
            }
            Deed::Compare(key, settings) => {
                Arc::make_mut(&mut self.scopes).set_own(&key.root, settings);
                self.comparisons.forget(&key);
                self.make_again();
            }
        }
    }

    /// Has registries asked again. What they said stays until they say something else.
    fn ask_again(&mut self, repositories: Option<Vec<String>>) {
        self.outside.forget_failures();
        if self.engine.forget_registry_failures() {
            self.looks.again();
        }
        let mut demands: BTreeSet<Demand> = self.freshness.known().cloned().collect();
        if let Some(repositories) = repositories {
            demands.retain(|demand| match demand {
                Demand::Tags { repository } => repositories.contains(repository),
                _ => false,
            });
            let each = repositories.into_iter().map(|repository| Demand::Tags { repository });
            demands.extend(each);
        }
        for demand in demands {
            self.ask_registry(demand);
        }
    }

    /// Has a registry asked.
    pub(super) fn ask_registry(&mut self, demand: Demand) {
        if !self.outside.has_registries() {
            return;
        }
        self.health.asked(&demand);
        self.tell_later();
        self.outside.ask(demand);
    }
}
