//! `textDocument/diagnostic` and `workspace/diagnostic`.

use std::collections::{BTreeMap, HashMap};

use pacto_core::ContractKey;
use tower_lsp::gen_lsp_types::{
    DocumentDiagnosticParams, DocumentDiagnosticReport, FullDocumentDiagnosticReport,
    RelatedDocument, RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport,
    UnchangedDocumentDiagnosticReport, WorkspaceDiagnosticParams,
    WorkspaceDocumentDiagnosticReport, WorkspaceFullDocumentDiagnosticReport,
    WorkspaceUnchangedDocumentDiagnosticReport,
};

use super::file_of;
use crate::diagnostics::{of_contracts, of_projects};
use crate::said::{ByFile, Findings};
use crate::snapshot::Snapshot;
use crate::uri;

fn full(findings: &Findings) -> FullDocumentDiagnosticReport {
    FullDocumentDiagnosticReport { result_id: Some(findings.name()), items: findings.items() }
}

pub(crate) fn document_diagnostic(
    snapshot: &Snapshot,
    params: DocumentDiagnosticParams,
) -> DocumentDiagnosticReport {
    let uri = params.text_document.uri.0;
    let (own, others) = of_document(snapshot, &uri);
    let others = others.into_iter().filter(|_| snapshot.capabilities.related_documents);
    let related: HashMap<_, _> = others
        .map(|(file, findings)| {
            let report = RelatedDocument::FullDocumentDiagnosticReport(full(&findings));
            (snapshot.uri(&file).0.into(), report)
        })
        .collect();
    let related_documents = (!related.is_empty()).then_some(related);
    match params.previous_result_id {
        Some(previous) if own.name() == previous => {
            let unchanged = UnchangedDocumentDiagnosticReport { result_id: previous };
            RelatedUnchangedDocumentDiagnosticReport {
                related_documents,
                unchanged_document_diagnostic_report: unchanged,
            }
            .into()
        }
        _ => RelatedFullDocumentDiagnosticReport {
            related_documents,
            full_document_diagnostic_report: full(&own),
        }
        .into(),
    }
}

/// The diagnostics of a document, and of the other files of its bundle.
fn of_document(snapshot: &Snapshot, uri: &str) -> (Findings, ByFile) {
    let Some((contract, file)) = file_of(snapshot, uri) else {
        let mut projects = of_projects(snapshot);
        return (projects.remove(&uri::key(uri)).unwrap_or_default(), ByFile::new());
    };
    // Contracts of one folder share its files.
    let all = snapshot.analysis.contracts().filter(|key| key.root == contract.root);
    let keys: Vec<ContractKey> = all.cloned().collect();
    let mut by_file = of_contracts(snapshot, &keys);
    let own = by_file.remove(&file).unwrap_or_default();
    by_file.retain(|file, _| contract.root.path_of(file).is_some());
    (own, by_file)
}

/// The reports of a workspace pull: all documents at first, then those that have changed.
pub(crate) fn workspace_diagnostic(
    snapshot: &Snapshot,
    params: &WorkspaceDiagnosticParams,
) -> Vec<WorkspaceDocumentDiagnosticReport> {
    let previous = params.previous_result_ids.iter();
    let mut previous: BTreeMap<String, (&str, &str)> =
        previous.map(|p| (uri::key(&p.uri.0), (p.uri.0.as_str(), p.value.as_str()))).collect();
    let is_first = previous.is_empty();
    let keys: Vec<ContractKey> = snapshot.analysis.contracts().cloned().collect();
    let mut reports = Vec::new();
    for (file, findings) in of_contracts(snapshot, &keys) {
        let (uri, version) = snapshot.uri(&file);
        let known = previous.remove(&uri::key(&uri));
        let result_id = findings.name();
        if known.is_some_and(|(known_uri, known)| known_uri == uri && known == result_id) {
            reports.push(
                WorkspaceUnchangedDocumentDiagnosticReport {
                    uri: uri.into(),
                    version,
                    unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport {
                        result_id,
                    },
                }
                .into(),
            );
            continue;
        }
        reports.push(whole(uri, version, full(&findings)));
    }
    // What is gone has nothing to say.
    let gone = previous.into_values().filter(|_| !is_first);
    reports.extend(gone.map(|(uri, _)| whole(uri.to_owned(), None, full(&Findings::default()))));
    reports
}

fn whole(
    uri: String,
    version: Option<i32>,
    report: FullDocumentDiagnosticReport,
) -> WorkspaceDocumentDiagnosticReport {
    WorkspaceFullDocumentDiagnosticReport {
        uri: uri.into(),
        version,
        full_document_diagnostic_report: report,
    }
    .into()
}
