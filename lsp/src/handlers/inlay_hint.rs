//! `textDocument/inlayHint`: what was, beside what is.

use std::time::{Duration, Instant};

use tower_lsp::gen_lsp_types::{InlayHint, InlayHintParams};

use super::file_of;
use crate::documents::Edited;
use crate::snapshot::{OpenDocument, Snapshot};
use crate::to_protocol::Files;

/// How long a line must rest before it shows what was removed from it.
const REST: Duration = Duration::from_secs(1);

pub(crate) fn inlay_hint(snapshot: &Snapshot, params: InlayHintParams) -> Option<Vec<InlayHint>> {
    Some(hints(snapshot, &params).unwrap_or_default())
}

fn hints(snapshot: &Snapshot, params: &InlayHintParams) -> Option<Vec<InlayHint>> {
    let (contract, file) = file_of(snapshot, &params.text_document.uri.0)?;
    if !snapshot.settings.of(&contract.root).inlay {
        return None;
    }
    let breaking = snapshot.analysis.breaking(&contract)?;
    let mut files = Files::new(snapshot, &contract.root);
    let positions = files.positions(&file)?;
    let (start, end) = positions.offsets(params.range);
    let edited = snapshot.open.get(&file).and_then(typed);
    let own = breaking.inlays.iter().filter(|inlay| inlay.file == file);
    let inside = own.filter(|inlay| (start..=end).contains(&inlay.offset));
    let hints = inside.filter_map(|inlay| {
        let position = positions.position(inlay.offset);
        let is_hidden = edited.is_some_and(|edited| hides(edited, position.line, &inlay.label));
        let label = inlay.label.as_str().into();
        let hint = InlayHint {
            position,
            label,
            kind: None,
            text_edits: None,
            tooltip: None,
            padding_left: Some(true),
            padding_right: None,
            data: None,
        };
        (!is_hidden).then_some(hint)
    });
    Some(hints.collect())
}

/// The edit of a document whose lines do not rest yet.
fn typed(open: &OpenDocument) -> Option<&Edited> {
    open.edited.as_ref().filter(|edited| edited.at + REST > Instant::now())
}

/// Whether a hint is hidden: what is being typed may be what seems to be gone.
fn hides(edited: &Edited, line: u32, label: &str) -> bool {
    label.starts_with("removed: ") && edited.lines.contains(&line)
}

/// Until when hints are hidden, if any are.
pub(crate) fn hidden_until(snapshot: &Snapshot) -> Option<Instant> {
    let until = |(file, open): (&String, &OpenDocument)| {
        let edited = typed(open)?;
        let breaking = snapshot.analysis.breaking(&open.contract)?;
        let lines = snapshot.analysis.lines(&open.contract.root, &open.path)?;
        let own = breaking.inlays.iter().filter(|inlay| inlay.file == *file);
        let mut hidden =
            own.filter(|inlay| hides(edited, lines.line_of(inlay.offset), &inlay.label));
        hidden.next().map(|_| edited.at + REST)
    };
    snapshot.open.iter().filter_map(until).max()
}
