//! `pacto/preview` and `pacto/bundle`: a contract's documentation, and the files around it.

use crate::extension::{Bundle, BundleFile, ContractParams, Preview};
use crate::snapshot::Snapshot;

/// The documentation as it is written now, in the editor or on disk.
pub(crate) fn preview(snapshot: &Snapshot, params: ContractParams) -> Option<Preview> {
    let (key, _) = snapshot.place(&params.uri)?;
    let page = snapshot.analysis.document(&key)?;
    Some(Preview { name: page.service, markdown: page.markdown })
}

pub(crate) fn bundle(snapshot: &Snapshot, params: ContractParams) -> Option<Bundle> {
    let (key, _) = snapshot.place(&params.uri)?;
    let (name, version) = snapshot.analysis.service(&key);
    let files = snapshot.analysis.contents(&key)?.into_iter().map(|file| BundleFile {
        uri: snapshot.uri(&key.root.file(&file.path)).0,
        kind: file.kind.text().to_owned(),
        named: file.is_named,
        path: file.path,
    });
    Some(Bundle { root: key.root.to_string(), name, version, files: files.collect() })
}
