//! `textDocument/diagnostic` and `workspace/diagnostic`.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use pacto_core::ContractKey;
use serde_json::{Value, json};
use tower_lsp::gen_lsp_types::{DocumentDiagnosticParams, WorkspaceDiagnosticParams};

use crate::convert::{Files, diagnostics_by_file, hint};
use crate::snapshot::Snapshot;

/// The diagnostics of a contract's files.
pub(crate) fn of_contract(
    snapshot: &Snapshot,
    key: &ContractKey,
) -> Option<BTreeMap<String, Vec<Value>>> {
    if !snapshot.analysis.has_contract(key) {
        return None;
    }
    let checked = snapshot.analysis.check(key);
    let mut files = Files::new(snapshot, &key.root);
    let file = key.file();
    let mut by_file = diagnostics_by_file(&checked.diagnostics, &file, &mut files);
    if let Some(breaking) = snapshot.breaking(key) {
        for one in &breaking.hints {
            if !snapshot.options.in_files && one.file != file {
                continue;
            }
            if let Some(item) = hint(one, &breaking, &mut files) {
                by_file.entry(one.file.clone()).or_default().push(item);
            }
        }
    }
    Some(by_file)
}

/// A name for a set of diagnostics: equal sets have equal names. The generation does not count.
pub(crate) fn result_id(items: &[Value]) -> String {
    let mut hasher = DefaultHasher::new();
    for item in items {
        let mut item = item.clone();
        if let Some(data) = item.get_mut("data") {
            data["gen"] = Value::Null;
        }
        item.to_string().hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

fn report(items: Vec<Value>, previous: Option<&str>) -> Value {
    let id = result_id(&items);
    if previous == Some(id.as_str()) {
        return json!({"kind": "unchanged", "resultId": id});
    }
    json!({"kind": "full", "resultId": id, "items": items})
}

pub(crate) fn document_diagnostic(snapshot: &Snapshot, params: DocumentDiagnosticParams) -> Value {
    let uri = params.text_document.uri.0;
    let empty = || json!({"kind": "full", "items": []});
    let Some((contract, file)) = super::file_of(snapshot, &uri) else { return empty() };
    let Some(mut by_file) = of_contract(snapshot, &contract) else { return empty() };
    let own = by_file.remove(&file).unwrap_or_default();
    let mut out = report(own, params.previous_result_id.as_deref());
    let related: serde_json::Map<String, Value> = by_file
        .into_iter()
        .map(|(file, items)| (snapshot.uri(&file).0, report(items, None)))
        .collect();
    if !related.is_empty() {
        out["relatedDocuments"] = Value::Object(related);
    }
    out
}

pub(crate) fn workspace_diagnostic(
    snapshot: &Snapshot,
    params: WorkspaceDiagnosticParams,
) -> Value {
    let previous: BTreeMap<String, String> =
        params.previous_result_ids.into_iter().map(|p| (p.uri.0, p.value)).collect();
    let mut reports: BTreeMap<String, Value> = BTreeMap::new();
    let contracts: Vec<ContractKey> = snapshot.analysis.contracts().cloned().collect();
    for key in contracts {
        for (file, items) in of_contract(snapshot, &key).unwrap_or_default() {
            let (uri, version) = snapshot.uri(&file);
            let mut report = report(items, previous.get(&uri).map(String::as_str));
            report["uri"] = json!(uri);
            report["version"] = json!(version);
            reports.insert(uri, report);
        }
    }
    json!({"items": reports.into_values().collect::<Vec<_>>()})
}
