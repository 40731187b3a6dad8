//! `textDocument/inlayHint`: what was, beside what is.

use std::time::{Duration, Instant};

use tower_lsp::gen_lsp_types::{InlayHint, InlayHintParams, Position};

use super::{Offered, contract_of, file_of};
use crate::documents::Edited;
use crate::snapshot::{OpenDocument, Snapshot};
use crate::to_protocol::{self, Files};

/// How long a line must rest before it shows what was removed from it.
const REST: Duration = Duration::from_secs(1);

pub(crate) fn inlay_hint(snapshot: &Snapshot, params: InlayHintParams) -> Option<Vec<InlayHint>> {
    let mut all = hints(snapshot, &params).unwrap_or_default();
    all.extend(dependencies(snapshot, &params).unwrap_or_default());
    Some(all)
}

/// What dependencies lead to, behind their references.
fn dependencies(snapshot: &Snapshot, params: &InlayHintParams) -> Option<Vec<InlayHint>> {
    let uri = &params.text_document.uri.0;
    let (contract, mut files) = contract_of(snapshot, uri)?;
    if !snapshot.settings.of(&contract.root).dependency_hints {
        return None;
    }
    let positions = files.positions(&contract.file())?;
    let (start, end) = positions.offsets(params.range);
    let notes = snapshot.analysis.dependencies(&contract).into_iter();
    let inside = notes.filter(|note| (start..=end).contains(&note.span.end));
    let each = inside.filter_map(|note| {
        Some(InlayHint {
            data: Offered::at(uri, note.span.start),
            ..beside(positions.position(note.span.end), &note.label()?)
        })
    });
    Some(each.collect())
}

/// A text behind a place.
fn beside(position: Position, label: &str) -> InlayHint {
    InlayHint {
        position,
        label: label.into(),
        kind: None,
        text_edits: None,
        tooltip: None,
        padding_left: Some(true),
        padding_right: None,
        data: None,
    }
}

/// Adds what there is to say about a hint.
pub(crate) fn resolve(snapshot: &Snapshot, mut hint: InlayHint) -> InlayHint {
    let tooltip = || {
        let Offered { uri, offset } = Offered::read(hint.data.as_ref())?;
        let (key, path) = snapshot.place(&uri)?;
        let said = snapshot.analysis.hover(&key, &path, offset)?;
        Some(to_protocol::markup(said.markdown, snapshot.capabilities.markdown_hover))
    };
    if let Some(markup) = tooltip() {
        hint.tooltip = Some(markup.into());
    }
    hint
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
    let own = breaking.inlays(&file).iter();
    let inside = own.filter(|inlay| (start..=end).contains(&inlay.offset));
    let hints = inside.filter_map(|inlay| {
        let position = positions.position(inlay.offset);
        let is_hidden = edited.is_some_and(|edited| hides(edited, position.line, &inlay.label));
        let hint = beside(position, &inlay.label);
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
        let own = breaking.inlays(file).iter();
        let mut hidden =
            own.filter(|inlay| hides(edited, lines.line_of(inlay.offset), &inlay.label));
        hidden.next().map(|_| edited.at + REST)
    };
    snapshot.open.iter().filter_map(until).max()
}
