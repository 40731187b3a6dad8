//! `pacto lsp --check`: the diagnostics that an editor would get, without an editor.

use std::sync::Arc;

use pacto_core::check::Mode;
use pacto_core::contract::Date;
use pacto_core::{Host, Root};
use pacto_edge::{Source, settle};
use serde_json::{Value, json};

use crate::handlers::diagnostic::of_contract;
use crate::snapshot::{Capabilities, Permits, Snapshot};

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
    let snapshot = Snapshot {
        options: Arc::default(),
        analysis: host.analysis(),
        capabilities: Arc::new(capabilities),
        versions: Arc::default(),
        generation: 0,
        _permit: Permits::background(),
    };
    let by_file = of_contract(&snapshot, &key).unwrap_or_default();
    let documents = by_file
        .into_iter()
        .map(|(file, items)| json!({"uri": snapshot.uri(&file).0, "diagnostics": items}));
    Value::Array(documents.collect())
}
