//! The graph of contracts: dependencies as calls, shared configurations and policies as types.

use std::collections::BTreeMap;

use pacto_core::Root;
use pacto_core::fleet::{Dependent, UseKind};
use pacto_core::ide::entity::Entity;
use serde_json::Value;
use tower_lsp::gen_lsp_types::{
    CallHierarchyIncomingCall, CallHierarchyIncomingCallsParams, CallHierarchyItem,
    CallHierarchyOutgoingCall, CallHierarchyOutgoingCallsParams, CallHierarchyPrepareParams, Range,
    SymbolKind, TextDocumentPositionParams, TypeHierarchyItem, TypeHierarchyPrepareParams,
    TypeHierarchySubtypesParams, TypeHierarchySupertypesParams,
};

use super::at_place;
use crate::snapshot::Snapshot;
use crate::to_protocol::Files;

pub(crate) fn prepare_calls(
    snapshot: &Snapshot,
    params: CallHierarchyPrepareParams,
) -> Option<Vec<CallHierarchyItem>> {
    let root = service_at(snapshot, &params.text_document_position_params)?;
    Some(vec![call_item(snapshot, &root)?])
}

/// Who depends on a service.
pub(crate) fn incoming(
    snapshot: &Snapshot,
    params: CallHierarchyIncomingCallsParams,
) -> Option<Vec<CallHierarchyIncomingCall>> {
    let root = root_of(params.item.data.as_ref())?;
    let users = snapshot.analysis.fleet().dependents(&root);
    let mut by_user: BTreeMap<&Root, Vec<Range>> = BTreeMap::new();
    for user in users.iter().filter(|user| user.kind == UseKind::Dependency) {
        by_user.entry(&user.root).or_default().extend(range_of(snapshot, user));
    }
    let each = by_user.into_iter().filter_map(|(root, from_ranges)| {
        Some(CallHierarchyIncomingCall { from: call_item(snapshot, root)?, from_ranges })
    });
    Some(each.collect())
}

/// What a service depends on.
pub(crate) fn outgoing(
    snapshot: &Snapshot,
    params: CallHierarchyOutgoingCallsParams,
) -> Option<Vec<CallHierarchyOutgoingCall>> {
    let root = root_of(params.item.data.as_ref())?;
    let mut by_target: BTreeMap<Root, Vec<Range>> = BTreeMap::new();
    for (target, used) in snapshot.analysis.uses(&root) {
        if used.kind == UseKind::Dependency {
            by_target.entry(target).or_default().extend(range_of(snapshot, &used));
        }
    }
    let each = by_target.into_iter().filter_map(|(root, from_ranges)| {
        Some(CallHierarchyOutgoingCall { to: call_item(snapshot, &root)?, from_ranges })
    });
    Some(each.collect())
}

pub(crate) fn prepare_types(
    snapshot: &Snapshot,
    params: TypeHierarchyPrepareParams,
) -> Option<Vec<TypeHierarchyItem>> {
    let root = service_at(snapshot, &params.text_document_position_params)?;
    Some(vec![type_item(snapshot, &root)?])
}

/// The bundles whose configurations and policies a contract takes over.
pub(crate) fn supertypes(
    snapshot: &Snapshot,
    params: TypeHierarchySupertypesParams,
) -> Option<Vec<TypeHierarchyItem>> {
    let root = root_of(params.item.data.as_ref())?;
    let used = snapshot.analysis.uses(&root).into_iter();
    let roots = used.filter(|(_, used)| used.kind != UseKind::Dependency).map(|(root, _)| root);
    Some(type_items(snapshot, roots.collect()))
}

/// The contracts that take over configurations and policies of a bundle.
pub(crate) fn subtypes(
    snapshot: &Snapshot,
    params: TypeHierarchySubtypesParams,
) -> Option<Vec<TypeHierarchyItem>> {
    let root = root_of(params.item.data.as_ref())?;
    let users = snapshot.analysis.fleet().dependents(&root).iter();
    let users = users.filter(|user| user.kind != UseKind::Dependency);
    Some(type_items(snapshot, users.map(|user| user.root.clone()).collect()))
}

/// The service that a reference leads to, else that of the contract.
fn service_at(snapshot: &Snapshot, at: &TextDocumentPositionParams) -> Option<Root> {
    let place = at_place(snapshot, at)?;
    let entity = snapshot.analysis.entity(&place.key, &place.path, place.offset);
    Some(match entity {
        Some((Entity::Service(root), _)) => root,
        _ => place.key.root,
    })
}

fn root_of(data: Option<&Value>) -> Option<Root> {
    data?.as_str().map(Root::from)
}

fn range_of(snapshot: &Snapshot, user: &Dependent) -> Option<Range> {
    let (file, span) = snapshot.analysis.place_of_use(user)?;
    let mut files = Files::new(snapshot, &user.root);
    Some(files.positions(&file)?.range(span))
}

fn call_item(snapshot: &Snapshot, root: &Root) -> Option<CallHierarchyItem> {
    let item = type_item(snapshot, root)?;
    Some(CallHierarchyItem {
        name: item.name,
        kind: item.kind,
        tags: None,
        detail: item.detail,
        uri: item.uri,
        range: item.range,
        selection_range: item.selection_range,
        data: item.data,
    })
}

fn type_items(snapshot: &Snapshot, mut roots: Vec<Root>) -> Vec<TypeHierarchyItem> {
    roots.sort();
    roots.dedup();
    roots.iter().filter_map(|root| type_item(snapshot, root)).collect()
}

fn type_item(snapshot: &Snapshot, root: &Root) -> Option<TypeHierarchyItem> {
    let target = snapshot.analysis.declaration(&Entity::Service(root.clone()))?;
    let profile = snapshot.analysis.profile(root);
    let cycle = snapshot.analysis.is_in_cycle(root).then(|| "in a cycle".to_owned());
    let facts = [profile.version.clone(), profile.owner.clone(), cycle];
    let detail: Vec<String> = facts.into_iter().flatten().collect();
    let mut files = Files::new(snapshot, root);
    let positions = files.positions(&target.file)?;
    Some(TypeHierarchyItem {
        name: profile.name.clone()?,
        kind: SymbolKind::Module,
        tags: None,
        detail: Some(detail.join(" · ")),
        range: positions.range(target.span),
        selection_range: positions.range(target.name),
        uri: snapshot.uri(&target.file).0.into(),
        data: Some(root.to_string().into()),
    })
}
