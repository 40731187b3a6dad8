//! Patterns: which hold others, and texts that match them.

use std::collections::VecDeque;

use regex_automata::Input;
use regex_automata::dfa::Automaton;
use regex_automata::dfa::dense::{Builder, Config, DFA};
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use rustc_hash::{FxHashMap, FxHashSet};

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

/// The states of two automata that read the same text.
type Both = (State, State);

/// A short text that matches `pattern`, and another pattern or not, as demanded.
pub fn witness(pattern: &str, other: Option<(&str, bool)>) -> Option<String> {
    let first = automaton(pattern)?;
    let second = match other {
        Some((other, _)) => Some(automaton(other)?),
        None => None,
    };
    let begin = |dfa: &DFA<Vec<u32>>| {
        let state = dfa.start_state(&start::Config::new()).ok()?;
        step_into(dfa, state)
    };
    let start = (begin(&first)?, second.as_ref().map_or(Some(State::Matched), begin)?);
    let is_right = |(a, b): (State, State)| {
        let matches = |dfa: &Option<DFA<Vec<u32>>>, state| match dfa {
            Some(dfa) => accepts(dfa, state),
            None => true,
        };
        accepts(&first, a) && matches(&second, b) == other.is_none_or(|(_, wanted)| wanted)
    };
    let mut before: FxHashMap<Both, Option<(Both, u8)>> = FxHashMap::default();
    before.insert(start, None);
    let mut queue = VecDeque::from([start]);
    while let Some(pair) = queue.pop_front() {
        if is_right(pair) {
            let mut text = Vec::new();
            let mut at = pair;
            while let Some(Some((last, byte))) = before.get(&at) {
                text.push(*byte);
                at = *last;
            }
            text.reverse();
            return String::from_utf8(text).ok();
        }
        if before.len() > MAX_PAIRS || pair.0 == State::Dead {
            continue;
        }
        for byte in (b'a'..=b'z').chain(b'0'..=b'9').chain(b' '..=b'~') {
            let follow = match &second {
                Some(dfa) => step(dfa, pair.1, byte)?,
                None => State::Matched,
            };
            let next = (step(&first, pair.0, byte)?, follow);
            before.entry(next).or_insert_with(|| {
                queue.push_back(next);
                Some((pair, byte))
            });
        }
    }
    None
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

    #[test]
    fn texts_show_patterns() {
        for (pattern, other, expected) in [
            ("^I_[0-9]$", None, Some("I_0")),
            ("^a+$", Some(("^a$", false)), Some("aa")),
            ("^a+$", Some(("^a$", true)), Some("a")),
            ("^a$", Some(("^a+$", false)), None),
        ] {
            assert_eq!(witness(pattern, other).as_deref(), expected, "{pattern}");
        }
    }
}
