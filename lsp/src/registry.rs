//! Registries in the background: no message ever waits for the network.

use std::sync::{Arc, Mutex, OnceLock};

use pacto_core::Change;
use pacto_core::db::Demand;
use pacto_edge::Background;

/// Makes what registries are asked with, when the first one is to be asked.
pub type Connect = Box<dyn FnOnce() -> Option<Background> + Send>;

/// Asked with demands; answers come on threads of their own. Connected when it is first needed.
#[derive(Clone)]
pub(crate) struct Registries {
    connect: Arc<Mutex<Option<Connect>>>,
    background: Arc<OnceLock<Option<Background>>>,
}

impl Registries {
    pub(crate) fn new(connect: Option<Connect>) -> Self {
        Registries { connect: Arc::new(Mutex::new(connect)), background: Arc::default() }
    }

    /// Has a demand answered; without registries it never is. The first call reads configuration
    /// and certificates.
    pub(crate) fn ask(&self, demand: Demand, done: impl FnOnce(Change) + Send + 'static) {
        let connect = || {
            let mut connect = self.connect.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            connect.take().and_then(|connect| connect())
        };
        if let Some(background) = self.background.get_or_init(connect) {
            background.ask(demand, done);
        }
    }

    /// Whether anything can be asked.
    pub(crate) fn is_there(&self) -> bool {
        match self.background.get() {
            Some(background) => background.is_some(),
            None => {
                let connect = self.connect.lock();
                connect.unwrap_or_else(|poisoned| poisoned.into_inner()).is_some()
            }
        }
    }

    /// Forgets what registries could not answer, so that they are asked again.
    pub(crate) fn forget(&self) {
        if let Some(Some(background)) = self.background.get() {
            background.forget();
        }
    }
}
