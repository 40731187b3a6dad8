//! `workspace/symbol` and `workspaceSymbol/resolve`: services, their owners and interfaces.

use pacto_core::fleet::{Field, Hit};
use pacto_core::ide::entity::{Entity, List};
use pacto_core::{ContractKey, Root};
use serde_json::Value;
use tower_lsp::gen_lsp_types::{
    BaseSymbolInformation, Location, LocationUriOnly, SymbolInformation, SymbolKind,
    WorkspaceSymbol, WorkspaceSymbolParams, WorkspaceSymbolResponse,
};

use crate::snapshot::Snapshot;
use crate::to_protocol::Files;

/// Upper bound on the symbols of one answer.
const MAX_SYMBOLS: usize = 128;

/// Where they are is said later to clients that ask for it when they go there.
pub(crate) fn workspace_symbol(
    snapshot: &Snapshot,
    params: WorkspaceSymbolParams,
) -> Option<WorkspaceSymbolResponse> {
    let hits = snapshot.analysis.search(&params.query, MAX_SYMBOLS);
    if snapshot.capabilities.resolves_symbols {
        let each = hits.into_iter().map(|hit| {
            let (uri, _) = snapshot.uri(&ContractKey::from(&hit.root).file());
            WorkspaceSymbol {
                location: LocationUriOnly { uri: uri.into() }.into(),
                // The folder of its contract, for whoever goes to it.
                data: Some(hit.root.to_string().into()),
                base_symbol_information: base(&hit),
            }
        });
        return Some(WorkspaceSymbolResponse::WorkspaceSymbolList(each.collect()));
    }
    let each = hits.into_iter().filter_map(|hit| {
        let symbol = base(&hit);
        let location = location(snapshot, &hit.root, &symbol)?;
        #[expect(deprecated, reason = "the type has no constructor without the field")]
        Some(SymbolInformation { deprecated: None, location, base_symbol_information: symbol })
    });
    Some(WorkspaceSymbolResponse::SymbolInformationList(each.collect()))
}

/// Says where a symbol is; one that is gone stays as it is.
pub(crate) fn resolve(snapshot: &Snapshot, mut symbol: WorkspaceSymbol) -> WorkspaceSymbol {
    let folder = symbol.data.as_ref().and_then(Value::as_str).map(Root::from);
    let place = folder.and_then(|root| location(snapshot, &root, &symbol.base_symbol_information));
    if let Some(place) = place {
        symbol.location = place.into();
    }
    symbol
}

fn base(hit: &Hit) -> BaseSymbolInformation {
    BaseSymbolInformation {
        name: hit.text.clone(),
        kind: match hit.field {
            Field::Interface => SymbolKind::Interface,
            Field::Name => SymbolKind::Module,
            Field::Owner => SymbolKind::Object,
            // The search of names does not find these.
            Field::Metadata | Field::Operation | Field::Documentation => SymbolKind::Property,
        },
        tags: None,
        container_name: Some(hit.root.name()),
    }
}

fn location(snapshot: &Snapshot, root: &Root, symbol: &BaseSymbolInformation) -> Option<Location> {
    let entity = match symbol.kind {
        SymbolKind::Interface => Entity::Entry {
            root: root.clone(),
            contract: ContractKey::from(root).path,
            list: List::Interfaces,
            name: symbol.name.clone(),
        },
        _ => Entity::Service(root.clone()),
    };
    let target = snapshot.analysis.declaration(&entity)?;
    Files::new(snapshot, root).location(&target.file, target.name)
}
