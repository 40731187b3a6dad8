//! Bars on a terminal for work that takes long.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use pacto_edge::registry::{OnProgress, Progress};

/// Shorter work shows nothing.
const PATIENCE: Duration = Duration::from_millis(300);

/// The bars of one run; cleared before a result is printed.
#[derive(Clone)]
pub struct Bars {
    is_shown: bool,
    started: Instant,
    current: Arc<Mutex<Option<(Kind, ProgressBar)>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bytes,
    Bundles,
    Work,
}

impl Bars {
    pub fn new(is_wanted: bool) -> Bars {
        Bars {
            is_shown: is_wanted && std::io::stderr().is_terminal(),
            started: Instant::now(),
            current: Arc::default(),
        }
    }

    /// Takes the progress of registries.
    pub fn listener(&self) -> Option<OnProgress> {
        let bars = self.clone();
        self.is_shown.then(|| Arc::new(move |progress| bars.tell(progress)) as OnProgress)
    }

    fn tell(&self, progress: Progress) {
        if self.started.elapsed() < PATIENCE {
            return;
        }
        match progress {
            Progress::Done => self.clear(),
            Progress::Bytes { what, done, total } => {
                let bar = self.bar(Kind::Bytes, "{msg} [{bar:30}] {bytes}/{total_bytes} {eta}");
                bar.set_length(total);
                bar.set_message(pacto_core::report::sanitise(&what).into_owned());
                bar.set_position(done);
            }
            Progress::Bundles { done, known, name } => {
                let bar = self.bar(Kind::Bundles, "Resolving {pos}/{len} {msg}");
                bar.set_length(known as u64);
                bar.set_message(pacto_core::report::sanitise(&name).into_owned());
                bar.set_position(done as u64);
            }
        }
    }

    /// A spinner for work of unknown length.
    pub fn spin(&self, what: &str) {
        if self.is_shown {
            let bar = self.bar(Kind::Work, "{spinner} {msg}");
            bar.set_message(what.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
        }
    }

    fn bar(&self, kind: Kind, template: &str) -> ProgressBar {
        let mut current = self.current.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some((of, bar)) = &*current
            && *of == kind
        {
            return bar.clone();
        }
        if let Some((_, old)) = current.take() {
            old.finish_and_clear();
        }
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        *current = Some((kind, bar.clone()));
        bar
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        let mut current = self.current.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some((_, bar)) = current.take() {
            bar.finish_and_clear();
        }
    }
}
