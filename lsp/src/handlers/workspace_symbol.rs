//! `workspace/symbol` and `workspaceSymbol/resolve`: services, their owners and interfaces.

use pacto_core::fleet::{Field, Hit};
use pacto_core::ide::entity::{Entity, List};
use pacto_core::{ContractKey, Root};
use serde::{Deserialize, Serialize};
use tower_lsp::gen_lsp_types::{
    BaseSymbolInformation, Location, LocationUriOnly, SymbolInformation, SymbolKind,
    WorkspaceSymbol, WorkspaceSymbolParams, WorkspaceSymbolResponse,
};

use crate::snapshot::Snapshot;
use crate::to_protocol::Files;

/// Upper bound on the symbols of one answer.
const MAX_SYMBOLS: usize = 128;

/// What a symbol is, for whoever goes to it.
#[derive(Serialize, Deserialize)]
struct Found {
    /// The folder of its contract.
    folder: String,
    field: Part,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Part {
    Name,
    Owner,
    Interface,
}

/// Where they are is said later to clients that ask for it when they go there.
pub(crate) fn workspace_symbol(
    snapshot: &Snapshot,
    params: WorkspaceSymbolParams,
) -> Option<WorkspaceSymbolResponse> {
    let hits = snapshot.analysis.search(&params.query, MAX_SYMBOLS);
    if snapshot.capabilities.resolves_symbols {
        let each = hits.into_iter().map(|hit| {
            let (uri, _) = snapshot.uri(&ContractKey::from(&hit.root).file());
            let found = Found { folder: hit.root.to_string(), field: part(hit.field) };
            WorkspaceSymbol {
                location: LocationUriOnly { uri: uri.into() }.into(),
                data: serde_json::to_value(found).ok(),
                base_symbol_information: base(&hit),
            }
        });
        return Some(WorkspaceSymbolResponse::WorkspaceSymbolList(each.collect()));
    }
    let each = hits.into_iter().filter_map(|hit| {
        let location = location(snapshot, &hit.root, part(hit.field), &hit.text)?;
        #[expect(deprecated, reason = "the type has no constructor without the field")]
        Some(SymbolInformation { deprecated: None, location, base_symbol_information: base(&hit) })
    });
    Some(WorkspaceSymbolResponse::SymbolInformationList(each.collect()))
}

/// Says where a symbol is; one that is gone stays as it is.
pub(crate) fn resolve(snapshot: &Snapshot, mut symbol: WorkspaceSymbol) -> WorkspaceSymbol {
    let found: Option<Found> =
        symbol.data.clone().and_then(|data| serde_json::from_value(data).ok());
    let name = &symbol.base_symbol_information.name;
    let place =
        found.and_then(|found| location(snapshot, &Root::from(found.folder), found.field, name));
    if let Some(place) = place {
        symbol.location = place.into();
    }
    symbol
}

fn part(field: Field) -> Part {
    match field {
        Field::Name => Part::Name,
        Field::Owner => Part::Owner,
        Field::Interface => Part::Interface,
    }
}

fn base(hit: &Hit) -> BaseSymbolInformation {
    BaseSymbolInformation {
        name: hit.text.clone(),
        kind: match hit.field {
            Field::Interface => SymbolKind::Interface,
            Field::Name => SymbolKind::Module,
            Field::Owner => SymbolKind::Object,
        },
        tags: None,
        container_name: Some(hit.root.name()),
    }
}

fn location(snapshot: &Snapshot, root: &Root, part: Part, name: &str) -> Option<Location> {
    let entity = match part {
        Part::Interface => Entity::Entry {
            root: root.clone(),
            contract: ContractKey::from(root).path,
            list: List::Interfaces,
            name: name.to_owned(),
        },
        Part::Name | Part::Owner => Entity::Service(root.clone()),
    };
    let target = snapshot.analysis.declaration(&entity)?;
    Files::new(snapshot, root).location(&target.file, target.name)
}
