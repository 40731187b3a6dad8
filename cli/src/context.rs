//! What commands share while they run.

use pacto_edge::session::{Environment, Flags, Session, Settings};

use crate::global::Manner;
use crate::output::Output;
use crate::progress::Bars;

/// One run of the program.
pub struct Context {
    /// What was typed, for servers that read settings anew.
    pub flags: Flags,
    pub session: Session,
    pub environment: Environment,
    pub output: Output,
    pub bars: Bars,
}

impl Context {
    pub fn new(
        flags: Flags,
        settings: Settings,
        environment: Environment,
        manner: &Manner,
    ) -> Context {
        let bars = Bars::new(manner.show_progress);
        let session = Session::new(settings, bars.listener());
        Context { flags, session, environment, output: Output::new(manner.look), bars }
    }
}
