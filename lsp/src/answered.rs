//! Semantic tokens as they were answered, for whoever asks what differs from them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use tower_lsp::gen_lsp_types::SemanticToken;

use crate::said::name_of;

/// Upper bound on the answers that are kept; a client has few documents in sight.
const MAX_ANSWERS: usize = 16;

struct Answer {
    uri: String,
    id: String,
    tokens: Arc<[SemanticToken]>,
}

/// The last answer for each document, newest last.
#[derive(Clone, Default)]
pub(crate) struct Answered(Arc<Mutex<VecDeque<Answer>>>);

impl Answered {
    fn all(&self) -> MutexGuard<'_, VecDeque<Answer>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Keeps an answer, and returns its id.
    pub(crate) fn keep(&self, uri: &str, tokens: &[SemanticToken]) -> String {
        let id = id_of(tokens);
        let answer = Answer { uri: uri.to_owned(), id: id.clone(), tokens: tokens.into() };
        let mut all = self.all();
        all.retain(|other| other.uri != uri);
        all.push_back(answer);
        if all.len() > MAX_ANSWERS {
            all.pop_front();
        }
        id
    }

    pub(crate) fn get(&self, uri: &str, id: &str) -> Option<Arc<[SemanticToken]>> {
        let all = self.all();
        let found = all.iter().find(|answer| answer.uri == uri && answer.id == id);
        found.map(|answer| Arc::clone(&answer.tokens))
    }
}

fn id_of(tokens: &[SemanticToken]) -> String {
    let each = tokens.iter().map(|token| {
        let place = (token.delta_line, token.delta_start, token.length);
        (place, token.token_type, token.token_modifiers_bitset)
    });
    format!("{:016x}", name_of(&each.collect::<Vec<_>>()))
}
