//! `pacto lsp --check`: the diagnostics that an editor would get, without an editor.

use std::sync::Arc;

use pacto_core::check::Mode;
use pacto_core::contract::Date;
use pacto_core::{Host, Root};
use pacto_edge::{Source, settle};
use serde_json::Value;
use tower_lsp::gen_lsp_types::PublishDiagnosticsParams;

use crate::client::Capabilities;
use crate::diagnostics::of_contract;
use crate::snapshot::Snapshot;

/// The diagnostics of the contract of the bundle in `root`, by URI, on the day `today`; `source`
/// answers what it needs.
pub fn check(root: &Root, today: Option<Date>, source: &dyn Source) -> Value {
    let mut host = Host::default();
    if let Some(today) = today {
        host.set_today(today);
    }
    let key = host.add_contract(root, Vec::new(), Mode::Editor);
    settle(&mut host, [&key], source);
    let capabilities = Capabilities {
        related_information: true,
        code_description: true,
        diagnostic_data: true,
        diagnostic_tags: true,
        ..Capabilities::default()
    };
    let mut snapshot = Snapshot::of(&host, None);
    snapshot.capabilities = Arc::new(capabilities);
    let documents = of_contract(&snapshot, &key).into_iter().map(|(file, findings)| {
        let (uri, version) = snapshot.uri(&file);
        PublishDiagnosticsParams { uri: uri.into(), version, diagnostics: findings.items() }
    });
    let documents: Vec<_> = documents.collect();
    serde_json::to_value(documents).unwrap_or_default()
}
