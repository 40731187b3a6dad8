//! Relations between formats and between patterns.

use std::collections::VecDeque;

use regex_automata::Input;
use regex_automata::dfa::Automaton;
use regex_automata::dfa::dense::{Builder, Config, DFA};
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use rustc_hash::FxHashSet;

/// The formats of JSON Schema and of OpenAPI's registry.
const REGISTERED: [&str; 24] = [
    "int32",
    "int64",
    "float",
    "double",
    "date",
    "date-time",
    "time",
    "duration",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uri-template",
    "uuid",
    "json-pointer",
    "relative-json-pointer",
    "regex",
    "byte",
];

/// Each format with those that hold more.
const WIDER: [(&str, &[&str]); 7] = [
    ("int32", &["int64"]),
    ("float", &["double"]),
    ("uri", &["uri-reference", "iri", "iri-reference"]),
    ("uri-reference", &["iri-reference"]),
    ("iri", &["iri-reference"]),
    ("hostname", &["idn-hostname"]),
    ("email", &["idn-email"]),
];

pub fn is_registered(format: &str) -> bool {
    REGISTERED.contains(&format) || format == "binary"
}

/// Whether every value of `narrow` is one of `wide`.
pub fn is_wider(wide: &str, narrow: &str) -> bool {
    WIDER.iter().any(|(name, wider)| *name == narrow && wider.contains(&wide))
}

/// Memory for one automaton, in bytes.
const AUTOMATON_BYTES: usize = 4 << 20;
/// Pairs of states that are looked at.
const MAX_PAIRS: usize = 10_000;

/// Whether a pattern lies in the subset for which inclusion can be decided.
pub fn is_decidable(pattern: &str) -> bool {
    automaton(pattern).is_some()
}

/// A pattern that can be asked whether it matches.
pub struct Pattern(DFA<Vec<u32>>);

impl Pattern {
    /// `None` when the pattern lies outside the subset that can be decided.
    pub fn new(pattern: &str) -> Option<Pattern> {
        automaton(pattern).map(Pattern)
    }

    pub fn matches(&self, text: &str) -> Option<bool> {
        self.0.try_search_fwd(&Input::new(text)).ok().map(|end| end.is_some())
    }
}

fn automaton(pattern: &str) -> Option<DFA<Vec<u32>>> {
    if pattern.len() > 1_000 {
        return None;
    }
    let config = Config::new()
        .dfa_size_limit(Some(AUTOMATON_BYTES))
        .determinize_size_limit(Some(2 * AUTOMATON_BYTES));
    let bytes = syntax::Config::new().unicode(false).utf8(false);
    let nfa = regex_automata::nfa::thompson::Config::new()
        .utf8(false)
        .nfa_size_limit(Some(AUTOMATON_BYTES));
    Builder::new().configure(config).syntax(bytes).thompson(nfa).build(pattern).ok()
}

/// Whether every text that matches `narrow` matches `wide`; `None` when that cannot be decided.
pub fn includes(wide: &str, narrow: &str) -> Option<bool> {
    let (wide, narrow) = (automaton(wide)?, automaton(narrow)?);
    let first = |dfa: &DFA<Vec<u32>>| dfa.start_state(&start::Config::new()).ok();
    let begin = (step_into(&narrow, first(&narrow)?)?, step_into(&wide, first(&wide)?)?);
    let mut seen = FxHashSet::default();
    let mut queue = VecDeque::from([begin]);
    while let Some(pair) = queue.pop_front() {
        let (in_narrow, in_wide) = pair;
        if accepts(&narrow, in_narrow) && !accepts(&wide, in_wide) {
            return Some(false);
        }
        // What both have matched stays matched, and what has no hope is of no interest.
        if in_wide == State::Matched || in_narrow == State::Dead || !seen.insert(pair) {
            continue;
        }
        if seen.len() > MAX_PAIRS {
            return None;
        }
        let mut last = None;
        for byte in 0..=u8::MAX {
            let next = (step(&narrow, in_narrow, byte)?, step(&wide, in_wide, byte)?);
            if last != Some(next) {
                last = Some(next);
                queue.push_back(next);
            }
        }
    }
    Some(true)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    At(StateID),
    Matched,
    Dead,
}

fn step_into(dfa: &DFA<Vec<u32>>, state: StateID) -> Option<State> {
    if dfa.is_match_state(state) {
        Some(State::Matched)
    } else if dfa.is_dead_state(state) {
        Some(State::Dead)
    } else {
        (!dfa.is_quit_state(state)).then_some(State::At(state))
    }
}

fn step(dfa: &DFA<Vec<u32>>, state: State, byte: u8) -> Option<State> {
    match state {
        State::At(id) => step_into(dfa, dfa.next_state(id, byte)),
        state => Some(state),
    }
}

fn accepts(dfa: &DFA<Vec<u32>>, state: State) -> bool {
    match state {
        State::Matched => true,
        State::Dead => false,
        State::At(id) => dfa.is_match_state(dfa.next_eoi_state(id)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inclusion_of_patterns_is_decided() {
        for (wide, narrow, expected) in [
            ("^[a-z]+$", "^[a-f]+$", Some(true)),
            ("^[a-f]+$", "^[a-z]+$", Some(false)),
            ("a", "^a$", Some(true)),
            ("^a$", "a", Some(false)),
            ("^.{2,10}$", "^.{3,5}$", Some(true)),
            ("^(?=a)", "a", None),
        ] {
            assert_eq!(includes(wide, narrow), expected, "{wide} ⊇ {narrow}");
        }
    }
}
