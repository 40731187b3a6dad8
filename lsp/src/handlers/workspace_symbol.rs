//! `workspace/symbol`: services, their owners and interfaces.

use pacto_core::ContractKey;
use pacto_core::fleet::Field;
use pacto_core::ide::entity::{Entity, List};
use tower_lsp::gen_lsp_types::{
    BaseSymbolInformation, SymbolInformation, SymbolKind, WorkspaceSymbolParams,
    WorkspaceSymbolResponse,
};

use crate::snapshot::Snapshot;
use crate::to_protocol::Files;

/// Upper bound on the symbols of one answer.
const MAX_SYMBOLS: usize = 128;

pub(crate) fn workspace_symbol(
    snapshot: &Snapshot,
    params: WorkspaceSymbolParams,
) -> Option<WorkspaceSymbolResponse> {
    let hits = snapshot.analysis.search(&params.query, MAX_SYMBOLS);
    let each = hits.into_iter().filter_map(|hit| {
        let key = ContractKey::from(&hit.root);
        let service = Entity::Service(hit.root.clone());
        let (entity, kind) = match hit.field {
            Field::Interface => {
                let (root, contract, name) = (hit.root.clone(), key.path, hit.text.clone());
                let list = List::Interfaces;
                (Entity::Entry { root, contract, list, name }, SymbolKind::Interface)
            }
            Field::Name => (service, SymbolKind::Module),
            Field::Owner => (service, SymbolKind::Object),
        };
        let target = snapshot.analysis.declaration(&entity)?;
        let mut files = Files::new(snapshot, &hit.root);
        #[expect(deprecated, reason = "the type has no constructor without the field")]
        Some(SymbolInformation {
            deprecated: None,
            location: files.location(&target.file, target.name)?,
            base_symbol_information: BaseSymbolInformation {
                name: hit.text,
                kind,
                tags: None,
                container_name: Some(hit.root.name()),
            },
        })
    });
    Some(WorkspaceSymbolResponse::SymbolInformationList(each.collect()))
}
