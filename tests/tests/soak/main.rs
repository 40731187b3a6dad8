//! Random work over the real server's pipes, for `SOAK_SECONDS` (2 without it; the gate takes 60).
//!
//! At the end of each round the server must show what a fresh one shows, have answered everything
//! and published nothing old; at the end of all, take no more memory than it took when warm. A
//! round that goes wrong is made small and printed. `SOAK_SEED` repeats a run.

mod session;
mod work;

use std::time::{Duration, Instant};

use pacto_tests::registry::{Guard, Registry, User};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use session::{Delivery, Session};
use work::{Step, work};

/// How long a server may take to show what a fresh one shows.
const PATIENCE: Duration = Duration::from_secs(10);
/// Steps of a round.
const ROUND: usize = 150;
/// The share of the time in which memory may grow.
const WARM_UP: f64 = 0.25;
/// How much more memory a server may take at its end than when it was warm.
const GROWTH: f64 = 1.15;
/// Shorter runs say nothing of memory.
const MEMORY_COUNTS_FROM: Duration = Duration::from_secs(30);
/// How long a round that went wrong is made smaller.
const SHRINKING: Duration = Duration::from_secs(120);

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn a_server_that_pushes_is_right_after_any_work() {
    soak(Delivery::Push);
}

#[test]
fn a_server_that_is_asked_is_right_after_any_work() {
    soak(Delivery::Pull);
}

fn soak(delivery: Delivery) {
    let registry = Registry::start(Guard::Open);
    User::default().publish(&registry.host(), "far", "1.0.0", &[]);
    let host = registry.host();
    let length = Duration::from_secs(number("SOAK_SECONDS", 2));
    let mut runner = runner(number("SOAK_SEED", 1));
    let begin = Instant::now();
    let mut session = Session::start(&host, delivery);
    let mut resident = Vec::new();
    while begin.elapsed() < length || resident.is_empty() {
        let round = work(ROUND).new_tree(&mut runner).expect("steps").current();
        do_round(&mut session, &round, PATIENCE);
        if !session.faults.is_empty() {
            let faults = session.faults.join("\n");
            let steps = smallest(round, &host, delivery);
            panic!("round {} ({delivery:?}):\n{faults}\n{steps}", resident.len() + 1);
        }
        session.restore();
        resident.push((begin.elapsed(), session.resident_kib()));
    }
    let warm = resident.iter().find(|(at, _)| *at >= length.mul_f64(WARM_UP));
    let warm = warm.or(resident.last()).expect("a round").1;
    let last = resident.last().expect("a round").1;
    eprintln!(
        "{delivery:?}: {} steps in {} rounds, {warm} KiB when warm, {last} KiB at the end",
        session.steps,
        resident.len()
    );
    if length >= MEMORY_COUNTS_FROM {
        let most = (warm as f64 * GROWTH) as u64;
        assert!(last <= most, "memory grows: {resident:?}");
    }
    session.finish();
}

fn runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(Config::default(), rng)
}

/// Does steps in a session; what is wrong stands in its faults.
fn do_round(session: &mut Session, steps: &[Step], patience: Duration) {
    for step in steps {
        session.step(step);
    }
    session.compare(patience);
}

/// The steps that go wrong by themselves in a new session, as few as are found in time.
fn smallest(mut steps: Vec<Step>, host: &str, delivery: Delivery) -> String {
    let goes_wrong = |steps: &[Step]| {
        let mut session = Session::start(host, delivery);
        do_round(&mut session, steps, PATIENCE / 3);
        session.faults
    };
    let mut faults = goes_wrong(&steps);
    if faults.is_empty() {
        return "the round alone goes well: what was before it matters".to_owned();
    }
    let end = Instant::now() + SHRINKING;
    let mut size = steps.len() / 2;
    while size > 0 && Instant::now() < end {
        let mut at = 0;
        while at < steps.len() && Instant::now() < end {
            let mut fewer = steps.clone();
            fewer.drain(at..(at + size).min(steps.len()));
            match goes_wrong(&fewer) {
                none if none.is_empty() => at += size,
                some => (steps, faults) = (fewer, some),
            }
        }
        size /= 2;
    }
    let steps: String = steps.iter().map(|step| format!("  {step:?}\n")).collect();
    format!("these steps suffice:\n{steps}then:\n  {}", faults.join("\n  "))
}
