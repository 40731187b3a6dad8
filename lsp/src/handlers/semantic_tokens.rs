//! `textDocument/semanticTokens/full`, `full/delta` and `range`.

use pacto_core::ide::tokens::{Modifiers, Token, TokenType};
use pacto_core::text::Span;
use tower_lsp::gen_lsp_types::{
    Range, SemanticToken, SemanticTokens, SemanticTokensDelta, SemanticTokensDeltaParams,
    SemanticTokensDeltaResponse, SemanticTokensEdit, SemanticTokensLegend, SemanticTokensParams,
    SemanticTokensRangeParams,
};

use crate::snapshot::Snapshot;
use crate::to_protocol::{Files, Positions};

/// Upper bound on the tokens of one answer.
const MAX_TOKENS: usize = 200_000;

/// What the numbers in answers stand for.
pub(crate) fn legend() -> SemanticTokensLegend {
    SemanticTokensLegend {
        token_types: TokenType::ALL.iter().map(|ty| ty.text().to_owned()).collect(),
        token_modifiers: Modifiers::NAMES.map(str::to_owned).into(),
    }
}

pub(crate) fn full(snapshot: &Snapshot, params: SemanticTokensParams) -> Option<SemanticTokens> {
    let uri = &params.text_document.uri.0;
    let data = tokens(snapshot, uri, None)?;
    Some(SemanticTokens { result_id: Some(snapshot.answered.keep(uri, &data)), data })
}

pub(crate) fn range(
    snapshot: &Snapshot,
    params: SemanticTokensRangeParams,
) -> Option<SemanticTokens> {
    let data = tokens(snapshot, &params.text_document.uri.0, Some(params.range))?;
    Some(SemanticTokens { result_id: None, data })
}

/// What differs from an earlier answer, else all of it.
pub(crate) fn delta(
    snapshot: &Snapshot,
    params: SemanticTokensDeltaParams,
) -> Option<SemanticTokensDeltaResponse> {
    let uri = &params.text_document.uri.0;
    let data = tokens(snapshot, uri, None)?;
    let old = snapshot.answered.get(uri, &params.previous_result_id);
    let result_id = Some(snapshot.answered.keep(uri, &data));
    Some(match old {
        Some(old) => {
            let edits = changed(&old, &data).into_iter().collect();
            SemanticTokensDelta { result_id, edits }.into()
        }
        None => SemanticTokens { result_id, data }.into(),
    })
}

/// The run of tokens that two answers do not share at their ends. Five numbers are a token.
fn changed(old: &[SemanticToken], new: &[SemanticToken]) -> Option<SemanticTokensEdit> {
    let same = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let left = old.len().min(new.len()) - same;
    let ends = old.iter().rev().zip(new.iter().rev()).take(left);
    let tail = ends.take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[same..old.len() - tail], &new[same..new.len() - tail]);
    if old.is_empty() && new.is_empty() {
        return None;
    }
    let numbers = new.iter().flat_map(|token| {
        let SemanticToken { delta_line, delta_start, length, .. } = *token;
        [delta_line, delta_start, length, token.token_type, token.token_modifiers_bitset]
    });
    Some(SemanticTokensEdit {
        start: same as u32 * 5,
        delete_count: old.len() as u32 * 5,
        data: Some(numbers.collect()),
    })
}

fn tokens(snapshot: &Snapshot, uri: &str, within: Option<Range>) -> Option<Vec<SemanticToken>> {
    let (key, path) = snapshot.place(uri)?;
    let mut files = Files::new(snapshot, &key.root);
    let positions = files.positions(&key.root.file(&path))?;
    let within = within.map_or(Span { start: 0, end: u32::MAX }, |range| {
        let (start, end) = positions.offsets(range);
        Span { start, end }
    });
    let mut all = snapshot.analysis.tokens(&key, &path, within);
    if snapshot.capabilities.offers("semanticTokens/augmentsSyntaxTokens") {
        // What the client's own grammar colours already is left to it.
        let is_wanted = |token: &Token| !token.ty.is_lexical() || token.modifiers.0 != 0;
        all.retain(is_wanted);
    }
    let is_multiline = snapshot.capabilities.offers("semanticTokens/multilineTokenSupport");
    let lines = all.into_iter().flat_map(|token| {
        positions
            .by_line(token.span, is_multiline)
            .into_iter()
            .map(move |span| Token { span, ..token })
    });
    Some(numbered(lines.take(MAX_TOKENS), positions))
}

/// Tokens as the protocol wants them: each by its distance from the one before.
fn numbered(tokens: impl Iterator<Item = Token>, positions: &Positions) -> Vec<SemanticToken> {
    let (mut line, mut character) = (0, 0);
    let one = |token: Token| {
        let start = positions.position(token.span.start);
        let delta_line = start.line - line;
        let delta_start =
            if delta_line == 0 { start.character - character } else { start.character };
        (line, character) = (start.line, start.character);
        SemanticToken {
            delta_line,
            delta_start,
            length: positions.length(token.span),
            token_type: token.ty as u32,
            token_modifiers_bitset: token.modifiers.0,
        }
    };
    tokens.map(one).collect()
}
