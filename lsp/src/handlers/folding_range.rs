//! `textDocument/foldingRange` and `selectionRange`.

use pacto_core::ide::folding::FoldKind;
use tower_lsp::gen_lsp_types::{
    FoldingRange, FoldingRangeKind, FoldingRangeParams, SelectionRange, SelectionRangeParams,
};

use crate::snapshot::Snapshot;
use crate::to_protocol::Files;

pub(crate) fn folding_range(
    snapshot: &Snapshot,
    params: FoldingRangeParams,
) -> Option<Vec<FoldingRange>> {
    let (key, path) = snapshot.place(&params.text_document.uri.0)?;
    let folds = snapshot.analysis.folds(&key, &path);
    let each = folds.into_iter().map(|fold| FoldingRange {
        start_line: fold.first,
        start_character: None,
        end_line: fold.last,
        end_character: None,
        kind: match fold.kind {
            FoldKind::Data => None,
            FoldKind::Comment => Some(FoldingRangeKind::Comment),
            FoldKind::Region => Some(FoldingRangeKind::Region),
        },
        collapsed_text: None,
    });
    Some(each.collect())
}

pub(crate) fn selection_range(
    snapshot: &Snapshot,
    params: SelectionRangeParams,
) -> Option<Vec<SelectionRange>> {
    let (key, path) = snapshot.place(&params.text_document.uri.0)?;
    let mut files = Files::new(snapshot, &key.root);
    let positions = files.positions(&key.root.file(&path))?;
    let each = params.positions.iter().map(|at| {
        let spans = snapshot.analysis.selections(&key, &path, positions.offset(*at));
        let nested = spans.into_iter().rev().fold(None, |parent, span| {
            Some(SelectionRange { range: positions.range(span), parent: parent.map(Box::new) })
        });
        let empty = tower_lsp::gen_lsp_types::Range { start: *at, end: *at };
        nested.unwrap_or(SelectionRange { range: empty, parent: None })
    });
    Some(each.collect())
}
