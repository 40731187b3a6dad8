//! Ctrl-C and SIGTERM: what is half-made goes away before the process does.

/// How a signal ends the process.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// 130 or 143: the work was cut off.
    CutOff,
    /// 0: servers are meant to be ended so.
    Server,
}

/// Listens for signals from now on.
#[cfg(unix)]
pub fn listen(ending: Ending) {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) else { return };
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            pacto_edge::scratch::remove_all(|| {
                std::process::exit(match ending {
                    Ending::CutOff => 128 + signal,
                    Ending::Server => 0,
                })
            });
        }
    });
}

#[cfg(not(unix))]
pub fn listen(_: Ending) {}
