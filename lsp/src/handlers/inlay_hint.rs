//! `textDocument/inlayHint`: what was, beside what is.

use serde_json::{Value, json};
use tower_lsp::gen_lsp_types::InlayHintParams;

use super::file_of;
use crate::convert::Files;
use crate::snapshot::Snapshot;

pub(crate) fn inlay_hint(snapshot: &Snapshot, params: InlayHintParams) -> Value {
    let Some((contract, file)) = file_of(snapshot, &params.text_document.uri.0) else {
        return json!([]);
    };
    let Some(breaking) = snapshot.breaking(&contract).filter(|_| snapshot.options.inlay) else {
        return json!([]);
    };
    let mut files = Files::new(snapshot, &contract.root);
    let Some(positions) = files.positions(&file) else { return json!([]) };
    let (start, end) = (
        positions.offset(params.range.start.line, params.range.start.character),
        positions.offset(params.range.end.line, params.range.end.character),
    );
    let own = breaking.inlays.iter().filter(|inlay| inlay.file == file);
    let inside = own.filter(|inlay| (start..=end).contains(&inlay.offset));
    let hints = inside.map(|inlay| {
        json!({
            "position": positions.position(inlay.offset),
            "label": inlay.label,
            "paddingLeft": true,
        })
    });
    Value::Array(hints.collect())
}
