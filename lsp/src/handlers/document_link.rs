//! `textDocument/documentLink` and `documentLink/resolve`.

use pacto_core::ide::links::LinkTarget;
use tower_lsp::gen_lsp_types::{DocumentLink, DocumentLinkParams};

use super::Offered;
use crate::snapshot::Snapshot;
use crate::to_protocol::Files;

pub(crate) fn document_link(
    snapshot: &Snapshot,
    params: DocumentLinkParams,
) -> Option<Vec<DocumentLink>> {
    let uri = params.text_document.uri.0;
    let (key, path) = snapshot.place(&uri)?;
    let mut files = Files::new(snapshot, &key.root);
    let positions = files.positions(&key.root.file(&path))?;
    let links = snapshot.analysis.links(&key, &path).into_iter().map(|link| {
        let (target, data) = match link.target {
            LinkTarget::File(file) => (Some(snapshot.uri(&file).0.into()), None),
            LinkTarget::Page(page) => (Some(page.into()), None),
            LinkTarget::Contract => (None, Offered::at(&uri, link.span.start)),
        };
        DocumentLink { range: positions.range(link.span), target, tooltip: None, data }
    });
    Some(links.collect())
}

/// Says where a reference to a contract leads.
pub(crate) fn resolve(snapshot: &Snapshot, mut link: DocumentLink) -> DocumentLink {
    let target = || {
        let Offered { uri, offset } = Offered::read(link.data.as_ref())?;
        let (key, path) = snapshot.place(&uri)?;
        snapshot.analysis.linked_contract(&key, &path, offset)
    };
    if let Some(file) = target() {
        link.target = Some(snapshot.uri(&file).0.into());
    }
    link
}
